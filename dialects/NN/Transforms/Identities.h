//===- Identities.h - Algebraic identities of nn ops ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns that replace ops by fewer or cheaper ones of the same value. None of
// them creates an op that another one undoes.
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_IDENTITIES_H
#define NN_TRANSFORMS_IDENTITIES_H

#include "mlir/IR/PatternMatch.h"

namespace mlir {
namespace nn {

/// x + 0, x * 1, neg(neg(x)), select(c, x, x), pow(x, 2), cast chains ...
void populateElementwiseIdentities(RewritePatternSet &patterns);

/// Slices of slices and of concatenations, pads and pools that do nothing,
/// gathers of consecutive slices, reductions of dimensions of size 1, results
/// without elements, products over nothing ...
void populateMovementIdentities(RewritePatternSet &patterns);

/// All elements of the constant `v`, where they are the same number.
std::optional<double> splatValue(Value v);

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_IDENTITIES_H
