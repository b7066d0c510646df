//===- LowerBlocked.h - Products by narrow weights --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CONVERSION_LOWERBLOCKED_H
#define MLC_CONVERSION_LOWERBLOCKED_H

#include "Conversion/LowerEpilogue.h"
#include "Conversion/NNToLinalg.h"

namespace mlc {

/// `x` [M, K] times the transpose of what `weights` gives, as a
/// kernel.blocked_matmul with a result of shape `matrix`, [M, N]. Null where
/// operands of `weights` are no constants.
mlir::Value lowerByBlocks(TensorBuilder &t, const LoweringOptions &options,
                          mlir::Value x, mlir::nn::BlockedDequantizeOp weights,
                          const KernelEpilogue &epilogue,
                          llvm::ArrayRef<int64_t> matrix);

} // namespace mlc

#endif // MLC_CONVERSION_LOWERBLOCKED_H
