//===- TfliteCodeTest.cpp - Generated code of mode tflite -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As ExactTest.cpp: against the definitions of Quantize/Tflite.h and
// TfliteFunctions.h, bit for bit.
//
//===----------------------------------------------------------------------===//

#include "Exact.h"
#include "Quantize/Tflite.h"
#include "Quantize/TfliteFunctions.h"

#include <algorithm>
#include <cmath>
#include <random>

using namespace mlir;
using namespace mlc;

namespace {

class TfliteCode : public Exact {};

/// Scales of weights from 2^-24 to 2: accumulators are shifted to the right,
/// not at all, or to the left.
TEST_P(TfliteCode, ConvolutionRoundsTwice) {
  std::mt19937 random(5);
  std::uniform_int_distribution<int64_t> byte(-127, 127), units(-9000, 9000);
  constexpr int64_t kChannels = 53;
  const float in = 0.0473f, out = 0.0291f;
  for (auto [least, relu] : {std::pair(-24.0f, true), std::pair(-24.0f, false),
                             std::pair(-12.0f, true), std::pair(-12.0f, false),
                             std::pair(-3.0f, true), std::pair(-3.0f, false)}) {
    std::uniform_real_distribution<float> exponent(least, least + 4);
    Ints weights, bias;
    Floats scales, biasScales;
    for (int64_t c = 0; c < kChannels; ++c) {
      weights.push_back(byte(random));
      bias.push_back(units(random));
      scales.push_back(std::exp2(exponent(random)));
    }
    // Ties.
    scales[0] = (least > -4 ? 0.5f : 0.25f) * out / in;
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
      %r = nn.quantize )" +
        (relu ? "%4" : "%3") +
        R"(, %r_s, %r_z : tensor<256x53x1x1xf32>, tensor<f32>, tensor<i8>
)";
    Ints found = run(body, "256x53x1x1xi8", "nn.dequantize");
    ASSERT_EQ(found.size(), 256u * kChannels);
    for (int64_t i = 0; i < 256; ++i)
      for (int64_t c = 0; c < kChannels; ++c) {
        int32_t acc = (i - 128 + 3) * weights[c] + bias[c];
        EXPECT_EQ(
            found[i * kChannels + c],
            requantize(acc, in, scales[c], out, {5, relu ? 5 : -128, 127}))
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

/// Every pair of bytes.
class TflitePairs : public Exact {
protected:
  void
  check(const std::string &op, Scaling a, Scaling b, Scaling r, bool relu,
        llvm::function_ref<int32_t(int32_t, int32_t, StoredRange)> define) {
    Ints bytes = allBytes(true), left, right;
    for (int64_t i = 0; i < 65536; ++i) {
      left.push_back(bytes[i / 256]);
      right.push_back(bytes[i % 256]);
    }
    std::string body = "%a = " + constant<int8_t>("65536xi8", left) +
                       parameters("a", a.scale, "i8", a.zeroPoint) +
                       "%b = " + constant<int8_t>("65536xi8", right) +
                       parameters("b", b.scale, "i8", b.zeroPoint) +
                       parameters("r", r.scale, "i8", r.zeroPoint) + R"(
      %0 = nn.dequantize %a, %a_s, %a_z : tensor<65536xi8>, tensor<f32>, tensor<i8>
      %1 = nn.dequantize %b, %b_s, %b_z : tensor<65536xi8>, tensor<f32>, tensor<i8>
      %2 = )" + op + R"( %0, %1 : tensor<65536xf32>, tensor<65536xf32>
)" + (relu ? "%3 = nn.relu %2 : tensor<65536xf32>\n" : "") +
                       "%r = nn.quantize %" + (relu ? "3" : "2") +
                       ", %r_s, %r_z : tensor<65536xf32>, tensor<f32>, "
                       "tensor<i8>\n";
    Ints found = run(body, "65536xi8", op);
    ASSERT_EQ(found.size(), 65536u);
    StoredRange range = {r.zeroPoint, relu ? r.zeroPoint : -128, 127};
    int differ = 0;
    for (int64_t i = 0; i < 65536; ++i)
      differ += found[i] != define(static_cast<int32_t>(left[i]) - a.zeroPoint,
                                   static_cast<int32_t>(right[i]) - b.zeroPoint,
                                   range);
    EXPECT_EQ(differ, 0) << op << ", scale " << a.scale;
  }
};

TEST_P(TflitePairs, SumsDifferencesAndProducts) {
  const Scaling cases[][3] = {
      {{0.031f, 4}, {0.047f, -9}, {0.058f, -2}},
      {{0.5f, -128}, {0.5f, 127}, {0.5f, 0}},
      {{0.25f, 3}, {0.75f, -7}, {0.5f, 1}},
      {{1e-6f, 3}, {0.75f, -7}, {0.5f, 1}},
      {{0.11f, 0}, {0.0013f, -100}, {0.0007f, 77}},
  };
  for (const auto &[a, b, r] : cases)
    for (bool relu : {false, true}) {
      TfliteSum sum = tfliteSum(a.scale, b.scale, r.scale);
      FixedMultiplier m = productTflite(a.scale, b.scale, r.scale);
      check("nn.add", a, b, r, relu, [&](int32_t x, int32_t y, StoredRange to) {
        return addTflite(x, y, sum, to);
      });
      check("nn.sub", a, b, r, relu, [&](int32_t x, int32_t y, StoredRange to) {
        return subtractTflite(x, y, sum, to);
      });
      check("nn.mul", a, b, r, relu, [&](int32_t x, int32_t y, StoredRange to) {
        return requantizeTflite(x * y, m, to);
      });
      TflitePrelu prelu = tflitePrelu(a.scale, b.scale, r.scale);
      check("nn.prelu", a, b, r, relu,
            [&](int32_t x, int32_t y, StoredRange to) {
              return preluTflite(x, y, prelu, to);
            });
    }
}

/// Windows that reach over the edge divide by fewer elements.
TEST_P(TfliteCode, AverageOfPaddedWindows) {
  Ints x = allBytes(true);
  std::shuffle(x.begin(), x.end(), std::mt19937(8));
  std::string body = "%x = " + constant<int8_t>("1x1x16x16xi8", x) +
                     parameters("x", 0.3f, "i8", -17) + R"(
      %0 = nn.dequantize %x, %x_s, %x_z : tensor<1x1x16x16xi8>, tensor<f32>, tensor<i8>
      %1 = nn.pool %0 {kind = #nn.pool_kind<average>, kernel = array<i64: 3, 2>, strides = array<i64: 1, 1>, pads = array<i64: 1, 0, 1, 1>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x1x16x16xf32>) -> tensor<1x1x16x16xf32>
      %2 = nn.relu %1 : tensor<1x1x16x16xf32>
      %r = nn.quantize %2, %x_s, %x_z : tensor<1x1x16x16xf32>, tensor<f32>, tensor<i8>
)";
  Ints found = run(body, "1x1x16x16xi8", "nn.pool");
  ASSERT_EQ(found.size(), 256u);
  for (int64_t p = 0; p < 256; ++p) {
    int32_t sum = 0, count = 0;
    for (int64_t i = std::max<int64_t>(p / 16 - 1, 0);
         i <= std::min<int64_t>(p / 16 + 1, 15); ++i)
      for (int64_t j = p % 16; j <= std::min<int64_t>(p % 16 + 1, 15); ++j) {
        sum += x[i * 16 + j];
        ++count;
      }
    EXPECT_EQ(found[p], averageTflite(sum, count, {-17, -17, 127}));
  }
}

TEST_P(TfliteCode, Means) {
  Ints x = allBytes(true);
  std::shuffle(x.begin(), x.end(), std::mt19937(9));
  const float in = 0.3f, out = 0.013f;
  std::string body = "%x = " + constant<int8_t>("1x4x8x8xi8", x) +
                     parameters("x", in, "i8", -17) +
                     parameters("r", out, "i8", 21) + R"(
      %0 = nn.dequantize %x, %x_s, %x_z : tensor<1x4x8x8xi8>, tensor<f32>, tensor<i8>
      %1 = nn.reduce %0 {kind = #nn.reduce_kind<mean>, axes = array<i64: AXES>} : (tensor<1x4x8x8xf32>) -> tensor<1xSIZExf32>
      %r = nn.quantize %1, %r_s, %r_z : tensor<1xSIZExf32>, tensor<f32>, tensor<i8>
)";
  for (bool isWindow : {true, false}) {
    std::string text = body, size = isWindow ? "4" : "4x8";
    auto replace = [&](const std::string &name, const std::string &with) {
      for (size_t at; (at = text.find(name)) != std::string::npos;)
        text.replace(at, name.size(), with);
    };
    replace("AXES", isWindow ? "2, 3" : "3");
    replace("SIZE", size);
    Ints found = run(text, "1x" + size + "xi8", "nn.dequantize");
    int64_t count = isWindow ? 64 : 8;
    ASSERT_EQ(found.size(), 256u / count);
    for (size_t o = 0; o < found.size(); ++o) {
      int32_t sum = 0;
      for (int64_t i = 0; i < count; ++i)
        sum += x[o * count + i] + 17;
      EXPECT_EQ(found[o], requantizeTflite(sum, meanTflite(in, out, count),
                                           {21, -128, 127}));
    }
  }
}

/// Functions of every byte.
TEST_P(TfliteCode, Functions) {
  Scaling in = {0.05f, 11};
  const float out = 0.0387f;
  StoredRange range = {-20, -128, 127};
  auto check = [&](const std::string &op,
                   llvm::function_ref<int32_t(int32_t)> define) {
    std::string body = "%x = " + constant<int8_t>("256xi8", allBytes(true)) +
                       parameters("x", in.scale, "i8", in.zeroPoint) +
                       parameters("r", out, "i8", range.zeroPoint) + R"(
      %0 = nn.dequantize %x, %x_s, %x_z : tensor<256xi8>, tensor<f32>, tensor<i8>
)" + (op.empty() ? "" : "%1 = " + op + " : tensor<256xf32>\n") +
                       "%r = nn.quantize %" + (op.empty() ? "0" : "1") +
                       ", %r_s, %r_z : tensor<256xf32>, tensor<f32>, "
                       "tensor<i8>\n";
    Ints found = run(body, "256xi8", "nn.dequantize");
    ASSERT_EQ(found.size(), 256u);
    for (int32_t i = 0; i < 256; ++i)
      EXPECT_EQ(found[i], define(i - 128)) << op << " of " << i - 128;
  };
  check("", [&](int32_t x) { return rescaleTflite(x, in, out, range); });
  check("nn.abs %0", [&](int32_t x) { return absTflite(x, in, out, range); });
  check("nn.relu %0", [&](int32_t x) {
    return reluTflite(x, in, out, {range.zeroPoint, range.zeroPoint, 127});
  });
  check("nn.leaky_relu %0 {alpha = 0.3 : f64}",
        [&](int32_t x) { return leakyReluTflite(x, in, 0.3f, out, range); });
  check("nn.hard_swish %0",
        [&](int32_t x) { return hardSwishTflite(x, in, out, range); });
  check("nn.tanh %0", [&](int32_t x) {
    return lookUpTflite(x, in, out, range,
                        [](float v) { return std::tanh(v); });
  });
  check("nn.sigmoid %0", [&](int32_t x) {
    return lookUpTflite(x, in, out, range,
                        [](float v) { return 1 / (1 + std::exp(-v)); });
  });
}

