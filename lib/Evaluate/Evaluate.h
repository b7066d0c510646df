//===- Evaluate.h - Judge a model with labelled samples ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a model, and with it another that it is to be like, on each sample of a
// data set (Samples.h), and adds up how good its outputs are. Models are known
// only as something that maps buffers to buffers.
//
//   EvaluateOptions options;
//   options.data = "test.npz";
//   Expected<Evaluation> result = evaluate(model, &reference, options);
//   result->model.percent()
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EVALUATE_EVALUATE_H
#define MLC_EVALUATE_EVALUATE_H

#include "Evaluate/Metrics.h"
#include "Samples/Samples.h"
#include "mlc/Options.h"

#include <functional>

namespace mlc {

struct EvaluatedModel {
  std::string name; ///< for messages
  std::vector<Samples::Wanted> inputs, outputs;
  /// Runs once, on a buffer for each of inputs and outputs.
  std::function<llvm::Error(llvm::ArrayRef<const void *>,
                            llvm::ArrayRef<void *>)>
      run;
};

struct EvaluateOptions {
  std::string data;
  ScoreMetric metric = ScoreMetric::Auto;
  std::string labels = "labels"; ///< the array's name
  /// Called before each sample.
  std::function<void(int64_t sample, int64_t count)> onSample;
};

/// How good a model is by itself: a count for top1 and top5, and for mse and
/// rmse the difference from the targets.
struct Score {
  Count count;
  Difference difference;
};

/// An output beside the reference's.
struct OutputDifference {
  std::string name;
  Difference difference;
};

struct Evaluation {
  ScoreMetric metric; ///< never Auto
  int64_t samples = 0;
  std::string output; ///< that is scored; "" where none is
  Score model, reference;
  /// Rows for which both models find one class the best; none where no output
  /// has scores.
  std::optional<Count> agreement;
  std::vector<OutputDifference> outputs; ///< empty without a reference
};

/// Scored is the first output that has scores of classes (Metrics.h), and of
/// mse and rmse the first output, whose targets are the array of its name, or
/// output_0 in folders of samples. Auto is top1 where there are labels, else
/// agreement. Errors: what cannot be scored, labels that are missing or name no
/// class, models that differ in their inputs or outputs, what Samples says.
llvm::Expected<Evaluation> evaluate(const EvaluatedModel &model,
                                    const EvaluatedModel *reference,
                                    const EvaluateOptions &options);

} // namespace mlc

#endif // MLC_EVALUATE_EVALUATE_H
