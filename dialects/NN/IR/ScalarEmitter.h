//===- ScalarEmitter.h - Scalar arithmetic of nn ops ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes the arithmetic of nn ops in arith and math ops, for floats, signed and
// unsigned integers and booleans alike, folding on the way. Values are
// signless; the signedness comes from the nn element type the emitter is made
// with.
//
//===----------------------------------------------------------------------===//

#ifndef NN_IR_SCALAREMITTER_H
#define NN_IR_SCALAREMITTER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir {
namespace nn {

class ScalarEmitter {
public:
  /// `type` is an nn element type: float, signless (signed) or unsigned
  /// integer, i1.
  ScalarEmitter(OpBuilder &builder, Location loc, Type type)
      : builder(builder), loc(loc), type(type) {}

  bool isFloat() const { return isa<FloatType>(type); }
  bool isUnsigned() const {
    return type.isUnsignedInteger() || type.isInteger(1);
  }

  template <typename OpTy, typename... Args>
  Value op(Args &&...args) {
    return builder.createOrFold<OpTy>(loc, std::forward<Args>(args)...);
  }

  /// A constant of the emitter's type; for integers, `value` truncated and
  /// wrapped, 0 where it is no number of 64 bits.
  Value constant(double value);
  Value boolean(bool value);

  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value div(Value a, Value b);
  Value mod(Value a, Value b, bool fmod);
  Value neg(Value a);
  Value abs(Value a);
  /// NaN if either is NaN.
  Value min(Value a, Value b);
  Value max(Value a, Value b);
  Value equal(Value a, Value b);
  Value greater(Value a, Value b);
  Value greaterOrEqual(Value a, Value b);
  Value less(Value a, Value b) { return greater(b, a); }
  Value select(Value condition, Value a, Value b);

  Value sigmoid(Value x);
  Value softplus(Value x);
  Value hardSigmoid(Value x, double alpha, double beta);
  /// base of the emitter's type, exponent of nn element type `exponentType`.
  Value pow(Value base, Value exponent, Type exponentType);
  /// `x`, of the emitter's type, as nn element type `to`; see nn.cast.
  Value convert(Value x, Type to, bool saturate = false);

  /// `function`, of several steps, of a float: of 16 bits in f32, as a step may
  /// overflow or lose digits that the result has.
  Value
  throughSingle(Value x,
                llvm::function_ref<Value(ScalarEmitter &, Value)> function);
  /// `function` of x in a float type that holds it: x's own, f64 for integers,
  /// whose result is truncated.
  Value throughReal(Value x,
                    llvm::function_ref<Value(ScalarEmitter &, Value)> function);

  /// Shifts by an amount taken as unsigned. From the width on, every bit is
  /// shifted out: 0, or the sign to the right of a signed integer.
  Value shiftLeft(Value a, Value amount);
  Value shiftRight(Value a, Value amount);

private:
  Value floatToInteger(Value x, Type to, bool saturate);
  Value integerPow(Value base, Value exponent);
  Value realPow(Value base, Value exponent);

  OpBuilder &builder;
  Location loc;
  Type type;
};

/// The same type with unsigned integers made signless.
Type makeSignless(Type type);

} // namespace nn
} // namespace mlir

#endif // NN_IR_SCALAREMITTER_H
