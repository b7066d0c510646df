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

/// e^x of f32 vectors for x in [-87.3, 88.7], at the nearer bound outside.
/// NaNs stay.
static Value boundedExponential(Emitter &e, Value x) {
  Type type = x.getType();
  auto c = [&](double value) { return e.constant(type, value); };
  // Comparisons with NaN are false: one instruction each all the same.
  auto bound = [&](arith::CmpFPredicate beyond, Value limit) {
    Value isBeyond = arith::CmpFOp::create(e.builder, e.loc, beyond, x, limit);
    x = arith::SelectOp::create(e.builder, e.loc, isBeyond, limit, x);
  };
  bound(arith::CmpFPredicate::OLT, c(-87.3));
  bound(arith::CmpFPredicate::OGT, c(88.7));
  // x = n ln 2 + r; ln 2 in two parts, the first of few bits, so that n ln 2
  // is exact. Added to 1.5 * 2^23, n is in the low bits.
  Value magic = c(12582912.0);
  Value shifted = e.multiplyAdd(x, c(1.44269504088896341), magic);
  Value n = arith::SubFOp::create(e.builder, e.loc, shifted, magic);
  Value r = e.multiplyAdd(n, c(-0.693359375), x);
  r = e.multiplyAdd(n, c(2.12194440e-4), r);
  // e^r = 1 + r (1 + r p(r)) on |r| <= ln 2 / 2, within 3.1e-9.
  Value p = c(1.38145394e-3);
  for (double coefficient :
       {8.36874545e-3, 4.16683890e-2, 1.66665211e-1, 4.99999940e-1, 1.0, 1.0})
    p = e.multiplyAdd(p, r, c(coefficient));
  // 2^n is added to the exponent's bits.
  Type bits = cast<VectorType>(type).clone(e.builder.getI32Type());
  auto asBits = [&](Value v) -> Value {
    return arith::BitcastOp::create(e.builder, e.loc, bits, v);
  };
  Value exponent = arith::ShLIOp::create(e.builder, e.loc, asBits(shifted),
                                         e.constant(bits, 23));
  return arith::BitcastOp::create(e.builder, e.loc, type,
                                  e.plus(asBits(p), exponent));
}

Value mlc::exponential(Emitter &e, Value x) {
  Type type = x.getType();
  if (!getElementTypeOrSelf(type).isF32())
    return math::ExpOp::create(e.builder, e.loc, x);
  Value isZero = arith::CmpFOp::create(
      e.builder, e.loc, arith::CmpFPredicate::OLT, x, e.constant(type, -87.3));
  return arith::SelectOp::create(e.builder, e.loc, isZero, e.constant(type, 0),
                                 boundedExponential(e, x));
}

Value mlc::logistic(Emitter &e, Value numerator, Value x) {
  Value one = e.constant(x.getType(), 1);
  return arith::DivFOp::create(e.builder, e.loc, numerator,
                               e.plus(one, boundedExponential(e, x)));
}
