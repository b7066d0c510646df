//===- WinogradTest.cpp - transforms and plans ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Winograd.h"

#include "gtest/gtest.h"
#include <cmath>

using namespace mlir::kernel;

namespace {

constexpr Winograd algorithms[] = {{2, 3}, {4, 3}, {2, 5}};

/// The algorithm is bilinear: it is right if it is for each input alone with
/// each weight alone.
TEST(WinogradTransforms, ConvolveUnits) {
  for (Winograd f : algorithms) {
    EXPECT_TRUE(f.isKnown());
    WinogradTransforms t = WinogradTransforms::get(f);
    size_t reach = f.reach();
    ASSERT_EQ(t.input.size(), reach);
    ASSERT_EQ(t.weights.size(), reach);
    ASSERT_EQ(t.output.size(), size_t(f.tile));
    for (size_t d = 0; d < reach; ++d)
      for (size_t g = 0; g < size_t(f.window); ++g)
        for (size_t y = 0; y < size_t(f.tile); ++y) {
          double result = 0;
          for (size_t k = 0; k < reach; ++k)
            result += t.output[y][k] * t.weights[k][g] * t.input[k][d];
          EXPECT_NEAR(result, y + g == d ? 1 : 0, 1e-12)
              << "F(" << f.tile << ", " << f.window << "), input " << d
              << ", weight " << g;
        }
  }
}

/// The same of the exact ones, whose results are too large as they say; every
/// factor is an integer, and words hold what inputs and weights become.
TEST(WinogradTransforms, ExactOnesConvolveUnits) {
  WinogradTransforms t = WinogradTransforms::getExact();
  ASSERT_EQ(t.shifts.size(), 4u);
  for (size_t d = 0; d < 6; ++d)
    for (size_t g = 0; g < 3; ++g)
      for (size_t y = 0; y < 4; ++y) {
        double result = 0;
        for (size_t k = 0; k < 6; ++k)
          result += t.output[y][k] * t.weights[k][g] * t.input[k][d];
        EXPECT_EQ(result, y + g == d ? 3 << t.shifts[y] : 0);
      }
  auto largest = [](const WinogradTransforms::Matrix &matrix, double value) {
    double most = 0;
    for (const auto &row : matrix) {
      double sum = 0;
      for (double factor : row) {
        EXPECT_EQ(factor, std::floor(factor));
        sum += std::fabs(factor);
      }
      most = std::max(most, sum);
    }
    return most * most * value;
  };
  EXPECT_LT(largest(t.input, 255), 1 << 15);
  EXPECT_LT(largest(t.weights, 128), 1 << 15);
  largest(t.output, 1);
}

TEST(WinogradPlan, BlocksCoverTheImage) {
  for (Winograd f : algorithms)
    for (int64_t height = 1; height < 40; ++height)
      for (int64_t channels : {1, 64, 500}) {
        int64_t out[] = {1, height, 2 * height + 1, 32};
        WinogradPlan plan = WinogradPlan::get(out, channels, 32, f);
        EXPECT_GE(plan.rows * f.tile, height);
        EXPECT_LT((plan.rows - 1) * f.tile, height);
        EXPECT_GE(plan.columns * f.tile, out[2]);
        EXPECT_EQ(plan.rows % plan.blockRows, 0);
        EXPECT_GE(plan.channelBlock, 1);
        EXPECT_LE(plan.channelBlock, channels);
      }
}

/// Four transforms' worth of memory more than the images themselves would be
/// felt: a block is a small part of a large image.
TEST(WinogradPlan, ScratchStaysSmall) {
  for (int64_t channels : {64, 128, 256, 512}) {
    int64_t size = 224 * 64 / channels;
    int64_t out[] = {1, size, size, channels};
    WinogradPlan plan = WinogradPlan::get(out, channels, 32, {4, 3});
    EXPECT_LT(plan.scratch() * 4, 5 << 20) << channels << " channels";
  }
}

} // namespace
