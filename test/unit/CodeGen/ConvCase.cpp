//===- ConvCase.cpp - convolutions of all kinds ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConvCase.h"

#include "Kernel/IR/Pack.h"
#include "Kernel/IR/Pairs.h"
#include "Kernel/IR/Winograd.h"
#include "llvm/ADT/SmallVector.h"
#include <cmath>
#include <functional>
#include <random>

using namespace mlc;

namespace {

std::string describe(const Conv &s) {
  auto n = [](int64_t v) { return std::to_string(v); };
  return n(s.n) + "x" + n(s.h) + "x" + n(s.w) + "x" + n(s.c) + " -> " + n(s.o) +
         " g" + n(s.groups) + " k" + n(s.kh) + "x" + n(s.kw) + " s" +
         array(s.strides) + " p" + array(s.pads) + " d" + array(s.dilations) +
         " " + s.type + (s.tile ? " F" + n(s.tile) : "") +
         (s.quads ? " quads, zero " + n(s.zero) : "") +
         (s.nibbles ? " nibbles" : "") + (s.octets ? " octets" : "") +
         (s.halves ? " halves" : "") +
         (s.tables ? " tables " + n(s.tables) : "") + (s.pairs ? " pairs" : "");
}

Shape imageStrides(int64_t h, int64_t w, int64_t c, int64_t gap) {
  return {h * w * (c + gap), w * (c + gap), c + gap, 1};
}

using Weight = llvm::SmallVector<int64_t, 7>;

/// Of bytes.
int64_t stepOf(const Conv &s) { return s.octets ? 8 : 4; }

/// Where a depthwise convolution's weights are in quads.
Weight depthwiseQuad(int64_t kh, int64_t kw, int64_t c) {
  int64_t i = c % 64 / 16, v = c % 16 / 4, j = c % 4;
  return {c / 64, kh, kw / 4, v, 4 * i + j, kw % 4};
}

/// Where the weight of input `i` of its group is for output `o`.
Weight weightAt(const Conv &s, int64_t o, int64_t kh, int64_t kw, int64_t i) {
  if (s.depthwise)
    return s.quads ? depthwiseQuad(kh, kw, o) : Weight{kh, kw, o};
  if (s.pairs || s.nibbles)
    return {o, i, kh, kw};
  int64_t outGroup = s.o / s.groups, g = o / outGroup;
  int64_t lane = s.shared ? o : o % outGroup;
  int64_t b = lane / s.block, at = lane % s.block;
  if (s.halves)
    return {g, b, kh, kw, i / 2, at, i % 2};
  if (s.quads)
    return {g, b, kh, kw, i / stepOf(s), at, i % stepOf(s)};
  if (s.shared)
    return {b, 0, kh, kw, i, at};
  return {g, b, kh, kw, i, at};
}

/// `table` says what bytes stand for; null where they are numbers.
double accumulate(const Conv &s, const Buffer &x, const Buffer &w,
                  const Buffer *table, const Shape &at) {
  int64_t inGroup = s.c / s.groups;
  int64_t g = at[3] / (s.o / s.groups);
  double sum = 0;
  for (int64_t kh = 0; kh < s.kh; ++kh)
    for (int64_t kw = 0; kw < s.kw; ++kw) {
      int64_t ih = at[1] * s.strides[0] - s.pads[0] + kh * s.dilations[0];
      int64_t iw = at[2] * s.strides[1] - s.pads[1] + kw * s.dilations[1];
      if (ih < 0 || ih >= s.h || iw < 0 || iw >= s.w)
        continue;
      for (int64_t i = 0; i < inGroup; ++i) {
        int64_t c = g * inGroup + i;
        double v = s.channelsFirst ? x.get({at[0], c, ih, iw})
                                   : x.get({at[0], ih, iw, c});
        v -= s.zero;
        if (table)
          v = table->get({s.tables == 1 ? 0 : c, uint8_t(int64_t(v))});
        sum += v * w.get(weightAt(s, at[3], kh, kw, i));
      }
    }
  return sum;
}

std::string attributes(const Conv &s, int64_t extras) {
  std::string text = "{pads = " + array(s.pads);
  if (s.tile)
    text += ", tile = " + std::to_string(s.tile) + " : i64";
  else
    text += ", strides = " + array(s.strides) +
            ", dilations = " + array(s.dilations);
  if (s.zero)
    text += ", input_zero_point = " + std::to_string(s.zero) + " : i32";
  if (s.type == "u8")
    text += ", input_unsigned";
  if (s.weightType == "u8")
    text += ", weights_unsigned";
  if (s.channelsFirst)
    text += ", input_channels_first";
  if (s.pairs)
    text += ", extra_quads = " + std::to_string(extras) + " : i64";
  if (s.nibbles)
    text += ", nibbles";
  if (s.depthwise && s.quads)
    text += ", columns = " + std::to_string(s.kw) + " : i64";
  return text + "}";
}

/// The least byte for the lesser half, the largest for the other one.
void goToExtremes(Buffer &bytes) {
  double least = bytes.type == "u8" ? 0 : -128;
  forEach(bytes.shape, [&](const Shape &at) {
    bytes.set(at, bytes.get(at) < least + 128 ? least : least + 255);
  });
}

void fillDepthwiseQuads(const Conv &s, Buffer &w) {
  Buffer filled = w;
  forEach(w.shape, [&](const Shape &at) { w.set(at, 0); });
  for (int64_t c = 0; c < s.c; ++c) {
    int64_t sum = 0;
    for (int64_t kh = 0; kh < s.kh; ++kh)
      for (int64_t kw = 0; kw < s.kw; ++kw) {
        Weight at = depthwiseQuad(kh, kw, c);
        w.set(at, filled.get(at));
        sum += filled.get(at);
      }
    for (int64_t i = 0; i < 4; ++i)
      w.set(depthwiseQuad(s.kh, i, c), int8_t(uint64_t(sum) >> 8 * i));
  }
}

/// Zero beyond the group's channels, and the sums behind them.
void fillQuads(const Conv &s, Buffer &w) {
  int64_t inGroup = s.c / s.groups, outGroup = s.o / s.groups;
  int64_t last = w.shape[4] - 1, size = stepOf(s);
  forEach(w.shape, [&](const Shape &at) {
    if (at[4] == last || at[4] * size + at[6] >= inGroup ||
        at[1] * s.block + at[5] >= outGroup)
      w.set(at, 0);
  });
  Shape lanes{w.shape[0], w.shape[1], w.shape[2], w.shape[3], s.block};
  forEach(lanes, [&](const Shape &at) {
    int64_t sum = 0;
    for (int64_t i = 0; i < last * size; ++i)
      sum += w.get({at[0], at[1], at[2], at[3], i / size, at[4], i % size});
    for (int64_t i = 0; i < 4; ++i)
      w.set({at[0], at[1], at[2], at[3], last, at[4], i},
            int8_t(uint64_t(sum) >> 8 * i));
  });
}

/// Zero beyond the group's channels.
void fillHalves(const Conv &s, Buffer &w) {
  int64_t inGroup = s.c / s.groups, outGroup = s.o / s.groups;
  forEach(w.shape, [&](const Shape &at) {
    if (at[4] * 2 + at[6] >= inGroup || at[1] * s.block + at[5] >= outGroup)
      w.set(at, 0);
  });
}

/// Weights [O, I, KH, KW].
Buffer weightsOfPairs(const Conv &s, unsigned seed) {
  Buffer w("i8", {s.o, s.c / s.groups, s.kh, s.kw});
  w.fill(seed);
  std::minstd_rand random(seed + 1);
  forEach(w.shape, [&](const Shape &at) {
    double weight = std::floor(w.get(at) / 4);
    if (random() % 100 == 0)
      weight = weight < 0 ? -128 : 127;
    w.set(at, weight);
  });
  return w;
}

/// The same, of numbers of 4 bits.
Buffer weightsOfNibbles(const Conv &s, unsigned seed) {
  Buffer w("i8", {s.o, s.c / s.groups, s.kh, s.kw});
  w.fill(seed);
  forEach(w.shape, [&](const Shape &at) {
    double weight = std::floor(w.get(at) / 16);
    if (s.extreme)
      weight = weight < 0 ? -8 : 7;
    w.set(at, weight);
  });
  return w;
}

/// Zero beyond the group's channels, as packing leaves it.
void fillPacked(const Conv &s, Buffer &w, unsigned seed) {
  w.fill(seed);
  if (s.extreme)
    goToExtremes(w);
  if (s.depthwise)
    return s.quads ? fillDepthwiseQuads(s, w) : void();
  if (s.quads)
    return fillQuads(s, w);
  if (s.halves)
    return fillHalves(s, w);
  int64_t outGroup = s.o / s.groups;
  forEach(w.shape, [&](const Shape &at) {
    if (s.shared ? at[0] * s.block + at[5] >= s.o
                 : at[1] * s.block + at[5] >= outGroup)
      w.set(at, 0);
  });
}

constexpr char biasRegion[] = R"( {
  ^bb0(%acc: f32, %b: f32):
    %0 = arith.addf %acc, %b : f32
    %z = arith.constant 0.0 : f32
    %1 = arith.maximumf %0, %z : f32
    kernel.yield %1 : f32
  })";
