//===- SinkTransposes.h - Transposes towards results ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Computes ops before the transposes of their operands instead of behind them:
// op(transpose(x)) becomes transpose(op'(x)). On their way down transposes meet
// their inverses and vanish.
//
// It ends, because an op is visited once: one walk takes the ops that are there
// when it begins, in the order in which they compute, so that a transpose which
// sinks past one op is met again at the users of that op. Nothing that a visit
// creates is visited. One visit adds at most a transpose for each operand and
// one for the result. Afterwards only merges are left, and each of them makes a
// chain of transposes or reshapes shorter, or a reshape of a transpose.
//
// What sinking gains is the size of the transposes it takes away; it costs the
// size of the operands that must be transposed instead. Constants and
// dimensions of size 1 cost nothing.
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_SINKTRANSPOSES_H
#define NN_TRANSFORMS_SINKTRANSPOSES_H

#include "mlir/IR/Operation.h"

namespace mlir {
namespace nn {

/// Sinks every transpose under `root` as far as it gains.
void sinkTransposes(Operation *root);

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_SINKTRANSPOSES_H
