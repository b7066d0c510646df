//===- Requantize.cpp - Accumulators to stored integers, in the IR --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/Requantize.h"

#include "NN/IR/QuantArithmetic.h"
#include "NN/IR/ScalarEmitter.h"

using namespace mlir;
using namespace mlc;

static bool isUniform(ArrayRef<FixedMultiplier> multipliers) {
  return llvm::all_of(multipliers, [&](FixedMultiplier m) {
    return m.multiplier == multipliers[0].multiplier &&
           m.shift == multipliers[0].shift;
  });
}

Requantization::Requantization(const ResultQuantization &result,
                               ArrayRef<float> scales, ArrayRef<double> reals,
                               int64_t most)
    : result(result), scales(scales), most(most) {
  switch (result.mode) {
  case QuantizeMode::Onnx:
    rounding = Rounding::Float;
    break;
  case QuantizeMode::Integer:
    rounding = Rounding::Once;
    break;
  case QuantizeMode::Tflite:
    rounding = Rounding::Twice;
    break;
  }
  for (double real : reals)
    multipliers.push_back(fixedMultiplier(real));
  reduceToOne();
  roundOnce();
}

Requantization::Requantization(const ResultQuantization &result,
                               Rounding rounding,
                               ArrayRef<FixedMultiplier> multipliers,
                               int64_t most)
    : result(result), rounding(rounding), multipliers(multipliers), most(most) {
  reduceToOne();
  roundOnce();
}

Requantization Requantization::twice(const ResultQuantization &result,
                                     ArrayRef<FixedMultiplier> multipliers,
                                     int64_t most) {
  return {result, Rounding::Twice, multipliers, most};
}

Requantization
Requantization::belowHalf(const ResultQuantization &result,
                          ArrayRef<FixedMultiplier> multipliers) {
  Requantization r(result, Rounding::Once, multipliers,
                   std::numeric_limits<int32_t>::max());
  r.below = 1;
  return r;
}

/// Two roundings of an accumulator that is not negative are one, whose half is
/// 2^30 more: the first adds 2^30, the second 2^(places - 1) to what is 31
/// places below. What is negative then gives 0 at most, as it should.
void Requantization::roundOnce() {
  const StoredRange &range = result.range;
  bool isRelu = range.low >= range.zeroPoint;
  bool areShifted =
      llvm::all_of(multipliers, [](FixedMultiplier m) { return m.shift < 0; });
  if (rounding != Rounding::Twice || !isRelu || !areShifted)
    return;
  rounding = Rounding::Once;
  below = -(int64_t(1) << 30);
}

void Requantization::reduceToOne() {
  if (!scales.empty() && llvm::all_equal(scales))
    scales.resize(1);
  if (!multipliers.empty() && isUniform(multipliers))
    multipliers.resize(1);
}

/// Whether some accumulators are shifted to the left.
static bool grows(ArrayRef<FixedMultiplier> multipliers) {
  return llvm::any_of(multipliers,
                      [](FixedMultiplier m) { return m.shift > 0; });
}

/// What emitTwice reads. Powers of two are not computed: vectors that have no
/// such shift would do that in floats.
static SmallVector<SmallVector<int64_t>>
columnsOfTwice(ArrayRef<FixedMultiplier> multipliers) {
  SmallVector<SmallVector<int64_t>> result(3);
  for (FixedMultiplier m : multipliers) {
    int64_t places = std::max(-m.shift, 0);
    result[0].push_back(m.multiplier);
    result[1].push_back(places);
    result[2].push_back((int64_t(1) << places) >> 1);
  }
  if (grows(multipliers))
    result.push_back(llvm::map_to_vector(multipliers, [](FixedMultiplier m) {
      return int64_t(1) << std::max(m.shift, 0);
    }));
  return result;
}

/// multiplyDoubleRounding by one of `multipliers`. `factors` are the
/// multiplier, the places to the right, half of what is shifted out and, where
/// some are shifted to the left, the power of two. Of x, not negative, the
/// second rounding is (x + half) >> places, else (x - 1 + half) >> places.
static Value emitTwice(OpBuilder &builder, Location loc, Value acc,
                       ValueRange factors,
                       ArrayRef<FixedMultiplier> multipliers, int64_t most) {
  Type i32 = builder.getI32Type(), i64 = builder.getI64Type();
  nn::ScalarEmitter wide(builder, loc, i64), narrow(builder, loc, i32);
  auto widen = [&](Value v) { return wide.op<arith::ExtSIOp>(i64, v); };
  if (factors.size() > 3)
    acc = narrow.mul(acc, factors[3]);
  Value v = wide.mul(widen(acc), widen(factors[0]));
  v = wide.add(v, wide.constant(int64_t(1) << 30));
  v = wide.op<arith::ShRSIOp>(v, wide.constant(31));
  auto isWhole = [](FixedMultiplier m) { return m.shift >= 0; };
  // Half of 2^31 at most is added.
  bool areWhole = llvm::all_of(multipliers, isWhole);
  bool isNarrow = areWhole || (most < int64_t(1) << 30 && !grows(multipliers));
  if (isNarrow)
    v = wide.op<arith::TruncIOp>(i32, v);
  if (areWhole)
    return v;
  nn::ScalarEmitter e(builder, loc, v.getType());
  Value places = isNarrow ? factors[1] : widen(factors[1]);
  Value half = isNarrow ? factors[2] : widen(factors[2]), sign = v;
  // Where nothing is shifted out nothing is added.
  if (llvm::any_of(multipliers, isWhole))
    sign = e.op<arith::AndIOp>(v, e.sub(e.constant(0), places));
  sign = e.op<arith::ShRSIOp>(sign, e.constant(isNarrow ? 31 : 63));
  return e.op<arith::ShRSIOp>(e.add(e.add(v, half), sign), places);
}

