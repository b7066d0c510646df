/*===-- mlc/cpu_linux.h - CPU features as the Linux kernel tells -*- C -*-===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* Where user code cannot read the CPU's own registers (ARM, AArch64, RISC-V),
|* mlc_cpu_features() knows the baseline only. Compile runtime/src/cpu_linux.c
|* (Linux and Android) into the program to let it choose better variants:
|*
|*   digits_init_with_features(&arena, sizeof arena, mlc_cpu_features_linux());
|*
\*===----------------------------------------------------------------------===*/

#ifndef MLC_CPU_LINUX_H
#define MLC_CPU_LINUX_H

#include "mlc/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* mlc_cpu_features() and what the kernel adds to it:

   AArch64, ARM: the auxiliary vector's hardware capabilities.
   RISC-V: the hwprobe system call (Linux 6.4 or newer), else the auxiliary
           vector, which knows V but not the Z extensions.
   x86-64: AMX, if the CPU has it and the kernel grants its state. Asking for
           it is for the whole process and lasts.

   Cannot fail: what the kernel does not tell is absent. */
uint64_t mlc_cpu_features_linux(void);

#ifdef __cplusplus
}
#endif

#endif /* MLC_CPU_LINUX_H */
