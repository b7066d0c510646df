//===- AccuracyDrop.cpp - What a model loses on labelled samples ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/AccuracyDrop.h"

#include "Evaluate/Drop.h"

using namespace mlc;
using namespace mlc::calibrate;

llvm::Error calibrate::checkDrop(const std::optional<double> &most,
                                 const std::string &data) {
  if (most && data.empty())
    return llvm::createStringError("--max-drop: --eval is required, the "
                                   "labelled samples that it is measured on");
  return llvm::Error::success();
}

static std::vector<Samples::Wanted>
wantedOf(llvm::ArrayRef<HostTensor> tensors) {
  std::vector<Samples::Wanted> result;
  for (const HostTensor &tensor : tensors)
    result.push_back({tensor.name, tensor.type, tensor.shape, tensor.layout,
                      tensor.channelOrder});
  return result;
}

static EvaluatedModel evaluatedModel(ModelRunner &runner,
                                     const std::string &name) {
  return {name, wantedOf(runner.inputs()), wantedOf(runner.outputs()),
          [&runner](llvm::ArrayRef<const void *> inputs,
                    llvm::ArrayRef<void *> outputs) {
            return runner.runOn(inputs, outputs);
          }};
}

llvm::Expected<Evaluation>
AccuracyDrop::evaluateOn(const onnx::ModelProto &which,
                         bool isBesideFloats) const {
  auto runner = ModelRunner::create(which, runOptions);
  if (!runner)
    return runner.takeError();
  EvaluatedModel judged = evaluatedModel(**runner, runOptions.name), reference;
  std::unique_ptr<ModelRunner> floats;
  if (isBesideFloats) {
    auto compiled = ModelRunner::create(*model, runOptions);
    if (!compiled)
      return compiled.takeError();
    floats = std::move(*compiled);
    reference = evaluatedModel(*floats, runOptions.name);
  }
  return evaluate(judged, isBesideFloats ? &reference : nullptr, options);
}

llvm::Expected<AccuracyDrop>
AccuracyDrop::create(const onnx::ModelProto &model,
                     const SampleOptions &options,
                     const RunOptions &runOptions) {
  AccuracyDrop result;
  result.model = &model;
  result.options = {options.budgetData, options.metric, options.labels, {}};
  result.runOptions = runOptions;
  // Beside itself, which tells what `auto` is and whether models can agree.
  llvm::Expected<Evaluation> floats = result.evaluateOn(model, true);
  if (!floats)
    return floats.takeError();
  result.options.metric = floats->metric;
  result.score = scoreOf(*floats);
  return std::move(result);
}

llvm::Expected<double> AccuracyDrop::of(const onnx::ModelProto &other) const {
  bool isAgreement = options.metric == ScoreMetric::Agreement;
  llvm::Expected<Evaluation> result = evaluateOn(other, isAgreement);
  if (!result)
    return result.takeError();
  return dropBetween(options.metric, score, scoreOf(*result));
}
