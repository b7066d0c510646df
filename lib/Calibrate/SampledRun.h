//===- SampledRun.h - A model made of another by samples --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_SAMPLEDRUN_H
#define MLC_CALIBRATE_SAMPLEDRUN_H

#include "Calibrate/AccuracyDrop.h"
#include "Calibrate/MixedPrecision.h"
#include "Calibrate/OutputError.h"
#include "Calibrate/Plan.h"
#include "Calibrate/Squares.h"
#include "Calibrate/StepClock.h"
#include "Calibrate/Weights.h"

namespace mlc::calibrate {

/// What pruning and factorising have in common: a model, its samples, how the
/// outputs of others are measured, and the budget.
class SampledRun {
public:
  virtual ~SampledRun() = default;

protected:
  /// `steps` are those of the progress.
  SampledRun(const std::string &path, const SampleOptions &options,
             const StepClock::Progress &progress, int steps)
      : path(path), options(options), clock(progress, steps) {}

  /// Keeps what can be changed of the layers of `plan`, which are those of the
  /// prepared model; an error where that is nothing.
  virtual llvm::Error begin() = 0;

  llvm::Error problem(const llvm::Twine &what) const {
    return llvm::createStringError(path + ": " + what);
  }
  bool hasSamples() const { return options.calibration != "none"; }

  /// Reads and prepares the model, opens the samples or makes some up, begins,
  /// and measures the outputs.
  llvm::Error open();
  /// The places of the smallest of `all` that loses no more than --max-drop by
  /// `dropOf`, as PrecisionChoices::smallest; what loses least where none does.
  using Drop =
      llvm::function_ref<llvm::Expected<double>(const PrecisionChoice &)>;
  llvm::Expected<std::vector<size_t>> smallestGood(const PrecisionChoices &all,
                                                   Drop dropOf, int tries);
  /// By layer of the plan, dB of its results in `made`, which has its values.
  llvm::Expected<std::vector<double>> resultSqnr(const onnx::ModelProto &made);

  /// Fills in what a report says of `made` as a whole.
  template <typename Report>
  llvm::Error judge(const onnx::ModelProto &made, Report &found) {
    llvm::Expected<double> error = outputs->of(made);
    if (!error)
      return error.takeError();
    found.outputSqnr = decibels(*error);
    if (drop) {
      llvm::Expected<double> lost = drop->of(made);
      if (!lost)
        return lost.takeError();
      found.drop = *lost;
    }
    found.samples = hasSamples() ? session->count() : 0;
    found.seconds = clock.seconds();
    return llvm::Error::success();
  }
  /// What of --max-drop is not met, "" where all is.
  std::string missedDrop(const std::optional<double> &lost) const;

  const std::string &path;
  const SampleOptions &options;
  StepClock clock;
  onnx::ModelProto model; ///< prepared
  RunOptions runOptions;
  std::optional<Session> session;
  std::optional<OutputError> outputs;
  std::optional<AccuracyDrop> drop;
  Plan plan;

private:
  llvm::Error openSession();
  llvm::Error makeUpSamples();
  llvm::Error measureOutputs();
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_SAMPLEDRUN_H
