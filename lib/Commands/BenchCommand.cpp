//===- BenchCommand.cpp - mlc bench ---------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Measure.h"

#include "Bench/Trace.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mlc;

static Error run(const Options &given, const std::string &model,
                 const CommandOutput &output, raw_ostream &os) {
  if (given.device != "cpu")
    return createStringError("--target=" + given.device +
                             ": bench runs on this machine, 'cpu' is required");
  Expected<CompileOptions> options = hostOptions(given, model);
  if (!options)
    return options.takeError();
  Expected<Measurement> measurement =
      readModel(given, std::move(*options), output);
  if (!measurement)
    return measurement.takeError();
  Trace trace;
  if (!given.traceFile.empty())
    measurement->timing.trace = &trace;
  Expected<BenchReport> report = measure(*measurement);
  if (!report)
    return report.takeError();
  if (!given.quiet)
    report->writeText(os);
  if (Error error = writeReport(given.jsonFile, os, [&](raw_ostream &to) {
        to << formatv("{0:2}\n", report->toJSON());
      }))
    return error;
  if (Error error = writeReport(given.traceFile, os, [&](raw_ostream &to) {
        writeTrace(*report, trace, to);
      }))
    return error;
  return writeReport(given.htmlFile, os,
                     [&](raw_ostream &to) { report->writeHtml(to); });
}

Result<void> mlc::benchModel(const Options &options, const std::string &model,
                             const CommandOutput &output) {
  raw_os_ostream os(output.out);
  if (Error error = run(options, model, output, os))
    return diagnosticsOf(std::move(error));
  return {};
}
