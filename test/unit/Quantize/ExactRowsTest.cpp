//===- ExactRowsTest.cpp - Functions of channels and of rows --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Continues ExactTest.cpp: what has constants for each channel, and what reads
// more than one element.
//
//===----------------------------------------------------------------------===//

#include "Exact.h"

#include "Quantize/RowNorm.h"

#include <algorithm>
#include <cmath>
#include <random>

using namespace mlir;
using namespace mlc;

namespace {

/// A function of bytes of a channel: all of them, 37 times.
class Channels : public Exact {
protected:
  static constexpr int64_t kChannels = 37;

  /// The stored results of %0, of 1x37x16x16 bytes as f32, by `ops` that end in
  /// %v; %c_<name> are 37x1x1 constants.
  Ints runChannels(const std::string &ops, const std::string &stored,
                   Scaling in, Scaling out, const std::string &forbidden) {
    Ints x;
    for (int64_t c = 0; c < kChannels; ++c)
      for (int64_t byte : allBytes(stored == "i8"))
        x.push_back(byte);
    std::string body =
        "%x = " + constant<uint8_t>("1x37x16x16x" + stored, x) +
        parameters("x", in.scale, stored, in.zeroPoint) +
        parameters("r", out.scale, stored, out.zeroPoint) +
        "%0 = nn.dequantize %x, %x_s, %x_z : tensor<1x37x16x16x" + stored +
        ">, tensor<f32>, tensor<" + stored + ">\n" + ops +
        "%r = nn.quantize %v, %r_s, %r_z : tensor<1x37x16x16xf32>, "
        "tensor<f32>, tensor<" +
        stored + ">\n";
    return run(body, "1x37x16x16x" + stored, forbidden);
  }

  void check(const Ints &found, const std::string &stored, Scaling in,
             Scaling out, llvm::function_ref<float(float, int64_t)> define) {
    ASSERT_EQ(found.size(), 256u * kChannels);
    Ints bytes = allBytes(stored == "i8");
    StoredRange range = {out.zeroPoint, stored == "i8" ? -128 : 0,
                         stored == "i8" ? 127 : 255};
    int differ = 0;
    for (int64_t i = 0; i < 256 * kChannels; ++i) {
      float x = dequantizeValue(bytes[i % 256], in.scale, in.zeroPoint);
      int32_t wanted = quantizeValue(define(x, i / 256), out.scale, range);
      differ += found[i] != wanted;
    }
    EXPECT_EQ(differ, 0);
  }
};

/// Each step rounded, as onnxruntime does it.
TEST_P(Channels, BatchNormalization) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  Floats scale, offset, mean, variance;
  for (int64_t c = 0; c < kChannels; ++c) {
    scale.push_back(normal(random));
    offset.push_back(normal(random));
    mean.push_back(normal(random));
    variance.push_back(std::exp(2 * normal(random)));
  }
  scale[3] = 0;
  scale[4] = 1e6f;
  scale[5] = -1e-6f;
  variance[6] = 0;
  offset[7] = 1e20f;
  auto vector = [](const std::string &name, const Floats &values) {
    return "%" + name + " = " + constant<float>("37xf32", values);
  };
  std::string ops = vector("s", scale) + vector("o", offset) +
                    vector("m", mean) + vector("w", variance) + R"(
      %v = nn.batch_norm %0, %s, %o, %m, %w {epsilon = 1.0e-5 : f64, layout = #nn.layout<channels_first>} : (tensor<1x37x16x16xf32>, tensor<37xf32>, tensor<37xf32>, tensor<37xf32>, tensor<37xf32>) -> tensor<1x37x16x16xf32>
)";
  for (std::string stored : {"ui8", "i8"}) {
    Scaling in = {0.023f, stored == "i8" ? -5 : 77}, out = {0.031f, 9};
    Ints found = runChannels(ops, stored, in, out, "nn.gather");
    check(found, stored, in, out, [&](float x, int64_t c) {
      float sum = variance[c] + 1e-5f;
      float inverse = 1 / std::sqrt(sum);
      float factor = inverse * scale[c];
      float shift = mean[c] * factor;
      float rest = offset[c] - shift;
      float product = x * factor;
      return product + rest;
    });
  }
}

