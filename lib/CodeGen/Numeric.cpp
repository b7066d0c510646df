//===- Numeric.cpp - functions and constants on vectors -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Numeric.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

using namespace mlir;
using namespace mlc;

static Value integerConstant(Emitter &e, Type type, const APInt &value) {
  TypedAttr attr = e.builder.getIntegerAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, Attribute(attr));
  return arith::ConstantOp::create(e.builder, e.loc, attr);
}

Value mlc::lowest(Emitter &e, Type type, bool isUnsigned) {
  auto integer = dyn_cast<IntegerType>(getElementTypeOrSelf(type));
  if (!integer)
    return e.constant(type, -INFINITY);
  unsigned width = integer.getWidth();
  return integerConstant(e, type,
                         isUnsigned ? APInt::getMinValue(width)
                                    : APInt::getSignedMinValue(width));
}

Value mlc::highest(Emitter &e, Type type, bool isUnsigned) {
  auto integer = dyn_cast<IntegerType>(getElementTypeOrSelf(type));
  if (!integer)
    return e.constant(type, INFINITY);
  unsigned width = integer.getWidth();
  return integerConstant(e, type,
                         isUnsigned ? APInt::getMaxValue(width)
                                    : APInt::getSignedMaxValue(width));
}

/// To the nearest integer, half to even, for |x| < 2^22; needs no rounding
/// instruction, which older units lack.
static Value roundSmall(Emitter &e, Value x) {
  Value magic = e.constant(x.getType(), 12582912.0);
  return arith::SubFOp::create(e.builder, e.loc, e.plus(x, magic), magic);
}

Value mlc::roundedQuotient(Emitter &e, Value sum, Value count, Type element) {
  int64_t lanes = cast<VectorType>(sum.getType()).getDimSize(0);
  Value quotient = arith::DivFOp::create(
      e.builder, e.loc, e.convert(sum, count.getType()), e.splat(count, lanes));
  Value rounded =
      element.getIntOrFloatBitWidth() <= 16
          ? roundSmall(e, quotient)
          : Value(math::RoundEvenOp::create(e.builder, e.loc, quotient));
  // In range, the quotient being of elements: by way of i32 for all widths.
  return e.convert(e.convert(rounded, e.builder.getI32Type()), element);
}

Value mlc::exponential(Emitter &e, Value x) {
  Type type = x.getType();
  if (!getElementTypeOrSelf(type).isF32())
    return math::ExpOp::create(e.builder, e.loc, x);
  auto c = [&](double value) { return e.constant(type, value); };
  // x = n ln 2 + r; ln 2 in two parts, the first of few bits, so that n ln 2
  // is exact.
  Value clamped = e.maximum(e.minimum(x, c(88.7)), c(-87.3));
  Value n = roundSmall(e, e.times(clamped, c(1.44269504088896341)));
  Value r = e.multiplyAdd(n, c(-0.693359375), clamped);
  r = e.multiplyAdd(n, c(2.12194440e-4), r);
  // e^r = 1 + r + r^2 p(r) on |r| <= ln 2 / 2.
  Value p = c(1.9875691500e-4);
  for (double coefficient : {1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2,
                             1.6666665459e-1, 5.0000001201e-1})
    p = e.multiplyAdd(p, r, c(coefficient));
  p = e.plus(e.multiplyAdd(p, e.times(r, r), r), c(1));
  // 2^n by its exponent bits.
  Type bits = cast<VectorType>(type).clone(e.builder.getI32Type());
  Value exponent = e.convert(n, e.builder.getI32Type());
  exponent = e.plus(exponent, e.constant(bits, 127));
  exponent =
      arith::ShLIOp::create(e.builder, e.loc, exponent, e.constant(bits, 23));
  Value scale = arith::BitcastOp::create(e.builder, e.loc, type, exponent);
  Value result = e.times(p, scale);
  Value isZero = arith::CmpFOp::create(e.builder, e.loc,
                                       arith::CmpFPredicate::OLT, x, c(-87.3));
  return arith::SelectOp::create(e.builder, e.loc, isZero, c(0), result);
}
