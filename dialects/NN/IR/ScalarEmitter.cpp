//===- ScalarEmitter.cpp - Scalar arithmetic of nn ops --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ScalarEmitter.h"

#include "NN/IR/ConstantFold.h"

#include "mlir/IR/BuiltinTypes.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nn;

Type nn::makeSignless(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return IntegerType::get(type.getContext(), integer.getWidth());
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return tensor.clone(makeSignless(tensor.getElementType()));
  return type;
}

Value ScalarEmitter::constant(double value) {
  Type storage = makeSignless(type);
  TypedAttr attr;
  if (!isFloat() && !(std::fabs(value) < 0x1p63))
    value = 0;
  if (isFloat())
    attr = builder.getFloatAttr(storage, value);
  else
    attr = builder.getIntegerAttr(
        storage, APInt(64, static_cast<uint64_t>(toInteger(value)))
                     .trunc(storage.getIntOrFloatBitWidth()));
  return arith::ConstantOp::create(builder, loc, attr);
}

Value ScalarEmitter::boolean(bool value) {
  return arith::ConstantOp::create(builder, loc, builder.getBoolAttr(value));
}

Value ScalarEmitter::add(Value a, Value b) {
  return isFloat() ? op<arith::AddFOp>(a, b) : op<arith::AddIOp>(a, b);
}

Value ScalarEmitter::sub(Value a, Value b) {
  return isFloat() ? op<arith::SubFOp>(a, b) : op<arith::SubIOp>(a, b);
}

Value ScalarEmitter::mul(Value a, Value b) {
  return isFloat() ? op<arith::MulFOp>(a, b) : op<arith::MulIOp>(a, b);
}

Value ScalarEmitter::div(Value a, Value b) {
  if (isFloat())
    return op<arith::DivFOp>(a, b);
  // Division by zero and INT_MIN / -1 trap on x86 and have no value in LLVM:
  // give them ones (0, and the wrapped quotient).
  Value zero = constant(0), one = constant(1);
  Value isZero = equal(b, zero);
  Value divisor = select(isZero, one, b);
  if (isUnsigned())
    return select(isZero, zero, op<arith::DivUIOp>(a, divisor));
  Value isMinusOne = equal(divisor, constant(-1));
  Value quotient = op<arith::DivSIOp>(a, select(isMinusOne, one, divisor));
  quotient = select(isMinusOne, sub(zero, a), quotient);
  return select(isZero, zero, quotient);
}

Value ScalarEmitter::mod(Value a, Value b, bool fmod) {
  if (isFloat()) {
    Value remainder = op<arith::RemFOp>(a, b);
    if (fmod)
      return remainder;
    Value zero = constant(0);
    Value signsDiffer = op<arith::XOrIOp>(less(remainder, zero), less(b, zero));
    Value isZero = equal(remainder, zero);
    Value wrapped = select(signsDiffer, add(remainder, b), remainder);
    return select(isZero, remainder, wrapped);
  }
  // a - b * (a / b) inherits the division's guards.
  Value remainder = sub(a, mul(b, div(a, b)));
  if (fmod || isUnsigned())
    return remainder;
  Value zero = constant(0);
  Value signsDiffer = op<arith::XOrIOp>(less(remainder, zero), less(b, zero));
  Value isZero = equal(remainder, zero);
  return select(isZero, remainder,
                select(signsDiffer, add(remainder, b), remainder));
}

Value ScalarEmitter::neg(Value a) {
  return isFloat() ? op<arith::NegFOp>(a) : sub(constant(0), a);
}

Value ScalarEmitter::abs(Value a) {
  if (isFloat())
    return op<math::AbsFOp>(a);
  return isUnsigned() ? a : op<math::AbsIOp>(a);
}

// Which zero comes out does not matter, NaNs do: with a number on one side, x86
// has one instruction for that.
static constexpr auto anyZero = arith::FastMathFlags::nsz;

Value ScalarEmitter::min(Value a, Value b) {
  if (isFloat())
    return op<arith::MinimumFOp>(a, b, anyZero);
  return isUnsigned() ? op<arith::MinUIOp>(a, b) : op<arith::MinSIOp>(a, b);
}

Value ScalarEmitter::max(Value a, Value b) {
  if (isFloat())
    return op<arith::MaximumFOp>(a, b, anyZero);
  return isUnsigned() ? op<arith::MaxUIOp>(a, b) : op<arith::MaxSIOp>(a, b);
}

