//===- ExactTest.cpp - Generated integer arithmetic against definitions ---===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Quantised graphs on constants go through nn-quantize and the phases that
// ship, run on this machine, and must give what Quantize/Arithmetic.h says, bit
// for bit.
//
//===----------------------------------------------------------------------===//

#include "Exact.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace mlc;

namespace {

/// A product of every byte with each channel's weight, and a bias: all
/// accumulators are known.
TEST_P(Exact, MatrixProductWithAScaleForEachChannel) {
  std::mt19937 random(5);
  std::uniform_int_distribution<int64_t> byte(-127, 127), units(-9000, 9000);
  std::uniform_real_distribution<float> exponent(-9, -3);
  constexpr int64_t kChannels = 37;
  const float in = 0.0473f, out = 0.0291f;
  Ints weights, bias;
  Floats scales;
  for (int64_t c = 0; c < kChannels; ++c) {
    weights.push_back(byte(random));
    bias.push_back(units(random));
    scales.push_back(std::exp2(exponent(random)));
  }
  // Halves of a step: ties, and a channel that saturates at both ends.
  scales[0] = 0.5f * out / in;
  scales[1] = 1;
  Floats biasScales;
  for (float scale : scales)
    biasScales.push_back(in * scale);
  std::string body = "%a = " + constant<int8_t>("256x1xi8", allBytes(true)) +
                     parameters("a", in, "i8", -3) +
                     "%w = " + constant<int8_t>("1x37xi8", weights) +
                     "%w_s = " + constant<float>("37xf32", scales) +
                     "%w_z = " + constant<int8_t>("37xi8", Ints(kChannels, 0)) +
                     "%b = " + constant<int32_t>("37xi32", bias) +
                     "%b_s = " + constant<float>("37xf32", biasScales) +
                     "%b_z = nn.constant dense<0> : tensor<i32>\n" +
                     parameters("r", out, "i8", 5) + R"(
      %0 = nn.dequantize %a, %a_s, %a_z : tensor<256x1xi8>, tensor<f32>, tensor<i8>
      %1 = nn.dequantize %w, %w_s, %w_z : tensor<1x37xi8>, tensor<37xf32>, tensor<37xi8>
      %2 = nn.dequantize %b, %b_s, %b_z : tensor<37xi32>, tensor<37xf32>, tensor<i32>
      %3 = nn.matmul %0, %1 : (tensor<256x1xf32>, tensor<1x37xf32>) -> tensor<256x37xf32>
      %4 = nn.add %3, %2 : tensor<256x37xf32>, tensor<37xf32>
      %r = nn.quantize %4, %r_s, %r_z : tensor<256x37xf32>, tensor<f32>, tensor<i8>
)";
  Ints found = run(body, "256x37xi8", "nn.dequantize");
  ASSERT_EQ(found.size(), 256u * kChannels);
  for (int64_t i = 0; i < 256; ++i)
    for (int64_t c = 0; c < kChannels; ++c) {
      int32_t acc = (i - 128 + 3) * weights[c] + bias[c];
      EXPECT_EQ(found[i * kChannels + c],
                requantize(acc, in, scales[c], out, {5, -128, 127}))
          << "accumulator " << acc << ", channel " << c;
    }
}

/// Padding holds the zero point; relu ends up in the range.
TEST_P(Exact, ConvolutionOfUnsignedBytesWithARelu) {
  std::mt19937 random(6);
  std::uniform_int_distribution<int64_t> byte(0, 255), weight(-128, 127);
  const float in = 0.02f, out = 0.037f, w = 0.011f;
  Ints x, weights;
  for (int i = 0; i < 2 * 81; ++i)
    x.push_back(byte(random));
  for (int i = 0; i < 3 * 2 * 9; ++i)
    weights.push_back(weight(random));
  std::string body = "%x = " + constant<uint8_t>("1x2x9x9xui8", x) +
                     parameters("x", in, "ui8", 113) +
                     "%w = " + constant<int8_t>("3x2x3x3xi8", weights) +
                     parameters("w", w, "i8", 0) +
                     parameters("r", out, "ui8", 7) + R"(
      %0 = nn.dequantize %x, %x_s, %x_z : tensor<1x2x9x9xui8>, tensor<f32>, tensor<ui8>
      %1 = nn.dequantize %w, %w_s, %w_z : tensor<3x2x3x3xi8>, tensor<f32>, tensor<i8>
      %2 = nn.conv %0, %1 {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x9x9xf32>, tensor<3x2x3x3xf32>) -> tensor<1x3x9x9xf32>
      %3 = nn.relu %2 : tensor<1x3x9x9xf32>
      %r = nn.quantize %3, %r_s, %r_z : tensor<1x3x9x9xf32>, tensor<f32>, tensor<ui8>
)";
  Ints found = run(body, "1x3x9x9xui8", "nn.relu");
  ASSERT_EQ(found.size(), 3u * 81);
  auto at = [&](int64_t c, int64_t i, int64_t j) -> int64_t {
    bool isInside = i >= 0 && i < 9 && j >= 0 && j < 9;
    return isInside ? x[c * 81 + i * 9 + j] - 113 : 0;
  };
  for (int64_t f = 0; f < 3; ++f)
    for (int64_t p = 0; p < 81; ++p) {
      int64_t acc = 0;
      for (int64_t k = 0; k < 18; ++k)
        acc += weights[f * 18 + k] *
               at(k / 9, p / 9 + k % 9 / 3 - 1, p % 9 + k % 3 - 1);
      EXPECT_EQ(found[f * 81 + p],
                requantize(static_cast<int32_t>(acc), in, w, out, {7, 7, 255}));
    }
}