/// Slopes of their own, behind a sum: two lines that meet elsewhere in each
/// channel.
TEST_P(Channels, RectifierBehindASum) {
  Floats slopes, sums;
  for (int64_t c = 0; c < kChannels; ++c) {
    slopes.push_back(0.03f * (c - 9));
    sums.push_back(0.17f * (c % 11 - 5));
  }
  std::string ops = "%a = " + constant<float>("37x1x1xf32", slopes) +
                    "%b = " + constant<float>("37x1x1xf32", sums) + R"(
      %1 = nn.add %0, %b : tensor<1x37x16x16xf32>, tensor<37x1x1xf32>
      %v = nn.prelu %1, %a : tensor<1x37x16x16xf32>, tensor<37x1x1xf32>
)";
  Scaling in = {0.019f, 100}, out = {0.0173f, 30};
  Ints found = runChannels(ops, "ui8", in, out, "nn.gather");
  check(found, "ui8", in, out, [&](float x, int64_t c) {
    float sum = x + sums[c];
    return sum < 0 ? sum * slopes[c] : sum;
  });
}

/// Ties, which no line rounds to even, and curves: a row for each channel.
TEST_P(Channels, RowsOfATable) {
  Floats factors;
  for (int64_t c = 0; c < kChannels; ++c)
    factors.push_back(0.25f * (c - 4));
  std::string ops = "%a = " + constant<float>("37x1x1xf32", factors) + R"(
      %v = nn.mul %0, %a : tensor<1x37x16x16xf32>, tensor<37x1x1xf32>
)";
  for (std::string stored : {"ui8", "i8"}) {
    Scaling in = {0.5f, 3}, out = {0.5f, 17};
    check(runChannels(ops, stored, in, out, "nn.mul"), stored, in, out,
          [&](float x, int64_t c) { return x * factors[c]; });
  }
  ops = "%a = " + constant<float>("37x1x1xf32", factors) + R"(
      %1 = nn.mul %0, %0 : tensor<1x37x16x16xf32>, tensor<1x37x16x16xf32>
      %v = nn.div %a, %1 : tensor<37x1x1xf32>, tensor<1x37x16x16xf32>
)";
  Scaling in = {0.05f, 3}, out = {0.3f, 17};
  check(runChannels(ops, "i8", in, out, "nn.div"), "i8", in, out,
        [&](float x, int64_t c) {
          float square = x * x;
          return factors[c] / square;
        });
}

class Rows : public Exact {};

/// Over dimensions that are not neighbours, and that no window is.
TEST_P(Rows, SumsOverDimensions) {
  std::mt19937 random(12);
  std::uniform_int_distribution<int64_t> byte(0, 255);
  Ints x;
  for (int i = 0; i < 3 * 5 * 7; ++i)
    x.push_back(i < 35 ? 255 : byte(random));
  const float in = 0.021f, out = 0.13f;
  for (std::string kind : {"sum", "mean", "max", "min"}) {
    std::string body =
        "%x = " + constant<uint8_t>("3x5x7xui8", x) +
        parameters("x", in, "ui8", 31) + parameters("r", out, "ui8", 40) +
        "%0 = nn.dequantize %x, %x_s, %x_z : tensor<3x5x7xui8>, "
        "tensor<f32>, tensor<ui8>\n"
        "%1 = nn.reduce %0 {kind = #nn.reduce_kind<" +
        kind +
        R"(>, axes = array<i64: 0, 2>} : (tensor<3x5x7xf32>) -> tensor<5xf32>
      %r = nn.quantize %1, %r_s, %r_z : tensor<5xf32>, tensor<f32>, tensor<ui8>
)";
    Ints found = run(body, "5xui8", "nn.quantize");
    ASSERT_EQ(found.size(), 5u);
    for (int64_t p = 0; p < 5; ++p) {
      int32_t sum = 0, most = 0, least = 255;
      for (int64_t k = 0; k < 21; ++k) {
        auto each = static_cast<int32_t>(x[k / 7 * 35 + p * 7 + k % 7]);
        sum += each - 31;
        most = std::max(most, each);
        least = std::min(least, each);
      }
      StoredRange range = {40, 0, 255};
      if (kind == "max" || kind == "min") {
        float number = dequantizeValue(kind == "max" ? most : least, in, 31);
        EXPECT_EQ(found[p], quantizeValue(number, out, range)) << kind;
        continue;
      }
      int32_t count = kind == "mean" ? 21 : 1;
      double real =
          static_cast<double>(in) / (static_cast<double>(out) * count);
      EXPECT_EQ(found[p],
                isOnnx() ? requantizeOnnx(sum, in / (out * count), range)
                         : requantizeInteger(sum, fixedMultiplier(real), range))
          << kind;
    }
  }
}