Value ScalarEmitter::equal(Value a, Value b) {
  return isFloat() ? op<arith::CmpFOp>(arith::CmpFPredicate::OEQ, a, b)
                   : op<arith::CmpIOp>(arith::CmpIPredicate::eq, a, b);
}

Value ScalarEmitter::greater(Value a, Value b) {
  if (isFloat())
    return op<arith::CmpFOp>(arith::CmpFPredicate::OGT, a, b);
  return op<arith::CmpIOp>(isUnsigned() ? arith::CmpIPredicate::ugt
                                        : arith::CmpIPredicate::sgt,
                           a, b);
}

Value ScalarEmitter::greaterOrEqual(Value a, Value b) {
  if (isFloat())
    return op<arith::CmpFOp>(arith::CmpFPredicate::OGE, a, b);
  return op<arith::CmpIOp>(isUnsigned() ? arith::CmpIPredicate::uge
                                        : arith::CmpIPredicate::sge,
                           a, b);
}

Value ScalarEmitter::select(Value condition, Value a, Value b) {
  return op<arith::SelectOp>(condition, a, b);
}

Value ScalarEmitter::shiftLeft(Value a, Value amount) {
  Value width = constant(type.getIntOrFloatBitWidth());
  Value fits = op<arith::CmpIOp>(arith::CmpIPredicate::ult, amount, width);
  Value safe = select(fits, amount, constant(0));
  return select(fits, op<arith::ShLIOp>(a, safe), constant(0));
}

Value ScalarEmitter::shiftRight(Value a, Value amount) {
  unsigned width = type.getIntOrFloatBitWidth();
  if (!isUnsigned()) {
    Value most = op<arith::MinUIOp>(amount, constant(width - 1));
    return op<arith::ShRSIOp>(a, most);
  }
  Value fits =
      op<arith::CmpIOp>(arith::CmpIPredicate::ult, amount, constant(width));
  Value safe = select(fits, amount, constant(0));
  return select(fits, op<arith::ShRUIOp>(a, safe), constant(0));
}

Value ScalarEmitter::sigmoid(Value x) {
  Value one = constant(1);
  return div(one, add(one, op<math::ExpOp>(neg(x))));
}

Value ScalarEmitter::softplus(Value x) {
  // max(x, 0) + log1p(e^-|x|) neither overflows nor loses small values.
  Value tail = op<math::Log1pOp>(op<math::ExpOp>(neg(abs(x))));
  return add(max(x, constant(0)), tail);
}

Value ScalarEmitter::hardSigmoid(Value x, double alpha, double beta) {
  Value line = add(mul(constant(alpha), x), constant(beta));
  return max(constant(0), min(constant(1), line));
}

Value ScalarEmitter::pow(Value base, Value exponent, Type exponentType) {
  if (isFloat()) {
    ScalarEmitter from(builder, loc, exponentType);
    return op<math::PowFOp>(base, from.convert(exponent, type));
  }
  ScalarEmitter from(builder, loc, exponentType);
  if (from.isFloat())
    return throughReal(base, [&](ScalarEmitter &wide, Value b) {
      return wide.realPow(b, from.convert(exponent, wide.type));
    });
  return integerPow(base, from.convert(exponent, type));
}

Value ScalarEmitter::throughSingle(
    Value x, llvm::function_ref<Value(ScalarEmitter &, Value)> function) {
  if (type.getIntOrFloatBitWidth() >= 32)
    return function(*this, x);
  ScalarEmitter wide(builder, loc, builder.getF32Type());
  return wide.convert(function(wide, convert(x, wide.type)), type);
}

Value ScalarEmitter::throughReal(
    Value x, llvm::function_ref<Value(ScalarEmitter &, Value)> function) {
  if (isFloat())
    return function(*this, x);
  ScalarEmitter wide(builder, loc, builder.getF64Type());
  return wide.convert(function(wide, convert(x, wide.type)), type);
}

