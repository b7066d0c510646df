//===- Timing.h - how long something takes ----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BENCH_TIMING_H
#define MLC_BENCH_TIMING_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace mlc {

struct RunLimits {
  unsigned runs = 0;  ///< exactly so many; 0: as many as `seconds` hold
  double seconds = 1; ///< but three runs at least
};

struct Times {
  double best = 0, median = 0; ///< milliseconds
  unsigned runs = 0;
};

/// Best and median (of an even number, the mean of the middle two). Zeros for
/// none.
Times summarize(std::vector<double> milliseconds);

/// Calls `run` once to warm up and then within `limits`. Errors are run's.
llvm::Expected<Times> timeRuns(llvm::function_ref<llvm::Error()> run,
                               const RunLimits &limits);

} // namespace mlc

#endif // MLC_BENCH_TIMING_H
