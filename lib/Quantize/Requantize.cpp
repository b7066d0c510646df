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
                               ArrayRef<float> scales, ArrayRef<double> reals)
    : result(result), scales(scales) {
  for (double real : reals)
    multipliers.push_back(fixedMultiplier(real));
  if (llvm::all_equal(scales))
    this->scales.resize(1);
  if (isUniform(multipliers))
    multipliers.resize(1);
}

SmallVector<Value> Requantization::operands(OpBuilder &builder, Location loc,
                                            ArrayRef<int64_t> shape) const {
  if (isOne())
    return {};
  if (result.mode == QuantizeMode::Onnx)
    return {makeFloats(builder, loc, scales, shape)};
  SmallVector<int64_t> factors, shifts;
  for (FixedMultiplier m : multipliers) {
    factors.push_back(m.multiplier);
    shifts.push_back(31 - m.shift);
  }
  Type i32 = builder.getI32Type();
  return {makeInts(builder, loc, i32, factors, shape),
          makeInts(builder, loc, i32, shifts, shape)};
}

SmallVector<Type> Requantization::scalarTypes(Builder &builder) const {
  if (isOne())
    return {};
  if (result.mode == QuantizeMode::Onnx)
    return {builder.getF32Type()};
  return {builder.getI32Type(), builder.getI32Type()};
}

Value Requantization::emit(OpBuilder &builder, Location loc, Value acc,
                           ValueRange scalars) const {
  if (result.mode == QuantizeMode::Onnx) {
    nn::ScalarEmitter e(builder, loc, builder.getF32Type());
    return emitFloat(builder, loc, acc,
                     isOne() ? e.constant(scales[0]) : scalars[0]);
  }
  nn::ScalarEmitter e(builder, loc, builder.getI32Type());
  if (isOne())
    return emitInteger(builder, loc, acc, e.constant(multipliers[0].multiplier),
                       e.constant(31 - multipliers[0].shift));
  return emitInteger(builder, loc, acc, scalars[0], scalars[1]);
}

Value Requantization::emitFloat(OpBuilder &builder, Location loc, Value acc,
                                Value scale) const {
  nn::ScalarEmitter e(builder, loc, builder.getF32Type());
  Value v = e.op<arith::SIToFPOp>(builder.getF32Type(), acc);
  return emitStoreFloat(builder, loc, e.mul(v, scale), result);
}

Value Requantization::emitInteger(OpBuilder &builder, Location loc, Value acc,
                                  Value multiplier, Value shift) const {
  Type i64 = builder.getI64Type();
  nn::ScalarEmitter e(builder, loc, i64);
  auto widen = [&](Value v) { return e.op<arith::ExtSIOp>(i64, v); };
  Value amount = widen(shift), one = e.constant(1);
  Value half = e.op<arith::ShLIOp>(one, e.sub(amount, one));
  Value product = e.mul(widen(acc), widen(multiplier));
  Value v = e.op<arith::ShRSIOp>(e.add(product, half), amount);
  // A factor below 1 keeps 32 bits; there vectors are twice as long.
  bool isNarrow =
      llvm::all_of(multipliers, [](FixedMultiplier m) { return m.shift <= 0; });
  if (isNarrow)
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
