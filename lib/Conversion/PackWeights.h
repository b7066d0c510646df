//===- PackWeights.h - Weights in the order that kernels read ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CONVERSION_PACKWEIGHTS_H
#define MLC_CONVERSION_PACKWEIGHTS_H

#include "Conversion/Build.h"
#include "Kernel/IR/Pack.h"

namespace mlc {

/// [O, I, KH, KW] in `groups` groups as kernel.conv wants it, in the shape that
/// kernel::PackedWeights gives (Pack.h), padded with zeros. Constants are
/// #kernel.packed, other values packed by ops.
mlir::Value packConvWeights(TensorBuilder &t, mlir::Value weights,
                            int64_t groups, int64_t block);

/// Whether constant weights of `element` for an input of `input` are packed in
/// quads, as products of bytes take them: signed bytes on bytes.
bool packsQuads(mlir::Value weights, mlir::Type element, mlir::Type input);

/// Whether such weights are packed by 4 bits, two quads a row: all are -8 to 7,
/// of more `channels` than a quad has, and no sum of `depth` products, by bytes
/// of `input` of that zero point, is too large.
bool packsNibbles(mlir::Value weights, int64_t channels, int64_t depth,
                  mlir::Type input, int64_t zeroPoint);

/// Whether constant weights of `element` for an input of `input` are packed in
/// halves: bf16 on bf16.
bool packsHalves(mlir::Value weights, mlir::Type element, mlir::Type input);

/// The largest sum of |weights| of an output channel, of signed bytes [O, I,
/// KH, KW]; nullopt where they are no constant.
std::optional<int64_t> largestSumOfWeights(mlir::Value weights);

/// The same as packConvWeights, and as packMatmulWeights, of a constant of
/// which several input channels lie side by side: bytes as `bytes` says, bf16
/// in halves.
mlir::Value
packConvSteps(TensorBuilder &t, mlir::Value weights, int64_t groups,
              int64_t block,
              mlir::kernel::PackStep bytes = mlir::kernel::PackStep::quads);
mlir::Value
packMatmulSteps(TensorBuilder &t, mlir::Value rhs, bool transposed,
                int64_t block,
                mlir::kernel::PackStep bytes = mlir::kernel::PackStep::quads);

/// packConvWeights by pairs that fit 16 bits (Kernel/IR/Pairs.h), and how many
/// extra quads there are; null where no such pairs are found.
std::pair<mlir::Value, int64_t> packConvPairs(TensorBuilder &t,
                                              mlir::Value weights,
                                              int64_t groups, int64_t block);

/// A constant right operand, [K, N], or [N, K] with `transposed`, as the
/// weights of a 1x1 convolution: [1, ceil(N / block), 1, 1, K, block].
mlir::Value packMatmulWeights(TensorBuilder &t, mlir::Value rhs,
                              bool transposed, int64_t block);

/// `weights`, a constant of f32, in f16: each within 2^-11 of itself, or within
/// 2^-25 where it is less than 2^-14. Warns at `op` of the largest error; the
/// weights themselves where one is beyond f16's range, with a warning, or where
/// they are no such constant.
mlir::Value halveWeights(TensorBuilder &t, mlir::Operation *op,
                         mlir::Value weights);

/// The elements of constant weights of f32, in their order; nullopt where they
/// are none.
std::optional<llvm::SmallVector<float>> constantFloats(mlir::Value weights);

/// [C, 1, KH, KW] as kernel.depthwise wants it: [KH, KW, C].
mlir::Value packDepthwiseWeights(TensorBuilder &t, mlir::Value weights);
/// The same in quads, of a constant.
mlir::Value packDepthwiseQuads(TensorBuilder &t, mlir::Value weights);

} // namespace mlc

#endif // MLC_CONVERSION_PACKWEIGHTS_H
