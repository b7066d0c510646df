//===- CpuFeaturesTest.cpp - What the CPU can do, from two sources --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeObjects/CpuFeatures.h"
#include "mlc/cpu_linux.h"
#include "mlc/runtime.h"

#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "gtest/gtest.h"

#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>

using llvm::StringRef;
using llvm::Triple;

/// The words of the first line of /proc/cpuinfo that starts with `key`.
static std::set<std::string> cpuinfo(StringRef key) {
  std::ifstream file("/proc/cpuinfo");
  std::string line, word;
  std::set<std::string> words;
  while (std::getline(file, line)) {
    if (!StringRef(line).starts_with(key))
      continue;
    std::istringstream stream(line.substr(line.find(':') + 1));
    while (stream >> word)
      words.insert(word);
    break;
  }
  return words;
}

#ifdef __x86_64__

// The kernel's names; it hides what it does not save the registers of, too.
static const std::map<std::string, uint64_t> kernelNames = {
    {"sse2", MLC_CPU_X86_SSE2},
    {"pni", MLC_CPU_X86_SSE3},
    {"ssse3", MLC_CPU_X86_SSSE3},
    {"sse4_1", MLC_CPU_X86_SSE4_1},
    {"sse4_2", MLC_CPU_X86_SSE4_2},
    {"popcnt", MLC_CPU_X86_POPCNT},
    {"cx16", MLC_CPU_X86_CX16},
    {"lahf_lm", MLC_CPU_X86_LAHF},
    {"avx", MLC_CPU_X86_AVX},
    {"f16c", MLC_CPU_X86_F16C},
    {"fma", MLC_CPU_X86_FMA},
    {"avx2", MLC_CPU_X86_AVX2},
    {"bmi1", MLC_CPU_X86_BMI1},
    {"bmi2", MLC_CPU_X86_BMI2},
    {"abm", MLC_CPU_X86_LZCNT},
    {"movbe", MLC_CPU_X86_MOVBE},
    {"avx512f", MLC_CPU_X86_AVX512F},
    {"avx512bw", MLC_CPU_X86_AVX512BW},
    {"avx512cd", MLC_CPU_X86_AVX512CD},
    {"avx512dq", MLC_CPU_X86_AVX512DQ},
    {"avx512vl", MLC_CPU_X86_AVX512VL},
    {"avx512_vnni", MLC_CPU_X86_AVX512VNNI},
    {"avx512_bf16", MLC_CPU_X86_AVX512BF16},
    {"avx512_fp16", MLC_CPU_X86_AVX512FP16},
    {"avx512ifma", MLC_CPU_X86_AVX512IFMA},
    {"avx512vbmi", MLC_CPU_X86_AVX512VBMI},
    {"avx512_vbmi2", MLC_CPU_X86_AVX512VBMI2},
    {"avx512_bitalg", MLC_CPU_X86_AVX512BITALG},
    {"avx512_vpopcntdq", MLC_CPU_X86_AVX512VPOPCNTDQ},
    {"avx_vnni", MLC_CPU_X86_AVXVNNI},
    {"gfni", MLC_CPU_X86_GFNI},
    {"pclmulqdq", MLC_CPU_X86_PCLMUL},
    {"vpclmulqdq", MLC_CPU_X86_VPCLMULQDQ},
    {"aes", MLC_CPU_X86_AES},
    {"vaes", MLC_CPU_X86_VAES},
    {"sha_ni", MLC_CPU_X86_SHA},
    {"adx", MLC_CPU_X86_ADX},
    {"sse4a", MLC_CPU_X86_SSE4A},
    {"fma4", MLC_CPU_X86_FMA4},
    {"xop", MLC_CPU_X86_XOP},
    {"tbm", MLC_CPU_X86_TBM},
};

TEST(CpuFeatures, AgreeWithTheKernel) {
  std::set<std::string> flags = cpuinfo("flags");
  if (flags.empty())
    GTEST_SKIP() << "no flags in /proc/cpuinfo";
  for (const auto &[name, bit] : kernelNames)
    EXPECT_EQ((mlc_cpu_features() & bit) != 0, flags.count(name) != 0) << name;
}

TEST(CpuFeatures, LinuxAddsAmxAlone) {
  const uint64_t amx = MLC_CPU_X86_AMX_TILE | MLC_CPU_X86_AMX_INT8 |
                       MLC_CPU_X86_AMX_BF16 | MLC_CPU_X86_AMX_FP16;
  EXPECT_EQ(mlc_cpu_features() & amx, 0u);
  EXPECT_EQ(mlc_cpu_features_amx() & ~amx, 0u);
  EXPECT_EQ(mlc_cpu_features_linux(),
            mlc_cpu_features() | mlc_cpu_features_amx());
  std::set<std::string> flags = cpuinfo("flags");
  const std::pair<const char *, uint64_t> names[] = {
      {"amx_tile", MLC_CPU_X86_AMX_TILE},
      {"amx_int8", MLC_CPU_X86_AMX_INT8},
      {"amx_bf16", MLC_CPU_X86_AMX_BF16}};
  // A sandbox may refuse all of it, and never a part.
  bool isGranted = mlc_cpu_features_amx() != 0;
  for (const auto &[name, bit] : names)
    EXPECT_EQ((mlc_cpu_features_amx() & bit) != 0,
              isGranted && flags.count(name) != 0)
        << name;
}

#endif // __x86_64__

/// What a variant for `cpu` and `features` requires.
static uint64_t required(StringRef triple, StringRef cpu, StringRef features) {
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargetMCs();
  std::string error;
  Triple parsed(triple);
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(parsed, error);
  if (!target) {
    ADD_FAILURE() << error;
    return 0;
  }
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(parsed, cpu, features));
  return mlc::requiredFeatures(*subtarget);
}

