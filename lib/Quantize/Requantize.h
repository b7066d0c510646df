//===- Requantize.h - Accumulators to stored integers, in the IR *- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Spells out in arith ops what Arithmetic.h defines, in a region of an nn op:
//
//   Requantization r{mode, ...};
//   SmallVector<Value> operands = r.operands(builder, loc, {channels});
//   ... block with arguments (acc: i32, one scalar for each operand) ...
//   Value stored = r.emit(builder, loc, acc, scalars);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_REQUANTIZE_H
#define MLC_QUANTIZE_REQUANTIZE_H

#include "Quantize/Parameters.h"
#include "Quantize/Passes.h"

#include <limits>

namespace mlc {

/// The result of an island: its parameters, limited to what relu and clamp
/// between the operator and nn.quantize let through.
struct ResultQuantization {
  QuantizeMode mode;
  Parameters parameters;
  StoredRange range;

  /// For values that the zero point is added to already.
  ResultQuantization withoutZeroPoint() const {
    return {mode, parameters, {0, range.low, range.high}};
  }
};

class Requantization {
public:
  /// A real factor for each channel, or one for all, of accumulators whose
  /// magnitude is at most `most`.
  Requantization(const ResultQuantization &result, mlir::ArrayRef<float> scales,
                 mlir::ArrayRef<double> reals,
                 int64_t most = std::numeric_limits<int32_t>::max());

  /// multiplyDoubleRounding by these multipliers, in any mode.
  static Requantization twice(const ResultQuantization &result,
                              mlir::ArrayRef<FixedMultiplier> multipliers,
                              int64_t most);
  /// requantizeBelowHalf by these multipliers, in any mode.
  static Requantization belowHalf(const ResultQuantization &result,
                                  mlir::ArrayRef<FixedMultiplier> multipliers);

  /// Constants of `shape` to read the factors from; none where there is one
  /// factor, which is then in the region.
  mlir::SmallVector<mlir::Value> operands(mlir::OpBuilder &builder,
                                          mlir::Location loc,
                                          mlir::ArrayRef<int64_t> shape) const;
  /// The scalar types of those operands.
  mlir::SmallVector<mlir::Type> scalarTypes(mlir::Builder &builder) const;
  /// The stored integer, signless, for the i32 `acc`.
  mlir::Value emit(mlir::OpBuilder &builder, mlir::Location loc,
                   mlir::Value acc, mlir::ValueRange scalars) const;

private:
  /// How an accumulator is multiplied: by a float, with one rounding, or with
  /// two, of which the second takes ties away from zero.
  enum class Rounding { Float, Once, Twice };

  Requantization(const ResultQuantization &result, Rounding rounding,
                 mlir::ArrayRef<FixedMultiplier> multipliers, int64_t most);
  /// Keeps one factor where all are equal.
  void reduceToOne();
  /// Makes one rounding of two behind a relu.
  void roundOnce();
  mlir::SmallVector<mlir::SmallVector<int64_t>> columns() const;
  mlir::Value emitFloat(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value acc, mlir::Value scale) const;
  mlir::Value emitOnce(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value acc, mlir::Value multiplier,
                       mlir::Value places) const;
  bool isFloat() const { return rounding == Rounding::Float; }
  bool isOne() const {
    return isFloat() ? scales.size() == 1 : multipliers.size() == 1;
  }
  ResultQuantization result;
  Rounding rounding;
  mlir::SmallVector<float> scales;
  mlir::SmallVector<FixedMultiplier> multipliers;
  int64_t most;
  /// What a single rounding adds less than a half.
  int64_t below = 0;
};

/// multiplyDoubleRounding of the i32 `x`, |x| <= `most`, which is an i64 where
/// 32 bits may not hold what is added to round.
mlir::Value emitDoubleRounding(mlir::OpBuilder &builder, mlir::Location loc,
                               mlir::Value x, FixedMultiplier m, int64_t most);

/// The second step of that: x / 2^places, ties away from zero, of an x that
/// is far enough from the ends of its type.
mlir::Value emitShiftAwayFromZero(mlir::OpBuilder &builder, mlir::Location loc,
                                  mlir::Value x, int64_t places);

/// rint(v), limited and with the zero point, of the f32 `v`.
mlir::Value emitStoreFloat(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value v, const ResultQuantization &result);

/// v + zero point, limited, of the integer `v`, i32 or i64.
mlir::Value emitStoreInteger(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::Value v, const ResultQuantization &result);

} // namespace mlc

#endif // MLC_QUANTIZE_REQUANTIZE_H
