//===- WorkEstimate.h - how much a kernel's code does -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts what lowered kernels execute: loads, stores and arithmetic on numbers,
// vector or not, but no index arithmetic. Only ratios are meant to be right;
// kOperationsPerMicrosecond says roughly what a count means in time.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_WORKESTIMATE_H
#define MLC_BACKEND_WORKESTIMATE_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlc {

/// Two operations a cycle at 2 GHz.
constexpr uint64_t kOperationsPerMicrosecond = 4000;

/// Iterations of `loop`; of one whose bounds depend on others, how many there
/// can be as far as minima, maxima and constants tell, one if they do not.
uint64_t tripsOf(mlir::scf::ForOp loop);

/// Operations of one execution.
uint64_t workOf(mlir::Operation *op);
uint64_t workOf(mlir::Block &block);

/// Whether it may write memory, or what it does to memory is not known.
bool mayWrite(mlir::Operation *op);

} // namespace mlc

#endif // MLC_BACKEND_WORKESTIMATE_H
