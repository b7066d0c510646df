//===- WindowLoops.h - Sliding windows of any rank --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Convolution and pooling as linalg.generic over an input padded beforehand:
// for ranks and element types that have no kernel. All layouts are channels
// last.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CONVERSION_WINDOWLOOPS_H
#define MLC_CONVERSION_WINDOWLOOPS_H

#include "Conversion/Build.h"

namespace mlc {

/// Per-dimension attributes as in nn.conv.
struct WindowSpec {
  llvm::ArrayRef<int64_t> strides, pads, dilations;
};

/// `x` [N, spatial..., C] with `weights` [O, C / groups, kernel...] to `shape`
/// [N, spatial..., O], of x's element type.
mlir::Value convByLoops(TensorBuilder &t, mlir::Value x, mlir::Value weights,
                        llvm::ArrayRef<int64_t> shape, const WindowSpec &window,
                        int64_t groups);

/// `x` [N, spatial..., C] pooled to `shape` as `op` says.
mlir::Value poolByLoops(TensorBuilder &t, mlir::Value x,
                        llvm::ArrayRef<int64_t> shape, mlir::nn::PoolOp op);

} // namespace mlc

#endif // MLC_CONVERSION_WINDOWLOOPS_H
