//===- Drop.cpp - What a model loses against another ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluate/Drop.h"

#include <limits>

using namespace mlc;

bool mlc::isCount(ScoreMetric metric) {
  return metric == ScoreMetric::Top1 || metric == ScoreMetric::Top5;
}

double mlc::valueOf(ScoreMetric metric, const Score &score) {
  if (isCount(metric))
    return score.count.percent();
  return metric == ScoreMetric::Mse ? score.difference.meanSquared()
                                    : score.difference.rootMeanSquared();
}

double mlc::scoreOf(const Evaluation &evaluation) {
  if (evaluation.metric != ScoreMetric::Agreement)
    return valueOf(evaluation.metric, evaluation.model);
  return evaluation.agreement ? evaluation.agreement->percent() : 0;
}

double mlc::dropBetween(ScoreMetric metric, double before, double after) {
  bool isError = metric == ScoreMetric::Mse || metric == ScoreMetric::Rmse;
  if (!isError)
    return before - after;
  if (after == before)
    return 0;
  return before > 0 ? 100 * (after / before - 1)
                    : std::numeric_limits<double>::infinity();
}
