//===- InPlace.h - which operations may overwrite an input ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An operation may write its result over an input if it reads no element of
// the input after it has written that element of the result: elementwise
// operations whose two operands lie alike, and the epilogues of kernels.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_INPLACE_H
#define MLC_BACKEND_INPLACE_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlc {

/// Whether `op` computes on whole buffers and becomes a kernel function: linalg
/// and kernel operations and copies.
bool isComputeOp(mlir::Operation *op);

/// Whether `op` may write the memory of `operand` (or its regions may).
bool writesOperand(mlir::Operation *op, mlir::Value operand);
bool readsOperand(mlir::Operation *op, mlir::Value operand);

/// Pairs (input, output) of allocations of which the output may take the
/// input's place if the input dies at `op`. Both are whole buffers or views at
/// the same place of buffers.
llvm::SmallVector<std::pair<mlir::Value, mlir::Value>>
inPlaceCandidates(mlir::Operation *op);

} // namespace mlc

#endif // MLC_BACKEND_INPLACE_H
