//===- ConvTest.cpp - convolution kernels against their definition --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Winograd.h"
#include "KernelCase.h"

#include "gtest/gtest.h"
#include <cmath>
#include <functional>

using namespace mlc;

namespace {

enum class Tail { none, bias, residual, silu };

struct Conv {
  int64_t n = 1, h = 5, w = 5, c = 3, o = 8, groups = 1, kh = 3, kw = 3;
  Shape strides{1, 1}, pads{0, 0, 0, 0}, dilations{1, 1};
  Tail tail = Tail::none;
  std::string type = "f32", weightType = "f32", outType = "f32";
  int64_t zero = 0;
  int64_t block = 32;
  bool depthwise = false;
  /// Groups share blocks.
  bool shared = false;
  /// Weights are packed by four input channels.
  bool quads = false;
  /// The input is [N, C, H, W].
  bool channelsFirst = false;
  /// Elements between pixels beyond the channels, of input and out.
  int64_t gap = 0;
  /// Of Winograd's F(tile, kh), 0 for a direct convolution.
  int64_t tile = 0;

  int64_t outSize(unsigned d) const {
    int64_t in = d ? w : h, k = d ? kw : kh;
    int64_t room = in + pads[d] + pads[d + 2] - dilations[d] * (k - 1) - 1;
    return room < 0 ? 0 : room / strides[d] + 1;
  }
};

std::string describe(const Conv &s) {
  auto n = [](int64_t v) { return std::to_string(v); };
  return n(s.n) + "x" + n(s.h) + "x" + n(s.w) + "x" + n(s.c) + " -> " + n(s.o) +
         " g" + n(s.groups) + " k" + n(s.kh) + "x" + n(s.kw) + " s" +
         array(s.strides) + " p" + array(s.pads) + " d" + array(s.dilations) +
         " " + s.type + (s.tile ? " F" + n(s.tile) : "") +
         (s.quads ? " quads, zero " + n(s.zero) : "");
}

Shape imageStrides(int64_t h, int64_t w, int64_t c, int64_t gap) {
  return {h * w * (c + gap), w * (c + gap), c + gap, 1};
}

/// Where a depthwise convolution's weights are in quads.
Shape depthwiseQuad(int64_t kh, int64_t kw, int64_t c) {
  int64_t i = c % 64 / 16, v = c % 16 / 4, j = c % 4;
  return {c / 64, kh, kw / 4, v, 4 * i + j, kw % 4};
}

double accumulate(const Conv &s, const Buffer &x, const Buffer &w,
                  const Shape &at) {
  int64_t inGroup = s.c / s.groups, outGroup = s.o / s.groups;
  int64_t g = at[3] / outGroup, lane = at[3] % outGroup;
  double sum = 0;
  for (int64_t kh = 0; kh < s.kh; ++kh)
    for (int64_t kw = 0; kw < s.kw; ++kw) {
      int64_t ih = at[1] * s.strides[0] - s.pads[0] + kh * s.dilations[0];
      int64_t iw = at[2] * s.strides[1] - s.pads[1] + kw * s.dilations[1];
      if (ih < 0 || ih >= s.h || iw < 0 || iw >= s.w)
        continue;
      for (int64_t i = 0; i < inGroup; ++i) {
        int64_t c = g * inGroup + i;
        double v = x.get(s.channelsFirst ? Shape{at[0], c, ih, iw}
                                         : Shape{at[0], ih, iw, c}) -
                   s.zero;
        int64_t o = s.shared ? at[3] : lane, b = o / s.block;
        Shape weight{g, b, kh, kw, i, o % s.block};
        if (s.shared)
          weight = {b, 0, kh, kw, i, o % s.block};
        if (s.quads)
          weight = {g, b, kh, kw, i / 4, o % s.block, i % 4};
        if (s.depthwise)
          weight =
              s.quads ? depthwiseQuad(kh, kw, at[3]) : Shape{kh, kw, at[3]};
        sum += v * w.get(weight);
      }
    }
  return sum;
}

std::string attributes(const Conv &s) {
  if (s.tile)
    return "{tile = " + std::to_string(s.tile) +
           " : i64, pads = " + array(s.pads) + "}";
  std::string text = "{strides = " + array(s.strides) +
                     ", pads = " + array(s.pads) +
                     ", dilations = " + array(s.dilations);
  if (s.zero)
    text += ", input_zero_point = " + std::to_string(s.zero) + " : i32";
  if (s.type == "u8")
    text += ", input_unsigned";
  if (s.weightType == "u8")
    text += ", weights_unsigned";
  if (s.channelsFirst)
    text += ", input_channels_first";
  if (s.depthwise && s.quads)
    text += ", columns = " + std::to_string(s.kw) + " : i64";
  return text + "}";
}

void fillDepthwiseQuads(const Conv &s, Buffer &w) {
  Buffer filled = w;
  forEach(w.shape, [&](const Shape &at) { w.set(at, 0); });
  for (int64_t c = 0; c < s.c; ++c) {
    int64_t sum = 0;
    for (int64_t kh = 0; kh < s.kh; ++kh)
      for (int64_t kw = 0; kw < s.kw; ++kw) {
        Shape at = depthwiseQuad(kh, kw, c);
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
  int64_t last = w.shape[4] - 1;
  forEach(w.shape, [&](const Shape &at) {
    if (at[4] == last || at[4] * 4 + at[6] >= inGroup ||
        at[1] * s.block + at[5] >= outGroup)
      w.set(at, 0);
  });
  Shape lanes{w.shape[0], w.shape[1], w.shape[2], w.shape[3], s.block};
  forEach(lanes, [&](const Shape &at) {
    int64_t sum = 0;
    for (int64_t i = 0; i < last * 4; ++i)
      sum += w.get({at[0], at[1], at[2], at[3], i / 4, at[4], i % 4});
    for (int64_t i = 0; i < 4; ++i)
      w.set({at[0], at[1], at[2], at[3], last, at[4], i},
            int8_t(uint64_t(sum) >> 8 * i));
  });
}

/// Zero beyond the group's channels, as packing leaves it.
void fillPacked(const Conv &s, Buffer &w, unsigned seed) {
  w.fill(seed);
  if (s.depthwise)
    return s.quads ? fillDepthwiseQuads(s, w) : void();
  if (s.quads)
    return fillQuads(s, w);
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
  auto plan = mlir::kernel::WinogradPlan::get(size, s.c / s.groups, s.block,
                                              {s.tile, s.kh});
  return Buffer("f32", {plan.scratch()});
}

Case makeCase(const Conv &s, unsigned seed) {
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
    packed[4] = (packed[4] + 3) / 4 + 1;
    packed.push_back(4);
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
  fillPacked(s, c.arguments[1], seed + 7);
  if (s.tile)
    c.arguments.push_back(scratchOf(s, oh, ow));
  c.arguments.push_back(
      Buffer(s.outType, {s.n, oh, ow, s.o}, imageStrides(oh, ow, s.o, s.gap)));
  auto type = [&](size_t i) { return c.arguments[i].memref(); };
  c.op = std::string(s.depthwise ? "kernel.depthwise "
                     : s.tile    ? "kernel.winograd "
                                 : "kernel.conv ") +
         attributes(s) + " ins(%a0, %a1 : " + type(0) + ", " + type(1) + ")";
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
  c.expected = [s, arguments](const Shape &at) {
    const std::vector<Buffer> &a = *arguments;
    double sum = accumulate(s, a[0], a[1], at);
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
  return c;
}

void runAll(const std::vector<Conv> &specs) {
  runOnTargets(specs.size(), [&](size_t i) { return makeCase(specs[i], i); });
}

const int64_t channels[] = {1, 3, 4, 7, 8, 16, 17, 31, 32, 33, 64, 100};

/// Varies everything at once with different periods, so that all pairs of
/// neighbouring lists meet.
std::vector<Conv> grid() {
  const int64_t sizes[] = {1, 2, 5, 7, 14};
  const Shape kernels[] = {{1, 1}, {2, 2}, {3, 3}, {5, 5},
                           {7, 7}, {1, 7}, {7, 1}};
  const Shape pads[] = {{0, 0, 0, 0}, {1, 1, 1, 1}, {0, 1, 2, 0}, {3, 3, 3, 3}};
  const Tail tails[] = {Tail::none, Tail::bias, Tail::residual};
  std::vector<Conv> result;
  for (size_t i = 0; i < 12 * 12; ++i) {
    Conv s;
    s.c = channels[i % 12];
    s.o = channels[(i / 12 + i) % 12];
    s.h = sizes[i % 5];
    s.w = sizes[(i / 3 + 2) % 5];
    s.kh = kernels[i % 7][0];
    s.kw = kernels[i % 7][1];
    s.pads = pads[(i / 2) % 4];
    int64_t stride = 1 + (i / 5) % 3, dilation = 1 + (i % 4 == 3);
    s.strides = {stride, i % 9 == 4 ? 1 : stride};
    s.dilations = {dilation, dilation};
    s.tail = tails[(i / 4) % 3];
    s.n = 1 + (i % 11 == 5);
    s.gap = i % 13 == 6 ? 3 : 0;
    if (s.outSize(0) > 0 && s.outSize(1) > 0)
      result.push_back(s);
  }
  return result;
}

TEST(ConvEmitter, GridOfShapes) { runAll(grid()); }

/// All sizes of the last tile, pads, blocks of channels and of lanes.
TEST(WinogradEmitter, GridOfShapes) {
  const int64_t sizes[] = {1, 3, 4, 6, 9, 13, 29};
  const int64_t inputs[] = {1, 16, 20, 64, 65, 100, 192};
  const int64_t outputs[] = {7, 16, 32, 33, 48, 96};
  const Shape pads[] = {{1, 1, 1, 1}, {2, 2, 2, 2}, {0, 1, 1, 0}, {0, 2, 3, 1}};
  const Tail tails[] = {Tail::none, Tail::bias, Tail::residual};
  std::vector<Conv> specs;
  for (size_t i = 0; i < 30; ++i) {
    Conv s;
    s.kh = s.kw = i % 4 == 3 ? 5 : 3;
    s.tile = i % 2 ? 2 : 4;
    s.h = sizes[i % 7];
    s.w = sizes[(i / 7 + i) % 7];
    s.c = inputs[(i / 3) % 7];
    s.o = outputs[i % 6];
    s.pads = pads[(i / 2) % 4];
    s.tail = tails[i % 3];
    s.n = 1 + (i % 11 == 5);
    s.gap = i % 13 == 6 ? 3 : 0;
    s.block = i % 5 == 3 ? 16 : 32;
    if (i % 7 == 4) {
      s.groups = 2;
      s.c *= 2;
      s.o *= 2;
    }
    if (s.outSize(0) > 0 && s.outSize(1) > 0)
      specs.push_back(s);
  }
  runAll(specs);
}

/// What --max-ulp promises.
TEST(WinogradEmitter, ErrorIsWithinItsBound) {
  std::vector<Conv> specs;
  for (auto [tile, window] : {std::pair(2, 3), {4, 3}, {2, 5}}) {
    Conv s;
    s.tile = tile;
    s.kh = s.kw = window;
    s.h = s.w = 12;
    s.c = 512;
    s.o = 16;
    s.pads = {1, 1, 1, 1};
    specs.push_back(s);
  }
  runOnTargets(specs.size(), [&](size_t i) {
    const Conv &s = specs[i];
    Case c = makeCase(s, i);
    double largest = 0;
    forEach(c.arguments.back().shape, [&](const Shape &at) {
      largest = std::max(largest, std::fabs(c.expected(at)));
    });
    c.absolute = mlir::kernel::winogradErrorBound({s.tile, s.kh}, s.c) *
                 largest * std::numeric_limits<float>::epsilon();
    return c;
  });
}

TEST(ConvEmitter, Groups) {
  std::vector<Conv> specs;
  for (int64_t groups : {2, 3, 12})
    for (int64_t perGroup : {1, 4, 11, 40}) {
      Conv s;
      s.groups = groups;
      s.c = groups * 2;
      s.o = groups * perGroup;
      s.pads = {1, 1, 1, 1};
      s.tail = Tail::residual;
      specs.push_back(s);
    }
  runAll(specs);
}

/// Full and partial vectors of 16, 8 and 4 lanes, windows with and without
/// padding, and rows of several tiles.
std::vector<Conv> sharedBlocks() {
  const Shape windows[] = {{3, 3}, {1, 1}, {2, 3}, {5, 5}, {1, 7}};
  const Shape pads[] = {{1, 1, 1, 1}, {0, 0, 0, 0}, {0, 1, 2, 0}};
  const int64_t widths[] = {1, 7, 14, 33, 56};
  const Tail tails[] = {Tail::none, Tail::bias, Tail::residual};
  std::vector<Conv> result;
  for (size_t i = 0; i < 60; ++i) {
    Conv s;
    int64_t size = 2 << i % 3, numbers[] = {16, 3, 5, 9};
    s.shared = true;
    s.groups = numbers[i % 4];
    s.c = s.o = size * s.groups;
    s.block = i % 7 == 3 ? 8 : 16;
    s.kh = windows[i % 5][0];
    s.kw = windows[i % 5][1];
    s.pads = pads[i / 2 % 3];
    s.h = 1 + i % 6;
    s.w = widths[i / 3 % 5];
    int64_t stride = 1 + i / 5 % 2, dilation = 1 + (i % 8 == 3);
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

TEST(ConvEmitter, GroupsThatShareBlocks) { runAll(sharedBlocks()); }

/// More input than the L2 of a tested target holds: another loop
/// order.
TEST(ConvEmitter, GroupsThatShareBlocksOfALargeInput) {
  Conv s;
  s.shared = true;
  s.n = 2;
  s.h = 3;
  s.w = 640;
  s.c = s.o = 152;
  s.groups = 38;
  s.block = 16;
  s.pads = {1, 1, 0, 1};
  s.strides = {2, 2};
  s.tail = Tail::bias;
  runAll({s});
}

TEST(ConvEmitter, GroupsThatShareBlocksOfOtherTypes) {
  Conv s;
  s.shared = true;
  s.c = s.o = 24;
  s.groups = 6;
  s.block = 16;
  s.pads = {1, 1, 1, 1};
  std::vector<Conv> specs;
  s.type = s.weightType = s.outType = "f64";
  specs.push_back(s);
  s.type = s.weightType = "i8";
  s.outType = "i32";
  s.zero = -3;
  specs.push_back(s);
  s.type = "u8";
  s.zero = 128;
  specs.push_back(s);
  runAll(specs);
}

/// Groups as wide as a vector or two: tiles whose windows share inputs.
TEST(ConvEmitter, NarrowTiles) {
  std::vector<Conv> specs;
  for (int64_t perGroup : {8, 12, 16, 32})
    for (int64_t w : {1, 7, 14, 30}) {
      Conv s;
      s.w = w;
      s.groups = 3;
      s.c = s.o = 3 * perGroup;
      s.block = perGroup == 12 ? 16 : perGroup;
      s.pads = {1, 1, 1, 1};
      s.strides = {1 + w % 2, 1 + w % 2};
      s.tail = Tail::residual;
      specs.push_back(s);
    }
  runAll(specs);
}

/// More input than half of the L2 of a tested target holds, and
/// several chunks of channels: rows are outside.
TEST(ConvEmitter, RowsOfLargeImages) {
  std::vector<Conv> specs;
  for (int64_t stride : {1, 2}) {
    Conv s;
    s.h = 26;
    s.w = 52;
    s.c = 100;
    s.o = 70;
    s.kh = s.kw = stride;
    s.strides = {stride, stride};
    s.tail = Tail::residual;
    specs.push_back(s);
  }
  runAll(specs);
}

TEST(ConvEmitter, ChannelsFirst) {
  std::vector<Conv> specs;
  for (int64_t channels : {1, 2, 3, 4, 9})
    for (int64_t k : {1, 3, 7}) {
      Conv s;
      s.channelsFirst = true;
      s.n = 1 + channels % 2;
      s.h = 9;
      s.w = 13 + channels;
      s.c = channels;
      s.o = 20;
      s.kh = s.kw = k;
      s.pads = {k / 2, k / 2, k / 2, k / 2};
      s.strides = {1 + k % 4 / 2, 1 + k % 4 / 2};
      s.dilations = {1, 1 + channels % 3 / 2};
      specs.push_back(s);
    }
  runAll(specs);
}

/// Of one product, which has no error of summation: its own units in the last
/// place are all there is.
TEST(ConvEmitter, SigmoidIsWithinItsBound) {
  Conv s;
  s.h = s.w = 40;
  s.c = s.groups = s.o = 1;
  s.kh = s.kw = 1;
  s.tail = Tail::silu;
  runOnTargets(1, [&](size_t i) {
    Case c = makeCase(s, i);
    c.tolerance = 4 * std::numeric_limits<float>::epsilon();
    return c;
  });
}

TEST(ConvEmitter, SigmoidWeightedEpilogue) {
  std::vector<Conv> specs;
  for (int64_t o : {3, 16, 24, 45}) {
    Conv s;
    s.o = o;
    s.kh = s.kw = 1;
    s.tail = Tail::silu;
    specs.push_back(s);
    s.depthwise = true;
    s.c = s.groups = o;
    specs.push_back(s);
  }
  runAll(specs);
}

TEST(ConvEmitter, PointwiseIsOneRow) {
  std::vector<Conv> specs;
  for (int64_t o : {8, 96, 130, 200})
    for (int64_t n : {1, 2}) {
      Conv s;
      s.n = n;
      s.h = 7;
      s.w = 9;
      s.c = 20;
      s.o = o;
      s.kh = s.kw = 1;
      s.tail = Tail::residual;
      specs.push_back(s);
      s.gap = 5;
      specs.push_back(s);
    }
  runAll(specs);
}

TEST(ConvEmitter, BlocksOfOtherSizes) {
  std::vector<Conv> specs;
  for (int64_t block : {4, 8, 16, 64})
    for (int64_t o : {3, 24, 100}) {
      Conv s;
      s.block = block;
      s.o = o;
      s.pads = {1, 1, 1, 1};
      specs.push_back(s);
    }
  runAll(specs);
}

TEST(ConvEmitter, ElementTypes) {
  std::vector<Conv> specs;
  for (int64_t o : {5, 40}) {
    Conv s;
    s.o = o;
    s.pads = {1, 1, 1, 1};
    s.type = s.weightType = s.outType = "f64";
    specs.push_back(s);
    s.type = s.weightType = "i8";
    s.outType = "i32";
    s.zero = -3;
    specs.push_back(s);
    s.type = "u8";
    s.zero = 128;
    specs.push_back(s);
    s.weightType = "u8";
    s.zero = 0;
    specs.push_back(s);
    s.type = s.outType = "f32";
    s.weightType = "f16";
    specs.push_back(s);
  }
  runAll(specs);
}

/// Products of bytes: every unit, sign and zero point, channels that fill quads
/// and such that do not.
std::vector<Conv> quads() {
  const int64_t in[] = {1, 3, 4, 5, 8, 16, 18, 31, 64};
  const int64_t out[] = {1, 3, 8, 20, 64, 70, 130};
  const Shape kernels[] = {{1, 1}, {3, 3}, {2, 5}, {1, 3}};
  const Shape pads[] = {{0, 0, 0, 0}, {1, 1, 1, 1}, {0, 2, 1, 0}};
  const int64_t sizes[] = {2, 5, 7, 14, 23};
  const int64_t zeros[] = {0, 3, 128, -128, 255};
  std::vector<Conv> result;
  for (size_t i = 0; i < 100; ++i) {
    Conv s;
    s.quads = true;
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
    s.type = i % 2 ? "u8" : "i8";
    s.weightType = "i8";
    s.outType = "i32";
    s.zero = zeros[i % 5];
    s.block = i % 3 == 2 ? 16 : 32;
    if (s.groups > 1)
      s.block = std::min<int64_t>(s.block, 4 << (i % 3));
    s.n = 1 + (i % 12 == 5);
    s.gap = i % 13 == 6 ? 3 : 0;
    s.channelsFirst = s.groups == 1 && s.c <= 4 && i % 4 == 1 && !s.gap;
    if (s.outSize(0) > 0 && s.outSize(1) > 0)
      result.push_back(s);
  }
  return result;
}

TEST(ConvEmitter, ProductsOfBytes) { runAll(quads()); }

std::vector<Conv> depthwise() {
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

TEST(DepthwiseEmitter, GridOfShapes) { runAll(depthwise()); }

TEST(DepthwiseEmitter, ProductsOfBytes) {
  // Padding is read as the zero point, which is a byte like others.
  const int64_t zeros[] = {0, 3, 128, 0, 255};
  std::vector<Conv> specs;
  for (Conv s : depthwise()) {
    if (s.kh * ((s.kw + 3) / 4) > 16)
      continue;
    size_t i = specs.size();
    s.tail = Tail::none;
    s.quads = true;
    s.type = i % 2 ? "u8" : "i8";
    s.weightType = "i8";
    s.outType = "i32";
    s.zero = zeros[i % 5] - (i % 2 ? 0 : 128 * (zeros[i % 5] != 0));
    if (i % 4 == 1)
      s.c = s.o = s.groups = s.c + 64;
    specs.push_back(s);
  }
  runAll(specs);
}

/// A number limited, rounded and stored as a byte: of every kind of limits, by
/// tiles of one vector and of many.
TEST(ConvEmitter, BytesThatSaturate) {
  struct {
    int64_t low, high, zero;
    const char *type;
  } limits[] = {{0, 255, 0, "u8"},      {-20, 235, 20, "u8"},
                {0, 235, 20, "u8"},     {-128, 127, 0, "i8"},
                {-28, 227, -100, "i8"}, {0, 100, -100, "i8"}};
  for (const TargetInfo &target : testedTargets()) {
    std::vector<Case> cases;
    for (const auto &limit : limits)
      for (int64_t o : {3, 16, 32, 70, 192}) {
        Conv s;
        s.c = 8;
        s.o = o;
        s.h = 3;
        s.w = 7;
        s.quads = true;
        s.type = s.weightType = "i8";
        s.outType = limit.type;
        s.kh = s.kw = 1;
        Case c = makeCase(s, unsigned(o));
        auto sum = c.expected;
        auto l = limit;
        c.expected = [sum, l](const Shape &at) {
          float v = float(sum(at)) * 0.03125f;
          double limited = std::min<double>(std::max<double>(v, l.low), l.high);
          return std::nearbyint(limited) + l.zero;
        };
        c.tolerance = 0;
        auto number = [](int64_t v) { return std::to_string(v); };
        c.op += R"( {
  ^bb0(%acc: i32):
    %low = arith.constant )" +
                number(l.low) + R"(.0 : f32
    %high = arith.constant )" +
                number(l.high) + R"(.0 : f32
    %scale = arith.constant 0.03125 : f32
    %magic = arith.constant 12582912.0 : f32
    %rest = arith.constant )" +
                number(l.zero - 0x4B400000) + R"( : i32
    %f = arith.sitofp %acc : i32 to f32
    %v = arith.mulf %f, %scale : f32
    %0 = arith.cmpf ogt, %v, %low : f32
    %1 = arith.select %0, %v, %low : f32
    %2 = arith.cmpf ogt, %high, %1 : f32
    %3 = arith.select %2, %1, %high : f32
    %4 = arith.addf %3, %magic : f32
    %5 = arith.bitcast %4 : f32 to i32
    %6 = arith.addi %5, %rest : i32
    %7 = arith.trunci %6 : i32 to i8
    kernel.yield %7 : i8
  })";
        cases.push_back(c);
      }
    runCases(cases, target);
  }
}

TEST(DepthwiseEmitter, ElementTypes) {
  Conv s;
  s.depthwise = true;
  s.c = s.o = s.groups = 37;
  s.pads = {1, 1, 1, 1};
  std::vector<Conv> specs;
  s.type = s.weightType = s.outType = "f64";
  specs.push_back(s);
  s.type = s.weightType = "i8";
  s.outType = "i32";
  s.zero = -3;
  specs.push_back(s);
  s.type = "u8";
  s.zero = 128;
  specs.push_back(s);
  runAll(specs);
}

} // namespace