TEST_P(Rows, SoftmaxWithoutFloats) {
  if (isOnnx())
    GTEST_SKIP() << "is computed in floats";
  std::mt19937 random(13);
  std::uniform_int_distribution<int64_t> byte(-128, 127);
  constexpr int64_t kRows = 7, kSize = 41;
  Ints x;
  for (int64_t i = 0; i < kRows * kSize; ++i)
    x.push_back(i < kSize ? -128 : i < 2 * kSize ? 127 : byte(random));
  x[2 * kSize] = 127; // far from all others
  for (int64_t i = 1; i < kSize; ++i)
    x[2 * kSize + i] = -128;
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
      int64_t most = *std::max_element(each, each + kSize), sum = 0;
      double real = 0;
      for (int64_t i = 0; i < kSize; ++i) {
        sum += softmaxTerm(most - each[i], in);
        real += std::exp((each[i] - most) * static_cast<double>(in));
      }
      for (int64_t i = 0; i < kSize; ++i) {
        int32_t term = softmaxTerm(most - each[i], in);
        int32_t wanted =
            softmaxInteger(term, softmaxReciprocal(sum),
                           softmaxMultiplier(1.0f / 256), {-128, -128, 127});
        EXPECT_EQ(found[row * kSize + i], wanted);
        // The stated bound, and half a step.
        double share =
            std::exp((each[i] - most) * static_cast<double>(in)) / real;
        double bound = 0.5 + (kSize + 4) * std::ldexp(256.0, -31) + 1e-6;
        double step = std::min(share * 256, 255.0);
        EXPECT_NEAR(wanted + 128, step, bound);
      }
    }
  }
}

TEST_P(Rows, InterpolationWithoutFloats) {
  if (isOnnx())
    GTEST_SKIP() << "is computed in floats";
  Ints x = allBytes(false);
  std::shuffle(x.begin(), x.end(), std::mt19937(14));
  x.resize(2 * 5 * 7);
  x[0] = x[1] = 255;
  x[2] = x[3] = 0;
  // Rows to 4 of 3 taps, as a cubic has, and columns to 9 of 2.
  Ints rowPlaces = {0, 1, 2, 4, 3, 0, 2, 2, 3, 1, 0, 4}, columnPlaces;
  Floats rowWeights = {-0.11f, 0.9f, 0.21f, 0.3f,  0.3f, 0.4f,
                       1,      0,    0,     -0.2f, 1.3f, -0.1f},
         columnWeights;
  for (int64_t o = 0; o < 9; ++o) {
    columnPlaces.insert(columnPlaces.end(), {o * 6 / 9, o * 6 / 9 + 1});
    float part = std::fmod(static_cast<float>(o) * 0.6667f, 1.0f);
    columnWeights.insert(columnWeights.end(), {1 - part, part});
  }
  const float in = 0.02f, out = 0.017f;
  std::string body = "%x = " + constant<uint8_t>("2x5x7xui8", x) +
                     parameters("x", in, "ui8", 120) +
                     parameters("r", out, "ui8", 90) +
                     "%p = " + constant<int64_t>("4x3xi64", rowPlaces) +
                     "%v = " + constant<float>("4x3xf32", rowWeights) +
                     "%q = " + constant<int64_t>("9x2xi64", columnPlaces) +
                     "%w = " + constant<float>("9x2xf32", columnWeights) + R"(
      %0 = nn.dequantize %x, %x_s, %x_z : tensor<2x5x7xui8>, tensor<f32>, tensor<ui8>
      %1 = nn.resample %0, %p, %v {axis = 1 : i64} : (tensor<2x5x7xf32>, tensor<4x3xi64>, tensor<4x3xf32>) -> tensor<2x4x7xf32>
      %2 = nn.resample %1, %q, %w {axis = 2 : i64} : (tensor<2x4x7xf32>, tensor<9x2xi64>, tensor<9x2xf32>) -> tensor<2x4x9xf32>
      %r = nn.quantize %2, %r_s, %r_z : tensor<2x4x9xf32>, tensor<f32>, tensor<ui8>
)";
  Ints found = run(body, "2x4x9xui8", "nn.resample");
  ASSERT_EQ(found.size(), 72u);
  for (int64_t i = 0; i < 72; ++i) {
    int64_t sum = 0;
    double real = 0;
    for (int64_t s = 0; s < 2; ++s) {
      int64_t column = i % 9 * 2 + s, inner = 0;
      double realInner = 0;
      for (int64_t t = 0; t < 3; ++t) {
        int64_t row = i / 9 % 4 * 3 + t;
        int64_t stored =
            x[i / 36 * 35 + rowPlaces[row] * 7 + columnPlaces[column]] - 120;
        inner += (stored << 16) * resampleWeight(rowWeights[row]);
        realInner += static_cast<double>(stored) * rowWeights[row];
      }
      sum += static_cast<int64_t>(resampleInteger(inner)) *
             resampleWeight(columnWeights[column]);
      real += realInner * columnWeights[column];
    }
    int32_t wanted = requantizeInteger(
        resampleInteger(sum), resampleMultiplier(in, out), {90, 0, 255});
    EXPECT_EQ(found[i], wanted);
    // The stated bounds of both dimensions, the first's made larger by at most
    // 1, and half a step.
    double bound = (2 * 0x1p-17 + 5 * 255 * 0x1p-21) * in / out + 0.5 + 1e-6;
    double step = std::clamp(real * in / out + 90, 0.0, 255.0);
    EXPECT_NEAR(wanted, step, bound);
  }
}

