//===- Arithmetic.h - Definitions of quantised arithmetic -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the named modes of integer arithmetic compute, on scalars. Generated
// code is tested against these functions bit for bit, on every target.
//
//   onnx     what onnxruntime computes on x86 with AVX2, bit for bit: f32
//            multiply, half to even, then the zero point in QLinearConv and
//            QLinearMatMul; fused and unfused steps as they are there in sums,
//            differences and products of two tensors. Where it leaves a
//            convolution between dequantize and quantize in floats, as for int8
//            activations, values within the noise of its sums of a tie fall on
//            either side: 5 of a million in an int8 ResNet8, 3.4999984 to 4.
//   integer  int64 multiply, one rounding shift, ties towards +inf: no float
//   tflite   rounding doubling high multiply, then a rounding shift, ties away
//            from zero: bit exact to TFLite's reference kernels. Tflite.h has
//            what else these compute
//
// A stored integer q stands for scale * (q - zeroPoint). An accumulator is a
// sum of products of such differences; its scale is the product of theirs, and
// the real factor that makes an output of it is scaleA * scaleB / scaleOut.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_ARITHMETIC_H
#define MLC_QUANTIZE_ARITHMETIC_H

#include "mlc/Options.h"

#include <cstdint>

namespace mlc {

/// The stored integers that a result is limited to, and its zero point.
struct StoredRange {
  int32_t zeroPoint, low, high;
};

//===----------------------------------------------------------------------===//
// Numbers and stored integers
//===----------------------------------------------------------------------===//

/// saturate(rint(x / scale) + zeroPoint), ties to even; NaN gives range.low.
int32_t quantizeValue(float x, float scale, StoredRange range);

/// (stored - zeroPoint) * scale.
float dequantizeValue(int32_t stored, float scale, int32_t zeroPoint);

//===----------------------------------------------------------------------===//
// Fixed-point multipliers
//===----------------------------------------------------------------------===//

/// multiplier * 2^(shift - 31), multiplier 0 or in [2^30, 2^31), shift in
/// [-31, 30].
struct FixedMultiplier {
  int32_t multiplier;
  int32_t shift;
};

/// The nearest fixed-point multiplier to `real`, finite and >= 0: frexp, with a
/// mantissa that rounds up to 1 halved. What is below 2^-32 gives 0, what is
/// 2^30 or more the greatest.
FixedMultiplier fixedMultiplier(double real);

/// x * m with one rounding, ties towards +inf: (x * multiplier + 2^(30 -
/// shift))
/// >> (31 - shift).
int64_t multiplySingleRounding(int32_t x, FixedMultiplier m);

/// x * m by a rounding doubling high multiply (ties towards +inf; only INT_MIN
/// squared saturates) and a rounding shift (ties away from zero).
int32_t multiplyDoubleRounding(int32_t x, FixedMultiplier m);

/// The same for the 64-bit accumulator of 16-bit activations, |x| < 2^47: the
/// multiplier is rounded to 15 bits.
int32_t multiplyWide(int64_t x, FixedMultiplier m);

//===----------------------------------------------------------------------===//
// Accumulators to stored integers
//===----------------------------------------------------------------------===//

/// rint(f32(acc) * scale), limited, plus the zero point. `scale` is
/// onnxScale(...).
int32_t requantizeOnnx(int32_t acc, float scale, StoredRange range);

/// scaleA * scaleB / scaleOut, each step rounded to f32 as onnxruntime does.
float onnxScale(float scaleA, float scaleB, float scaleOut);

/// multiplySingleRounding plus the zero point, limited.
int32_t requantizeInteger(int32_t acc, FixedMultiplier m, StoredRange range);

/// Of products of two 16-bit operands, |acc| < 2^34: the multiplier is rounded
/// to 28 bits, then as requantizeInteger.
int32_t requantizeWide(int64_t acc, FixedMultiplier m, StoredRange range);

/// The multiplier that requantizeWide uses, and the places it shifts by. From
/// 2^26 on, all but 0 is limited.
struct WideMultiplier {
  int64_t multiplier;
  int32_t places;
};
WideMultiplier wideMultiplier(FixedMultiplier m);

/// multiplyDoubleRounding plus the zero point, limited.
int32_t requantizeTflite(int32_t acc, FixedMultiplier m, StoredRange range);

//===----------------------------------------------------------------------===//
// Sums and products of two tensors
//===----------------------------------------------------------------------===//

/// How the integers of a tensor stand for numbers.
struct Scaling {
  float scale;
  int32_t zeroPoint;
};

/// What QLinearAdd multiplies its operands by, a scale by the result's, and
/// what of the sum is no operand's: zero - fma(ratioA, zeroA, ratioB * zeroB).
struct FusedSum {
  float ratioA, ratioB, rest;
};
FusedSum fusedSum(Scaling a, Scaling b, Scaling result);

/// rint(fma(a, ratioA, fma(b, ratioB, rest))), limited; a and b as they are
/// stored. The order of the operands makes a difference.
int32_t addOnnx(int32_t a, int32_t b, FusedSum sum, StoredRange range);

/// Whether addOnnx gives the same for all operands of 8 bits, signed or
/// unsigned as said, when either of its products, or both, are rounded before
/// they are added.
bool isSameUnfused(FusedSum sum, bool isSignedA, bool isSignedB,
                   StoredRange range);

/// rint(f32(product) * scale + zero point), each step rounded, limited: what
/// QLinearMul makes of centred operands. `scale` is onnxScale(...).
int32_t multiplyOnnx(int32_t product, float scale, StoredRange range);

/// Two multipliers with one shift: real = a * 2^-shift. |a|, |b| < 2^21, so
/// that 9-bit operands, without their zero points, sum in 32 bits; 17-bit ones
/// take 64.
struct SumMultipliers {
  int32_t a, b, shift;
};

/// The nearest for two finite ratios, of which the greater magnitude is in
/// [2^-10, 2^20); shift is in [1, 31].
SumMultipliers sumMultipliers(double ratioA, double ratioB);

/// Whether sumMultipliers is defined for these ratios.
bool hasSumMultipliers(double ratioA, double ratioB);

/// (a * m.a + b * m.b + 2^(shift - 1)) >> shift, plus the zero point, limited.
int32_t addInteger(int32_t a, int32_t b, SumMultipliers m, StoredRange range);

/// a / b * m, rounded, ties towards +inf, plus the zero point, limited; m
/// stands for scaleA / (scaleB * scaleOut), and a and b are of at most 9 bits.
/// What is rounded is off by at most 2^-21, and by a 2^-31th of itself with m.
/// By 0, the end on a's side; 0 by 0 gives the low one, as no number does.
int32_t divideInteger(int32_t a, int32_t b, FixedMultiplier m,
                      StoredRange range);

//===----------------------------------------------------------------------===//
// Softmax without floats
//===----------------------------------------------------------------------===//
//
// Of n stored integers, whose greatest is `most`:
//
//   terms[i] = softmaxTerm(most - stored[i], scale)
//   reciprocal = softmaxReciprocal(sum of terms)
//   result[i] = softmaxInteger(terms[i], reciprocal, m, range),
//     m = softmaxMultiplier(scale of the result)
//
// What is rounded in the end differs from the softmax of the dequantised
// integers by at most (n + 4) * 2^-31. In units of 2^-30: terms are off by half
// a unit each, the sum, of at least 2^30 units, by n / 2; at most a quarter is
// lost with the reciprocal and one is cut off after the product.

/// 2^30 * exp(-distance * scale), rounded; distance in [0, 255].
int32_t softmaxTerm(int32_t distance, float scale);

/// 2^62 / sum, cut off; sum in [2^30, 2^62].
int64_t softmaxReciprocal(int64_t sum);

/// From 2^-30 to steps of `scale`.
FixedMultiplier softmaxMultiplier(float scale);

/// requantizeInteger of (term * reciprocal) >> 32, which is at most 2^30.
int32_t softmaxInteger(int32_t term, int64_t reciprocal, FixedMultiplier m,
                       StoredRange range);

// The logarithm of a softmax is
//
//   result[i] = logSoftmaxInteger(logSoftmaxTerm(most - stored[i], ...),
//     softmaxLogarithm(sum of terms), logSoftmaxMultiplier(...), range)
//
// and what is rounded is off by at most 2^-16 + (2^-18 + (n + 1) * 2^-31) /
// scale steps of the result's scale.

/// 2^24 * ln(1 + i / 256), rounded; i in [0, 256].
int64_t logarithmEntry(int32_t i);

/// 2^24 * ln(sum * 2^-30) between entries, off by at most 2^6; sum in
/// [2^30, 2^62).
int64_t softmaxLogarithm(int64_t sum);

/// 2^24 * ln(2).
inline constexpr int64_t kLogarithmOfTwo = 11629080;

/// distance * scaleIn / scaleOut in units of 2^-16, rounded, at most 2^36,
/// which is beyond all that is stored.
int64_t logSoftmaxTerm(int32_t distance, float scaleIn, float scaleOut);

/// From 2^-24 to steps of `scale` in units of 2^-16.
FixedMultiplier logSoftmaxMultiplier(float scale);

/// (2^15 - term - logarithm * m) >> 16 plus the zero point, limited.
int32_t logSoftmaxInteger(int64_t term, int64_t logarithm, FixedMultiplier m,
                          StoredRange range);

//===----------------------------------------------------------------------===//
// Interpolation without floats
//===----------------------------------------------------------------------===//
//
// Dimension by dimension, in units of 2^-16 of the input's scale: the first
// numbers are (stored - zero point) * 2^16, the last acc gives
// requantizeInteger(acc, resampleMultiplier(...), range). What is rounded there
// is off, in steps of the input's scale, by at most 2^-17 and 255 * 2^-21 for
// each tap, a dimension, where magnitudes of weights add up to 1, as those of
// linear ones.

/// A weight in units of 2^-20, rounded; |weight| < 2^10.
int32_t resampleWeight(float weight);

/// What the products of numbers and weights add up to, for 2^20 places shifted
/// and rounded, ties towards +inf.
int32_t resampleInteger(int64_t sumOfProducts);

/// From 2^-16 of the input's scale to the result's.
FixedMultiplier resampleMultiplier(float scaleIn, float scaleOut);

} // namespace mlc

#endif // MLC_QUANTIZE_ARITHMETIC_H
