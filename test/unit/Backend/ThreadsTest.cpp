//===- ThreadsTest.cpp - the same bits on any number of threads -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One kernel of each kind, large enough to be divided and of odd extents, on
// executors that run its parts in order, in reverse, and on a pool.
//
//===----------------------------------------------------------------------===//

#include "mlc/threads.h"
#include "Harness.h"
#include <memory>

using namespace mlc;
using namespace mlc::test;

namespace {

/// Runs tasks backwards on the caller's thread, and counts them.
struct Backwards {
  uint32_t most = 0, regions = 0;
  mlc_executor executor;

  explicit Backwards(uint32_t threads) : executor{this, threads, run} {}

  static void run(void *context, void (*task)(void *, uint32_t), void *data,
                  uint32_t count) {
    auto *self = static_cast<Backwards *>(context);
    self->most = std::max(self->most, count);
    ++self->regions;
    for (uint32_t i = count; i-- > 0;)
      task(data, i);
  }
};

std::vector<float> numbers(size_t count) {
  std::vector<float> values(count);
  uint32_t state = 1;
  for (float &value : values) {
    state = state * 1664525 + 1013904223;
    value = float(int32_t(state)) / 4294967296.0f;
  }
  return values;
}

constexpr unsigned mostThreads = 7;

struct Subject {
  const char *name;
  size_t inputs; ///< floats
  const char *ir;
};

const Subject subjects[] = {
    {"conv", 57 * 33 * 24, R"(
  func.func @main(%x: tensor<1x57x33x24xf32>) -> tensor<1x57x33x40xf32> {
    %w = arith.constant dense<0.37> : tensor<1x2x3x3x24x32xf32>
    %d = tensor.empty() : tensor<1x57x33x40xf32>
    %r = kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%x, %w : tensor<1x57x33x24xf32>, tensor<1x2x3x3x24x32xf32>)
        outs(%d : tensor<1x57x33x40xf32>) -> tensor<1x57x33x40xf32>
    return %r : tensor<1x57x33x40xf32>
  })"},
    {"pointwise", 7 * 7 * 232, R"(
  func.func @main(%x: tensor<1x7x7x232xf32>) -> tensor<1x7x7x1000xf32> {
    %w = arith.constant dense<0.37> : tensor<1x32x1x1x232x32xf32>
    %d = tensor.empty() : tensor<1x7x7x1000xf32>
    %r = kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        ins(%x, %w : tensor<1x7x7x232xf32>, tensor<1x32x1x1x232x32xf32>)
        outs(%d : tensor<1x7x7x1000xf32>) -> tensor<1x7x7x1000xf32>
    return %r : tensor<1x7x7x1000xf32>
  })"},
    {"grouped", 29 * 27 * 96, R"(
  func.func @main(%x: tensor<1x29x27x96xf32>) -> tensor<1x29x27x160xf32> {
    %w = arith.constant dense<0.37> : tensor<4x2x3x3x24x32xf32>
    %d = tensor.empty() : tensor<1x29x27x160xf32>
    %r = kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%x, %w : tensor<1x29x27x96xf32>, tensor<4x2x3x3x24x32xf32>)
        outs(%d : tensor<1x29x27x160xf32>) -> tensor<1x29x27x160xf32>
    return %r : tensor<1x29x27x160xf32>
  })"},
    {"smallgroups", 29 * 27 * 64, R"(
  func.func @main(%x: tensor<1x29x27x64xf32>) -> tensor<1x29x27x64xf32> {
    %w = arith.constant dense<0.37> : tensor<2x1x3x3x4x32xf32>
    %d = tensor.empty() : tensor<1x29x27x64xf32>
    %r = kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%x, %w : tensor<1x29x27x64xf32>, tensor<2x1x3x3x4x32xf32>)
        outs(%d : tensor<1x29x27x64xf32>) -> tensor<1x29x27x64xf32>
    return %r : tensor<1x29x27x64xf32>
  })"},
    {"winograd", 29 * 27 * 40, R"(
  func.func @main(%x: tensor<1x29x27x40xf32>) -> tensor<1x29x27x72xf32> {
    %w = arith.constant dense<0.37> : tensor<1x3x3x3x40x32xf32>
    %d = tensor.empty() : tensor<1x29x27x72xf32>
    %s = tensor.empty() : tensor<192960xf32>
    %r:2 = kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
        ins(%x, %w : tensor<1x29x27x40xf32>, tensor<1x3x3x3x40x32xf32>)
        outs(%d, %s : tensor<1x29x27x72xf32>, tensor<192960xf32>) -> tensor<1x29x27x72xf32>, tensor<192960xf32>
    return %r#0 : tensor<1x29x27x72xf32>
  })"},
    {"depthwise", 59 * 47 * 72, R"(
  func.func @main(%x: tensor<1x59x47x72xf32>) -> tensor<1x59x47x72xf32> {
    %w = arith.constant dense<0.37> : tensor<3x3x72xf32>
    %d = tensor.empty() : tensor<1x59x47x72xf32>
    %r = kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%x, %w : tensor<1x59x47x72xf32>, tensor<3x3x72xf32>)
        outs(%d : tensor<1x59x47x72xf32>) -> tensor<1x59x47x72xf32>
    return %r : tensor<1x59x47x72xf32>
  })"},
    // Larger than any second cache, so that the three are one kernel by rows.
    {"stream", 84 * 84 * 16, R"(
  func.func @main(%x: tensor<1x84x84x16xf32>) -> tensor<1x84x84x16xf32> {
    %w = arith.constant dense<0.37> : tensor<1x3x1x1x16x32xf32>
    %v = arith.constant dense<0.37> : tensor<3x3x96xf32>
    %u = arith.constant dense<0.37> : tensor<1x1x1x1x96x16xf32>
    %d = tensor.empty() : tensor<1x84x84x96xf32>
    %o = tensor.empty() : tensor<1x84x84x16xf32>
    %a = kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        ins(%x, %w : tensor<1x84x84x16xf32>, tensor<1x3x1x1x16x32xf32>)
        outs(%d : tensor<1x84x84x96xf32>) -> tensor<1x84x84x96xf32>
    %b = kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%a, %v : tensor<1x84x84x96xf32>, tensor<3x3x96xf32>)
        outs(%d : tensor<1x84x84x96xf32>) -> tensor<1x84x84x96xf32>
    %c = kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        ins(%b, %u : tensor<1x84x84x96xf32>, tensor<1x1x1x1x96x16xf32>)
        epilogue(%x : tensor<1x84x84x16xf32>) outs(%o : tensor<1x84x84x16xf32>) -> tensor<1x84x84x16xf32> {
    ^bb0(%acc: f32, %r: f32):
      %sum = arith.addf %acc, %r : f32
      kernel.yield %sum : f32
    }
    return %c : tensor<1x84x84x16xf32>
  })"},
    {"streampool", 160 * 160 * 20, R"(
  func.func @main(%x: tensor<1x160x160x20xf32>) -> tensor<1x80x80x32xf32> {
    %w = arith.constant dense<0.37> : tensor<1x1x3x3x20x32xf32>
    %d = tensor.empty() : tensor<1x160x160x32xf32>
    %o = tensor.empty() : tensor<1x80x80x32xf32>
    %s = tensor.empty() : tensor<99648xf32>
    %a:2 = kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
        ins(%x, %w : tensor<1x160x160x20xf32>, tensor<1x1x3x3x20x32xf32>)
        outs(%d, %s : tensor<1x160x160x32xf32>, tensor<99648xf32>) -> tensor<1x160x160x32xf32>, tensor<99648xf32>
    %r = kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
                      pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        ins(%a#0 : tensor<1x160x160x32xf32>) outs(%o : tensor<1x80x80x32xf32>) -> tensor<1x80x80x32xf32>
    return %r : tensor<1x80x80x32xf32>
  })"},
    {"matmul", 3 * 67 * 120, R"(
  func.func @main(%x: tensor<3x67x120xf32>) -> tensor<3x67x67xf32> {
    %d = tensor.empty() : tensor<3x67x67xf32>
    %r = kernel.matmul {transpose_rhs} ins(%x, %x : tensor<3x67x120xf32>, tensor<3x67x120xf32>)
        outs(%d : tensor<3x67x67xf32>) -> tensor<3x67x67xf32>
    return %r : tensor<3x67x67xf32>
  })"},
    {"pool", 61 * 61 * 72, R"(
  func.func @main(%x: tensor<1x61x61x72xf32>) -> tensor<1x31x31x72xf32> {
    %d = tensor.empty() : tensor<1x31x31x72xf32>
    %r = kernel.pool {kind = #kernel.pool_kind<average>, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
                      pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%x : tensor<1x61x61x72xf32>) outs(%d : tensor<1x31x31x72xf32>) -> tensor<1x31x31x72xf32>
    return %r : tensor<1x31x31x72xf32>
  })"},
    {"mean", 112 * 56 * 33, R"(
  func.func @main(%x: tensor<1x112x56x33xf32>) -> tensor<1x4x1x33xf32> {
    %d = tensor.empty() : tensor<1x4x1x33xf32>
    %r = kernel.pool {kind = #kernel.pool_kind<average>, kernel = array<i64: 28, 56>, strides = array<i64: 28, 1>,
                      pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        ins(%x : tensor<1x112x56x33xf32>) outs(%d : tensor<1x4x1x33xf32>) -> tensor<1x4x1x33xf32>
    return %r : tensor<1x4x1x33xf32>
  })"},
    {"softmax", 131 * 601, R"(
  func.func @main(%x: tensor<131x601xf32>) -> tensor<131x601xf32> {
    %d = tensor.empty() : tensor<131x601xf32>
    %r = kernel.softmax ins(%x : tensor<131x601xf32>) outs(%d : tensor<131x601xf32>) -> tensor<131x601xf32>
    return %r : tensor<131x601xf32>
  })"},
    {"reduce", 3 * 57 * 3001, R"(
  func.func @main(%x: tensor<3x57x3001xf32>) -> tensor<3x3001xf32> {
    %d = tensor.empty() : tensor<3x3001xf32>
    %r = kernel.reduce {kind = #kernel.reduce_kind<mean>} ins(%x : tensor<3x57x3001xf32>)
        outs(%d : tensor<3x3001xf32>) -> tensor<3x3001xf32>
    return %r : tensor<3x3001xf32>
  })"},
    {"elementwise", 100003, R"(
  func.func @main(%x: tensor<100003xf32>) -> tensor<100003xf32> {
    %d = tensor.empty() : tensor<100003xf32>
    %r = linalg.tanh ins(%x : tensor<100003xf32>) outs(%d : tensor<100003xf32>) -> tensor<100003xf32>
    return %r : tensor<100003xf32>
  })"},
    {"transpose", 301 * 403, R"(
  func.func @main(%x: tensor<301x403xf32>) -> tensor<403x301xf32> {
    %d = tensor.empty() : tensor<403x301xf32>
    %r = linalg.transpose ins(%x : tensor<301x403xf32>) outs(%d : tensor<403x301xf32>) permutation = [1, 0]
    return %r : tensor<403x301xf32>
  })"},
    {"copy", 1000003, R"(
  func.func @main(%x: tensor<1000003xf32>) -> tensor<1000003xf32> {
    return %x : tensor<1000003xf32>
  })"},
};

class Threads : public testing::TestWithParam<Subject> {};

TEST_P(Threads, DoNotChangeABit) {
  Model model(GetParam().ir, "native", mostThreads);
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<Bytes> inputs = {bytes(numbers(GetParam().inputs))};
  std::vector<Bytes> alone = model.run(inputs);
  for (uint32_t threads = 1; threads <= mostThreads + 1; ++threads) {
    Backwards backwards(threads);
    model.setExecutor(&backwards.executor);
    EXPECT_EQ(model.run(inputs), alone) << threads << " threads, backwards";
    EXPECT_EQ(backwards.most > 1, threads > 1) << "the kernel is not divided";
    EXPECT_LE(backwards.most, std::min(threads, mostThreads));
  }
  auto pool = std::make_unique<mlc_pool>();
  for (uint32_t threads : {1, 2, 3, 4, 7}) {
    ASSERT_EQ(mlc_pool_start(pool.get(), threads, 100), MLC_OK);
    model.setExecutor(mlc_pool_executor(pool.get()));
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(model.run(inputs), alone) << threads << " threads of a pool";
    model.setExecutor(nullptr);
    mlc_pool_stop(pool.get());
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Threads, testing::ValuesIn(subjects),
                         [](const testing::TestParamInfo<Subject> &info) {
                           return std::string(info.param.name);
                         });

// What is computed by rows has the bits of what is computed as a whole, in less
// memory.
TEST(Streams, DoNotChangeABit) {
  for (const Subject &subject : subjects) {
    if (!llvm::StringRef(subject.name).starts_with("stream"))
      continue;
    SCOPED_TRACE(subject.name);
    Model rows(subject.ir), whole(subject.ir, "native", 1, /*streams=*/false);
    ASSERT_TRUE(rows.ok() && whole.ok()) << rows.errors << whole.errors;
    EXPECT_EQ(rows.count("stream-rows", "kernel.stream"), 1u);
    EXPECT_EQ(whole.count("stream-rows", "kernel.stream"), 0u);
    EXPECT_LT(rows.result.arenaSize, whole.result.arenaSize);
    std::vector<Bytes> inputs = {bytes(numbers(subject.inputs))};
    EXPECT_EQ(rows.run(inputs), whole.run(inputs));
  }
}

// A program that sets no executor pays for none.
TEST(OneThread, HasTheSmallestArenaWhateverTheMost) {
  for (const Subject &subject : subjects) {
    SCOPED_TRACE(subject.name);
    Model one(subject.ir, "native", 1), many(subject.ir, "native", mostThreads);
    ASSERT_TRUE(one.ok() && many.ok()) << one.errors << many.errors;
    EXPECT_EQ(one.result.threadBytes, 0u);
    // More threads may have smaller steps of rows, and less to keep of each.
    EXPECT_LE(many.result.arenaSize, one.result.arenaSize);
    llvm::StringRef name = subject.name;
    EXPECT_EQ(many.result.threadBytes > 0,
              name == "winograd" || name.starts_with("stream"));
  }
}

// Code for one thread has no trace of others.
TEST(OneThread, CallsNoExecutor) {
  Model model(subjects[0].ir, "native", 1);
  ASSERT_TRUE(model.ok()) << model.errors;
  EXPECT_FALSE(model.result.module->getFunction("mlc_parallel_for"));
  EXPECT_EQ(model.count("share-kernels", "mlc.part"), 0u);
}

TEST(SomeThreads, KernelsShareOneRegionEach) {
  Model model(subjects[0].ir, "native", 4);
  ASSERT_TRUE(model.ok()) << model.errors;
  Backwards backwards(2);
  model.setExecutor(&backwards.executor);
  model.run({bytes(numbers(subjects[0].inputs))});
  EXPECT_EQ(backwards.regions, 1u);
}

} // namespace
