//===- ChannelPruner.cpp - mlc prune --pattern=channels -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/ChannelPruner.h"

#include "Calibrate/ChannelPruning.h"
#include "Calibrate/LayerPruning.h"
#include "Calibrate/Prepare.h"
#include "Calibrate/PruneRun.h"
#include "Calibrate/RemoveChannels.h"

#include <cmath>
#include <map>

using namespace mlc;
using namespace mlc::calibrate;

/// Into how many steps a group's channels are parted.
static constexpr size_t kSteps = 16;
/// Steps at which the outputs are measured; between them the error grows as
/// that of the layers does.
static constexpr size_t kMeasured[] = {1, 3, 6, 9, 12, 15};

namespace {

/// What a group can lose.
struct GroupChoices {
  UnitOrder order;
  std::vector<size_t> counts; ///< from 0 on
  /// By place in `counts`: the weights that go, and the error of the outputs.
  std::vector<uint64_t> saved;
  std::vector<double> errors;
  /// Counts at which the outputs were measured, and what was found.
  std::vector<std::pair<size_t, double>> measured;
};

class ChannelPruner : public PruneRun {
public:
  ChannelPruner(const std::string &path, const PruneOptions &options,
                const PruneProgress &progress)
      : PruneRun(path, options, progress, /*steps=*/1) {}

private:
  llvm::Error begin() override;
  llvm::Error prune() override;
  llvm::Error reportLayers() override;
  const char *gone() const override { return "removed"; }

  llvm::Error explore();
  void estimate(GroupChoices &of) const;
  llvm::Error choose();
  std::vector<size_t> withinWeights(const PrecisionChoices &search,
                                    uint64_t weights) const;
  uint64_t weightsLeft(const std::vector<bool> &isGone, size_t layer) const;
  void countChannels(PrunedLayer &row, size_t layer) const;
  uint64_t weightsLeft(const std::vector<bool> &isGone) const;
  std::vector<bool> goneBy(llvm::ArrayRef<size_t> options) const;
  llvm::Expected<double> dropOf(const PrecisionChoice &choice);

  ChannelGroups groups;
  std::optional<ChannelPruning> pruning;
  std::vector<GroupChoices> choices; ///< by group
  std::vector<bool> isGone;          ///< by unit
  onnx::ModelProto masked;
};

} // namespace

//===----------------------------------------------------------------------===//
// What can go
//===----------------------------------------------------------------------===//

