//===- MatmulTest.cpp - matrix products against their definition ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCase.h"
#include "Schedule/KernelSchedule.h"

#include "gtest/gtest.h"
#include <cmath>

using namespace mlc;

namespace {

struct Matmul {
  int64_t m, n, k;
  bool transposed = false, bias = false, tanh = false;
  Shape leftBatch = {}, rightBatch = {}, batch = {};
  std::string type = "f32", outType = "f32";
  int64_t leftZero = 0, rightZero = 0;
};

Shape join(Shape batch, int64_t rows, int64_t columns) {
  batch.push_back(rows);
  batch.push_back(columns);
  return batch;
}

/// The element of a factor that takes part at `batch`.
Shape broadcast(const Buffer &x, const Shape &at, int64_t row, int64_t column) {
  size_t dims = x.shape.size() - 2, skip = at.size() - 2 - dims;
  Shape result;
  for (size_t i = 0; i < dims; ++i)
    result.push_back(x.shape[i] == 1 ? 0 : at[skip + i]);
  return join(result, row, column);
}

double expectedAt(const Matmul &s, const std::vector<Buffer> &a,
                  const Shape &at) {
  int64_t row = at[at.size() - 2], column = at.back();
  double sum = s.bias ? a[2].get({column}) : 0;
  for (int64_t i = 0; i < s.k; ++i) {
    Shape right = s.transposed ? broadcast(a[1], at, column, i)
                               : broadcast(a[1], at, i, column);
    sum += (a[0].get(broadcast(a[0], at, row, i)) - s.leftZero) *
           (a[1].get(right) - s.rightZero);
  }
  return s.tanh ? std::tanh(sum) : sum;
}

std::string attributes(const Matmul &s) {
  std::string text;
  if (s.transposed)
    text += ", transpose_rhs";
  if (s.leftZero)
    text += ", lhs_zero_point = " + std::to_string(s.leftZero) + " : i32";
  if (s.rightZero)
    text += ", rhs_zero_point = " + std::to_string(s.rightZero) + " : i32";
  if (s.type == "u8")
    text += ", lhs_unsigned, rhs_unsigned";
  return text.empty() ? "" : "{" + text.substr(2) + "} ";
}

Case makeCase(const Matmul &s, unsigned seed) {
  Case c;
  c.arguments.push_back(Buffer(s.type, join(s.leftBatch, s.m, s.k)));
  c.arguments.push_back(Buffer(s.type, s.transposed
                                           ? join(s.rightBatch, s.n, s.k)
                                           : join(s.rightBatch, s.k, s.n)));
  if (s.bias)
    c.arguments.push_back(Buffer("f32", {s.n}));
  for (size_t i = 0; i < c.arguments.size(); ++i)
    c.arguments[i].fill(seed + i);
  c.arguments.push_back(Buffer(s.outType, join(s.batch, s.m, s.n)));
  auto type = [&](size_t i) { return c.arguments[i].memref(); };
  c.op = "kernel.matmul " + attributes(s) + "ins(%a0, %a1 : " + type(0) + ", " +
         type(1) + ")" + (s.bias ? " epilogue(%a2 : " + type(2) + ")" : "") +
         " outs(%a" + std::to_string(c.arguments.size() - 1) + " : " +
         c.arguments.back().memref() + ")";
  if (s.bias)
    c.op += R"( {
  ^bb0(%acc: f32, %b: f32):
    %0 = arith.addf %acc, %b : f32
    kernel.yield %0 : f32
  })";
  if (s.tanh)
    c.op += R"( {
  ^bb0(%acc: f32):
    %0 = math.tanh %acc : f32
    kernel.yield %0 : f32
  })";
  c.name = "matmul " + type(0) + " " + type(1);
  auto arguments = std::make_shared<std::vector<Buffer>>(c.arguments);
  c.expected = [s, arguments](const Shape &at) {
    return expectedAt(s, *arguments, at);
  };
  return c;
}

void runAll(const std::vector<Matmul> &specs) {
  runOnTargets(specs.size(), [&](size_t i) { return makeCase(specs[i], i); });
}

TEST(MatmulEmitter, GridOfShapes) {
  const int64_t sizes[] = {1, 3, 4, 7, 8, 16, 17, 31, 33, 64, 100};
  std::vector<Matmul> specs;
  for (size_t i = 0; i < 66; ++i) {
    Matmul s{sizes[i % 11], sizes[(i / 3 + 2 * i) % 11],
             sizes[(i / 2 + 5) % 11]};
    s.transposed = i % 2;
    s.bias = i % 3 == 0;
    specs.push_back(s);
  }
  runAll(specs);
}

/// More accumulators than are computed at a time, and tiles that they do not
/// divide.
TEST(MatmulEmitter, LongEpilogues) {
  std::vector<Matmul> specs;
  for (auto [m, n] : {std::pair(1, 5), {4, 32}, {7, 37}, {13, 50}, {24, 64}}) {
    Matmul s{m, n, 9};
    s.tanh = true;
    specs.push_back(s);
    s.transposed = true;
    specs.push_back(s);
  }
  runAll(specs);
}

TEST(MatmulEmitter, BatchesBroadcast) {
  std::vector<Matmul> specs;
  for (bool transposed : {false, true}) {
    Matmul s{5, 18, 20};
    s.transposed = transposed;
    s.batch = {2, 3};
    s.leftBatch = {2, 3};
    s.rightBatch = {2, 3};
    specs.push_back(s);
    s.rightBatch = {3};
    specs.push_back(s);
    s.leftBatch = {2, 1};
    specs.push_back(s);
    s.rightBatch = {};
    s.leftBatch = {1, 3};
    specs.push_back(s);
  }
  runAll(specs);
}

/// Sums of one piece of f16 and of several, and such whose last is short.
std::vector<Matmul> productsOfF16() {
  const int64_t depths[] = {1, 3, 31, 32, 64, 65, 96, 130, 200, 2100};
  const int64_t columns[] = {1, 7, 16, 32, 33, 64, 100};
  std::vector<Matmul> specs;
  for (size_t i = 0; i < 40; ++i) {
    Matmul s{1 + int64_t(i % 9), columns[i % 7], depths[i / 2 % 10]};
    s.transposed = i % 2;
    s.bias = i % 3 == 0;
    s.type = "f16";
    if (i % 5 == 2)
      s.batch = s.leftBatch = s.rightBatch = {2};
    specs.push_back(s);
  }
  return specs;
}

TEST(MatmulEmitter, ProductsOfF16) {
  std::vector<Matmul> specs = productsOfF16();
  for (const TargetInfo &target : runnableTargets()) {
    std::vector<Case> cases;
    for (size_t i = 0; i < specs.size(); ++i) {
      // Those that convert add in f32, as elsewhere.
      if (!target.multipliesF16() && i % 4 != 0)
        continue;
      cases.push_back(makeCase(specs[i], i));
      if (target.multipliesF16())
        cases.back().absolute = f16ErrorBound(specs[i].k, target);
    }
    runCases(cases, target);
  }
}

TEST(MatmulEmitter, Integers) {
  std::vector<Matmul> specs;
  for (bool transposed : {false, true})
    for (std::string type : {"i8", "u8"}) {
      Matmul s{5, 37, 21};
      s.transposed = transposed;
      s.type = type;
      s.outType = "i32";
      specs.push_back(s);
      s.leftZero = 7;
      s.rightZero = type == "u8" ? 100 : -5;
      specs.push_back(s);
    }
  runAll(specs);
}

} // namespace
