//===- Tflite.h - Definitions of TFLite's arithmetic ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What mode tflite computes, on scalars, where multiplyDoubleRounding and
// multiplyWide of Arithmetic.h do not say all of it: what the reference kernels
// of LiteRT 2.3 (BUILTIN_REF) were measured to compute. bench/tflite compares.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_TFLITE_H
#define MLC_QUANTIZE_TFLITE_H

#include "Quantize/Arithmetic.h"

#include <optional>

namespace mlc {

/// x / scale rounded, ties away from zero, plus the zero point, limited; NaN
/// gives range.low.
int32_t quantizeTflite(float x, float scale, StoredRange range);

/// That in mode tflite, quantizeValue in others.
int32_t quantizeIn(QuantizeMode mode, float x, float scale, StoredRange range);

//===----------------------------------------------------------------------===//
// Fully connected layers
//===----------------------------------------------------------------------===//

/// acc * real in f64, rounded, ties away from zero, plus the zero point,
/// limited. `real` is scaleA * scaleB / scaleOut in f64.
int32_t fullyConnectedTflite(int32_t acc, double real, StoredRange range);

/// One less than a half is added before the shift: x * multiplier + 2^(30 -
/// shift) - 1 >> (31 - shift), plus the zero point, limited.
int32_t requantizeBelowHalf(int32_t acc, FixedMultiplier m, StoredRange range);

/// The multiplier with which requantizeBelowHalf is fullyConnectedTflite for
/// all |acc| <= most; nullopt where none is.
std::optional<FixedMultiplier>
fullyConnectedMultiplier(double real, StoredRange range, int64_t most);

//===----------------------------------------------------------------------===//
// Sums, products and averages
//===----------------------------------------------------------------------===//

/// What operands, shifted to the left by `places`, and their sum are multiplied
/// by.
struct TfliteSum {
  FixedMultiplier a, b, result;
  int32_t places;
};
/// Operands of 8 bits are shifted by 20 places.
TfliteSum tfliteSum(float scaleA, float scaleB, float scaleOut,
                    int32_t places = 20);

/// Each operand, without its zero point, and their sum or difference is rounded
/// twice; limited.
int32_t addTflite(int32_t a, int32_t b, TfliteSum sum, StoredRange range);
int32_t subtractTflite(int32_t a, int32_t b, TfliteSum sum, StoredRange range);

/// (a * slopeA + b * slopeB + offset) >> places, limited, of stored bytes as
/// they are: one rounding where the definition has three.
struct SumLine {
  int64_t slopeA, slopeB, offset;
  int32_t places;
};
int32_t addByLine(int32_t a, int32_t b, SumLine line, StoredRange range);

/// The operands of a sum or difference of bytes.
struct TfliteOperands {
  Scaling a, b;
  bool isSignedA, isSignedB, isDifference;
};
/// The line that is addTflite, or subtractTflite, of all pairs of bytes. Slopes
/// are less than 2^32 and the line, but for its lowest 11 bits, fits 32.
/// nullopt where there is none, as where a sum is about a tie and its roundings
/// decide.
std::optional<SumLine> sumLine(const TfliteOperands &operands, float scaleOut,
                               StoredRange range);
inline constexpr int32_t kSumLineLowPlaces = 11;

/// What the product of operands without their zero points is multiplied by: the
/// scale of the result is rounded to f32 at each step.
FixedMultiplier productTflite(float scaleA, float scaleB, float scaleOut);

/// sum / count, ties away from zero, of stored integers as they are; limited to
/// the range without its zero point.
int32_t averageTflite(int32_t sum, int32_t count, StoredRange range);
/// The multiplier with which requantizeBelowHalf is that.
std::optional<FixedMultiplier> averageMultiplier(int32_t count,
                                                 StoredRange range);

/// What the sum of `count` integers without their zero points is multiplied by,
/// rounded twice, for their mean.
FixedMultiplier meanTflite(float scaleIn, float scaleOut, int64_t count);

} // namespace mlc

#endif // MLC_QUANTIZE_TFLITE_H
