//===- SampledRun.cpp - A model made of another by samples ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/SampledRun.h"

#include "Calibrate/OpenModel.h"
#include "Calibrate/Prepare.h"
#include "Calibrate/SyntheticInputs.h"

#include "llvm/Support/Format.h"

using namespace mlc;
using namespace mlc::calibrate;

llvm::Error SampledRun::open() {
  auto opened = openToRun(path, options, options.runThreads);
  if (!opened)
    return opened.takeError();
  model = std::move(opened->model);
  runOptions = std::move(opened->options);
  if (hasSamples())
    if (llvm::Error error = openSession())
      return error;
  constexpr int64_t leastOpset = 7;
  if (llvm::Error error = prepare(model, leastOpset, runOptions))
    return error;
  plan = makePlan(model.graph(), /*roundsAll=*/false);
  if (!hasSamples())
    if (llvm::Error error = makeUpSamples())
      return error;
  if (llvm::Error error = begin())
    return error;
  return measureOutputs();
}

llvm::Error SampledRun::openSession() {
  auto opened =
      calibrate::openSession(runOptions, options.calibration, clock.teller());
  if (!opened)
    return opened.takeError();
  session.emplace(std::move(*opened));
  return llvm::Error::success();
}

/// Of what the inputs of the prepared model are taken for.
llvm::Error SampledRun::makeUpSamples() {
  constexpr int64_t madeUp = 16;
  auto wanted = inputsOf(runOptions);
  if (!wanted)
    return wanted.takeError();
  auto assumed = assumeInputs(model, plan, runOptions, *wanted, {});
  if (!assumed)
    return assumed.takeError();
  std::vector<SyntheticInput> inputs;
  for (const AssumedInput &one : *assumed)
    inputs.push_back(one.input);
  session.emplace(runOptions, Samples::synthetic(*wanted, inputs, madeUp),
                  clock.teller());
  return llvm::Error::success();
}

llvm::Error SampledRun::measureOutputs() {
  constexpr int64_t mostMeasured = 256;
  auto error = OutputError::create(*session, model, mostMeasured);
  if (!error)
    return error.takeError();
  outputs.emplace(std::move(*error));
  if (!outputs->canMeasure())
    return problem("has no output of floats that errors could be measured by");
  if (options.budgetData.empty())
    return llvm::Error::success();
  auto made = AccuracyDrop::create(model, options, runOptions);
  if (!made)
    return made.takeError();
  drop.emplace(std::move(*made));
  return llvm::Error::success();
}

llvm::Expected<std::vector<size_t>>
SampledRun::smallestGood(const PrecisionChoices &all, Drop dropOf, int tries) {
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

llvm::Expected<std::vector<double>>
SampledRun::resultSqnr(const onnx::ModelProto &made) {
  std::vector<std::string> values;
  for (const Layer &layer : plan.layers)
    values.push_back(layer.output);
  return valueSqnr(*session, model, made, values);
}

std::string SampledRun::missedDrop(const std::optional<double> &lost) const {
  std::string text;
  if (options.maxDrop && lost.value_or(0) > *options.maxDrop)
    llvm::raw_string_ostream(text) << llvm::format(
        "--max-drop=%g: %.2f are lost", *options.maxDrop, *lost);
  return text;
}
