//===- BenchCommand.cpp - mlc bench ---------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "Bench/Report.h"
#include "Support/AtomicFile.h"
#include "Tune/TimedModel.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlc;

static Expected<CompileOptions> readOptions(const CommandLine &line) {
  Expected<std::string> model = oneModel(line, "bench");
  if (!model)
    return model.takeError();
  const Options &given = line.options;
  if (given.device != "cpu")
    return createStringError("--target=" + given.device +
                             ": bench runs on this machine, 'cpu' is required");
  Expected<CompileOptions> options =
      resolveForHost(given, given.hostCpu, given.runThreads);
  if (options)
    options->model = *model;
  return options;
}

static Expected<TimedModel> compile(CompileOptions options, TimedOptions timed,
                                    bool isProfiled) {
  showProgress(options);
  timed.isProfiled = isProfiled;
  auto model = TimedModel::create(options, timed);
  clearProgress();
  return model;
}

/// Times of the operators join what the compiler knows of their kernels.
static std::vector<OperatorRow> rowsOf(const CompileReport &report,
                                       const Profile &profile) {
  StringMap<const KernelInfo *> kernels;
  for (const KernelInfo &kernel : report.kernels)
    kernels[kernel.function] = &kernel;
  std::vector<OperatorRow> rows;
  for (auto [i, call] : enumerate(report.calls)) {
    if (i >= profile.best().size() || profile.visits()[i] == 0)
      continue;
    const KernelInfo &kernel = *kernels.lookup(call.function);
    uint64_t visits = profile.visits()[i];
    OperatorRow row;
    row.setNode(call.node);
    row.kernel = kernel.kind;
    row.function = kernel.function;
    row.element = kernel.element;
    row.detail = kernel.detail;
    row.ms = profile.best()[i];
    row.visits = visits;
    row.operations = visits * kernel.operations;
    row.nominal = visits * kernel.nominalOperations;
    row.bytes = visits * (kernel.inputBytes + kernel.outputBytes);
    rows.push_back(std::move(row));
  }
  return rows;
}

static Error timeModel(const CompileOptions &options,
                       const TimedOptions &timing, const RunLimits &limits,
                       BenchReport &report) {
  Expected<TimedModel> timed = compile(options, timing, /*isProfiled=*/false);
  if (!timed)
    return timed.takeError();
  printWarnings(timed->report());
  Expected<Times> times = timeRuns([&] { return timed->run(); }, limits);
  if (!times)
    return times.takeError();
  report.times = *times;
  return Error::success();
}

static Error timeOperators(const CompileOptions &options,
                           const TimedOptions &timing, const RunLimits &limits,
                           BenchReport &report) {
  Expected<TimedModel> timed = compile(options, timing, /*isProfiled=*/true);
  if (!timed)
    return timed.takeError();
  // The first run only warms up.
  if (Error error = timed->run())
    return error;
  Expected<Times> times =
      timeRuns([&] { return timed->runProfiled(); }, limits);
  if (!times)
    return times.takeError();
  report.profiledRuns = timed->profile().runs();
  report.rows = rowsOf(timed->report(), timed->profile());
  return Error::success();
}

/// A busy machine may have hidden its peak: look again before complaining.
static Error checkPeak(const TargetInfo &info, BenchReport &report) {
  constexpr int tries = 5;
  for (int i = 0; i < tries; ++i) {
    Error error = checkRates(report);
    if (!error)
      return Error::success();
    consumeError(std::move(error));
    Expected<double> again = measurePeak(info, 0.3);
    if (!again)
      return again.takeError();
    report.machine.peakGflops = std::max(report.machine.peakGflops, *again);
  }
  return checkRates(report);
}

static Error writeFile(StringRef path,
                       function_ref<void(raw_ostream &)> write) {
  if (path.empty())
    return Error::success();
  if (path == "-") {
    write(outs());
    return Error::success();
  }
  return writeFileAtomically(path, [&](raw_pwrite_stream &os) {
    write(os);
    return Error::success();
  });
}

Expected<int> runBench(const CommandLine &line) {
  const Options &given = line.options;
  Expected<CompileOptions> options = readOptions(line);
  if (!options)
    return options.takeError();
  const TargetInfo &info = options->targets.front();
  RunLimits limits{given.runs, given.seconds};
  TimedOptions timing{given.runThreads, given.seed, /*isProfiled=*/false};
  BenchReport report;
  report.model = sys::path::stem(options->model).str();
  report.target = info.name == "native" ? info.cpu : info.name;
  report.vectorBits = info.vectorBits;
  report.threads = given.runThreads;
  if (Error error = timeModel(*options, timing, limits, report))
    return error;
  // Only now is it known that this machine can run the target's code.
  Expected<Machine> machine = measureMachine(info);
  if (!machine)
    return machine.takeError();
  report.machine = *machine;
  if (Error error = timeOperators(*options, timing, limits, report))
    return error;
  if (Error error = checkPeak(info, report))
    return error;
  if (!given.quiet)
    report.writeText(outs());
  if (Error error = writeFile(given.jsonFile, [&](raw_ostream &os) {
        os << formatv("{0:2}\n", report.toJSON());
      }))
    return error;
  if (Error error = writeFile(given.htmlFile,
                              [&](raw_ostream &os) { report.writeHtml(os); }))
    return error;
  return 0;
}