/// A sum, a difference and a product of every pair of bytes.
class Pairs : public Exact {
protected:
  struct Case {
    std::string stored; // ui8 or i8
    Scaling a, b, result;
  };

  /// Scales as they come, scales whose sum is another one when it is not fused,
  /// and scales whose sums are ties.
  static std::vector<Case> cases() {
    return {{"i8", {0.031f, 4}, {0.047f, -9}, {0.058f, -2}},
            {"ui8",
             {0x1.71e2ecp-6f, 96},
             {0x1.334198p-7f, 23},
             {0x1.58c7d6p-5f, 155}},
            {"i8",
             {0x1.4ffce0p-1f, -10},
             {0x1.e58002p-3f, -94},
             {0x1.19278ap-1f, 4}},
            {"ui8",
             {0x1.38c5f4p-1f, 252},
             {0x1.407766p-5f, 210},
             {0x1.8250a0p-2f, 246}},
            {"i8", {0.25f, 3}, {0.75f, -7}, {0.5f, 1}}};
  }

  static StoredRange rangeOf(const Case &c) {
    return c.stored == "i8" ? StoredRange{c.result.zeroPoint, -128, 127}
                            : StoredRange{c.result.zeroPoint, 0, 255};
  }

  /// The stored results of `op` for (0, 0), (0, 1) ..., `relu` behind it, with
  /// operands of these shapes.
  Ints runPairs(const std::string &op, const Case &c, bool relu,
                bool isOuter = false) {
    Ints bytes = allBytes(c.stored == "i8"), left, right;
    std::string sizeA = isOuter ? "256x1x" : "256x256x",
                sizeB = isOuter ? "256x" : sizeA;
    for (int64_t i = 0; i < (isOuter ? 256 : 65536); ++i) {
      left.push_back(bytes[isOuter ? i : i / 256]);
      right.push_back(bytes[i % 256]);
    }
    std::string a = sizeA + c.stored, b = sizeB + c.stored,
                of = ">, tensor<f32>, tensor<" + c.stored + ">\n";
    std::string body =
        "%a = " + constant<uint8_t>(a, left) +
        parameters("a", c.a.scale, c.stored, c.a.zeroPoint) +
        "%b = " + constant<uint8_t>(b, right) +
        parameters("b", c.b.scale, c.stored, c.b.zeroPoint) +
        parameters("r", c.result.scale, c.stored, c.result.zeroPoint) +
        "%0 = nn.dequantize %a, %a_s, %a_z : tensor<" + a + of +
        "%1 = nn.dequantize %b, %b_s, %b_z : tensor<" + b + of + "%2 = " + op +
        " %0, %1 : tensor<" + sizeA + "f32>, tensor<" + sizeB + "f32>\n" +
        (relu ? "%3 = nn.relu %2 : tensor<256x256xf32>\n" : "") +
        "%r = nn.quantize %" + (relu ? "3" : "2") +
        ", %r_s, %r_z : tensor<256x256xf32" + of;
    bool staysItself = op == "nn.max" || op == "nn.min";
    return run(body, "256x256x" + c.stored, staysItself ? "nn.dequantize" : op);
  }

