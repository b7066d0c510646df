//===- LowerSparse.h - Convolutions without their zeros ---------*- C++ -*-===//
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

/// A convolution by constant weights.
struct SparseSource {
  mlir::Value x;       ///< [N, H, W, C]
  mlir::Value weights; ///< [O, C, KH, KW], whatever their shape
  /// These are [C, O].
  bool channelsFirst = false;
  std::array<int64_t, 2> window = {1, 1}, strides = {1, 1};
  llvm::SmallVector<int64_t> pads = {0, 0, 0, 0};
  double products = 0; ///< that all weights take
};

/// `source` as a kernel.sparse_conv with a result of shape `image`; null where
/// all weights multiplied take less time, or these are no constant of f32.
mlir::Value lowerBySparse(TensorBuilder &t, const LoweringOptions &options,
                          const SparseSource &source,
                          const KernelEpilogue &epilogue,
                          llvm::ArrayRef<int64_t> image);

} // namespace mlc

#endif // MLC_CONVERSION_LOWERSPARSE_H
