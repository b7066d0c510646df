//===- TfliteFunctions.cpp - TFLite's functions and rows ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/TfliteFunctions.h"

#include "llvm/ADT/bit.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlc;

static int32_t limited(int64_t v, StoredRange range) {
  return static_cast<int32_t>(
      std::clamp<int64_t>(v + range.zeroPoint, range.low, range.high));
}

/// (a * b + half) >> places: the high half of a product, rounded, ties towards
/// +inf.
static int64_t highMultiply(int64_t a, int64_t b, int32_t places = 31) {
  return (a * b + (int64_t(1) << (places - 1))) >> places;
}

/// v / 2^places, ties away from zero.
static int64_t shiftAway(int64_t v, int32_t places) {
  if (places == 0)
    return v;
  return (v + (int64_t(1) << (places - 1)) - (v < 0)) >> places;
}

//===----------------------------------------------------------------------===//
// Functions of one stored integer
//===----------------------------------------------------------------------===//

int32_t mlc::lookUpTflite(int32_t x, Scaling in, float scaleOut,
                          StoredRange range,
                          llvm::function_ref<float(float)> f) {
  float number = in.scale * static_cast<float>(x - in.zeroPoint);
  float inverse = 1.0f / scaleOut;
  float steps = std::round(f(number) * inverse);
  if (std::isnan(steps))
    return range.low;
  constexpr float most = 1 << 20;
  return limited(static_cast<int64_t>(std::clamp(steps, -most, most)), range);
}

int32_t mlc::rescaleTflite(int32_t x, Scaling in, float scaleOut,
                           StoredRange range) {
  double real = static_cast<double>(in.scale) / scaleOut;
  return requantizeTflite(x - in.zeroPoint, fixedMultiplier(real), range);
}

int32_t mlc::reluTflite(int32_t x, Scaling in, float scaleOut,
                        StoredRange range) {
  float real = in.scale / scaleOut;
  return requantizeTflite(x - in.zeroPoint, fixedMultiplier(real), range);
}

int32_t mlc::absTflite(int32_t x, Scaling in, float scaleOut,
                       StoredRange range) {
  return rescaleTflite(std::abs(x - in.zeroPoint), {in.scale, 0}, scaleOut,
                       range);
}

int32_t mlc::leakyReluTflite(int32_t x, Scaling in, float alpha, float scaleOut,
                             StoredRange range) {
  x -= in.zeroPoint;
  float scaled = in.scale * alpha;
  double real = x >= 0 ? in.scale / scaleOut : scaled / scaleOut;
  return requantizeTflite(x, fixedMultiplier(real), range);
}

/// A multiplier of 15 bits.
static FixedMultiplier narrowMultiplier(float real) {
  FixedMultiplier m = fixedMultiplier(real);
  constexpr int32_t most = std::numeric_limits<int16_t>::max();
  constexpr int32_t half = 1 << 15;
  return {static_cast<int32_t>(
              std::min<int64_t>((int64_t(m.multiplier) + half) >> 16, most)),
          m.shift};
}

/// v * 2^places, of either sign.
static int64_t shiftUp(int64_t v, int32_t places) {
  return v * (int64_t(1) << places);
}

static int64_t saturate16(int64_t v) {
  return std::clamp<int64_t>(v, std::numeric_limits<int16_t>::min(),
                             std::numeric_limits<int16_t>::max());
}

/// In units of 2^-15, `gate` is from -1 to 1 where x is from -3 to 3.
int32_t mlc::hardSwishTflite(int32_t x, Scaling in, float scaleOut,
                             StoredRange range) {
  constexpr float gateScale = 3.0f / 32768.0f;
  float fine = (1.0f / 128.0f) * in.scale;
  FixedMultiplier result = narrowMultiplier(fine / scaleOut);
  FixedMultiplier toGate = narrowMultiplier(fine / gateScale);
  int64_t number = int64_t(x - in.zeroPoint) * 128, gate = number;
  if (toGate.shift > 0)
    gate = saturate16(shiftUp(gate, toGate.shift - 1));
  gate = highMultiply(gate, toGate.multiplier, 15);
  if (toGate.shift > 0)
    gate = saturate16(shiftUp(gate, 1));
  gate = shiftAway(gate, std::max(-toGate.shift, 0));
  gate = (gate + (1 << 15)) >> 1;
  // Cut off towards zero.
  int64_t product =
      gate * highMultiply(number, result.multiplier, 15) / (1 << 15);
  product = shiftAway(product, std::max(-result.shift, 0));
  return limited(shiftUp(product, std::max(result.shift, 0)), range);
}

TflitePrelu mlc::tflitePrelu(float scaleIn, float scaleAlpha, float scaleOut) {
  float scaled = scaleIn * scaleAlpha;
  float positive = scaleIn / scaleOut, negative = scaled / scaleOut;
  return {fixedMultiplier(positive), fixedMultiplier(negative)};
}

