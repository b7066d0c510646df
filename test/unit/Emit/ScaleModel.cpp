//===- ScaleModel.cpp - a hand-written model for tests of emission --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScaleModel.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/Constants.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <cstdio>

using namespace llvm;
using namespace mlc;
using namespace mlc::test;

// %NAME is the body's.
static constexpr const char *bodyText = R"(
define i32 @%NAME(ptr %arena, ptr %inputs, ptr %outputs, ptr %executor) {
entry:
  %x = load ptr, ptr %inputs
  %y = load ptr, ptr %outputs
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %xp = getelementptr float, ptr %x, i64 %i
  %wp = getelementptr float, ptr @weights, i64 %i
  %yp = getelementptr float, ptr %y, i64 %i
  %a = load float, ptr %xp
  %w = load float, ptr %wp
  %p = fmul float %a, %w
  store float %p, ptr %yp
  %next = add i64 %i, 1
  %done = icmp eq i64 %next, 256
  br i1 %done, label %exit, label %loop
exit:
  ret i32 0
}
)";

std::vector<TargetInfo> test::targetsFor(StringRef triple, StringRef cpus) {
  Expected<std::vector<TargetInfo>> targets = resolveTargets(triple, cpus);
  if (targets)
    return std::move(*targets);
  ADD_FAILURE() << toString(targets.takeError());
  return {};
}

static std::string replaceName(StringRef text, StringRef name) {
  std::string result;
  while (!text.empty()) {
    auto [before, after] = text.split("%NAME");
    result += before;
    if (before.size() != text.size())
      result += name;
    text = after;
  }
  return result;
}

static std::string moduleText(ScaleModel &model) {
  std::string text = "@weights = external constant [1024 x i8]\n";
  for (const TargetInfo &target : model.targets) {
    std::string name = "body" + std::to_string(model.spec.variants.size());
    model.spec.variants.push_back({target, name});
    text += replaceName(bodyText, name);
  }
  return text;
}

/// Puts them into the model's own object, unlike what ships.
static void defineWeights(ScaleModel &model, StringRef bytes) {
  GlobalVariable *weights = model.spec.weights;
  weights->setInitializer(ConstantDataArray::getRaw(
      bytes, bytes.size(), Type::getInt8Ty(*model.context)));
  weights->setVisibility(GlobalValue::DefaultVisibility);
  weights->setLinkage(GlobalValue::InternalLinkage);
}

ScaleModel test::makeScale(StringRef triple, StringRef cpus, StringRef prefix) {
  ScaleModel model;
  model.context = std::make_unique<LLVMContext>();
  model.targets = targetsFor(triple, cpus);
  model.spec.prefix = prefix.str();
  model.spec.name = "scale by weights";
  model.spec.plannedBytes = 100;
  model.spec.inputs = {
      {"x", MLC_TYPE_F32, {1, kScaleCount}, 4 * kScaleCount, 4}};
  model.spec.outputs = {
      {"y", MLC_TYPE_F32, {1, kScaleCount}, 4 * kScaleCount, 4}};
  SMDiagnostic diagnostic;
  model.module =
      parseAssemblyString(moduleText(model), diagnostic, *model.context);
  if (!model.module) {
    ADD_FAILURE() << diagnostic.getMessage().str();
    return model;
  }
  std::vector<float> weights(kScaleCount);
  for (int64_t i = 0; i < kScaleCount; ++i)
    weights[i] = i / 2.0f;
  StringRef bytes(reinterpret_cast<const char *>(weights.data()),
                  weights.size() * sizeof(float));
  declareWeights(*model.module, model.spec, "weights",
                 {bytes.data(), bytes.size()});
  defineWeights(model, bytes);
  if (Error error =
          addEntryPoints(*model.module, model.spec, model.targets.back()))
    ADD_FAILURE() << toString(std::move(error));
  return model;
}

std::unique_ptr<MemoryBuffer>
test::emit(Module &module, const TargetInfo &target, FrameSizes *frames) {
  SmallVector<char, 0> bytes;
  raw_svector_ostream os(bytes);
  if (Error error = emitObject(module, target, os, OptLevel::Full, frames)) {
    ADD_FAILURE() << toString(std::move(error));
    return nullptr;
  }
  return std::make_unique<SmallVectorMemoryBuffer>(
      std::move(bytes), "model.o", /*RequiresNullTerminator=*/false);
}

std::unique_ptr<MemoryBuffer> test::compile(ScaleModel &model) {
  if (Error error = optimize(*model.module, model.targets.back())) {
    ADD_FAILURE() << toString(std::move(error));
    return nullptr;
  }
  return emit(*model.module, model.targets.back());
}

TemporaryFolder::TemporaryFolder() {
  SmallString<128> path;
  if (std::error_code code = sys::fs::createUniqueDirectory("mlc-emit", path))
    ADD_FAILURE() << code.message();
  folder = path.str().str();
}

TemporaryFolder::~TemporaryFolder() { sys::fs::remove_directories(folder); }

std::string TemporaryFolder::path(StringRef name) const {
  SmallString<128> result(folder);
  sys::path::append(result, name);
  return result.str().str();
}

std::string TemporaryFolder::write(StringRef name, StringRef text) const {
  std::error_code code;
  raw_fd_ostream os(path(name), code);
  EXPECT_FALSE(code) << code.message();
  os << text;
  return path(name);
}

std::string test::run(const std::string &command) {
  FILE *pipe = popen((command + " 2>&1").c_str(), "r");
  if (!pipe) {
    ADD_FAILURE() << "cannot run: " << command;
    return "";
  }
  std::string text;
  char buffer[4096];
  while (size_t count = fread(buffer, 1, sizeof buffer, pipe))
    text.append(buffer, count);
  EXPECT_EQ(pclose(pipe), 0) << command << "\n" << text;
  return text;
}

bool test::found(StringRef tool) { return bool(sys::findProgramByName(tool)); }
