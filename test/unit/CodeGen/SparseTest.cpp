//===- SparseTest.cpp - kernel.sparse_conv against its definition ---------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Sparse.h"
#include "KernelCase.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace mlc;

namespace {

enum class Tail { none, bias, residual };

struct Sparse {
  int64_t n = 1, h = 5, w = 5, c = 16, o = 8; ///< h, w: of the out
  int64_t kh = 1, kw = 1, stride = 1;
  double share = 0.3; ///< of weights that are not zero
  Tail tail = Tail::none;
  int64_t block = 64, pixels = 128, parts = 1;
  /// Elements between pixels beyond the channels, of input and out.
  int64_t gap = 0;
  /// Elements between rows beyond the pixels: these are not as one.
  int64_t rowGap = 0;
  /// Of the input, channel 1 is infinite, and has no weights.
  bool isInfinite = false;

  int64_t inHeight() const { return (h - 1) * stride + kh; }
  int64_t inWidth() const { return (w - 1) * stride + kw; }
  int64_t taps() const { return kh * kw; }
};

Shape stridesOf(const Sparse &s, int64_t h, int64_t w, int64_t channels) {
  int64_t pixel = channels + s.gap, row = w * pixel + s.rowGap;
  return {h * row, row, pixel, 1};
}

/// [O, C, KH, KW].
Buffer weightsOf(const Sparse &s, unsigned seed) {
  Buffer weights("f32", {s.o, s.c, s.kh, s.kw});
  weights.fill(seed);
  std::mt19937 random(seed);
  // Some output channels have no weights at all.
  forEach(weights.shape, [&](const Shape &at) {
    if (random() % 1000 >= s.share * 1000 || at[0] % 7 == 5 ||
        (s.isInfinite && at[1] == 1))
      weights.set(at, 0);
  });
  return weights;
}

template <typename T>
Buffer listOf(const std::string &type, const T &values) {
  Buffer list(type, {int64_t(values.size())});
  const char *bytes = reinterpret_cast<const char *>(values.data());
  list.bytes.assign(bytes, bytes + values.size() * sizeof(values[0]));
  return list;
}

constexpr char biasRegion[] = R"( {
  ^bb0(%acc: f32, %b: f32):
    %0 = arith.addf %acc, %b : f32
    %z = arith.constant 0.0 : f32
    %1 = arith.maximumf %0, %z : f32
    kernel.yield %1 : f32
  })";
constexpr char residualRegion[] = R"( {
  ^bb0(%acc: f32, %b: f32, %r: f32):
    %0 = arith.addf %acc, %b : f32
    %1 = arith.addf %0, %r : f32
    kernel.yield %1 : f32
  })";

Case makeCase(const Sparse &s, unsigned seed) {
  auto n = [](int64_t v) { return std::to_string(v); };
  Case c;
  c.name = n(s.n) + "x" + n(s.h) + "x" + n(s.w) + "x" + n(s.c) + " -> " +
           n(s.o) + " share " + std::to_string(s.share) + " block " +
           n(s.block) + " pixels " + n(s.pixels) + " parts " + n(s.parts) +
           " window " + array({s.kh, s.kw}) + " stride " + n(s.stride);
  Buffer weights = weightsOf(s, seed + 7);
  std::vector<float> floats;
  forEach(weights.shape,
          [&](const Shape &at) { floats.push_back(weights.get(at)); });
  mlir::kernel::SparsePlan plan = {s.c * s.taps(), s.o,     s.block * s.taps(),
                                   s.pixels,       s.parts, s.taps()};
  auto packed = mlir::kernel::SparseWeights::pack(floats, plan,
                                                  /*channelsFirst=*/false);
  Buffer input("f32", {s.n, s.inHeight(), s.inWidth(), s.c},
               stridesOf(s, s.inHeight(), s.inWidth(), s.c));
  input.fill(seed);
  if (s.isInfinite)
    forEach({s.n, s.inHeight(), s.inWidth()}, [&](const Shape &at) {
      input.set({at[0], at[1], at[2], 1}, INFINITY);
    });
  c.arguments = {input, listOf("f32", packed.values),
                 listOf("i8", packed.table)};
  if (s.tail != Tail::none)
    c.arguments.push_back(Buffer("f32", {s.o}));
  if (s.tail == Tail::residual)
    c.arguments.push_back(Buffer("f32", {s.n, s.h, s.w, s.o}));
  for (size_t i = 3; i < c.arguments.size(); ++i)
    c.arguments[i].fill(seed + i);
  c.arguments.push_back(Buffer("f32", {plan.scratch()}));
  c.arguments.push_back(
      Buffer("f32", {s.n, s.h, s.w, s.o}, stridesOf(s, s.h, s.w, s.o)));
  auto type = [&](size_t i) { return c.arguments[i].memref(); };
  size_t last = c.arguments.size() - 1;
  c.op = "kernel.sparse_conv {block = " + n(s.block) +
         " : i64, pixels = " + n(s.pixels) +
         " : i64, window = " + array({s.kh, s.kw}) +
         ", strides = " + array({s.stride, s.stride}) +
         ", parts = " + n(s.parts) + " : i64} ins(%a0, %a1, %a2 : " + type(0) +
         ", " + type(1) + ", " + type(2) + ")";
  if (s.tail == Tail::bias)
    c.op += " epilogue(%a3 : " + type(3) + ")";
  if (s.tail == Tail::residual)
    c.op += " epilogue(%a3, %a4 : " + type(3) + ", " + type(4) + ")";
  c.op += " outs(%a" + n(last) + ", %a" + n(last - 1) + " : " + type(last) +
          ", " + type(last - 1) + ")";
  if (s.tail != Tail::none)
    c.op += s.tail == Tail::bias ? biasRegion : residualRegion;
  auto arguments = std::make_shared<std::vector<Buffer>>(c.arguments);
  c.expected = [s, arguments, weights](const Shape &at) {
    const std::vector<Buffer> &a = *arguments;
    double sum = 0;
    forEach({s.c, s.kh, s.kw}, [&](const Shape &k) {
      if (double weight = weights.get({at[3], k[0], k[1], k[2]}))
        sum += weight * a[0].get({at[0], at[1] * s.stride + k[1],
                                  at[2] * s.stride + k[2], k[0]});
    });
    if (s.tail == Tail::bias)
      return std::max(0.0, sum + a[3].get({at[3]}));
    if (s.tail == Tail::residual)
      return sum + a[3].get({at[3]}) + a[4].get(at);
    return sum;
  };
  return c;
}