  void check(const Case &c, const Ints &found,
             llvm::function_ref<int32_t(int32_t, int32_t)> define) {
    ASSERT_EQ(found.size(), 65536u);
    Ints bytes = allBytes(c.stored == "i8");
    int differ = 0;
    for (int64_t i = 0; i < 65536; ++i)
      differ += found[i] != define(bytes[i / 256], bytes[i % 256]);
    EXPECT_EQ(differ, 0) << c.stored << ", scale " << c.a.scale;
  }
};

TEST_P(Pairs, Sum) {
  for (const Case &c : cases()) {
    StoredRange range = rangeOf(c);
    FusedSum sum = fusedSum(c.a, c.b, c.result);
    SumMultipliers m =
        sumMultipliers(static_cast<double>(c.a.scale) / c.result.scale,
                       static_cast<double>(c.b.scale) / c.result.scale);
    check(c, runPairs("nn.add", c, /*relu=*/false), [&](int32_t x, int32_t y) {
      return isOnnx()
                 ? addOnnx(x, y, sum, range)
                 : addInteger(x - c.a.zeroPoint, y - c.b.zeroPoint, m, range);
    });
  }
}

/// One element of the first operand for a row of the second: that is added to
/// the zero point first.
TEST_P(Pairs, SumOfAColumnAndARow) {
  if (!isOnnx())
    GTEST_SKIP() << "has no order";
  for (const Case &c : cases()) {
    FusedSum sum = fusedSum(c.b, c.a, c.result);
    check(c, runPairs("nn.add", c, /*relu=*/false, /*isOuter=*/true),
          [&](int32_t x, int32_t y) { return addOnnx(y, x, sum, rangeOf(c)); });
  }
}

TEST_P(Pairs, ProductIsAnAccumulatorOrTakesTheZeroPointFirst) {
  for (const Case &c : cases()) {
    StoredRange range = rangeOf(c);
    float sa = c.a.scale, sb = c.b.scale, out = c.result.scale;
    double real = static_cast<double>(sa) * sb / out;
    check(c, runPairs("nn.mul", c, /*relu=*/false), [&](int32_t x, int32_t y) {
      int32_t product = (x - c.a.zeroPoint) * (y - c.b.zeroPoint);
      return isOnnx()
                 ? multiplyOnnx(product, onnxScale(sa, sb, out), range)
                 : requantizeInteger(product, fixedMultiplier(real), range);
    });
  }
}

/// onnxruntime has no operator for these and computes them in floats.
TEST_P(Pairs, DifferenceAndSumWithAReluAreFloats) {
  if (!isOnnx())
    GTEST_SKIP() << "computes no floats";
  for (const Case &c : cases()) {
    StoredRange range = rangeOf(c);
    auto number = [](int32_t stored, Scaling s) {
      return dequantizeValue(stored, s.scale, s.zeroPoint);
    };
    check(c, runPairs("nn.sub", c, /*relu=*/false), [&](int32_t x, int32_t y) {
      return quantizeValue(number(x, c.a) - number(y, c.b), c.result.scale,
                           range);
    });
    check(c, runPairs("nn.add", c, /*relu=*/true), [&](int32_t x, int32_t y) {
      float sum = number(x, c.a) + number(y, c.b);
      return quantizeValue(std::max(sum, 0.0f), c.result.scale, range);
    });
  }
}

TEST_P(Exact, AverageDividesInTheFactor) {
  Ints x = allBytes(false);
  std::shuffle(x.begin(), x.end(), std::mt19937(8));
  const float in = 0.3f, out = 0.21f;
  std::string body = "%x = " + constant<uint8_t>("1x1x16x16xui8", x) +
                     parameters("x", in, "ui8", 100) +
                     parameters("r", out, "ui8", 90) + R"(
      %0 = nn.dequantize %x, %x_s, %x_z : tensor<1x1x16x16xui8>, tensor<f32>, tensor<ui8>
      %1 = nn.pool %0 {kind = #nn.pool_kind<average>, kernel = array<i64: 3, 2>, strides = array<i64: 1, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x1x16x16xf32>) -> tensor<1x1x14x8xf32>
      %r = nn.quantize %1, %r_s, %r_z : tensor<1x1x14x8xf32>, tensor<f32>, tensor<ui8>
)";
  Ints found = run(body, "1x1x14x8xui8", "nn.pool");
  ASSERT_EQ(found.size(), 14u * 8);
  for (int64_t p = 0; p < 14 * 8; ++p) {
    int32_t sum = 0;
    for (int64_t k = 0; k < 6; ++k)
      sum += x[(p / 8 + k / 2) * 16 + p % 8 * 2 + k % 2] - 100;
    StoredRange range = {90, 0, 255};
    int32_t wanted =
        isOnnx()
            ? requantizeOnnx(sum, in / (out * 6), range)
            : requantizeInteger(sum,
                                fixedMultiplier(static_cast<double>(in) /
                                                (static_cast<double>(out) * 6)),
                                range);
    EXPECT_EQ(found[p], wanted);
  }
}

