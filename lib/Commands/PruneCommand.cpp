//===- PruneCommand.cpp - mlc prune ---------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Shared.h"

using namespace llvm;
using namespace mlc;

PruneOptions mlc::pruneOptions(const Options &given) {
  PruneOptions options;
  takeSampleOptions(given, options);
#define MLC_PRUNE_OPTION(TYPE, MEMBER, ...) options.MEMBER = given.MEMBER;
#include "mlc/Options.def"
  return options;
}

Result<bool> mlc::pruneModel(const Options &given, const std::string &model,
                             const CommandOutput &output) {
  if (Error error = checkMade("prune", given.prunedFile, given.calibration))
    return diagnosticsOf(std::move(error));
  Result<PrunedModel> pruned =
      prune(model, pruneOptions(given), tellShares(given, output));
  tellEnd(output);
  return handOver(given, given.prunedFile, pruned, output);
}
