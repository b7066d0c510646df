//===- TfliteFunctions.h - TFLite's functions and rows ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Definitions of mode tflite on scalars, as Tflite.h: functions of one stored
// integer, softmax and interpolation.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_TFLITEFUNCTIONS_H
#define MLC_QUANTIZE_TFLITEFUNCTIONS_H

#include "Quantize/Arithmetic.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlc {

//===----------------------------------------------------------------------===//
// Functions of one stored integer
//===----------------------------------------------------------------------===//

/// f of the number that `x` stands for, in f32, times 1 / scale of the result,
/// rounded, ties away from zero: logistic, tanh, gelu, exp, log.
int32_t lookUpTflite(int32_t x, Scaling in, float scaleOut, StoredRange range,
                     llvm::function_ref<float(float)> f);

/// Another scale. After a relu the quotient of scales is rounded to f32.
int32_t rescaleTflite(int32_t x, Scaling in, float scaleOut, StoredRange range);
int32_t reluTflite(int32_t x, Scaling in, float scaleOut, StoredRange range);

int32_t absTflite(int32_t x, Scaling in, float scaleOut, StoredRange range);
int32_t leakyReluTflite(int32_t x, Scaling in, float alpha, float scaleOut,
                        StoredRange range);
int32_t hardSwishTflite(int32_t x, Scaling in, float scaleOut,
                        StoredRange range);

/// x, without its zero point, or x * alpha where it is negative, alpha without
/// its own.
struct TflitePrelu {
  FixedMultiplier positive, negative;
};
TflitePrelu tflitePrelu(float scaleIn, float scaleAlpha, float scaleOut);
int32_t preluTflite(int32_t x, int32_t alpha, TflitePrelu m, StoredRange range);

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//
//
// Of a row whose greatest integer is `most`, into steps of 1/256:
//
//   terms[i] = softmaxTermTflite(most - stored[i], scale)
//   r = softmaxReciprocalTflite(sum of softmaxPartTflite(terms[i]))
//   result[i] = softmaxTflite(terms[i], r, range)

/// 2^31 * exp(-distance * scale) in TFLite's fixed point, 0 of what is far;
/// distance in [0, 255].
int32_t softmaxTermTflite(int32_t distance, float scale);

/// The term in units of 2^-19, which add up.
int32_t softmaxPartTflite(int32_t term);

/// 2^(19 + 31 - 12) / sum = scale * 2^-places, by Newton's method; sum in
/// [2^19, 2^31).
struct TfliteReciprocal {
  int32_t scale, places;
};
/// 48/17 and -32/17 in units of 2^-29.
inline constexpr int64_t kReciprocalStart = 1515870810;
inline constexpr int64_t kReciprocalSlope = -1010580540;
TfliteReciprocal softmaxReciprocalTflite(int32_t sum);

/// The zero point of `range` is the least integer of the type.
int32_t softmaxTflite(int32_t term, TfliteReciprocal r, StoredRange range);

//===----------------------------------------------------------------------===//
// Linear interpolation
//===----------------------------------------------------------------------===//

/// Where results are along a dimension.
enum class TfliteCoordinates { Corner, AlignedCorners, HalfPixel };

/// first * (1024 - weight) + second * weight, of one dimension.
struct TfliteTap {
  int32_t first, second, weight;
};
TfliteTap tfliteTap(int32_t position, int32_t sizeIn, int32_t sizeOut,
                    TfliteCoordinates coordinates);

/// Of stored integers times 2^20, rounded, ties away from zero.
int32_t resizeTflite(int32_t weighted);

} // namespace mlc

#endif // MLC_QUANTIZE_TFLITEFUNCTIONS_H
