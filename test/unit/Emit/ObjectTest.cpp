//===- ObjectTest.cpp - code for several CPUs in one object ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Object.h"
#include "Emit/StackUse.h"
#include "ScaleModel.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <map>

using namespace llvm;
using namespace mlc;
using namespace mlc::test;

namespace {

std::unique_ptr<object::ObjectFile> parse(MemoryBufferRef bytes) {
  auto file = object::ObjectFile::createELFObjectFile(bytes);
  if (file)
    return std::move(*file);
  ADD_FAILURE() << toString(file.takeError());
  return nullptr;
}

std::vector<std::string> definedGlobals(const object::ObjectFile &file) {
  std::vector<std::string> names;
  for (const object::SymbolRef &symbol : file.symbols()) {
    uint32_t flags = cantFail(symbol.getFlags());
    if ((flags & object::SymbolRef::SF_Global) &&
        !(flags & object::SymbolRef::SF_Undefined))
      names.push_back(cantFail(symbol.getName()).str());
  }
  llvm::sort(names);
  return names;
}

struct TripleRow {
  const char *triple;
  Triple::ArchType arch;
};

void PrintTo(const TripleRow &row, std::ostream *os) { *os << row.triple; }

class EveryTarget : public testing::TestWithParam<TripleRow> {};

TEST_P(EveryTarget, OnlyThePublicFunctionsAreGlobal) {
  ScaleModel model = makeScale(GetParam().triple);
  std::unique_ptr<MemoryBuffer> bytes = compile(model);
  ASSERT_TRUE(bytes);
  std::unique_ptr<object::ObjectFile> file = parse(*bytes);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->getArch(), GetParam().arch);
  std::vector<std::string> expected{"scale_init", "scale_model", "scale_run"};
  EXPECT_EQ(definedGlobals(*file), expected);
}

TEST_P(EveryTarget, SectionsAreReadOnlyAndWithoutUnwindTables) {
  ScaleModel model = makeScale(GetParam().triple);
  std::unique_ptr<MemoryBuffer> bytes = compile(model);
  ASSERT_TRUE(bytes);
  std::unique_ptr<object::ObjectFile> file = parse(*bytes);
  ASSERT_TRUE(file);
  for (const object::SectionRef &section : file->sections()) {
    StringRef name = cantFail(section.getName());
    EXPECT_NE(name, ".eh_frame");
    EXPECT_NE(name, ".comment");
    EXPECT_FALSE((name == ".data" || name == ".bss") && section.getSize())
        << name.str();
  }
}

TEST_P(EveryTarget, LoadedAreCodeAndConstants) {
  ScaleModel model = makeScale(GetParam().triple);
  std::unique_ptr<MemoryBuffer> bytes = compile(model);
  ASSERT_TRUE(bytes);
  std::unique_ptr<object::ObjectFile> file = parse(*bytes);
  ASSERT_TRUE(file);
  uint64_t sum = 0;
  for (const object::SectionRef &section : file->sections()) {
    StringRef name = cantFail(section.getName());
    if (name.starts_with(".text") || name.starts_with(".rodata") ||
        name.starts_with(".data") || name.starts_with(".ARM.exidx"))
      sum += section.getSize();
  }
  EXPECT_EQ(cantFail(loadedBytes(*bytes)), sum);
  EXPECT_LT(sum, bytes->getBufferSize());
}

TEST_P(EveryTarget, SameInputGivesSameBytes) {
  ScaleModel first = makeScale(GetParam().triple);
  ScaleModel second = makeScale(GetParam().triple);
  std::unique_ptr<MemoryBuffer> a = compile(first), b = compile(second);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->getBuffer(), b->getBuffer());
}

