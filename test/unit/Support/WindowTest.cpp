//===- WindowTest.cpp - A sliding window along one dimension --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/Window.h"
#include "gtest/gtest.h"

using namespace mlc;

namespace {

/// Counted one by one.
int64_t tapsOneByOne(const Window &window) {
  int64_t taps = 0;
  for (int64_t out = 0; out < window.count; ++out)
    for (int64_t k = 0; k < window.kernel; ++k)
      taps += window.inside(out, k);
  return taps;
}

TEST(Window, CountsWhatLiesInside) {
  for (int64_t extent = 1; extent <= 9; ++extent)
    for (int64_t kernel = 1; kernel <= 4; ++kernel)
      for (int64_t stride = 1; stride <= 3; ++stride)
        for (int64_t dilation = 1; dilation <= 3; ++dilation)
          for (int64_t pad = 0; pad <= 3; ++pad) {
            Window window{extent, 0, kernel, stride, dilation, pad};
            window.count = window.fitting(pad);
            EXPECT_EQ(window.tapsInside(), tapsOneByOne(window));
            for (int64_t out = 0; out < window.count; ++out) {
              auto [from, to] = window.insideAt(out);
              for (int64_t k = 0; k < kernel; ++k)
                EXPECT_EQ(window.inside(out, k), k >= from && k < to);
            }
            // The last window ends inside the padded input, one more does not.
            int64_t end = window.at(window.count - 1, kernel - 1);
            if (window.count > 0) {
              EXPECT_LT(end, extent + pad);
            }
            EXPECT_GE(end + stride, extent + pad);
          }
}

// Of a size that a loop over its windows would not end with.
TEST(Window, CountsHugeImages) {
  int64_t extent = int64_t(1) << 60;
  EXPECT_EQ((Window{extent, extent, 3, 1, 1, 1}.tapsInside()), 3 * extent - 2);
}

TEST(Window, DoesNotFitWhereItIsLonger) {
  EXPECT_EQ((Window{2, 0, 3, 1, 1, 0}.fitting(0)), 0);
  EXPECT_EQ((Window{2, 0, 3, 1, 1, 1}.fitting(0)), 1);
  EXPECT_EQ((Window{2, 0, 2, 1, 4, 0}.fitting(0)), 0);
}

// A further window begins inside of the input or of the padding before it.
TEST(Window, CountsRoundedUp) {
  EXPECT_EQ((Window{6, 0, 2, 2, 1, 0}.fittingRoundedUp(0)), 3);
  EXPECT_EQ((Window{7, 0, 2, 2, 1, 0}.fittingRoundedUp(0)), 4);
  EXPECT_EQ((Window{7, 0, 2, 3, 1, 0}.fittingRoundedUp(0)), 3);
  EXPECT_EQ((Window{4, 0, 1, 3, 1, 0}.fittingRoundedUp(1)), 2);
  EXPECT_EQ((Window{2, 0, 3, 2, 1, 0}.fittingRoundedUp(0)), 0);
}

TEST(Window, IsPlainWhereNothingSlides) {
  EXPECT_TRUE((Window{8, 8, 1, 1, 1, 0}.isPlain()));
  EXPECT_TRUE((Window{8, 8, 1, 1, 3, 0}.isPlain()));
  EXPECT_FALSE((Window{8, 4, 1, 2, 1, 0}.isPlain()));
  EXPECT_FALSE((Window{8, 9, 1, 1, 1, 1}.isPlain()));
  EXPECT_FALSE((Window{8, 8, 3, 1, 1, 1}.isPlain()));
}

} // namespace
