//===- Arithmetic.cpp - Definitions of quantised arithmetic ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/Arithmetic.h"

#include "llvm/ADT/bit.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlc;

/// rint of `v` limited to the range around the zero point, ties to even. NaN
/// fails every comparison and gives the low end.
static int32_t roundToStored(float v, StoredRange range) {
  float low = static_cast<float>(range.low - range.zeroPoint);
  float high = static_cast<float>(range.high - range.zeroPoint);
  v = v > low ? v : low;
  v = v < high ? v : high;
  return static_cast<int32_t>(std::nearbyintf(v)) + range.zeroPoint;
}

static int32_t limited(int64_t v, StoredRange range) {
  return static_cast<int32_t>(
      std::clamp<int64_t>(v + range.zeroPoint, range.low, range.high));
}

int32_t mlc::quantizeValue(float x, float scale, StoredRange range) {
  return roundToStored(x / scale, range);
}

float mlc::dequantizeValue(int32_t stored, float scale, int32_t zeroPoint) {
  // The difference wraps as the generated code's does.
  uint32_t difference =
      static_cast<uint32_t>(stored) - static_cast<uint32_t>(zeroPoint);
  return static_cast<float>(static_cast<int32_t>(difference)) * scale;
}

FixedMultiplier mlc::fixedMultiplier(double real) {
  int exponent = 0;
  double mantissa = std::frexp(real, &exponent);
  int64_t q = std::llround(std::ldexp(mantissa, 31));
  if (q == int64_t(1) << 31) {
    q /= 2;
    ++exponent;
  }
  if (q == 0 || exponent < -31)
    return {0, 0};
  if (exponent > 30)
    return {std::numeric_limits<int32_t>::max(), 30};
  return {static_cast<int32_t>(q), exponent};
}

int64_t mlc::multiplySingleRounding(int32_t x, FixedMultiplier m) {
  int64_t product = static_cast<int64_t>(x) * m.multiplier;
  return (product + (int64_t(1) << (30 - m.shift))) >> (31 - m.shift);
}

static int32_t doublingHighMultiply(int32_t a, int32_t b) {
  constexpr int32_t least = std::numeric_limits<int32_t>::min();
  if (a == least && b == least)
    return std::numeric_limits<int32_t>::max();
  int64_t product = static_cast<int64_t>(a) * b;
  int64_t nudge = product >= 0 ? int64_t(1) << 30 : 1 - (int64_t(1) << 30);
  return static_cast<int32_t>((product + nudge) / (int64_t(1) << 31));
}

static int32_t roundingShift(int32_t x, int32_t exponent) {
  int32_t mask = static_cast<int32_t>((int64_t(1) << exponent) - 1);
  int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + ((x & mask) > threshold ? 1 : 0);
}

int32_t mlc::multiplyDoubleRounding(int32_t x, FixedMultiplier m) {
  int32_t left = std::max(m.shift, 0), right = std::max(-m.shift, 0);
  uint32_t shifted = static_cast<uint32_t>(x) << left;
  return roundingShift(
      doublingHighMultiply(static_cast<int32_t>(shifted), m.multiplier), right);
}

int32_t mlc::multiplyWide(int64_t x, FixedMultiplier m) {
  int32_t reduced =
      m.multiplier < 0x7FFF0000 ? (m.multiplier + (1 << 15)) >> 16 : 0x7FFF;
  int32_t total = 15 - m.shift;
  int64_t product = x * reduced;
  if (total <= 0)
    return static_cast<int32_t>(static_cast<uint64_t>(product) << -total);
  return static_cast<int32_t>((product + (int64_t(1) << (total - 1))) >> total);
}

int32_t mlc::requantizeOnnx(int32_t acc, float scale, StoredRange range) {
  return roundToStored(static_cast<float>(acc) * scale, range);
}

float mlc::onnxScale(float scaleA, float scaleB, float scaleOut) {
  float product = scaleA * scaleB;
  return product / scaleOut;
}

int32_t mlc::requantizeInteger(int32_t acc, FixedMultiplier m,
                               StoredRange range) {
  return limited(multiplySingleRounding(acc, m), range);
}

WideMultiplier mlc::wideMultiplier(FixedMultiplier m) {
  return {(int64_t(m.multiplier) + 4) >> 3, std::max(28 - m.shift, 1)};
}

int32_t mlc::requantizeWide(int64_t acc, FixedMultiplier m, StoredRange range) {
  WideMultiplier wide = wideMultiplier(m);
  int64_t half = int64_t(1) << (wide.places - 1);
  return limited((acc * wide.multiplier + half) >> wide.places, range);
}

int32_t mlc::requantizeTflite(int32_t acc, FixedMultiplier m,
                              StoredRange range) {
  return limited(multiplyDoubleRounding(acc, m), range);
}

FusedSum mlc::fusedSum(Scaling a, Scaling b, Scaling result) {
  float ratioA = a.scale / result.scale, ratioB = b.scale / result.scale;
  float zeros = ratioB * static_cast<float>(b.zeroPoint);
  zeros = std::fma(ratioA, static_cast<float>(a.zeroPoint), zeros);
  return {ratioA, ratioB, static_cast<float>(result.zeroPoint) - zeros};
}

/// rint of `v`, in which the zero point is already.
static int32_t roundWithZeroPoint(float v, StoredRange range) {
  return roundToStored(v, {0, range.low, range.high});
}

int32_t mlc::addOnnx(int32_t a, int32_t b, FusedSum sum, StoredRange range) {
  float v = std::fma(static_cast<float>(b), sum.ratioB, sum.rest);
  v = std::fma(static_cast<float>(a), sum.ratioA, v);
  return roundWithZeroPoint(v, range);
}

