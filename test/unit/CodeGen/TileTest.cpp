//===- TileTest.cpp - How tiles cover an image ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Tile.h"

#include "gtest/gtest.h"

using namespace mlc;

namespace {

/// Windows of `kernel` with `pad` on each side.
Window windowOf(int64_t count, int64_t kernel, int64_t stride, int64_t pad) {
  return {
      (count - 1) * stride + kernel - 2 * pad, count, kernel, stride, 1, pad};
}

using Runs = llvm::SmallVector<PixelRun>;

std::vector<std::vector<int64_t>> numbers(const Runs &runs) {
  std::vector<std::vector<int64_t>> result;
  for (const PixelRun &run : runs)
    result.push_back({run.start, run.rows, run.count});
  return result;
}

using Expected = std::vector<std::vector<int64_t>>;

TEST(Tile, CoverMakesOneRunOfWhatTouchesNoPadding) {
  EXPECT_EQ(numbers(cover(windowOf(14, 3, 1, 1), 4)),
            (Expected{{0, 4, 1}, {4, 4, 2}, {12, 2, 1}}));
}

TEST(Tile, CoverApartPutsTheFirstWindowsIntoATileOfTheirOwn) {
  EXPECT_EQ(numbers(coverApart(windowOf(14, 3, 1, 1), 4)),
            (Expected{{0, 1, 1}, {1, 4, 3}, {13, 1, 1}}));
}

TEST(Tile, CoverApartIsCoverWhereThatTakesLessCode) {
  Window small = windowOf(7, 3, 1, 1), unpadded = windowOf(14, 3, 1, 0);
  EXPECT_EQ(numbers(coverApart(small, 4)), numbers(cover(small, 4)));
  EXPECT_EQ(numbers(coverApart(unpadded, 4)), numbers(cover(unpadded, 4)));
}

TEST(Tile, EveryPixelIsCoveredOnce) {
  for (int64_t count : {1, 2, 5, 7, 14, 28})
    for (int64_t kernel : {1, 3, 5, 7})
      for (unsigned rows : {1, 2, 4}) {
        int64_t next = 0;
        for (const PixelRun &run :
             coverApart(windowOf(count, kernel, 1, kernel / 2), rows)) {
          EXPECT_EQ(run.start, next);
          next += run.rows * run.count;
        }
        EXPECT_EQ(next, count);
      }
}

// Of a size that a loop over its tiles would not end with.
TEST(Tile, HugeImagesAreAFewRuns) {
  int64_t count = int64_t(1) << 60;
  EXPECT_EQ(numbers(cover(windowOf(count, 3, 1, 1), 4)),
            (Expected{{0, 4, 1}, {4, 4, count / 4 - 2}, {count - 4, 4, 1}}));
}

} // namespace
