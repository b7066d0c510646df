//===- RowNormTest.cpp - Tests of normalisation without floats ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/RowNorm.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace mlc;

namespace {

double valueOf(ReciprocalRoot root) {
  return std::ldexp(static_cast<double>(root.mantissa), root.halfShift - 61);
}

TEST(RowNorm, ReciprocalRootHasTwentyEightDigits) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200000; ++i) {
    int64_t argument = static_cast<int64_t>(random() >> 2) >> (i % 62);
    double wanted = 1 / std::sqrt(std::max<double>(argument, 1));
    EXPECT_NEAR(valueOf(reciprocalRoot(argument)) / wanted, 1, 0x1p-28)
        << argument;
  }
}

TEST(RowNorm, ReciprocalRootOfPowersAndNeighbours) {
  for (int bit = 0; bit < 62; ++bit)
    for (int64_t beside : {-1, 0, 1}) {
      int64_t argument = (int64_t(1) << bit) + beside;
      ReciprocalRoot root = reciprocalRoot(argument);
      EXPECT_GE(root.mantissa, (int64_t(1) << 30) - 2);
      EXPECT_LE(root.mantissa, int64_t(1) << 31);
      double wanted = 1 / std::sqrt(std::max<double>(argument, 1));
      EXPECT_NEAR(valueOf(root) / wanted, 1, 0x1p-28) << argument;
    }
}

/// Rows of all lengths, constant ones and ones with a single other element, to
/// within the stated bound.
TEST(RowNorm, IsTheNormalisationToWithinItsBound) {
  std::mt19937 random(2);
  std::uniform_int_distribution<int32_t> byte(-255, 255);
  const double epsilon = 1e-5, gain = -1.7, bias = 0.4;
  for (int64_t n : {1, 2, 3, 24, 1000, 40000, 1 << 20})
    for (float s : {0.0001f, 0.02f, 3.0f})
      for (int kind : {0, 1, 2}) {
        llvm::SmallVector<int32_t> x(n, 200);
        if (kind == 1)
          x[n / 2] = -55;
        if (kind == 2)
          for (int32_t &each : x)
            each = byte(random) / 2;
        int64_t sum = 0, squares = 0;
        for (int64_t each : x) {
          sum += each;
          squares += each * each;
        }
        double mean = static_cast<double>(sum) / n;
        double variance =
            (squares - static_cast<double>(sum) * sum / n) / n * s * s;
        const float out = 0.013f;
        auto norm = rowNorm(n, epsilon, s);
        auto affine = rowAffine(gain, bias, out);
        ASSERT_TRUE(norm && affine);
        ReciprocalRoot root = reciprocalRoot(norm->argument(sum, squares));
        for (int64_t i = 0; i < std::min<int64_t>(n, 300); ++i) {
          int64_t at = n / 2 - std::min<int64_t>(n, 300) / 2 + i;
          double y = (x[at] - mean) * s / std::sqrt(variance + epsilon);
          double step = (y * gain + bias) / out;
          double bound =
              (std::fabs(y) * 0x1p-24 + 0x1p-19) * std::fabs(gain) / out +
              (std::fabs(y) + 1) * 0x1p-20;
          int32_t found = affine->store(norm->normalise(x[at], sum, root), 0,
                                        {0, -(1 << 20), 1 << 20});
          EXPECT_NEAR(found, step, 0.5 + bound + 1e-6)
              << "n " << n << ", scale " << s << ", kind " << kind;
        }
      }
}

TEST(RowNorm, RefusesWhatLeavesItsRange) {
  EXPECT_FALSE(rowNorm((1 << 20) + 1, 1e-5, 1));
  EXPECT_FALSE(rowNorm(100, 1e-5, 1e-9f));
  EXPECT_FALSE(rowNorm(100, -1, 1));
  EXPECT_FALSE(rowAffine(2e9, 0.0, 1));
  EXPECT_FALSE(rowAffine(static_cast<double>(NAN), 0.0, 1));
  EXPECT_FALSE(rowAffine(1.0, static_cast<double>(NAN), 1));
}

TEST(RowNorm, SaturatesForLargeBiases) {
  auto affine = rowAffine(0.0, 1e30, 0.1f);
  ASSERT_TRUE(affine);
  EXPECT_EQ(affine->store(12345, 0, {3, -128, 127}), 127);
  affine = rowAffine(0.0, -1e30, 0.1f);
  EXPECT_EQ(affine->store(12345, 0, {3, -128, 127}), -128);
}

} // namespace
