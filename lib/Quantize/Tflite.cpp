//===- Tflite.cpp - Definitions of TFLite's arithmetic --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/Tflite.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace mlc;

static int32_t limited(double v, StoredRange range) {
  v += range.zeroPoint;
  return static_cast<int32_t>(std::clamp<double>(v, range.low, range.high));
}

int32_t mlc::quantizeTflite(float x, float scale, StoredRange range) {
  float steps = x / scale;
  return std::isnan(steps) ? range.low : limited(std::round(steps), range);
}

int32_t mlc::quantizeIn(QuantizeMode mode, float x, float scale,
                        StoredRange range) {
  return mode == QuantizeMode::Tflite ? quantizeTflite(x, scale, range)
                                      : quantizeValue(x, scale, range);
}

//===----------------------------------------------------------------------===//
// Fully connected layers
//===----------------------------------------------------------------------===//

int32_t mlc::fullyConnectedTflite(int32_t acc, double real, StoredRange range) {
  return limited(std::round(acc * real), range);
}

int32_t mlc::requantizeBelowHalf(int32_t acc, FixedMultiplier m,
                                 StoredRange range) {
  int64_t product = static_cast<int64_t>(acc) * m.multiplier;
  int64_t added = (int64_t(1) << (30 - m.shift)) - 1;
  return limited(static_cast<double>((product + added) >> (31 - m.shift)),
                 range);
}

/// The least acc whose result, which grows with it, is `stored` or more.
static int64_t firstOf(int32_t stored, double near,
                       llvm::function_ref<int32_t(int32_t)> law) {
  constexpr double most = std::numeric_limits<int32_t>::max();
  auto acc = static_cast<int64_t>(std::clamp(std::ceil(near), -most, most));
  auto isThere = [&](int64_t v) {
    return law(static_cast<int32_t>(v)) >= stored;
  };
  while (acc > -most && isThere(acc - 1))
    --acc;
  while (acc < most && !isThere(acc))
    ++acc;
  return acc;
}

/// The multiplier with which requantizeBelowHalf is `law`, about acc * real,
/// for all |acc| <= most.
static std::optional<FixedMultiplier>
belowHalfMultiplier(double real, StoredRange range, int64_t most,
                    llvm::function_ref<int32_t(int32_t)> law) {
  FixedMultiplier near = fixedMultiplier(real);
  if (near.multiplier == 0)
    return near;
  // Both are steps: where they agree on either side of each, they are equal.
  std::vector<int32_t> tested = {static_cast<int32_t>(-most),
                                 static_cast<int32_t>(most)};
  for (int32_t stored = range.low + 1; stored <= range.high; ++stored) {
    int64_t acc = firstOf(stored, (stored - range.zeroPoint - 0.5) / real, law);
    for (int64_t side : {acc, acc - 1})
      if (std::abs(side) <= most)
        tested.push_back(static_cast<int32_t>(side));
  }
  constexpr int64_t least = 1, limit = std::numeric_limits<int32_t>::max();
  for (int64_t off : {0, 1, 2, -1, 3, 4, -2, 5, 6, -3, 7, 8}) {
    FixedMultiplier m = near;
    m.multiplier = static_cast<int32_t>(
        std::clamp<int64_t>(near.multiplier + off, least, limit));
    if (std::all_of(tested.begin(), tested.end(), [&](int32_t acc) {
          return requantizeBelowHalf(acc, m, range) == law(acc);
        }))
      return m;
  }
  return std::nullopt;
}

std::optional<FixedMultiplier>
mlc::fullyConnectedMultiplier(double real, StoredRange range, int64_t most) {
  return belowHalfMultiplier(real, range, most, [=](int32_t acc) {
    return fullyConnectedTflite(acc, real, range);
  });
}

//===----------------------------------------------------------------------===//
// Sums, products and averages
//===----------------------------------------------------------------------===//

TfliteSum mlc::tfliteSum(float scaleA, float scaleB, float scaleOut,
                         int32_t places) {
  double twice = 2.0 * std::max(scaleA, scaleB);
  return {fixedMultiplier(scaleA / twice), fixedMultiplier(scaleB / twice),
          fixedMultiplier(twice / std::ldexp(scaleOut, places)), places};
}

static int32_t sumOf(int32_t a, int32_t b, int32_t sign, TfliteSum sum,
                     StoredRange range) {
  a = multiplyDoubleRounding(a * (1 << sum.places), sum.a);
  b = multiplyDoubleRounding(b * (1 << sum.places), sum.b);
  return requantizeTflite(a + sign * b, sum.result, range);
}

