//===- Figures.cpp - What a model costs on this machine -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Figures.h"

#include "Commands/Measure.h"
#include "Commands/Score.h"
#include "Pipeline/Library.h"

using namespace llvm;
using namespace mlc;

/// What the library says of itself.
static Error takeSizes(const Measurement &measurement, ModelFigures &figures) {
  ParameterCount count = measurement.graph.parameters();
  figures.parameters = count.numbers;
  figures.nonZeroParameters = count.nonZero;
  figures.parameterBits = count.bits;
  CompileOptions options = measurement.options;
  tellPhases(options, measurement.output);
  auto library = buildLibrary(measurement.graph.clone(), options);
  tellEnd(measurement.output);
  if (!library)
    return library.takeError();
  const ModelContract &contract = library->report.contract;
  figures.macs = contract.macs;
  figures.weightsBytes = contract.weightsBytes;
  figures.codeBytes = contract.codeBytes;
  figures.stackBytes = contract.stackBytes;
  figures.arenaBytes = contract.arenaBytes +
                       (measurement.timing.threads - 1) * contract.threadBytes;
  return Error::success();
}

/// Rows of a model that does not run: it is lowered with marks alone.
static Expected<BenchReport> unmeasured(const Measurement &measurement) {
  CompileOptions options = measurement.options;
  options.profile = true;
  auto compiled = measurement.graph.clone().lower(options);
  if (!compiled)
    return compiled.takeError();
  BenchReport report = headOf(measurement);
  report.rows = rowsOf(compiled->report);
  return report;
}

static Error takeScore(const Options &given, const std::string &path,
                       const CommandOutput &output, ModelFigures &figures) {
  auto host = compileToScore(given, path, output);
  if (!host)
    return host.takeError();
  Expected<Evaluation> result = evaluate(
      evaluatedModel(path, **host), nullptr,
      {given.evaluationData, given.metric, given.labels, tellSamples(output)});
  tellEnd(output);
  if (!result)
    return result.takeError();
  figures.score = ModelScore{
      result->metric, valueOf(result->metric, result->model), result->samples};
  return Error::success();
}

Expected<ModelFigures> mlc::figuresOf(const Options &given,
                                      const std::string &path,
                                      const CommandOutput &output) {
  Expected<CompileOptions> options = hostOptions(given, path);
  if (!options)
    return options.takeError();
  if (!options->batch)
    options->batch = 1;
  Expected<Measurement> measurement =
      readModel(given, std::move(*options), output);
  if (!measurement)
    return measurement.takeError();
  ModelFigures figures;
  if (Error error = takeSizes(*measurement, figures))
    return std::move(error);
  Expected<BenchReport> bench =
      given.measure ? measure(*measurement) : unmeasured(*measurement);
  if (!bench)
    return bench.takeError();
  figures.bench = std::move(*bench);
  figures.name = figures.bench.model;
  if (!given.evaluationData.empty())
    if (Error error = takeScore(given, path, output, figures))
      return std::move(error);
  return figures;
}
