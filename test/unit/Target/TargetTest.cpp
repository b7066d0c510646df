//===- TargetTest.cpp - CPU descriptions ----------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Target/Target.h"
#include "Target/TargetTables.h"
#include "mlc/runtime.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;

namespace {

std::vector<TargetInfo> resolved(StringRef triple, StringRef cpus) {
  Expected<std::vector<TargetInfo>> targets = resolveTargets(triple, cpus);
  if (targets)
    return std::move(*targets);
  ADD_FAILURE() << toString(targets.takeError());
  return {};
}

std::string refusal(StringRef triple, StringRef cpus) {
  Expected<std::vector<TargetInfo>> targets = resolveTargets(triple, cpus);
  return targets ? "accepted" : toString(targets.takeError());
}

std::vector<std::string> names(const std::vector<TargetInfo> &targets) {
  std::vector<std::string> result;
  for (const TargetInfo &target : targets)
    result.push_back(target.name);
  return result;
}

bool has(const std::string &text, StringRef part) {
  return StringRef(text).contains(part);
}

TEST(Target, DefaultOfX86IsThreeVariantsBestFirstAndFiveForNarrowNumbers) {
  std::vector<TargetInfo> usual = resolved("x86_64-linux-gnu", "");
  EXPECT_EQ(names(usual),
            (std::vector<std::string>{
                "x86-64-v4+vnni+vbmi+amx", "x86-64-v4+bf16+amx",
                "x86-64-v4+vnni+vbmi", "x86-64-v4+fp16", "x86-64-v4+bf16",
                "x86-64-v4", "x86-64-v3", "x86-64-v2"}));
  for (const TargetInfo &target : usual) {
    EXPECT_EQ(target.isForBytes, has(target.name, "+vnni"));
    EXPECT_EQ(target.isForBf16, has(target.name, "+bf16"));
    EXPECT_EQ(target.isForF16, target.name == "x86-64-v4+fp16");
  }
  // Not where somebody asks for it.
  EXPECT_FALSE(
      resolved("x86_64-linux-gnu", "x86-64-v4+vnni").front().isForBytes);
  EXPECT_FALSE(
      resolved("x86_64-linux-gnu", "x86-64-v4+bf16").front().isForBf16);
  std::vector<std::string> expected{"x86-64-v4", "x86-64-v3", "x86-64-v2"};
  EXPECT_EQ(
      names(resolved("x86_64-linux-gnu", "x86-64-v3, x86-64-v2,x86-64-v4")),
      expected);
}

TEST(Target, DefaultHasMatricesWhereTheRuntimeAsksForThem) {
  for (const char *triple :
       {"x86_64-windows-msvc", "x86_64-apple-macos11", "x86_64-linux-android"})
    EXPECT_EQ(names(resolved(triple, "")),
              (std::vector<std::string>{"x86-64-v4+vnni+vbmi", "x86-64-v4+fp16",
                                        "x86-64-v4+bf16", "x86-64-v4",
                                        "x86-64-v3", "x86-64-v2"}))
        << triple;
  EXPECT_EQ(names(resolved("x86_64-windows-msvc", "x86-64-v4+amx")),
            (std::vector<std::string>{"x86-64-v4+amx"}));
}

TEST(Target, VectorsFollowTheInstructionSet) {
  struct {
    const char *triple, *cpu;
    unsigned bits, registers;
    bool fma;
    ByteUnit unit;
  } rows[] = {
      {"x86_64-linux-gnu", "x86-64-v2", 128, 16, false, ByteUnit::pmaddwd},
      {"x86_64-linux-gnu", "sandybridge", 256, 16, false, ByteUnit::widen},
      {"x86_64-linux-gnu", "x86-64-v3", 256, 16, true, ByteUnit::pmaddwd},
      {"x86_64-linux-gnu", "x86-64-v4", 512, 32, true, ByteUnit::pmaddwd},
      {"x86_64-linux-gnu", "x86-64-v4+vnni", 512, 32, true, ByteUnit::vpdpbusd},
      {"x86_64-linux-gnu", "znver4", 512, 32, true, ByteUnit::vpdpbusd},
      {"x86_64-linux-gnu", "alderlake", 256, 16, true, ByteUnit::vpdpbusd},
      {"x86_64-linux-gnu", "sierraforest", 256, 16, true, ByteUnit::vpdpbssd},
      {"x86_64-linux-gnu", "arrowlake", 256, 16, true, ByteUnit::vpdpbssd},
      {"x86_64-linux-gnu", "arrowlake-s", 256, 16, true, ByteUnit::vpdpbssd},
      {"x86_64-linux-gnu", "lunarlake", 256, 16, true, ByteUnit::vpdpbssd},
      {"x86_64-linux-gnu", "x86-64-v3+vnniint8", 256, 16, true,
       ByteUnit::vpdpbssd},
      {"x86_64-linux-gnu", "diamondrapids", 512, 32, true, ByteUnit::vpdpbssd},
      {"aarch64-linux-gnu", "generic", 128, 32, true, ByteUnit::smull},
      {"aarch64-linux-gnu", "cortex-a53", 128, 32, true, ByteUnit::smull},
      {"aarch64-linux-gnu", "cortex-a76", 128, 32, true, ByteUnit::sdot},
      {"aarch64-linux-gnu", "generic+dotprod", 128, 32, true, ByteUnit::sdot},
      {"aarch64-linux-gnu", "generic+i8mm", 128, 32, true, ByteUnit::usdot},
      {"arm-linux-gnueabihf", "", 128, 16, false, ByteUnit::smull},
      {"armv7-linux-gnueabihf", "cortex-a8", 128, 16, false, ByteUnit::smull},
      {"armv7-linux-gnueabihf", "cortex-a7", 128, 16, true, ByteUnit::smull},
      {"riscv64-linux-gnu", "", 32, 32, true, ByteUnit::widen},
      {"riscv64-linux-gnu", "generic+v", 128, 32, true, ByteUnit::widen},
  };
  for (const auto &row : rows) {
    std::vector<TargetInfo> targets = resolved(row.triple, row.cpu);
    ASSERT_EQ(targets.size(), 1u) << row.cpu;
    EXPECT_EQ(targets[0].vectorBits, row.bits) << row.cpu;
    EXPECT_EQ(targets[0].vectorRegisters, row.registers) << row.cpu;
    EXPECT_EQ(targets[0].fma, row.fma) << row.cpu;
    EXPECT_EQ(targets[0].byteUnit, row.unit) << row.cpu;
  }
}

TEST(Target, UnitsAreAsWideAsVectorsOrNarrower) {
  struct {
    const char *cpu;
    unsigned bits;
  } rows[] = {{"x86-64-v4", 512},   {"znver4", 256}, {"znver5", 512},
              {"znver1", 128},      {"znver2", 256}, {"sandybridge", 256},
              {"sierraforest", 128}};
  for (const auto &row : rows)
    EXPECT_EQ(resolved("x86_64-linux-gnu", row.cpu)[0].unitBits, row.bits)
        << row.cpu;
}

TEST(Target, RuntimeFeaturesOfALevelAreTheLevels) {
  std::vector<TargetInfo> targets =
      resolved("x86_64-linux-gnu", "x86-64-v4,x86-64-v3,x86-64-v2");
  EXPECT_EQ(targets[0].runtimeFeatures, MLC_X86_64_V4);
  EXPECT_EQ(targets[1].runtimeFeatures, MLC_X86_64_V3);
  EXPECT_EQ(targets[2].runtimeFeatures, MLC_X86_64_V2);
  EXPECT_EQ(resolved("aarch64-linux-gnu", "generic")[0].runtimeFeatures,
            MLC_CPU_AARCH64_NEON);
  uint64_t a76 = resolved("aarch64-linux-gnu", "cortex-a76")[0].runtimeFeatures;
  EXPECT_TRUE(a76 & MLC_CPU_AARCH64_DOTPROD);
  EXPECT_FALSE(a76 & MLC_CPU_AARCH64_I8MM);
  EXPECT_EQ(resolved("riscv64-linux-gnu", "")[0].runtimeFeatures, 0u);
  EXPECT_EQ(resolved("arm-linux-gnueabihf", "")[0].runtimeFeatures,
            MLC_CPU_ARM_NEON);
}

TEST(Target, EveryRowOfTheCpuTableResolves) {
  for (const tables::ArchRow &arch : tables::archs())
    for (const tables::CpuRow &cpu : tables::cpus())
      if (cpu.arch == arch.arch)
        EXPECT_EQ(refusal(arch.exampleTriple, cpu.name), "accepted");
}

TEST(Target, UnknownCpuNamesTheNearest) {
  std::string text = refusal("aarch64-linux-gnu", "cortex-a67");
  EXPECT_TRUE(has(text, "unknown cpu 'cortex-a67': did you mean")) << text;
  EXPECT_TRUE(has(text, "'cortex-a57'")) << text;
  EXPECT_TRUE(has(text, "known: native, generic, cortex-a53")) << text;
  text = refusal("x86_64-linux-gnu", "x86-64-v5");
  EXPECT_TRUE(has(text, "'x86-64-v2'")) << text;
  text = refusal("x86_64-linux-gnu", "quux-zzz-9000");
  EXPECT_TRUE(has(text, "unknown cpu 'quux-zzz-9000'; known:")) << text;
}

TEST(Target, KnowsSystemsOfEachFormat) {
  auto formatOf = [](StringRef triple) {
    auto targets = cantFail(resolveTargets(triple, ""));
    EXPECT_EQ(toString(targets.back().validate()), "") << triple.str();
    return targets.back().triple.getObjectFormat();
  };
  for (const char *triple :
       {"x86_64-apple-macos11", "arm64-apple-macos11", "arm64-apple-ios13",
        "arm64-apple-ios13-simulator", "x86_64-apple-ios13-simulator",
        "aarch64-apple-darwin"})
    EXPECT_EQ(formatOf(triple), Triple::MachO) << triple;
  for (const char *triple : {"x86_64-windows-msvc", "x86_64-w64-windows-gnu",
                             "aarch64-windows-msvc"})
    EXPECT_EQ(formatOf(triple), Triple::COFF) << triple;
  for (const char *triple :
       {"armv7-linux-androideabi", "aarch64-linux-android21"})
    EXPECT_EQ(formatOf(triple), Triple::ELF) << triple;
  for (const char *triple : {"wasm32", "wasm32-wasi", "wasm32-unknown-unknown"})
    EXPECT_EQ(formatOf(triple), Triple::Wasm) << triple;
}

TEST(Target, RefusesWhatItCannotCompileFor) {
  EXPECT_TRUE(has(refusal("sparc-linux-gnu", ""), "unknown target"));
  EXPECT_TRUE(has(refusal("aarch46-linux-gnu", ""),
                  "did you mean 'aarch64-linux-gnu'?"));
  EXPECT_TRUE(has(refusal("arm64-apple-watchos", ""),
                  "a system that mlc has no runtime for; known for arm64: "
                  "aarch64-linux-gnu, aarch64-linux-android, "
                  "aarch64-windows-msvc"));
  EXPECT_TRUE(has(refusal("armv7-linux-gnueabi", ""), "soft float ABI"));
  EXPECT_TRUE(has(refusal("x86_64-linux-gnu", "pentium3"), "lacks '64bit'"));
  EXPECT_TRUE(has(refusal("aarch64-linux-gnu", "native"), "the host's"));
  EXPECT_TRUE(has(refusal("x86_64-linux-gnu", "x86-64-v4+vni"),
                  "did you mean 'vnni'?"));
  EXPECT_TRUE(
      has(refusal("x86_64-linux-gnu", "x86-64-v3,x86-64-v3"), "listed twice"));
  EXPECT_TRUE(has(refusal("x86_64-linux-gnu", "x86-64-v3,"), "unknown cpu ''"));
}

TEST(Target, ValidateFindsWrongDescriptions) {
  TargetInfo good = resolved("x86_64-linux-gnu", "x86-64-v3").front();
  EXPECT_EQ(toString(good.validate()), "");
  TargetInfo bad = good;
  bad.vectorBits = 100;
  EXPECT_TRUE(
      has(toString(bad.validate()),
          "vectors of 100 bits, required is a power of two from 32 to 2048"));
  bad = good;
  bad.unitBits = 512;
  EXPECT_TRUE(
      has(toString(bad.validate()),
          "vector units of 512 bits, required is a power of two from 32 to the "
          "256 of a vector"));
  bad = good;
  bad.gemmTiles = {{8, 2}};
  EXPECT_TRUE(has(toString(bad.validate()),
                  "tile takes 19 registers, at most 16 are there"));
  bad = good;
  bad.gemmTiles.clear();
  EXPECT_TRUE(has(toString(bad.validate()),
                  "no register tile, at least one is required"));
  bad = good;
  bad.l2 = bad.l1d / 2;
  EXPECT_TRUE(
      has(toString(bad.validate()),
          "required are at least 1024 and an L2 no smaller than the L1"));
}

TEST(Target, HostMatchesLlvm) {
  Expected<TargetInfo> host = hostTarget();
  ASSERT_TRUE(bool(host)) << toString(host.takeError());
  EXPECT_EQ(host->name, "native");
  EXPECT_GE(host->vectorBits, 32u);
  EXPECT_EQ(host->lanes(32), host->vectorBits / 32);
  EXPECT_FALSE(bool(host->validate()));
}

/// A model for this machine must run on it: what the kernel does not grant is
/// not there.
TEST(Target, HostHasAmxWhereItIsGranted) {
#ifdef __x86_64__
  Expected<TargetInfo> host = hostTarget();
  ASSERT_TRUE(bool(host)) << toString(host.takeError());
  uint64_t granted = mlc_cpu_features() | mlc_cpu_features_amx();
  EXPECT_EQ(host->runtimeFeatures & ~granted, 0u);
  EXPECT_EQ(host->matrixBytes, (granted & MLC_CPU_X86_AMX_INT8) != 0);
  EXPECT_EQ(host->matrixBf16, (granted & MLC_CPU_X86_AMX_BF16) != 0);
#endif
}

TEST(Target, MatrixUnitsAreOfTheirElements) {
  TargetInfo both = resolved("x86_64-linux-gnu", "sapphirerapids").front();
  EXPECT_TRUE(both.matrixBytes && both.matrixBf16 && both.dotBf16);
  // Its vectors multiply bf16 more slowly than f32.
  EXPECT_FALSE(both.dotsBf16());
  TargetInfo other = resolved("x86_64-linux-gnu", "znver4").front();
  EXPECT_FALSE(other.matrixBytes || other.matrixBf16);
  EXPECT_TRUE(other.dotsBf16());
  TargetInfo asked = resolved("x86_64-linux-gnu", "x86-64-v4+amx").front();
  EXPECT_TRUE(asked.matrixBytes && asked.matrixBf16);
  EXPECT_NE(asked.runtimeFeatures & MLC_CPU_X86_AMX_TILE, 0u);
}

TEST(Target, AttributesCarryCpuAndWidth) {
  LLVMContext context;
  Module module("m", context);
  Function *function =
      Function::Create(FunctionType::get(Type::getVoidTy(context), false),
                       GlobalValue::InternalLinkage, "f", module);
  setTargetAttributes(*function,
                      resolved("x86_64-linux-gnu", "x86-64-v4+vnni").front());
  EXPECT_EQ(function->getFnAttribute("target-cpu").getValueAsString(),
            "x86-64-v4");
  EXPECT_EQ(function->getFnAttribute("target-features").getValueAsString(),
            "+avx512vnni");
  EXPECT_EQ(function->getFnAttribute("prefer-vector-width").getValueAsString(),
            "512");
}

TEST(Target, PrintsEveryRow) {
  std::string text;
  raw_string_ostream os(text);
  printTargets(os);
  for (const tables::CpuRow &cpu : tables::cpus())
    EXPECT_TRUE(has(text, cpu.name)) << cpu.name;
  for (const tables::ArchRow &arch : tables::archs())
    EXPECT_TRUE(has(text, arch.exampleTriple)) << arch.exampleTriple;
}

} // namespace