/// Of sums so large that the exponential leaves the range of floats.
constexpr char siluRegion[] = R"( {
  ^bb0(%acc: f32, %b: f32):
    %k = arith.constant 80.0 : f32
    %x = arith.mulf %acc, %k : f32
    %one = arith.constant 1.0 : f32
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %s = arith.addf %e, %one : f32
    %q = arith.divf %one, %s : f32
    %y = arith.mulf %x, %q : f32
    kernel.yield %y : f32
  })";
constexpr char residualRegion[] = R"( {
  ^bb0(%acc: f32, %b: f32, %r: f32, %s: f32):
    %0 = arith.addf %acc, %b : f32
    %1 = arith.mulf %r, %s : f32
    %2 = arith.addf %0, %1 : f32
    kernel.yield %2 : f32
  })";

Buffer scratchOf(const Conv &s, int64_t oh, int64_t ow) {
  int64_t size[] = {s.n, oh, ow, s.o};
  int64_t channels = s.c / s.groups / (s.quads || s.halves ? 2 : 1);
  auto plan =
      mlir::kernel::WinogradPlan::get(size, channels, s.block, {s.tile, s.kh});
  return Buffer(s.quads ? "i32" : "f32", {plan.scratch()});
}

} // namespace

Case mlc::makeCase(const Conv &s, unsigned seed) {
  int64_t oh = s.outSize(0), ow = s.outSize(1), outGroup = s.o / s.groups;
  Case c;
  c.name = describe(s);
  if (s.channelsFirst)
    c.arguments.push_back(Buffer(s.type, {s.n, s.c, s.h, s.w}));
  else
    c.arguments.push_back(Buffer(s.type, {s.n, s.h, s.w, s.c},
                                 imageStrides(s.h, s.w, s.c, s.gap)));
  int64_t blocks = (outGroup + s.block - 1) / s.block;
  Shape packed{s.groups, blocks, s.kh, s.kw, s.c / s.groups, s.block};
  if (s.shared) {
    packed[0] = (s.o + s.block - 1) / s.block;
    packed[1] = 1;
  }
  if (s.quads) {
    int64_t size = stepOf(s);
    packed[4] = (packed[4] + size - 1) / size + 1;
    packed.push_back(size);
  }
  if (s.halves) {
    packed[4] = (packed[4] + 1) / 2;
    packed.push_back(2);
  }
  if (s.depthwise)
    packed = s.quads
                 ? Shape{(s.c + 63) / 64, s.kh + 1, (s.kw + 3) / 4, 4, 16, 4}
                 : Shape{s.kh, s.kw, s.c};
  c.arguments.push_back(Buffer(s.weightType, packed));
  if (s.tail != Tail::none)
    c.arguments.push_back(Buffer("f32", {s.o}));
  if (s.tail == Tail::residual) {
    c.arguments.push_back(Buffer("f32", {s.n, oh, ow, s.o}));
    c.arguments.push_back(Buffer("f32", {}));
  }
  for (size_t i = 0; i < c.arguments.size(); ++i)
    c.arguments[i].fill(seed + i);
  if (s.extreme)
    goToExtremes(c.arguments[0]);
  fillPacked(s, c.arguments[1], seed + 7);
  Buffer plain =
      s.nibbles ? weightsOfNibbles(s, seed + 7) : weightsOfPairs(s, seed + 7);
  int64_t extras = 0;
  if (s.pairs) {
    auto paired = mlir::kernel::PairedWeights::get(plain.bytes, plain.shape,
                                                   s.groups, s.block);
    extras = paired->rows.extras;
    c.arguments[1] =
        Buffer("i8", Shape(paired->shape.begin(), paired->shape.end()));
    c.arguments[1].bytes.assign(paired->bytes.begin(), paired->bytes.end());
  }
  if (s.nibbles) {
    using namespace mlir::kernel;
    auto layout = PackedWeights::get(
        {WeightsKind::conv, PackStep::nibbles, s.groups, s.block}, plain.shape);
    c.arguments[1] =
        Buffer("i8", Shape(layout.shape().begin(), layout.shape().end()));
    llvm::SmallVector<char> bytes = layout.pack(plain.bytes, 1);
    c.arguments[1].bytes.assign(bytes.begin(), bytes.end());
  }
  size_t table = c.arguments.size();
  if (s.tables) {
    c.arguments.push_back(Buffer("f32", {s.tables, 256}));
    c.arguments.back().fill(seed + 11);
  }
  if (s.tile)
    c.arguments.push_back(scratchOf(s, oh, ow));
  c.arguments.push_back(
      Buffer(s.outType, {s.n, oh, ow, s.o}, imageStrides(oh, ow, s.o, s.gap)));
  auto type = [&](size_t i) { return c.arguments[i].memref(); };
  c.op = std::string(s.depthwise ? "kernel.depthwise "
                     : s.tile    ? "kernel.winograd "
                                 : "kernel.conv ") +
         attributes(s, extras) + " ins(%a0, %a1 : " + type(0) + ", " + type(1) +
         ")";
  if (s.tables)
    c.op += " table(%a" + std::to_string(table) + " : " + type(table) + ")";
  if (s.tail == Tail::bias || s.tail == Tail::silu)
    c.op += " epilogue(%a2 : " + type(2) + ")";
  if (s.tail == Tail::residual)
    c.op += " epilogue(%a2, %a3, %a4 : " + type(2) + ", " + type(3) + ", " +
            type(4) + ")";
  size_t last = c.arguments.size() - 1;
  c.op += " outs(%a" + std::to_string(last);
  if (s.tile)
    c.op += ", %a" + std::to_string(last - 1);
  c.op += " : " + type(last);
  if (s.tile)
    c.op += ", " + type(last - 1);
  c.op += ")";
  if (s.tail != Tail::none)
    c.op += s.tail == Tail::bias   ? biasRegion
            : s.tail == Tail::silu ? siluRegion
                                   : residualRegion;
  auto arguments = std::make_shared<std::vector<Buffer>>(c.arguments);
  if (s.pairs || s.nibbles)
    (*arguments)[1] = plain;
  c.expected = [s, arguments, table](const Shape &at) {
    const std::vector<Buffer> &a = *arguments;
    double sum = accumulate(s, a[0], a[1], s.tables ? &a[table] : nullptr, at);
    if (s.tail == Tail::bias)
      return std::max(0.0, sum + a[2].get({at[3]}));
    if (s.tail == Tail::silu)
      return 80 * sum / (1 + std::exp(-80 * sum));
    if (s.tail == Tail::residual)
      return sum + a[2].get({at[3]}) + a[3].get(at) * a[4].get({});
    return sum;
  };
  if (s.outType == "f16")
    c.tolerance = 2e-3;
  if (s.outType == "bf16")
    c.tolerance = 8e-3;
  return c;
}

