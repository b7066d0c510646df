//===- RowTest.cpp - softmax, reductions and others, by their definitions -===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCase.h"

#include "gtest/gtest.h"
#include <cmath>

using namespace mlc;

namespace {

double softmaxAt(const Buffer &x, const Shape &at, bool log) {
  Shape i = at;
  double most = -INFINITY, sum = 0;
  for (i.back() = 0; i.back() < x.shape.back(); ++i.back())
    most = std::max(most, x.get(i));
  for (i.back() = 0; i.back() < x.shape.back(); ++i.back())
    sum += std::exp(x.get(i) - most);
  double shifted = x.get(at) - most;
  return log ? shifted - std::log(sum) : std::exp(shifted) / sum;
}

Case softmax(const Shape &shape, bool log, const std::string &type,
             double scale) {
  Buffer in(type, shape), out(type, shape);
  in.fill(shape.back());
  forEach(shape, [&](const Shape &at) { in.set(at, in.get(at) * scale); });
  Case c;
  c.name = "softmax " + in.memref() + (log ? " log" : "");
  c.op = std::string("kernel.softmax ") + (log ? "{log} " : "") +
         "ins(%a0 : " + in.memref() + ") outs(%a1 : " + out.memref() + ")";
  c.arguments = {in, out};
  c.expected = [in, log](const Shape &at) { return softmaxAt(in, at, log); };
  c.tolerance = type == "f16" ? 1e-3 : 1e-6;
  return c;
}

TEST(SoftmaxEmitter, RowsOfAllLengths) {
  for (const TargetInfo &target : testedTargets()) {
    std::vector<Case> cases;
    for (int64_t n :
         {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 64, 100, 127, 1000}) {
      cases.push_back(softmax({3, n}, false, "f32", 5));
      cases.push_back(softmax({2, 2, n}, true, "f32", 5));
    }
    cases.push_back(softmax({50}, false, "f32", 100));
    cases.push_back(softmax({50}, false, "f64", 3));
    runCases(cases, target);
  }
}

TEST(SoftmaxEmitter, HalfIsComputedInSingle) {
  for (const TargetInfo &target : testedTargets()) {
    if (!target.f16Convert)
      continue;
    std::vector<Case> cases{softmax({2, 37}, false, "f16", 5),
                            softmax({2, 37}, true, "f16", 5)};
    runCases(cases, target);
  }
}

TEST(SoftmaxEmitter, StaticOffsetAndStride) {
  Case c;
  Buffer in("f32", {3, 20}), out("f32", {3, 7});
  in.fill(1);
  c.name = "softmax of a part of each row";
  c.op = R"(%s = memref.subview %a0[0, 9] [3, 7] [1, 1]
      : memref<3x20xf32> to memref<3x7xf32, strided<[20, 1], offset: 9>>
  kernel.softmax ins(%s : memref<3x7xf32, strided<[20, 1], offset: 9>>)
      outs(%a1 : memref<3x7xf32>))";
  c.arguments = {in, out};
  Buffer part("f32", {3, 7});
  forEach(part.shape,
          [&](const Shape &at) { part.set(at, in.get({at[0], at[1] + 9})); });
  c.expected = [part](const Shape &at) { return softmaxAt(part, at, false); };
  c.tolerance = 1e-6;
  std::vector<Case> cases{c};
  runCases(cases, runnableTargets().front());
}

double reduceAt(const std::string &kind, const Buffer &x, const Shape &at) {
  bool most = kind == "max", least = kind == "min";
  double result = most ? -INFINITY : least ? INFINITY : kind == "prod";
  for (int64_t i = 0; i < x.shape[1]; ++i) {
    double v = x.get({at[0], i, at[1]});
    if (most)
      result = std::isnan(result) || result >= v ? result : v;
    else if (least)
      result = std::isnan(result) || result <= v ? result : v;
    else if (kind == "prod")
      result *= v;
    else
      result += kind == "sum_square" ? v * v
                : kind == "sum_abs"  ? std::fabs(v)
                                     : v;
  }
  if (kind != "mean")
    return result;
  result /= x.shape[1];
  return x.type[0] == 'f' ? result : std::trunc(result);
}