TEST(RequiredFeatures, LevelsOfX86_64) {
  const char *triple = "x86_64-unknown-linux-gnu";
  EXPECT_EQ(required(triple, "x86-64", ""), MLC_X86_64_V1);
  EXPECT_EQ(required(triple, "x86-64-v2", ""), MLC_X86_64_V2);
  EXPECT_EQ(required(triple, "x86-64-v3", ""), MLC_X86_64_V3);
  EXPECT_EQ(required(triple, "x86-64-v4", ""), MLC_X86_64_V4);
  EXPECT_EQ(required(triple, "x86-64-v4", "+avx512vnni"),
            MLC_X86_64_V4 | MLC_CPU_X86_AVX512VNNI);
}

// The tables of the compiler and of the runtime name the same bits: every name
// in the compiler's turns on one bit that the level below lacks.
TEST(RequiredFeatures, EveryX86NameIsKnownToLlvm) {
  const char *triple = "x86_64-unknown-linux-gnu";
  const std::map<std::string, uint64_t> names = {
      {"+avx512bf16", MLC_CPU_X86_AVX512BF16},
      {"+avx512fp16", MLC_CPU_X86_AVX512FP16},
      {"+avx512ifma", MLC_CPU_X86_AVX512IFMA},
      {"+avx512vbmi", MLC_CPU_X86_AVX512VBMI},
      {"+avx512vbmi2", MLC_CPU_X86_AVX512VBMI2},
      {"+avx512bitalg", MLC_CPU_X86_AVX512BITALG},
      {"+avx512vpopcntdq", MLC_CPU_X86_AVX512VPOPCNTDQ},
      {"+avxvnni", MLC_CPU_X86_AVXVNNI},
      {"+avxvnniint8", MLC_CPU_X86_AVXVNNIINT8},
      {"+avxvnniint16", MLC_CPU_X86_AVXVNNIINT16},
      {"+avxifma", MLC_CPU_X86_AVXIFMA},
      {"+avxneconvert", MLC_CPU_X86_AVXNECONVERT},
      {"+gfni", MLC_CPU_X86_GFNI},
      {"+vpclmulqdq", MLC_CPU_X86_VPCLMULQDQ | MLC_CPU_X86_PCLMUL},
      {"+vaes", MLC_CPU_X86_VAES | MLC_CPU_X86_AES},
      {"+sha", MLC_CPU_X86_SHA},
      {"+adx", MLC_CPU_X86_ADX},
      {"+xop", MLC_CPU_X86_XOP | MLC_CPU_X86_FMA4 | MLC_CPU_X86_SSE4A},
      {"+tbm", MLC_CPU_X86_TBM},
      {"+amx-int8", MLC_CPU_X86_AMX_INT8 | MLC_CPU_X86_AMX_TILE},
      {"+amx-bf16", MLC_CPU_X86_AMX_BF16 | MLC_CPU_X86_AMX_TILE},
      {"+amx-fp16", MLC_CPU_X86_AMX_FP16 | MLC_CPU_X86_AMX_TILE},
  };
  for (const auto &[name, bits] : names)
    EXPECT_EQ(required(triple, "x86-64-v4", name), MLC_X86_64_V4 | bits)
        << name;
}

TEST(RequiredFeatures, AArch64) {
  const char *triple = "aarch64-unknown-linux-gnu";
  EXPECT_EQ(required(triple, "generic", ""), MLC_CPU_AARCH64_NEON);
  uint64_t a76 = required(triple, "cortex-a76", "");
  EXPECT_TRUE(a76 & MLC_CPU_AARCH64_DOTPROD);
  EXPECT_TRUE(a76 & MLC_CPU_AARCH64_FP16);
  EXPECT_FALSE(a76 & MLC_CPU_AARCH64_I8MM);
  uint64_t v2 = required(triple, "neoverse-v2", "");
  const uint64_t crypto = MLC_CPU_AARCH64_AES | MLC_CPU_AARCH64_SHA2;
  EXPECT_EQ(a76 & ~crypto & ~v2, 0u);
  EXPECT_TRUE(v2 & MLC_CPU_AARCH64_I8MM);
  EXPECT_TRUE(v2 & MLC_CPU_AARCH64_BF16);
  EXPECT_TRUE(v2 & MLC_CPU_AARCH64_SVE2);
  EXPECT_TRUE(v2 & MLC_CPU_AARCH64_SVE_BITPERM);
  EXPECT_TRUE(required(triple, "generic", "+sme2") & MLC_CPU_AARCH64_SME2);
}

TEST(RequiredFeatures, Arm) {
  const char *triple = "armv7-unknown-linux-gnueabihf";
  EXPECT_EQ(required(triple, "generic", "+neon"), MLC_CPU_ARM_NEON);
  EXPECT_EQ(required(triple, "cortex-a7", "+neon"),
            MLC_CPU_ARM_NEON | MLC_CPU_ARM_VFP4 | MLC_CPU_ARM_IDIV);
  EXPECT_TRUE(required("thumbv8.1m.main-none-eabihf", "cortex-m55", "") &
              MLC_CPU_ARM_MVE_FP);
}

TEST(RequiredFeatures, Riscv) {
  const char *triple = "riscv64-unknown-linux-gnu";
  EXPECT_EQ(required(triple, "generic-rv64", "+m,+a,+f,+d,+c"), 0u);
  EXPECT_EQ(required(triple, "generic-rv64", "+v,+zba"),
            MLC_CPU_RISCV_V | MLC_CPU_RISCV_ZBA);
}

TEST(RequiredFeatures, NothingElsewhere) {
  EXPECT_EQ(required("powerpc64le-unknown-linux-gnu", "pwr9", ""), 0u);
}
