//===- PruneReport.cpp - What a pruning found out, in words ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/Printable.h"
#include "mlc/Prune.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlc;

static double percentOf(uint64_t zeros, uint64_t weights) {
  return weights ? 100.0 * double(zeros) / double(weights) : 0;
}

std::string PruneReport::summary() const {
  std::string line;
  llvm::raw_string_ostream os(line);
  os << layers.size() << " layers, "
     << llvm::format("%.1f %% of %llu weights are zero, ",
                     percentOf(zeros, weights),
                     static_cast<unsigned long long>(weights))
     << samples << " samples, "
     << llvm::format("%.1f dB at the outputs, %.1f s", outputSqnr, seconds);
  if (drop)
    os << llvm::format(", %.2f of accuracy lost", *drop);
  return line;
}

std::string PruneReport::text() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "  zeros %    weights  result dB  alone dB  layer (alone: the model's "
        "outputs with 80 % zeros in it only)\n";
  for (const PrunedLayer &layer : layers)
    os << llvm::format("%9.1f %10llu %10.1f %9.1f  ",
                       percentOf(layer.zeros, layer.weights),
                       static_cast<unsigned long long>(layer.weights),
                       layer.resultSqnr, layer.aloneSqnr)
       << printable(layer.name) << " (" << layer.op << ")\n";
  return text;
}

std::string PruneReport::json() const {
  llvm::json::Array rows;
  for (const PrunedLayer &layer : layers)
    rows.push_back(llvm::json::Object{{"name", llvm::json::fixUTF8(layer.name)},
                                      {"op", llvm::json::fixUTF8(layer.op)},
                                      {"weights", layer.weights},
                                      {"zeros", layer.zeros},
                                      {"result_sqnr_db", layer.resultSqnr},
                                      {"alone_sqnr_db", layer.aloneSqnr}});
  llvm::json::Object all{{"samples", samples}, {"weights", weights},
                         {"zeros", zeros},     {"outputs_sqnr_db", outputSqnr},
                         {"drop", drop},       {"missed", missed},
                         {"seconds", seconds}, {"layers", std::move(rows)}};
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(all))).str();
}
