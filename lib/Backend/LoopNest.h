//===- LoopNest.h - a linalg operation as strided loops ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Element i of an operand lies at base + sum over loops of coefficient * i: a
// linalg operation on strided memrefs is nothing but such coefficients. In this
// form loops are dropped (one iteration), merged (two that run through all
// operands as one would) and ordered by what LLVM vectorises best.
//
// The order. Innermost is the loop along which the fewest operands jump: the
// result's contiguous dimension where the inputs allow it (LLVM vectorises it
// with plain loads and stores), else a reduction along contiguous inputs, whose
// accumulator stays in a register. Outside, results are walked in the order of
// memory.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_LOOPNEST_H
#define MLC_BACKEND_LOOPNEST_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlc {

struct Loop {
  unsigned dim; ///< of the operation; the innermost if loops were merged
  int64_t size;
  bool reduction;
  /// Elements from one iteration to the next, one for each operand.
  llvm::SmallVector<int64_t> coefficients;
};

struct LoopNest {
  llvm::SmallVector<Loop> loops; ///< outermost first
  /// Elements from an operand's first element to its element at iteration 0.
  llvm::SmallVector<int64_t> bases;
  /// How many of the innermost loops are reductions: over these the results
  /// are carried in registers.
  unsigned carried() const;
};

/// None if an indexing map is not linear or a stride not static.
std::optional<LoopNest> makeLoopNest(mlir::linalg::LinalgOp op);

} // namespace mlc

#endif // MLC_BACKEND_LOOPNEST_H
