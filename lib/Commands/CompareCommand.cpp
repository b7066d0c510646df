//===- CompareCommand.cpp - mlc check of two models -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Shared.h"

#include "mlc/Compare.h"

using namespace llvm;
using namespace mlc;

Result<bool> mlc::checkAgainst(const Options &given,
                               const std::string &reference,
                               const std::string &model,
                               const CommandOutput &output) {
  if (given.data.empty())
    return diagnosticsOf(createStringError(
        "check: of two models, --data is required, a file or folder of samples "
        "that both are run on"));
  CompareOptions options;
  static_cast<ModelOptions &>(options) = given;
  options.runThreads = given.runThreads;
  options.data = given.data;
  options.samples = given.comparedSamples;
  options.minSqnr = given.minSqnr;
  CompareProgress progress;
  if (output.onStep)
    progress = [&](const std::string &what, double share) {
      output.onStep(what, static_cast<unsigned>(share * 100), 100);
    };
  Result<ModelComparison> found =
      compareModels(reference, model, options, progress);
  tellEnd(output);
  if (!found)
    return found.errors();
  raw_os_ostream os(output.out);
  if (given.jsonFile != "-")
    os << found->text();
  if (Error error = writeReport(given.jsonFile, os,
                                [&](raw_ostream &to) { to << found->json(); }))
    return diagnosticsOf(std::move(error));
  return found->isWell();
}
