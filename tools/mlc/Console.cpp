//===- Console.cpp - What people see on standard error --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Console.h"

#include <cstdlib>
#include <iostream>
#include <unistd.h>

using namespace mlc;

static bool isTerminal() { return isatty(STDERR_FILENO); }

/// Whether the terminal takes a line back and knows colours.
static bool isSmart() {
  const char *term = std::getenv("TERM");
  return isTerminal() && term && std::string(term) != "dumb";
}

static bool hasColours() { return isSmart() && !std::getenv("NO_COLOR"); }

void printDiagnostics(const Diagnostics &diagnostics) {
  std::cout.flush();
  for (const Diagnostic &diagnostic : diagnostics) {
    bool isError = diagnostic.severity == Severity::Error;
    std::string kind = isError ? "error: " : "warning: ";
    if (hasColours())
      kind = (isError ? "\033[0;1;31m" : "\033[0;1;35m") + kind + "\033[0m";
    std::cerr << "mlc: " << kind << diagnostic.text() << '\n';
  }
}

int printUsageErrors(const std::vector<std::string> &lines) {
  Diagnostics diagnostics;
  for (const std::string &line : lines)
    diagnostics.emplace_back().message = line;
  printDiagnostics(diagnostics);
  return exitUsage;
}

void showStep(const std::string &what, unsigned index, unsigned count) {
  if (!isSmart())
    return;
  std::cerr << "\r\033[K";
  if (!what.empty())
    std::cerr << "[" << index + 1 << "/" << count << "] " << what;
  std::cerr.flush();
}
