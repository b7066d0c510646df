//===- CompileCommand.cpp - mlc compile -----------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompileCommand.h"

#include "Console.h"

#include "mlc/Compiler.h"

#include <cstdio>
#include <iostream>
#include <map>

using namespace mlc;

/// `format` of printf with one number.
static std::string number(const char *format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// `text` in at least `width` characters.
static std::string padded(std::string text, size_t width) {
  if (text.size() < width)
    text.resize(width, ' ');
  return text;
}

void printPhases() {
  for (const auto &[name, description] : Compiler::phases())
    std::cout << padded(name, 20) << description << '\n';
}

static void printTimes(const Report &report) {
  double total = 0;
  for (const PhaseCost &phase : report.phases) {
    std::cerr << padded(phase.name, 20) << number("%9.3f s\n", phase.seconds);
    total += phase.seconds;
  }
  std::cerr << padded("total", 20) << number("%9.3f s\n", total);
}

/// The operators that are left to f32, in one line.
static void printFloats(const Report &report) {
  std::map<std::string, unsigned> counts;
  for (const FloatNode &each : report.floatNodes)
    ++counts[each.node.op];
  if (counts.empty())
    return;
  const char *before = "  in f32 (--report tells why):";
  for (const auto &[op, count] : counts) {
    std::cout << before << ' ' << count << ' ' << op;
    before = ",";
  }
  std::cout << '\n';
}

/// What --precision did.
static void printNarrow(const NarrowFloats &narrow) {
  if (narrow.type.empty())
    return;
  std::cout << "  in " << narrow.type << ": " << narrow.products
            << " convolutions and products, expected error "
            << number("%.2g", 100 * narrow.expectedError)
            << " % of the outputs\n";
}

/// The layers of which zero weights are left out, in one line.
static void printSparse(const Report &report) {
  unsigned layers = 0;
  double computed = 0, nominal = 0;
  for (const KernelCost &kernel : report.kernels) {
    if (kernel.kind != "sparse_conv")
      continue;
    layers += kernel.calls;
    computed += double(kernel.calls) * kernel.operations;
    nominal += double(kernel.calls) * kernel.nominalOperations;
  }
  if (layers != 0)
    std::cout << "  without zeros (--sparse): " << layers << " layers, "
              << number("%.3g", computed / 2e6) << " of "
              << number("%.3g MMAC\n", nominal / 2e6);
}

static void printSummary(const Report &report,
                         const std::vector<std::string> &files) {
  auto kib = [](uint64_t bytes) { return number("%.1f KiB", bytes / 1024.0); };
  std::cout << report.prefix << ": " << number("%.3g", report.macs / 1e6)
            << " MMAC, weights " << kib(report.weightsBytes) << ", code "
            << kib(report.codeBytes) << ", arena " << kib(report.arenaBytes)
            << ", stack " << kib(report.stackBytes) << '\n';
  printNarrow(report.narrowFloats);
  printFloats(report);
  printSparse(report);
  for (const std::string &file : files)
    std::cout << "  " << file << '\n';
}

Result<void> compileModel(const Options &options, const std::string &model) {
  Compiler compiler(options);
  if (!options.quiet)
    compiler.onPhase(showStep);
  struct EndOfSteps {
    ~EndOfSteps() { showStep("", 0, 0); }
  } endOfSteps;
  if (!options.stopAfter.empty()) {
    Result<Graph> graph = compiler.import(model);
    if (!graph)
      return graph.errors();
    Result<PrintedGraph> printed =
        compiler.printAfter(options.stopAfter, std::move(*graph));
    if (!printed)
      return printed.errors();
    showStep("", 0, 0);
    std::cout << printed->text;
    if (!options.quiet)
      printDiagnostics(printed->report.warnings);
    if (options.timing)
      printTimes(printed->report);
    return {};
  }
  Result<CompiledFiles> files = compiler.compileTo(options.folder, model);
  if (!files)
    return files.errors();
  showStep("", 0, 0);
  const Report &report = files->report;
  if (!options.quiet)
    printDiagnostics(report.warnings);
  if (options.timing)
    printTimes(report);
  if (!options.quiet)
    printSummary(report, files->paths);
  if (options.memoryMap == "-") {
    std::cout << report.memoryMapText;
  } else if (!options.memoryMap.empty()) {
    if (Result<void> written = report.writeMemoryMap(options.memoryMap);
        !written)
      return written;
  }
  if (options.compileReport == "-")
    std::cout << report.json();
  else if (!options.compileReport.empty())
    return report.write(options.compileReport);
  return {};
}
