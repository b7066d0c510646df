//===- Pruner.cpp - The steps of mlc prune --------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Pruner.h"

#include "Calibrate/AccuracyDrop.h"
#include "Calibrate/LayerPruning.h"
#include "Calibrate/MixedPrecision.h"
#include "Calibrate/OpenModel.h"
#include "Calibrate/OutputError.h"
#include "Calibrate/Plan.h"
#include "Calibrate/Prepare.h"
#include "Calibrate/Squares.h"
#include "Calibrate/StepClock.h"

#include "llvm/Support/Format.h"

using namespace mlc;
using namespace mlc::calibrate;

/// Shares of zeros that a layer can have, besides its own.
static constexpr double kShares[] = {0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95};
/// The one of them at which each layer is measured by itself.
static constexpr size_t kMeasured = 4;

namespace {

/// A layer at each of the shares, from none on.
struct Choices {
  std::vector<PrunedState> states;
  double alone = 0; ///< error of the outputs at the measured share
};

class Pruner {
public:
  Pruner(const std::string &path, const PruneOptions &options,
         const PruneProgress &progress)
      : path(path), options(options), clock(progress, mostSteps) {}

  llvm::Expected<PrunedModel> run();

private:
  /// Passes over layers alone and together, twice, and the report.
  static constexpr int mostSteps = 26;
  /// Samples that outputs are compared on.
  static constexpr int64_t mostMeasured = 256;

  llvm::Error problem(const llvm::Twine &what) const {
    return llvm::createStringError(path + ": " + what);
  }
  llvm::Error open();
  llvm::Error makePlan();
  llvm::Error explore();
  llvm::Error choose();
  llvm::Error pruneTogether();
  llvm::Error report();
  llvm::Expected<double> dropOf(llvm::ArrayRef<FloatLayer> layers);
  std::vector<FloatLayer> assembled(llvm::ArrayRef<size_t> chosen) const;
  void checkBudget();

  const std::string &path;
  const PruneOptions &options;
  StepClock clock;
  PrunePattern pattern;
  onnx::ModelProto model; ///< prepared
  RunOptions runOptions;
  std::optional<Session> session;
  std::optional<OutputError> outputs;
  std::optional<AccuracyDrop> drop;
  Plan plan;
  std::optional<LayerPruning> pruning;
  std::vector<Choices> choices; ///< by layer
  std::vector<size_t> chosen;   ///< 0, or the place of a share plus 1
  std::vector<FloatLayer> layers;
  PruneReport found;
};

} // namespace

/// "2:4", of which the first number is less.
static llvm::Expected<PrunePattern> parsePattern(llvm::StringRef text) {
  PrunePattern pattern;
  if (text.empty())
    return pattern;
  auto [keep, of] = text.split(':');
  constexpr int most = 64;
  if (keep.getAsInteger(10, pattern.keep) || of.getAsInteger(10, pattern.of) ||
      pattern.keep < 1 || pattern.of <= pattern.keep || pattern.of > most)
    return llvm::createStringError(
        "--pattern=" + text +
        ": n:m is required, with 1 <= n < m <= 64, as "
        "2:4");
  return pattern;
}

llvm::Error Pruner::open() {
  llvm::Expected<PrunePattern> parsed = parsePattern(options.pattern);
  if (!parsed)
    return parsed.takeError();
  pattern = *parsed;
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
  return llvm::Error::success();
}

/// Layers by groups, depthwise ones among them, have few weights and no kernel
/// that leaves some out.
llvm::Error Pruner::makePlan() {
  constexpr int64_t leastOpset = 7;
  if (llvm::Error error = prepare(model, leastOpset, runOptions))
    return error;
  plan = calibrate::makePlan(model.graph(), /*roundsAll=*/false);
  llvm::erase_if(plan.layers,
                 [](const Layer &layer) { return layer.groups > 1; });
  if (plan.layers.empty())
    return problem("has nothing to prune: no Conv without groups, Gemm or "
                   "MatMul with constant f32 weights");
  auto error = OutputError::create(*session, model, mostMeasured);
  if (!error)
    return error.takeError();
  outputs.emplace(std::move(*error));
  if (!outputs->canMeasure())
    return problem("has no output of floats that pruning could be measured by");
  pruning.emplace(*session, model, plan, pattern);
  return llvm::Error::success();
}

/// What each layer loses by itself, and what the outputs lose by that.
llvm::Error Pruner::explore() {
  choices.resize(plan.layers.size());
  std::vector<FloatLayer> all = pruning->floats();
  auto visit = [&](size_t i, std::vector<PrunedState> states) -> llvm::Error {
    std::swap(all[i], states[kMeasured].layer);
    llvm::Expected<double> error = outputs->of(withLayers(model, plan, all));
    std::swap(all[i], states[kMeasured].layer);
    if (!error)
      return error.takeError();
    choices[i].alone = *error;
    // Only a drop is measured on layers as they are now.
    if (!options.maxDrop)
      for (PrunedState &state : states)
        state.layer = {};
    choices[i].states = std::move(states);
    return llvm::Error::success();
  };
  return pruning->explore(kShares, options.biasCorrection, visit);
}

static uint64_t zerosOf(const FloatLayer &layer) {
  return llvm::count(layer.weights, 0.0f);
}

/// By layer, the weights that are left and the error at the outputs, which
/// grows as that of the layer's results does.
static std::vector<PrecisionOption> optionsOf(const Choices &of,
                                              const FloatLayer &floats) {
  uint64_t weights = floats.weights.size();
  std::vector<PrecisionOption> result{{weights - zerosOf(floats), 0}};
  if (of.states.empty())
    return result;
  double measured = of.states[kMeasured].error;
  for (const PrunedState &state : of.states)
    result.push_back({weights - state.zeros,
                      measured > 0 ? of.alone * (state.error / measured) : 0});
  return result;
}

