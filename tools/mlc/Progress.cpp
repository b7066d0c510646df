//===- Progress.cpp - What commands show on standard error ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "Support/Printable.h"

#include "llvm/Support/Process.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

void showProgress(mlc::CompileOptions &options) {
  if (!sys::Process::StandardErrIsDisplayed())
    return;
  options.onPhase = [](StringRef phase, unsigned index, unsigned count) {
    errs() << "\r\033[K[" << index + 1 << "/" << count << "] " << phase;
    errs().flush();
  };
}

void printWarnings(const mlc::CompileReport &report) {
  for (const std::string &line : report.warnings)
    WithColor::warning(errs(), "mlc") << mlc::printable(line) << "\n";
}

void clearProgress() {
  if (sys::Process::StandardErrIsDisplayed())
    errs() << "\r\033[K";
}

Expected<std::string> oneModel(const CommandLine &line, StringRef command) {
  if (line.files.size() == 1)
    return line.files.front();
  if (line.files.empty())
    return createStringError(command + ": a model is required; mlc " + command +
                             " --help explains");
  return createStringError(command + ": one model is required, '" +
                           line.files[0] + "' and '" + line.files[1] +
                           "' are given");
}
