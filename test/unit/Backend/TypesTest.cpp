//===- TypesTest.cpp - element types and their arithmetic -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <cmath>
#include <random>

using namespace mlc;
using namespace mlc::test;

namespace {

/// x -> op(x), or (x, y) -> op(x, y), over `count` elements.
std::string elementwise(const std::string &from, const std::string &to,
                        const std::string &body, int operands, int count) {
  std::string n = std::to_string(count);
  std::string in = "tensor<" + n + "x" + from + ">";
  std::string out = "tensor<" + n + "x" + to + ">";
  std::string map = "affine_map<(d) -> (d)>";
  bool two = operands == 2;
  return "func.func @main(%x: " + in + (two ? ", %y: " + in : "") + ") -> " +
         out + " {\n%e = tensor.empty() : " + out +
         "\n%r = linalg.generic {indexing_maps = [" + map + ", " +
         (two ? map + ", " : "") + map +
         "], iterator_types = [\"parallel\"]} ins(%x" + (two ? ", %y" : "") +
         " : " + in + (two ? ", " + in : "") + ") outs(%e : " + out +
         ") {\n^bb0(%a: " + from + (two ? ", %b: " + from : "") +
         ", %o: " + to + "):\n" + body + "\nlinalg.yield %v : " + to +
         "\n} -> " + out + "\nreturn %r : " + out + "\n}";
}

double halfToDouble(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31)
    return fraction ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

class Cpus : public testing::TestWithParam<const char *> {};

TEST_P(Cpus, EveryF16Extends) {
  Model model(
      elementwise("f16", "f32", "%v = arith.extf %a : f16 to f32", 1, 1 << 16),
      GetParam());
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<uint16_t> x(1 << 16);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = i;
  std::vector<float> y = values<float>(model.run({bytes(x)})[0]);
  for (size_t i = 0; i < x.size(); ++i) {
    double expected = halfToDouble(x[i]);
    if (std::isnan(expected))
      ASSERT_TRUE(std::isnan(y[i])) << i;
    else
      ASSERT_EQ(y[i], expected) << i;
    ASSERT_EQ(std::signbit(y[i]), x[i] >> 15) << i;
  }
}

TEST_P(Cpus, F16RoundsHalfToEven) {
  const int count = 1 << 14;
  Model model(
      elementwise("f32", "f16", "%v = arith.truncf %a : f32 to f16", 1, count),
      GetParam());
  ASSERT_TRUE(model.ok()) << model.errors;
  std::mt19937 random(1);
  std::vector<float> x(count);
  for (float &value : x) {
    uint32_t bits = random();
    memcpy(&value, &bits, 4);
    if (random() % 2) // Mostly within the range of f16, and often a tie.
      value = halfToDouble(random() % 0x7c00) +
              (random() % 3) * std::ldexp(1.0, int(random() % 24) - 26);
  }
  x[0] = 65520, x[1] = 65519.996f, x[2] = 1e9, x[3] = -INFINITY,
  x[4] = 0x1p-25f;
  x[5] = 0x1.000002p-25f, x[6] = NAN, x[7] = -0.0f;
  std::vector<uint16_t> y = values<uint16_t>(model.run({bytes(x)})[0]);
  for (int i = 0; i < count; ++i) {
    double got = halfToDouble(y[i]);
    if (std::isnan(x[i])) {
      ASSERT_TRUE(std::isnan(got));
      continue;
    }
    ASSERT_EQ(std::signbit(x[i]), y[i] >> 15) << x[i];
    if (std::fabs(x[i]) >= 65520) {
      ASSERT_EQ(y[i] & 0x7fff, 0x7c00) << x[i];
      continue;
    }
    uint16_t magnitude = y[i] & 0x7fff;
    double error = std::fabs(double(x[i]) - got);
    for (int step : {-1, 1}) {
      uint16_t next = magnitude + step;
      if (magnitude == 0 && step < 0)
        continue;
      double neighbour = next == 0x7c00 ? 65536 : halfToDouble(next);
      double other = std::fabs(std::fabs(double(x[i])) - neighbour);
      ASSERT_TRUE(error < other || (error == other && !(magnitude & 1)))
          << x[i] << " became " << got;
    }
  }
}

TEST_P(Cpus, HalfArithmeticIsDoneInF32) {
  for (const char *type : {"f16", "bf16"}) {
    std::string body = "%s = arith.addf %a, %b : T\n%w = math.exp %s : T\n"
                       "%v = arith.mulf %w, %b : T";
    for (size_t at; (at = body.find(": T")) != std::string::npos;)
      body.replace(at + 2, 1, type);
    Model model(elementwise(type, type, body, 2, 4), GetParam());
    ASSERT_TRUE(model.ok()) << model.errors;
    bool half = type[0] == 'f';
    std::vector<uint16_t> one(4, half ? 0x3c00 : 0x3f80);
    std::vector<uint16_t> minus(4, half ? 0xbc00 : 0xbf80);
    // exp(0) * -1
    EXPECT_EQ(values<uint16_t>(model.run({bytes(one), bytes(minus)})[0]),
              minus);
  }
}

TEST_P(Cpus, Remainders) {
  Model f32(elementwise("f32", "f32", "%v = arith.remf %a, %b : f32", 2, 8),
            GetParam());
  ASSERT_TRUE(f32.ok()) << f32.errors;
  std::vector<float> x = {7.5f, -7.5f, 7.5f, 1e6f, 0.3f, 5, -0.0f, 1};
  std::vector<float> y = {2, 2, -2, 0.7f, 0.1f, INFINITY, 3, 1};
  std::vector<float> r = values<float>(f32.run({bytes(x), bytes(y)})[0]);
  for (int i = 0; i < 8; ++i)
    EXPECT_FLOAT_EQ(r[i], std::fmod(x[i], y[i])) << x[i] << " % " << y[i];
}

// Quotients that round up to an integer, and ones of more digits than a float.
TEST_P(Cpus, RemaindersAreExact) {
  Model f64(elementwise("f64", "f64", "%v = arith.remf %a, %b : f64", 2, 8),
            GetParam());
  ASSERT_TRUE(f64.ok()) << f64.errors;
  std::vector<double> x = {1, -1, 0.3, 1e15, 6, -7.3, 3, INFINITY};
  std::vector<double> y = {0.1, 0.1, 0.1, 0.7, -0.2, INFINITY, 0, 2};
  std::vector<double> r = values<double>(f64.run({bytes(x), bytes(y)})[0]);
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(r[i], std::fmod(x[i], y[i])) << x[i] << " % " << y[i];
  EXPECT_TRUE(std::isnan(r[6]) && std::isnan(r[7]));
  Model f32(elementwise("f32", "f32", "%v = arith.remf %a, %b : f32", 2, 4),
            GetParam());
  ASSERT_TRUE(f32.ok()) << f32.errors;
  std::vector<float> a = {1e10f, 3e14f, -1e9f, 2e12f};
  std::vector<float> b = {0.3f, 0.7f, 0.1f, 1e-3f};
  std::vector<float> rest = values<float>(f32.run({bytes(a), bytes(b)})[0]);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(rest[i], std::fmod(a[i], b[i])) << a[i] << " % " << b[i];
}

TEST_P(Cpus, Powers) {
  Model model(elementwise("f32", "f32", "%v = math.powf %a, %b : f32", 2, 12),
              GetParam());
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<float> x = {2, -2, -2, -2, 0, 0, 9, 1, 10, 0.5f, -3, 1.5f};
  std::vector<float> y = {3, 3, 2, 0.5f, 0, 2, 0.5f, 1e9f, -3, 10, -1, 2.5f};
  std::vector<float> r = values<float>(model.run({bytes(x), bytes(y)})[0]);
  for (int i = 0; i < 12; ++i) {
    double expected = std::pow(double(x[i]), double(y[i]));
    if (std::isnan(expected))
      EXPECT_TRUE(std::isnan(r[i])) << x[i] << " ^ " << y[i];
    else
      EXPECT_NEAR(r[i], expected, 1e-5 * std::fabs(expected))
          << x[i] << " ^ " << y[i];
  }
}

TEST_P(Cpus, PowersOfZerosAndInfinities) {
  Model model(elementwise("f32", "f32", "%v = math.powf %a, %b : f32", 2, 256),
              GetParam());
  ASSERT_TRUE(model.ok()) << model.errors;
  const float inf = INFINITY;
  std::vector<float> every = {0, -0.0f, 1, -1, 2,   -2,   0.5f, -0.5f,
                              3, -3,    4, -4, inf, -inf, NAN,  1e-40f};
  std::vector<float> x, y;
  for (float a : every)
    for (float b : every) {
      x.push_back(a);
      y.push_back(b);
    }
  std::vector<float> r = values<float>(model.run({bytes(x), bytes(y)})[0]);
  for (size_t i = 0; i < x.size(); ++i) {
    float expected = std::pow(x[i], y[i]);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(r[i])) << x[i] << " ^ " << y[i];
      continue;
    }
    EXPECT_EQ(std::signbit(r[i]), std::signbit(expected))
        << x[i] << " ^ " << y[i] << " = " << r[i];
    if (std::isinf(expected))
      EXPECT_EQ(r[i], expected) << x[i] << " ^ " << y[i];
    else // of subnormal numbers few digits are left
      EXPECT_NEAR(r[i], expected, 1e-5 * std::fabs(expected) + 1e-38)
          << x[i] << " ^ " << y[i];
  }
}

