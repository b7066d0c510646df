//===- PhaseClock.h - How long phases take ----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_PHASECLOCK_H
#define MLC_PIPELINE_PHASECLOCK_H

#include "Pipeline/Compiler.h"

#include <chrono>

namespace mlc {

/// Times phases and tells of them, of those that come for each CPU the first
/// time. The last one ends with it, so that `times` has to be there until then.
class PhaseClock {
public:
  PhaseClock(const CompileOptions &options, std::vector<PhaseTime> &times)
      : options(options), times(times) {}
  ~PhaseClock() { end(); }

  void begin(llvm::StringRef phase);
  void end();

private:
  const CompileOptions &options;
  std::vector<PhaseTime> &times;
  size_t current = 0; ///< in `times`
  std::chrono::steady_clock::time_point start;
  bool isRunning = false;
};

} // namespace mlc

#endif // MLC_PIPELINE_PHASECLOCK_H
