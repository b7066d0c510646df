//===- Report.h - what a benchmark found ------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One BenchReport, and three ways to show it: a table for the terminal, JSON
// for programs, a page with bars for people.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BENCH_REPORT_H
#define MLC_BENCH_REPORT_H

#include "Bench/Machine.h"
#include "Bench/Timing.h"
#include "llvm/Support/JSON.h"

namespace mlc {

/// One call of a kernel in the model's text.
struct OperatorRow {
  size_t call = 0;      ///< Profile's index
  std::string node;     ///< its name in the model, "" if unknown
  std::string op;       ///< its operator there: "Conv"
  std::string kernel;   ///< what was chosen: "conv"
  std::string function; ///< its name in the code
  std::string element;  ///< that it computes in: "f32"
  std::string detail;   ///< window and shapes
  double ms = 0;        ///< of all visits in one run, the best run
  unsigned visits = 0;  ///< in one run: more than one in a loop
  uint64_t operations = 0, nominal = 0; ///< of all visits; see KernelInfo
  uint64_t macs = 0;                    ///< the same
  uint64_t bytes = 0;                   ///< read and written, of all visits
  uint64_t weightBytes = 0;             ///< of one visit, constants among these

  /// The node, or the function where there is none.
  llvm::StringRef title() const { return node.empty() ? function : node; }

  double gflops() const { return ms > 0 ? operations / (ms * 1e6) : 0; }
};

struct BenchReport {
  std::string model;
  std::string target; ///< the CPU that code was generated for
  unsigned vectorBits = 0;
  uint64_t l2Bytes = 0; ///< of its L2
  unsigned threads = 1;
  Machine machine;
  Times times;                   ///< of the code that ships
  unsigned profiledRuns = 0;     ///< of the same code with marks
  std::vector<OperatorRow> rows; ///< in program order

  /// Of all threads together.
  double peakGflops() const { return threads * machine.peakGflops; }
  /// Operations of one run with padding: what all engines are held against.
  uint64_t nominalOperations() const;
  double gflops() const; ///< nominal
  double operatorMs() const;
  /// Of the f32 peak; nothing for a row that does not compute in f32.
  std::optional<double> peakShare(const OperatorRow &row) const;

  void writeText(llvm::raw_ostream &os) const;
  llvm::json::Value toJSON() const;
  /// One self-contained page.
  void writeHtml(llvm::raw_ostream &os) const;
};

/// Errors, naming the operators, where one computes faster than the machine
/// can: then the count, the clock or the measured peak is wrong.
llvm::Error checkRates(const BenchReport &report);

} // namespace mlc

#endif // MLC_BENCH_REPORT_H
