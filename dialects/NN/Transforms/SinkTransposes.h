//===- SinkTransposes.h - Transposes towards results ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns that compute an op before the transpose of its operand instead of
// behind it: op(transpose(x)) becomes transpose(op'(x)). On their way down
// transposes meet their inverses and vanish. None moves a transpose up, so they
// come to an end.
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_SINKTRANSPOSES_H
#define NN_TRANSFORMS_SINKTRANSPOSES_H

#include "mlir/IR/PatternMatch.h"

namespace mlir {
namespace nn {

/// Marks, while the patterns run, ops that a transpose has passed at no gain:
/// once.
inline constexpr llvm::StringLiteral kSunkAttr = "nn.sunk";

void populateSinkTransposes(RewritePatternSet &patterns);

/// q[p[i]] = i.
SmallVector<int64_t> invertPermutation(ArrayRef<int64_t> permutation);

/// result[i] = values[permutation[i]].
SmallVector<int64_t> permute(ArrayRef<int64_t> values,
                             ArrayRef<int64_t> permutation);

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_SINKTRANSPOSES_H
