//===- WinogradTest.cpp - transforms and plans ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Winograd.h"

#include "gtest/gtest.h"

using namespace mlir::kernel;

namespace {

/// A matrix times the unit vector `i`, entry by entry.
double at(const WinogradTransforms::Matrix &matrix, size_t row, size_t i) {
  return matrix[row][i];
}

/// The algorithm is bilinear: it is right if it is for each input alone with
/// each weight alone.
TEST(WinogradTransforms, ConvolveUnits) {
  for (int64_t tile : {2, 4}) {
    WinogradTransforms t = WinogradTransforms::get(tile);
    size_t reach = tile + 2;
    ASSERT_EQ(t.input.size(), reach);
    ASSERT_EQ(t.weights.size(), reach);
    ASSERT_EQ(t.output.size(), size_t(tile));
    for (size_t d = 0; d < reach; ++d)
      for (size_t g = 0; g < 3; ++g)
        for (size_t y = 0; y < size_t(tile); ++y) {
          double result = 0;
          for (size_t f = 0; f < reach; ++f)
            result +=
                at(t.output, y, f) * at(t.weights, f, g) * at(t.input, f, d);
          EXPECT_NEAR(result, y + g == d ? 1 : 0, 1e-12)
              << "F(" << tile << ", 3), input " << d << ", weight " << g;
        }
  }
}

TEST(WinogradPlan, BlocksCoverTheImage) {
  for (int64_t tile : {2, 4})
    for (int64_t height = 1; height < 40; ++height)
      for (int64_t channels : {1, 64, 500}) {
        int64_t out[] = {1, height, 2 * height + 1, 32};
        WinogradPlan plan = WinogradPlan::get(out, channels, 32, tile);
        EXPECT_GE(plan.rows * tile, height);
        EXPECT_LT((plan.rows - 1) * tile, height);
        EXPECT_GE(plan.columns * tile, out[2]);
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
    WinogradPlan plan = WinogradPlan::get(out, channels, 32, 4);
    EXPECT_LT(plan.scratch() * 4, 5 << 20) << channels << " channels";
  }
}

} // namespace
