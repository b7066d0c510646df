//===- Timing.cpp - how long something takes ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench/Timing.h"
#include <algorithm>
#include <chrono>

using namespace llvm;
using namespace mlc;

Times mlc::summarize(std::vector<double> milliseconds) {
  Times times;
  times.runs = milliseconds.size();
  if (milliseconds.empty())
    return times;
  llvm::sort(milliseconds);
  size_t middle = milliseconds.size() / 2;
  times.best = milliseconds.front();
  times.median = milliseconds.size() % 2
                     ? milliseconds[middle]
                     : (milliseconds[middle - 1] + milliseconds[middle]) / 2;
  return times;
}

Expected<Times> mlc::timeRuns(function_ref<Error()> run,
                              const RunLimits &limits) {
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::duration<double, std::milli>;
  constexpr size_t leastRuns = 3;
  if (Error error = run())
    return std::move(error);
  std::vector<double> all;
  double spent = 0;
  auto isDone = [&] {
    return limits.runs
               ? all.size() >= limits.runs
               : all.size() >= leastRuns && spent >= limits.seconds * 1e3;
  };
  while (!isDone()) {
    Clock::time_point start = Clock::now();
    if (Error error = run())
      return std::move(error);
    all.push_back(Milliseconds(Clock::now() - start).count());
    spent += all.back();
  }
  return summarize(std::move(all));
}
