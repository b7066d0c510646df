//===- ObjectsTest.cpp - The objects that every archive gets --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeObjects/RuntimeObjects.h"

#include "llvm/Object/ELFObjectFile.h"
#include "llvm/TargetParser/Triple.h"
#include "gtest/gtest.h"

#include <set>
#include <string>

using llvm::StringRef;
using llvm::Triple;
using namespace llvm::object;

static std::unique_ptr<ObjectFile> open(StringRef triple) {
  llvm::ArrayRef<char> bytes = mlc::runtimeObject(Triple(triple));
  StringRef buffer(bytes.data(), bytes.size());
  auto file = ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(buffer, "mlc_runtime.o"));
  if (!file) {
    ADD_FAILURE() << triple.str() << ": " << llvm::toString(file.takeError());
    return nullptr;
  }
  return std::move(*file);
}

namespace {
class Objects : public testing::TestWithParam<const char *> {};
class ElfObjects : public Objects {};
} // namespace

TEST_P(Objects, AreOfTheirTarget) {
  std::unique_ptr<ObjectFile> file = open(GetParam());
  ASSERT_NE(file, nullptr);
  EXPECT_TRUE(file->isRelocatableObject());
  Triple wanted(GetParam());
  EXPECT_EQ(file->isELF(), wanted.isOSBinFormatELF());
  EXPECT_EQ(file->isCOFF(), wanted.isOSBinFormatCOFF());
  EXPECT_EQ(file->isMachO(), wanted.isOSBinFormatMachO());
  EXPECT_EQ(file->isWasm(), wanted.isOSBinFormatWasm());
  // An ARM object says nothing of Thumb in its header.
  if (wanted.isThumb() || wanted.isARM())
    EXPECT_TRUE(file->getArch() == Triple::arm ||
                file->getArch() == Triple::thumb);
  else
    EXPECT_EQ(file->getArch(), wanted.getArch());
}

// What "freestanding" means to a linker. Weak definitions let a program link
// whole archives of two models.
TEST_P(Objects, NeedNothingAndDefineWeakFunctions) {
  std::unique_ptr<ObjectFile> file = open(GetParam());
  ASSERT_NE(file, nullptr);
  Triple triple(GetParam());
  std::set<StringRef> allowed = {"memcpy", "memmove", "memset"};
  if (triple.isAArch64() && triple.isOSDarwin())
    allowed.insert("sysctlbyname");
  if (triple.isAArch64() && triple.isOSWindows())
    allowed.insert("__imp_IsProcessorFeaturePresent");
  if (triple.isWasm())
    allowed.insert({"__stack_pointer", "__indirect_function_table"});
  std::set<StringRef> defined;
  for (const SymbolRef &symbol : file->symbols()) {
    StringRef name = llvm::cantFail(symbol.getName());
    if (file->isMachO())
      name.consume_front("_");
    uint32_t flags = llvm::cantFail(symbol.getFlags());
    if (flags & SymbolRef::SF_FormatSpecific)
      continue;
    if (flags & SymbolRef::SF_Undefined) {
      EXPECT_TRUE(allowed.count(name)) << "undefined: " << name.str();
    } else if (flags & SymbolRef::SF_Global) {
      EXPECT_EQ(bool(flags & SymbolRef::SF_Weak), !triple.isOSWindows())
          << name.str();
      EXPECT_TRUE(name.starts_with("mlc_")) << name.str();
      defined.insert(name);
    }
  }
  std::set<StringRef> api = {"mlc_cpu_features",
                             "mlc_crc32",
                             "mlc_model_arena_size",
                             "mlc_model_init",
                             "mlc_model_init_with_features",
                             "mlc_model_run",
                             "mlc_model_set_executor",
                             "mlc_model_variant_name",
                             "mlc_model_verify_weights",
                             "mlc_parallel_for",
                             "mlc_status_string"};
  if (triple.isX86())
    api.insert("mlc_cpu_features_amx");
  EXPECT_EQ(defined, api);
}

TEST_P(ElfObjects, HaveNoMutableData) {
  std::unique_ptr<ObjectFile> file = open(GetParam());
  ASSERT_NE(file, nullptr);
  for (const SectionRef &section : file->sections()) {
    StringRef name = llvm::cantFail(section.getName());
    ELFSectionRef elf(section);
    bool relocatedConstants = name.starts_with(".data.rel.ro");
    if ((elf.getFlags() & llvm::ELF::SHF_WRITE) && !relocatedConstants)
      EXPECT_EQ(section.getSize(), 0u) << name.str();
  }
}

