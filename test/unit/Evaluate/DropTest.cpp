//===- DropTest.cpp - What a model loses against another ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluate/Drop.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace mlc;

namespace {

TEST(Drop, IsPointsOfPercent) {
  for (ScoreMetric metric :
       {ScoreMetric::Top1, ScoreMetric::Top5, ScoreMetric::Agreement}) {
    EXPECT_DOUBLE_EQ(dropBetween(metric, 91.5, 91.25), 0.25);
    EXPECT_DOUBLE_EQ(dropBetween(metric, 91.5, 92), -0.5);
  }
}

TEST(Drop, IsByHowManyPercentErrorsGrow) {
  for (ScoreMetric metric : {ScoreMetric::Mse, ScoreMetric::Rmse}) {
    EXPECT_DOUBLE_EQ(dropBetween(metric, 2, 2.5), 25);
    EXPECT_DOUBLE_EQ(dropBetween(metric, 2, 1), -50);
    EXPECT_EQ(dropBetween(metric, 0, 0), 0);
    EXPECT_TRUE(std::isinf(dropBetween(metric, 0, 1e-9)));
  }
}

TEST(Score, IsTheNumberOfTheMetric) {
  Evaluation evaluation;
  evaluation.metric = ScoreMetric::Top1;
  evaluation.model.count = {3, 4};
  EXPECT_DOUBLE_EQ(scoreOf(evaluation), 75);
  evaluation.metric = ScoreMetric::Agreement;
  EXPECT_EQ(scoreOf(evaluation), 0);
  evaluation.agreement = Count{1, 2};
  EXPECT_DOUBLE_EQ(scoreOf(evaluation), 50);
}

} // namespace
