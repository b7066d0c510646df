//===- Measure.cpp - A model timed on this machine ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Measure.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlc;

Expected<CompileOptions> mlc::hostOptions(const Options &given,
                                          const std::string &model) {
  Expected<CompileOptions> options =
      resolveForHost(given, given.hostCpu, given.runThreads);
  if (options)
    options->model = model;
  return options;
}

Expected<Measurement> mlc::readModel(const Options &given,
                                     CompileOptions options,
                                     const CommandOutput &output) {
  Expected<ModelGraph> graph = ModelGraph::import(options);
  if (!graph)
    return graph.takeError();
  return Measurement{std::move(options),
                     {given.runThreads, given.seed, /*isProfiled=*/false},
                     {given.runs, given.seconds},
                     output,
                     std::move(*graph)};
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// One visit of `call`, as the compiler knows it.
static OperatorRow rowOf(const KernelCall &call, const KernelInfo &kernel) {
  OperatorRow row;
  row.node = call.node.isKnown() ? call.node.name : call.place;
  row.op = call.node.op;
  row.kernel = kernel.kind;
  row.function = kernel.function;
  row.element = kernel.element;
  row.detail = kernel.detail;
  row.visits = 1;
  row.operations = kernel.operations;
  row.nominal = kernel.nominalOperations;
  row.macs = kernel.macs;
  row.bytes = kernel.inputBytes + kernel.outputBytes;
  row.weightBytes = kernel.weightBytes;
  return row;
}

std::vector<OperatorRow> mlc::rowsOf(const CompileReport &report) {
  StringMap<const KernelInfo *> kernels;
  for (const KernelInfo &kernel : report.kernels)
    kernels[kernel.function] = &kernel;
  std::vector<OperatorRow> rows;
  for (auto [i, call] : enumerate(report.calls)) {
    rows.push_back(rowOf(call, *kernels.lookup(call.function)));
    rows.back().call = i;
  }
  return rows;
}

/// Those that were visited, with their times.
static std::vector<OperatorRow> timedRowsOf(const CompileReport &report,
                                            const Profile &profile) {
  std::vector<OperatorRow> rows;
  for (OperatorRow &row : rowsOf(report)) {
    uint64_t visits =
        row.call < profile.visits().size() ? profile.visits()[row.call] : 0;
    if (visits == 0)
      continue;
    row.ms = profile.best()[row.call];
    row.visits = visits;
    row.operations *= visits;
    row.nominal *= visits;
    row.macs *= visits;
    row.bytes *= visits;
    rows.push_back(std::move(row));
  }
  return rows;
}

//===----------------------------------------------------------------------===//
// Times
//===----------------------------------------------------------------------===//

static Expected<TimedModel> compile(const Measurement &measurement,
                                    bool isProfiled) {
  CompileOptions options = measurement.options;
  tellPhases(options, measurement.output);
  TimedOptions timing = measurement.timing;
  timing.isProfiled = isProfiled;
  if (!isProfiled)
    timing.trace = nullptr;
  auto model = TimedModel::create(measurement.graph.clone(), options, timing);
  tellEnd(measurement.output);
  return model;
}

static Error timeModel(const Measurement &measurement, BenchReport &report) {
  Expected<TimedModel> timed = compile(measurement, /*isProfiled=*/false);
  if (!timed)
    return timed.takeError();
  tellWarnings(timed->report(), measurement.output);
  Expected<Times> times =
      timeRuns([&] { return timed->run(); }, measurement.limits);
  if (!times)
    return times.takeError();
  report.times = *times;
  return Error::success();
}

static Error timeOperators(const Measurement &measurement,
                           BenchReport &report) {
  Expected<TimedModel> timed = compile(measurement, /*isProfiled=*/true);
  if (!timed)
    return timed.takeError();
  // The first run only warms up.
  if (Error error = timed->run())
    return error;
  Expected<Times> times =
      timeRuns([&] { return timed->runProfiled(); }, measurement.limits);
  if (!times)
    return times.takeError();
  report.profiledRuns = timed->profile().runs();
  report.rows = timedRowsOf(timed->report(), timed->profile());
  return Error::success();
}

/// The best of all turns, and the middle of their medians.
static Times together(ArrayRef<Times> turns) {
  std::vector<double> medians;
  Times result = turns.front();
  result.runs = 0;
  for (const Times &times : turns) {
    medians.push_back(times.median);
    result.best = std::min(result.best, times.best);
    result.runs += times.runs;
  }
  result.median = summarize(std::move(medians)).median;
  return result;
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

BenchReport mlc::headOf(const Measurement &measurement) {
  const TargetInfo &info = measurement.options.targets.front();
  BenchReport report;
  report.model = sys::path::stem(measurement.options.model).str();
  report.target = info.name == "native" ? info.cpu : info.name;
  report.vectorBits = info.vectorBits;
  report.l2Bytes = info.l2;
  report.threads = measurement.timing.threads;
  return report;
}

Expected<BenchReport> mlc::measure(const Measurement &measurement) {
  const TargetInfo &info = measurement.options.targets.front();
  BenchReport report = headOf(measurement);
  if (Error error = timeModel(measurement, report))
    return std::move(error);
  // Only now is it known that this machine can run the target's code.
  Expected<Machine> machine = measureMachine(info);
  if (!machine)
    return machine.takeError();
  report.machine = *machine;
  if (Error error = timeOperators(measurement, report))
    return std::move(error);
  if (Error error = checkPeak(info, report))
    return std::move(error);
  return report;
}

Expected<std::vector<Times>>
mlc::timeTurnByTurn(ArrayRef<Measurement> measurements) {
  constexpr unsigned turns = 4;
  std::vector<TimedModel> models;
  for (const Measurement &measurement : measurements) {
    Expected<TimedModel> timed = compile(measurement, /*isProfiled=*/false);
    if (!timed)
      return timed.takeError();
    models.push_back(std::move(*timed));
  }
  std::vector<std::vector<Times>> found(models.size());
  for (unsigned turn = 0; turn < turns; ++turn)
    for (size_t i = 0; i < models.size(); ++i) {
      RunLimits limits = measurements[i].limits;
      limits.seconds /= turns;
      Expected<Times> times = timeRuns([&] { return models[i].run(); }, limits);
      if (!times)
        return times.takeError();
      found[i].push_back(*times);
    }
  std::vector<Times> result;
  for (const std::vector<Times> &turnsOf : found)
    result.push_back(together(turnsOf));
  return result;
}
