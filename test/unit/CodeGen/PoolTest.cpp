//===- PoolTest.cpp - pooling kernels against their definition ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCase.h"

#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlc;

namespace {

struct Pool {
  Shape in{1, 7, 9, 8};
  Shape kernel{3, 3}, strides{2, 2}, pads{1, 1, 1, 1}, dilations{1, 1};
  bool average = false, includePad = false;
  /// Puts NaNs here and there, and infinities of both signs.
  bool hasNaNs = false;
  /// Further windows, beyond those that fit (ceil mode).
  Shape extra{0, 0};
  std::string type = "f32";

  int64_t outSize(unsigned d) const {
    int64_t room =
        in[d + 1] + pads[d] + pads[d + 2] - dilations[d] * (kernel[d] - 1) - 1;
    return room / strides[d] + 1 + extra[d];
  }
};

double expectedAt(const Pool &s, const Buffer &x, const Shape &at) {
  double most = -INFINITY, sum = 0;
  int64_t inside = 0, padded = 0;
  for (int64_t kh = 0; kh < s.kernel[0]; ++kh)
    for (int64_t kw = 0; kw < s.kernel[1]; ++kw) {
      int64_t h = at[1] * s.strides[0] - s.pads[0] + kh * s.dilations[0];
      int64_t w = at[2] * s.strides[1] - s.pads[1] + kw * s.dilations[1];
      padded += h < s.in[1] + s.pads[2] && w < s.in[2] + s.pads[3];
      if (h < 0 || h >= s.in[1] || w < 0 || w >= s.in[2])
        continue;
      double v = x.get({at[0], h, w, at[3]});
      most = std::isnan(most) || most >= v ? most : v;
      sum += v;
      ++inside;
    }
  if (!s.average)
    return most;
  double mean = sum / (s.includePad ? padded : inside);
  return s.type[0] == 'f' ? mean : std::nearbyint(mean);
}

Case makeCase(const Pool &s, unsigned seed) {
  Case c;
  Buffer in(s.type, s.in);
  in.fill(seed);
  for (int64_t i = seed % 5, n = elements(s.in); s.hasNaNs && i < n; i += 37)
    in.set1(i, i % 2 ? NAN : -NAN);
  for (int64_t i = 1, n = elements(s.in); s.hasNaNs && i < n; i += 11)
    if (!std::isnan(in.at1(i)))
      in.set1(i, i % 2 ? INFINITY : -INFINITY);
  Buffer out(s.type, {s.in[0], s.outSize(0), s.outSize(1), s.in[3]});
  c.name = "pool " + in.memref() + array(s.kernel) + array(s.strides) +
           array(s.pads) + array(s.dilations);
  c.op = std::string("kernel.pool {kind = #kernel.pool_kind<") +
         (s.average ? "average" : "max") + ">, kernel = " + array(s.kernel) +
         ", strides = " + array(s.strides) + ", pads = " + array(s.pads) +
         ", dilations = " + array(s.dilations) +
         (s.includePad ? ", count_include_pad" : "") +
         (s.type == "u8" ? ", input_unsigned" : "") +
         "} ins(%a0 : " + in.memref() + ") outs(%a1 : " + out.memref() + ")";
  c.expected = [s, in](const Shape &at) { return expectedAt(s, in, at); };
  c.tolerance = s.type == "f32" ? 1e-5 : 0;
  c.arguments = {in, out};
  return c;
}

void runAll(const std::vector<Pool> &specs) {
  runOnTargets(specs.size(), [&](size_t i) { return makeCase(specs[i], i); });
}

TEST(PoolEmitter, GridOfShapes) {
  std::vector<Pool> specs;
  const int64_t channels[] = {1, 3, 4, 7, 8, 17, 33, 64, 100};
  const Shape kernels[] = {{3, 3}, {2, 2}, {5, 3}, {7, 9}, {1, 2}};
  for (size_t i = 0; i < 90; ++i) {
    Pool s;
    s.in = {1 + int64_t(i % 7 == 3), 7, 9, channels[i % 9]};
    s.kernel = kernels[i % 5];
    int64_t stride = 1 + i / 9 % 3, pad = i / 4 % 3;
    s.strides = {stride, stride};
    s.pads = {std::min(pad, s.kernel[0] - 1), std::min(pad, s.kernel[1] - 1),
              std::min<int64_t>(i % 2, s.kernel[0] - 1),
              std::min<int64_t>(i % 2, s.kernel[1] - 1)};
    s.average = i % 3 == 1;
    s.includePad = i % 6 == 4;
    specs.push_back(s);
  }
  runAll(specs);
}

TEST(PoolEmitter, WindowsPastTheEnd) {
  std::vector<Pool> specs;
  for (bool average : {false, true})
    for (bool include : {false, true}) {
      Pool s;
      s.average = average;
      s.includePad = average && include;
      s.in = {1, 6, 8, 20};
      s.pads = {0, 0, 0, 0};
      s.extra = {1, 1};
      specs.push_back(s);
      s.in = {1, 9, 9, 5};
      s.pads = {1, 1, 1, 1};
      s.strides = {3, 3};
      specs.push_back(s);
    }
  runAll(specs);
}

TEST(PoolEmitter, DilatedAndLargeWindows) {
  Pool dilated;
  dilated.dilations = {2, 2};
  Pool wide;
  wide.in = {1, 14, 14, 12};
  wide.kernel = {13, 13};
  wide.strides = {1, 1};
  wide.pads = {6, 6, 6, 6};
  Pool average = wide;
  average.average = true;
  runAll({dilated, wide, average});
}

TEST(PoolEmitter, MaximumKeepsNaNs) {
  std::vector<Pool> specs;
  for (int64_t size : {1, 2, 3, 4, 9})
    for (int64_t channels : {1, 7, 40}) {
      Pool s;
      s.in = {1, 10, 11, channels};
      s.kernel = {size, size};
      s.pads = Shape(4, size / 2);
      s.hasNaNs = true;
      specs.push_back(s);
    }
  for (const TargetInfo &target : testedTargets()) {
    std::vector<Case> cases;
    for (auto [i, spec] : llvm::enumerate(specs))
      cases.push_back(makeCase(spec, i));
    runCases(cases, target);
  }
}

TEST(PoolEmitter, Integers) {
  std::vector<Pool> specs;
  for (std::string type : {"i8", "u8"})
    for (bool average : {false, true}) {
      Pool s;
      s.type = type;
      s.average = average;
      s.in = {1, 7, 9, 37};
      specs.push_back(s);
    }
  runAll(specs);
}

} // namespace
