//===- LowerSparse.h - Products without their zeros -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CONVERSION_LOWERSPARSE_H
#define MLC_CONVERSION_LOWERSPARSE_H

#include "Conversion/LowerEpilogue.h"
#include "Conversion/NNToLinalg.h"

namespace mlc {

/// The product of the channels of `x` [N, H, W, C] and `weights`, [O, C] or,
/// with `channelsFirst`, [C, O], whatever their shape, as a kernel.sparse_conv
/// with a result of shape `image`; null where all weights multiplied take less
/// time, or these are no constant of f32.
mlir::Value lowerBySparse(TensorBuilder &t, const LoweringOptions &options,
                          mlir::Value x, mlir::Value weights,
                          bool channelsFirst, const KernelEpilogue &epilogue,
                          llvm::ArrayRef<int64_t> image);

} // namespace mlc

#endif // MLC_CONVERSION_LOWERSPARSE_H
