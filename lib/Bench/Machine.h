//===- Machine.h - what this machine can do at best -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two limits that a kernel is held against, measured by code generated for
// the same CPU: multiply-adds in registers, and reads of memory that no cache
// holds. One core each; the best of several tries, since what disturbs a try
// only ever makes it slower.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BENCH_MACHINE_H
#define MLC_BENCH_MACHINE_H

#include "Target/Target.h"

namespace mlc {

struct Machine {
  std::string cpu;             ///< the processor's own name, or LLVM's for it
  double peakGflops = 0;       ///< f32 multiply-adds, two operations each
  unsigned peakVectorBits = 0; ///< of the vectors that reached it
  double readGBs = 0;          ///< 1e9 bytes per second
};

struct MachineEffort {
  double seconds = 0.1;                 ///< for each of the two limits
  size_t readBytes = size_t(256) << 20; ///< well beyond the last cache
};

/// Errors: memory for the reads, or code for `target` cannot be had. The
/// process must be able to run `target`.
llvm::Expected<Machine> measureMachine(const TargetInfo &target,
                                       const MachineEffort &effort = {});

/// The peak alone: f32 operations per second, 1e9.
llvm::Expected<double> measurePeak(const TargetInfo &target, double seconds);

/// This machine's processor as /proc/cpuinfo calls it, or as LLVM does.
std::string processorName();

} // namespace mlc

#endif // MLC_BENCH_MACHINE_H
