//===- ArithmeticTest.cpp - Tests of the definitions of arithmetic --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/Arithmetic.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace mlc;

namespace {

constexpr StoredRange kInt8 = {0, -128, 127};
constexpr int32_t kLeast = std::numeric_limits<int32_t>::min();
constexpr int32_t kMost = std::numeric_limits<int32_t>::max();

double valueOf(FixedMultiplier m) {
  return std::ldexp(static_cast<double>(m.multiplier), m.shift - 31);
}

TEST(Arithmetic, QuantizeRoundsHalfToEvenBeforeTheZeroPoint) {
  StoredRange odd = {3, -128, 127};
  EXPECT_EQ(quantizeValue(0.5f, 1, odd), 3); // rint(0.5 + 3) would be 4
  EXPECT_EQ(quantizeValue(1.5f, 1, odd), 5);
  EXPECT_EQ(quantizeValue(2.5f, 1, odd), 5);
  EXPECT_EQ(quantizeValue(-0.5f, 1, odd), 3);
  EXPECT_EQ(quantizeValue(-1.5f, 1, odd), 1);
}

TEST(Arithmetic, QuantizeSaturates) {
  EXPECT_EQ(quantizeValue(1e30f, 1, kInt8), 127);
  EXPECT_EQ(quantizeValue(-1e30f, 1, kInt8), -128);
  EXPECT_EQ(quantizeValue(INFINITY, 1, {128, 0, 255}), 255);
  EXPECT_EQ(quantizeValue(NAN, 1, {128, 0, 255}), 0);
  EXPECT_EQ(quantizeValue(100, 0.5f, {-128, -128, 127}), 72);
}

TEST(Arithmetic, QuantizeInvertsDequantize) {
  for (int32_t stored = -128; stored <= 127; ++stored)
    EXPECT_EQ(quantizeValue(dequantizeValue(stored, 0.0371f, -7), 0.0371f,
                            {-7, -128, 127}),
              stored);
}

TEST(Arithmetic, FixedMultiplierIsMantissaAndExponent) {
  FixedMultiplier half = fixedMultiplier(0.5);
  EXPECT_EQ(half.multiplier, 1 << 30);
  EXPECT_EQ(half.shift, 0);
  FixedMultiplier three = fixedMultiplier(3);
  EXPECT_EQ(three.multiplier, 3 << 29);
  EXPECT_EQ(three.shift, 2);
}

TEST(Arithmetic, FixedMultiplierHalvesAMantissaThatRoundsToOne) {
  FixedMultiplier m = fixedMultiplier(1 - std::ldexp(1, -40));
  EXPECT_EQ(m.multiplier, 1 << 30);
  EXPECT_EQ(m.shift, 1);
}

TEST(Arithmetic, FixedMultiplierOfExtremes) {
  EXPECT_EQ(fixedMultiplier(0).multiplier, 0);
  EXPECT_EQ(fixedMultiplier(std::ldexp(1, -33)).multiplier, 0);
  EXPECT_GT(fixedMultiplier(std::ldexp(1, -32)).multiplier, 0);
  EXPECT_EQ(fixedMultiplier(1e30).multiplier, kMost);
  EXPECT_EQ(fixedMultiplier(1e30).shift, 30);
}

TEST(Arithmetic, FixedMultiplierIsNearest) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> exponent(-30, 29);
  for (int i = 0; i < 10000; ++i) {
    double real = std::exp2(exponent(random));
    EXPECT_NEAR(valueOf(fixedMultiplier(real)) / real, 1, std::ldexp(1, -31));
  }
}

TEST(Arithmetic, SingleRoundingTiesGoUp) {
  FixedMultiplier half = fixedMultiplier(0.5);
  EXPECT_EQ(multiplySingleRounding(3, half), 2);
  EXPECT_EQ(multiplySingleRounding(-3, half), -1);
  EXPECT_EQ(multiplySingleRounding(kLeast, fixedMultiplier(1)), kLeast);
  EXPECT_EQ(multiplySingleRounding(kMost, fixedMultiplier(4)),
            int64_t(kMost) * 4);
}

TEST(Arithmetic, DoubleRoundingTiesGoUpThenAwayFromZero) {
  // One step: the high multiply alone.
  FixedMultiplier half = fixedMultiplier(0.5);
  EXPECT_EQ(multiplyDoubleRounding(3, half), 2);
  EXPECT_EQ(multiplyDoubleRounding(-3, half), -1);
  // Two steps: the shift's ties.
  FixedMultiplier quarter = fixedMultiplier(0.25);
  EXPECT_EQ(multiplyDoubleRounding(6, quarter), 2);
  EXPECT_EQ(multiplyDoubleRounding(-6, quarter), -2);
  EXPECT_EQ(multiplySingleRounding(-6, quarter), -1);
}