Case reduction(const std::string &kind, const Shape &shape,
               const std::string &type, int64_t nan = -1) {
  Buffer in(type, shape), out(type, {shape[0], shape[2]});
  in.fill(shape[1]);
  if (nan >= 0)
    in.set({0, nan, shape[2] / 2}, NAN);
  Case c;
  c.name = "reduce " + kind + " " + in.memref();
  c.op = "kernel.reduce {kind = #kernel.reduce_kind<" + kind + ">" +
         (type == "u8" ? ", input_unsigned" : "") +
         "} ins(%a0 : " + in.memref() + ") outs(%a1 : " + out.memref() + ")";
  c.arguments = {in, out};
  c.expected = [kind, in](const Shape &at) { return reduceAt(kind, in, at); };
  c.tolerance = 1e-5;
  return c;
}

TEST(ReduceEmitter, KindsAndShapes) {
  const Shape shapes[] = {{3, 1, 1}, {3, 5, 1},    {2, 100, 1},
                          {2, 7, 5}, {1, 49, 100}, {2, 3, 64}};
  for (const TargetInfo &target : testedTargets()) {
    std::vector<Case> cases;
    for (std::string kind :
         {"sum", "mean", "max", "min", "prod", "sum_square", "sum_abs"})
      for (const Shape &shape : shapes)
        cases.push_back(reduction(kind, shape, "f32"));
    for (std::string kind : {"mean", "max", "min"})
      for (std::string type : {"i8", "u8"})
        for (const Shape &shape : {shapes[2], shapes[4]})
          cases.push_back(reduction(kind, shape, type));
    runCases(cases, target);
  }
}

TEST(ReduceEmitter, ExtremesKeepNaNs) {
  for (const TargetInfo &target : testedTargets()) {
    std::vector<Case> cases;
    for (std::string kind : {"max", "min"})
      for (const Shape &shape :
           {Shape{1, 3, 1}, Shape{2, 100, 1}, Shape{2, 7, 5}, Shape{1, 6, 70}})
        for (int64_t nan = 0; nan < shape[1]; nan += shape[1] < 10 ? 1 : 11)
          cases.push_back(reduction(kind, shape, "f32", nan));
    runCases(cases, target);
  }
}

/// Of [rows, n] each row, of [outer, n, inner] each column.
double normalizedAt(const Buffer &x, const Shape &at, bool squares,
                    double epsilon) {
  double mean = 0, square = 0, n = double(x.shape[1]);
  Shape i = at;
  for (i[1] = 0; i[1] < x.shape[1]; ++i[1])
    mean += squares ? 0 : x.get(i) / n;
  for (i[1] = 0; i[1] < x.shape[1]; ++i[1])
    square += (x.get(i) - mean) * (x.get(i) - mean) / n;
  return (x.get(at) - mean) / std::sqrt(square + epsilon);
}

/// With `scaled`, times a number a channel and plus an element of the out's
/// shape, then rectified. `offset` moves all elements away from 0.
Case normalization(const Shape &shape, const std::string &type, bool squares,
                   bool scaled, double offset = 0) {
  Buffer in(type, shape), scale(type, {shape.back()}), other(type, shape);
  in.fill(shape[1]);
  forEach(shape, [&](const Shape &at) { in.set(at, in.get(at) + offset); });
  scale.fill(7);
  other.fill(8);
  constexpr double epsilon = 0.0009765625;
  Case c;
  c.name = "normalize " + in.memref() + (squares ? " squares" : "") +
           (scaled ? " scaled" : "");
  std::string wide = type == "f64" ? "f64" : "f32";
  c.op = "kernel.normalize {epsilon = 0.0009765625 : f64" +
         std::string(squares ? ", squares" : "") +
         "} ins(%a0 : " + in.memref() + ") ";
  c.arguments = {in};
  if (scaled) {
    c.arguments.push_back(scale);
    c.arguments.push_back(other);
    c.op += "epilogue(%a1, %a2 : " + scale.memref() + ", " + other.memref() +
            ") outs(%a3 : " + in.memref() + ") {\n  ^bb0(%v: " + wide +
            ", %s: " + type + ", %o: " + type +
            "):\n    %zero = arith.constant 0.0 : " + type + "\n";
    std::string v = "%v";
    if (wide != type) {
      c.op += "    %n = arith.truncf %v : f32 to " + type + "\n";
      v = "%n";
    }
    c.op += "    %0 = arith.mulf " + v + ", %s : " + type +
            "\n    %1 = arith.addf %0, %o : " + type +
            "\n    %2 = arith.maximumf %1, %zero : " + type +
            "\n    kernel.yield %2 : " + type + "\n  }";
  } else {
    c.op += "outs(%a1 : " + in.memref() + ")";
  }
  c.arguments.push_back(Buffer(type, shape));
  c.expected = [=](const Shape &at) {
    double v = normalizedAt(in, at, squares, epsilon);
    return scaled ? std::max(0.0, v * scale.get({at.back()}) + other.get(at))
                  : v;
  };
  c.tolerance = type == "f16" ? 4e-3 : type == "f64" ? 1e-12 : 1e-5;
  return c;
}

