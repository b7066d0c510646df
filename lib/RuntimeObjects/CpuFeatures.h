//===- CpuFeatures.h - LLVM's CPU features as runtime bits ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a variant requires (mlc_variant::required_features) follows from the
// subtarget that its code was generated for:
//
//   uint64_t required = mlc::requiredFeatures(*machine->getMCSubtargetInfo());
//
//===----------------------------------------------------------------------===//

#ifndef MLC_RUNTIMEOBJECTS_CPUFEATURES_H
#define MLC_RUNTIMEOBJECTS_CPUFEATURES_H

#include <cstdint>

namespace llvm {
class MCSubtargetInfo;
} // namespace llvm

namespace mlc {

/// The MLC_CPU_* bits of mlc/runtime.h for every feature of `subtarget` that
/// the runtime knows, implied ones included. Features that generated code does
/// not use by itself (system registers, random numbers, tuning) have no bit; on
/// architectures without a table the result is 0.
uint64_t requiredFeatures(const llvm::MCSubtargetInfo &subtarget);

} // namespace mlc

#endif // MLC_RUNTIMEOBJECTS_CPUFEATURES_H
