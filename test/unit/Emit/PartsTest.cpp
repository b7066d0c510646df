//===- PartsTest.cpp - functions of each CPU apart ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Parts.h"
#include "ScaleModel.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/SourceMgr.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;
using namespace mlc::test;

namespace {

/// The functions of one CPU, whose entry another module knows.
constexpr const char *v4 = R"(
  @weights = external dso_local constant [64 x i8]
  declare void @outside(ptr)
  define internal void @k_v0(ptr %x) #0 { call void @outside(ptr %x) ret void }
  define hidden void @main_v0(ptr %x) #0 { call void @k_v0(ptr @weights) ret void }
  attributes #0 = { noinline "target-cpu"="x86-64-v4" }
)";
constexpr const char *v3 = R"(
  @weights = external dso_local constant [64 x i8]
  declare void @outside(ptr)
  define internal void @k_v1(ptr %x) #0 { call void @outside(ptr %x) ret void }
  define hidden void @main_v1(ptr %x) #0 { call void @k_v1(ptr @weights) ret void }
  attributes #0 = { noinline "target-cpu"="x86-64-v3" }
)";
/// The last CPU's, and what programs see.
constexpr const char *v2 = R"(
  @weights = external dso_local constant [64 x i8]
  @table = internal constant [3 x ptr] [ptr @main_v0, ptr @main_v1, ptr @main_v2]
  declare void @outside(ptr)
  declare hidden void @main_v0(ptr)
  declare hidden void @main_v1(ptr)
  define internal void @k_v2(ptr %x) #0 { call void @outside(ptr %x) ret void }
  define internal void @main_v2(ptr %x) #0 { call void @k_v2(ptr @weights) ret void }
  define ptr @model() #0 { ret ptr @table }
  attributes #0 = { noinline "target-cpu"="x86-64-v2" }
)";

class Parts : public testing::Test {
protected:
  static std::unique_ptr<Module> parse(StringRef text, LLVMContext &context,
                                       StringRef triple) {
    SMDiagnostic error;
    std::unique_ptr<Module> module = parseAssemblyString(text, error, context);
    EXPECT_TRUE(module) << error.getMessage().str();
    module->setSourceFileName("digits");
    module->setTargetTriple(Triple(triple));
    return module;
  }

  static PartsCompiler make(StringRef last, ArrayRef<StringRef> others,
                            unsigned jobs = 2,
                            StringRef triple = "x86_64-linux-gnu") {
    std::vector<CodePart> codes;
    for (StringRef text : others) {
      LLVMContext context;
      llvm::append_range(codes, divideCode(*parse(text, context, triple)));
    }
    auto context = std::make_unique<LLVMContext>();
    std::unique_ptr<Module> module = parse(last, *context, triple);
    return {std::move(context), std::move(module), std::move(codes),
            least(triple), jobs};
  }

  static const TargetInfo &least(StringRef triple) {
    static std::map<std::string, TargetInfo> known;
    auto [found, isNew] = known.try_emplace(triple.str());
    if (isNew)
      found->second = targetsFor(triple, "x86-64-v2").front();
    return found->second;
  }

  static std::unique_ptr<MemoryBuffer> objectOf(PartsCompiler &compiler) {
    Expected<std::unique_ptr<MemoryBuffer>> object = compiler.emit();
    if (object)
      return std::move(*object);
    ADD_FAILURE() << toString(object.takeError());
    return nullptr;
  }
};

TEST_F(Parts, WhatIsGlobalIsSoInTheObject) {
  PartsCompiler compiler = make(v2, {v4, v3});
  std::unique_ptr<MemoryBuffer> object = objectOf(compiler);
  ASSERT_TRUE(object);
  auto file = cantFail(object::ObjectFile::createELFObjectFile(*object));
  std::vector<std::string> local, global;
  for (object::ELFSymbolRef symbol :
       cast<object::ELFObjectFileBase>(*file).symbols())
    if (symbol.getELFType() != ELF::STT_SECTION)
      (symbol.getBinding() == ELF::STB_LOCAL ? local : global)
          .push_back(cantFail(symbol.getName()).str());
  llvm::sort(local);
  llvm::sort(global);
  EXPECT_EQ(local, (std::vector<std::string>{"digits", "k_v0", "k_v1", "k_v2",
                                             "main_v0", "main_v1", "main_v2",
                                             "table"}));
  EXPECT_EQ(global, (std::vector<std::string>{"model", "outside", "weights"}));
}

TEST_F(Parts, CallsAreOfTheWhole) {
  PartsCompiler compiler = make(v2, {v4, v3});
  std::unique_ptr<MemoryBuffer> object = objectOf(compiler);
  ASSERT_TRUE(object);
  CallGraph calls = compiler.calls();
  EXPECT_EQ(calls["model"],
            (std::set<std::string>{"main_v0", "main_v1", "main_v2"}));
  Expected<uint64_t> stack = stackUse(compiler.frames(), calls, "model");
  ASSERT_TRUE(bool(stack)) << toString(stack.takeError());
  // Each of model, main and kernel has a return address.
  EXPECT_GE(*stack, kForeignStack + 3 * 8);
}

TEST_F(Parts, ThreadsDoNotMatter) {
  PartsCompiler one = make(v2, {v4, v3}, 1);
  std::unique_ptr<MemoryBuffer> expected = objectOf(one);
  ASSERT_TRUE(expected);
  for (unsigned jobs : {2u, 3u, 8u}) {
    PartsCompiler many = make(v2, {v4, v3}, jobs);
    std::unique_ptr<MemoryBuffer> object = objectOf(many);
    ASSERT_TRUE(object);
    EXPECT_EQ(object->getBuffer(), expected->getBuffer()) << jobs;
  }
}

TEST_F(Parts, OtherFormatsAreOneModule) {
  PartsCompiler compiler = make(v2, {v4, v3}, 2, "x86_64-w64-windows-gnu");
  std::unique_ptr<MemoryBuffer> object = objectOf(compiler);
  ASSERT_TRUE(object);
  auto file = cantFail(object::ObjectFile::createObjectFile(*object));
  std::vector<std::string> global;
  for (const object::SymbolRef &symbol : file->symbols())
    if (cantFail(symbol.getFlags()) & object::SymbolRef::SF_Global)
      global.push_back(cantFail(symbol.getName()).str());
  llvm::sort(global);
  EXPECT_EQ(global, (std::vector<std::string>{"model", "outside", "weights"}));
}

TEST_F(Parts, AnErrorOfAPartIsTold) {
  // Lifetimes are those of allocas.
  PartsCompiler compiler = make("define void @k_v1() { ret void }", {R"(
    define void @k_v0() { call void @llvm.lifetime.start.p0(ptr null) ret void }
    declare void @llvm.lifetime.start.p0(ptr))"});
  auto object = compiler.emit();
  ASSERT_FALSE(bool(object));
  std::string text = toString(object.takeError());
  EXPECT_TRUE(StringRef(text).contains("generated LLVM IR is not valid"))
      << text;
}

} // namespace