bool mlc::isSameUnfused(FusedSum sum, bool isSignedA, bool isSignedB,
                        StoredRange range) {
  int32_t lowA = isSignedA ? -128 : 0, lowB = isSignedB ? -128 : 0;
  for (int32_t b = lowB; b < lowB + 256; ++b) {
    float product = static_cast<float>(b) * sum.ratioB;
    float unfused = product + sum.rest;
    float fused = std::fma(static_cast<float>(b), sum.ratioB, sum.rest);
    for (int32_t a = lowA; a < lowA + 256; ++a) {
      float x = static_cast<float>(a), other = x * sum.ratioA;
      int32_t wanted = addOnnx(a, b, sum, range);
      for (float v :
           {other + unfused, other + fused, std::fma(x, sum.ratioA, unfused)})
        if (roundWithZeroPoint(v, range) != wanted)
          return false;
    }
  }
  return true;
}

int32_t mlc::multiplyOnnx(int32_t product, float scale, StoredRange range) {
  float scaled = static_cast<float>(product) * scale;
  return roundWithZeroPoint(scaled + static_cast<float>(range.zeroPoint),
                            range);
}

bool mlc::hasSumMultipliers(double ratioA, double ratioB) {
  double greater = std::max(std::fabs(ratioA), std::fabs(ratioB));
  return greater >= std::ldexp(1, -10) && greater < std::ldexp(1, 20) - 1;
}

SumMultipliers mlc::sumMultipliers(double ratioA, double ratioB) {
  int exponent = 0;
  std::frexp(std::max(std::fabs(ratioA), std::fabs(ratioB)), &exponent);
  int32_t shift = 21 - exponent;
  int64_t a = std::llround(std::ldexp(ratioA, shift));
  int64_t b = std::llround(std::ldexp(ratioB, shift));
  if (std::max(std::llabs(a), std::llabs(b)) >= int64_t(1) << 21) {
    --shift;
    a = std::llround(std::ldexp(ratioA, shift));
    b = std::llround(std::ldexp(ratioB, shift));
  }
  return {static_cast<int32_t>(a), static_cast<int32_t>(b), shift};
}

int32_t mlc::addInteger(int32_t a, int32_t b, SumMultipliers m,
                        StoredRange range) {
  int64_t sum = int64_t(a) * m.a + int64_t(b) * m.b;
  return limited((sum + (int64_t(1) << (m.shift - 1))) >> m.shift, range);
}

int32_t mlc::divideInteger(int32_t a, int32_t b, FixedMultiplier m,
                           StoredRange range) {
  if (b == 0)
    return a > 0 ? range.high : range.low;
  int64_t scaled = (int64_t(1) << 20) * a * m.multiplier;
  // Beyond 62 places nothing is left.
  int32_t places = std::min(51 - m.shift, 62);
  return limited((scaled / b + (int64_t(1) << (places - 1))) >> places, range);
}

int32_t mlc::softmaxTerm(int32_t distance, float scale) {
  double exponent = -static_cast<double>(distance) * scale;
  return static_cast<int32_t>(std::llround(std::ldexp(std::exp(exponent), 30)));
}

int64_t mlc::softmaxReciprocal(int64_t sum) { return (int64_t(1) << 62) / sum; }

FixedMultiplier mlc::softmaxMultiplier(float scale) {
  return fixedMultiplier(std::ldexp(1.0, -30) / scale);
}

int32_t mlc::softmaxInteger(int32_t term, int64_t reciprocal, FixedMultiplier m,
                            StoredRange range) {
  auto share = static_cast<int32_t>((term * reciprocal) >> 32);
  return requantizeInteger(share, m, range);
}

int64_t mlc::logarithmEntry(int32_t i) {
  return std::llround(std::ldexp(std::log1p(i / 256.0), 24));
}

int64_t mlc::softmaxLogarithm(int64_t sum) {
  int32_t zeros = llvm::countl_zero(static_cast<uint64_t>(sum));
  int64_t mantissa = sum << (zeros - 1); // in [2^62, 2^63)
  auto i = static_cast<int32_t>((mantissa >> 54) & 255);
  int64_t rest = (mantissa >> 38) & 0xffff;
  int64_t step = logarithmEntry(i + 1) - logarithmEntry(i);
  return (33 - zeros) * kLogarithmOfTwo + logarithmEntry(i) +
         ((step * rest) >> 16);
}

int64_t mlc::logSoftmaxTerm(int32_t distance, float scaleIn, float scaleOut) {
  double steps = static_cast<double>(distance) * scaleIn / scaleOut;
  return std::llround(std::ldexp(std::min(steps, std::ldexp(1.0, 20)), 16));
}

FixedMultiplier mlc::logSoftmaxMultiplier(float scale) {
  return fixedMultiplier(std::ldexp(1.0, -8) / scale);
}

int32_t mlc::logSoftmaxInteger(int64_t term, int64_t logarithm,
                               FixedMultiplier m, StoredRange range) {
  int64_t subtracted =
      term + multiplySingleRounding(static_cast<int32_t>(logarithm), m);
  return limited(((int64_t(1) << 15) - subtracted) >> 16, range);
}

int32_t mlc::resampleWeight(float weight) {
  return static_cast<int32_t>(
      std::llround(std::ldexp(static_cast<double>(weight), 20)));
}

int32_t mlc::resampleInteger(int64_t sumOfProducts) {
  return static_cast<int32_t>((sumOfProducts + (int64_t(1) << 19)) >> 20);
}

FixedMultiplier mlc::resampleMultiplier(float scaleIn, float scaleOut) {
  return fixedMultiplier(
      std::ldexp(static_cast<double>(scaleIn) / scaleOut, -16));
}
