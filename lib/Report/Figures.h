//===- Figures.h - What a report tells of models ------------------*- C++
//-*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One ModelReport, and three ways to show it: tables for the terminal, JSON for
// programs, a page with plots for people. Nothing is counted here: sizes are
// those of the contract, operations and bytes those of the kernels
// (KernelOpInterface), times mlc bench's.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_REPORT_FIGURES_H
#define MLC_REPORT_FIGURES_H

#include "Report/Energy.h"
#include "Report/Scores.h"
#include "mlc/Options.h"

namespace mlc {

/// What samples say of a model.
struct ModelScore {
  ScoreMetric metric = ScoreMetric::Top1; ///< never Auto
  double value = 0; ///< percent of top1 and top5, else the difference
  int64_t samples = 0;

  bool isPercent() const {
    return metric == ScoreMetric::Top1 || metric == ScoreMetric::Top5;
  }
};

struct ModelFigures {
  std::string name;
  /// Numbers in constants; without those that are 0; bits of all together.
  uint64_t parameters = 0, nonZeroParameters = 0, parameterBits = 0;
  uint64_t macs = 0; ///< of the model's definition
  /// In the library: loaded bytes.
  uint64_t weightsBytes = 0, codeBytes = 0;
  uint64_t arenaBytes = 0; ///< for the threads that the model runs on
  uint64_t stackBytes = 0;
  /// Rows of its kernels; its times and the machine where it ran.
  BenchReport bench;
  std::optional<ModelScore> score;

  bool isMeasured() const { return bench.times.runs > 0; }
  uint64_t flashBytes() const { return weightsBytes + codeBytes; }
  uint64_t memoryBytes() const { return arenaBytes + stackBytes; }
  /// As many numbers of 32 bits as the parameters have bits.
  double bitWeightedParameters() const { return parameterBits / 32.0; }
  /// Multiply-accumulates that the code does: without padding, without zeros
  /// that are left out, in Winograd's form where that is chosen.
  uint64_t executedMacs() const;
  uint64_t movedBytes() const; ///< read and written by kernels
  Energy energy() const;
  Energy energyOf(const OperatorRow &row) const;
  /// Milliseconds by the limits of the machine, which was measured: the longer
  /// of its operations at the peak, and of what L2 does not hold at the rate of
  /// memory. A vector holds so much more of narrower elements.
  double estimatedMs(const OperatorRow &row) const;
  double estimatedMs() const;
  /// Of an accuracy in percent, with these parameters, which are above 0.
  std::optional<double> netScoreWith(double parameters) const;
  std::optional<double> densityWith(double parameters) const;
};

struct ModelReport {
  std::vector<ModelFigures> models;

  bool isMeasured() const;
  /// Whether each has a score, of one kind.
  bool isScored() const;
  /// On the Pareto front of: time where all were measured, flash, memory,
  /// energy, and the score where all have one.
  llvm::SmallVector<bool> front() const;

  void writeText(llvm::raw_ostream &os) const;
  llvm::json::Value toJSON() const;
  /// One self-contained page.
  void writeHtml(llvm::raw_ostream &os) const;
};

} // namespace mlc

#endif // MLC_REPORT_FIGURES_H
