//===- Tuner.h - measure what the cost models guess -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every kernel is measured where it stands, in its model, so that caches hold
// what they hold in use. The model is compiled with the first candidate of each
// of its problems, then with the second, and so on; each such model runs in
// turns with the one that has none, and the best runs of each kernel compare.
// What was better is confirmed: the model with all that was better, compiled
// anew, runs against the other in some more rounds, and what is not better in
// each of them is dropped.
//
//   Tuner tuner(options);
//   Expected<TunedModel> tuned = tuner.tune("resnet50.onnx");
//   tuner.table().save("znver4.json");
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TUNE_TUNER_H
#define MLC_TUNE_TUNER_H

#include "Schedule/Table.h"
#include "Tune/TimedModel.h"
#include <set>

namespace mlc {

struct TuneOptions {
  /// How models are compiled, for one target, which this machine is. Its
  /// schedule is what candidates have to beat.
  CompileOptions compile;
  TimedOptions run;
  double seconds = 1;       ///< a pair of models takes turns for so long
  unsigned candidates = 16; ///< of each problem, at most
  unsigned rounds = 2;      ///< of confirmation, at least 1
  double margin = 0.03;     ///< of the time that is to be gained, or none is
  /// Called before each pair, with its number among all: progress for people.
  std::function<void(llvm::StringRef model, unsigned index, unsigned count)>
      onStep;
};

/// What one model has shown.
struct TunedModel {
  unsigned problems = 0; ///< that were measured in it
  /// The new entries, in the table's order.
  std::vector<ScheduleEntry> entries;
  /// Of all operators, in the last round, without and with the entries of the
  /// table that were left for it.
  double usualMs = 0, ms = 0;
};

class Tuner {
public:
  explicit Tuner(TuneOptions options);

  /// Measures the problems of `model` that no model before had. Errors are the
  /// compiler's.
  llvm::Expected<TunedModel> tune(llvm::StringRef model);

  /// All entries so far.
  const ScheduleTable &table() const { return decided; }

private:
  TuneOptions options;
  ScheduleTable decided;
  std::set<std::string> measured; ///< problems

  friend class ModelTuner;
};

} // namespace mlc

#endif // MLC_TUNE_TUNER_H
