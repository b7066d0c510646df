//===- Json.cpp - A report of models as JSON -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/Json.h"
#include "Report/Figures.h"
#include "Support/OptionNames.h"

using namespace llvm;
using namespace mlc;

static json::Object energyJson(const Energy &energy) {
  return json::Object{{"arithmetic_pj", energy.arithmetic},
                      {"weights_pj", energy.weights},
                      {"activations_pj", energy.activations},
                      {"total_pj", energy.total()}};
}

/// What the estimates rest on.
static json::Object energyModel() {
  json::Array operations, memories;
  for (const OperationEnergy &row : operationEnergies())
    operations.push_back(json::Object{{"element", row.element},
                                      {"multiply_pj", row.multiply},
                                      {"add_pj", row.add}});
  for (const MemoryEnergy &row : memoryEnergies())
    memories.push_back(
        json::Object{{"memory", row.name}, {"read_64_bits_pj", row.read64}});
  return json::Object{{"source", energySource},
                      {"operations", std::move(operations)},
                      {"memories", std::move(memories)}};
}

static json::Object layerJson(const ModelFigures &model,
                              const OperatorRow &row) {
  json::Object layer{{"node", json::fixUTF8(row.title())},
                     {"op", json::fixUTF8(row.op)},
                     {"kernel", row.kernel},
                     {"function", row.function},
                     {"element", row.element},
                     {"detail", row.detail},
                     {"visits", row.visits},
                     {"nominal_operations", row.nominal},
                     {"operations", row.operations},
                     {"macs", row.macs},
                     {"bytes", row.bytes},
                     {"weight_bytes", row.visits * row.weightBytes},
                     {"energy", energyJson(model.energyOf(row))}};
  if (model.isMeasured()) {
    layer["ms"] = row.ms;
    layer["estimated_ms"] = model.estimatedMs(row);
  }
  return layer;
}

static json::Object timesJson(const ModelFigures &model) {
  const BenchReport &bench = model.bench;
  return json::Object{{"best_ms", bench.times.best},
                      {"median_ms", bench.times.median},
                      {"runs", bench.times.runs},
                      {"estimated_ms", model.estimatedMs()}};
}

static json::Object scoreJson(const ModelFigures &model) {
  const ModelScore &score = *model.score;
  return json::Object{
      {"metric", nameOf(score.metric)},
      {"value", numberOrNull(score.value)},
      {"samples", score.samples},
      {"density", numberOrNull(model.densityWith(model.parameters))},
      {"netscore", numberOrNull(model.netScoreWith(model.parameters))},
      {"netscore_nonzero",
       numberOrNull(model.netScoreWith(model.nonZeroParameters))},
      {"netscore_bits",
       numberOrNull(model.netScoreWith(model.bitWeightedParameters()))}};
}

static json::Object modelJson(const ModelFigures &model, bool isInFront) {
  json::Array layers;
  for (const OperatorRow &row : model.bench.rows)
    layers.push_back(layerJson(model, row));
  json::Object result{{"model", json::fixUTF8(model.name)},
                      {"parameters", model.parameters},
                      {"nonzero_parameters", model.nonZeroParameters},
                      {"parameter_bits", model.parameterBits},
                      {"macs", model.macs},
                      {"executed_macs", model.executedMacs()},
                      {"moved_bytes", model.movedBytes()},
                      {"flash_bytes", model.flashBytes()},
                      {"weights_bytes", model.weightsBytes},
                      {"code_bytes", model.codeBytes},
                      {"arena_bytes", model.arenaBytes},
                      {"stack_bytes", model.stackBytes},
                      {"nominal_operations", model.bench.nominalOperations()},
                      {"energy", energyJson(model.energy())},
                      {"pareto", isInFront},
                      {"layers", std::move(layers)}};
  if (model.isMeasured())
    result["time"] = timesJson(model);
  if (model.score)
    result["score"] = scoreJson(model);
  return result;
}

json::Value ModelReport::toJSON() const {
  const BenchReport &bench = models.front().bench;
  SmallVector<bool> isInFront = front();
  json::Array all;
  for (auto [model, isIn] : zip(models, isInFront))
    all.push_back(modelJson(model, isIn));
  json::Object result{{"target", bench.target},
                      {"vector_bits", bench.vectorBits},
                      {"threads", bench.threads},
                      {"energy_model", energyModel()},
                      {"models", std::move(all)}};
  if (isMeasured()) {
    result["cpu"] = bench.machine.cpu;
    result["peak_gflops"] = bench.machine.peakGflops;
    result["read_gb_per_s"] = bench.machine.readGBs;
  }
  return result;
}
