//===- WeightsObject.h - weights as an object of their own ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM writes an object from a constant by way of two copies in memory. Weights
// are most of a model: they become an object where they are, with a header in
// front and a symbol table behind.
//
//   std::vector<char> bytes = ...;                       // the weights
//   if (Error e = wrapWeights(bytes, "digits_weights", *code)) ...
//   writeArchive(path, {{"digits.o", *code}, {"digits_weights.o", bytes}});
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_WEIGHTSOBJECT_H
#define MLC_EMIT_WEIGHTSOBJECT_H

#include "Emit/Entry.h"
#include "Target/Target.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <vector>

namespace mlc {

/// Makes of `bytes` a relocatable ELF object for the machine and ABI of the
/// object `like`, with the one hidden symbol `name`, aligned to kWeightsAlign.
/// The section is .rodata, or from `large` bytes on, where there is such a
/// section, .lrodata, which linkers put behind what short addresses must reach.
/// Errors: `like` is no ELF object.
llvm::Error wrapWeights(std::vector<char> &bytes, llvm::StringRef name,
                        llvm::MemoryBufferRef like,
                        uint64_t large = kLargeWeights);

/// The same object by way of LLVM, for systems without ELF.
llvm::Error emitWeights(std::vector<char> &bytes, llvm::StringRef name,
                        const TargetInfo &target);

/// Room to reserve behind the bytes for wrapWeights not to copy them.
constexpr size_t kWrapRoom = 4096;

} // namespace mlc

#endif // MLC_EMIT_WEIGHTSOBJECT_H
