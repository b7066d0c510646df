//===- MatrixTest.cpp - convolutions by a matrix unit ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConvCase.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"

using namespace mlc;

namespace {

/// The CPU with a matrix unit; nullopt where this machine has none, or may not
/// use it.
std::optional<TargetInfo> matrixTarget() {
  for (const TargetInfo &target : runnableTargets())
    if (target.matrixBytes && target.matrixBf16)
      return target;
  return std::nullopt;
}

/// Rows that fill registers and such that do not, one register and many,
/// channels of one step and of several, groups, windows with padding on some
/// sides, strides, dilations, several images, gaps between pixels.
std::vector<Conv> convs() {
  const int64_t in[] = {16, 24, 32, 64, 96, 128, 80};
  const int64_t out[] = {16, 20, 32, 48, 64, 100, 40, 8, 33};
  const int64_t heights[] = {2, 5, 7, 9, 4};
  const int64_t widths[] = {7, 14, 16, 17, 20, 33, 35};
  const Shape kernels[] = {{1, 1}, {3, 3}, {2, 5}, {1, 3}, {4, 3}};
  const Shape pads[] = {{0, 0, 0, 0}, {1, 1, 1, 1}, {0, 2, 1, 0}, {3, 3, 3, 3}};
  std::vector<Conv> result;
  for (size_t i = 0; i < 27; ++i) {
    Conv s;
    s.groups = i % 7 == 3 ? 2 : 1;
    s.c = in[i % 7] * s.groups;
    s.o = out[i % 9] * s.groups;
    s.kh = kernels[i / 2 % 5][0];
    s.kw = kernels[i / 2 % 5][1];
    s.h = heights[i / 3 % 5];
    s.w = widths[(i / 7 + i) % 7];
    s.pads = pads[i / 5 % 4];
    s.strides = {1 + int64_t(i / 11 % 2), 1 + int64_t(i / 11 % 2)};
    s.dilations = {1, 1 + int64_t(i % 10 == 9)};
    s.block = 16 << (i % 3);
    if (s.groups > 1)
      s.block = std::min<int64_t>(s.block, llvm::PowerOf2Ceil(s.o / s.groups));
    s.n = 1 + (i % 12 == 5);
    s.gap = i % 13 == 6 ? 3 : 0;
    if (s.outSize(0) > 0 && s.outSize(1) > 0)
      result.push_back(s);
  }
  return result;
}

/// Few channels, of which a register has all columns of a window: such that
/// fill words and such that do not, as planes and side by side.
std::vector<Conv> ofFewChannels() {
  const int64_t in[] = {3, 1, 4, 8, 5, 16, 2};
  const int64_t out[] = {32, 16, 40, 24, 64};
  const int64_t windows[] = {3, 7, 5, 9};
  const int64_t widths[] = {24, 33, 50, 17};
  std::vector<Conv> result;
  for (size_t i = 0; i < 21; ++i) {
    Conv s;
    s.c = in[i % 7];
    s.o = out[i % 5];
    s.kh = s.kw = windows[i % 4];
    s.h = 12 + int64_t(i % 3);
    s.w = widths[i / 2 % 4];
    int64_t pad = i % 3 == 2 ? 0 : s.kh / 2;
    s.pads = {pad, pad, pad, i % 6 == 4 ? 0 : pad};
    s.strides = {1 + int64_t(i / 3 % 2), 1 + int64_t(i / 3 % 2)};
    s.n = 1 + (i % 8 == 3);
    s.gap = i % 9 == 5 ? 3 : 0;
    s.channelsFirst = s.c <= 4 && i % 2 && !s.gap;
    result.push_back(s);
  }
  return result;
}

std::vector<Conv> allConvs() {
  std::vector<Conv> result = convs();
  llvm::append_range(result, ofFewChannels());
  return result;
}

void run(std::vector<Conv> specs, bool isExact) {
  std::optional<TargetInfo> target = matrixTarget();
  if (!target)
    GTEST_SKIP() << "this machine has no matrix unit";
  std::vector<Case> cases;
  for (size_t i = 0; i < specs.size(); ++i) {
    cases.push_back(makeCase(specs[i], i));
    // Sums of some thousand products, in another order.
    double least = 4e-4;
    double &tolerance = cases.back().tolerance;
    tolerance = isExact ? 0 : std::max(tolerance, least);
  }
  runCases(cases, *target);
}

TEST(MatrixConv, Bytes) {
  // Those that are no element of the input are vectors' work.
  const int64_t zeros[] = {0, 3, 128, -128, 255};
  std::vector<Conv> specs = allConvs();
  for (size_t i = 0; i < specs.size(); ++i) {
    Conv &s = specs[i];
    s.quads = true;
    s.type = i % 2 ? "u8" : "i8";
    s.weightType = "i8";
    s.outType = "i32";
    s.zero = zeros[i % 5];
    if (i % 4 < 2)
      s.zero = (s.zero & 255) - (i % 2 ? 0 : 128);
    s.extreme = i % 3 == 1;
  }
  run(specs, /*isExact=*/true);
}

TEST(MatrixConv, Halves) {
  const Tail tails[] = {Tail::none, Tail::bias, Tail::residual, Tail::silu};
  std::vector<Conv> specs = allConvs();
  for (size_t i = 0; i < specs.size(); ++i) {
    Conv &s = specs[i];
    s.halves = true;
    s.type = s.weightType = "bf16";
    s.outType = i % 2 ? "bf16" : "f32";
    s.tail = i % 2 ? Tail::none : tails[i / 2 % 4];
  }
  run(specs, /*isExact=*/false);
}

} // namespace