TEST_P(EveryTarget, StackIsKnown) {
  ScaleModel model = makeScale(GetParam().triple);
  ASSERT_EQ(toString(optimize(*model.module, model.targets.back())), "");
  CallGraph calls = callGraph(*model.module);
  EXPECT_TRUE(calls["scale_run"].count("body0"));
  FrameSizes frames;
  ASSERT_TRUE(emit(*model.module, model.targets.back(), &frames));
  Expected<uint64_t> bytes = stackUse(frames, calls, "scale_run");
  ASSERT_TRUE(bool(bytes)) << toString(bytes.takeError());
  EXPECT_GE(*bytes, kForeignStack);
  EXPECT_LT(*bytes, kForeignStack + 1024);
}

INSTANTIATE_TEST_SUITE_P(
    Emit, EveryTarget,
    testing::Values(TripleRow{"x86_64-linux-gnu", Triple::x86_64},
                    TripleRow{"aarch64-linux-gnu", Triple::aarch64},
                    TripleRow{"arm-linux-gnueabihf", Triple::arm},
                    TripleRow{"riscv64-linux-gnu", Triple::riscv64}));

class OtherFormats : public testing::TestWithParam<const char *> {};

TEST_P(OtherFormats, AreKnown) {
  ScaleModel model = makeScale(GetParam());
  TargetInfo target = model.targets.back();
  ASSERT_EQ(toString(optimize(*model.module, target)), "");
  CallGraph calls = callGraph(*model.module);
  FrameSizes frames;
  std::unique_ptr<MemoryBuffer> bytes = emit(*model.module, target, &frames);
  ASSERT_TRUE(bytes);
  auto object = cantFail(object::ObjectFile::createObjectFile(*bytes));
  EXPECT_EQ(object->isCOFF(), target.triple.isOSBinFormatCOFF());
  EXPECT_EQ(object->isMachO(), target.triple.isOSBinFormatMachO());
  EXPECT_EQ(object->isWasm(), target.triple.isOSBinFormatWasm());
  Expected<uint64_t> stack = stackUse(frames, calls, "scale_run");
  ASSERT_TRUE(bool(stack)) << toString(stack.takeError());
  EXPECT_LT(*stack, kForeignStack + 1024);
  // The code, and 1024 bytes of weights.
  uint64_t loaded = cantFail(loadedBytes(*bytes));
  EXPECT_GT(loaded, 1024u);
  EXPECT_LT(loaded, 16u << 10);
}

INSTANTIATE_TEST_SUITE_P(Emit, OtherFormats,
                         testing::Values("x86_64-windows-msvc",
                                         "aarch64-windows-msvc",
                                         "x86_64-apple-macos11",
                                         "arm64-apple-ios13",
                                         "wasm32-unknown-unknown"));

TEST(Object, EachVariantHasItsOwnVectors) {
  ScaleModel model = makeScale("x86_64-linux-gnu");
  std::unique_ptr<MemoryBuffer> bytes = compile(model);
  ASSERT_TRUE(bytes);
  TemporaryFolder folder;
  std::string object = folder.write("scale.o", bytes->getBuffer());
  auto code = [&](StringRef body) {
    return run(LLVM_TOOLS_DIR "/llvm-objdump -d --no-show-raw-insn "
                              "--disassemble-symbols=" +
               body.str() + " " + object);
  };
  auto codeFor = [&](StringRef cpu) {
    size_t at = 0;
    while (model.targets[at].name != cpu)
      ++at;
    return code("body" + std::to_string(at));
  };
  std::string v4 = codeFor("x86-64-v4"), v3 = codeFor("x86-64-v3"),
              v2 = codeFor("x86-64-v2");
  EXPECT_TRUE(StringRef(v4).contains("%zmm")) << v4;
  EXPECT_TRUE(StringRef(v3).contains("%ymm")) << v3;
  EXPECT_FALSE(StringRef(v3).contains("%zmm")) << v3;
  EXPECT_TRUE(StringRef(v2).contains("mulps")) << v2;
  EXPECT_FALSE(StringRef(v2).contains("vmulps")) << v2;
}

