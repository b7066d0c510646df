//===- TfliteTest.cpp - Tests of mode tflite ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The definitions of Quantize/Tflite.h, and generated code of mode tflite
// against them, bit for bit.
//
//===----------------------------------------------------------------------===//

#include "Quantize/Tflite.h"
#include "Exact.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace mlc;

namespace {

constexpr StoredRange kInt8 = {0, -128, 127};

//===----------------------------------------------------------------------===//
// Definitions
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Generated code
//===----------------------------------------------------------------------===//

class TfliteCode : public Exact {};

/// Scales of weights from 2^-24 to 1: accumulators are shifted to the right,
/// not at all, or to the left.
TEST_P(TfliteCode, ConvolutionRoundsTwice) {
  std::mt19937 random(5);
  std::uniform_int_distribution<int64_t> byte(-127, 127), units(-9000, 9000);
  constexpr int64_t kChannels = 53;
  const float in = 0.0473f, out = 0.0291f;
  for (float least : {-24.0f, -9.0f, -3.0f}) {
    std::uniform_real_distribution<float> exponent(least, least + 4);
    Ints weights, bias;
    Floats scales, biasScales;
    for (int64_t c = 0; c < kChannels; ++c) {
      weights.push_back(byte(random));
      bias.push_back(units(random));
      scales.push_back(std::exp2(exponent(random)));
    }
    scales[0] = 0.5f * out / in;
    for (float scale : scales)
      biasScales.push_back(in * scale);
    std::string body =
        "%a = " + constant<int8_t>("256x1x1x1xi8", allBytes(true)) +
        parameters("a", in, "i8", -3) +
        "%w = " + constant<int8_t>("53x1x1x1xi8", weights) +
        "%w_s = " + constant<float>("53x1x1x1xf32", scales) +
        "%w_z = " + constant<int8_t>("53x1x1x1xi8", Ints(kChannels, 0)) +
        "%b = " + constant<int32_t>("53xi32", bias) +
        "%b_s = " + constant<float>("53xf32", biasScales) +
        "%b_z = nn.constant dense<0> : tensor<i32>\n" +
        parameters("r", out, "i8", 5) + R"(
      %0 = nn.dequantize %a, %a_s, %a_z : tensor<256x1x1x1xi8>, tensor<f32>, tensor<i8>
      %1 = nn.dequantize %w, %w_s, %w_z : tensor<53x1x1x1xi8>, tensor<53x1x1x1xf32>, tensor<53x1x1x1xi8>
      %2 = nn.dequantize %b, %b_s, %b_z : tensor<53xi32>, tensor<53xf32>, tensor<i32>
      %3 = nn.conv %0, %1 bias(%2) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<256x1x1x1xf32>, tensor<53x1x1x1xf32>, tensor<53xf32>) -> tensor<256x53x1x1xf32>
      %4 = nn.relu %3 : tensor<256x53x1x1xf32>
      %r = nn.quantize %4, %r_s, %r_z : tensor<256x53x1x1xf32>, tensor<f32>, tensor<i8>
)";
    Ints found = run(body, "256x53x1x1xi8", "nn.dequantize");
    ASSERT_EQ(found.size(), 256u * kChannels);
    for (int64_t i = 0; i < 256; ++i)
      for (int64_t c = 0; c < kChannels; ++c) {
        int32_t acc = (i - 128 + 3) * weights[c] + bias[c];
        EXPECT_EQ(found[i * kChannels + c],
                  requantize(acc, in, scales[c], out, {5, 5, 127}))
            << "accumulator " << acc << ", scale " << scales[c];
      }
  }
}

/// Biases are so that many accumulators are ties.
TEST_P(TfliteCode, FullyConnected) {
  constexpr int64_t kChannels = 40;
  const float in = 0.5f, out = 0.25f;
  Ints weights, bias;
  Floats scales, biasScales;
  for (int64_t c = 0; c < kChannels; ++c) {
    weights.push_back(c * 5 - 100);
    bias.push_back(c * 3 - 50);
    scales.push_back(c % 2 == 0 ? std::ldexp(1.0f, -1 - c % 8) : 0.01f + c);
    biasScales.push_back(in * scales.back());
  }
  std::string body = "%a = " + constant<int8_t>("256x1xi8", allBytes(true)) +
                     parameters("a", in, "i8", -3) +
                     "%w = " + constant<int8_t>("1x40xi8", weights) +
                     "%w_s = " + constant<float>("40xf32", scales) +
                     "%w_z = " + constant<int8_t>("40xi8", Ints(kChannels, 0)) +
                     "%b = " + constant<int32_t>("40xi32", bias) +
                     "%b_s = " + constant<float>("40xf32", biasScales) +
                     "%b_z = nn.constant dense<0> : tensor<i32>\n" +
                     parameters("r", out, "i8", 5) + R"(
      %0 = nn.dequantize %a, %a_s, %a_z : tensor<256x1xi8>, tensor<f32>, tensor<i8>
      %1 = nn.dequantize %w, %w_s, %w_z : tensor<1x40xi8>, tensor<40xf32>, tensor<40xi8>
      %2 = nn.dequantize %b, %b_s, %b_z : tensor<40xi32>, tensor<40xf32>, tensor<i32>
      %3 = nn.matmul %0, %1 : (tensor<256x1xf32>, tensor<1x40xf32>) -> tensor<256x40xf32>
      %4 = nn.add %3, %2 : tensor<256x40xf32>, tensor<40xf32>
      %r = nn.quantize %4, %r_s, %r_z : tensor<256x40xf32>, tensor<f32>, tensor<i8>
)";
  Ints found = run(body, "256x40xi8", "nn.dequantize");
  ASSERT_EQ(found.size(), 256u * kChannels);
  for (int64_t i = 0; i < 256; ++i)
    for (int64_t c = 0; c < kChannels; ++c) {
      int32_t acc = (i - 128 + 3) * weights[c] + bias[c];
      double real = static_cast<double>(in) * scales[c] / out;
      EXPECT_EQ(found[i * kChannels + c],
                fullyConnectedTflite(acc, real, {5, -128, 127}))
          << "accumulator " << acc << ", scale " << scales[c];
    }
}

INSTANTIATE_TEST_SUITE_P(Modes, TfliteCode,
                         testing::Values(QuantizeMode::Tflite), modeName);

} // namespace
