//===- Compressor.h - The steps of mlc compress -----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMMANDS_COMPRESSOR_H
#define MLC_COMMANDS_COMPRESSOR_H

#include "Commands/Score.h"

#include "Compress/CompressReport.h"
#include "Compress/WorkFolder.h"

#include <chrono>

namespace mlc {

/// Makes candidates of a model, as compress::Search wants them, with mlc prune
/// and mlc quantize, and measures each on this machine.
class Compressor {
public:
  /// All must outlive this. Required options are given.
  Compressor(const Options &given, const std::string &model,
             const CommandOutput &output);

  /// Writes the result and the reports. Errors: what mlc compile says of the
  /// model; samples that do not fit it; no step can be done.
  llvm::Expected<compress::CompressReport> run();

private:
  llvm::Error open();
  llvm::Error openBase();
  llvm::Error search();
  /// Makes a candidate and measures it. Errors are those of the search; why it
  /// alone cannot be made is the record's.
  llvm::Error attempt(const compress::Proposal &proposal);
  llvm::Expected<compress::Record> make(const compress::Recipe &recipe);
  llvm::Error makeModel(const compress::Recipe &recipe, std::string &failure);
  llvm::Expected<compress::Record> judge(const compress::Recipe &recipe);
  llvm::Error measure(const compress::Proposal &proposal,
                      const compress::Record &record);
  llvm::Error timeFront();
  llvm::Error writeBest();
  llvm::Error writeReports();

  /// The file that a recipe is compiled from: its own, or the model as it was.
  std::string fileOf(const compress::Recipe &recipe) const;
  Options optionsFor(const compress::Recipe &recipe) const;
  const compress::Candidate *find(const compress::Recipe &recipe) const;
  double dropLeft(const compress::Recipe &recipe) const;
  llvm::Expected<Evaluation> evaluateOn(const compress::Recipe &recipe,
                                        const std::string &data);
  bool isTimeUp() const;
  /// Tells of steps of `recipe`.
  CommandOutput outputFor(const compress::Recipe &recipe) const;

  const Options &given;
  const std::string &model;
  const CommandOutput &output;
  std::chrono::steady_clock::time_point start;
  std::optional<compress::WorkFolder> folder;
  std::optional<compress::Search> candidates;
  std::unique_ptr<HostModel> base; ///< that agreement is with
  double baseScore = 0;
  compress::CompressReport report;
};

} // namespace mlc

#endif // MLC_COMMANDS_COMPRESSOR_H
