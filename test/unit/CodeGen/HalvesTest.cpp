//===- HalvesTest.cpp - convolutions of bf16 ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConvCase.h"
#include "Schedule/KernelSchedule.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlc;

namespace {

/// Even and odd counts of channels, groups, windows, both layouts of the input,
/// epilogues, results of f32 and bf16.
std::vector<Conv> halves() {
  const int64_t in[] = {1, 2, 3, 5, 8, 16, 17, 31, 64};
  const int64_t sizes[] = {1, 5, 7, 14, 23};
  const Tail tails[] = {Tail::none, Tail::bias, Tail::residual, Tail::silu};
  std::vector<Conv> result;
  for (size_t i = 0; i < 84; ++i) {
    Conv s = sideBySide(i, in, sizes);
    s.halves = true;
    s.type = s.weightType = "bf16";
    s.outType = i % 2 ? "bf16" : "f32";
    // Epilogues yield f32.
    s.tail = i % 2 ? Tail::none : tails[i / 2 % 4];
    if (s.outSize(0) > 0 && s.outSize(1) > 0)
      result.push_back(s);
  }
  return result;
}

TEST(ConvEmitter, ProductsOfHalves) { runAll(halves()); }

/// As deep as pieces of a sum are long and deeper, by rows of the window and by
/// loops.
std::vector<Conv> halvesOfF16() {
  const int64_t in[] = {1, 3, 8, 17, 31, 64, 65, 96, 200};
  const int64_t sizes[] = {1, 5, 7, 14, 23};
  const Tail tails[] = {Tail::none, Tail::bias, Tail::residual};
  std::vector<Conv> result;
  for (size_t i = 0; i < 84; ++i) {
    Conv s = sideBySide(i, in, sizes);
    s.type = s.weightType = "f16";
    s.outType = i % 2 ? "f16" : "f32";
    s.tail = i % 2 ? Tail::none : tails[i / 2 % 3];
    if (s.outSize(0) > 0 && s.outSize(1) > 0)
      result.push_back(s);
  }
  return result;
}

/// With what rounding the result adds, where that is f16.
Case boundedCase(const Conv &s, unsigned seed, const TargetInfo &target) {
  Case made = makeCase(s, seed);
  double products = s.kh * s.kw * s.c / s.groups, largest = 0;
  if (s.outType == "f16")
    forEach(made.arguments.back().shape, [&](const Shape &at) {
      largest = std::max(largest, std::fabs(made.expected(at)));
    });
  made.absolute = f16ErrorBound(products, target) + largest / 2048;
  return made;
}

/// By CPUs that convert them, too.
TEST(ConvEmitter, ProductsOfF16) {
  std::vector<Conv> specs = halvesOfF16();
  TargetInfo any = testedTargets().front();
  runOnTargets(specs.size(),
               [&](size_t i) { return boundedCase(specs[i], i, any); });
}

TEST(ConvEmitter, ProductsOfF16InF16) {
  std::vector<Conv> specs = halvesOfF16();
  bool isThere = false;
  for (const TargetInfo &target : runnableTargets()) {
    if (!target.multipliesF16())
      continue;
    isThere = true;
    std::vector<Case> cases;
    for (size_t i = 0; i < specs.size(); ++i)
      cases.push_back(boundedCase(specs[i], i, target));
    runCases(cases, target);
  }
  if (!isThere)
    GTEST_SKIP() << "this machine does not compute in f16";
}

/// Blocks of channels, tiles beyond the image, more than one block of tiles:
/// what is rounded to bf16 are sums of up to 36 inputs, so that errors are some
/// hundredths of what a sum of so many products of [-1, 1] is.
TEST(WinogradEmitter, ProductsOfHalves) {
  const int64_t sizes[] = {1, 3, 4, 6, 9, 13, 29};
  const int64_t inputs[] = {2, 16, 18, 64, 76, 112};
  const int64_t outputs[] = {7, 16, 32, 33, 96};
  const Shape pads[] = {{1, 1, 1, 1}, {2, 2, 2, 2}, {0, 1, 1, 0}, {0, 2, 3, 1}};
  const int64_t tiles[][2] = {{2, 3}, {4, 3}, {2, 5}};
  std::vector<Conv> specs;
  for (size_t i = 0; i < 18; ++i) {
    Conv s;
    s.halves = true;
    s.tile = tiles[i % 3][0];
    s.kh = s.kw = tiles[i % 3][1];
    s.groups = i % 8 == 5 ? 2 : 1;
    s.c = inputs[i % 6] * s.groups;
    s.o = outputs[i % 5] * s.groups;
    s.h = sizes[i % 7];
    s.w = sizes[(i / 3 + 2) % 7];
    s.pads = pads[i / 2 % 4];
    s.type = s.weightType = "bf16";
    s.block = i % 4 == 3 ? 16 : 32;
    s.n = 1 + (i % 9 == 4);
    s.tail = i % 5 == 2 ? Tail::bias : Tail::none;
    if (s.outSize(0) > 0 && s.outSize(1) > 0)
      specs.push_back(s);
  }
  runOnTargets(specs.size(), [&](size_t i) {
    Case made = makeCase(specs[i], i);
    double products = specs[i].kh * specs[i].kw * specs[i].c / specs[i].groups;
    made.absolute = 0.03 * std::sqrt(products);
    return made;
  });
}

} // namespace
