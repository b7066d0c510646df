//===- WorkEstimate.h - how much a kernel's code does -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts what lowered kernels execute: loads, stores and arithmetic on vectors
// and numbers, but no index arithmetic. LLVM makes vectors of most loops over
// numbers, so that a vector counts as much as kLanes of them. Only ratios are
// meant to be right; kWorkPerMicrosecond says roughly what a count means in
// time.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_WORKESTIMATE_H
#define MLC_BACKEND_WORKESTIMATE_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlc {

constexpr uint64_t kLanes = 8;
/// Two operations on vectors per cycle at 2 GHz.
constexpr uint64_t kWorkPerMicrosecond = 4000 * kLanes;

/// Iterations of `loop`; of one whose bounds depend on others, how many there
/// can be as far as minima, maxima and constants tell, one if they do not.
uint64_t tripsOf(mlir::scf::ForOp loop);

/// Of one execution.
uint64_t workOf(mlir::Operation *op);
uint64_t workOf(mlir::Block &block);

/// Whether it may write memory, or what it does to memory is not known.
bool mayWrite(mlir::Operation *op);

} // namespace mlc

#endif // MLC_BACKEND_WORKESTIMATE_H