int32_t mlc::addTflite(int32_t a, int32_t b, TfliteSum sum, StoredRange range) {
  return sumOf(a, b, 1, sum, range);
}

int32_t mlc::subtractTflite(int32_t a, int32_t b, TfliteSum sum,
                            StoredRange range) {
  return sumOf(a, b, -1, sum, range);
}

int32_t mlc::addByLine(int32_t a, int32_t b, SumLine line, StoredRange range) {
  int64_t sum = a * line.slopeA + b * line.slopeB + line.offset;
  return static_cast<int32_t>(
      std::clamp<int64_t>(sum >> line.places, range.low, range.high));
}

/// A line without its offset, of operands in hand.
static SumLine slopesOf(const TfliteOperands &operands, float scaleOut) {
  double a = static_cast<double>(operands.a.scale) / scaleOut,
         b = static_cast<double>(operands.b.scale) / scaleOut;
  int exponent = 0;
  std::frexp(std::max(a, b), &exponent);
  int32_t places = 32 - exponent;
  int64_t slopeB = std::llround(std::ldexp(b, places));
  return {std::llround(std::ldexp(a, places)),
          operands.isDifference ? -slopeB : slopeB, 0, places};
}

/// Whether the line without its low bits fits 32 bits.
static bool fits(const SumLine &line) {
  constexpr int64_t byte = 255;
  int64_t most = (byte * (std::abs(line.slopeA) + std::abs(line.slopeB)) +
                  std::abs(line.offset)) >>
                 kSumLineLowPlaces;
  return most < std::numeric_limits<int32_t>::max() - 4096;
}

std::optional<SumLine> mlc::sumLine(const TfliteOperands &operands,
                                    float scaleOut, StoredRange range) {
  SumLine line = slopesOf(operands, scaleOut);
  if (line.places <= kSumLineLowPlaces || line.places > kSumLineLowPlaces + 31)
    return std::nullopt;
  TfliteSum sum = tfliteSum(operands.a.scale, operands.b.scale, scaleOut);
  int32_t sign = operands.isDifference ? -1 : 1;
  int32_t firstA = operands.isSignedA ? -128 : 0,
          firstB = operands.isSignedB ? -128 : 0;
  // Each pair leaves an interval of offsets.
  constexpr int64_t any = int64_t(1) << 52;
  int64_t least = -any, most = any;
  for (int32_t a = firstA; a < firstA + 256; ++a)
    for (int32_t b = firstB; b < firstB + 256; ++b) {
      int64_t stored = sumOf(a - operands.a.zeroPoint, b - operands.b.zeroPoint,
                             sign, sum, range);
      int64_t start = stored * (int64_t(1) << line.places) - a * line.slopeA -
                      b * line.slopeB;
      if (stored > range.low)
        least = std::max(least, start);
      if (stored < range.high)
        most = std::min(most, start + (int64_t(1) << line.places) - 1);
    }
  if (least > most || least == -any || most == any)
    return std::nullopt;
  line.offset = least + (most - least) / 2;
  return fits(line) ? std::optional(line) : std::nullopt;
}

FixedMultiplier mlc::productTflite(float scaleA, float scaleB, float scaleOut) {
  float product = scaleA * scaleB;
  return fixedMultiplier(product / scaleOut);
}

int32_t mlc::averageTflite(int32_t sum, int32_t count, StoredRange range) {
  int32_t half = count / 2;
  int32_t v = (sum > 0 ? sum + half : sum - half) / count;
  return std::clamp(v, range.low, range.high);
}

std::optional<FixedMultiplier> mlc::averageMultiplier(int32_t count,
                                                      StoredRange range) {
  range.zeroPoint = 0;
  int64_t most = int64_t(count) * 255;
  return belowHalfMultiplier(1.0 / count, range, most, [=](int32_t sum) {
    return averageTflite(sum, count, range);
  });
}

FixedMultiplier mlc::meanTflite(float scaleIn, float scaleOut, int64_t count) {
  FixedMultiplier m = fixedMultiplier(static_cast<double>(scaleIn) / scaleOut);
  auto places = static_cast<int32_t>(llvm::Log2_64(count));
  places = std::min({places, 32, 31 + m.shift});
  int64_t multiplier = (int64_t(m.multiplier) << places) / count;
  return {static_cast<int32_t>(multiplier), m.shift - places};
}