TEST_P(TfliteCode, Softmax) {
  std::mt19937 random(13);
  std::uniform_int_distribution<int64_t> byte(-128, 127);
  constexpr int64_t kRows = 7, kSize = 41;
  Ints x;
  for (int64_t i = 0; i < kRows * kSize; ++i)
    x.push_back(i < kSize ? -128 : i < 2 * kSize ? 127 : byte(random));
  for (float in : {0.001f, 0.07f, 1.3f}) {
    std::string body = "%x = " + constant<int8_t>("7x41xi8", x) +
                       parameters("x", in, "i8", 31) +
                       parameters("r", 1.0f / 256, "i8", -128) + R"(
      %0 = nn.dequantize %x, %x_s, %x_z : tensor<7x41xi8>, tensor<f32>, tensor<i8>
      %1 = nn.softmax %0 {axis = 1 : i64} : (tensor<7x41xf32>) -> tensor<7x41xf32>
      %r = nn.quantize %1, %r_s, %r_z : tensor<7x41xf32>, tensor<f32>, tensor<i8>
)";
    Ints found = run(body, "7x41xi8", "nn.softmax");
    ASSERT_EQ(found.size(), size_t(kRows * kSize));
    for (int64_t row = 0; row < kRows; ++row) {
      auto *each = x.data() + row * kSize;
      int64_t most = *std::max_element(each, each + kSize);
      int32_t sum = 0;
      for (int64_t i = 0; i < kSize; ++i)
        sum += softmaxPartTflite(softmaxTermTflite(most - each[i], in));
      TfliteReciprocal r = softmaxReciprocalTflite(sum);
      for (int64_t i = 0; i < kSize; ++i)
        EXPECT_EQ(found[row * kSize + i],
                  softmaxTflite(softmaxTermTflite(most - each[i], in), r,
                                {-128, -128, 127}));
    }
  }
}

