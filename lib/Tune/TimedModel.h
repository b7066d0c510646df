//===- TimedModel.h - a model to be timed -----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TUNE_TIMEDMODEL_H
#define MLC_TUNE_TIMEDMODEL_H

#include "Bench/Profile.h"
#include "Pipeline/HostModel.h"

namespace mlc {

struct TimedOptions {
  unsigned threads = 1;   ///< to run on
  uint64_t seed = 0;      ///< of random inputs
  bool isProfiled = true; ///< operator by operator
  Trace *trace = nullptr; ///< of profiled runs; outlives the model
};

/// A compiled model with what it runs on: random inputs, room for its outputs
/// and its threads.
class TimedModel {
public:
  /// `graph` is at any phase.
  static llvm::Expected<TimedModel>
  create(ModelGraph graph, CompileOptions compile, const TimedOptions &options);

  llvm::Error run() { return executable->runInto(inputs, outputs); }
  /// Runs once and takes the times of its operators.
  llvm::Error runProfiled() {
    return recorded.record([&] { return run(); }, trace);
  }

  /// Forgets the times so far.
  void restart() { recorded = Profile(); }

  const CompileReport &report() const { return executable->report(); }
  const Profile &profile() const { return recorded; }

private:
  std::unique_ptr<HostModel> executable;
  std::vector<Tensor> inputs, outputs;
  Profile recorded;
  Trace *trace = nullptr;
};

} // namespace mlc

#endif // MLC_TUNE_TIMEDMODEL_H
