//===- Pruner.cpp - The steps of mlc prune --------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Pruner.h"

#include "Calibrate/ChannelPruner.h"
#include "Calibrate/LayerPruning.h"
#include "Calibrate/PruneRun.h"
#include "Calibrate/Squares.h"

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

class ZeroPruner : public PruneRun {
public:
  ZeroPruner(const std::string &path, const PruneOptions &options,
             const PruneProgress &progress, PrunePattern pattern)
      : PruneRun(path, options, progress, mostSteps), pattern(pattern) {}

private:
  /// Passes over layers alone and together, twice, and the report.
  static constexpr int mostSteps = 26;

  llvm::Error begin() override;
  llvm::Error prune() override;
  llvm::Error reportLayers() override;
  const char *gone() const override { return "zero"; }

  llvm::Error explore();
  llvm::Error choose();
  llvm::Error pruneTogether();
  llvm::Expected<double> dropOf(llvm::ArrayRef<FloatLayer> layers);
  std::vector<FloatLayer> assembled(llvm::ArrayRef<size_t> chosen) const;

  PrunePattern pattern;
  std::optional<LayerPruning> pruning;
  std::vector<Choices> choices; ///< by layer
  std::vector<size_t> chosen;   ///< 0, or the place of a share plus 1
  std::vector<FloatLayer> layers;
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
        ": n:m is required, with 1 <= n < m <= 64, as 2:4, or channels");
  return pattern;
}

/// Layers by groups, depthwise ones among them, have few weights and no kernel
/// that leaves some out.
llvm::Error ZeroPruner::begin() {
  llvm::erase_if(plan.layers,
                 [](const Layer &layer) { return layer.groups > 1; });
  if (plan.layers.empty())
    return problem("has nothing to prune: no Conv without groups, Gemm or "
                   "MatMul with constant f32 weights");
  return llvm::Error::success();
}

/// What each layer loses by itself, and what the outputs lose by that.
llvm::Error ZeroPruner::explore() {
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

std::vector<FloatLayer>
ZeroPruner::assembled(llvm::ArrayRef<size_t> which) const {
  std::vector<FloatLayer> result = pruning->floats();
  for (size_t i = 0; i < which.size(); ++i)
    if (which[i])
      result[i] = choices[i].states[which[i] - 1].layer;
  return result;
}

llvm::Expected<double> ZeroPruner::dropOf(llvm::ArrayRef<FloatLayer> of) {
  return drop->of(withLayers(model, plan, of));
}

/// How many zeros each layer gets.
llvm::Error ZeroPruner::choose() {
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
  auto smallest = smallestGood(
      search,
      [&](const PrecisionChoice &choice) {
        return dropOf(assembled(choice.options));
      },
      /*tries=*/8);
  if (!smallest)
    return smallest.takeError();
  chosen = std::move(*smallest);
  return llvm::Error::success();
}

/// Prunes all layers in their order, each by what it reads behind those before
/// it, and keeps what loses least.
llvm::Error ZeroPruner::pruneTogether() {
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

llvm::Error ZeroPruner::prune() {
  pruning.emplace(*session, model, plan, pattern);
  if (llvm::Error error = explore())
    return error;
  if (llvm::Error error = choose())
    return error;
  if (llvm::Error error = pruneTogether())
    return error;
  pruned = withLayers(model, plan, layers);
  return llvm::Error::success();
}

llvm::Error ZeroPruner::reportLayers() {
  auto rows = layerRows(pruned);
  if (!rows)
    return rows.takeError();
  found.layers = std::move(*rows);
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    PrunedLayer &row = found.layers[i];
    row.weights = layers[i].weights.size();
    row.zeros = zerosOf(layers[i]);
    row.aloneSqnr = decibels(choices[i].alone);
  }
  return llvm::Error::success();
}

llvm::Expected<PrunedModel>
calibrate::pruneFile(const std::string &path, const PruneOptions &options,
                     const PruneProgress &progress) {
  if (options.pattern == "channels")
    return pruneChannels(path, options, progress);
  llvm::Expected<PrunePattern> pattern = parsePattern(options.pattern);
  if (!pattern)
    return pattern.takeError();
  return ZeroPruner(path, options, progress, *pattern).run();
}
