//===- CompileCommand.cpp - mlc compile -----------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "Pipeline/Compiler.h"
#include "Pipeline/Phases.h"
#include "Support/AtomicFile.h"

#include "mlc/threads.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace mlc;

static cl::SubCommand
    scope("compile",
          "Compile a model to a static library, a C header and a contract");

static cl::opt<std::string> model(cl::Positional, cl::desc("<model.onnx>"),
                                  cl::sub(scope));
static cl::opt<std::string>
    output("o", cl::desc("Folder for the library, header and contract"),
           cl::value_desc("folder"), cl::init("."), cl::sub(scope));
static cl::opt<std::string>
    target("target",
           cl::desc("Triple, as aarch64-linux-gnu (default: this machine)"),
           cl::value_desc("triple"), cl::sub(scope));
static cl::opt<std::string> cpu(
    "cpu",
    cl::desc("CPU variants, best chosen at run time, as x86-64-v2,x86-64-v3; "
             "'native' for this machine's (see mlc targets)"),
    cl::value_desc("list"), cl::sub(scope));
static cl::opt<std::string>
    prefix("prefix", cl::desc("Of the C names (default: the file's name)"),
           cl::value_desc("name"), cl::sub(scope));
static cl::opt<unsigned>
    threads("threads",
            cl::desc("The most threads that the code can use, if the program "
                     "gives it an executor; 1: none of it is parallel "
                     "(default: 4)"),
            cl::value_desc("number"), cl::init(4), cl::sub(scope));
static cl::opt<std::string> contract(
    "contract",
    cl::desc("JSON with what the model does not say: ranges, labels, ..."),
    cl::value_desc("file"), cl::sub(scope));
static cl::opt<std::string>
    stopAfter("stop-after", cl::desc("Print the IR after a phase, and stop"),
              cl::value_desc("phase"), cl::sub(scope));
static cl::opt<bool> listPhases("list-phases", cl::desc("Explain the phases"),
                                cl::sub(scope));
static cl::opt<bool>
    printWeights("print-weights",
                 cl::desc("With --stop-after: constants in full"),
                 cl::sub(scope));
static cl::opt<bool> timing("timing",
                            cl::desc("Print the seconds of each phase"),
                            cl::sub(scope));
static cl::opt<std::string> memoryMap(
    "memory-map",
    cl::desc("Write the plan of the arena as JSON ('-': print a table)"),
    cl::value_desc("file"), cl::sub(scope));
static cl::opt<bool> quiet("q", cl::desc("Print nothing but errors"),
                           cl::sub(scope));
static ImportFlags importFlags(scope);
static NumericFlags numericFlags(scope);
static ScheduleFlag scheduleFlag(scope);
static MemoryFlags memoryFlags(scope);

static void printPhases() {
  for (const auto &[name, description] : allPhases())
    outs() << left_justify(name, 20) << description << "\n";
}

static Error checkPhase() {
  if (stopAfter.empty())
    return Error::success();
  for (const auto &phase : allPhases())
    if (phase.first == stopAfter)
      return Error::success();
  return createStringError(
      "--stop-after=" + stopAfter +
      ": no such phase; mlc compile --list-phases lists them");
}

static void printTimes(const CompileReport &report) {
  double total = 0;
  for (const PhaseTime &time : report.times) {
    errs() << left_justify(time.phase, 20) << format("%9.3f s\n", time.seconds);
    total += time.seconds;
  }
  errs() << left_justify("total", 20) << format("%9.3f s\n", total);
}

static void printSummary(const CompileReport &report) {
  const ModelContract &c = report.contract;
  double kib = 1024;
  outs() << c.prefix << ": " << format("%.3g", c.macs / 1e6)
         << " MMAC, weights " << format("%.1f", c.weightsBytes / kib)
         << " KiB, code " << format("%.1f", c.codeBytes / kib) << " KiB, arena "
         << format("%.1f", c.arenaBytes / kib) << " KiB, stack "
         << format("%.1f", c.stackBytes / kib) << " KiB\n";
  for (const std::string &file : report.files)
    outs() << "  " << file << "\n";
}

static Error writeMap(const CompileReport &report) {
  if (memoryMap.empty() || !report.memoryMap)
    return Error::success();
  if (memoryMap == "-") {
    report.memoryMap->printText(outs());
    return Error::success();
  }
  return writeFileAtomically(memoryMap, [&](raw_pwrite_stream &os) {
    os << formatv("{0:2}\n", report.memoryMap->toJSON());
    return Error::success();
  });
}

static Expected<CompileOptions> readOptions() {
  CompileOptions options;
  options.model = model;
  options.prefix = prefix;
  options.contractFile = contract;
  options.stopAfter = stopAfter;
  options.irStream = &outs();
  options.elideWeights = !printWeights;
  if (!options.prefix.empty() && cIdentifier(options.prefix) != options.prefix)
    return createStringError("--prefix=" + prefix +
                             ": a C identifier is required");
  Expected<ImportOptions> import = importFlags.parse();
  if (!import)
    return import.takeError();
  options.import = std::move(*import);
  memoryFlags.apply(options);
  if (Error error = numericFlags.apply(options))
    return error;
  if (Error error = scheduleFlag.apply(options))
    return error;
  auto targets = resolveTargets(target, cpu);
  if (!targets)
    return targets.takeError();
  options.targets = std::move(*targets);
  if (threads < 1 || threads > MLC_POOL_MAX_THREADS)
    return createStringError("--threads=" + Twine(threads) + ": 1 to " +
                             Twine(MLC_POOL_MAX_THREADS) + " are required");
  options.threads = threads;
  return options;
}

static Expected<int> run() {
  if (listPhases) {
    printPhases();
    return 0;
  }
  if (model.empty())
    return createStringError(
        "compile: a model is required; mlc compile --help explains");
  if (Error error = checkPhase())
    return error;
  Expected<CompileOptions> options = readOptions();
  if (!options)
    return options.takeError();
  if (!quiet)
    showProgress(*options);
  Expected<CompileReport> report = compileToFolder(*options, output);
  clearProgress();
  if (!report)
    return report.takeError();
  if (!quiet)
    printWarnings(*report);
  if (timing)
    printTimes(*report);
  if (stopAfter.empty() && !quiet)
    printSummary(*report);
  if (Error error = writeMap(*report))
    return error;
  return 0;
}

Command compileCommand() { return {&scope, run}; }
