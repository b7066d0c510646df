//===- ResizeTapsTest.cpp - Interpolation along one axis ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/ResizeTaps.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <numeric>

using namespace mlc;
using testing::ElementsAre;

namespace {

AxisResize axis(int64_t size, int64_t resized, Interpolation mode,
                ResizeCoordinates coordinates) {
  AxisResize a;
  a.size = size;
  a.resized = resized;
  a.scale = double(resized) / size;
  a.mode = mode;
  a.coordinates = coordinates;
  return a;
}

TEST(ResizeTaps, LinearWeighsTwoNeighbours) {
  AxisTaps taps = resizeTaps(
      axis(2, 4, Interpolation::linear, ResizeCoordinates::halfPixel));
  ASSERT_EQ(taps.taps, 2);
  // Elements 1 and 2 lie at 0.25 and 0.75.
  EXPECT_EQ(taps.indices[2], 0);
  EXPECT_EQ(taps.indices[3], 1);
  EXPECT_DOUBLE_EQ(taps.weights[2], 0.75);
  EXPECT_DOUBLE_EQ(taps.weights[3], 0.25);
  EXPECT_DOUBLE_EQ(taps.weights[4], 0.25);
  EXPECT_DOUBLE_EQ(taps.weights[5], 0.75);
}

TEST(ResizeTaps, IndicesStayInTheInput) {
  for (Interpolation mode :
       {Interpolation::nearest, Interpolation::linear, Interpolation::cubic})
    for (int64_t index :
         resizeTaps(axis(3, 11, mode, ResizeCoordinates::halfPixel)).indices) {
      EXPECT_GE(index, 0);
      EXPECT_LT(index, 3);
    }
}

TEST(ResizeTaps, WeightsOfAnElementSumToOne) {
  AxisResize a = axis(9, 4, Interpolation::cubic, ResizeCoordinates::halfPixel);
  for (bool antialias : {false, true}) {
    a.antialias = antialias;
    AxisTaps taps = resizeTaps(a);
    ASSERT_EQ(taps.weights.size(), size_t(4 * taps.taps));
    for (auto row = taps.weights.begin(); row != taps.weights.end();
         row += taps.taps)
      EXPECT_NEAR(std::accumulate(row, row + taps.taps, 0.0), 1, 1e-12);
  }
}

TEST(ResizeTaps, AntialiasTakesMoreTapsWhereItShrinks) {
  AxisResize a =
      axis(8, 2, Interpolation::linear, ResizeCoordinates::halfPixel);
  a.antialias = true;
  EXPECT_EQ(resizeTaps(a).taps, 8);
}

TEST(ResizeTaps, NearestModesDifferHalfway) {
  // Element 1 lies at 0.5.
  AxisResize a =
      axis(2, 4, Interpolation::nearest, ResizeCoordinates::asymmetric);
  auto at = [&](NearestMode mode) {
    a.nearest = mode;
    return resizeTaps(a).indices[1];
  };
  EXPECT_EQ(at(NearestMode::preferFloor), 0);
  EXPECT_EQ(at(NearestMode::preferCeil), 1);
  EXPECT_EQ(at(NearestMode::floor), 0);
  EXPECT_EQ(at(NearestMode::ceil), 1);
}

// Values are onnxruntime's.
TEST(ResizeTaps, NearestElementsDependOnTheLastBitOfF32) {
  AxisResize a =
      axis(22, 6, Interpolation::nearest, ResizeCoordinates::halfPixel);
  a.scale = 0.3f;
  // Element 4 lies at 14.499999: within a millionth of halfway.
  a.nearest = NearestMode::preferCeil;
  EXPECT_THAT(resizeTaps(a).indices, ElementsAre(1, 5, 8, 11, 15, 18));
  a.nearest = NearestMode::preferFloor;
  EXPECT_THAT(resizeTaps(a).indices, ElementsAre(1, 4, 8, 11, 14, 18));
  // (20 + 0.5) / 13.666667 - 0.5 is less than 1 only before it is rounded.
  AxisResize b = axis(3, 41, Interpolation::nearest,
                      ResizeCoordinates::halfPixelSymmetric);
  b.scale = 41.0f / 3.0f;
  b.nearest = NearestMode::floor;
  EXPECT_EQ(resizeTaps(b).indices[20], 0);
}

TEST(ResizeTaps, AlignedCornersTakeTheWholeSizeWhereTheScaleIsFractional) {
  AxisResize a =
      axis(3, 4, Interpolation::linear, ResizeCoordinates::alignCorners);
  a.scale = 1.5; // 4.5 elements, of which 4 are
  AxisTaps taps = resizeTaps(a);
  double last = 0;
  for (int64_t t = 0; t < taps.taps; ++t)
    last += taps.weights[3 * taps.taps + t] * taps.indices[3 * taps.taps + t];
  EXPECT_DOUBLE_EQ(last, 2);
}

TEST(ResizeTaps, AlignedCornersKeepTheEnds) {
  AxisTaps taps = resizeTaps(
      axis(3, 5, Interpolation::nearest, ResizeCoordinates::alignCorners));
  EXPECT_EQ(taps.indices.front(), 0);
  EXPECT_EQ(taps.indices.back(), 2);
}

TEST(ResizeTaps, CropsTellWhatLiesOutside) {
  AxisResize a =
      axis(4, 3, Interpolation::linear, ResizeCoordinates::tfCropAndResize);
  a.roiBegin = 0.5;
  a.roiEnd = 1.5;
  EXPECT_THAT(resizeTaps(a).inside, ElementsAre(true, true, false));
}

TEST(ResizeTaps, NamesAreOnnxs) {
  EXPECT_EQ(parseInterpolation("bilinear"), Interpolation::linear);
  EXPECT_EQ(parseInterpolation("sinc"), std::nullopt);
  EXPECT_EQ(parseCoordinates("align_corners"), ResizeCoordinates::alignCorners);
  EXPECT_EQ(parseCoordinates("centre"), std::nullopt);
  EXPECT_EQ(parseNearestMode("round_prefer_ceil"), NearestMode::preferCeil);
  EXPECT_EQ(parseNearestMode("round"), std::nullopt);
}

} // namespace