TEST(Arithmetic, OnlyTheLeastSquaredSaturates) {
  // Not a multiplier that fixedMultiplier gives: the rule is TFLite's.
  EXPECT_EQ(multiplyDoubleRounding(kLeast, {kLeast, 0}), kMost);
  EXPECT_EQ(multiplyDoubleRounding(kLeast, {kMost, 0}), -kMost);
}

/// Random accumulators and factors as they occur in int8 networks.
template <typename Visit>
void forRandom(int count, Visit visit) {
  std::mt19937 random(2);
  std::uniform_int_distribution<int32_t> accumulator(-50000, 50000);
  std::uniform_real_distribution<double> exponent(-12, -7);
  for (int i = 0; i < count; ++i)
    visit(accumulator(random), std::exp2(exponent(random)));
}

TEST(Arithmetic, RoundingsDifferInFewOutputs) {
  int differ = 0;
  forRandom(300000, [&](int32_t acc, double real) {
    FixedMultiplier m = fixedMultiplier(real);
    int32_t single = requantizeInteger(acc, m, kInt8);
    int32_t twice = requantizeTflite(acc, m, kInt8);
    EXPECT_LE(std::abs(single - twice), 1);
    differ += single != twice;
  });
  EXPECT_GT(differ, 300000 * 0.0002);
  EXPECT_LT(differ, 300000 * 0.005);
}

TEST(Arithmetic, FloatMatchesSingleRoundingButForTies) {
  int differ = 0;
  forRandom(300000, [&](int32_t acc, double real) {
    float scale = static_cast<float>(real);
    int32_t single = requantizeInteger(acc, fixedMultiplier(scale), kInt8);
    differ += requantizeOnnx(acc, scale, kInt8) != single;
  });
  EXPECT_LE(differ, 3);
}

TEST(Arithmetic, RequantizeLimitsToTheActivation) {
  StoredRange relu = {-128, -128, 127}, clamp = {0, 0, 60};
  FixedMultiplier one = fixedMultiplier(1);
  EXPECT_EQ(requantizeInteger(-5, one, relu), -128);
  EXPECT_EQ(requantizeOnnx(-5, 1, relu), -128);
  EXPECT_EQ(requantizeTflite(500, one, clamp), 60);
  EXPECT_EQ(requantizeInteger(kMost, fixedMultiplier(1e6), kInt8), 127);
}

TEST(Arithmetic, OnnxScaleRoundsEachStep) {
  float a = 0.1f, b = 0.3f, out = 0.7f;
  EXPECT_EQ(onnxScale(a, b, out), (a * b) / out);
}

TEST(Arithmetic, WideMultiplierHasFifteenBits) {
  EXPECT_EQ(multiplyWide(3, fixedMultiplier(0.5)), 2);
  EXPECT_EQ(multiplyWide(-3, fixedMultiplier(0.5)), -1);
  // 0x7FFF, not 0x8000: the multiplier saturates.
  FixedMultiplier nearlyOne = {kMost, 0};
  EXPECT_EQ(multiplyWide(int64_t(1) << 20, nearlyOne), (1 << 20) - (1 << 5));
  EXPECT_EQ(
      multiplyWide((int64_t(1) << 47) - 1, fixedMultiplier(std::ldexp(1, -20))),
      1 << 27);
}

TEST(Arithmetic, SumMultipliersAreTwentyOneBits) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> exponent(-9, 19);
  for (int i = 0; i < 10000; ++i) {
    double a = std::exp2(exponent(random)), b = -std::exp2(exponent(random));
    ASSERT_TRUE(hasSumMultipliers(a, b));
    SumMultipliers m = sumMultipliers(a, b);
    EXPECT_LT(std::max(m.a, -m.b), 1 << 21);
    EXPECT_GE(std::max(m.a, -m.b), (1 << 20) - 1);
    EXPECT_GE(m.shift, 1);
    EXPECT_LE(m.shift, 31);
    EXPECT_LE(std::fabs(std::ldexp(m.a, -m.shift) - a),
              std::ldexp(0.5, -m.shift));
  }
  EXPECT_FALSE(hasSumMultipliers(1e-4, 1e-5));
  EXPECT_FALSE(hasSumMultipliers(2e6, 1));
}

