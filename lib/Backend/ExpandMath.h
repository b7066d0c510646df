//===- ExpandMath.h - floats without a C library ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Generated code calls no libm, so every float function that the CPU has no
// instruction for becomes arithmetic. f16 and bf16 are computed in f32. In f64
// there are + - * / sqrt, rounding, remainder and comparisons; every other f64
// function is computed in f32 (relative error about 1e-6). math.fma of f32
// rounds once on every CPU. An operation that has no expansion is an error at
// its location.
//
//   MathExpansion expansion(context, target);
//   if (failed(expansion.run(function))) ...
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_EXPANDMATH_H
#define MLC_BACKEND_EXPANDMATH_H

#include "Target/Target.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Rewrite/FrozenRewritePatternSet.h"

namespace mlc {

/// The rewrites for one target, made once for all its functions.
class MathExpansion {
public:
  MathExpansion(mlir::MLIRContext *context, const TargetInfo &target);

  mlir::LogicalResult run(mlir::func::FuncOp function) const;

private:
  mlir::LogicalResult computeNarrowFloats(mlir::func::FuncOp function) const;
  /// Whether LLVM compiles `op` without a call.
  bool isNative(mlir::Operation *op) const;
  mlir::LogicalResult checkNoCalls(mlir::func::FuncOp function) const;

  bool rounding, fma;
  bool multipliesF16; ///< and adds them in one instruction
  mlir::FrozenRewritePatternSet typing, exact, functions, conversions;
};

} // namespace mlc

#endif // MLC_BACKEND_EXPANDMATH_H
