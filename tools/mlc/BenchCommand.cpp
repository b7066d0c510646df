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

static cl::SubCommand
    scope("bench", "Time a model and each of its operators on this machine");

static cl::opt<std::string> model(cl::Positional, cl::desc("<model.onnx>"),
                                  cl::sub(scope));
static cl::opt<std::string>
    target("target", cl::desc("Where to run: cpu is this process's"),
           cl::value_desc("name"), cl::init("cpu"), cl::sub(scope));
static cl::opt<std::string>
    cpu("cpu",
        cl::desc("The CPU to generate code for, one that this machine's code "
                 "can be (default: native; see mlc targets)"),
        cl::value_desc("name"), cl::init("native"), cl::sub(scope));
static cl::opt<unsigned> runs("runs",
                              cl::desc("Timed runs (default: what fits into "
                                       "--seconds)"),
                              cl::init(0), cl::sub(scope));
static cl::opt<double>
    seconds("seconds",
            cl::desc("Time to spend on each of: the model, its operators"),
            cl::init(1), cl::sub(scope));
static cl::opt<std::string> jsonFile("json",
                                     cl::desc("Write the report as JSON ('-': "
                                              "print it)"),
                                     cl::value_desc("file"), cl::sub(scope));
static cl::opt<std::string>
    htmlFile("html", cl::desc("Write the report as a page with bars"),
             cl::value_desc("file"), cl::sub(scope));
static cl::opt<uint64_t> seed("seed", cl::desc("Of random inputs"), cl::init(0),
                              cl::sub(scope));
static cl::opt<bool> quiet("q", cl::desc("Print no table"), cl::sub(scope));
static ImportFlags importFlags(scope);
static NumericFlags numericFlags(scope);
static ScheduleFlag scheduleFlag(scope);
static MemoryFlags memoryFlags(scope);
static ThreadsFlag threads(scope);

static Expected<CompileOptions> readOptions() {
  if (model.empty())
    return createStringError(
        "bench: a model is required; mlc bench --help explains");
  if (target != "cpu")
    return createStringError("--target=" + target +
                             ": bench runs on this machine, 'cpu' is required");
  if (!(seconds >= 0 && seconds <= 3600))
    return createStringError("--seconds: 0 to 3600 is required");
  CompileOptions options;
  options.model = model;
  Expected<ImportOptions> import = importFlags.parse();
  if (!import)
    return import.takeError();
  options.import = std::move(*import);
  memoryFlags.apply(options);
  if (Error error = numericFlags.apply(options))
    return error;
  if (Error error = scheduleFlag.apply(options))
    return error;
  if (Error error = setHostCpu(options, cpu))
    return error;
  if (Error error = threads.apply(options))
    return std::move(error);
  return options;
}

static Expected<TimedModel> compile(CompileOptions options, bool isProfiled) {
  showProgress(options);
  auto model = TimedModel::create(options, {threads.threads, seed, isProfiled});
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

static Error timeModel(const CompileOptions &options, const RunLimits &limits,
                       BenchReport &report) {
  Expected<TimedModel> timed = compile(options, /*isProfiled=*/false);
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
                           const RunLimits &limits, BenchReport &report) {
  Expected<TimedModel> timed = compile(options, /*isProfiled=*/true);
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

static Expected<int> run() {
  Expected<CompileOptions> options = readOptions();
  if (!options)
    return options.takeError();
  const TargetInfo &info = options->targets.front();
  RunLimits limits{runs, seconds};
  BenchReport report;
  report.model = sys::path::stem(model).str();
  report.target = info.name == "native" ? info.cpu : info.name;
  report.vectorBits = info.vectorBits;
  report.threads = threads.threads;
  if (Error error = timeModel(*options, limits, report))
    return error;
  // Only now is it known that this machine can run the target's code.
  Expected<Machine> machine = measureMachine(info);
  if (!machine)
    return machine.takeError();
  report.machine = *machine;
  if (Error error = timeOperators(*options, limits, report))
    return error;
  if (Error error = checkPeak(info, report))
    return error;
  if (!quiet)
    report.writeText(outs());
  if (Error error = writeFile(jsonFile, [&](raw_ostream &os) {
        os << formatv("{0:2}\n", report.toJSON());
      }))
    return error;
  if (Error error =
          writeFile(htmlFile, [&](raw_ostream &os) { report.writeHtml(os); }))
    return error;
  return 0;
}

Command benchCommand() { return {&scope, run}; }
