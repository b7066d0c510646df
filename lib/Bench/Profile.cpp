//===- Profile.cpp - the time of each operator ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench/Profile.h"
#include "Bench/Trace.h"
#include "llvm/ADT/ScopeExit.h"
#include <limits>

using namespace llvm;
using namespace mlc;

/// Generated code knows no more than a name; who listens is a matter of the
/// thread that runs it.
static thread_local Profile *listener = nullptr;

static void markListener(int64_t index) {
  if (listener)
    listener->mark(index);
}

ArrayRef<JitSymbol> Profile::symbols() {
  static const JitSymbol all[] = {
      {"mlc_profile_mark", reinterpret_cast<void *>(&markListener)}};
  return all;
}

void Profile::mark(int64_t index) {
  Clock::time_point now = Clock::now();
  if (index >= 0) {
    if (size_t(index) >= current.size()) {
      current.resize(index + 1, 0);
      counts.resize(index + 1, 0);
    }
    current[index] +=
        std::chrono::duration<double, std::milli>(now - last).count();
    ++counts[index];
    if (told)
      told->addKernel(index, last, now);
  }
  // What this function took is nobody's.
  last = Clock::now();
}

Error Profile::record(function_ref<Error()> run, Trace *trace) {
  current.assign(current.size(), 0);
  counts.assign(counts.size(), 0);
  listener = this;
  told = trace;
  llvm::scope_exit reset([&] {
    listener = nullptr;
    told = nullptr;
  });
  last = Clock::now();
  if (trace)
    trace->beginRun(last);
  if (Error error = run())
    return error;
  if (trace)
    trace->endRun(Clock::now());
  ++runCount;
  shortest.resize(current.size(), std::numeric_limits<double>::infinity());
  for (auto [best, now] : zip(shortest, current))
    best = std::min(best, now);
  return Error::success();
}
