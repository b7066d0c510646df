//===- FactorizeReport.cpp - What a factorisation found out, in words -----===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/Printable.h"
#include "mlc/Factorize.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlc;

/// How much less, in percent.
static double lessOf(double before, double after) {
  return before > 0 ? 100 * (1 - after / before) : 0;
}

size_t FactorizeReport::countFactorized() const {
  return llvm::count_if(
      layers, [](const FactorizedLayer &layer) { return !layer.kind.empty(); });
}

std::string FactorizeReport::summary() const {
  std::string line;
  llvm::raw_string_ostream os(line);
  os << countFactorized() << " of " << layers.size() << " layers factorised, "
     << llvm::format("%.1f %% of macs and %.1f %% of weights saved, ",
                     lessOf(before.macs, after.macs),
                     lessOf(before.weights, after.weights));
  if (cost == FactorCost::Ms)
    os << llvm::format("%.3f > %.3f ms by themselves, %.3f > %.3f ms a run, ",
                       before.ms, after.ms, runBefore, runAfter);
  if (samples)
    os << samples << " samples, ";
  os << llvm::format("%.1f dB at the outputs, %.1f s", outputSqnr, seconds);
  if (drop)
    os << llvm::format(", %.2f of accuracy lost", *drop);
  return line;
}

static std::string joined(llvm::ArrayRef<int64_t> numbers,
                          const char *between) {
  std::string text;
  for (int64_t number : numbers)
    text += (text.empty() ? "" : between) + std::to_string(number);
  return text;
}

static std::string kindOf(const FactorizedLayer &layer) {
  return layer.kind.empty() ? "-" : layer.kind + " " + joined(layer.ranks, ",");
}

std::string FactorizeReport::text() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  bool hasTimes = cost == FactorCost::Ms;
  os << "kind, rank          error %  result dB  saved %     macs  weights"
     << (hasTimes ? "         ms" : "") << "  layer\n";
  for (const FactorizedLayer &layer : layers) {
    os << llvm::format("%-18s %8.3f %10.1f %17.1f %8.1f", kindOf(layer).c_str(),
                       100 * layer.error, layer.resultSqnr,
                       lessOf(layer.before.macs, layer.after.macs),
                       lessOf(layer.before.weights, layer.after.weights));
    if (hasTimes)
      os << llvm::format(" %10.1f", lessOf(layer.before.ms, layer.after.ms));
    os << "  " << printable(layer.name) << " (" << layer.op << ") "
       << joined(layer.shape, "x");
    for (const std::vector<int64_t> &shape : layer.shapes)
      os << " > " << joined(shape, "x");
    os << (layer.why.empty() ? "" : ": " + layer.why) << "\n";
  }
  return text;
}

static llvm::json::Object objectOf(const LayerCost &cost, bool hasTimes) {
  llvm::json::Object object{{"macs", cost.macs}, {"weights", cost.weights}};
  if (hasTimes)
    object["ms"] = cost.ms;
  return object;
}

std::string FactorizeReport::json() const {
  bool hasTimes = cost == FactorCost::Ms;
  llvm::json::Array rows;
  for (const FactorizedLayer &layer : layers) {
    llvm::json::Object row{{"name", llvm::json::fixUTF8(layer.name)},
                           {"op", llvm::json::fixUTF8(layer.op)},
                           {"shape", llvm::json::Array(layer.shape)},
                           {"before", objectOf(layer.before, hasTimes)},
                           {"after", objectOf(layer.after, hasTimes)},
                           {"result_sqnr_db", layer.resultSqnr}};
    if (layer.kind.empty()) {
      row["why"] = layer.why;
    } else {
      llvm::json::Array shapes;
      for (const std::vector<int64_t> &shape : layer.shapes)
        shapes.push_back(llvm::json::Array(shape));
      row["kind"] = layer.kind;
      row["ranks"] = llvm::json::Array(layer.ranks);
      row["shapes"] = std::move(shapes);
      row["error"] = layer.error;
    }
    rows.push_back(std::move(row));
  }
  llvm::json::Object all{{"samples", samples},
                         {"before", objectOf(before, hasTimes)},
                         {"after", objectOf(after, hasTimes)},
                         {"outputs_sqnr_db", outputSqnr},
                         {"drop", drop},
                         {"missed", missed},
                         {"seconds", seconds},
                         {"layers", std::move(rows)}};
  if (hasTimes)
    all["run_ms"] =
        llvm::json::Object{{"before", runBefore}, {"after", runAfter}};
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(all))).str();
}
