//===- CompressCommand.cpp - mlc compress ---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Compressor.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mlc;

/// What is known before the work.
static Error checkOptions(const Options &given) {
  auto require = [](bool isGiven, const char *text) {
    return isGiven ? Error::success()
                   : createStringError("compress: " + std::string(text));
  };
  if (Error error = require(!given.compressFolder.empty(),
                            "-o is required, the folder to write"))
    return error;
  if (Error error = require(!given.calibration.empty(),
                            "--calibration is required, a file or folder of "
                            "samples"))
    return error;
  if (Error error = require(!given.budgetData.empty(),
                            "--eval is required, samples that candidates are "
                            "judged on"))
    return error;
  if (Error error = require(given.maxDrop.has_value(),
                            "--max-drop is required, what the model may lose"))
    return error;
  return require(given.calibration != "none",
                 "--calibration=none: samples are required");
}

static Expected<bool> run(const Options &given, const std::string &model,
                          const CommandOutput &output) {
  if (Error error = checkOptions(given))
    return std::move(error);
  auto report = Compressor(given, model, output).run();
  tellEnd(output);
  if (!report)
    return report.takeError();
  raw_os_ostream os(output.out);
  if (!given.quiet) {
    report->writeText(os);
    os << given.compressFolder << ": " << report->summary() << '\n';
  }
  if (Error error = writeReport(given.jsonFile, os, [&](raw_ostream &to) {
        to << formatv("{0:2}\n", report->toJSON());
      }))
    return std::move(error);
  if (output.onWarnings && !report->missed.empty())
    output.onWarnings(diagnosticsOf(
        createStringError(given.compressFolder + ": " + report->missed)));
  return report->missed.empty();
}

Result<bool> mlc::compressModel(const Options &options,
                                const std::string &model,
                                const CommandOutput &output) {
  Expected<bool> result = run(options, model, output);
  if (!result)
    return diagnosticsOf(result.takeError());
  return *result;
}
