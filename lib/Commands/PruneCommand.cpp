//===- PruneCommand.cpp - mlc prune ---------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Shared.h"

#include "mlc/Prune.h"

using namespace llvm;
using namespace mlc;

static PruneOptions readOptions(const Options &given) {
  PruneOptions options;
  static_cast<ModelOptions &>(options) = given;
  options.runThreads = given.runThreads;
#define MLC_SAMPLES_OPTION(TYPE, MEMBER, ...) options.MEMBER = given.MEMBER;
#define MLC_PRUNE_OPTION MLC_SAMPLES_OPTION
#include "mlc/Options.def"
  return options;
}

Result<bool> mlc::pruneModel(const Options &given, const std::string &model,
                             const CommandOutput &output) {
  if (Error error = checkMade("prune", given.prunedFile, given.calibration))
    return diagnosticsOf(std::move(error));
  Result<PrunedModel> pruned =
      prune(model, readOptions(given), tellShares(given, output));
  tellEnd(output);
  if (!pruned)
    return pruned.errors();
  if (Result<void> written = pruned->write(given.prunedFile); !written)
    return written.errors();
  raw_os_ostream os(output.out);
  const PruneReport &report = pruned->report();
  if (!given.quiet)
    os << given.prunedFile << ": " << report.summary() << "\n";
  // For people, or for programs.
  if (Error error = writeReport(given.reportFile, os, [&](raw_ostream &to) {
        to << (given.reportFile == "-" ? report.text() : report.json());
      }))
    return diagnosticsOf(std::move(error));
  // What comes closest has been written.
  tellMissed(given.prunedFile, report.missed, output);
  return report.missed.empty();
}
