//===- ConvTest.cpp - convolution kernels against their definition --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConvCase.h"
#include "Kernel/IR/Winograd.h"

#include "gtest/gtest.h"
#include <cmath>
#include <functional>

using namespace mlc;

namespace {

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

TEST(DepthwiseEmitter, GridOfShapes) { runAll(depthwise()); }

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

/// Few channels, both layouts, windows that reach into the padding, one table
/// for all channels or one for each.
TEST(ConvEmitter, BytesByTable) {
  const int64_t in[] = {1, 2, 3, 4, 3, 1, 3, 4, 2};
  const int64_t sizes[] = {1, 5, 7, 14, 23};
  const Tail tails[] = {Tail::none, Tail::bias, Tail::residual, Tail::silu};
  std::vector<Conv> specs;
  for (size_t i = 0; i < 84; ++i) {
    Conv s = sideBySide(i, in, sizes);
    if (s.groups > 1)
      continue;
    s.type = "i8";
    s.tables = i % 4 < 2 ? s.c : 1;
    s.tail = tails[i / 2 % 4];
    if (s.outSize(0) > 0 && s.outSize(1) > 0)
      specs.push_back(s);
  }
  runAll(specs);
}

} // namespace