void mlc::runAll(const std::vector<Conv> &specs) {
  runOnTargets(specs.size(), [&](size_t i) { return makeCase(specs[i], i); });
}

Conv mlc::sideBySide(size_t i, const int64_t (&in)[9],
                     const int64_t (&sizes)[5]) {
  const int64_t out[] = {1, 3, 8, 20, 64, 70, 130};
  const Shape kernels[] = {{1, 1}, {3, 3}, {2, 5}, {1, 3}};
  const Shape pads[] = {{0, 0, 0, 0}, {1, 1, 1, 1}, {0, 2, 1, 0}};
  Conv s;
  s.groups = i % 7 == 3 ? 3 : 1;
  s.c = in[i % 9] * s.groups;
  s.o = out[i % 7] * s.groups;
  s.kh = kernels[i / 2 % 4][0];
  s.kw = kernels[i / 2 % 4][1];
  s.h = sizes[i / 3 % 5];
  s.w = sizes[(i / 7 + 2) % 5];
  s.pads = pads[i / 5 % 3];
  s.strides = {1 + int64_t(i / 11 % 2), 1 + int64_t(i / 11 % 2)};
  s.dilations = {1, 1 + int64_t(i % 10 == 9)};
  s.block = i % 3 == 2 ? 16 : 32;
  if (s.groups > 1)
    s.block = std::min<int64_t>(s.block, 4 << (i % 3));
  s.n = 1 + (i % 12 == 5);
  s.gap = i % 13 == 6 ? 3 : 0;
  s.channelsFirst = s.groups == 1 && s.c <= 4 && i % 4 == 1 && !s.gap;
  return s;
}

