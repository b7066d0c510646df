//===- OptimizeParts.h - functions of each CPU on a thread ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions of different CPUs do not call each other: what LLVM does to those
// of one is the same in a module of their own. So each CPU's can be optimised
// in a context of its own, at the same time, and taken back to their places.
//
//   auto optimizeOne = [&](Module &part) -> Error { ... };
//   if (Error e = optimizeParts(module, /*jobs=*/4, optimizeOne)) ...
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_OPTIMIZEPARTS_H
#define MLC_EMIT_OPTIMIZEPARTS_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

namespace llvm {
class Module;
} // namespace llvm

namespace mlc {

/// Calls `optimizeOne` for parts of `module`, on at most `jobs` threads, on
/// which the parts do not depend. Where nothing can be taken apart, the one
/// part is the module.
llvm::Error
optimizeParts(llvm::Module &module, unsigned jobs,
              llvm::function_ref<llvm::Error(llvm::Module &)> optimizeOne);

} // namespace mlc

#endif // MLC_EMIT_OPTIMIZEPARTS_H
