//===- BenchCommand.cpp - mlc bench ---------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Shared.h"

#include "Bench/Report.h"
#include "Tune/TimedModel.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlc;

namespace {

/// What the two compilations of a model, with and without marks, share.
struct Bench {
  CompileOptions options;
  TimedOptions timing;
  RunLimits limits;
  const CommandOutput &output;
  ModelGraph graph;
};

} // namespace

static Expected<CompileOptions> readOptions(const Options &given,
                                            const std::string &model) {
  if (given.device != "cpu")
    return createStringError("--target=" + given.device +
                             ": bench runs on this machine, 'cpu' is required");
  Expected<CompileOptions> options =
      resolveForHost(given, given.hostCpu, given.runThreads);
  if (options)
    options->model = model;
  return options;
}

static Expected<TimedModel> compile(const Bench &bench, bool isProfiled) {
  CompileOptions options = bench.options;
  tellPhases(options, bench.output);
  TimedOptions timing = bench.timing;
  timing.isProfiled = isProfiled;
  auto model = TimedModel::create(bench.graph.clone(), options, timing);
  tellEnd(bench.output);
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
    row.node = call.node.isKnown() ? call.node.name : call.place;
    row.op = call.node.op;
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

static Error timeModel(const Bench &bench, BenchReport &report) {
  Expected<TimedModel> timed = compile(bench, /*isProfiled=*/false);
  if (!timed)
    return timed.takeError();
  tellWarnings(timed->report(), bench.output);
  Expected<Times> times = timeRuns([&] { return timed->run(); }, bench.limits);
  if (!times)
    return times.takeError();
  report.times = *times;
  return Error::success();
}

static Error timeOperators(const Bench &bench, BenchReport &report) {
  Expected<TimedModel> timed = compile(bench, /*isProfiled=*/true);
  if (!timed)
    return timed.takeError();
  // The first run only warms up.
  if (Error error = timed->run())
    return error;
  Expected<Times> times =
      timeRuns([&] { return timed->runProfiled(); }, bench.limits);
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

static Error measure(const Bench &bench, BenchReport &report) {
  const TargetInfo &info = bench.options.targets.front();
  report.model = sys::path::stem(bench.options.model).str();
  report.target = info.name == "native" ? info.cpu : info.name;
  report.vectorBits = info.vectorBits;
  report.threads = bench.timing.threads;
  if (Error error = timeModel(bench, report))
    return error;
  // Only now is it known that this machine can run the target's code.
  Expected<Machine> machine = measureMachine(info);
  if (!machine)
    return machine.takeError();
  report.machine = *machine;
  if (Error error = timeOperators(bench, report))
    return error;
  return checkPeak(info, report);
}

static Error run(const Options &given, const std::string &model,
                 const CommandOutput &output, raw_ostream &os) {
  Expected<CompileOptions> options = readOptions(given, model);
  if (!options)
    return options.takeError();
  Expected<ModelGraph> graph = ModelGraph::import(*options);
  if (!graph)
    return graph.takeError();
  Bench bench{std::move(*options),
              {given.runThreads, given.seed, /*isProfiled=*/false},
              {given.runs, given.seconds},
              output,
              std::move(*graph)};
  BenchReport report;
  if (Error error = measure(bench, report))
    return error;
  if (!given.quiet)
    report.writeText(os);
  if (Error error = writeReport(given.jsonFile, os, [&](raw_ostream &to) {
        to << formatv("{0:2}\n", report.toJSON());
      }))
    return error;
  return writeReport(given.htmlFile, os,
                     [&](raw_ostream &to) { report.writeHtml(to); });
}

Result<void> mlc::benchModel(const Options &options, const std::string &model,
                             const CommandOutput &output) {
  raw_os_ostream os(output.out);
  if (Error error = run(options, model, output, os))
    return diagnosticsOf(std::move(error));
  return {};
}
