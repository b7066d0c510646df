//===- BytesTest.cpp - convolutions of bytes ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConvCase.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlc;

namespace {

/// Products of bytes: every unit, sign and zero point, channels that fill quads
/// and such that do not.
std::vector<Conv> quads() {
  const int64_t in[] = {1, 3, 4, 5, 8, 16, 18, 31, 64};
  const int64_t sizes[] = {2, 5, 7, 14, 23};
  const int64_t zeros[] = {0, 3, 128, -128, 255};
  std::vector<Conv> result;
  for (size_t i = 0; i < 100; ++i) {
    Conv s = sideBySide(i, in, sizes);
    s.quads = true;
    s.type = i % 2 ? "u8" : "i8";
    s.weightType = "i8";
    s.outType = "i32";
    s.zero = zeros[i % 5];
    if (s.outSize(0) > 0 && s.outSize(1) > 0)
      result.push_back(s);
  }
  return result;
}

std::vector<Conv> depthwiseQuads() {
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
  return specs;
}

/// Each on one of the targets, in turns, without any tolerance.
void runExactly(const std::vector<Conv> &specs,
                const std::vector<TargetInfo> &targets) {
  for (size_t t = 0; t < targets.size(); ++t) {
    std::vector<Case> cases;
    for (size_t i = 0; i < specs.size(); ++i)
      if ((i + i / 12) % targets.size() == t) {
        cases.push_back(makeCase(specs[i], i));
        cases.back().tolerance = 0;
      }
    runCases(cases, targets[t]);
  }
}

TEST(ConvEmitter, ProductsOfBytes) { runAll(quads()); }

/// Some of all forms: depthwise too, and of weights that are bytes or 4 bits.
TEST(ConvEmitter, ProductsOfSignedBytes) {
  std::vector<Conv> all = quads(), nibbles = quads(), specs;
  for (Conv &s : nibbles)
    s.nibbles = true;
  llvm::append_range(all, nibbles);
  llvm::append_range(all, depthwiseQuads());
  for (size_t i = 0; i < all.size(); i += 5)
    specs.push_back(all[i]);
  runExactly(specs, emulatedTargets());
}

/// Of eight channels at a time, and of two pixels, where a row's last may have
/// none beside it and others take no part in a column of the window.
TEST(ConvEmitter, ProductsOfOctets) {
  std::vector<Conv> specs = quads();
  for (Conv &s : specs) {
    s.octets = true;
    s.block = std::max<int64_t>(s.block, 4);
  }
  runExactly(specs, testedTargets());
}

/// Products of the largest bytes, which leave 16 bits wherever they can.
TEST(ConvEmitter, ExtremeBytes) {
  std::vector<Conv> specs = quads();
  for (Conv &s : specs)
    s.extreme = true;
  runExactly(specs, testedTargets());
}

/// Weights of 4 bits, of an odd and an even number of quads, as bytes are.
TEST(ConvEmitter, ProductsOfNibbles) {
  std::vector<Conv> specs = quads();
  for (size_t i = 0; i < specs.size(); ++i) {
    specs[i].nibbles = true;
    specs[i].extreme = i % 3 == 1;
  }
  runExactly(specs, testedTargets());
}

/// CPUs that add products of words.
std::vector<TargetInfo> targetsOfWords() {
  std::vector<TargetInfo> result;
  for (const TargetInfo &target : testedTargets())
    if (target.triple.isX86() && target.byteUnit != ByteUnit::widen)
      result.push_back(target);
  return result;
}

/// Pairs of weights: pools that are full and such that overlap, blocks with and
/// without extra quads, every sign and zero point, the largest activations.
TEST(ConvEmitter, PairsOfBytes) {
  const int64_t inputs[] = {16, 17, 24, 31, 32, 50, 64, 150};
  const Shape kernels[] = {{1, 1}, {3, 3}, {1, 3}};
  std::vector<Conv> specs;
  for (Conv s : quads()) {
    size_t i = specs.size();
    if (i == 48)
      break;
    s.pairs = true;
    s.channelsFirst = false;
    s.c = inputs[i % 8] * s.groups;
    s.kh = kernels[i % 3][0];
    s.kw = kernels[i % 3][1];
    s.pads = {i % 3 != 0, i % 3 != 0, i % 3 == 1, i % 3 != 0};
    s.extreme = i % 2;
    s.block = i % 4 == 3 ? 8 : 16;
    if (s.groups > 1)
      s.block = std::min<int64_t>(s.block, llvm::PowerOf2Ceil(s.o / s.groups));
    s.block = std::max<int64_t>(s.block, 4);
    if (s.outSize(0) > 0 && s.outSize(1) > 0)
      specs.push_back(s);
  }
  std::vector<TargetInfo> targets;
  for (const TargetInfo &target : targetsOfWords())
    if (target.bytePairs)
      targets.push_back(target);
  runExactly(specs, targets);
}

std::vector<Conv> winogradOfQuads(bool areNibbles) {
  const int64_t sizes[] = {1, 3, 4, 6, 9, 13, 29};
  const int64_t inputs[] = {4, 16, 20, 64, 76, 112};
  const int64_t outputs[] = {7, 16, 32, 33, 96};
  const Shape pads[] = {{1, 1, 1, 1}, {2, 2, 2, 2}, {0, 1, 1, 0}, {0, 2, 3, 1}};
  const int64_t zeros[] = {0, 3, 128, 255};
  std::vector<Conv> specs;
  for (size_t i = 0; i < 30; ++i) {
    Conv s;
    s.quads = true;
    s.tile = 4;
    s.h = sizes[i % 7];
    s.w = sizes[(i / 7 + i) % 7];
    s.c = inputs[(i / 3) % 6];
    s.o = outputs[i % 5];
    s.pads = pads[(i / 2) % 4];
    s.type = i % 2 ? "u8" : "i8";
    s.zero = zeros[i / 2 % 4] - (i % 2 ? 0 : 128);
    s.weightType = "i8";
    s.outType = "i32";
    s.n = 1 + (i % 11 == 5);
    s.gap = i % 13 == 6 ? 3 : 0;
    s.block = i % 5 == 3 ? 16 : 32;
    s.extreme = i % 3 == 0;
    s.nibbles = areNibbles;
    if (i % 7 == 4) {
      s.groups = 2;
      s.c *= 2;
      s.o *= 2;
      s.block = std::min<int64_t>(s.block, llvm::PowerOf2Ceil(s.o / 2));
    }
    if (s.outSize(0) > 0 && s.outSize(1) > 0)
      specs.push_back(s);
  }
  return specs;
}

TEST(WinogradEmitter, ProductsOfBytes) {
  runExactly(winogradOfQuads(/*areNibbles=*/false), targetsOfWords());
}

TEST(WinogradEmitter, ProductsOfNibbles) {
  runExactly(winogradOfQuads(/*areNibbles=*/true), targetsOfWords());
}

/// The largest sums that are right: of 112 channels, every one at its limit.
TEST(WinogradEmitter, LargestSumsOfBytes) {
  std::vector<Case> cases;
  for (double weight : {-128.0, 127.0}) {
    Conv s;
    s.quads = true;
    s.tile = 4;
    s.c = 112;
    s.o = 16;
    s.h = s.w = 6;
    s.type = "u8";
    s.weightType = "i8";
    s.outType = "i32";
    Case c = makeCase(s, 0);
    for (size_t i : {0, 1}) {
      Buffer &bytes = c.arguments[i];
      forEach(bytes.shape,
              [&](const Shape &at) { bytes.set(at, i ? weight : 255.0); });
    }
    c.expected = [=](const Shape &) { return 9 * 112 * 255 * weight; };
    c.tolerance = 0;
    cases.push_back(c);
  }
  for (const TargetInfo &target : targetsOfWords())
    runCases(cases, target);
}

TEST(DepthwiseEmitter, ProductsOfBytes) { runAll(depthwiseQuads()); }

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

} // namespace