/// Over rows, over images, and over more squares than 32 bits hold.
TEST_P(Rows, NormalisationWithoutFloats) {
  if (isOnnx())
    GTEST_SKIP() << "is computed in floats";
  struct Case {
    int64_t rows, size;
    bool hasAffine, isPerElement;
  };
  for (auto [rows, size, hasAffine, isPerElement] :
       {Case{5, 23, true, true}, Case{4, 37, true, false},
        Case{3, 1, false, false}, Case{2, 40000, false, false}}) {
    std::mt19937 random(15);
    std::uniform_int_distribution<int64_t> byte(0, 255);
    Ints x;
    for (int64_t i = 0; i < rows * size; ++i)
      x.push_back(i < size ? 9 : byte(random));
    Floats gains, biases;
    int64_t count = isPerElement ? size : rows;
    for (int64_t i = 0; i < count; ++i) {
      gains.push_back(0.1f * (i % 7 - 3));
      biases.push_back(0.3f * (i % 5 - 2));
    }
    const float in = 0.02f, out = 0.017f;
    std::string shape = std::to_string(rows) + "x" + std::to_string(size) + "x",
                means = std::to_string(rows) + "x1xf32",
                each = isPerElement ? std::to_string(size) + "xf32" : means,
                full = shape + "f32";
    std::string body =
        "%x = " + constant<uint8_t>(shape + "ui8", x) +
        parameters("x", in, "ui8", 120) + parameters("r", out, "ui8", 90) +
        "%e = nn.constant dense<1.0e-5> : tensor<f32>\n"
        "%g = " +
        constant<float>(each, gains) + "%b = " + constant<float>(each, biases) +
        "%0 = nn.dequantize %x, %x_s, %x_z : tensor<" + shape +
        "ui8>, tensor<f32>, tensor<ui8>\n"
        "%1 = nn.reduce %0 {axes = array<i64: 1>, keepdims, kind = "
        "#nn.reduce_kind<mean>} : (tensor<" +
        full + ">) -> tensor<" + means + ">\n%2 = nn.sub %0, %1 : tensor<" +
        full + ">, tensor<" + means + ">\n%3 = nn.mul %2, %2 : tensor<" + full +
        ">, tensor<" + full +
        ">\n%4 = nn.reduce %3 {axes = array<i64: 1>, keepdims, kind = "
        "#nn.reduce_kind<mean>} : (tensor<" +
        full + ">) -> tensor<" + means + ">\n%5 = nn.add %4, %e : tensor<" +
        means +
        ">, tensor<f32>\n"
        "%6 = nn.sqrt %5 : tensor<" +
        means +
        ">\n"
        "%7 = nn.reciprocal %6 : tensor<" +
        means +
        ">\n"
        "%8 = nn.mul %2, %7 : tensor<" +
        full + ">, tensor<" + means +
        ">\n"
        "%9 = nn.mul %8, %g : tensor<" +
        full + ">, tensor<" + each +
        ">\n"
        "%10 = nn.add %9, %b : tensor<" +
        full + ">, tensor<" + each +
        ">\n"
        "%r = nn.quantize %" +
        (hasAffine ? "10" : "8") + ", %r_s, %r_z : tensor<" + full +
        ">, tensor<f32>, tensor<ui8>\n";
    Ints found = run(body, shape + "ui8", "nn.sqrt");
    ASSERT_EQ(found.size(), size_t(rows * size));
    auto norm = rowNorm(size, 1e-5f, in);
    auto affine =
        hasAffine
            ? rowAffine(std::vector<double>(gains.begin(), gains.end()),
                        std::vector<double>(biases.begin(), biases.end()), out)
            : rowAffine(1.0, 0.0, out);
    ASSERT_TRUE(norm && affine);
    for (int64_t row = 0; row < rows; ++row) {
      int64_t sum = 0, squares = 0;
      for (int64_t i = 0; i < size; ++i) {
        int64_t v = x[row * size + i] - 120;
        sum += v;
        squares += v * v;
      }
      ReciprocalRoot root = reciprocalRoot(norm->argument(sum, squares));
      int differ = 0;
      for (int64_t i = 0; i < size; ++i) {
        auto v = static_cast<int32_t>(x[row * size + i] - 120);
        int64_t at = !hasAffine ? 0 : isPerElement ? i : row;
        int32_t wanted =
            affine->store(norm->normalise(v, sum, root), at, {90, 0, 255});
        differ += found[row * size + i] != wanted;
      }
      EXPECT_EQ(differ, 0) << shape << ", row " << row;
    }
  }
}

