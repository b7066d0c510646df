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
     << llvm::format("%.1f %% of %llu weights are %s, ",
                     percentOf(zeros, weights),
                     static_cast<unsigned long long>(weights),
                     groups.empty() ? "zero" : "removed")
     << samples << " samples, "
     << llvm::format("%.1f dB at the outputs, %.1f s", outputSqnr, seconds);
  if (drop)
    os << llvm::format(", %.2f of accuracy lost", *drop);
  return line;
}

static std::string layerOf(const PrunedLayer &layer) {
  return printable(layer.name) + " (" + layer.op + ")\n";
}

static std::string countOf(uint64_t all, uint64_t left) {
  std::string text = std::to_string(all);
  return left == all ? text : text + " > " + std::to_string(left);
}

/// Of channels, how many were and are left.
static std::string textOfChannels(llvm::ArrayRef<PrunedLayer> layers) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "removed %    weights  result dB       inputs      outputs  layer\n";
  for (const PrunedLayer &layer : layers)
    os << llvm::format("%9.1f %10llu %10.1f %12s %12s  ",
                       percentOf(layer.zeros, layer.weights),
                       static_cast<unsigned long long>(layer.weights),
                       layer.resultSqnr,
                       countOf(layer.inputs, layer.inputsLeft).c_str(),
                       countOf(layer.outputs, layer.outputsLeft).c_str())
       << layerOf(layer);
  return text;
}

std::string PruneReport::text() const {
  if (!groups.empty())
    return textOfChannels(layers);
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "  zeros %    weights  result dB  alone dB  layer (alone: the model's "
        "outputs with 80 % zeros in it only)\n";
  for (const PrunedLayer &layer : layers)
    os << llvm::format("%9.1f %10llu %10.1f %9.1f  ",
                       percentOf(layer.zeros, layer.weights),
                       static_cast<unsigned long long>(layer.weights),
                       layer.resultSqnr, layer.aloneSqnr)
       << layerOf(layer);
  return text;
}

std::string PruneReport::json() const {
  llvm::json::Array rows, together;
  for (const PrunedLayer &layer : layers) {
    llvm::json::Object row{{"name", llvm::json::fixUTF8(layer.name)},
                           {"op", llvm::json::fixUTF8(layer.op)},
                           {"weights", layer.weights},
                           {groups.empty() ? "zeros" : "removed", layer.zeros},
                           {"result_sqnr_db", layer.resultSqnr}};
    if (groups.empty()) {
      row["alone_sqnr_db"] = layer.aloneSqnr;
    } else {
      row["inputs"] = layer.inputs;
      row["inputs_left"] = layer.inputsLeft;
      row["outputs"] = layer.outputs;
      row["outputs_left"] = layer.outputsLeft;
    }
    rows.push_back(std::move(row));
  }
  for (const PrunedGroup &group : groups) {
    llvm::json::Array layersOf;
    for (const PrunedGroup::Layer &layer : group.layers)
      layersOf.push_back(
          llvm::json::Object{{"name", llvm::json::fixUTF8(layer.name)},
                             {"outputs", llvm::json::Array(layer.outputs)}});
    together.push_back(
        llvm::json::Object{{"layers", std::move(layersOf)},
                           {"channels", group.channels},
                           {"left", llvm::json::Array(group.left)}});
  }
  llvm::json::Object all{{"samples", samples},
                         {"weights", weights},
                         {groups.empty() ? "zeros" : "removed", zeros},
                         {"outputs_sqnr_db", outputSqnr},
                         {"drop", drop},
                         {"missed", missed},
                         {"seconds", seconds},
                         {"layers", std::move(rows)}};
  if (!groups.empty())
    all["groups"] = std::move(together);
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(all))).str();
}