TEST_P(Pairs, Quotient) {
  for (const Case &c : cases()) {
    StoredRange range = rangeOf(c);
    double real = static_cast<double>(c.a.scale) /
                  (static_cast<double>(c.b.scale) * c.result.scale);
    check(c, runPairs("nn.div", c, /*relu=*/false), [&](int32_t x, int32_t y) {
      float a = dequantizeValue(x, c.a.scale, c.a.zeroPoint);
      float b = dequantizeValue(y, c.b.scale, c.b.zeroPoint);
      return isOnnx() ? quantizeValue(a / b, c.result.scale, range)
                      : divideInteger(x - c.a.zeroPoint, y - c.b.zeroPoint,
                                      fixedMultiplier(real), range);
    });
  }
}

/// The greater of numbers is that of stored integers.
TEST_P(Pairs, ExtremesOfTwo) {
  for (const Case &c : cases()) {
    StoredRange range = rangeOf(c);
    for (bool isMax : {false, true})
      check(c, runPairs(isMax ? "nn.max" : "nn.min", c, /*relu=*/false),
            [&](int32_t x, int32_t y) {
              float a = dequantizeValue(x, c.a.scale, c.a.zeroPoint);
              float b = dequantizeValue(y, c.b.scale, c.b.zeroPoint);
              return quantizeValue(isMax ? std::max(a, b) : std::min(a, b),
                                   c.result.scale, range);
            });
  }
}

TEST_P(Exact, FunctionOfOneByteByTable) {
  const float in = 0.05f, out = 1.0f / 256;
  std::string body = "%x = " + constant<int8_t>("256xi8", allBytes(true)) +
                     parameters("x", in, "i8", 11) +
                     parameters("r", out, "i8", -128) + R"(
      %0 = nn.dequantize %x, %x_s, %x_z : tensor<256xi8>, tensor<f32>, tensor<i8>
      %1 = nn.leaky_relu %0 {alpha = 0.125 : f64} : tensor<256xf32>
      %2 = nn.mul %1, %1 : tensor<256xf32>, tensor<256xf32>
      %r = nn.quantize %2, %r_s, %r_z : tensor<256xf32>, tensor<f32>, tensor<i8>
)";
  Ints found = run(body, "256xi8", "nn.mul");
  ASSERT_EQ(found.size(), 256u);
  for (int64_t i = 0; i < 256; ++i) {
    float x = dequantizeValue(i - 128, in, 11);
    float leaky = x > 0 ? x : 0.125f * x;
    EXPECT_EQ(found[i], quantizeValue(leaky * leaky, out, {-128, -128, 127}));
  }
}

const auto modes = testing::Values(QuantizeMode::Onnx, QuantizeMode::Integer);
INSTANTIATE_TEST_SUITE_P(Modes, Exact, modes, modeName);
INSTANTIATE_TEST_SUITE_P(Modes, Pairs, modes, modeName);

/// What the models' own floats become, at the ends of a graph.
TEST(Quantize, IsItsDefinition) {
  Floats x = {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 0.0f, -0.0f, 1e-40f};
  for (float step = -140; step <= 140; step += 0.25f)
    x.push_back(step * 0.75f);
  x.resize(1024, 1.0f);
  MLIRContext context;
  context.loadDialect<nn::NNDialect, func::FuncDialect>();
  std::string text = "func.func @main() -> tensor<1024xi8> {\n%x = " +
                     constant<float>("1024xf32", x) +
                     parameters("r", 0.75f, "i8", 3) + R"(
      %r = nn.quantize %x, %r_s, %r_z : tensor<1024xf32>, tensor<f32>, tensor<i8>
      return %r : tensor<1024xi8>
    })";
  auto module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  FailureOr<SmallVector<ElementsAttr>> results = evaluateConstants(*module);
  ASSERT_TRUE(succeeded(results));
  SmallVector<int64_t> found = *nn::constantIntegers(results->front());
  for (auto [value, stored] : llvm::zip(x, found))
    EXPECT_EQ(stored, quantizeValue(value, 0.75f, {3, -128, 127})) << value;
}

} // namespace
