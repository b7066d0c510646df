//===- TuneCommand.cpp - mlc tune -----------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "Tune/Tuner.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

using namespace llvm;
using namespace mlc;

static void showStep(StringRef model, unsigned index, unsigned count) {
  if (sys::Process::StandardErrIsDisplayed())
    errs() << "\r\033[K" << sys::path::stem(model) << " [" << index + 1 << "/"
           << count << "]";
}

static Expected<TuneOptions> readOptions(const CommandLine &line) {
  const Options &given = line.options;
  if (line.files.empty())
    return createStringError(
        "tune: a model is required; mlc tune --help explains");
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
  options.onStep = showStep;
  return options;
}

static void print(StringRef model, const TunedModel &tuned) {
  outs() << sys::path::stem(model) << ": " << tuned.problems
         << " kernels measured, " << tuned.entries.size()
         << " decided anew; operators "
         << format("%.3f ms -> %.3f ms\n", tuned.usualMs, tuned.ms);
  for (const ScheduleEntry &entry : tuned.entries)
    outs() << format("  %8.4f -> %8.4f ms  %3.0f%%  ", entry.usualMs, entry.ms,
                     100 * (entry.ms / entry.usualMs - 1))
           << left_justify(entry.decision.str(entry.problem), 14)
           << entry.problem.str() << "\n";
  outs().flush();
}

Expected<int> runTune(const CommandLine &line) {
  const Options &given = line.options;
  Expected<TuneOptions> options = readOptions(line);
  if (!options)
    return options.takeError();
  Tuner tuner(std::move(*options));
  for (const std::string &model : line.files) {
    Expected<TunedModel> tuned = tuner.tune(model);
    clearProgress();
    if (!tuned)
      return tuned.takeError();
    if (!given.quiet)
      print(model, *tuned);
    // Each time: what was measured survives whatever comes.
    if (Error error = tuner.table().save(given.tableFile))
      return error;
  }
  if (!given.quiet)
    outs() << given.tableFile << ": " << tuner.table().size() << " entries for "
           << tuner.table().cpuText() << "\n";
  return 0;
}