TEST_P(Cpus, IntegerPowers) {
  Model model(elementwise("i64", "i64", "%v = math.ipowi %a, %b : i64", 2, 8),
              GetParam());
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<int64_t> x = {2, -3, 7, 1, -1, 5, 0, 10};
  std::vector<int64_t> y = {40, 3, 0, -5, -3, -1, 0, 18};
  EXPECT_EQ(values<int64_t>(model.run({bytes(x), bytes(y)})[0]),
            (std::vector<int64_t>{int64_t(1) << 40, -27, 1, 1, -1, 0, 1,
                                  1000000000000000000}));
}

TEST_P(Cpus, MaximumNumberIgnoresNan) {
  Model model(elementwise("f32", "f32",
                          "%m = arith.maxnumf %a, %b : f32\n"
                          "%v = arith.minnumf %m, %b : f32",
                          2, 3),
              GetParam());
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<float> x = {1, NAN, 3}, y = {2, 5, NAN};
  EXPECT_EQ(values<float>(model.run({bytes(x), bytes(y)})[0]),
            (std::vector<float>{2, 5, 3}));
}

TEST(Types, BytesWrap) {
  Model model(elementwise("i8", "i8", "%v = arith.addi %a, %b : i8", 2, 40));
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<int8_t> x(40, 100), y(40, 100);
  EXPECT_EQ(values<int8_t>(model.run({bytes(x), bytes(y)})[0]),
            std::vector<int8_t>(40, -56));
}

TEST(Types, RefusesWhatHasNoExpansion) {
  Model model(elementwise("f80", "f80", "%v = math.exp %a : f80", 1, 4));
  EXPECT_FALSE(model.ok());
  EXPECT_NE(model.errors.find("'math.exp' on 'f80' would call the C library"),
            std::string::npos)
      << model.errors;
}

#if defined(__x86_64__)
INSTANTIATE_TEST_SUITE_P(Types, Cpus, testing::Values("native", "x86-64"));
#else
INSTANTIATE_TEST_SUITE_P(Types, Cpus, testing::Values("native"));
#endif

} // namespace
