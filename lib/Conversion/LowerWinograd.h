//===- LowerWinograd.h - Convolutions with fewer products -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CONVERSION_LOWERWINOGRAD_H
#define MLC_CONVERSION_LOWERWINOGRAD_H

#include "Conversion/LowerEpilogue.h"
#include "Conversion/NNToLinalg.h"
#include "Kernel/IR/Problem.h"
#include "NN/IR/NN.h"

namespace mlc {

/// What a kernel is told of its window.
struct ImageWindow {
  llvm::SmallVector<int64_t> strides, pads, dilations;
};

/// `op` on `x`, channels last, with a result of shape `image`.
mlir::kernel::Problem problemOf(mlir::nn::ConvOp op, mlir::Value x,
                                const ImageWindow &window,
                                llvm::ArrayRef<int64_t> image,
                                llvm::ArrayRef<int64_t> weights);

/// Whether its `weights`, which are packed in quads, are so by 4 bits.
bool packsNibbles(mlir::nn::ConvOp op, mlir::Value weights);

/// `op` on `x`, channels last, as a kernel.winograd with a result of shape
/// `image`; null where a direct convolution takes less time, or nothing else is
/// permitted. `op` is not depthwise.
mlir::Value lowerByWinograd(TensorBuilder &t, mlir::nn::ConvOp op,
                            const LoweringOptions &options, mlir::Value x,
                            mlir::Value weights, const ImageWindow &window,
                            const KernelEpilogue &epilogue,
                            llvm::ArrayRef<int64_t> image);

} // namespace mlc

#endif // MLC_CONVERSION_LOWERWINOGRAD_H
