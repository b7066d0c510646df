//===- QuantizeCommand.cpp - mlc quantize ---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Shared.h"

using namespace llvm;
using namespace mlc;

QuantizeOptions mlc::quantizeOptions(const Options &given) {
  QuantizeOptions options;
  takeSampleOptions(given, options);
#define MLC_QUANTIZE_OPTION(TYPE, MEMBER, ...) options.MEMBER = given.MEMBER;
#include "mlc/Options.def"
  return options;
}

/// What is known before the work.
static Error checkOptions(const Options &given) {
  if (Error error =
          checkMade("quantize", given.quantizedFile, given.calibration))
    return error;
  if ((given.maxDrop || given.maxSize) && given.weightType == WeightType::Int4)
    return createStringError(
        "--weights=int4: with a budget another type is required, from which "
        "some layers go down to 4 bits");
  return Error::success();
}

/// Inputs of which nobody said the range, and the model does not either.
static Diagnostics unknownRanges(const QuantizeReport &report) {
  Diagnostics warnings;
  for (const UnseenInput &input : report.unseen)
    if (input.source == "nothing")
      warnings.push_back({Severity::Warning,
                          "",
                          "input '" + input.name + "'",
                          {},
                          "taken for " + input.look +
                              " without samples, in a range that "
                              "nothing tells: --input-range says it"});
  return warnings;
}

Result<bool> mlc::quantizeModel(const Options &given, const std::string &model,
                                const CommandOutput &output) {
  if (Error error = checkOptions(given))
    return diagnosticsOf(std::move(error));
  Result<QuantizedModel> quantized =
      quantize(model, quantizeOptions(given), tellShares(given, output));
  tellEnd(output);
  if (quantized && output.onWarnings)
    if (Diagnostics unknown = unknownRanges(quantized->report());
        !unknown.empty())
      output.onWarnings(unknown);
  return handOver(given, given.quantizedFile, quantized, output);
}