TEST_P(Rows, LogarithmOfSoftmaxWithoutFloats) {
  if (isOnnx())
    GTEST_SKIP() << "is computed in floats";
  std::mt19937 random(16);
  std::uniform_int_distribution<int64_t> byte(0, 255);
  constexpr int64_t kRows = 6, kSize = 300;
  Ints x;
  for (int64_t i = 0; i < kRows * kSize; ++i)
    x.push_back(i < kSize ? 255 : byte(random));
  for (auto [in, out] : {std::pair(0.001f, 0.03f), std::pair(0.07f, 0.1f),
                         std::pair(2.0f, 0.0625f), std::pair(0.1f, 1e-5f)}) {
    std::string body = "%x = " + constant<uint8_t>("6x300xui8", x) +
                       parameters("x", in, "ui8", 31) +
                       parameters("r", out, "ui8", 255) + R"(
      %0 = nn.dequantize %x, %x_s, %x_z : tensor<6x300xui8>, tensor<f32>, tensor<ui8>
      %1 = nn.softmax %0 {axis = 1 : i64, log} : (tensor<6x300xf32>) -> tensor<6x300xf32>
      %r = nn.quantize %1, %r_s, %r_z : tensor<6x300xf32>, tensor<f32>, tensor<ui8>
)";
    Ints found = run(body, "6x300xui8", "nn.softmax");
    ASSERT_EQ(found.size(), size_t(kRows * kSize));
    for (int64_t row = 0; row < kRows; ++row) {
      auto *each = x.data() + row * kSize;
      int64_t most = *std::max_element(each, each + kSize), sum = 0;
      double real = 0;
      for (int64_t i = 0; i < kSize; ++i) {
        sum += softmaxTerm(most - each[i], in);
        real += std::exp((each[i] - most) * static_cast<double>(in));
      }
      for (int64_t i = 0; i < kSize; ++i) {
        int32_t wanted = logSoftmaxInteger(
            logSoftmaxTerm(most - each[i], in, out), softmaxLogarithm(sum),
            logSoftmaxMultiplier(out), {255, 0, 255});
        EXPECT_EQ(found[row * kSize + i], wanted);
        double number = (each[i] - most) * static_cast<double>(in);
        double step = std::max((number - std::log(real)) / out + 255, 0.0);
        double bound = 0x1p-16 + (0x1p-18 + (kSize + 1) * 0x1p-31) / out;
        EXPECT_NEAR(wanted, step, 0.5 + bound + 1e-6);
      }
    }
  }
}

