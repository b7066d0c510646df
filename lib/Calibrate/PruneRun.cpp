//===- PruneRun.cpp - What all prunings have in common --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/PruneRun.h"

#include "llvm/Support/Format.h"

using namespace mlc;
using namespace mlc::calibrate;

llvm::Expected<std::vector<PrunedLayer>>
PruneRun::layerRows(const onnx::ModelProto &result) {
  auto sqnr = resultSqnr(result);
  if (!sqnr)
    return sqnr.takeError();
  std::vector<PrunedLayer> rows;
  for (auto [layer, ratio] : llvm::zip(plan.layers, *sqnr)) {
    PrunedLayer &row = rows.emplace_back();
    row.name = layer.name;
    row.op = layer.op;
    row.resultSqnr = ratio;
  }
  return std::move(rows);
}

void PruneRun::checkBudget() {
  llvm::raw_string_ostream os(found.missed);
  double share = double(found.zeros) / double(found.weights);
  if (options.sparsity && share < *options.sparsity - 1e-9)
    os << llvm::format("--sparsity=%g: %.4f of the weights are %s, more is "
                       "not to be had",
                       *options.sparsity, share, gone());
  std::string lost = missedDrop(found.drop);
  os << (found.missed.empty() || lost.empty() ? "" : "; ") << lost;
}

llvm::Error PruneRun::report() {
  if (llvm::Error error = reportLayers())
    return error;
  for (const PrunedLayer &layer : found.layers) {
    found.weights += layer.weights;
    found.zeros += layer.zeros;
  }
  if (llvm::Error error = judge(pruned, found))
    return error;
  checkBudget();
  return llvm::Error::success();
}

llvm::Expected<PrunedModel> PruneRun::run() {
  if (llvm::Error error = checkDrop(options.maxDrop, options.budgetData))
    return std::move(error);
  if (!hasSamples())
    return llvm::createStringError("--calibration=none: samples are required");
  if (llvm::Error error = open())
    return std::move(error);
  for (auto step : {&PruneRun::prune, &PruneRun::report})
    if (llvm::Error error = (this->*step)())
      return std::move(error);
  return PrunedModel(pruned.SerializeAsString(), std::move(found));
}