std::vector<Conv> mlc::depthwise() {
  const Shape kernels[] = {{3, 3}, {5, 5}, {1, 3}, {7, 7}, {2, 2}, {1, 1}};
  const Shape pads[] = {{0, 0, 0, 0}, {1, 1, 1, 1}, {0, 1, 2, 0}, {3, 3, 3, 3}};
  const int64_t sizes[] = {1, 2, 5, 7, 14};
  const Tail tails[] = {Tail::none, Tail::bias, Tail::residual};
  std::vector<Conv> result;
  for (size_t i = 0; i < 12 * 8; ++i) {
    Conv s;
    s.depthwise = true;
    s.c = s.o = s.groups = channels[i % 12];
    s.kh = kernels[i / 2 % 6][0];
    s.kw = kernels[i / 2 % 6][1];
    s.h = sizes[i % 5];
    s.w = sizes[(i / 3 + 2) % 5];
    s.pads = pads[i / 4 % 4];
    int64_t stride = 1 + i / 5 % 3, dilation = 1 + (i % 4 == 3);
    s.strides = {stride, stride};
    s.dilations = {dilation, dilation};
    s.tail = tails[i / 4 % 3];
    s.n = 1 + (i % 11 == 5);
    s.gap = i % 13 == 6 ? 3 : 0;
    if (s.outSize(0) > 0 && s.outSize(1) > 0)
      result.push_back(s);
  }
  return result;
}
