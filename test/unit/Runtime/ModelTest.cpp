//===- ModelTest.cpp - Init and run, one test for each status -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/runtime.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <string>

namespace {

/// What the last run of the model below was given.
struct Call {
  const char *variant = nullptr;
  void *arena = nullptr;
  const mlc_executor *executor = nullptr;
};
Call lastCall;

mlc_status runBest(void *arena, const void *const *inputs, void *const *outputs,
                   const mlc_executor *executor) {
  lastCall = {"best", arena, executor};
  *static_cast<float *>(outputs[0]) =
      2 * *static_cast<const float *>(inputs[0]);
  return MLC_OK;
}

mlc_status runPlain(void *arena, const void *const *, void *const *,
                    const mlc_executor *executor) {
  lastCall = {"plain", arena, executor};
  return MLC_BAD_INPUT_VALUE;
}

/// A model of one input, one output and two variants, and memory to run it.
class Model : public testing::Test {
protected:
  static constexpr uint64_t bestFeatures = MLC_CPU_BIT(60) | MLC_CPU_BIT(61);
  static constexpr uint64_t plainFeatures = MLC_CPU_BIT(60);
  static constexpr size_t arenaSize = 256;

  mlc_status init(uint64_t features = bestFeatures) {
    return mlc_model_init_with_features(&desc, arena, arenaSize, features);
  }
  mlc_status run() { return mlc_model_run(&desc, arena, inputs, outputs); }

