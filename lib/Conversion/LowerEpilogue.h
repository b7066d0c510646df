//===- LowerEpilogue.h - Epilogues of nn ops on kernel ops ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CONVERSION_LOWEREPILOGUE_H
#define MLC_CONVERSION_LOWEREPILOGUE_H

#include "Conversion/Build.h"

namespace mlc {

/// Bias and epilogue of an nn op, ready for a kernel op: operands in the shape
/// of the kernel's out, and a function that writes the region.
struct KernelEpilogue {
  llvm::SmallVector<mlir::Value> operands;
  mlir::Value bias;
  mlir::Region *body = nullptr; ///< of the nn op; may be empty
  mlir::Type element;           ///< of the nn op's result, signless
  mlir::Type accumulated; ///< what `body` takes: the result's type without it

  /// Fills `region`, the kernel op's. No region is needed where there is
  /// neither bias nor body.
  void write(mlir::OpBuilder &builder, mlir::Location loc, mlir::Region &region,
             mlir::Type accumulator) const;
};

/// `full` is the shape that full-shape operands take.
KernelEpilogue lowerEpilogue(TensorBuilder &t, mlir::Value bias,
                             mlir::ValueRange operands, mlir::Region &body,
                             mlir::Type accumulated, mlir::Type element,
                             llvm::ArrayRef<int64_t> full);

/// The same as a separate pass over `v`, for ops without a kernel; `channelDim`
/// is where per-channel operands go.
mlir::Value applyEpilogue(TensorBuilder &t, mlir::Value v,
                          const KernelEpilogue &epilogue, unsigned channelDim);

/// Narrow integers of nn element type `element`, less `zeroPoint`, as i32: what
/// products without a kernel multiply.
mlir::Value widenIntegers(TensorBuilder &t, mlir::Value v, mlir::Type element,
                          int64_t zeroPoint);

} // namespace mlc

#endif // MLC_CONVERSION_LOWEREPILOGUE_H
