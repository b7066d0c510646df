//===- Profile.h - the time of each operator --------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The other end of CompileOptions::profile: what code compiled so calls when an
// operator is done.
//
//   auto model = compileForHost(profiled, Profile::symbols());
//   Profile profile;
//   if (Error e = profile.record([&] { return model->runInto(in, out); }))
//     return e;
//   profile.best()[3]                      // ms of the fourth operator
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BENCH_PROFILE_H
#define MLC_BENCH_PROFILE_H

#include "Execute/JitCode.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <chrono>

namespace mlc {

class Trace;

class Profile {
public:
  /// What code may call; the same for every profile of the process.
  static llvm::ArrayRef<JitSymbol> symbols();

  /// Runs `run`, which runs profiled code once on this thread, and takes the
  /// times of its operators; `trace` is told of them as well. Errors are run's.
  /// Profiled code that runs outside of this leaves no trace.
  llvm::Error record(llvm::function_ref<llvm::Error()> run,
                     Trace *trace = nullptr);

  /// Of each operator, in milliseconds, the shortest time that all its visits
  /// in one run took together.
  llvm::ArrayRef<double> best() const { return shortest; }
  /// How often the last run visited each.
  llvm::ArrayRef<unsigned> visits() const { return counts; }
  unsigned runs() const { return runCount; }

  /// -1: a run begins; else: the operator of that index is done.
  void mark(int64_t index);

private:
  using Clock = std::chrono::steady_clock;

  std::vector<double> shortest, current;
  std::vector<unsigned> counts;
  Clock::time_point last;
  Trace *told = nullptr; ///< while it records
  unsigned runCount = 0;
};

} // namespace mlc

#endif // MLC_BENCH_PROFILE_H
