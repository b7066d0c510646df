//===- JitModelTest.cpp - models that run in this process -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Execute/JitModel.h"
#include "ScaleModel.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Support/SourceMgr.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>

using namespace llvm;
using namespace mlc;
using namespace mlc::test;

namespace {

std::unique_ptr<JitModel> created(Expected<std::unique_ptr<JitModel>> model) {
  if (model)
    return std::move(*model);
  ADD_FAILURE() << toString(model.takeError());
  return nullptr;
}

class Levels : public testing::TestWithParam<OptLevel> {};

TEST_P(Levels, Runs) {
  ScaleModel scale = makeScale("", "native");
  std::unique_ptr<JitModel> model = created(JitModel::create(
      *scale.module, scale.targets.front(), "scale", {GetParam(), {}}));
  ASSERT_TRUE(model);
  // The code must not refer to what it was made of.
  scale.module.reset();
  scale.context.reset();
  std::vector<float> x(kScaleCount), y(kScaleCount, -1);
  for (int64_t i = 0; i < kScaleCount; ++i)
    x[i] = 1 + i % 3;
  for (int pass = 0; pass < 2; ++pass) {
    ASSERT_EQ(toString(model->run({x.data()}, {y.data()})), "");
    for (int64_t i = 0; i < kScaleCount; ++i)
      ASSERT_EQ(y[i], x[i] * i / 2) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(JitModel, Levels,
                         testing::Values(OptLevel::None, OptLevel::Less,
                                         OptLevel::Full));

TEST(JitModel, DescribesItself) {
  ScaleModel scale = makeScale("", "native");
  std::unique_ptr<JitModel> model =
      created(JitModel::create(*scale.module, scale.targets.front(), "scale"));
  ASSERT_TRUE(model);
  const mlc_model_desc &desc = model->descriptor();
  EXPECT_EQ(desc.abi, MLC_ABI_WORD);
  EXPECT_STREQ(desc.name, "scale by weights");
  EXPECT_EQ(desc.arena_size, 64u + 128u);
  EXPECT_EQ(desc.weights_size, 1024u);
  EXPECT_STREQ(desc.variants[0].name, "native");
  ASSERT_EQ(desc.input_count, 1u);
  EXPECT_STREQ(desc.inputs[0].name, "x");
  EXPECT_EQ(desc.inputs[0].rank, 2u);
  EXPECT_EQ(desc.inputs[0].shape[1], kScaleCount);
  EXPECT_EQ(desc.outputs[0].byte_size, 1024u);
}

TEST(JitModel, SeveralLiveTogether) {
  ScaleModel a = makeScale("", "native"), b = makeScale("", "native");
  auto first = created(JitModel::create(*a.module, a.targets.front(), "scale"));
  auto second =
      created(JitModel::create(*b.module, b.targets.front(), "scale"));
  ASSERT_TRUE(first && second);
  EXPECT_NE(&first->descriptor(), &second->descriptor());
  std::vector<float> x(kScaleCount, 2), y(kScaleCount);
  EXPECT_EQ(toString(first->run({x.data()}, {y.data()})), "");
  first.reset();
  EXPECT_EQ(toString(second->run({x.data()}, {y.data()})), "");
  EXPECT_EQ(y[7], 7);
}

/// A model whose body is `body`, with one f32 in and one out.
Expected<std::unique_ptr<JitModel>> fromText(StringRef text) {
  LLVMContext context;
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module =
      parseAssemblyString(text, diagnostic, context);
  EXPECT_TRUE(module) << diagnostic.getMessage().str();
  TargetInfo host = targetsFor("", "native").front();
  EntrySpec spec;
  spec.prefix = spec.name = "m";
  spec.inputs = {{"x", MLC_TYPE_F32, {}, 4, 4}};
  spec.outputs = {{"y", MLC_TYPE_F32, {}, 4, 4}};
  spec.variants = {{host, "body"}};
  if (Error error = addEntryPoints(*module, spec, host))
    return std::move(error);
  return JitModel::create(*module, host, "m");
}

TEST(JitModel, FindsTheLibrariesOfTheProcess) {
  std::unique_ptr<JitModel> model = created(fromText(R"(
    declare float @expf(float)
    define i32 @body(ptr %a, ptr %inputs, ptr %outputs, ptr %e) {
      %x = load ptr, ptr %inputs
      %y = load ptr, ptr %outputs
      %v = load float, ptr %x
      %r = call float @expf(float %v)
      store float %r, ptr %y
      ret i32 0
    })"));
  ASSERT_TRUE(model);
  float x = 1.5f, y = 0;
  ASSERT_EQ(toString(model->run({&x}, {&y})), "");
  EXPECT_EQ(y, std::exp(x));
}

// x86-64 converts halves by F16C, or by a call: LLVM's name for it is in the
// archives, so it must be here.
TEST(JitModel, HasTheConversionsOfHalves) {
  std::unique_ptr<JitModel> model = created(fromText(R"(
    declare float @__extendhfsf2(half)
    define i32 @body(ptr %a, ptr %inputs, ptr %outputs, ptr %e) {
      %x = load ptr, ptr %inputs
      %y = load ptr, ptr %outputs
      %v = load half, ptr %x
      %r = call float @__extendhfsf2(half %v)
      store float %r, ptr %y
      ret i32 0
    })"));
  ASSERT_TRUE(model);
  alignas(16) uint16_t x = 0x3e00;
  float y = 0;
  ASSERT_EQ(toString(model->run({&x}, {&y})), "");
  EXPECT_EQ(y, 1.5f);
}

TEST(JitModel, StatusOfTheBodyIsTheError) {
  std::unique_ptr<JitModel> model = created(fromText(R"(
    define i32 @body(ptr %a, ptr %inputs, ptr %outputs, ptr %e) {
      ret i32 9
    })"));
  ASSERT_TRUE(model);
  float x = 0, y = 0;
  EXPECT_EQ(toString(model->run({&x}, {&y})),
            "model 'm': an input has a value that the model does not take");
  EXPECT_EQ(toString(model->run({}, {&y})),
            "model 'm' takes 1 inputs and 1 outputs, found 0 and 1");
  EXPECT_EQ(toString(model->run({nullptr}, {&y})),
            "model 'm': a required pointer is null");
}

TEST(JitModel, ExecutorReachesTheBody) {
  std::unique_ptr<JitModel> model = created(fromText(R"(
    declare void @mlc_parallel_for(ptr, ptr, ptr, i32)
    define void @task(ptr %data, i32 %index) {
      %v = load float, ptr %data
      %w = fadd float %v, 1.0
      store float %w, ptr %data
      ret void
    }
    define i32 @body(ptr %a, ptr %inputs, ptr %outputs, ptr %e) {
      %y = load ptr, ptr %outputs
      store float 0.0, ptr %y
      call void @mlc_parallel_for(ptr %e, ptr @task, ptr %y, i32 5)
      ret i32 0
    })"));
  ASSERT_TRUE(model);
  float x = 0, y = 0;
  EXPECT_EQ(toString(model->run({&x}, {&y})), "");
  EXPECT_EQ(y, 5);
  unsigned calls = 0;
  mlc_executor executor{&calls, 2,
                        [](void *context, void (*task)(void *, uint32_t),
                           void *data, uint32_t count) {
                          ++*static_cast<unsigned *>(context);
                          for (uint32_t i = 0; i < count; ++i)
                            task(data, i);
                        }};
  EXPECT_EQ(toString(model->setExecutor(&executor)), "");
  EXPECT_EQ(toString(model->run({&x}, {&y})), "");
  EXPECT_EQ(y, 5);
  EXPECT_EQ(calls, 1u);
}

TEST(JitModel, RefusesWhatItCannotRun) {
  Expected<std::unique_ptr<JitModel>> model = fromText(R"(
    declare void @no_such_function_anywhere()
    define i32 @body(ptr %a, ptr %inputs, ptr %outputs, ptr %e) {
      call void @no_such_function_anywhere()
      ret i32 0
    })");
  ASSERT_FALSE(bool(model));
  EXPECT_TRUE(StringRef(toString(model.takeError()))
                  .contains("no_such_function_anywhere"));
  ScaleModel scale = makeScale("riscv64-linux-gnu");
  model = JitModel::create(*scale.module, scale.targets.front(), "scale");
  ASSERT_FALSE(bool(model));
  EXPECT_EQ(toString(model.takeError()),
            "target 'riscv64-unknown-linux-gnu' is not what this process runs "
            "on");
}

} // namespace
