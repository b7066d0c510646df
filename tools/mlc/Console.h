//===- Console.h - What people see on standard error ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TOOLS_CONSOLE_H
#define MLC_TOOLS_CONSOLE_H

#include "mlc/Diagnostics.h"

/// "mlc: error: ..." a line each, in colours on a terminal.
void printDiagnostics(const mlc::Diagnostics &diagnostics);
/// Exit statuses: what went wrong is the model, a file or the machine; the
/// command line; or nothing but that a check, a score or a budget was missed.
enum ExitStatus {
  exitSuccess = 0,
  exitFailure = 1,
  exitUsage = 2,
  exitMissed = 3
};

/// Prints what is wrong with a command line, an error a line; its status.
int printUsageErrors(const std::vector<std::string> &lines);

/// Shows a step while standard error is a terminal; an empty one takes the last
/// off it.
void showStep(const std::string &what, unsigned index, unsigned count);

#endif // MLC_TOOLS_CONSOLE_H
