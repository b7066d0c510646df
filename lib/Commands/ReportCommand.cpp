//===- ReportCommand.cpp - mlc report -------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Figures.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mlc;

static Error run(const Options &given, const std::vector<std::string> &models,
                 const CommandOutput &output, raw_ostream &os) {
  if (given.metric == ScoreMetric::Agreement)
    return createStringError("--metric=agreement: is with another model, which "
                             "mlc eval --reference compares with");
  ModelReport report;
  for (const std::string &path : models) {
    Expected<ModelFigures> figures = figuresOf(given, path, output);
    if (!figures)
      return figures.takeError();
    report.models.push_back(std::move(*figures));
  }
  if (!given.quiet)
    report.writeText(os);
  if (Error error = writeReport(given.jsonFile, os, [&](raw_ostream &to) {
        to << formatv("{0:2}\n", report.toJSON());
      }))
    return error;
  return writeReport(given.htmlFile, os,
                     [&](raw_ostream &to) { report.writeHtml(to); });
}

Result<void> mlc::reportModels(const Options &options,
                               const std::vector<std::string> &models,
                               const CommandOutput &output) {
  raw_os_ostream os(output.out);
  if (Error error = run(options, models, output, os))
    return diagnosticsOf(std::move(error));
  return {};
}
