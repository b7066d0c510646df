//===- QuantArithmetic.h - Scalar arithmetic of quantisation ----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes roundings and saturation in arith ops, folding on the way. What they
// compute is defined by Quantize/Arithmetic.h, bit for bit.
//
//===----------------------------------------------------------------------===//

#ifndef NN_IR_QUANTARITHMETIC_H
#define NN_IR_QUANTARITHMETIC_H

#include "mlir/IR/Builders.h"

namespace mlir {
namespace nn {

/// The least and greatest value of an integer type; signless is signed.
struct IntegerRange {
  int64_t low, high;
  static IntegerRange of(Type type);
};

/// The f32 `v` limited to [low, high], both f32; NaN gives `low`.
Value emitClampFloat(OpBuilder &builder, Location loc, Value v, Value low,
                     Value high);

/// The f32 `v`, |v| <= 2^22, rounded to the nearest i32, ties to even.
Value emitRoundToInteger(OpBuilder &builder, Location loc, Value v);

/// saturate(rint(v) + zeroPoint) of the f32 `v` as the signless form of `to`;
/// `zeroPoint` is an i32.
Value emitSaturate(OpBuilder &builder, Location loc, Value v, Value zeroPoint,
                   Type to);

} // namespace nn
} // namespace mlir

#endif // NN_IR_QUANTARITHMETIC_H
