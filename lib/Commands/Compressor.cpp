//===- Compressor.cpp - The steps of mlc compress -------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Compressor.h"

#include "Calibrate/OpenModel.h"
#include "Commands/Figures.h"
#include "Commands/Measure.h"
#include "Compress/Digest.h"
#include "mlc/Compiler.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;
using namespace mlc;
using namespace mlc::compress;
using compress::Numbers;

Compressor::Compressor(const Options &given, const std::string &model,
                       const CommandOutput &output)
    : given(given), model(model), output(output),
      start(std::chrono::steady_clock::now()) {
  report.budget = {*given.maxDrop, given.mostFlash, given.mostMs, given.goal};
}

//===----------------------------------------------------------------------===//
// What a recipe stands for
//===----------------------------------------------------------------------===//

/// bf16 is no other file: it is how one is compiled.
static Recipe recipeOfFile(Recipe recipe) {
  if (recipe.numbers == Numbers::BF16)
    recipe.numbers = Numbers::F32;
  return recipe;
}

std::string Compressor::fileOf(const Recipe &recipe) const {
  Recipe file = recipeOfFile(recipe);
  return file.steps() == 0 ? model : folder->modelOf(file);
}

Options Compressor::optionsFor(const Recipe &recipe) const {
  Options options = given;
  options.precision =
      recipe.numbers == Numbers::BF16 ? Precision::BF16 : Precision::F32;
  if (!options.batch)
    options.batch = 1;
  return options;
}

const Candidate *Compressor::find(const Recipe &recipe) const {
  for (const Candidate &candidate : report.candidates)
    if (candidate.recipe == recipe)
      return &candidate;
  return nullptr;
}

/// What the last step may lose, beside what it begins with.
double Compressor::dropLeft(const Recipe &recipe) const {
  const Candidate *before = find(*recipe.before());
  return *given.maxDrop * *recipe.lastShare() / 100 - before->drop;
}

CommandOutput Compressor::outputFor(const Recipe &recipe) const {
  CommandOutput inner{output.out, {}, {}};
  if (output.onStep)
    inner.onStep = [this, name = recipe.name()](const std::string &what,
                                                unsigned i, unsigned count) {
      output.onStep(what.empty() ? "" : name + ": " + what, i, count);
    };
  return inner;
}

bool Compressor::isTimeUp() const {
  std::chrono::duration<double, std::ratio<60>> minutes =
      std::chrono::steady_clock::now() - start;
  return given.timeLimit && minutes.count() > *given.timeLimit;
}

//===----------------------------------------------------------------------===//
// The model as it was
//===----------------------------------------------------------------------===//

/// Weights may lie in other files.
static Error addModel(const std::string &path, Digest &digest) {
  if (Error error = digest.addPath(path))
    return error;
  Expected<onnx::ModelProto> model = calibrate::openModel(path);
  if (!model)
    return model.takeError();
  for (const onnx::TensorProto &tensor : model->graph().initializer())
    digest.add(tensor.raw_data());
  return Error::success();
}

Error Compressor::open() {
  Expected<std::vector<Recipe>> recipes = recipesOf(given.compressSteps);
  if (!recipes)
    return recipes.takeError();
  candidates.emplace(std::move(*recipes), *given.maxDrop);
  Digest digest;
  digest.add(Compiler::version());
  digest.add(sys::getHostCPUName());
  if (Error error = addModel(model, digest))
    return error;
  if (Error error = digest.addOptions(given))
    return error;
  for (const std::string &path :
       {given.calibration, given.budgetData, given.evaluationData})
    if (!path.empty())
      if (Error error = digest.addPath(path))
        return error;
  Expected<WorkFolder> opened =
      WorkFolder::open(given.compressFolder, digest.text());
  if (!opened)
    return opened.takeError();
  folder.emplace(std::move(*opened));
  return openBase();
}