/// Of 16 bits there are forms in mode integer: sums, products and tables.
TEST_P(Rows, ShortsWithoutFloats) {
  if (isOnnx())
    GTEST_SKIP() << "is computed in floats";
  std::mt19937 random(17);
  std::uniform_int_distribution<int64_t> any(-32768, 32767);
  Ints a = {-32768, 32767, -32768, 32767, 0}, b = {-32768, 32767, 32767, 0, 0};
  while (a.size() < 997) {
    a.push_back(any(random));
    b.push_back(any(random));
  }
  const Scaling left = {0.0031f, 250}, right = {0.0047f, -31000},
                result = {0.0059f, 17};
  StoredRange range = {17, -32768, 32767};
  auto body = [&](const std::string &op, float out) {
    return "%a = " + constant<int16_t>("997xi16", a) +
           parameters("a", left.scale, "i16", left.zeroPoint) +
           "%b = " + constant<int16_t>("997xi16", b) +
           parameters("b", right.scale, "i16", right.zeroPoint) +
           parameters("r", out, "i16", 17) + R"(
      %0 = nn.dequantize %a, %a_s, %a_z : tensor<997xi16>, tensor<f32>, tensor<i16>
      %1 = nn.dequantize %b, %b_s, %b_z : tensor<997xi16>, tensor<f32>, tensor<i16>
      %2 = )" +
           op + R"( %0, %1 : tensor<997xf32>, tensor<997xf32>
      %r = nn.quantize %2, %r_s, %r_z : tensor<997xf32>, tensor<f32>, tensor<i16>
)";
  };
  const float wide = 1.1f;
  Ints sums = run(body("nn.add", result.scale), "997xi16", "nn.add");
  Ints products = run(body("nn.mul", wide), "997xi16", "nn.mul");
  ASSERT_EQ(sums.size(), 997u);
  ASSERT_EQ(products.size(), 997u);
  SumMultipliers m =
      sumMultipliers(static_cast<double>(left.scale) / result.scale,
                     static_cast<double>(right.scale) / result.scale);
  double real = static_cast<double>(left.scale) * right.scale / wide;
  for (size_t i = 0; i < 997; ++i) {
    int64_t x = a[i] - left.zeroPoint, y = b[i] - right.zeroPoint;
    EXPECT_EQ(sums[i], addInteger(x, y, m, range));
    EXPECT_EQ(products[i], requantizeWide(x * y, fixedMultiplier(real), range));
    double product = std::clamp(x * y * real + 17, -32768.0, 32767.0);
    EXPECT_NEAR(products[i], product, 0.5 + 65536 * 0x1p-27);
  }
  Ints all;
  for (int64_t i = -32768; i < 32768; ++i)
    all.push_back(i);
  std::string square = "%x = " + constant<int16_t>("65536xi16", all) +
                       parameters("x", 0.0001f, "i16", 3) +
                       parameters("r", 0.0625f, "i8", -5) + R"(
      %0 = nn.dequantize %x, %x_s, %x_z : tensor<65536xi16>, tensor<f32>, tensor<i16>
      %1 = nn.mul %0, %0 : tensor<65536xf32>, tensor<65536xf32>
      %r = nn.quantize %1, %r_s, %r_z : tensor<65536xf32>, tensor<f32>, tensor<i8>
)";
  Ints found = run(square, "65536xi8", "nn.dequantize");
  ASSERT_EQ(found.size(), 65536u);
  int differ = 0;
  for (int64_t i = 0; i < 65536; ++i) {
    float x = dequantizeValue(all[i], 0.0001f, 3);
    differ += found[i] != quantizeValue(x * x, 0.0625f, {-5, -128, 127});
  }
  EXPECT_EQ(differ, 0);
}

const auto modes = testing::Values(QuantizeMode::Onnx, QuantizeMode::Integer);
INSTANTIATE_TEST_SUITE_P(Modes, Channels, modes, modeName);
INSTANTIATE_TEST_SUITE_P(Modes, Rows, modes, modeName);

} // namespace