std::vector<FloatLayer> Pruner::assembled(llvm::ArrayRef<size_t> which) const {
  std::vector<FloatLayer> result = pruning->floats();
  for (size_t i = 0; i < which.size(); ++i)
    if (which[i])
      result[i] = choices[i].states[which[i] - 1].layer;
  return result;
}

llvm::Expected<double> Pruner::dropOf(llvm::ArrayRef<FloatLayer> of) {
  return drop->of(withLayers(model, plan, of));
}

/// How many zeros each layer gets.
llvm::Error Pruner::choose() {
  std::vector<std::vector<PrecisionOption>> all;
  uint64_t weights = 0;
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    all.push_back(optionsOf(choices[i], pruning->floats()[i]));
    weights += pruning->floats()[i].weights.size();
  }
  PrecisionChoices search(std::move(all));
  if (options.sparsity) {
    auto left =
        static_cast<uint64_t>(double(weights) * (1 - *options.sparsity));
    auto fitting = search.within(std::max<uint64_t>(left, 1));
    chosen = fitting ? fitting->options : search.front().back().options;
    return llvm::Error::success();
  }
  int measured = 0;
  auto isGood = [&](const PrecisionChoice &choice) -> llvm::Expected<bool> {
    clock.tell("accuracy", measured++ ? 0.5 : 0);
    llvm::Expected<double> lost = dropOf(assembled(choice.options));
    if (!lost)
      return lost.takeError();
    return *lost <= *options.maxDrop;
  };
  auto smallest = search.smallest(isGood, /*tries=*/8);
  if (!smallest)
    return smallest.takeError();
  chosen = *smallest ? (*smallest)->options : search.front().front().options;
  return llvm::Error::success();
}

/// Prunes all layers in their order, each by what it reads behind those before
/// it, and keeps what loses least.
llvm::Error Pruner::pruneTogether() {
  std::vector<double> shares;
  for (size_t option : chosen)
    shares.push_back(option ? kShares[option - 1] : 0);
  auto together = pruning->run(shares, options.biasCorrection);
  if (!together)
    return together.takeError();
  layers = std::move(*together);
  if (!options.maxDrop)
    return llvm::Error::success();
  std::vector<FloatLayer> alone = assembled(chosen);
  llvm::Expected<double> before = dropOf(alone);
  if (!before)
    return before.takeError();
  llvm::Expected<double> after = dropOf(layers);
  if (!after)
    return after.takeError();
  if (*after > *before)
    layers = std::move(alone);
  return llvm::Error::success();
}

void Pruner::checkBudget() {
  llvm::raw_string_ostream os(found.missed);
  double share = double(found.zeros) / double(found.weights);
  if (options.sparsity && share < *options.sparsity - 1e-9)
    os << llvm::format("--sparsity=%g: %.4f of the weights are zero, more is "
                       "not to be had",
                       *options.sparsity, share);
  if (options.maxDrop && found.drop.value_or(0) > *options.maxDrop)
    os << (found.missed.empty() ? "" : "; ")
       << llvm::format("--max-drop=%g: %.2f are lost", *options.maxDrop,
                       *found.drop);
}

llvm::Error Pruner::report() {
  onnx::ModelProto result = withLayers(model, plan, layers);
  llvm::Expected<double> error = outputs->of(result);
  if (!error)
    return error.takeError();
  found.outputSqnr = decibels(*error);
  std::vector<std::string> values;
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    const Layer &layer = plan.layers[i];
    values.push_back(layer.output);
    PrunedLayer row;
    row.name = layer.name;
    row.op = layer.op;
    row.weights = layers[i].weights.size();
    row.zeros = zerosOf(layers[i]);
    row.aloneSqnr = decibels(choices[i].alone);
    found.weights += row.weights;
    found.zeros += row.zeros;
    found.layers.push_back(std::move(row));
  }
  auto sqnr = valueSqnr(*session, model, result, values);
  if (!sqnr)
    return sqnr.takeError();
  for (size_t i = 0; i < sqnr->size(); ++i)
    found.layers[i].resultSqnr = (*sqnr)[i];
  if (drop) {
    llvm::Expected<double> lost = dropOf(layers);
    if (!lost)
      return lost.takeError();
    found.drop = *lost;
  }
  checkBudget();
  found.samples = session->count();
  found.seconds = clock.seconds();
  return llvm::Error::success();
}

llvm::Expected<PrunedModel> Pruner::run() {
  using Step = llvm::Error (Pruner::*)();
  if (llvm::Error error = checkDrop(options.maxDrop, options.budgetData))
    return std::move(error);
  if (llvm::Error error = open())
    return std::move(error);
  if (llvm::Error error = makePlan())
    return std::move(error);
  if (!options.budgetData.empty()) {
    auto made = AccuracyDrop::create(
        model, {options.budgetData, options.metric, options.labels, {}},
        runOptions);
    if (!made)
      return made.takeError();
    drop.emplace(std::move(*made));
  }
  for (Step step : {&Pruner::explore, &Pruner::choose, &Pruner::pruneTogether,
                    &Pruner::report})
    if (llvm::Error error = (this->*step)())
      return std::move(error);
  return PrunedModel(withLayers(model, plan, layers).SerializeAsString(),
                     std::move(found));
}

llvm::Expected<PrunedModel>
calibrate::pruneFile(const std::string &path, const PruneOptions &options,
                     const PruneProgress &progress) {
  return Pruner(path, options, progress).run();
}
