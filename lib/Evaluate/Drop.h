//===- Drop.h - What a model loses against another ----------------*- C++
//-*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EVALUATE_DROP_H
#define MLC_EVALUATE_DROP_H

#include "Evaluate/Evaluate.h"

namespace mlc {

/// Whether a metric is a share of rows whose labels are known, in percent.
bool isCount(ScoreMetric metric);
/// How good a model is by itself, by a metric that is not agreement: percent of
/// a count, or the difference.
double valueOf(ScoreMetric metric, const Score &score);
/// The number of an evaluation's metric, agreement too, in percent.
double scoreOf(const Evaluation &evaluation);

/// What is lost between the scores of a model and of what was made of it:
/// points of percent of top1, top5 and agreement; percent by which mse or rmse
/// grow. Below 0 where the second is better.
double dropBetween(ScoreMetric metric, double before, double after);

} // namespace mlc

#endif // MLC_EVALUATE_DROP_H