Error Compressor::openBase() {
  CommandOutput loud = outputFor({});
  loud.onWarnings = output.onWarnings;
  auto host = compileToScore(optionsFor({}), model, loud);
  if (!host)
    return host.takeError();
  base = std::move(*host);
  // Beside itself, which tells what `auto` is and whether models can agree.
  EvaluatedModel judged = evaluatedModel(model, *base);
  Expected<Evaluation> result = evaluate(
      judged, &judged,
      {given.budgetData, given.metric, given.labels, tellSamples(loud)});
  tellEnd(loud);
  if (!result)
    return result.takeError();
  report.metric = result->metric;
  baseScore = mlc::scoreOf(*result);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

/// Writes what a step made; why it cannot be made is `failure`.
template <typename Model>
static Error store(const Result<Model> &made, const std::string &path,
                   std::string &failure) {
  if (!made) {
    failure = made.errors().front().message;
    return Error::success();
  }
  if (Result<void> written = made->write(path); !written)
    return createStringError(textOf(written.errors()));
  return Error::success();
}

Error Compressor::makeModel(const Recipe &recipe, std::string &failure) {
  std::string from = fileOf(*recipe.before()), to = folder->modelOf(recipe);
  CommandOutput inner = outputFor(recipe);
  Options within = given;
  within.maxDrop.reset();
  if (recipe.lastShare())
    within.maxDrop = dropLeft(recipe);
  else
    within.budgetData.clear();
  if (recipe.numbers != Numbers::F32) {
    QuantizeOptions options = quantizeOptions(within);
    auto made = quantize(from, options, tellShares(given, inner));
    tellEnd(inner);
    return store(made, to, failure);
  }
  if (recipe.lastStep().factors) {
    auto made =
        factorize(from, factorizeOptions(within), tellShares(given, inner));
    tellEnd(inner);
    if (made && made->report().countFactorized() == 0)
      failure = "no layer can become smaller ones within the drop";
    return failure.empty() ? store(made, to, failure) : Error::success();
  }
  PruneOptions options = pruneOptions(within);
  if (recipe.lastStep().channels)
    options.pattern = "channels";
  auto made = prune(from, options, tellShares(given, inner));
  tellEnd(inner);
  if (made && made->report().zeros == 0)
    failure = "nothing can be taken within the drop";
  return failure.empty() ? store(made, to, failure) : Error::success();
}

Expected<Evaluation> Compressor::evaluateOn(const Recipe &recipe,
                                            const std::string &data) {
  CommandOutput inner = outputFor(recipe);
  std::string path = fileOf(recipe);
  auto host = compileToScore(optionsFor(recipe), path, inner);
  if (!host)
    return host.takeError();
  EvaluatedModel reference = evaluatedModel(model, *base);
  bool isBeside = report.metric == ScoreMetric::Agreement;
  Expected<Evaluation> result =
      evaluate(evaluatedModel(path, **host), isBeside ? &reference : nullptr,
               {data, report.metric, given.labels, tellSamples(inner)});
  tellEnd(inner);
  return result;
}

/// What a candidate loses, and its score where the metric is one.
Expected<Record> Compressor::judge(const Recipe &recipe) {
  Expected<Evaluation> result = evaluateOn(recipe, given.budgetData);
  if (!result)
    return result.takeError();
  Record record;
  record.drop = dropBetween(report.metric, baseScore, mlc::scoreOf(*result));
  if (report.metric == ScoreMetric::Agreement)
    return record;
  if (!given.evaluationData.empty()) {
    result = evaluateOn(recipe, given.evaluationData);
    if (!result)
      return result.takeError();
  }
  record.score =
      ModelScore{report.metric, mlc::scoreOf(*result), result->samples};
  return record;
}

Expected<Record> Compressor::make(const Recipe &recipe) {
  Record record;
  if (recipe.lastShare() && dropLeft(recipe) < 0) {
    record.failure = "what it goes on from loses more already";
    return record;
  }
  if (recipe.steps() > 0 && recipeOfFile(recipe) == recipe)
    if (Error error = makeModel(recipe, record.failure))
      return std::move(error);
  if (!record.failure.empty())
    return record;
  return judge(recipe);
}

Error Compressor::measure(const Proposal &proposal, const Record &record) {
  Options options = optionsFor(proposal.recipe);
  options.evaluationData.clear();
  std::string path = fileOf(proposal.recipe);
  Expected<ModelFigures> figures =
      figuresOf(options, path, outputFor(proposal.recipe));
  if (!figures)
    return figures.takeError();
  Candidate candidate;
  candidate.recipe = proposal.recipe;
  candidate.model = path;
  candidate.drop = record.drop;
  candidate.figures = std::move(*figures);
  candidate.figures.name = proposal.recipe.name();
  candidate.figures.score = record.score;
  candidate.expected = proposal.expected;
  candidates->add(proposal.recipe, candidate.outcome());
  report.candidates.push_back(std::move(candidate));
  return Error::success();
}

Error Compressor::attempt(const Proposal &proposal) {
  std::optional<Record> record = folder->find(proposal.recipe);
  if (!record) {
    Expected<Record> made = make(proposal.recipe);
    if (!made)
      return made.takeError();
    record = std::move(*made);
    if (Error error = folder->keep(proposal.recipe, *record))
      return error;
  }
  if (record->failure.empty())
    return measure(proposal, *record);
  candidates->reject(proposal.recipe, record->failure);
  return Error::success();
}

Error Compressor::search() {
  while (std::optional<Proposal> proposal = candidates->next()) {
    if (!report.candidates.empty() && isTimeUp()) {
      report.isUnfinished = true;
      break;
    }
    if (Error error = attempt(*proposal))
      return error;
  }
  report.skipped = candidates->skipped();
  // Samples that do not fit, most often: it is the same for all of them.
  bool isMade = any_of(report.candidates, [](const Candidate &candidate) {
    return recipeOfFile(candidate.recipe).steps() > 0;
  });
  if (!isMade && !report.isUnfinished && !report.skipped.empty())
    return createStringError(model + ": no step can be done: " +
                             report.skipped.front().recipe.name() + ": " +
                             report.skipped.front().why);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// The result
//===----------------------------------------------------------------------===//

Error Compressor::timeFront() {
  markFront(report.candidates);
  std::vector<Measurement> measurements;
  std::vector<Candidate *> timed;
  for (Candidate &candidate : report.candidates) {
    if (!candidate.isOnFront && &candidate != &report.candidates.front())
      continue;
    Options options = optionsFor(candidate.recipe);
    Expected<CompileOptions> host = hostOptions(options, candidate.model);
    if (!host)
      return host.takeError();
    auto measurement = readModel(options, std::move(*host), output);
    if (!measurement)
      return measurement.takeError();
    measurements.push_back(std::move(*measurement));
    timed.push_back(&candidate);
  }
  Expected<std::vector<Times>> times = timeTurnByTurn(measurements);
  if (!times)
    return times.takeError();
  for (auto [candidate, found] : zip(timed, *times))
    candidate->figures.bench.times = found;
  return Error::success();
}

/// Of a model with external weights a file that holds them, where it can.
Error Compressor::writeBest() {
  const Candidate &best = report.candidates[report.chosen];
  Expected<onnx::ModelProto> file = calibrate::openModel(best.model);
  if (!file)
    return file.takeError();
  std::string bytes;
  if (!file->SerializeToString(&bytes)) {
    report.file = best.model;
    return Error::success();
  }
  report.file = folder->fileOf("best.onnx");
  if (Result<void> written = writeBytes(report.file, bytes); !written)
    return createStringError(textOf(written.errors()));
  return Error::success();
}

Error Compressor::writeReports() {
  raw_null_ostream none;
  auto write = [&](const std::string &path,
                   function_ref<void(raw_ostream &)> how) {
    return writeReport(path, none, how);
  };
  if (Error error = write(folder->fileOf("report.json"), [&](raw_ostream &os) {
        os << formatv("{0:2}\n", report.toJSON());
      }))
    return error;
  ModelReport all;
  for (const Candidate &candidate : report.candidates)
    all.models.push_back(candidate.figures);
  return write(folder->fileOf("report.html"),
               [&](raw_ostream &os) { all.writeHtml(os); });
}

Expected<CompressReport> Compressor::run() {
  using Step = Error (Compressor::*)();
  for (Step step :
       {&Compressor::open, &Compressor::search, &Compressor::timeFront})
    if (Error error = (this->*step)())
      return std::move(error);
  markFront(report.candidates);
  report.chosen = choose(report.candidates, report.budget);
  report.missed = missed(report.candidates[report.chosen], report.budget);
  for (Step step : {&Compressor::writeBest, &Compressor::writeReports})
    if (Error error = (this->*step)())
      return std::move(error);
  return std::move(report);
}