Value mlc::emitDoubleRounding(OpBuilder &builder, Location loc, Value x,
                              FixedMultiplier m, int64_t most) {
  nn::ScalarEmitter e(builder, loc, builder.getI32Type());
  auto factors =
      llvm::map_to_vector(columnsOfTwice(m), [&](ArrayRef<int64_t> column) {
        return e.constant(column[0]);
      });
  return emitTwice(builder, loc, x, factors, m, most);
}

Value mlc::emitShiftAwayFromZero(OpBuilder &builder, Location loc, Value x,
                                 int64_t places) {
  if (places == 0)
    return x;
  nn::ScalarEmitter e(builder, loc, x.getType());
  int64_t last = x.getType().getIntOrFloatBitWidth() - 1;
  Value sign = e.op<arith::ShRSIOp>(x, e.constant(last));
  x = e.add(e.add(x, e.constant(int64_t(1) << (places - 1))), sign);
  return e.op<arith::ShRSIOp>(x, e.constant(places));
}

/// What is read for each channel.
SmallVector<SmallVector<int64_t>> Requantization::columns() const {
  if (rounding == Rounding::Twice)
    return columnsOfTwice(multipliers);
  SmallVector<SmallVector<int64_t>> result(2);
  for (FixedMultiplier m : multipliers) {
    result[0].push_back(m.multiplier);
    result[1].push_back(31 - m.shift);
  }
  return result;
}

SmallVector<Value> Requantization::operands(OpBuilder &builder, Location loc,
                                            ArrayRef<int64_t> shape) const {
  if (isOne())
    return {};
  if (isFloat())
    return {makeFloats(builder, loc, scales, shape)};
  return llvm::map_to_vector(columns(), [&](ArrayRef<int64_t> column) -> Value {
    return makeInts(builder, loc, builder.getI32Type(), column, shape);
  });
}

SmallVector<Type> Requantization::scalarTypes(Builder &builder) const {
  if (isOne())
    return {};
  if (isFloat())
    return {builder.getF32Type()};
  return SmallVector<Type>(columns().size(), builder.getI32Type());
}

Value Requantization::emit(OpBuilder &builder, Location loc, Value acc,
                           ValueRange scalars) const {
  if (isFloat()) {
    nn::ScalarEmitter e(builder, loc, builder.getF32Type());
    return emitFloat(builder, loc, acc,
                     isOne() ? e.constant(scales[0]) : scalars[0]);
  }
  nn::ScalarEmitter e(builder, loc, builder.getI32Type());
  SmallVector<Value> factors(scalars);
  if (isOne())
    factors = llvm::map_to_vector(columns(), [&](ArrayRef<int64_t> column) {
      return e.constant(column[0]);
    });
  return rounding == Rounding::Once
             ? emitOnce(builder, loc, acc, factors[0], factors[1])
             : emitStoreInteger(
                   builder, loc,
                   emitTwice(builder, loc, acc, factors, multipliers, most),
                   result);
}

Value Requantization::emitFloat(OpBuilder &builder, Location loc, Value acc,
                                Value scale) const {
  nn::ScalarEmitter e(builder, loc, builder.getF32Type());
  Value v = e.op<arith::SIToFPOp>(builder.getF32Type(), acc);
  return emitStoreFloat(builder, loc, e.mul(v, scale), result);
}

Value Requantization::emitOnce(OpBuilder &builder, Location loc, Value acc,
                               Value multiplier, Value places) const {
  Type i64 = builder.getI64Type();
  nn::ScalarEmitter e(builder, loc, i64);
  auto widen = [&](Value v) { return e.op<arith::ExtSIOp>(i64, v); };
  Value amount = widen(places), one = e.constant(1);
  Value added = e.op<arith::ShLIOp>(one, e.sub(amount, one));
  if (below != 0)
    added = e.sub(added, e.constant(below));
  Value product = e.mul(widen(acc), widen(multiplier));
  Value v = e.op<arith::ShRSIOp>(e.add(product, added), amount);
  // A factor below 1 keeps 32 bits; there vectors are twice as long.
  if (!grows(multipliers))
    v = e.op<arith::TruncIOp>(builder.getI32Type(), v);
  return emitStoreInteger(builder, loc, v, result);
}

Value mlc::emitStoreFloat(OpBuilder &builder, Location loc, Value v,
                          const ResultQuantization &result) {
  nn::ScalarEmitter e(builder, loc, builder.getF32Type());
  nn::ScalarEmitter integer(builder, loc, builder.getI32Type());
  const StoredRange &range = result.range;
  v = nn::emitClampFloat(builder, loc, v,
                         e.constant(range.low - range.zeroPoint),
                         e.constant(range.high - range.zeroPoint));
  Value rounded = nn::emitRoundToInteger(builder, loc, v);
  Value stored = integer.add(rounded, integer.constant(range.zeroPoint));
  return integer.convert(stored, result.parameters.stored);
}

Value mlc::emitStoreInteger(OpBuilder &builder, Location loc, Value v,
                            const ResultQuantization &result) {
  nn::ScalarEmitter e(builder, loc, v.getType());
  v = e.add(v, e.constant(result.range.zeroPoint));
  v = e.min(e.max(v, e.constant(result.range.low)),
            e.constant(result.range.high));
  return e.convert(v, result.parameters.stored);
}
