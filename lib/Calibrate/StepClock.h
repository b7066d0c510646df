//===- StepClock.h - How far a work of several steps is ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_STEPCLOCK_H
#define MLC_CALIBRATE_STEPCLOCK_H

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>

namespace mlc::calibrate {

/// Turns shares of steps into a share of all and the time that is left.
class StepClock {
public:
  using Progress = std::function<void(const std::string &what, double share,
                                      double secondsLeft)>;

  StepClock(const Progress &progress, int steps)
      : progress(progress), steps(steps), begin(now()) {}

  /// Behind those that began, so many more will.
  void expect(int more) { steps = step + more; }

  /// A share of 0 begins the next step.
  void tell(const std::string &what, double share) {
    if (share == 0)
      ++step;
    if (!progress)
      return;
    double done = std::min(1.0, (step - 1 + share) / steps);
    progress(what, done, done > 0 ? seconds() * (1 - done) / done : -1);
  }
  /// The same for what tells shares; this must outlive it.
  std::function<void(const std::string &what, double share)> teller() {
    return [this](const std::string &what, double share) { tell(what, share); };
  }
  double seconds() const {
    return std::chrono::duration<double>(now() - begin).count();
  }

private:
  using Instant = std::chrono::steady_clock::time_point;
  static Instant now() { return std::chrono::steady_clock::now(); }

  const Progress &progress;
  int steps, step = 0;
  Instant begin;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_STEPCLOCK_H
