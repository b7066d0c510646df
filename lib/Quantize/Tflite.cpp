//===- Tflite.cpp - Definitions of TFLite's arithmetic --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/Tflite.h"

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

/// The least acc whose result is `stored` or more.
static int64_t firstOf(int32_t stored, double real, StoredRange range) {
  constexpr double most = std::numeric_limits<int32_t>::max();
  double near = (stored - range.zeroPoint - 0.5) / real;
  auto acc = static_cast<int64_t>(std::clamp(std::ceil(near), -most, most));
  auto isThere = [&](int64_t v) {
    return fullyConnectedTflite(static_cast<int32_t>(v), real, range) >= stored;
  };
  while (acc > -most && isThere(acc - 1))
    --acc;
  while (acc < most && !isThere(acc))
    ++acc;
  return acc;
}

std::optional<FixedMultiplier>
mlc::fullyConnectedMultiplier(double real, StoredRange range, int64_t most) {
  FixedMultiplier near = fixedMultiplier(real);
  if (near.multiplier == 0)
    return near;
  // Both are steps: where they agree on either side of each, they are equal.
  std::vector<int32_t> tested = {static_cast<int32_t>(-most),
                                 static_cast<int32_t>(most)};
  for (int32_t stored = range.low + 1; stored <= range.high; ++stored)
    for (int64_t acc = firstOf(stored, real, range), i = 0; i < 2; ++i)
      if (std::abs(acc - i) <= most)
        tested.push_back(static_cast<int32_t>(acc - i));
  constexpr int64_t least = 1, limit = std::numeric_limits<int32_t>::max();
  for (int64_t off : {0, 1, 2, -1, 3, 4, -2, 5, 6, -3, 7, 8}) {
    FixedMultiplier m = near;
    m.multiplier = static_cast<int32_t>(
        std::clamp<int64_t>(near.multiplier + off, least, limit));
    if (std::all_of(tested.begin(), tested.end(), [&](int32_t acc) {
          return requantizeBelowHalf(acc, m, range) ==
                 fullyConnectedTflite(acc, real, range);
        }))
      return m;
  }
  return std::nullopt;
}
