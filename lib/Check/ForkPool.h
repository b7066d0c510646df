//===- ForkPool.h - Jobs in child processes ---------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs many small jobs, each in a child process of its own, under limits of
// time and memory: a job that crashes, hangs or eats memory is a result, never
// the end of the run. Children are forked without exec, so that they start
// within a millisecond from what the parent has already loaded; therefore the
// parent must have no other threads.
//
//   runForked(cases.size(), {/*parallel=*/2, /*seconds=*/60},
//             [&](size_t i) { return check(cases[i]); },
//             [&](size_t i, JobResult r) { outs() << r.output << '\n'; });
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CHECK_FORKPOOL_H
#define MLC_CHECK_FORKPOOL_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace mlc {

struct ForkLimits {
  /// Children at a time.
  unsigned parallel = 1;
  /// Wall-clock seconds a job may take.
  unsigned seconds = 60;
  /// Bytes of address space a job may have; 0 sets no limit.
  uint64_t memory = 0;
};

struct JobResult {
  enum Kind { Finished, Crashed, TimedOut };
  Kind kind = Finished;
  /// Finished: what the job returned.
  std::string output;
  /// Crashed: the signal or exit status.
  std::string reason;
  /// The last 4 KiB that the job wrote to standard output and error.
  std::string log;
  double seconds = 0;
};

/// Runs `job` for 0 .. count-1 in children and hands each result to `done` in
/// the parent, in the order of the indices. An error only where the system has
/// no more processes or pipes.
llvm::Error runForked(size_t count, const ForkLimits &limits,
                      llvm::function_ref<std::string(size_t)> job,
                      llvm::function_ref<void(size_t, JobResult)> done);

} // namespace mlc

#endif // MLC_CHECK_FORKPOOL_H
