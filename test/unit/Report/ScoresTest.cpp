//===- ScoresTest.cpp - One number for a model --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report/Scores.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlc;
using testing::ElementsAre;

namespace {

// Accuracies, parameters and multiply-accumulates as published of
// MobileNetV2, ResNet-50 and VGG-16.
TEST(NetScore, IsThatOfPublishedFigures) {
  EXPECT_NEAR(netScore(72.0, 3.4, 0.300), 74.21, 0.005);
  EXPECT_NEAR(netScore(76.13, 25.56, 4.09), 55.07, 0.005);
  EXPECT_NEAR(netScore(71.5, 138.36, 15.5), 40.86, 0.005);
}

TEST(NetScore, GrowsWithAccuracyAndFallsWithCost) {
  double base = netScore(70, 4, 1);
  EXPECT_NEAR(netScore(70, 1, 1) - base, 10 * std::log10(4), 1e-9);
  EXPECT_NEAR(netScore(70, 4, 0.1) - base, 10, 1e-9);
  EXPECT_GT(netScore(71, 4, 1), base);
}

TEST(InformationDensity, IsAShare) {
  EXPECT_DOUBLE_EQ(informationDensity(72, 4), 18);
}

TEST(ParetoFront, HasWhatNothingBeats) {
  EXPECT_THAT(paretoFront({{1, 5}, {2, 2}, {5, 1}, {3, 3}, {2, 4}}),
              ElementsAre(true, true, true, false, false));
}

TEST(ParetoFront, HasEqualOnesAndASingleOne) {
  EXPECT_THAT(paretoFront({{1, 2}, {1, 2}}), ElementsAre(true, true));
  EXPECT_THAT(paretoFront({{7}}), ElementsAre(true));
  EXPECT_TRUE(paretoFront({}).empty());
}

} // namespace
