//===- Report.cpp - what a benchmark found --------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench/Report.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlc;

uint64_t BenchReport::nominalOperations() const {
  uint64_t sum = 0;
  for (const OperatorRow &row : rows)
    sum += row.nominal;
  return sum;
}

double BenchReport::gflops() const {
  return times.best > 0 ? nominalOperations() / (times.best * 1e6) : 0;
}

double BenchReport::operatorMs() const {
  double sum = 0;
  for (const OperatorRow &row : rows)
    sum += row.ms;
  return sum;
}

std::optional<double> BenchReport::peakShare(const OperatorRow &row) const {
  if (row.element != "f32" || peakGflops() <= 0)
    return std::nullopt;
  return row.gflops() / peakGflops();
}

static void writeHead(const BenchReport &report, raw_ostream &os) {
  const Machine &machine = report.machine;
  os << report.model << " on " << machine.cpu << ", code for " << report.target
     << " (" << report.vectorBits << "-bit vectors), " << report.threads
     << (report.threads == 1 ? " thread\n" : " threads\n");
  os << format(
      "machine: f32 peak %.1f GFLOP/s a core (%u-bit vectors), reads memory "
      "at %.1f GB/s\n",
      machine.peakGflops, machine.peakVectorBits, machine.readGBs);
  os << format("model: best %.3f ms, median %.3f ms, %u runs; %.1f GFLOP/s, "
               "%.0f %% of the f32 peak on nominal operations\n",
               report.times.best, report.times.median, report.times.runs,
               report.gflops(),
               report.peakGflops() > 0
                   ? 100 * report.gflops() / report.peakGflops()
                   : 0.0);
  os << format("operators one by one: %.3f ms, best of %u runs each\n\n",
               report.operatorMs(), report.profiledRuns);
}

void BenchReport::writeText(raw_ostream &os) const {
  writeHead(*this, os);
  std::vector<const OperatorRow *> order;
  for (const OperatorRow &row : rows)
    order.push_back(&row);
  llvm::sort(order, [](const OperatorRow *a, const OperatorRow *b) {
    return a->ms > b->ms || (a->ms == b->ms && a < b);
  });
  double total = operatorMs();
  os << "      ms  share  GFLOP/s  of peak       MB  kernel      node\n";
  for (const OperatorRow *row : order) {
    os << format("%8.4f %5.1f%% %8.1f ", row->ms,
                 total > 0 ? 100 * row->ms / total : 0.0, row->gflops());
    if (std::optional<double> share = peakShare(*row))
      os << format("%7.1f%%", 100 * *share);
    else
      os << right_justify(row->element.empty() ? "-" : row->element, 8);
    os << format(" %8.3f  ", row->bytes / 1e6) << left_justify(row->kernel, 11)
       << " " << row->title() << "  " << row->detail;
    if (row->visits != 1)
      os << "  x" << row->visits;
    os << "\n";
  }
}

static json::Value rowJson(const BenchReport &report, const OperatorRow &row) {
  json::Value share = nullptr;
  if (std::optional<double> known = report.peakShare(row))
    share = *known;
  return json::Object{{"node", row.node},
                      {"op", row.op},
                      {"kernel", row.kernel},
                      {"function", row.function},
                      {"element", row.element},
                      {"detail", row.detail},
                      {"ms", row.ms},
                      {"visits", row.visits},
                      {"operations", row.operations},
                      {"nominal_operations", row.nominal},
                      {"gflops", row.gflops()},
                      {"peak_share", std::move(share)},
                      {"bytes", row.bytes}};
}

json::Value BenchReport::toJSON() const {
  json::Array operators;
  for (const OperatorRow &row : rows)
    operators.push_back(rowJson(*this, row));
  return json::Object{{"model", model},
                      {"cpu", machine.cpu},
                      {"target", target},
                      {"vector_bits", vectorBits},
                      {"threads", threads},
                      {"best_ms", times.best},
                      {"median_ms", times.median},
                      {"runs", times.runs},
                      {"nominal_operations", nominalOperations()},
                      {"gflops", gflops()},
                      {"peak_gflops", machine.peakGflops},
                      {"peak_vector_bits", machine.peakVectorBits},
                      {"read_gb_per_s", machine.readGBs},
                      {"profiled_runs", profiledRuns},
                      {"operators", std::move(operators)}};
}

Error mlc::checkRates(const BenchReport &report) {
  // The clock of a core may rise by a few per cent between two measurements.
  constexpr double most = 1.05;
  Error errors = Error::success();
  for (const OperatorRow &row : report.rows) {
    std::optional<double> share = report.peakShare(row);
    if (!share || *share <= most)
      continue;
    std::string text;
    raw_string_ostream(text)
        << "operator '" << row.title()
        << format("': %.1f GFLOP/s is above the measured peak of %.1f GFLOP/s;"
                  " either the machine was busy while that was measured, or "
                  "the count of operations is wrong",
                  row.gflops(), report.peakGflops());
    errors = joinErrors(std::move(errors), createStringError(text));
  }
  return errors;
}