  const uint8_t weights[9] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  const mlc_tensor_desc inputDesc = {"x", nullptr, 4, MLC_TYPE_F32, 0, 4, 0};
  const mlc_tensor_desc outputDesc = {"y", nullptr, 4, MLC_TYPE_F32, 0, 64, 0};
  const mlc_variant variants[2] = {{bestFeatures, runBest, "best"},
                                   {plainFeatures, runPlain, "plain"}};
  mlc_model_desc desc = {
      MLC_ABI_WORD, 2, arenaSize,  0, 128,     1,          1,          variants,
      weights,      9, 0xcbf43926, 4, "model", &inputDesc, &outputDesc};
  alignas(256) unsigned char arena[arenaSize + 128] = {};
  alignas(64) float x[2] = {21, 0}, y[32] = {};
  const void *inputs[1] = {x};
  void *outputs[1] = {y};
};

TEST_F(Model, RunsTheFirstVariantThatFits) {
  ASSERT_EQ(init(), MLC_OK);
  EXPECT_STREQ(mlc_model_variant_name(&desc, arena), "best");
  EXPECT_EQ(run(), MLC_OK);
  EXPECT_EQ(y[0], 42);
  EXPECT_STREQ(lastCall.variant, "best");
  EXPECT_EQ(lastCall.arena, arena + MLC_ARENA_HEADER_SIZE);
  EXPECT_EQ(lastCall.executor, nullptr);
}

TEST_F(Model, FallsBackToALaterVariantAndReturnsItsStatus) {
  ASSERT_EQ(init(plainFeatures), MLC_OK);
  EXPECT_STREQ(mlc_model_variant_name(&desc, arena), "plain");
  EXPECT_EQ(run(), MLC_BAD_INPUT_VALUE);
}

TEST_F(Model, InitAgainStartsOver) {
  ASSERT_EQ(init(plainFeatures), MLC_OK);
  ASSERT_EQ(init(), MLC_OK);
  EXPECT_EQ(run(), MLC_OK);
}

TEST_F(Model, InitRefusesNull) {
  EXPECT_EQ(mlc_model_init(nullptr, arena, arenaSize), MLC_NULL_POINTER);
  EXPECT_EQ(mlc_model_init(&desc, nullptr, arenaSize), MLC_NULL_POINTER);
  EXPECT_EQ(mlc_model_init_with_features(&desc, nullptr, arenaSize, ~0ull),
            MLC_NULL_POINTER);
}

TEST_F(Model, InitRefusesAnotherVersion) {
  desc.abi += 1;
  EXPECT_EQ(init(), MLC_BAD_ABI);
}

TEST_F(Model, InitRefusesAnotherPointerSizeOrByteOrder) {
  desc.abi = MLC_ABI_WORD_FOR(sizeof(void *) == 8 ? 4 : 8, 0);
  EXPECT_EQ(init(), MLC_BAD_ABI);
  desc.abi = MLC_ABI_WORD_FOR(sizeof(void *), 1);
  EXPECT_EQ(init(), MLC_BAD_ABI);
}

TEST_F(Model, InitRefusesALooseArena) {
  EXPECT_EQ(mlc_model_init_with_features(&desc, arena + 64, arenaSize, ~0ull),
            MLC_BAD_ALIGNMENT);
  EXPECT_EQ(mlc_model_init_with_features(&desc, arena + 128, arenaSize, ~0ull),
            MLC_OK);
}

TEST_F(Model, InitRefusesOneByteTooFew) {
  EXPECT_EQ(mlc_model_init(&desc, arena, arenaSize - 1), MLC_ARENA_TOO_SMALL);
  desc.arena_size = 0;
  EXPECT_EQ(mlc_model_init(&desc, arena, MLC_ARENA_HEADER_SIZE - 1),
            MLC_ARENA_TOO_SMALL);
}

TEST_F(Model, InitRefusesACpuWithoutTheFeatures) {
  EXPECT_EQ(init(MLC_CPU_BIT(61)), MLC_NO_CPU_VARIANT);
  desc.variant_count = 0;
  EXPECT_EQ(init(), MLC_NO_CPU_VARIANT);
}

// No CPU has bits 60 and 61. Where the CPU cannot be asked, init trusts the
// compiler's user.
TEST_F(Model, InitAsksTheCpu) {
  mlc_status status = mlc_model_init(&desc, arena, arenaSize);
  if (MLC_CPU_TELLS_FEATURES) {
    EXPECT_EQ(status, MLC_NO_CPU_VARIANT);
  } else {
    EXPECT_EQ(status, MLC_OK);
    EXPECT_STREQ(mlc_model_variant_name(&desc, arena), "plain");
  }
}

TEST_F(Model, FailedInitLeavesTheArenaAlone) {
  std::fill(std::begin(arena), std::end(arena), 0xa5);
  EXPECT_EQ(init(0), MLC_NO_CPU_VARIANT);
  EXPECT_TRUE(std::all_of(std::begin(arena), std::end(arena),
                          [](unsigned char byte) { return byte == 0xa5; }));
}

TEST_F(Model, RunRefusesAnArenaWithoutInit) {
  EXPECT_EQ(run(), MLC_NOT_INITIALISED);
  EXPECT_EQ(mlc_model_variant_name(&desc, arena), nullptr);
}

TEST_F(Model, RunRefusesAnArenaOfAnotherModel) {
  ASSERT_EQ(init(), MLC_OK);
  mlc_model_desc other = desc;
  EXPECT_EQ(mlc_model_run(&other, arena, inputs, outputs), MLC_NOT_INITIALISED);
}

TEST_F(Model, RunRefusesNull) {
  ASSERT_EQ(init(), MLC_OK);
  EXPECT_EQ(mlc_model_run(nullptr, arena, inputs, outputs), MLC_NULL_POINTER);
  EXPECT_EQ(mlc_model_run(&desc, nullptr, inputs, outputs), MLC_NULL_POINTER);
  EXPECT_EQ(mlc_model_run(&desc, arena, nullptr, outputs), MLC_NULL_POINTER);
  EXPECT_EQ(mlc_model_run(&desc, arena, inputs, nullptr), MLC_NULL_POINTER);
  inputs[0] = nullptr;
  EXPECT_EQ(run(), MLC_NULL_POINTER);
  inputs[0] = x;
  outputs[0] = nullptr;
  EXPECT_EQ(run(), MLC_NULL_POINTER);
}

TEST_F(Model, RunTakesNullListsOfNothing) {
  desc.input_count = desc.output_count = 0;
  ASSERT_EQ(init(plainFeatures), MLC_OK);
  EXPECT_EQ(mlc_model_run(&desc, arena, nullptr, nullptr), MLC_BAD_INPUT_VALUE);
}

TEST_F(Model, RunRefusesLooseBuffers) {
  ASSERT_EQ(init(), MLC_OK);
  inputs[0] = reinterpret_cast<const char *>(x) + 1;
  EXPECT_EQ(run(), MLC_BAD_ALIGNMENT);
  inputs[0] = x + 1;
  EXPECT_EQ(run(), MLC_OK);
  outputs[0] = y + 8;
  EXPECT_EQ(run(), MLC_BAD_ALIGNMENT);
  EXPECT_EQ(mlc_model_run(&desc, arena + 1, inputs, outputs),
            MLC_BAD_ALIGNMENT);
}

TEST_F(Model, TheArenasSizeTellsHowManyThreadsItIsFor) {
  desc.arena_size = 64;
  desc.arena_per_thread = 32;
  EXPECT_EQ(mlc_model_arena_size(nullptr, 1), 0u);
  EXPECT_EQ(mlc_model_arena_size(&desc, 0), 64u);
  EXPECT_EQ(mlc_model_arena_size(&desc, 1), 64u);
  EXPECT_EQ(mlc_model_arena_size(&desc, 3), 64u + 2 * 32);
  EXPECT_EQ(mlc_model_arena_size(&desc, 4), 64u + 3 * 32);
  EXPECT_EQ(mlc_model_arena_size(&desc, ~0u), 64u + 3 * 32);
  auto run = [](void *, void (*)(void *, uint32_t), void *, uint32_t) {};
  for (uint32_t told = 1; told <= 5; ++told)
    for (uint32_t used = 1; used <= 6; ++used) {
      size_t size = mlc_model_arena_size(&desc, told);
      mlc_executor executor = {nullptr, used, run};
      for (size_t more : {0, 31}) {
        ASSERT_EQ(mlc_model_init_with_features(&desc, arena, size + more,
                                               bestFeatures),
                  MLC_OK);
        EXPECT_EQ(mlc_model_set_executor(&desc, arena, &executor),
                  std::min(used, 4u) <= told ? MLC_OK : MLC_ARENA_TOO_SMALL)
            << used << " threads, memory for " << told;
        EXPECT_EQ(mlc_model_set_executor(&desc, arena, nullptr), MLC_OK);
      }
    }
}

TEST_F(Model, HandsTheExecutorToRun) {
  mlc_executor executor = {
      nullptr, 3, [](void *, void (*)(void *, uint32_t), void *, uint32_t) {}};
  EXPECT_EQ(mlc_model_set_executor(&desc, arena, &executor),
            MLC_NOT_INITIALISED);
  ASSERT_EQ(init(), MLC_OK);
  ASSERT_EQ(mlc_model_set_executor(&desc, arena, &executor), MLC_OK);
  EXPECT_EQ(run(), MLC_OK);
  EXPECT_EQ(lastCall.executor, &executor);
  ASSERT_EQ(mlc_model_set_executor(&desc, arena, nullptr), MLC_OK);
  EXPECT_EQ(run(), MLC_OK);
  EXPECT_EQ(lastCall.executor, nullptr);
}

TEST_F(Model, RefusesAnExecutorThatCannotWork) {
  ASSERT_EQ(init(), MLC_OK);
  mlc_executor executor = {nullptr, 1, nullptr};
  EXPECT_EQ(mlc_model_set_executor(&desc, arena, &executor), MLC_BAD_EXECUTOR);
  executor = {nullptr, 0,
              [](void *, void (*)(void *, uint32_t), void *, uint32_t) {}};
  EXPECT_EQ(mlc_model_set_executor(&desc, arena, &executor), MLC_BAD_EXECUTOR);
}

TEST_F(Model, VerifiesWeights) {
  EXPECT_EQ(mlc_model_verify_weights(&desc), MLC_OK);
  uint8_t flipped[9];
  std::memcpy(flipped, weights, 9);
  flipped[8] ^= 1;
  desc.weights = flipped;
  EXPECT_EQ(mlc_model_verify_weights(&desc), MLC_BAD_WEIGHTS);
}

TEST_F(Model, VerifyWeightsRefusesNullAndAnotherVersion) {
  EXPECT_EQ(mlc_model_verify_weights(nullptr), MLC_NULL_POINTER);
  desc.weights = nullptr;
  EXPECT_EQ(mlc_model_verify_weights(&desc), MLC_NULL_POINTER);
  desc.weights_size = desc.weights_crc = 0;
  EXPECT_EQ(mlc_model_verify_weights(&desc), MLC_OK);
  desc.abi = 0;
  EXPECT_EQ(mlc_model_verify_weights(&desc), MLC_BAD_ABI);
}

TEST(Status, EveryOneHasItsOwnText) {
  std::set<std::string> texts;
  for (int status = MLC_OK; status <= MLC_THREAD_START_FAILED; ++status)
    texts.insert(mlc_status_string(static_cast<mlc_status>(status)));
  EXPECT_EQ(texts.size(), size_t(MLC_THREAD_START_FAILED) + 1);
  EXPECT_EQ(texts.count("unknown status"), 0u);
  EXPECT_STREQ(mlc_status_string(MLC_STATUS_FORCE_32_BIT), "unknown status");
}

TEST(AbiWord, HasVersionPointerSizeAndByteOrder) {
  EXPECT_EQ(MLC_ABI_WORD_FOR(8, 0), 0x01080002u);
  EXPECT_EQ(MLC_ABI_WORD_FOR(4, 1), 0x02040002u);
}

TEST(ParallelFor, WithoutExecutorGoesInOrder) {
  std::string order;
  mlc_parallel_for(
      nullptr,
      [](void *data, uint32_t index) {
        static_cast<std::string *>(data)->push_back('0' + index);
      },
      &order, 5);
  EXPECT_EQ(order, "01234");
}

#ifdef __x86_64__
/// Init asks for AMX where a variant wants it, and takes the next where the
/// machine has none or does not grant it.
TEST_F(Model, InitAsksForAmx) {
  const mlc_variant amx[2] = {{MLC_CPU_X86_AMX_TILE, runBest, "amx"},
                              {0, runPlain, "plain"}};
  desc.variants = amx;
  ASSERT_EQ(mlc_model_init(&desc, arena, arenaSize), MLC_OK);
  EXPECT_STREQ(mlc_model_variant_name(&desc, arena),
               mlc_cpu_features_amx() ? "amx" : "plain");
}
#endif

} // namespace
