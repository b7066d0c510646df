//===- Pack.h - Weights in kernel.conv's order -----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the order of the nn dialect (and of ONNX) to that of the kernel dialect:
//
//   Elements packed = packConvWeights(weights, groups, block);  // [O, I, KH,
//   KW]
//
// The bytes are moved, never interpreted, so that any element type of whole
// bytes packs. Splats stay splats unless padding needs zeros.
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_PACK_H
#define KERNEL_IR_PACK_H

#include "mlir/IR/BuiltinAttributes.h"

namespace mlir {
namespace kernel {

/// The packed shape [G, ceil((O / G) / block), KH, KW, I, block] of weights
/// [O, I, KH, KW] in `groups` groups; `weights` has rank 4, O is a multiple of
/// `groups`. Blocks of groups are no wider than a group needs. Small groups of
/// as many output as input channels share blocks of block / 2:
/// [ceil(O / (block / 2)), 1, KH, KW, I, block / 2].
SmallVector<int64_t, 6> packedConvShape(ArrayRef<int64_t> weights,
                                        int64_t groups, int64_t block);

/// The output channel that is at `lane` of the packed block [row, column], or
/// -1 where zeros pad it. `packed` is the shape for `filters` output channels
/// in `groups` groups.
int64_t packedFilter(ArrayRef<int64_t> packed, int64_t filters, int64_t groups,
                     int64_t row, int64_t column, int64_t lane);

/// Packs weights [O, I, KH, KW] and pads the last block of each group with
/// zeros. Elements are of whole bytes.
DenseElementsAttr packConvWeights(DenseElementsAttr weights, int64_t groups,
                                  int64_t block);

/// Packs the right side of a matrix product, [K, N], or [N, K] with
/// `transposed`, as weights of a 1x1 convolution.
DenseElementsAttr packMatmulWeights(DenseElementsAttr rhs, bool transposed,
                                    int64_t block);

/// Packs depthwise weights [C, 1, KH, KW] as [KH, KW, C].
DenseElementsAttr packDepthwiseWeights(DenseElementsAttr weights);

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_PACK_H
