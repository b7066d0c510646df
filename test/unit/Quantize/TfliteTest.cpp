//===- TfliteTest.cpp - Tests of mode tflite ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The definitions of Quantize/Tflite.h and TfliteFunctions.h.
//
//===----------------------------------------------------------------------===//

#include "Quantize/Tflite.h"
#include "Quantize/TfliteFunctions.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <random>

using namespace mlc;

namespace {

constexpr StoredRange kInt8 = {0, -128, 127};

TEST(Tflite, QuantizeRoundsTiesAwayFromZero) {
  StoredRange odd = {3, -128, 127};
  EXPECT_EQ(quantizeTflite(0.5f, 1, odd), 4);
  EXPECT_EQ(quantizeTflite(-0.5f, 1, odd), 2);
  EXPECT_EQ(quantizeTflite(2.5f, 1, odd), 6);
  EXPECT_EQ(quantizeTflite(0x1.fffffep-2f, 1, odd), 3);
  EXPECT_EQ(quantizeTflite(1e30f, 1, odd), 127);
  EXPECT_EQ(quantizeTflite(-INFINITY, 1, odd), -128);
  EXPECT_EQ(quantizeTflite(NAN, 1, odd), -128);
}

TEST(Tflite, FullyConnectedRoundsTiesAwayFromZero) {
  EXPECT_EQ(fullyConnectedTflite(5, 0.5, kInt8), 3);
  EXPECT_EQ(fullyConnectedTflite(-5, 0.5, kInt8), -3);
  EXPECT_EQ(fullyConnectedTflite(-5, 0.5, {1, -1, 127}), -1);
}

/// Accumulators on either side of each step, and at random.
void expectFullyConnected(double real, StoredRange range, int64_t most) {
  std::optional<FixedMultiplier> m =
      fullyConnectedMultiplier(real, range, most);
  ASSERT_TRUE(m) << real;
  std::mt19937 random(2);
  std::uniform_int_distribution<int64_t> any(-most, most);
  auto expect = [&](int64_t acc) {
    if (std::abs(acc) <= most)
      EXPECT_EQ(requantizeBelowHalf(static_cast<int32_t>(acc), *m, range),
                fullyConnectedTflite(static_cast<int32_t>(acc), real, range))
          << acc << " * " << real;
  };
  for (int step = -300; step <= 300; ++step)
    for (int64_t off = -2; off <= 2; ++off)
      expect(std::llround((step + 0.5) / real) + off);
  for (int i = 0; i < 1000; ++i)
    expect(any(random));
}

TEST(Tflite, FullyConnectedMultiplierGivesAllOfIt) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> exponent(-16, 2);
  for (int i = 0; i < 300; ++i)
    expectFullyConnected(std::exp2(exponent(random)), {-7, -128, 127},
                         int64_t(1) << 24);
  for (int shift = -16; shift <= 2; ++shift)
    expectFullyConnected(std::ldexp(1, shift), {5, -100, 127}, 1 << 24);
}

TEST(Tflite, SumRoundsThreeTimes) {
  // Equal scales: operands and their sum are exact.
  TfliteSum equal = tfliteSum(0.5f, 0.5f, 0.5f);
  EXPECT_EQ(equal.a.multiplier, 1 << 30);
  EXPECT_EQ(addTflite(100, -30, equal, kInt8), 70);
  EXPECT_EQ(subtractTflite(100, -30, equal, kInt8), 127);
  // Ties go away from zero.
  TfliteSum halves = tfliteSum(0.5f, 0.5f, 1.0f);
  EXPECT_EQ(addTflite(1, 2, halves, kInt8), 2);
  EXPECT_EQ(addTflite(-1, -2, halves, kInt8), -2);
  EXPECT_EQ(subtractTflite(-1, 2, halves, kInt8), -2);
}

/// Off by less than the roundings of operands, of 19 places or more.
TEST(Tflite, SumIsTheSumButForTies) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> scale(0.01f, 1);
  std::uniform_int_distribution<int32_t> byte(-255, 255);
  for (int i = 0; i < 100000; ++i) {
    float a = scale(random), b = scale(random), out = scale(random);
    int32_t x = byte(random), y = byte(random);
    double real =
        (static_cast<double>(a) * x + static_cast<double>(b) * y) / out;
    EXPECT_NEAR(addTflite(x, y, tfliteSum(a, b, out), kInt8),
                std::clamp(real, -128.0, 127.0), 0.5 + 0x1p-10);
  }
}

/// Most sums have a line, and what has one is right everywhere.
TEST(Tflite, SumLineIsTheSumOfAllBytes) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> exponent(-6, 0);
  std::uniform_int_distribution<int32_t> zero(-128, 127);
  int lines = 0;
  constexpr int count = 40;
  for (int i = 0; i < count; ++i) {
    Scaling a = {std::exp2(exponent(random)), zero(random)},
            b = {std::exp2(exponent(random)), zero(random)};
    float out = std::max(a.scale, b.scale) * std::exp2(-exponent(random) / 4);
    StoredRange range = {zero(random), -128, 127};
    bool isDifference = i % 2 == 0;
    std::optional<SumLine> line =
        sumLine({a, b, true, true, isDifference}, out, range);
    if (!line)
      continue;
    ++lines;
    TfliteSum sum = tfliteSum(a.scale, b.scale, out);
    int differ = 0;
    for (int32_t x = -128; x < 128; ++x)
      for (int32_t y = -128; y < 128; ++y) {
        int32_t p = x - a.zeroPoint, q = y - b.zeroPoint;
        differ += addByLine(x, y, *line, range) !=
                  (isDifference ? subtractTflite(p, q, sum, range)
                                : addTflite(p, q, sum, range));
      }
    EXPECT_EQ(differ, 0);
  }
  EXPECT_GT(lines, count / 2);
  RecordProperty("lines", lines);
  // Halves are ties, which go away from zero on either side.
  EXPECT_FALSE(sumLine({{0.5f, 0}, {0.5f, 0}, true, true, false}, 1.0f, kInt8));
}

