//===- Fuse.h - Steps of nn-fuse --------------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The steps of the pass nn-fuse, in the order it takes them. Each returns how
// many ops it removed, works on all blocks below `root`, and gives what it
// changes the locations of all that went into it.
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_FUSE_H
#define NN_TRANSFORMS_FUSE_H

#include "mlir/IR/PatternMatch.h"

namespace mlir {
namespace nn {

/// Zero pads become pads of the convolution or pool that reads them alone.
int64_t fusePads(Operation *root, RewriterBase &rewriter);

/// Affine consumers (batch_norm, add, sub, mul, div by constants a channel) go
/// into the weights and bias of the op before; sums with one value per channel
/// into a bias.
int64_t fuseAffineForwards(Operation *root, RewriterBase &rewriter);

/// Affine producers go into the weights and bias of the op behind, where that
/// is exact: an offset does not pass padding.
int64_t fuseAffineBackwards(Operation *root, RewriterBase &rewriter);

/// What is left: chains of affine ops become one product and one sum.
int64_t mergeAffine(Operation *root, RewriterBase &rewriter);

/// Batch normalisations become products and sums.
int64_t decomposeBatchNorms(Operation *root, RewriterBase &rewriter);

/// Elementwise consumers go into the epilogue of the convolution or product
/// before.
int64_t fuseEpilogues(Operation *root, RewriterBase &rewriter);

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_FUSE_H