TEST(Arithmetic, IntegerSumIsFloatSumButForTies) {
  std::mt19937 random(4);
  std::uniform_int_distribution<int32_t> byte(-255, 255);
  std::uniform_real_distribution<float> ratio(0.1f, 1.5f);
  StoredRange range = {-11, -128, 127};
  int differ = 0;
  for (int i = 0; i < 100000; ++i) {
    int32_t a = byte(random), b = byte(random);
    float x = ratio(random), y = ratio(random);
    int32_t integer = addInteger(a, b, sumMultipliers(x, y), range);
    int32_t onnx = addOnnx(a, b, fusedSum({x, 0}, {y, 0}, {1, -11}), range);
    EXPECT_LE(std::abs(integer - onnx), 1);
    differ += integer != onnx;
  }
  EXPECT_LT(differ, 100);
}

/// Pairs that onnxruntime was asked for: rounding each step gives the other
/// level.
TEST(Arithmetic, OnnxSumIsFused) {
  struct Row {
    Scaling a, b, result;
    int32_t x, y, wanted;
    StoredRange range;
  };
  StoredRange u8 = {0, 0, 255}, s8 = {0, -128, 127};
  const Row rows[] = {
      {{0x1.71e2ecp-6f, 96},
       {0x1.334198p-7f, 23},
       {0x1.58c7d6p-5f, 155},
       211,
       85,
       231,
       u8},
      {{0x1.4ffce0p-1f, -10},
       {0x1.e58002p-3f, -94},
       {0x1.19278ap-1f, 4},
       -98,
       72,
       -29,
       s8},
      {{0x1.38c5f4p-1f, 252},
       {0x1.407766p-5f, 210},
       {0x1.8250a0p-2f, 246},
       116,
       53,
       9,
       u8},
      {{0x1.681636p-2f, 37},
       {0x1.ee5354p-1f, 0},
       {0x1.4b6756p+0f, 96},
       -45,
       -125,
       -20,
       s8},
  };
  for (const Row &row : rows) {
    FusedSum sum = fusedSum(row.a, row.b, row.result);
    EXPECT_EQ(addOnnx(row.x, row.y, sum, row.range), row.wanted);
    bool isSigned = row.range.low < 0;
    EXPECT_FALSE(isSameUnfused(sum, isSigned, isSigned, row.range));
  }
  EXPECT_TRUE(isSameUnfused(fusedSum({0.5f, 3}, {0.25f, 100}, {0.5f, 9}), true,
                            false, s8));
}

TEST(Arithmetic, OnnxProductAddsTheZeroPointBeforeItRounds) {
  StoredRange range = {3, -128, 127};
  // 2.5 + 3 goes to 6, 2.5 alone to 2.
  EXPECT_EQ(multiplyOnnx(5, 0.5f, range), 6);
  EXPECT_EQ(requantizeOnnx(5, 0.5f, range), 5);
  EXPECT_EQ(multiplyOnnx(1 << 14, 1.0f, range), 127);
  EXPECT_EQ(multiplyOnnx(-(1 << 14), 1.0f, range), -128);
}

/// Against numbers, to within what is stated.
TEST(Arithmetic, DivideIntegerIsTheQuotientRounded) {
  for (double real : {0x1p-40, 0.0371, 1.0, 3.7, 5000.0, 0x1p29})
    for (int32_t a = -255; a <= 255; ++a)
      for (int32_t b = -255; b <= 255; ++b) {
        int32_t found = divideInteger(a, b, fixedMultiplier(real), kInt8);
        if (b == 0) {
          EXPECT_EQ(found, a > 0 ? 127 : -128);
          continue;
        }
        double quotient = std::clamp(a * real / b, -128.0, 127.0);
        EXPECT_NEAR(found, quotient, 0.5 + 0x1p-20) << a << " / " << b;
      }
}

TEST(Arithmetic, SoftmaxLogarithmIsWithinItsBound) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 200000; ++i) {
    int64_t sum = (int64_t(1) << (30 + i % 32)) + (random() >> (33 - i % 32));
    double wanted = std::log(std::ldexp(static_cast<double>(sum), -30));
    EXPECT_NEAR(std::ldexp(static_cast<double>(softmaxLogarithm(sum)), -24),
                wanted, 0x1p-18)
        << sum;
  }
}

} // namespace