/// Rows from 3 to 5, columns from 4 to 7, halves of pixels.
TEST_P(TfliteCode, Interpolation) {
  Ints x = allBytes(true);
  std::shuffle(x.begin(), x.end(), std::mt19937(14));
  x.resize(12);
  auto taps = [](int64_t in, int64_t out, Ints &places, Floats &weights) {
    for (int64_t o = 0; o < out; ++o) {
      double at = std::clamp((o + 0.5) * in / out - 0.5, 0.0, in - 1.0);
      auto first = static_cast<int64_t>(at);
      places.insert(places.end(), {first, std::min(first + 1, in - 1)});
      auto part = static_cast<float>(at - first);
      weights.insert(weights.end(), {1 - part, part});
    }
  };
  Ints rows, columns;
  Floats rowWeights, columnWeights;
  taps(3, 5, rows, rowWeights);
  taps(4, 7, columns, columnWeights);
  std::string body = "%x = " + constant<int8_t>("3x4xi8", x) +
                     parameters("x", 0.02f, "i8", -20) +
                     "%p = " + constant<int64_t>("5x2xi64", rows) +
                     "%v = " + constant<float>("5x2xf32", rowWeights) +
                     "%q = " + constant<int64_t>("7x2xi64", columns) +
                     "%w = " + constant<float>("7x2xf32", columnWeights) + R"(
      %0 = nn.dequantize %x, %x_s, %x_z : tensor<3x4xi8>, tensor<f32>, tensor<i8>
      %1 = nn.resample %0, %p, %v {axis = 0 : i64} : (tensor<3x4xf32>, tensor<5x2xi64>, tensor<5x2xf32>) -> tensor<5x4xf32>
      %2 = nn.resample %1, %q, %w {axis = 1 : i64} : (tensor<5x4xf32>, tensor<7x2xi64>, tensor<7x2xf32>) -> tensor<5x7xf32>
      %r = nn.quantize %2, %x_s, %x_z : tensor<5x7xf32>, tensor<f32>, tensor<i8>
)";
  Ints found = run(body, "5x7xi8", "nn.resample");
  ASSERT_EQ(found.size(), 35u);
  for (int32_t i = 0; i < 35; ++i) {
    TfliteTap row = tfliteTap(i / 7, 3, 5, TfliteCoordinates::HalfPixel);
    TfliteTap column = tfliteTap(i % 7, 4, 7, TfliteCoordinates::HalfPixel);
    auto along = [&](int64_t at) {
      return x[at * 4 + column.first] * (1024 - column.weight) +
             x[at * 4 + column.second] * column.weight;
    };
    int64_t weighted =
        along(row.first) * (1024 - row.weight) + along(row.second) * row.weight;
    EXPECT_EQ(found[i], resizeTflite(static_cast<int32_t>(weighted)));
  }
}

const auto mode = testing::Values(QuantizeMode::Tflite);
INSTANTIATE_TEST_SUITE_P(Modes, TfliteCode, mode, modeName);
INSTANTIATE_TEST_SUITE_P(Modes, TflitePairs, mode, modeName);

} // namespace