TEST(Object, NamesNoPath) {
  ScaleModel model = makeScale("x86_64-linux-gnu");
  model.module->setSourceFileName("/some/where/secret.mlir");
  ASSERT_EQ(toString(optimize(*model.module, model.targets.back())), "");
  SmallVector<char> bytes;
  raw_svector_ostream os(bytes);
  ASSERT_EQ(toString(emitObject(*model.module, model.targets.back(), os)), "");
  EXPECT_FALSE(StringRef(bytes.data(), bytes.size()).contains("/some/where"));
}

// A program that links us may use LLVM itself, with options of its own.
TEST(Object, ChangesNoOptionOfLLVMs) {
  auto valueOf = [](StringRef name) {
    auto *option =
        static_cast<cl::opt<bool> *>(cl::getRegisteredOptions().lookup(name));
    return option->getValue();
  };
  auto occurrences = [] {
    std::map<std::string, int> counts;
    for (auto &[name, option] : cl::getRegisteredOptions())
      counts[name.str()] = option->getNumOccurrences();
    return counts;
  };
  std::map<std::string, int> before = occurrences();
  bool lsr = valueOf("disable-lsr");
  for (const char *triple : {"x86_64-linux-gnu", "arm-linux-gnueabihf"}) {
    ScaleModel model = makeScale(triple);
    ASSERT_TRUE(compile(model));
    EXPECT_EQ(valueOf("disable-lsr"), lsr);
    EXPECT_EQ(occurrences(), before) << triple;
  }
}

std::unique_ptr<Module> module(LLVMContext &context, StringRef text) {
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> result =
      parseAssemblyString(text, diagnostic, context);
  EXPECT_TRUE(result) << diagnostic.getMessage().str();
  return result;
}

Expected<uint64_t> stackOf(StringRef text) {
  LLVMContext context;
  std::unique_ptr<Module> input = module(context, text);
  TargetInfo target = targetsFor("x86_64-linux-gnu", "x86-64-v2").front();
  CallGraph calls = callGraph(*input);
  FrameSizes frames;
  if (!emit(*input, target, &frames))
    return createStringError("no object");
  return stackUse(frames, calls, "root");
}

TEST(StackUse, AddsUpTheDeepestChain) {
  Expected<uint64_t> bytes = stackOf(R"(
    declare void @use(ptr)
    define internal void @small() {
      %a = alloca [64 x i8]
      call void @use(ptr %a)
      ret void
    }
    define internal void @large() {
      %a = alloca [10000 x i8]
      call void @use(ptr %a)
      ret void
    }
    define void @root() {
      call void @small()
      call void @large()
      ret void
    })");
  ASSERT_TRUE(bool(bytes)) << toString(bytes.takeError());
  EXPECT_GE(*bytes, kForeignStack + 10000);
  EXPECT_LT(*bytes, kForeignStack + 10100);
}

TEST(StackUse, RecursionIsAnError) {
  Expected<uint64_t> bytes = stackOf(R"(
    define void @root() {
      call void @other()
      ret void
    }
    define void @other() {
      call void @root()
      ret void
    })");
  ASSERT_FALSE(bool(bytes));
  EXPECT_EQ(toString(bytes.takeError()), "'root' calls itself");
}

TEST(StackUse, DynamicFramesAreAnError) {
  Expected<uint64_t> bytes = stackOf(R"(
    declare void @use(ptr)
    define void @root(i64 %n) {
      %a = alloca i8, i64 %n
      call void @use(ptr %a)
      ret void
    })");
  ASSERT_FALSE(bool(bytes));
  EXPECT_EQ(toString(bytes.takeError()),
            "the stack frame of 'root' has no fixed size");
}

TEST(Optimize, RefusesBrokenModules) {
  LLVMContext context;
  Module broken("broken", context);
  auto *type = FunctionType::get(Type::getVoidTy(context), false);
  auto *function =
      Function::Create(type, GlobalValue::ExternalLinkage, "f", broken);
  BasicBlock::Create(context, "", function);
  Error error = optimize(broken, targetsFor("x86_64-linux-gnu").back());
  EXPECT_TRUE(StringRef(toString(std::move(error)))
                  .contains("generated LLVM IR is not valid"));
}

} // namespace
