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

  /// fullyConnectedTflite; nullopt where no multipliers of 31 bits give it.
  static std::optional<Requantization>
  ofFullyConnected(const ResultQuantization &result,
                   mlir::ArrayRef<double> reals, int64_t most);

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

  /// Keeps one factor where all are equal.
  void reduceToOne();
  mlir::SmallVector<mlir::SmallVector<int64_t>> columns() const;
  mlir::Value emitFloat(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value acc, mlir::Value scale) const;
  mlir::Value emitOnce(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value acc, mlir::Value multiplier,
                       mlir::Value places) const;
  mlir::Value emitTwice(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value acc, mlir::ValueRange factors) const;
  bool isFloat() const { return rounding == Rounding::Float; }
  bool isOne() const {
    return isFloat() ? scales.size() == 1 : multipliers.size() == 1;
  }
  /// Whether some accumulators are shifted to the left.
  bool grows() const {
    return llvm::any_of(multipliers,
                        [](FixedMultiplier m) { return m.shift > 0; });
  }

  ResultQuantization result;
  Rounding rounding;
  mlir::SmallVector<float> scales;
  mlir::SmallVector<FixedMultiplier> multipliers;
  int64_t most;
  /// What a single rounding adds less than a half.
  int64_t below = 0;
};

/// rint(v), limited and with the zero point, of the f32 `v`.
mlir::Value emitStoreFloat(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value v, const ResultQuantization &result);

/// v + zero point, limited, of the integer `v`, i32 or i64.
mlir::Value emitStoreInteger(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::Value v, const ResultQuantization &result);

} // namespace mlc

#endif // MLC_QUANTIZE_REQUANTIZE_H
