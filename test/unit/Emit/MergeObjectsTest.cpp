//===- MergeObjectsTest.cpp - several objects into one --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/MergeObjects.h"
#include "ScaleModel.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"
#include "gtest/gtest.h"
#include <map>
#include <set>

using namespace llvm;
using namespace mlc;
using namespace mlc::test;

namespace {

std::unique_ptr<MemoryBuffer> objectOf(StringRef triple, StringRef text) {
  LLVMContext context;
  SMDiagnostic error;
  std::unique_ptr<Module> module = parseAssemblyString(text, error, context);
  EXPECT_TRUE(module) << error.getMessage().str();
  return module ? emit(*module, targetsFor(triple).back()) : nullptr;
}

constexpr const char *calledText = R"(
  @numbers = internal constant [2 x i32] [i32 3, i32 4]
  define hidden ptr @called(i64 %i) {
    %p = getelementptr i32, ptr @numbers, i64 %i
    ret ptr %p
  })";
constexpr const char *callerText = R"(
  @entries = internal constant [1 x ptr] [ptr @called]
  declare hidden ptr @called(i64)
  declare void @outside(ptr)
  define void @caller() {
    call void @outside(ptr @entries)
    %p = call ptr @called(i64 1)
    call void @outside(ptr %p)
    ret void
  })";

constexpr const char *linker = LLVM_TOOLS_DIR "/ld.lld";

class MergeForTarget : public testing::TestWithParam<const char *> {};

/// Of each relocation: section of the place and name of the symbol, or of its
/// section.
std::multiset<std::string> relocationsOf(MemoryBufferRef bytes) {
  auto file = cantFail(object::ObjectFile::createELFObjectFile(bytes));
  std::multiset<std::string> result;
  for (const object::SectionRef &section : file->sections()) {
    auto relocated = cantFail(section.getRelocatedSection());
    if (relocated == file->section_end())
      continue;
    std::string place = cantFail(relocated->getName()).str();
    for (const object::RelocationRef &relocation : section.relocations()) {
      object::symbol_iterator symbol = relocation.getSymbol();
      std::string to = "-";
      if (symbol != file->symbol_end())
        to = cantFail(symbol->getName()).str();
      result.insert(place + " " + std::to_string(relocation.getOffset()) + " " +
                    std::to_string(relocation.getType()) + " " + to);
    }
  }
  return result;
}

TEST_P(MergeForTarget, RelocationsNameWhatTheyDidBefore) {
  auto called = objectOf(GetParam(), calledText);
  auto caller = objectOf(GetParam(), callerText);
  ASSERT_TRUE(called && caller);
  auto whole = mergeObjects({*called, *caller});
  ASSERT_TRUE(bool(whole)) << toString(whole.takeError());
  std::multiset<std::string> expected = relocationsOf(*called);
  expected.merge(relocationsOf(*caller));
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(relocationsOf(**whole), expected);
}

TEST_P(MergeForTarget, HiddenSymbolsAreLocal) {
  auto called = objectOf(GetParam(), calledText);
  auto caller = objectOf(GetParam(), callerText);
  ASSERT_TRUE(called && caller);
  auto whole = mergeObjects({*caller, *called});
  ASSERT_TRUE(bool(whole)) << toString(whole.takeError());
  auto file = cantFail(object::ObjectFile::createELFObjectFile(**whole));
  std::map<std::string, bool> isLocal;
  for (object::ELFSymbolRef symbol :
       cast<object::ELFObjectFileBase>(*file).symbols())
    isLocal[cantFail(symbol.getName()).str()] =
        symbol.getBinding() == ELF::STB_LOCAL;
  EXPECT_TRUE(isLocal.at("called"));
  EXPECT_TRUE(isLocal.at("numbers"));
  EXPECT_FALSE(isLocal.at("caller"));
  EXPECT_FALSE(isLocal.at("outside"));
}

/// What linkers make of it is what test/e2e runs; this is that they take it.
TEST_P(MergeForTarget, ALinkerTakesIt) {
  if (!sys::fs::exists(linker))
    GTEST_SKIP() << "no " << linker;
  auto called = objectOf(GetParam(), calledText);
  auto caller = objectOf(GetParam(), callerText);
  ASSERT_TRUE(called && caller);
  auto whole = mergeObjects({*called, *caller});
  ASSERT_TRUE(bool(whole)) << toString(whole.takeError());
  TemporaryFolder folder;
  std::string object = folder.write("whole.o", (*whole)->getBuffer());
  run(std::string(linker) + " -shared --fatal-warnings " + object + " -o " +
      folder.path("whole.so"));
}

INSTANTIATE_TEST_SUITE_P(MergeObjects, MergeForTarget,
                         testing::Values("x86_64-linux-gnu",
                                         "aarch64-linux-gnu",
                                         "arm-linux-gnueabihf",
                                         "riscv64-linux-gnu"));

TEST(MergeObjects, RefusesSymbolsThatTwoDefine) {
  auto one = objectOf("x86_64-linux-gnu", calledText);
  ASSERT_TRUE(one);
  auto whole = mergeObjects({*one, *one});
  ASSERT_FALSE(bool(whole));
  EXPECT_EQ(toString(whole.takeError()), "symbol 'called' is defined twice");
}

TEST(MergeObjects, RefusesOtherMachines) {
  auto one = objectOf("x86_64-linux-gnu", calledText);
  auto other = objectOf("aarch64-linux-gnu", callerText);
  ASSERT_TRUE(one && other);
  auto whole = mergeObjects({*one, *other});
  ASSERT_FALSE(bool(whole));
  EXPECT_EQ(toString(whole.takeError()),
            "objects of different machines cannot be merged");
}

} // namespace