void runAll(const std::vector<Sparse> &all) {
  runOnTargets(all.size(), [&](size_t i) { return makeCase(all[i], i); });
}

TEST(SparseConvEmitter, OddShapes) {
  const int64_t channels[] = {1, 3, 16, 17, 33, 64, 250};
  const int64_t outputs[] = {1, 2, 3, 16, 17, 31, 250};
  const int64_t sizes[][2] = {{1, 1}, {1, 3}, {5, 5}, {7, 7}, {14, 14}};
  const double shares[] = {0, 0.05, 0.3, 0.5, 1};
  const Tail tails[] = {Tail::none, Tail::bias, Tail::residual};
  std::vector<Sparse> all;
  for (size_t i = 0; i < 7 * 5 * 3; ++i) {
    Sparse s;
    s.c = channels[i % 7];
    s.o = outputs[i / 5 % 7];
    s.h = sizes[i % 5][0];
    s.w = sizes[i % 5][1];
    s.n = 1 + (i % 4 == 3);
    s.share = shares[i / 3 % 5];
    s.tail = tails[i % 3];
    s.block =
        i % 11 == 4 ? s.c : mlir::kernel::SparsePlan::chooseBlock(s.c, 64);
    all.push_back(s);
  }
  runAll(all);
}

TEST(SparseConvEmitter, BlocksThatVectorsDoNotDivide) {
  std::vector<Sparse> all;
  for (int64_t block : {16, 24, 39, 50, 100, 255}) {
    Sparse s;
    s.c = 200;
    s.o = 21;
    s.block = block;
    s.tail = Tail::bias;
    all.push_back(s);
  }
  runAll(all);
}

TEST(SparseConvEmitter, TilesOfFewPixels) {
  std::vector<Sparse> all;
  for (int64_t pixels : {1, 2, 4, 15, 16, 31, 48, 100}) {
    Sparse s;
    s.h = s.w = 9;
    s.c = 40;
    s.pixels = pixels;
    all.push_back(s);
  }
  runAll(all);
}

TEST(SparseConvEmitter, OutputsInParts) {
  std::vector<Sparse> all;
  for (int64_t parts : {2, 3, 4})
    for (int64_t outputs : {64, 65, 150})
      for (int64_t channels : {40, 150}) {
        Sparse s;
        s.h = 9;
        s.c = channels;
        s.o = outputs;
        s.parts = parts;
        s.pixels = 32;
        s.tail = Tail::residual;
        if (mlir::kernel::SparsePlan{s.c, s.o, 64, 32, parts}.lastPart() > 0)
          all.push_back(s);
      }
  runAll(all);
}

TEST(SparseConvEmitter, Windows) {
  const int64_t windows[][2] = {{3, 3}, {1, 1}, {1, 3}, {2, 2}, {3, 1}};
  const Tail tails[] = {Tail::none, Tail::bias, Tail::residual};
  std::vector<Sparse> all;
  for (size_t i = 0; i < 30; ++i) {
    Sparse s;
    s.kh = windows[i % 5][0];
    s.kw = windows[i % 5][1];
    s.stride = 1 + i % 2;
    s.n = 1 + (i % 4 == 3);
    s.w = 3 + i % 7;
    s.c = i % 3 ? 20 : 33;
    s.o = i % 4 ? 40 : 17;
    s.parts = i % 6 == 1 ? 2 : 1;
    s.block = 17;
    s.rowGap = i % 5 == 3 ? 8 : 0;
    s.tail = tails[i % 3];
    s.pixels = i % 2 ? 64 : 16;
    all.push_back(s);
  }
  runAll(all);
}

TEST(SparseConvEmitter, ImagesWithGaps) {
  std::vector<Sparse> all;
  for (int64_t gap : {0, 3})
    for (int64_t rowGap : {0, 8})
      for (int64_t w : {4, 30}) {
        Sparse s;
        s.n = 2;
        s.w = w;
        s.gap = gap;
        s.rowGap = rowGap;
        s.tail = Tail::bias;
        all.push_back(s);
      }
  runAll(all);
}

// Where a weight is zero nothing is multiplied, by no filling step either.
TEST(SparseConvEmitter, ZerosTimesInfinityAreNothing) {
  std::vector<Sparse> all;
  for (double share : {0.1, 0.5, 0.9}) {
    Sparse s;
    s.share = share;
    s.o = 33;
    s.isInfinite = true;
    all.push_back(s);
  }
  runAll(all);
}

} // namespace