// Whatever a debugger or a build machine might have left.
TEST_P(Objects, CarryNoPathsAndNoCompilerVersion) {
  llvm::ArrayRef<char> object = mlc::runtimeObject(Triple(GetParam()));
  StringRef bytes(object.data(), object.size());
  EXPECT_FALSE(bytes.contains("clang"));
  EXPECT_FALSE(bytes.contains("/runtime"));
}

static std::string nameOf(const testing::TestParamInfo<const char *> &info) {
  std::string name = info.param;
  for (char &c : name)
    c = isalnum(c) ? c : '_';
  return name;
}

static const auto elfTriples = testing::Values(
    "x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-gnu", "aarch64-linux-android", "aarch64-none-elf",
    "armv7-unknown-linux-gnueabihf", "thumbv7-linux-gnueabihf",
    "armv7a-linux-androideabi", "armv8a-linux-musleabihf",
    "riscv64-unknown-linux-gnu", "thumbv6m-none-eabi",
    "thumbv8m.base-none-eabi", "thumbv7m-none-eabi", "thumbv7em-none-eabi",
    "thumbv7em-none-eabihf", "thumbv8m.main-none-eabihf",
    "thumbv8.1m.main-none-eabihf");

INSTANTIATE_TEST_SUITE_P(Targets, Objects, elfTriples, nameOf);
INSTANTIATE_TEST_SUITE_P(Targets, ElfObjects, elfTriples, nameOf);
INSTANTIATE_TEST_SUITE_P(
    OtherFormats, Objects,
    testing::Values("x86_64-pc-windows-msvc", "x86_64-w64-windows-gnu",
                    "aarch64-pc-windows-msvc", "x86_64-apple-macos11",
                    "arm64-apple-macos14", "arm64-apple-ios13",
                    "arm64-apple-ios13-simulator",
                    "x86_64-apple-ios13-simulator", "wasm32-unknown-unknown",
                    "wasm32-wasi"),
    nameOf);

TEST(RuntimeObject, DifferByFloatAbi) {
  auto bytes = [](StringRef triple) {
    return mlc::runtimeObject(Triple(triple));
  };
  EXPECT_NE(bytes("thumbv7em-none-eabi"), bytes("thumbv7em-none-eabihf"));
  EXPECT_NE(bytes("armv7-linux-gnueabi"), bytes("armv7-linux-gnueabihf"));
  EXPECT_NE(bytes("thumbv6m-none-eabi"), bytes("thumbv7m-none-eabi"));
}

TEST(RuntimeObject, AreEmptyForOtherTargets) {
  for (const char *triple :
       {"arm64-apple-watchos", "x86_64-unknown-uefi",
        "x86_64-unknown-linux-gnux32", "wasm64-unknown-unknown",
        "aarch64_be-linux-gnu", "armv6-linux-gnueabihf",
        "armebv7-linux-gnueabihf", "riscv32-none-elf", "powerpc64le-linux-gnu"})
    EXPECT_TRUE(mlc::runtimeObject(Triple(triple)).empty()) << triple;
}

TEST(HalfObject, IsThereWhereTheCpuHasNoHalf) {
  for (const char *triple :
       {"x86_64-linux-gnu", "riscv64-linux-gnu", "armv7-linux-gnueabihf",
        "armv7a-linux-androideabi", "x86_64-apple-macos11",
        "x86_64-pc-windows-msvc", "wasm32-unknown-unknown"})
    EXPECT_FALSE(mlc::halfObject(Triple(triple)).empty()) << triple;
  for (const char *triple :
       {"aarch64-linux-gnu", "thumbv7em-none-eabi", "arm64-apple-macos11"})
    EXPECT_TRUE(mlc::halfObject(Triple(triple)).empty()) << triple;
}

TEST(Texts, AreTheFiles) {
  EXPECT_TRUE(mlc::runtimeHeader().contains("#define MLC_RUNTIME_H"));
  EXPECT_TRUE(mlc::runtimeHeader().ends_with("#endif /* MLC_RUNTIME_H */\n"));
  EXPECT_TRUE(mlc::runtimeSource().contains("#include \"mlc/runtime.h\""));
  EXPECT_TRUE(mlc::runtimeSource().ends_with("#endif\n"));
}
