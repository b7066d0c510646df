//===- MathTest.cpp - float functions without a C library -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <cmath>

using namespace mlc;
using namespace mlc::test;

namespace {

struct Row {
  const char *op;
  double (*reference)(double);
  double low, high;
  double relative, absolute;
};

double rsqrt(double x) { return 1 / std::sqrt(x); }
double absolute(double x) { return std::fabs(x); }

const Row rows[] = {
    {"math.exp", std::exp, -80, 80, 1e-6, 0},
    {"math.exp2", std::exp2, -80, 80, 1e-5, 0},
    {"math.expm1", std::expm1, -4, 4, 1e-5, 1e-7},
    {"math.log", std::log, 1e-3, 1e6, 1e-6, 1e-6},
    {"math.log2", std::log2, 1e-3, 1e6, 1e-6, 1e-6},
    {"math.log10", std::log10, 1e-3, 1e6, 1e-6, 1e-6},
    {"math.log1p", std::log1p, -0.9, 1e3, 1e-5, 1e-6},
    {"math.tanh", std::tanh, -10, 10, 1e-5, 1e-6},
    {"math.sinh", std::sinh, -5, 5, 1e-5, 1e-6},
    {"math.cosh", std::cosh, -5, 5, 1e-5, 1e-6},
    {"math.erf", std::erf, -4, 4, 1e-5, 1e-6},
    {"math.sin", std::sin, -10, 10, 1e-5, 2e-6},
    {"math.cos", std::cos, -10, 10, 1e-5, 2e-6},
    {"math.tan", std::tan, -1.4, 1.4, 1e-5, 2e-6},
    {"math.atan", std::atan, -50, 50, 1e-5, 1e-6},
    {"math.asin", std::asin, -1, 1, 1e-5, 1e-6},
    {"math.acos", std::acos, -1, 1, 1e-5, 2e-6},
    {"math.asinh", std::asinh, -20, 20, 1e-4, 1e-5},
    {"math.acosh", std::acosh, 1.01, 20, 1e-4, 1e-5},
    {"math.atanh", std::atanh, -0.9, 0.9, 1e-4, 1e-5},
    {"math.sqrt", std::sqrt, 0, 100, 1e-6, 0},
    {"math.rsqrt", rsqrt, 0.01, 100, 1e-6, 0},
    {"math.cbrt", std::cbrt, 0.01, 100, 1e-5, 0},
    {"math.absf", absolute, -5, 5, 0, 0},
    {"math.floor", std::floor, -5, 5, 0, 0},
    {"math.ceil", std::ceil, -5, 5, 0, 0},
    {"math.trunc", std::trunc, -5, 5, 0, 0},
    {"math.round", std::round, -5, 5, 0, 0},
    {"math.roundeven", std::nearbyint, -5, 5, 0, 0},
};

class Functions : public testing::TestWithParam<const char *> {};

/// All rows in one module, one output each, so that it compiles once.
std::string moduleText(const std::string &type) {
  std::string head = "func.func @main(", body, results, returned;
  for (size_t i = 0; i < std::size(rows); ++i) {
    std::string n = std::to_string(i), tensor = "tensor<64x" + type + ">";
    head += (i ? ", %x" : "%x") + n + ": " + tensor;
    results += (i ? ", " : "") + tensor;
    returned += (i ? ", %r" : "%r") + n;
    body += "%e" + n + " = tensor.empty() : " + tensor + "\n%r" + n +
            " = linalg.generic {indexing_maps = [affine_map<(d) -> (d)>, "
            "affine_map<(d) -> (d)>], iterator_types = [\"parallel\"]} ins(%x" +
            n + " : " + tensor + ") outs(%e" + n + " : " + tensor +
            ") {\n^bb0(%v: " + type + ", %o: " + type +
            "):\n%y = " + rows[i].op + " %v : " + type +
            "\nlinalg.yield %y : " + type + "\n} -> " + tensor + "\n";
  }
  return head + ") -> (" + results + ") {\n" + body + "return " + returned +
         " : " + results + "\n}";
}

template <typename T>
void checkFunctions(Model &model) {
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<Bytes> inputs;
  for (const Row &row : rows) {
    std::vector<T> x(64);
    for (int i = 0; i < 64; ++i)
      x[i] = float(row.low + (row.high - row.low) * i / 63);
    inputs.push_back(bytes(x));
  }
  std::vector<Bytes> outputs = model.run(inputs);
  for (size_t r = 0; r < std::size(rows); ++r)
    for (int i = 0; i < 64; ++i) {
      double x = values<T>(inputs[r])[i], y = values<T>(outputs[r])[i];
      double expected = rows[r].reference(x);
      EXPECT_LE(std::fabs(y - expected),
                rows[r].absolute + rows[r].relative * std::fabs(expected))
          << rows[r].op << "(" << x << ") = " << y << ", not " << expected;
    }
}

TEST_P(Functions, F32) {
  Model model(moduleText("f32"), GetParam());
  checkFunctions<float>(model);
}

TEST_P(Functions, F64) {
  Model model(moduleText("f64"), GetParam());
  checkFunctions<double>(model);
}

/// Angles of all sizes, each to digits of its own sine, and where floats are
/// further apart than turns a number that is one's; subnormal numbers.
TEST_P(Functions, LargeAnglesAndTinyNumbers) {
  std::vector<float> angles = {0,           -0.0f, 1e-30f, 1.5707964f,
                               -3.1415927f, 22,    333333, 16367173.f};
  for (int i = 0; i < 280; ++i)
    angles.push_back((i % 2 ? 1 : -1) * std::exp2(i * 0.1f));
  std::vector<float> numbers(angles.size());
  for (size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = std::ldexp(1.3f, -140 + int(i % 30));
  std::string tensor = "tensor<" + std::to_string(angles.size()) + "xf32>";
  std::string text = "func.func @main(%a: " + tensor + ", %n: " + tensor +
                     ") -> (" + tensor + ", " + tensor + ", " + tensor +
                     ") {\n%e = tensor.empty() : " + tensor + "\n";
  const char *ops[][2] = {{"sin", "%a"}, {"cos", "%a"}, {"log", "%n"}};
  for (auto &op : ops)
    text += std::string("%") + op[0] +
            " = linalg.generic {indexing_maps = [affine_map<(d) -> (d)>, "
            "affine_map<(d) -> (d)>], iterator_types = [\"parallel\"]} ins(" +
            op[1] + " : " + tensor + ") outs(%e : " + tensor +
            ") {\n^bb0(%v: f32, %o: f32):\n%y = math." + op[0] +
            " %v : f32\nlinalg.yield %y : f32\n} -> " + tensor + "\n";
  text += "return %sin, %cos, %log : " + tensor + ", " + tensor + ", " +
          tensor + "\n}";
  Model model(text, GetParam());
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<Bytes> outputs = model.run({bytes(angles), bytes(numbers)});
  std::vector<float> sines = values<float>(outputs[0]);
  std::vector<float> cosines = values<float>(outputs[1]);
  std::vector<float> logarithms = values<float>(outputs[2]);
  for (size_t i = 0; i < angles.size(); ++i) {
    double sine = std::sin(double(angles[i]));
    EXPECT_NEAR(sines[i], sine, 2.5e-7 * std::fabs(sine)) << angles[i];
    double cosine = std::cos(double(angles[i]));
    EXPECT_NEAR(cosines[i], cosine, 2.5e-7 * std::fabs(cosine)) << angles[i];
    double wanted = std::log(double(numbers[i]));
    EXPECT_NEAR(logarithms[i], wanted, 2e-7 * -wanted) << numbers[i];
  }
  EXPECT_TRUE(std::signbit(sines[1]));
}

/// Neither garbage nor a number where there is none.
TEST_P(Functions, AnglesWithoutDigits) {
  std::string tensor = "tensor<5xf32>";
  Model model("func.func @main(%a: " + tensor + ") -> " + tensor +
                  " {\n%e = tensor.empty() : " + tensor +
                  "\n%r = linalg.generic {indexing_maps = [affine_map<(d) -> "
                  "(d)>, affine_map<(d) -> (d)>], iterator_types = "
                  "[\"parallel\"]} ins(%a : " +
                  tensor + ") outs(%e : " + tensor +
                  ") {\n^bb0(%v: f32, %o: f32):\n%y = math.cos %v : "
                  "f32\nlinalg.yield %y : f32\n} -> " +
                  tensor + "\nreturn %r : " + tensor + "\n}",
              GetParam());
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<float> x = {3e8f, -3e38f, INFINITY, -INFINITY, NAN};
  std::vector<float> y = values<float>(model.run({bytes(x)})[0]);
  EXPECT_EQ(y[0], 1);
  EXPECT_EQ(y[1], 1);
  for (int i = 2; i < 5; ++i)
    EXPECT_TRUE(std::isnan(y[i])) << x[i];
}

/// Products whose rounding shows: 1 + e by 1 - e, less 1; sums that are halfway
/// between two floats but for what is far below, either way; large, tiny and
/// infinite ones, and any others.
std::vector<float> triples() {
  const float e = 0x1p-12f, inf = INFINITY;
  std::vector<float> values = {1 + e,    1 - e,    -1,        1 + e,
                               1 + e,    -1,       0x1p-30f,  0x1p-30f,
                               1 + e,    3,        0x1p-25f,  1,
                               3,        0x1p-25f, -1,        1 + 0x1p-23f,
                               1,        0x1p-24f, 0x1p120f,  0x1p120f,
                               -1,       0x1p-75f, 0x1p-75f,  0x1p-140f,
                               inf,      1,        1,         inf,
                               1,        -inf,     0,         inf,
                               1,        NAN,      1,         1,
                               -1,       1,        1,         0x1.fffffep127f,
                               1,        0x1p103f, 0x1p-126f, 0.5f,
                               0x1p-149f};
  // Two bits of a product that end on a tie of the sum, moved by its last bit.
  for (int i = 0; i < 400; ++i)
    for (int j = 0; j < 3; ++j)
      values.push_back(
          j == 2 ? std::ldexp(float(i % 7 - 3), i % 60 - 40)
                 : 1 + std::ldexp(float(i * 37 % 101), -23 + j * (i % 12)));
  return values;
}

TEST_P(Functions, FmaRoundsOnce) {
  std::vector<float> all = triples(), x[3];
  for (size_t i = 0; i < all.size(); ++i)
    x[i % 3].push_back(all[i]);
  std::string tensor = "tensor<" + std::to_string(x[0].size()) + "xf32>";
  Model model(
      "func.func @main(%a: " + tensor + ", %b: " + tensor + ", %c: " + tensor +
          ") -> " + tensor + " {\n%e = tensor.empty() : " + tensor +
          "\n%r = linalg.generic {indexing_maps = [affine_map<(d) -> "
          "(d)>, affine_map<(d) -> (d)>, affine_map<(d) -> (d)>, "
          "affine_map<(d) -> (d)>], iterator_types = [\"parallel\"]} "
          "ins(%a, %b, %c : " +
          tensor + ", " + tensor + ", " + tensor + ") outs(%e : " + tensor +
          ") {\n^bb0(%p: f32, %q: f32, %s: f32, %o: f32):\n%y = math.fma "
          "%p, %q, %s : f32\nlinalg.yield %y : f32\n} -> " +
          tensor + "\nreturn %r : " + tensor + "\n}",
      GetParam());
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<Bytes> outputs =
      model.run({bytes(x[0]), bytes(x[1]), bytes(x[2])});
  std::vector<float> found = values<float>(outputs[0]);
  for (size_t i = 0; i < found.size(); ++i) {
    float wanted = std::fma(x[0][i], x[1][i], x[2][i]);
    EXPECT_TRUE(found[i] == wanted ||
                (std::isnan(found[i]) && std::isnan(wanted)))
        << x[0][i] << " * " << x[1][i] << " + " << x[2][i] << " = " << found[i]
        << ", not " << wanted;
  }
}

#if defined(__x86_64__)
// x86-64 itself has neither rounding, nor fused multiply-add, nor f16.
INSTANTIATE_TEST_SUITE_P(Math, Functions, testing::Values("native", "x86-64"));
#else
INSTANTIATE_TEST_SUITE_P(Math, Functions, testing::Values("native"));
#endif

} // namespace
