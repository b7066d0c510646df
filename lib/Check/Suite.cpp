//===- Suite.cpp - Many cases, one line of JSON each ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check/Suite.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

#include <cmath>

using namespace llvm;

namespace mlc {

static constexpr StringLiteral kNames[] = {"passed", "refused", "wrong",
                                           "crashed", "timeout"};

StringRef name(CaseStatus status) { return kNames[unsigned(status)]; }

/// The pipe carries one digit, the reason, a zero byte and the note.
static std::string encode(const CaseOutcome &outcome) {
  std::string text(1, char('0' + unsigned(outcome.status)));
  return text + outcome.reason + '\0' + outcome.note;
}

static CaseOutcome decode(StringRef text) {
  CaseOutcome outcome;
  outcome.status = CaseStatus(text.front() - '0');
  auto [reason, note] = text.drop_front().split('\0');
  outcome.reason = reason.str();
  outcome.note = note.str();
  return outcome;
}

static CaseOutcome outcomeOf(const JobResult &result, unsigned seconds) {
  switch (result.kind) {
  case JobResult::Finished:
    if (!result.output.empty())
      return decode(result.output);
    return {CaseStatus::Crashed, "it ended without a result", result.log};
  case JobResult::Crashed:
    return {CaseStatus::Crashed, result.reason, result.log};
  case JobResult::TimedOut:
    return {CaseStatus::Timeout, "not done after " + utostr(seconds) + " s",
            result.log};
  }
  llvm_unreachable("all kinds are handled");
}

static void printLine(raw_ostream &os, StringRef caseName,
                      const CaseOutcome &outcome, double seconds) {
  json::Object line{{"case", json::fixUTF8(caseName)},
                    {"status", name(outcome.status)},
                    {"seconds", std::round(seconds * 1000) / 1000}};
  if (!outcome.reason.empty())
    line["reason"] = json::fixUTF8(outcome.reason);
  if (!outcome.note.empty())
    line["note"] = json::fixUTF8(outcome.note);
  os << json::Value(std::move(line)) << '\n';
  os.flush();
}

Expected<SuiteCounts> runSuite(ArrayRef<CaseFiles> cases,
                               const ForkLimits &limits, CaseCheck check,
                               raw_ostream &os) {
  SuiteCounts counts;
  Error error = runForked(
      cases.size(), limits, [&](size_t i) { return encode(check(cases[i])); },
      [&](size_t i, JobResult result) {
        CaseOutcome outcome = outcomeOf(result, limits.seconds);
        ++counts[outcome.status];
        printLine(os, cases[i].name, outcome, result.seconds);
      });
  if (error)
    return std::move(error);
  return counts;
}

} // namespace mlc
