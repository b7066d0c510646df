//===- RowNorm.cpp - Normalisation without floats -------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/RowNorm.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>

using namespace mlc;

ReciprocalRoot mlc::reciprocalRoot(int64_t argument) {
  argument = std::max<int64_t>(argument, 1);
  // An even shift to [2^60, 2^62).
  int32_t zeros = llvm::countl_zero(static_cast<uint64_t>(argument)) - 2;
  int32_t shift = zeros & ~1;
  int64_t u = (argument << shift) >> 31;
  int64_t y = kRootStart - ((u * kRootSlope) >> 31);
  for (int step = 0; step < kRootSteps; ++step) {
    int64_t square = (y * y) >> 30;
    int64_t product = (u * square) >> 31;
    y = (y * ((int64_t(3) << 30) - product)) >> 31;
  }
  return {y, shift / 2};
}

int64_t RowNorm::argument(int64_t sum, int64_t squares) const {
  return ((size * squares - sum * sum) << places) + epsilon;
}

int32_t RowNorm::normalise(int32_t x, int64_t sum, ReciprocalRoot root) const {
  int64_t deviation = size * x - sum;
  // Negative only where nothing deviates.
  int32_t right = std::max(41 - root.halfShift - places / 2, 0);
  return static_cast<int32_t>((deviation * root.mantissa) >> right);
}

std::optional<RowNorm> mlc::rowNorm(int64_t size, double epsilon, float scale) {
  if (size < 1 || size > int64_t(1) << 20)
    return std::nullopt;
  // n squares is below 2^16 n^2.
  int32_t places = (44 - 2 * llvm::Log2_64_Ceil(size)) & ~1;
  double n = static_cast<double>(size), s = scale;
  double own = std::ldexp(epsilon * n * n / (s * s), places);
  if (!(own >= 0 && own < std::ldexp(1, 60)))
    return std::nullopt;
  return RowNorm{size, places, std::llround(own)};
}

int32_t RowAffine::store(int32_t y, size_t i, StoredRange range) const {
  int64_t sum = y * factors[i] + offsets[i];
  int64_t v = (sum + (int64_t(1) << (19 + places))) >> (20 + places);
  return static_cast<int32_t>(
      std::clamp<int64_t>(v + range.zeroPoint, range.low, range.high));
}

std::optional<RowAffine> mlc::rowAffine(llvm::ArrayRef<double> gains,
                                        llvm::ArrayRef<double> biases,
                                        float scale) {
  double most = 0;
  for (double gain : gains) {
    if (!std::isfinite(gain))
      return std::nullopt;
    most = std::max(most, std::fabs(gain) / scale);
  }
  if (!(most < std::ldexp(1, 30)))
    return std::nullopt;
  int exponent = 0;
  std::frexp(most, &exponent);
  RowAffine affine;
  affine.places = std::min(30 - exponent, 20);
  for (auto [gain, bias] : llvm::zip(gains, biases)) {
    affine.factors.push_back(
        std::llround(std::ldexp(gain / scale, affine.places)));
    // Beyond 2^20 steps all is limited.
    double steps =
        std::clamp(bias / scale, -std::ldexp(1, 20), std::ldexp(1, 20));
    if (std::isnan(steps))
      return std::nullopt;
    affine.offsets.push_back(
        std::llround(std::ldexp(steps, 20 + affine.places)));
  }
  return affine;
}