int32_t mlc::preluTflite(int32_t x, int32_t alpha, TflitePrelu m,
                         StoredRange range) {
  return x >= 0 ? requantizeTflite(x, m.positive, range)
                : requantizeTflite(x * alpha, m.negative, range);
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

static int64_t saturate32(int64_t v) {
  return std::clamp<int64_t>(v, std::numeric_limits<int32_t>::min(),
                             std::numeric_limits<int32_t>::max());
}

/// v * 2^31, rounded.
static int64_t fraction(double v) {
  return static_cast<int64_t>(std::llround(std::ldexp(v, 31)));
}

/// 2^31 * exp(a * 2^-31), a in [-2^29, 0): four terms of the series around
/// -1/8.
static int64_t exponentialNearZero(int64_t a) {
  int64_t x = a + (int64_t(1) << 28);
  int64_t x2 = highMultiply(x, x), x3 = highMultiply(x2, x),
          x4 = highMultiply(x2, x2);
  int64_t rest = highMultiply(shiftAway(x4, 2) + x3, fraction(1.0 / 3)) + x2;
  int64_t factor = fraction(std::exp(-0.125));
  return saturate32(factor + highMultiply(factor, x + shiftAway(rest, 1)));
}

/// 2^31 * exp(a * 2^-26), a <= 0: what is left of quarters, times a factor for
/// each bit of their number.
static int32_t exponential(int32_t a) {
  constexpr int32_t places = 26, quarter = 1 << (places - 2);
  if (a == 0)
    return std::numeric_limits<int32_t>::max();
  int32_t rest = (a & (quarter - 1)) - quarter, quarters = rest - a;
  int64_t v = exponentialNearZero(shiftUp(rest, 5));
  for (int32_t bit = -2; bit <= 4; ++bit)
    if (quarters & (1 << (places + bit)))
      v = highMultiply(v, fraction(std::exp(-std::ldexp(1.0, bit))));
  return static_cast<int32_t>(v);
}

int32_t mlc::softmaxTermTflite(int32_t distance, float scale) {
  constexpr int32_t places = 26;
  double most = std::numeric_limits<int32_t>::max();
  double real = std::min(std::ldexp(static_cast<double>(scale), places), most);
  FixedMultiplier m = fixedMultiplier(real);
  // What 5 bits before the point hold.
  double radius = std::floor(std::ldexp(31.0, places - m.shift));
  if (distance > radius)
    return 0;
  int64_t shifted = int64_t(-distance) * (int64_t(1) << m.shift);
  return exponential(static_cast<int32_t>(highMultiply(shifted, m.multiplier)));
}

int32_t mlc::softmaxPartTflite(int32_t term) {
  return static_cast<int32_t>(shiftAway(term, 12));
}

/// Numbers have 29 places; 1 / (1 + a) is found as x = 2 / (1 + a), from 48/17
/// - 32/17 * (1 + a) / 2 on.
TfliteReciprocal mlc::softmaxReciprocalTflite(int32_t sum) {
  constexpr int64_t one = int64_t(1) << 29;
  int32_t zeros = llvm::countl_zero(static_cast<uint32_t>(sum));
  auto a =
      static_cast<int64_t>((static_cast<uint32_t>(sum) << zeros) & 0x7fffffffu);
  int64_t half = (a >> 1) + (int64_t(1) << 30);
  int64_t x = kReciprocalStart + highMultiply(half, kReciprocalSlope);
  for (int i = 0; i < 3; ++i) {
    int64_t error = one - highMultiply(half, x);
    x += saturate32(shiftUp(highMultiply(x, error), 2));
  }
  return {static_cast<int32_t>(saturate32(shiftUp(x, 1))), 35 - zeros};
}

int32_t mlc::softmaxTflite(int32_t term, TfliteReciprocal r,
                           StoredRange range) {
  return limited(shiftAway(highMultiply(r.scale, term), r.places), range);
}

//===----------------------------------------------------------------------===//
// Linear interpolation
//===----------------------------------------------------------------------===//

TfliteTap mlc::tfliteTap(int32_t position, int32_t sizeIn, int32_t sizeOut,
                         TfliteCoordinates coordinates) {
  constexpr int32_t one = 1 << 10;
  bool isAligned =
      coordinates == TfliteCoordinates::AlignedCorners && sizeOut > 1;
  int32_t in = sizeIn - isAligned, out = sizeOut - isAligned;
  int32_t step = (in * one + out / 2) / out;
  int32_t at = position * step;
  if (coordinates == TfliteCoordinates::HalfPixel)
    at += step / 2 - one / 2;
  int32_t first = std::max(at >> 10, 0);
  int32_t second = std::min(std::max((at + one - 1) >> 10, 0), sizeIn - 1);
  first = std::min(first, sizeIn - 1);
  return {first, second, at - first * one};
}

int32_t mlc::resizeTflite(int32_t weighted) {
  int32_t half = 1 << 19;
  return (weighted > 0 ? weighted + half : weighted - half) / (1 << 20);
}
