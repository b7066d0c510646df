//===- Candidates.h - decisions worth measuring -----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `mlc tune` tries besides what would be done anyway: the other algorithms
// within the error, and the tiles that the cost model ranks next.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SCHEDULE_CANDIDATES_H
#define MLC_SCHEDULE_CANDIDATES_H

#include "Schedule/Table.h"

namespace mlc {

struct CandidateOptions {
  const TargetInfo &target;
  int64_t block; ///< output channels per packed block of weights
  double maxUlp; ///< of algorithms' errors
  unsigned most; ///< candidates a problem
  /// Whether f16 are summed in f16 where the target does, as --precision=f16
  /// has it; a model of f16 by itself has sums of f32.
  bool sumsF16 = false;
};

/// Candidates for `problem`, the most promising first, all of which the target
/// can compute; `present` is what the schedule says now, null for nothing.
std::vector<Decision> candidatesOf(const Problem &problem,
                                   const ScheduleEntry *present,
                                   const CandidateOptions &options);

} // namespace mlc

#endif // MLC_SCHEDULE_CANDIDATES_H