llvm::Error ChannelPruner::begin() {
  if (llvm::Error error =
          foldConstantNodes(model, runOptions, /*integers=*/true))
    return error;
  plan = makePlan(model.graph(), /*roundsAll=*/false);
  ownLayers(*model.mutable_graph(), plan);
  groups = findChannelGroups(model, plan, runOptions);
  if (groups.units == 0 || plan.layers.empty())
    return problem("has no channels to remove: all of them reach inputs, "
                   "outputs or operators that need them all, or no layer is a "
                   "Conv, Gemm or MatMul with constant f32 weights");
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Of `all` places, whose units are these or which all stay.
static uint64_t leftOf(const std::vector<bool> &isGone,
                       llvm::ArrayRef<int> units, int64_t all) {
  if (units.empty())
    return all;
  return llvm::count_if(units,
                        [&](int unit) { return unit < 0 || !isGone[unit]; });
}

uint64_t ChannelPruner::weightsLeft(const std::vector<bool> &which,
                                    size_t i) const {
  const Layer &layer = plan.layers[i];
  return leftOf(which, groups.rows[i], layer.rows) *
         leftOf(which, groups.columns[i], layer.columns);
}

uint64_t ChannelPruner::weightsLeft(const std::vector<bool> &which) const {
  uint64_t sum = 0;
  for (size_t i = 0; i < plan.layers.size(); ++i)
    sum += weightsLeft(which, i);
  return sum;
}

std::vector<bool> ChannelPruner::goneBy(llvm::ArrayRef<size_t> options) const {
  std::vector<bool> result(groups.units, false);
  for (size_t g = 0; g < options.size(); ++g)
    for (size_t i = 0; i < choices[g].counts[options[g]]; ++i)
      result[choices[g].order.units[i]] = true;
  if (!groups.leavesNone(result))
    return result;
  // Groups that end in one value leave it some together.
  std::vector<bool> some(groups.units, false);
  for (int unit = 0; unit < groups.units; ++unit) {
    some[unit] = result[unit];
    if (some[unit] && groups.leavesNone(some))
      some[unit] = false;
  }
  return some;
}

//===----------------------------------------------------------------------===//
// Groups by themselves
//===----------------------------------------------------------------------===//

/// Of many channels as many stay as fill vectors: those beyond take as long.
static size_t lanesOf(size_t channels) {
  return channels >= 64 ? 8 : channels >= 32 ? 4 : 1;
}

/// Errors of the outputs are measured on one model, whose layers are inputs.
llvm::Error ChannelPruner::explore() {
  auto runner = outputs->compile(openLayers(model, plan));
  if (!runner)
    return runner.takeError();
  std::vector<std::vector<size_t>> measured;
  choices.resize(groups.groups.size());
  for (size_t g = 0; g < choices.size(); ++g) {
    size_t all = groups.groups[g].units.size();
    std::vector<size_t> &counts = choices[g].counts;
    size_t lanes = lanesOf(all);
    for (size_t step = 0; step < kSteps; ++step) {
      size_t left = all - all * step / kSteps;
      size_t count = all - std::min(all, (left + lanes - 1) / lanes * lanes);
      if (counts.empty() || counts.back() < count)
        counts.push_back(count);
    }
    std::vector<size_t> &at = measured.emplace_back();
    for (size_t step : kMeasured)
      at.push_back(std::max<size_t>(1, all * step / kSteps));
  }
  auto visit = [&](size_t group, size_t count,
                   llvm::ArrayRef<FloatLayer> layers) -> llvm::Error {
    clock.tell("channels alone", group || count > 1 ? 0.5 : 0);
    auto numbers = layerInputs(model, plan, layers);
    if (!numbers)
      return numbers.takeError();
    llvm::Expected<double> error = outputs->of(**runner, *numbers);
    if (!error)
      return error.takeError();
    choices[group].measured.emplace_back(count, *error);
    return llvm::Error::success();
  };
  auto orders = pruning->explore(measured, visit);
  if (!orders)
    return orders.takeError();
  for (size_t g = 0; g < choices.size(); ++g) {
    choices[g].order = std::move((*orders)[g]);
    estimate(choices[g]);
  }
  return llvm::Error::success();
}

/// Errors at all counts by those that were measured.
void ChannelPruner::estimate(GroupChoices &of) const {
  while (of.counts.size() > 1 && of.counts.back() > of.order.units.size())
    of.counts.pop_back();
  auto lossAt = [&](size_t count) {
    return count ? of.order.losses[count - 1] : 0;
  };
  // Of one count to the next, the ratio of both errors goes over evenly.
  auto ratioAt = [&](size_t count) {
    double before = 0, after = 0, share = 0;
    size_t last = 0;
    for (auto [at, error] : of.measured) {
      double ratio = lossAt(at) > 0 ? error / lossAt(at) : 0;
      before = last ? after : ratio;
      after = ratio;
      share = count >= at || at == last
                  ? 1
                  : double(std::max(count, last) - last) / double(at - last);
      last = at;
      if (count <= at)
        break;
    }
    return before + (after - before) * share;
  };
  uint64_t all = weightsLeft(std::vector<bool>(groups.units, false));
  for (size_t count : of.counts) {
    std::vector<bool> which(groups.units, false);
    for (size_t i = 0; i < count; ++i)
      which[of.order.units[i]] = true;
    of.saved.push_back(all - weightsLeft(which));
    double error = lossAt(count) * ratioAt(count);
    double most = of.errors.empty() ? 0 : of.errors.back();
    of.errors.push_back(std::max(most, std::isfinite(error) ? error : 1e30));
  }
}

//===----------------------------------------------------------------------===//
// The choice
//===----------------------------------------------------------------------===//

/// Of the choices by the weights that each group saves by itself, the one that
/// leaves no more than so many when all of them go together: where two groups
/// meet in a layer, weights are counted twice.
std::vector<size_t> ChannelPruner::withinWeights(const PrecisionChoices &search,
                                                 uint64_t weights) const {
  uint64_t low = 0, high = search.front().front().bytes;
  std::vector<size_t> best = search.front().back().options;
  while (low < high) {
    uint64_t middle = low + (high - low + 1) / 2;
    auto fitting = search.within(std::max<uint64_t>(middle, 1));
    if (fitting && weightsLeft(goneBy(fitting->options)) <= weights) {
      best = fitting->options;
      low = middle;
    } else if (fitting) {
      high = middle - 1;
    } else {
      low = middle;
    }
  }
  return best;
}

llvm::Expected<double> ChannelPruner::dropOf(const PrecisionChoice &choice) {
  auto layers = pruning->repair(goneBy(choice.options));
  if (!layers)
    return layers.takeError();
  return drop->of(withLayers(model, plan, *layers));
}

llvm::Error ChannelPruner::choose() {
  std::vector<std::vector<PrecisionOption>> all;
  for (const GroupChoices &of : choices) {
    std::vector<PrecisionOption> &options = all.emplace_back();
    for (size_t i = 0; i < of.counts.size(); ++i)
      options.push_back({of.saved.back() - of.saved[i], of.errors[i]});
  }
  PrecisionChoices search(std::move(all));
  std::vector<size_t> chosen;
  if (options.sparsity) {
    uint64_t weights = weightsLeft(std::vector<bool>(groups.units, false));
    chosen =
        withinWeights(search, static_cast<uint64_t>(double(weights) *
                                                    (1 - *options.sparsity)));
  } else {
    auto good = smallestGood(
        search, [&](const PrecisionChoice &choice) { return dropOf(choice); },
        /*tries=*/4);
    if (!good)
      return good.takeError();
    chosen = std::move(*good);
  }
  isGone = goneBy(chosen);
  return llvm::Error::success();
}

llvm::Error ChannelPruner::prune() {
  pruning.emplace(*session, model, plan, groups, options.biasCorrection);
  if (llvm::Error error = pruning->begin())
    return error;
  constexpr int measurements = 16; // for a drop
  auto passes = static_cast<int>(pruning->countPasses());
  clock.expect((options.maxDrop ? measurements * (passes + 1) : passes) + 4);
  if (llvm::Error error = explore())
    return error;
  if (llvm::Error error = choose())
    return error;
  auto layers = pruning->repair(isGone);
  if (!layers)
    return layers.takeError();
  masked = withLayers(model, plan, *layers);
  pruned = removeChannels(masked, groups, isGone);
  return checkRemoved(*session, masked, pruned);
}

//===----------------------------------------------------------------------===//
// The report
//===----------------------------------------------------------------------===//

llvm::Error ChannelPruner::reportLayers() {
  auto rows = layerRows(masked);
  if (!rows)
    return rows.takeError();
  found.layers = std::move(*rows);
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    PrunedLayer &row = found.layers[i];
    row.weights = plan.layers[i].rows * plan.layers[i].columns;
    row.zeros = row.weights - weightsLeft(isGone, i);
    countChannels(row, i);
  }
  for (const ChannelGroup &group : groups.groups) {
    PrunedGroup row;
    row.channels = group.units.size();
    std::map<int, int> places = {{ChannelLabels::stays, -1}};
    for (size_t i = 0; i < group.units.size(); ++i) {
      places[group.units[i]] = static_cast<int>(i);
      if (!isGone[group.units[i]])
        row.left.push_back(i);
    }
    for (size_t i : group.makers) {
      PrunedGroup::Layer &layer = row.layers.emplace_back();
      layer.name = plan.layers[i].name;
      for (int unit : groups.rows[i])
        layer.outputs.push_back(places[unit]);
    }
    found.groups.push_back(std::move(row));
  }
  return llvm::Error::success();
}

void ChannelPruner::countChannels(PrunedLayer &row, size_t i) const {
  const Layer &layer = plan.layers[i];
  bool isConv = layer.op == "Conv";
  int64_t each = isConv ? layer.shape[1] : layer.columns;
  row.outputs = layer.rows;
  row.inputs = each * layer.groups;
  row.outputsLeft = leftOf(isGone, groups.rows[i], layer.rows);
  // A depthwise Conv has the groups that its rows are left of.
  row.inputsLeft = each == 1 && layer.groups > 1
                       ? row.outputsLeft / (layer.rows / layer.groups)
                       : leftOf(isGone, groups.columns[i], layer.columns) /
                             (layer.columns / each) * layer.groups;
}

llvm::Expected<PrunedModel>
calibrate::pruneChannels(const std::string &path, const PruneOptions &options,
                         const PruneProgress &progress) {
  return ChannelPruner(path, options, progress).run();
}
