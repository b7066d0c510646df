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

#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace mlc;

static void printPhases() {
  for (const auto &[name, description] : allPhases())
    outs() << left_justify(name, 20) << description << "\n";
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

static Error writeMap(const std::string &memoryMap,
                      const CompileReport &report) {
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

Expected<int> runCompile(const CommandLine &line) {
  const Options &given = line.options;
  if (given.listPhases) {
    printPhases();
    return 0;
  }
  Expected<std::string> model = oneModel(line, "compile");
  if (!model)
    return model.takeError();
  Expected<CompileOptions> options = resolveOptions(given);
  if (!options)
    return options.takeError();
  options->model = *model;
  options->irStream = &outs();
  if (!given.quiet)
    showProgress(*options);
  Expected<CompileReport> report = compileToFolder(*options, given.folder);
  clearProgress();
  if (!report)
    return report.takeError();
  if (!given.quiet)
    printWarnings(*report);
  if (given.timing)
    printTimes(*report);
  if (given.stopAfter.empty() && !given.quiet)
    printSummary(*report);
  if (Error error = writeMap(given.memoryMap, *report))
    return error;
  return 0;
}
