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

static cl::SubCommand
    scope("tune", "Measure on this machine how kernels of models are fastest, "
                  "for mlc compile --schedule");

static cl::list<std::string> models(cl::Positional, cl::desc("<model.onnx>..."),
                                    cl::sub(scope));
static cl::opt<std::string> output("o", cl::desc("The table to write (JSON)"),
                                   cl::value_desc("file"), cl::sub(scope));
static cl::opt<std::string>
    cpu("cpu",
        cl::desc("The CPU to generate code for, one that this machine's code "
                 "can be; the table counts for it alone (default: native)"),
        cl::value_desc("name"), cl::init("native"), cl::sub(scope));
static cl::opt<double>
    seconds("seconds",
            cl::desc("Time to spend on each candidate of all kernels of a "
                     "model; several times sixteen candidates make a table "
                     "(default: 1)"),
            cl::init(1), cl::sub(scope));
static cl::opt<unsigned>
    candidates("candidates",
               cl::desc("How many to try for a kernel, at most (default: 16)"),
               cl::value_desc("number"), cl::init(16), cl::sub(scope));
static cl::opt<unsigned>
    rounds("rounds",
           cl::desc("How often a decision must gain again to be kept "
                    "(default: 2)"),
           cl::value_desc("number"), cl::init(2), cl::sub(scope));
static cl::opt<double>
    margin("margin",
           cl::desc("Share of a kernel's time that a decision must gain each "
                    "time (default: 0.03)"),
           cl::value_desc("share"), cl::init(0.03), cl::sub(scope));
static cl::opt<uint64_t> seed("seed", cl::desc("Of random inputs"), cl::init(0),
                              cl::sub(scope));
static cl::opt<bool> quiet("q", cl::desc("Print no table"), cl::sub(scope));
static ImportFlags importFlags(scope);
static NumericFlags numericFlags(scope);
static ScheduleFlag scheduleFlag(scope);
static ThreadsFlag threads(scope);

static Error checkFlags() {
  if (models.empty())
    return createStringError(
        "tune: a model is required; mlc tune --help explains");
  if (output.empty())
    return createStringError("tune: -o is required, the table's file");
  if (!(seconds >= 0 && seconds <= 3600))
    return createStringError("--seconds: 0 to 3600 is required");
  if (!(margin >= 0 && margin < 1))
    return createStringError("--margin: 0 to less than 1 is required");
  if (rounds < 1)
    return createStringError("--rounds: at least 1 is required");
  if (candidates < 1)
    return createStringError("--candidates: at least 1 is required");
  return Error::success();
}

static void showStep(StringRef model, unsigned index, unsigned count) {
  if (sys::Process::StandardErrIsDisplayed())
    errs() << "\r\033[K" << sys::path::stem(model) << " [" << index + 1 << "/"
           << count << "]";
}

static Expected<TuneOptions> readOptions() {
  if (Error error = checkFlags())
    return std::move(error);
  TuneOptions options;
  Expected<ImportOptions> import = importFlags.parse();
  if (!import)
    return import.takeError();
  options.compile.import = std::move(*import);
  if (Error error = numericFlags.apply(options.compile))
    return std::move(error);
  if (Error error = scheduleFlag.apply(options.compile))
    return std::move(error);
  if (Error error = setHostCpu(options.compile, cpu))
    return std::move(error);
  if (Error error = threads.apply(options.compile))
    return std::move(error);
  options.run = {threads.threads, seed, /*isProfiled=*/true};
  options.seconds = seconds;
  options.candidates = candidates;
  options.rounds = rounds;
  options.margin = margin;
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

static Expected<int> run() {
  Expected<TuneOptions> options = readOptions();
  if (!options)
    return options.takeError();
  Tuner tuner(std::move(*options));
  for (const std::string &model : models) {
    Expected<TunedModel> tuned = tuner.tune(model);
    clearProgress();
    if (!tuned)
      return tuned.takeError();
    if (!quiet)
      print(model, *tuned);
    // Each time: what was measured survives whatever comes.
    if (Error error = tuner.table().save(output))
      return error;
  }
  if (!quiet)
    outs() << output << ": " << tuner.table().size() << " entries for "
           << tuner.table().cpuText() << "\n";
  return 0;
}

Command tuneCommand() { return {&scope, run}; }
