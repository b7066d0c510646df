//===- Candidate.h - A model that was made and measured ----------*- C++
//-*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMPRESS_CANDIDATE_H
#define MLC_COMPRESS_CANDIDATE_H

#include "Compress/Search.h"
#include "Report/Figures.h"

namespace mlc::compress {

struct Candidate {
  Recipe recipe;
  std::string model; ///< the file to compile
  double drop = 0;   ///< against the model as it was
  ModelFigures figures;
  std::optional<Outcome> expected; ///< before it was made
  bool isOnFront = false;

  Outcome outcome() const {
    return {drop, double(figures.flashBytes()), figures.bench.times.best};
  }
};

/// What is asked of the result.
struct Budget {
  double drop = 0;
  std::optional<uint64_t> bytes; ///< of weights and code
  std::optional<double> ms;
  CompressGoal goal = CompressGoal::Balance;
};

/// Marks the candidates that no other one beats in drop, flash, memory, time
/// and energy at once.
void markFront(std::vector<Candidate> &candidates);

/// Of those that keep the budget the one that is best for its goal; where none
/// does, the one that exceeds it least. The first candidate is the model as it
/// was.
size_t choose(llvm::ArrayRef<Candidate> candidates, const Budget &budget);

/// What of the budget a candidate misses, "" where nothing.
std::string missed(const Candidate &candidate, const Budget &budget);

} // namespace mlc::compress

#endif // MLC_COMPRESS_CANDIDATE_H
