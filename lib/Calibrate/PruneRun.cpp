//===- PruneRun.cpp - What all prunings have in common --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/PruneRun.h"

#include "Calibrate/OpenModel.h"
#include "Calibrate/Prepare.h"
#include "Calibrate/Squares.h"

#include "llvm/Support/Format.h"

using namespace mlc;
using namespace mlc::calibrate;

llvm::Error PruneRun::open() {
  llvm::Expected<onnx::ModelProto> file = openModel(path);
  if (!file)
    return file.takeError();
  model = std::move(*file);
  if (options.calibration == "none")
    return llvm::createStringError("--calibration=none: samples are required");
  runOptions = {options, freeBatch(model.graph(), options), path,
                options.runThreads};
  auto opened =
      calibrate::openSession(runOptions, options.calibration,
                             [this](const std::string &what, double share) {
                               clock.tell(what, share);
                             });
  if (!opened)
    return opened.takeError();
  session.emplace(std::move(*opened));
  constexpr int64_t leastOpset = 7;
  if (llvm::Error error = prepare(model, leastOpset, runOptions))
    return error;
  plan = makePlan(model.graph(), /*roundsAll=*/false);
  return begin();
}

llvm::Error PruneRun::measureOutputs() {
  constexpr int64_t mostMeasured = 256;
  auto error = OutputError::create(*session, model, mostMeasured);
  if (!error)
    return error.takeError();
  outputs.emplace(std::move(*error));
  if (!outputs->canMeasure())
    return problem("has no output of floats that pruning could be measured by");
  if (options.budgetData.empty())
    return llvm::Error::success();
  auto made = AccuracyDrop::create(
      model, {options.budgetData, options.metric, options.labels, {}},
      runOptions);
  if (!made)
    return made.takeError();
  drop.emplace(std::move(*made));
  return llvm::Error::success();
}

llvm::Expected<std::vector<size_t>>
PruneRun::smallestGood(const PrecisionChoices &all, Drop dropOf, int tries) {
  int measured = 0;
  auto isGood = [&](const PrecisionChoice &choice) -> llvm::Expected<bool> {
    clock.tell("accuracy", measured++ ? 0.5 : 0);
    llvm::Expected<double> lost = dropOf(choice);
    if (!lost)
      return lost.takeError();
    return *lost <= *options.maxDrop;
  };
  auto smallest = all.smallest(isGood, tries);
  if (!smallest)
    return smallest.takeError();
  return *smallest ? (*smallest)->options : all.front().front().options;
}

llvm::Expected<std::vector<PrunedLayer>>
PruneRun::layerRows(const onnx::ModelProto &result) {
  std::vector<std::string> values;
  for (const Layer &layer : plan.layers)
    values.push_back(layer.output);
  auto sqnr = valueSqnr(*session, model, result, values);
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
  if (options.maxDrop && found.drop.value_or(0) > *options.maxDrop)
    os << (found.missed.empty() ? "" : "; ")
       << llvm::format("--max-drop=%g: %.2f are lost", *options.maxDrop,
                       *found.drop);
}

llvm::Error PruneRun::report() {
  llvm::Expected<double> error = outputs->of(pruned);
  if (!error)
    return error.takeError();
  found.outputSqnr = decibels(*error);
  if (llvm::Error failed = reportLayers())
    return failed;
  for (const PrunedLayer &layer : found.layers) {
    found.weights += layer.weights;
    found.zeros += layer.zeros;
  }
  if (drop) {
    llvm::Expected<double> lost = drop->of(pruned);
    if (!lost)
      return lost.takeError();
    found.drop = *lost;
  }
  checkBudget();
  found.samples = session->count();
  found.seconds = clock.seconds();
  return llvm::Error::success();
}

llvm::Expected<PrunedModel> PruneRun::run() {
  if (llvm::Error error = checkDrop(options.maxDrop, options.budgetData))
    return std::move(error);
  using Step = llvm::Error (PruneRun::*)();
  for (Step step : {&PruneRun::open, &PruneRun::measureOutputs,
                    &PruneRun::prune, &PruneRun::report})
    if (llvm::Error error = (this->*step)())
      return std::move(error);
  return PrunedModel(pruned.SerializeAsString(), std::move(found));
}
