//===- PruneRun.h - What all prunings have in common ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_PRUNERUN_H
#define MLC_CALIBRATE_PRUNERUN_H

#include "Calibrate/SampledRun.h"

#include "mlc/Prune.h"

namespace mlc::calibrate {

/// The steps of a pruning, and its report.
class PruneRun : public SampledRun {
public:
  llvm::Expected<PrunedModel> run();

protected:
  PruneRun(const std::string &path, const PruneOptions &options,
           const PruneProgress &progress, int steps)
      : SampledRun(path, options, progress, steps), options(options) {}

  /// Chooses and prunes; `pruned` is then the result.
  virtual llvm::Error prune() = 0;
  /// Fills the report's layers.
  virtual llvm::Error reportLayers() = 0;
  /// What weights became, for messages.
  virtual const char *gone() const = 0;

  /// Rows of the report with what is known of any layer of `result`, which has
  /// the values of the plan.
  llvm::Expected<std::vector<PrunedLayer>>
  layerRows(const onnx::ModelProto &result);

  const PruneOptions &options;
  onnx::ModelProto pruned;
  PruneReport found;

private:
  llvm::Error report();
  void checkBudget();
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_PRUNERUN_H
