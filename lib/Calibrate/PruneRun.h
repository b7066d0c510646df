//===- PruneRun.h - What all prunings have in common ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_PRUNERUN_H
#define MLC_CALIBRATE_PRUNERUN_H

#include "Calibrate/AccuracyDrop.h"
#include "Calibrate/MixedPrecision.h"
#include "Calibrate/OutputError.h"
#include "Calibrate/Plan.h"
#include "Calibrate/StepClock.h"
#include "Calibrate/Weights.h"

#include "mlc/Prune.h"

namespace mlc::calibrate {

/// A model, its samples, how the outputs of others are measured, and the
/// budget.
class PruneRun {
public:
  virtual ~PruneRun() = default;

  llvm::Expected<PrunedModel> run();

protected:
  /// `steps` are those of the progress.
  PruneRun(const std::string &path, const PruneOptions &options,
           const PruneProgress &progress, int steps)
      : path(path), options(options), clock(progress, steps) {}

  /// Keeps what can be pruned of the layers of `plan`, which are those of the
  /// prepared model; an error where that is nothing.
  virtual llvm::Error begin() = 0;
  /// Chooses and prunes; `pruned` is then the result.
  virtual llvm::Error prune() = 0;
  /// Fills the report's layers.
  virtual llvm::Error reportLayers() = 0;
  /// What weights became, for messages.
  virtual const char *gone() const = 0;

  llvm::Error problem(const llvm::Twine &what) const {
    return llvm::createStringError(path + ": " + what);
  }
  /// The places of the smallest of `all` that loses no more than --max-drop by
  /// `dropOf`, as PrecisionChoices::smallest; what loses least where none does.
  using Drop =
      llvm::function_ref<llvm::Expected<double>(const PrecisionChoice &)>;
  llvm::Expected<std::vector<size_t>> smallestGood(const PrecisionChoices &all,
                                                   Drop dropOf, int tries);
  /// Rows of the report with what is known of any layer of `result`, which has
  /// the values of the plan.
  llvm::Expected<std::vector<PrunedLayer>>
  layerRows(const onnx::ModelProto &result);

  const std::string &path;
  const PruneOptions &options;
  StepClock clock;
  onnx::ModelProto model; ///< prepared
  RunOptions runOptions;
  std::optional<Session> session;
  std::optional<OutputError> outputs;
  std::optional<AccuracyDrop> drop;
  Plan plan;
  onnx::ModelProto pruned;
  PruneReport found;

private:
  llvm::Error open();
  llvm::Error measureOutputs();
  llvm::Error report();
  void checkBudget();
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_PRUNERUN_H
