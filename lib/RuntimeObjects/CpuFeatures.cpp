//===- CpuFeatures.cpp - LLVM's CPU features as the runtime's bits --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeObjects/CpuFeatures.h"

#include "mlc/runtime.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/MC/MCSubtargetInfo.h"

namespace {
struct Row {
  const char *features; // as LLVM writes them; all must be on
  uint64_t bit;
};
} // namespace

static const Row x86Rows[] = {
    {"+sse2", MLC_CPU_X86_SSE2},
    {"+sse3", MLC_CPU_X86_SSE3},
    {"+ssse3", MLC_CPU_X86_SSSE3},
    {"+sse4.1", MLC_CPU_X86_SSE4_1},
    {"+sse4.2", MLC_CPU_X86_SSE4_2},
    {"+popcnt", MLC_CPU_X86_POPCNT},
    {"+cx16", MLC_CPU_X86_CX16},
    {"+sahf", MLC_CPU_X86_LAHF},
    {"+avx", MLC_CPU_X86_AVX},
    {"+f16c", MLC_CPU_X86_F16C},
    {"+fma", MLC_CPU_X86_FMA},
    {"+avx2", MLC_CPU_X86_AVX2},
    {"+bmi", MLC_CPU_X86_BMI1},
    {"+bmi2", MLC_CPU_X86_BMI2},
    {"+lzcnt", MLC_CPU_X86_LZCNT},
    {"+movbe", MLC_CPU_X86_MOVBE},
    {"+avx512f", MLC_CPU_X86_AVX512F},
    {"+avx512bw", MLC_CPU_X86_AVX512BW},
    {"+avx512cd", MLC_CPU_X86_AVX512CD},
    {"+avx512dq", MLC_CPU_X86_AVX512DQ},
    {"+avx512vl", MLC_CPU_X86_AVX512VL},
    {"+avx512vnni", MLC_CPU_X86_AVX512VNNI},
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
    {"+pclmul", MLC_CPU_X86_PCLMUL},
    {"+vpclmulqdq", MLC_CPU_X86_VPCLMULQDQ},
    {"+aes", MLC_CPU_X86_AES},
    {"+vaes", MLC_CPU_X86_VAES},
    {"+sha", MLC_CPU_X86_SHA},
    {"+adx", MLC_CPU_X86_ADX},
    {"+sse4a", MLC_CPU_X86_SSE4A},
    {"+fma4", MLC_CPU_X86_FMA4},
    {"+xop", MLC_CPU_X86_XOP},
    {"+tbm", MLC_CPU_X86_TBM},
    {"+amx-tile", MLC_CPU_X86_AMX_TILE},
    {"+amx-int8", MLC_CPU_X86_AMX_INT8},
    {"+amx-bf16", MLC_CPU_X86_AMX_BF16},
    {"+amx-fp16", MLC_CPU_X86_AMX_FP16},
};

static const Row aarch64Rows[] = {
    {"+neon", MLC_CPU_AARCH64_NEON},
    {"+fullfp16", MLC_CPU_AARCH64_FP16},
    {"+dotprod", MLC_CPU_AARCH64_DOTPROD},
    {"+i8mm", MLC_CPU_AARCH64_I8MM},
    {"+bf16", MLC_CPU_AARCH64_BF16},
    {"+fp16fml", MLC_CPU_AARCH64_FP16FML},
    {"+rdm", MLC_CPU_AARCH64_RDM},
    {"+lse", MLC_CPU_AARCH64_LSE},
    {"+rcpc", MLC_CPU_AARCH64_RCPC},
    {"+crc", MLC_CPU_AARCH64_CRC},
    {"+aes", MLC_CPU_AARCH64_AES},
    {"+sha2", MLC_CPU_AARCH64_SHA2},
    {"+complxnum", MLC_CPU_AARCH64_COMPLXNUM},
    {"+jsconv", MLC_CPU_AARCH64_JSCVT},
    {"+fptoint", MLC_CPU_AARCH64_FRINTTS},
    {"+sve", MLC_CPU_AARCH64_SVE},
    {"+sve2", MLC_CPU_AARCH64_SVE2},
    {"+sve2,+sve-bitperm", MLC_CPU_AARCH64_SVE_BITPERM},
    {"+f32mm", MLC_CPU_AARCH64_SVE_F32MM},
    {"+sme", MLC_CPU_AARCH64_SME},
    {"+sme2", MLC_CPU_AARCH64_SME2},
};

static const Row armRows[] = {
    {"+neon", MLC_CPU_ARM_NEON},
    {"+vfp4d16sp", MLC_CPU_ARM_VFP4},
    {"+fullfp16", MLC_CPU_ARM_FP16},
    {"+dotprod", MLC_CPU_ARM_DOTPROD},
    {"+i8mm", MLC_CPU_ARM_I8MM},
    {"+bf16", MLC_CPU_ARM_BF16},
    {"+hwdiv,+hwdiv-arm", MLC_CPU_ARM_IDIV},
    {"+mve", MLC_CPU_ARM_MVE_INT},
    {"+mve.fp", MLC_CPU_ARM_MVE_FP},
};

static const Row riscvRows[] = {
    {"+v", MLC_CPU_RISCV_V},       {"+zba", MLC_CPU_RISCV_ZBA},
    {"+zbb", MLC_CPU_RISCV_ZBB},   {"+zbs", MLC_CPU_RISCV_ZBS},
    {"+zfh", MLC_CPU_RISCV_ZFH},   {"+zfhmin", MLC_CPU_RISCV_ZFHMIN},
    {"+zvfh", MLC_CPU_RISCV_ZVFH}, {"+zvfhmin", MLC_CPU_RISCV_ZVFHMIN},
};

static llvm::ArrayRef<Row> rowsFor(const llvm::Triple &triple) {
  if (triple.isX86())
    return x86Rows;
  if (triple.isAArch64())
    return aarch64Rows;
  if (triple.isARM() || triple.isThumb())
    return armRows;
  if (triple.isRISCV64())
    return riscvRows;
  return {};
}

uint64_t mlc::requiredFeatures(const llvm::MCSubtargetInfo &subtarget) {
  uint64_t mask = 0;
  for (const Row &row : rowsFor(subtarget.getTargetTriple()))
    if (subtarget.checkFeatures(row.features))
      mask |= row.bit;
  return mask;
}
