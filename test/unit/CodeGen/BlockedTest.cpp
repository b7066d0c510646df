//===- BlockedTest.cpp - products with a scale a block --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Blocked.h"
#include "KernelCase.h"

#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace mlc;
using mlir::kernel::BlockedWeights;

namespace {

struct Blocked {
  int64_t m, n, k, block, bits;
  bool points = false, bias = false;
  int64_t widest = 32; ///< lanes of a packed block
  bool scratch = false;
};

/// What the packed operands were made of: row-major, as numbers.
struct Weights {
  Buffer stored, scales, points;
};

BlockedWeights layoutOf(const Blocked &s) {
  return {s.n, s.k, s.block, s.bits, BlockedWeights::lanesFor(s.n, s.widest)};
}

Weights makeWeights(const Blocked &s, unsigned seed) {
  Shape rows = {s.n, layoutOf(s).blocks()};
  Weights w{Buffer("i8", {s.n, s.k}), Buffer("f32", rows), Buffer("i8", rows)};
  w.stored.fill(seed);
  w.scales.fill(seed + 1);
  w.points.fill(seed + 2);
  // Of 4 bits, with zero points from 0 to 15, else from -8 to 7.
  for (char &byte : w.stored.bytes)
    if (s.bits == 4)
      byte = (byte & 15) - (s.points ? 0 : 8);
  return w;
}

Buffer packed(const char *type, llvm::ArrayRef<int64_t> shape,
              llvm::SmallVector<char> bytes) {
  Buffer result(type, Shape(shape.begin(), shape.end()));
  EXPECT_EQ(result.bytes.size(), bytes.size());
  result.bytes.assign(bytes.begin(), bytes.end());
  return result;
}

std::string textOf(const Blocked &s, const Case &c) {
  std::string names, types;
  for (int i = 0; i < (s.points ? 4 : 3); ++i) {
    names += (i ? ", %a" : "%a") + std::to_string(i);
    types += (i ? ", " : "") + c.arguments[i].memref();
  }
  std::string text =
      "kernel.blocked_matmul {block = " + std::to_string(s.block) +
      " : i64} ins(" + names + " : " + types + ")";
  auto operand = [&](size_t i) {
    return "(%a" + std::to_string(i) + " : " + c.arguments[i].memref() + ")";
  };
  size_t out = c.arguments.size() - 1;
  if (s.bias)
    text += " epilogue" + operand(out - 1 - s.scratch);
  text += " outs" + operand(out);
  if (s.scratch)
    text += " scratch" + operand(out - 1);
  if (s.bias)
    text += R"( {
  ^bb0(%acc: f32, %b: f32):
    %0 = arith.addf %acc, %b : f32
    kernel.yield %0 : f32
  })";
  return text;
}

Case makeCase(const Blocked &s, unsigned seed) {
  BlockedWeights layout = layoutOf(s);
  auto w = std::make_shared<Weights>(makeWeights(s, 7 * seed));
  Case c;
  c.arguments.push_back(Buffer("f32", {s.m, s.k}));
  c.arguments.back().fill(seed);
  c.arguments.push_back(packed(
      "i8", layout.weightsShape(),
      layout.pack(w->stored.bytes,
                  s.bits == 4 && !s.points ? BlockedWeights::centre : 0)));
  c.arguments.push_back(packed("f32", layout.parametersShape(),
                               layout.packParameters(w->scales.bytes, 4)));
  if (s.points)
    c.arguments.push_back(packed("i8", layout.parametersShape(),
                                 layout.packParameters(w->points.bytes, 1)));
  auto bias = std::make_shared<Buffer>("f32", Shape{s.n});
  bias->fill(seed + 3);
  if (s.bias)
    c.arguments.push_back(*bias);
  if (s.scratch)
    c.arguments.push_back(Buffer("f32", {layout.scratch(s.m)}));
  c.arguments.push_back(Buffer("f32", {s.m, s.n}));
  c.op = textOf(s, c);
  c.name = "blocked";
  // Magnitudes of a product are up to 255 for a sum of k of [-1, 1].
  c.absolute = 1e-5 * 64 * s.k + 1e-6;
  auto x = std::make_shared<Buffer>(c.arguments[0]);
  c.expected = [=](const Shape &at) {
    double sum = s.bias ? bias->get({at[1]}) : 0;
    for (int64_t i = 0; i < s.k; ++i) {
      Shape block = {at[1], i / s.block};
      double point = s.points ? w->points.get(block) : 0;
      sum += x->get({at[0], i}) * (w->stored.get({at[1], i}) - point) *
             w->scales.get(block);
    }
    return sum;
  };
  return c;
}

/// Columns that fill no vector, depths that are no multiple of a block or of
/// eight, one block and many, all counts of rows that tiles have.
TEST(BlockedMatmulEmitter, GridOfShapes) {
  const int64_t columns[] = {1, 3, 17, 33, 64, 100, 8, 130};
  const int64_t rows[] = {1, 2, 4, 5, 1, 7, 13, 33, 1, 18, 3};
  const int64_t depths[] = {1, 7, 8, 16, 24, 33, 40, 64, 100, 128};
  const int64_t blocks[] = {16, 32, 24, 64, 256};
  std::vector<Blocked> specs;
  for (size_t i = 0; i < 132; ++i) {
    Blocked s{rows[i % 11], columns[(i / 2 + i / 11) % 8], depths[i % 10],
              blocks[i / 3 % 5], i % 2 ? 4 : 8};
    s.points = i / 2 % 2;
    s.bias = i % 3 == 0;
    s.widest = i % 5 == 4 ? 16 : 32;
    s.scratch = (s.bits == 4 || s.points) && i / 4 % 2;
    if (s.block > s.k)
      s.block = s.k;
    specs.push_back(s);
  }
  runOnTargets(specs.size(), [&](size_t i) { return makeCase(specs[i], i); });
}

/// Of small integers all sums are exact, and powers of two that are multiplied
/// by and divided by leave nothing.
TEST(BlockedMatmulEmitter, IsExactOnIntegers) {
  std::vector<Blocked> specs;
  for (int64_t bits : {4, 8})
    for (bool points : {false, true})
      for (bool scratch : {false, true}) {
        Blocked s{3, 19, 77, 32, bits};
        s.points = points;
        s.scratch = scratch && (bits == 4 || points);
        specs.push_back(s);
      }
  runOnTargets(specs.size(), [&](size_t i) {
    Case c = makeCase(specs[i], i);
    Buffer &x = c.arguments[0], &scales = c.arguments[2];
    for (int64_t j = 0; j < elements(x.shape); ++j)
      x.set1(j, j % 5 - 2);
    for (int64_t j = 0; j < elements(scales.shape); ++j)
      scales.set1(j, 0.5);
    auto w = std::make_shared<Weights>(makeWeights(specs[i], 7 * i));
    auto input = std::make_shared<Buffer>(x);
    Blocked s = specs[i];
    c.expected = [=](const Shape &at) {
      double sum = 0;
      for (int64_t j = 0; j < s.k; ++j)
        sum += input->get({at[0], j}) *
               (w->stored.get({at[1], j}) -
                (s.points ? w->points.get({at[1], j / s.block}) : 0));
      return sum / 2;
    };
    c.absolute = std::numeric_limits<double>::min();
    return c;
  });
}

} // namespace
