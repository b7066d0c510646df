//===- QuantizeCommand.cpp - mlc quantize ---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Shared.h"

#include "mlc/Quantize.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"

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
  if (given.quantizedFile.empty())
    return createStringError("quantize: -o is required, the file to write");
  if (given.calibration.empty())
    return createStringError("quantize: --calibration is required, a file or "
                             "folder of samples");
  if (given.maxDrop && given.budgetData.empty())
    return createStringError("--max-drop: --eval is required, the labelled "
                             "samples that it is measured on");
  if ((given.maxDrop || given.maxSize) && given.weightType == WeightType::Int4)
    return createStringError(
        "--weights=int4: with a budget another type is required, from which "
        "some layers go down to 4 bits");
  StringRef folder = sys::path::parent_path(given.quantizedFile);
  if (std::error_code wrong = sys::fs::access(folder.empty() ? "." : folder,
                                              sys::fs::AccessMode::Write))
    return createStringError(given.quantizedFile +
                             ": cannot be written: " + wrong.message());
  return Error::success();
}

Result<void> mlc::quantizeModel(const Options &given, const std::string &model,
                                const CommandOutput &output) {
  if (Error error = checkOptions(given))
    return diagnosticsOf(std::move(error));
  QuantizeProgress progress;
  if (output.onStep && !given.quiet)
    progress = [&](const std::string &what, double share, double left) {
      std::string text = what;
      if (left >= 0)
        raw_string_ostream(text) << format(", %.0f s left", left);
      output.onStep(text, static_cast<unsigned>(share * 100), 100);
    };
  Result<QuantizedModel> quantized =
      quantize(model, readOptions(given), progress);
  tellEnd(output);
  if (!quantized)
    return quantized.errors();
  if (Result<void> written = quantized->write(given.quantizedFile); !written)
    return written;
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
  if (const std::string &missed = quantized->report().missed; !missed.empty())
    return diagnosticsOf(
        createStringError(given.quantizedFile + ": " + missed));
  return {};
}
