//===- QuantizeCommand.cpp - mlc quantize ---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Shared.h"

#include "mlc/Quantize.h"

using namespace llvm;
using namespace mlc;

static QuantizeOptions readOptions(const Options &given) {
  QuantizeOptions options;
  static_cast<ModelOptions &>(options) = given;
  options.runThreads = given.runThreads;
#define MLC_QUANTIZE_OPTION(TYPE, MEMBER, ...) options.MEMBER = given.MEMBER;
#include "mlc/Options.def"
  return options;
}

/// What is known before the work.
static Error checkOptions(const Options &given) {
  if (Error error =
          checkMade("quantize", given.quantizedFile, given.calibration))
    return error;
  if (given.maxDrop && given.budgetData.empty())
    return createStringError("--max-drop: --eval is required, the labelled "
                             "samples that it is measured on");
  if ((given.maxDrop || given.maxSize) && given.weightType == WeightType::Int4)
    return createStringError(
        "--weights=int4: with a budget another type is required, from which "
        "some layers go down to 4 bits");
  return Error::success();
}

Result<bool> mlc::quantizeModel(const Options &given, const std::string &model,
                                const CommandOutput &output) {
  if (Error error = checkOptions(given))
    return diagnosticsOf(std::move(error));
  Result<QuantizedModel> quantized =
      quantize(model, readOptions(given), tellShares(given, output));
  tellEnd(output);
  if (!quantized)
    return quantized.errors();
  if (Result<void> written = quantized->write(given.quantizedFile); !written)
    return written.errors();
  raw_os_ostream os(output.out);
  if (!given.quiet)
    os << given.quantizedFile << ": " << quantized->report().summary() << "\n";
  // For people, or for programs.
  if (Error error = writeReport(given.reportFile, os, [&](raw_ostream &to) {
        const QuantizeReport &report = quantized->report();
        to << (given.reportFile == "-" ? report.text() : report.json());
      }))
    return diagnosticsOf(std::move(error));
  // What comes closest has been written.
  const std::string &missed = quantized->report().missed;
  tellMissed(given.quantizedFile, missed, output);
  return missed.empty();
}
