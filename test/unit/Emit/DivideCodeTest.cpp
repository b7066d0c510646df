//===- DivideCodeTest.cpp - a module in parts of bounded size -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/DivideCode.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;

namespace {

/// Kernels of 4, 3 and 2 instructions, and who calls them.
constexpr const char *model = R"(
  target triple = "x86_64-unknown-linux-gnu"
  @table = internal constant [1 x ptr] [ptr @main]
  define internal void @k0(ptr %x, i64 %part) noinline {
    %y = add i64 %part, 7
    %z = mul i64 %y, 3
    store i64 %z, ptr %x
    ret void
  }
  define internal void @k1(ptr %x, i64 %n) noinline {
    %y = add i64 %n, 1
    store i64 %y, ptr %x
    ret void
  }
  define internal void @k2(ptr %x) noinline {
    store i64 0, ptr %x
    ret void
  }
  define ptr @model() {
    ret ptr @table
  }
  define internal void @main(ptr %x, i64 %n) {
    call void @k0(ptr %x, i64 5)
    call void @k1(ptr %x, i64 %n)
    call void @k2(ptr %x)
    ret void
  }
)";

class DivideCode : public testing::Test {
protected:
  void divide(StringRef text, size_t most) {
    SMDiagnostic error;
    std::unique_ptr<Module> module = parseAssemblyString(text, error, context);
    ASSERT_TRUE(module) << error.getMessage().str();
    for (const CodePart &part : divideCode(*module, most)) {
      parts.push_back(cantFail(
          parseBitcodeFile(MemoryBufferRef(part.bitcode, "part"), context)));
      EXPECT_FALSE(verifyModule(*parts.back(), &errs()));
      size_t defined = 0;
      names.emplace_back();
      for (const Function &function : *parts.back())
        if (!function.isDeclaration()) {
          names.back().push_back(function.getName().str());
          ++defined;
        }
      EXPECT_EQ(part.functions, defined);
    }
  }

  using Names = std::vector<std::vector<std::string>>;

  LLVMContext context;
  std::vector<std::unique_ptr<Module>> parts;
  Names names;
};

TEST_F(DivideCode, BySizeInTheirOrder) {
  divide(model, 5);
  // k0 has the value of its argument and two instructions by then; what refers
  // to the table goes last.
  EXPECT_EQ(names, (Names{{"k0", "k1"}, {"k2"}, {"model", "main"}}));
}

TEST_F(DivideCode, OneThatIsLargerIsAlone) {
  divide(model, 1);
  EXPECT_EQ(names, (Names{{"k0"}, {"k1"}, {"k2"}, {"model", "main"}}));
}

TEST_F(DivideCode, AllThatFitsIsOnePart) {
  divide(model, 100);
  EXPECT_EQ(names, (Names{{"k0", "k1", "k2", "model", "main"}}));
  EXPECT_TRUE(parts[0]->getFunction("k0")->hasInternalLinkage());
}

TEST_F(DivideCode, ConstantArgumentsArePropagated) {
  divide(model, 1);
  Function *k0 = parts[0]->getFunction("k0");
  EXPECT_EQ(k0->arg_size(), 1u);
  auto &store = cast<StoreInst>(k0->getEntryBlock().front());
  EXPECT_EQ(cast<ConstantInt>(store.getValueOperand())->getSExtValue(), 36);
  EXPECT_EQ(parts[1]->getFunction("k1")->arg_size(), 2u);
}

TEST_F(DivideCode, WhatAnotherPartCallsIsHidden) {
  divide(model, 1);
  Function *k0 = parts[0]->getFunction("k0");
  EXPECT_TRUE(k0->hasExternalLinkage());
  EXPECT_TRUE(k0->hasHiddenVisibility());
  Function *declared = parts[3]->getFunction("k0");
  ASSERT_TRUE(declared);
  EXPECT_TRUE(declared->isDeclaration());
  EXPECT_TRUE(declared->hasHiddenVisibility());
  EXPECT_TRUE(parts[3]->getFunction("main")->hasInternalLinkage());
  EXPECT_FALSE(parts[3]->getFunction("model")->hasHiddenVisibility());
}

TEST_F(DivideCode, PartsDeclareWhatTheyUse) {
  divide(model, 1);
  EXPECT_EQ(parts[0]->size(), 1u);
  EXPECT_TRUE(parts[0]->global_empty());
  EXPECT_TRUE(parts[3]->getNamedGlobal("table")->hasInitializer());
}

TEST_F(DivideCode, OtherFormatsAreOnePart) {
  std::string text = model;
  text.replace(text.find("linux-gnu"), 9, "windows");
  divide(text, 1);
  EXPECT_EQ(names.size(), 1u);
  EXPECT_TRUE(parts[0]->getFunction("k0")->hasInternalLinkage());
}

} // namespace