TEST(Tflite, ProductRoundsItsFactorToSingle) {
  float a = 0.1f, b = 0.3f, out = 0.7f;
  float single = a * b / out;
  FixedMultiplier m = productTflite(a, b, out),
                  wanted = fixedMultiplier(single);
  EXPECT_EQ(m.multiplier, wanted.multiplier);
  EXPECT_EQ(m.shift, wanted.shift);
}

TEST(Tflite, AverageMultiplierGivesAllOfIt) {
  StoredRange range = {11, -100, 120};
  for (int32_t count : {1, 2, 3, 4, 6, 9, 25, 49, 64, 100, 1000, 12544}) {
    std::optional<FixedMultiplier> m = averageMultiplier(count, range);
    ASSERT_TRUE(m) << count;
    StoredRange without = {0, range.low, range.high};
    for (int32_t sum = -128 * count; sum <= 127 * count;
         sum += count > 1000 ? 17 : 1)
      EXPECT_EQ(requantizeBelowHalf(sum, *m, without),
                averageTflite(sum, count, range))
          << sum << " / " << count;
  }
  EXPECT_EQ(averageTflite(-3, 2, range), -2);
  EXPECT_EQ(averageTflite(3, 2, range), 2);
}

TEST(Tflite, MeanDividesTheMultiplier) {
  FixedMultiplier m = meanTflite(0.5f, 0.5f, 6);
  EXPECT_NEAR(std::ldexp(m.multiplier, m.shift - 31), 1.0 / 6, 0x1p-30);
  EXPECT_EQ(requantizeTflite(9, m, kInt8), 2);
  EXPECT_EQ(requantizeTflite(-9, m, kInt8), -2);
}

/// Against numbers; hard swish has 15 places, and what is rounded twice is off
/// by a quarter more where one bit is shifted out.
TEST(Tflite, FunctionsAreTheNumbersRounded) {
  Scaling in = {0.05f, -7};
  StoredRange range = {3, -128, 127};
  const float out = 0.043f;
  auto expect = [&](int32_t stored, double number, double off) {
    double steps = std::clamp(number / out + 3, -128.0, 127.0);
    EXPECT_NEAR(stored, steps, 0.5 + off);
  };
  for (int32_t x = -128; x < 128; ++x) {
    double number = static_cast<double>(in.scale) * (x + 7);
    expect(rescaleTflite(x, in, out, range), number, 1e-4);
    expect(reluTflite(x, in, out, range), number, 1e-4);
    expect(absTflite(x, in, out, range), std::fabs(number), 1e-4);
    expect(leakyReluTflite(x, in, 0.3f, out, range),
           number < 0 ? 0.3f * number : number, 0.26);
    expect(hardSwishTflite(x, in, out, range),
           number * std::clamp(number / 6 + 0.5, 0.0, 1.0), 0.03);
    expect(
        lookUpTflite(x, in, out, range, [](float v) { return std::tanh(v); }),
        std::tanh(number), 1e-4);
    TflitePrelu m = tflitePrelu(in.scale, 0.01f, out);
    expect(preluTflite(x + 7, 30, m, range), number < 0 ? 0.3 * number : number,
           1e-4);
  }
}

TEST(Tflite, SoftmaxIsNearlyThat) {
  std::mt19937 random(6);
  std::uniform_int_distribution<int32_t> byte(0, 255);
  StoredRange range = {-128, -128, 127};
  for (float scale : {0.001f, 0.02f, 0.3f, 2.0f})
    for (int size : {1, 2, 17, 200}) {
      std::vector<int32_t> far(size);
      for (int32_t &distance : far)
        distance = byte(random);
      far[0] = 0;
      int32_t sum = 0;
      double real = 0;
      for (int32_t distance : far) {
        sum += softmaxPartTflite(softmaxTermTflite(distance, scale));
        real += std::exp(-static_cast<double>(scale) * distance);
      }
      TfliteReciprocal r = softmaxReciprocalTflite(sum);
      for (int32_t distance : far) {
        double share = std::exp(-static_cast<double>(scale) * distance) / real;
        EXPECT_NEAR(softmaxTflite(softmaxTermTflite(distance, scale), r, range),
                    std::min(share * 256 - 128, 127.0), 0.51);
      }
    }
}

TEST(Tflite, TapsAreNeighbours) {
  TfliteTap middle = tfliteTap(1, 2, 4, TfliteCoordinates::Corner);
  EXPECT_EQ(middle.first, 0);
  EXPECT_EQ(middle.second, 1);
  EXPECT_EQ(middle.weight, 512);
  TfliteTap last = tfliteTap(3, 2, 4, TfliteCoordinates::AlignedCorners);
  EXPECT_EQ(last.first * 1024 + last.weight, 3 * 341);
  TfliteTap before = tfliteTap(0, 2, 4, TfliteCoordinates::HalfPixel);
  EXPECT_EQ(before.first, before.second);
  EXPECT_EQ(resizeTflite(3 << 19), 2);
  EXPECT_EQ(resizeTflite(-(3 << 19)), -2);
}

} // namespace