/// Rows shorter than a vector, columns that fill vectors and such that do not,
/// rows for several sets of sums and what is left of these.
TEST(NormalizeEmitter, RowsAndColumns) {
  const Shape shapes[] = {{3, 1},      {2, 5},      {1, 16},    {3, 100},
                          {2, 768},    {1, 1000},   {2, 1, 3},  {1, 7, 5},
                          {2, 9, 16},  {1, 49, 37}, {1, 6, 64}, {2, 3, 100},
                          {1, 10, 190}};
  for (const TargetInfo &target : testedTargets()) {
    std::vector<Case> cases;
    for (const Shape &shape : shapes)
      for (bool squares : {false, true})
        cases.push_back(normalization(shape, "f32", squares,
                                      (shape[1] + squares) % 2 == 0));
    cases.push_back(normalization({2, 37}, "f64", false, true));
    cases.push_back(normalization({2, 5, 37}, "f64", true, false));
    if (target.f16Convert) {
      cases.push_back(normalization({2, 37}, "f16", false, true));
      cases.push_back(normalization({2, 37, 20}, "f16", true, false));
    }
    runCases(cases, target);
  }
}

/// What is left is the error of the mean itself: squares of numbers would leave
/// no digit of differences of 1 in 4096.
TEST(NormalizeEmitter, ALargeMeanCostsNoDigits) {
  std::vector<Case> cases;
  for (const Shape &shape : {Shape{2, 300}, Shape{1, 300, 40}}) {
    cases.push_back(normalization(shape, "f32", false, false, 4096));
    cases.back().tolerance = 5e-3;
  }
  runCases(cases, runnableTargets().front());
}

TEST(NormalizeEmitter, ANaNIsInTheWholeRow) {
  Case c = normalization({2, 37}, "f32", false, false);
  c.arguments.front().set({1, 5}, NAN);
  auto of = c.expected;
  c.expected = [of](const Shape &at) { return at[0] ? NAN : of(at); };
  std::vector<Case> cases{c};
  runCases(cases, runnableTargets().front());
}

/// `gap`: elements between rows of the out, of which the input has none.
Case lookup(const Shape &shape, int64_t gap) {
  Case c;
  Shape strides(shape.size(), 1);
  for (size_t i = shape.size() - 1; i > 0; --i)
    strides[i - 1] = strides[i] * shape[i] + (i + 1 == shape.size() ? gap : 0);
  c.name = "lookup " + array(shape) + " gap " + std::to_string(gap);
  c.arguments = {Buffer("u8", shape), Buffer("u8", {256}),
                 Buffer("u8", shape, strides)};
  c.arguments[0].fill(3);
  c.arguments[1].fill(4);
  Buffer in = c.arguments[0], table = c.arguments[1];
  c.expected = [in, table](const Shape &at) {
    return table.at1(int64_t(in.get(at)));
  };
  auto type = [&](size_t i) { return c.arguments[i].memref(); };
  c.op = "kernel.lookup ins(%a0, %a1 : " + type(0) + ", " + type(1) +
         ") outs(%a2 : " + type(2) + ")";
  return c;
}

/// Rows shorter than a vector, whole pieces, what is left of both.
TEST(LookupEmitter, RowsAndPieces) {
  for (const TargetInfo &target : testedTargets()) {
    std::vector<Case> cases;
    for (int64_t count : {1, 15, 64, 200, 4096, 9001})
      cases.push_back(lookup({count}, 0));
    for (int64_t gap : {0, 5})
      cases.push_back(lookup({2, 3, 70}, gap));
    runCases(cases, target);
  }
}

TEST(SoftmaxEmitter, ANaNIsInTheWholeRow) {
  std::vector<Case> cases;
  for (int64_t place : {0, 5, 36})
    for (bool log : {false, true}) {
      Case c = softmax({2, 37}, log, "f32", 5);
      Buffer &in = c.arguments.front();
      in.set({1, place}, NAN);
      auto of = c.expected;
      c.expected = [of](const Shape &at) { return at[0] ? NAN : of(at); };
      cases.push_back(c);
    }
  for (const TargetInfo &target : testedTargets())
    runCases(cases, target);
}

} // namespace
