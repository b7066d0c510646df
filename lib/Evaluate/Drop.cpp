//===- Drop.cpp - What a model loses against another ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluate/Drop.h"

#include <limits>

using namespace mlc;

double mlc::scoreOf(const Evaluation &evaluation) {
  switch (evaluation.metric) {
  case ScoreMetric::Mse:
    return evaluation.model.difference.meanSquared();
  case ScoreMetric::Rmse:
    return evaluation.model.difference.rootMeanSquared();
  case ScoreMetric::Agreement:
    return evaluation.agreement ? evaluation.agreement->percent() : 0;
  default:
    return evaluation.model.count.percent();
  }
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
