//===- OptimizePartsTest.cpp - functions of each CPU apart ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/OptimizeParts.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "gtest/gtest.h"
#include <mutex>
#include <set>

using namespace llvm;
using namespace mlc;

namespace {

constexpr const char *threeCpus = R"(
  @weights = external constant [64 x i8]
  @table = constant [3 x ptr] [ptr @main_v0, ptr @main_v1, ptr @main_v2]
  declare void @outside(ptr)
  define internal void @k_v0(ptr %x) #0 { call void @outside(ptr %x) ret void }
  define internal void @main_v0(ptr %x) #0 { call void @k_v0(ptr @weights) ret void }
  define internal void @k_v1(ptr %x) #1 { call void @outside(ptr %x) ret void }
  define internal void @main_v1(ptr %x) #1 { call void @k_v1(ptr @weights) ret void }
  define internal void @k_v2(ptr %x) #2 { call void @outside(ptr %x) ret void }
  define internal void @main_v2(ptr %x) #2 { call void @k_v2(ptr @weights) ret void }
  define ptr @model() #2 { ret ptr @table }
  attributes #0 = { "target-cpu"="x86-64-v4" }
  attributes #1 = { "target-cpu"="x86-64-v3" }
  attributes #2 = { "target-cpu"="x86-64-v2" }
)";

class OptimizeParts : public testing::Test {
protected:
  std::unique_ptr<Module> parse(StringRef text) {
    SMDiagnostic error;
    std::unique_ptr<Module> module = parseAssemblyString(text, error, context);
    EXPECT_TRUE(module) << error.getMessage().str();
    return module;
  }

  static std::string definitions(const Module &module) {
    std::string names;
    for (const Function &function : module)
      if (!function.isDeclaration())
        names += function.getName().str() + " ";
    return names;
  }

  static std::string textOf(const Module &module) {
    std::string text;
    raw_string_ostream(text) << module;
    return text;
  }

  /// What the parts are; each kernel gets a copy, as LLVM specialises them, and
  /// forgets its argument's name.
  std::set<std::string> run(Module &module, unsigned jobs) {
    std::set<std::string> parts;
    std::mutex mutex;
    Error error = optimizeParts(module, jobs, [&](Module &part) -> Error {
      std::lock_guard<std::mutex> lock(mutex);
      parts.insert(definitions(part));
      std::vector<Function *> kernels;
      for (Function &function : part)
        if (!function.isDeclaration() && function.getName().starts_with("k_"))
          kernels.push_back(&function);
      for (Function *kernel : kernels) {
        ValueToValueMapTy values;
        Function *copy = CloneFunction(kernel, values);
        copy->setName(kernel->getName() + ".specialized.1");
        kernel->replaceAllUsesWith(copy);
      }
      return Error::success();
    });
    EXPECT_EQ(toString(std::move(error)), "");
    std::string broken;
    raw_string_ostream os(broken);
    EXPECT_FALSE(verifyModule(module, &os)) << broken;
    return parts;
  }

  LLVMContext context;
};

TEST_F(OptimizeParts, EachCpuIsAPart) {
  std::unique_ptr<Module> module = parse(threeCpus);
  EXPECT_EQ(run(*module, 2),
            (std::set<std::string>{"k_v0 main_v0 ", "k_v1 main_v1 ",
                                   "k_v2 main_v2 model "}));
}

TEST_F(OptimizeParts, TheModuleIsWholeAgain) {
  std::unique_ptr<Module> module = parse(threeCpus);
  run(*module, 3);
  EXPECT_EQ(definitions(*module),
            "k_v0 main_v0 k_v1 main_v1 k_v2 main_v2 model k_v0.specialized.1 "
            "k_v1.specialized.2 k_v2.specialized.3 ");
  for (const Function &function : *module)
    EXPECT_EQ(function.hasLocalLinkage(),
              function.getName() != "model" && function.getName() != "outside")
        << function.getName().str();
  // One declaration of each that is outside, which all use.
  EXPECT_EQ(module->getFunction("outside")->getNumUses(), 6u);
  EXPECT_EQ(module->getNamedGlobal("weights")->getNumUses(), 3u);
  EXPECT_EQ(module->global_size(), 2u);
}

TEST_F(OptimizeParts, ThreadsDoNotMatter) {
  std::unique_ptr<Module> one = parse(threeCpus);
  run(*one, 1);
  for (unsigned jobs : {2u, 3u, 8u}) {
    std::unique_ptr<Module> many = parse(threeCpus);
    run(*many, jobs);
    EXPECT_EQ(textOf(*many), textOf(*one)) << jobs;
  }
}

TEST_F(OptimizeParts, WhatCallsAnotherCpuStaysTogether) {
  std::unique_ptr<Module> module = parse(R"(
    define internal void @k_v0() #0 { call void @k_v1() ret void }
    define void @k_v1() #1 { ret void }
    attributes #0 = { "target-cpu"="x86-64-v4" }
    attributes #1 = { "target-cpu"="x86-64-v3" })");
  EXPECT_EQ(run(*module, 2), (std::set<std::string>{"k_v0 k_v1 "}));
}

TEST_F(OptimizeParts, AnErrorOfAPartIsTold) {
  std::unique_ptr<Module> module = parse(threeCpus);
  Error error = optimizeParts(*module, 2, [](Module &part) -> Error {
    if (!part.getFunction("model"))
      return createStringError("no model in " + definitions(part));
    return Error::success();
  });
  EXPECT_EQ(toString(std::move(error)),
            "no model in k_v0 main_v0 \nno model in k_v1 main_v1 ");
}

} // namespace