Value ScalarEmitter::realPow(Value base, Value exponent) {
  // A result that is cut to an integer has to be exact where it is one: only
  // products and roots, which f64 rounds correctly, by the bits of the
  // exponent before and behind its point.
  constexpr int wholeBits = 7, fractionBits = 30;
  Value size = abs(exponent), one = constant(1);
  Value floor = op<math::FloorOp>(min(size, constant((1 << wholeBits) - 1)));
  Value whole = op<arith::FPToSIOp>(builder.getI64Type(), floor);
  Value fraction = sub(size, op<math::FloorOp>(size));
  Value result = one, power = base, root = base;
  ScalarEmitter bits(builder, loc, builder.getI64Type());
  for (int bit = 0; bit < wholeBits; ++bit) {
    Value low = bits.op<arith::AndIOp>(
        bits.op<arith::ShRUIOp>(whole, bits.constant(bit)), bits.constant(1));
    result =
        select(bits.equal(low, bits.constant(1)), mul(result, power), result);
    power = mul(power, power);
  }
  for (int bit = 0; bit < fractionBits; ++bit) {
    root = op<math::SqrtOp>(root);
    fraction = add(fraction, fraction);
    Value isSet = greaterOrEqual(fraction, one);
    result = select(isSet, mul(result, root), result);
    fraction = select(isSet, sub(fraction, one), fraction);
  }
  return select(less(exponent, constant(0)), div(one, result), result);
}

Value ScalarEmitter::integerPow(Value base, Value exponent) {
  // Square and multiply over all bits, without a branch: wraps as
  // multiplication does.
  Value result = constant(1), one = constant(1), zero = constant(0);
  Value first = base;
  for (unsigned bit = 0, e = std::min(6u, type.getIntOrFloatBitWidth());
       bit < e; ++bit) {
    Value isSet = equal(
        op<arith::AndIOp>(op<arith::ShRUIOp>(exponent, constant(bit)), one),
        one);
    result = select(isSet, mul(result, base), result);
    base = mul(base, base);
  }
  if (isUnsigned())
    return result;
  // Of negative powers, those of 1 and -1 are integers.
  Value isUnit = equal(abs(first), one);
  Value fraction = select(isUnit, result, zero);
  return select(less(exponent, zero), fraction, result);
}

Value ScalarEmitter::floatToInteger(Value x, Type to, bool saturate) {
  Type storage = makeSignless(to);
  unsigned width = to.getIntOrFloatBitWidth();
  if (saturate) {
    // Limits must be exact in the source type: clamp in f64, which holds them
    // to 53 bits.
    ScalarEmitter wide(builder, loc, builder.getF64Type());
    APInt low = to.isUnsignedInteger()
                    ? APInt(64, 0)
                    : APInt::getSignedMinValue(width).sext(64);
    APInt high = to.isUnsignedInteger()
                     ? APInt::getMaxValue(width).zext(64)
                     : APInt::getSignedMaxValue(width).sext(64);
    Value v = convert(x, builder.getF64Type());
    v = wide.max(v, wide.constant(low.signedRoundToDouble()));
    v = wide.min(v, wide.constant(high.roundToDouble(!to.isUnsignedInteger())));
    return to.isUnsignedInteger() ? op<arith::FPToUIOp>(storage, v)
                                  : op<arith::FPToSIOp>(storage, v);
  }
  if (width == 64)
    return to.isUnsignedInteger() ? op<arith::FPToUIOp>(storage, x)
                                  : op<arith::FPToSIOp>(storage, x);
  // By way of a wider signed integer, so that values out of range wrap as in C
  // on common machines instead of having no value.
  Type wide = builder.getIntegerType(width < 32 ? 32 : 64);
  return op<arith::TruncIOp>(storage, op<arith::FPToSIOp>(wide, x));
}

Value ScalarEmitter::convert(Value x, Type to, bool saturate) {
  Type storage = makeSignless(to);
  unsigned from = type.getIntOrFloatBitWidth(),
           width = to.getIntOrFloatBitWidth();
  if (to == type)
    return x;
  if (to.isInteger(1)) {
    if (isFloat())
      return op<arith::CmpFOp>(arith::CmpFPredicate::UNE, x, constant(0));
    return op<arith::CmpIOp>(arith::CmpIPredicate::ne, x, constant(0));
  }
  if (isFloat() && isa<FloatType>(to)) {
    if (from == width) // f16 <-> bf16
      return op<arith::TruncFOp>(storage,
                                 op<arith::ExtFOp>(builder.getF32Type(), x));
    return from < width ? op<arith::ExtFOp>(storage, x)
                        : op<arith::TruncFOp>(storage, x);
  }
  if (isFloat())
    return floatToInteger(x, to, saturate);
  if (isa<FloatType>(to))
    return isUnsigned() ? op<arith::UIToFPOp>(storage, x)
                        : op<arith::SIToFPOp>(storage, x);
  if (from == width)
    return x;
  if (from > width)
    return op<arith::TruncIOp>(storage, x);
  return isUnsigned() ? op<arith::ExtUIOp>(storage, x)
                      : op<arith::ExtSIOp>(storage, x);
}
