//===- TuneCommand.cpp - mlc tune -----------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Shared.h"

#include "Tune/Tuner.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlc;

static Expected<TuneOptions> readOptions(const Options &given,
                                         const CommandOutput &output) {
  if (given.tableFile.empty())
    return createStringError("tune: -o is required, the table's file");
  Expected<CompileOptions> compile =
      resolveForHost(given, given.hostCpu, given.runThreads);
  if (!compile)
    return compile.takeError();
  TuneOptions options;
  options.compile = std::move(*compile);
  options.run = {given.runThreads, given.seed, /*isProfiled=*/true};
  options.seconds = given.seconds;
  options.candidates = given.candidates;
  options.rounds = given.rounds;
  options.margin = given.margin;
  if (output.onStep)
    options.onStep = [&output](StringRef model, unsigned index,
                               unsigned count) {
      output.onStep(sys::path::stem(model).str(), index, count);
    };
  return options;
}

static void print(StringRef model, const TunedModel &tuned, raw_ostream &os) {
  os << sys::path::stem(model) << ": " << tuned.problems
     << " kernels measured, " << tuned.entries.size()
     << " decided anew; operators "
     << format("%.3f ms -> %.3f ms\n", tuned.usualMs, tuned.ms);
  for (const ScheduleEntry &entry : tuned.entries)
    os << format("  %8.4f -> %8.4f ms  %3.0f%%  ", entry.usualMs, entry.ms,
                 100 * (entry.ms / entry.usualMs - 1))
       << left_justify(entry.decision.str(entry.problem), 14)
       << entry.problem.str() << "\n";
  os.flush();
}

static Error run(const Options &given, ArrayRef<std::string> models,
                 const CommandOutput &output, raw_ostream &os) {
  Expected<TuneOptions> options = readOptions(given, output);
  if (!options)
    return options.takeError();
  Tuner tuner(std::move(*options));
  for (const std::string &model : models) {
    Expected<TunedModel> tuned = tuner.tune(model);
    tellEnd(output);
    if (!tuned)
      return tuned.takeError();
    if (!given.quiet)
      print(model, *tuned, os);
    // Each time: what was measured survives whatever comes.
    if (Error error = tuner.table().save(given.tableFile))
      return error;
  }
  if (!given.quiet)
    os << given.tableFile << ": " << tuner.table().size() << " entries for "
       << tuner.table().cpuText() << "\n";
  return Error::success();
}

Result<void> mlc::tuneModels(const Options &options,
                             const std::vector<std::string> &models,
                             const CommandOutput &output) {
  raw_os_ostream os(output.out);
  if (Error error = run(options, models, output, os))
    return diagnosticsOf(std::move(error));
  return {};
}
