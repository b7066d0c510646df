//===- Suite.h - Many cases, one line of JSON each --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs every case of a suite in a child process and prints, in the order of
// names, one line a case:
//
//   {"case":"test_relu","status":"passed","seconds":0.04}
//   {"case":"test_det","reason":"...","seconds":0.01,"status":"refused"}
//
// What a case is checked for is the caller's: see CaseCheck.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CHECK_SUITE_H
#define MLC_CHECK_SUITE_H

#include "Check/CaseData.h"
#include "Check/ForkPool.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace mlc {

enum class CaseStatus {
  Passed,
  /// A clean diagnostic: the case is not supported, or not a model.
  Refused,
  /// It compiled, and its answers are not the expected ones.
  Wrong,
  Crashed,
  Timeout,
};

llvm::StringRef name(CaseStatus status);

struct CaseOutcome {
  CaseStatus status = CaseStatus::Passed;
  /// Empty for Passed: why not, in one line or several.
  std::string reason;
  /// Free remark that does not change the status.
  std::string note;
};

using CaseCheck = llvm::function_ref<CaseOutcome(const CaseFiles &)>;

struct SuiteCounts {
  unsigned byStatus[5] = {};

  unsigned operator[](CaseStatus status) const {
    return byStatus[unsigned(status)];
  }
  unsigned &operator[](CaseStatus status) { return byStatus[unsigned(status)]; }
};

/// Checks all cases under `limits` and prints a line each to `os`. An error
/// only where processes cannot be started.
llvm::Expected<SuiteCounts> runSuite(llvm::ArrayRef<CaseFiles> cases,
                                     const ForkLimits &limits, CaseCheck check,
                                     llvm::raw_ostream &os);

} // namespace mlc

#endif // MLC_CHECK_SUITE_H
