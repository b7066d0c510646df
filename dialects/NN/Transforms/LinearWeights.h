//===- LinearWeights.h - Maps taken into weights ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How weights and bias of a linear op on floats take in a factor and an addend
// of each channel, of its result or of its input.
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_LINEARWEIGHTS_H
#define NN_TRANSFORMS_LINEARWEIGHTS_H

#include "NN/Transforms/ChannelAffine.h"

namespace mlir {
namespace nn {

/// `op` where it is a linear op on floats; null otherwise, and for null.
LinearOpInterface asFloatLinear(Operation *op);

/// Makes the sum of `linear` begin with `bias`, [channels of the result].
void setBias(LinearOpInterface linear, RewriterBase &rewriter, Value bias);

/// Takes `map` on the result into weights and bias. failure, and no change,
/// where they are not constant, are read by others or would not be finite.
LogicalResult applyToResult(LinearOpInterface linear, RewriterBase &rewriter,
                            const ChannelAffine &map);

/// The same for `map` on the input; the caller has made sure that padding,
/// which `map` does not touch, does not matter.
LogicalResult applyToInput(LinearOpInterface linear, RewriterBase &rewriter,
                           const ChannelAffine &map);

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_LINEARWEIGHTS_H
