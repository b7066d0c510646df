/*===-- cpu_linux.c - CPU features as the Linux kernel tells --------------===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* Bits are numbers of the kernel's user interface, written out because many
|* C libraries carry headers older than the CPUs.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE

#include "mlc/cpu_linux.h"

#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)

uint64_t mlc_cpu_features_linux(void) {
  return mlc_cpu_features() | mlc_cpu_features_amx();
}

#elif defined(__aarch64__) || defined(__arm__)

/* A feature, and the bit of AT_HWCAP (word 0) or AT_HWCAP2 (word 1). */
typedef struct hwcap_feature {
  uint64_t feature;
  uint8_t word, bit;
} hwcap_feature;

static const hwcap_feature hwcap_features[] = {
#ifdef __aarch64__
    {MLC_CPU_AARCH64_NEON, 0, 1},        {MLC_CPU_AARCH64_AES, 0, 3},
    {MLC_CPU_AARCH64_SHA2, 0, 6},        {MLC_CPU_AARCH64_CRC, 0, 7},
    {MLC_CPU_AARCH64_LSE, 0, 8},         {MLC_CPU_AARCH64_FP16, 0, 10},
    {MLC_CPU_AARCH64_RDM, 0, 12},        {MLC_CPU_AARCH64_JSCVT, 0, 13},
    {MLC_CPU_AARCH64_COMPLXNUM, 0, 14},  {MLC_CPU_AARCH64_RCPC, 0, 15},
    {MLC_CPU_AARCH64_DOTPROD, 0, 20},    {MLC_CPU_AARCH64_SVE, 0, 22},
    {MLC_CPU_AARCH64_FP16FML, 0, 23},    {MLC_CPU_AARCH64_SVE2, 1, 1},
    {MLC_CPU_AARCH64_SVE_BITPERM, 1, 4}, {MLC_CPU_AARCH64_FRINTTS, 1, 8},
    {MLC_CPU_AARCH64_SVE_F32MM, 1, 10},  {MLC_CPU_AARCH64_I8MM, 1, 13},
    {MLC_CPU_AARCH64_BF16, 1, 14},       {MLC_CPU_AARCH64_SME, 1, 23},
    {MLC_CPU_AARCH64_SME2, 1, 37},
#else
    {MLC_CPU_ARM_NEON, 0, 12},    {MLC_CPU_ARM_VFP4, 0, 16},
    {MLC_CPU_ARM_IDIV, 0, 17},    {MLC_CPU_ARM_FP16, 0, 23},
    {MLC_CPU_ARM_DOTPROD, 0, 24}, {MLC_CPU_ARM_BF16, 0, 26},
    {MLC_CPU_ARM_I8MM, 0, 27},
#endif
};

uint64_t mlc_cpu_features_linux(void) {
  const uint64_t words[] = {getauxval(AT_HWCAP), getauxval(AT_HWCAP2)};
  uint64_t features = mlc_cpu_features();
  for (size_t i = 0; i < sizeof hwcap_features / sizeof hwcap_features[0]; ++i)
    if (words[hwcap_features[i].word] >> hwcap_features[i].bit & 1)
      features |= hwcap_features[i].feature;
  return features;
}

#elif defined(__riscv) && __riscv_xlen == 64

enum { SYSCALL_HWPROBE = 258, KEY_IMA_EXT_0 = 4 };

static const struct {
  uint64_t feature;
  uint8_t bit;
} hwprobe_features[] = {
    {MLC_CPU_RISCV_V, 2},     {MLC_CPU_RISCV_ZBA, 3},
    {MLC_CPU_RISCV_ZBB, 4},   {MLC_CPU_RISCV_ZBS, 5},
    {MLC_CPU_RISCV_ZFH, 27},  {MLC_CPU_RISCV_ZFHMIN, 28},
    {MLC_CPU_RISCV_ZVFH, 30}, {MLC_CPU_RISCV_ZVFHMIN, 31},
};

uint64_t mlc_cpu_features_linux(void) {
  uint64_t features = mlc_cpu_features();
  /* struct riscv_hwprobe; the kernel sets key to -1 if it does not know it. */
  struct {
    int64_t key;
    uint64_t value;
  } pair = {KEY_IMA_EXT_0, 0};
  long result = syscall(SYSCALL_HWPROBE, &pair, 1L, 0L, 0L, 0L);
  if (result != 0 || pair.key != KEY_IMA_EXT_0) {
    if (getauxval(AT_HWCAP) >> ('V' - 'A') & 1)
      features |= MLC_CPU_RISCV_V;
    return features;
  }
  for (size_t i = 0; i < sizeof hwprobe_features / sizeof hwprobe_features[0];
       ++i)
    if (pair.value >> hwprobe_features[i].bit & 1)
      features |= hwprobe_features[i].feature;
  return features;
}

#else

uint64_t mlc_cpu_features_linux(void) { return mlc_cpu_features(); }

#endif
