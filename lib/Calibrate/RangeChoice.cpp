//===- RangeChoice.cpp - Which observer suits which activation ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/RangeChoice.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlc;
using namespace mlc::calibrate;

static Range rangeOf(const Observer &observer, RangeObserver which) {
  switch (which) {
  case RangeObserver::Percentile:
    return observer.percentile(99.99);
  case RangeObserver::Mse:
    return observer.leastSquares(256, /*symmetric=*/false);
  case RangeObserver::Entropy:
    return observer.entropy(256, /*symmetric=*/false);
  default:
    return observer.minMax();
  }
}

std::vector<RangeCandidate>
calibrate::rangeCandidates(const Observer &observer, RangeObserver which,
                           const ActivationForm &form) {
  std::vector<RangeCandidate> result;
  for (RangeObserver each :
       {RangeObserver::MinMax, RangeObserver::Mse, RangeObserver::Percentile,
        RangeObserver::Entropy}) {
    if (which != RangeObserver::Auto && which != each)
      continue;
    Stored stored = storedFor(rangeOf(observer, each), form);
    if (llvm::none_of(result, [&](const RangeCandidate &other) {
          return other.stored == stored;
        }))
      result.push_back({each, stored});
  }
  return result;
}

namespace {

/// The model with the ranges of groups as inputs.
class Simulation {
public:
  Simulation(OutputError &error, std::unique_ptr<ModelRunner> runner,
             ActivationType type)
      : error(error), runner(std::move(runner)), type(type) {}

  llvm::Error makeInputs(int groups);
  /// The error of the outputs with these ranges.
  llvm::Expected<double> measure(llvm::ArrayRef<Stored> groups);
  /// Looks at so few samples from now on that `times` measurements stay within
  /// `products` multiplications; false where none would be left.
  bool limitTo(double products, size_t times) {
    double each = static_cast<double>(runner->macs()) * times;
    double runs = products / std::max(each, 1.0);
    double share = static_cast<double>(error.runCount()) / runs;
    stride = static_cast<size_t>(std::ceil(std::max(share, 1.0)));
    return stride <= error.runCount();
  }

private:
  OutputError &error;
  std::unique_ptr<ModelRunner> runner;
  ActivationType type;
  std::vector<Tensor> ranges;
  size_t stride = 1;
};

} // namespace

llvm::Error Simulation::makeInputs(int groups) {
  ElementType byte =
      type == ActivationType::U8 ? ElementType::U8 : ElementType::I8;
  for (int i = 0; i < 2 * groups; ++i) {
    auto tensor = Tensor::create(i % 2 ? byte : ElementType::F32, {});
    if (!tensor)
      return tensor.takeError();
    ranges.push_back(std::move(*tensor));
  }
  return llvm::Error::success();
}

llvm::Expected<double> Simulation::measure(llvm::ArrayRef<Stored> groups) {
  for (auto [i, stored] : llvm::enumerate(groups)) {
    ranges[2 * i].values<float>()[0] = stored.scale;
    ranges[2 * i + 1].values<int8_t>()[0] =
        static_cast<int8_t>(stored.zeroPoint);
  }
  return error.of(*runner, ranges, stride);
}

namespace {

/// Looks for the best candidate of each group.
class Search {
public:
  Search(Simulation &simulation,
         llvm::ArrayRef<std::vector<RangeCandidate>> candidates)
      : simulation(simulation), candidates(candidates) {}

  llvm::Error tryObservers();
  llvm::Error tryEach(llvm::function_ref<void(double share)> tell);
  const std::vector<size_t> &chosen() const { return best; }

private:
  llvm::Expected<double> measure(llvm::ArrayRef<size_t> places) {
    std::vector<Stored> groups;
    for (auto [group, place] : llvm::enumerate(places))
      groups.push_back(candidates[group][place].stored);
    return simulation.measure(groups);
  }

  Simulation &simulation;
  llvm::ArrayRef<std::vector<RangeCandidate>> candidates;
  std::vector<size_t> best;
  double least = 0;
};

} // namespace

/// One observer for all groups; where a group has it not, it is the same as the
/// first.
llvm::Error Search::tryObservers() {
  for (RangeObserver observer :
       {RangeObserver::MinMax, RangeObserver::Mse, RangeObserver::Percentile,
        RangeObserver::Entropy}) {
    std::vector<size_t> places;
    for (const std::vector<RangeCandidate> &group : candidates) {
      const auto *found =
          llvm::find_if(llvm::ArrayRef(group), [&](const RangeCandidate &c) {
            return c.observer == observer;
          });
      size_t place = found - group.data();
      places.push_back(place < group.size() ? place : 0);
    }
    llvm::Expected<double> error = measure(places);
    if (!error)
      return error.takeError();
    if (!best.empty() && *error >= least)
      continue;
    least = *error;
    best = std::move(places);
  }
  return llvm::Error::success();
}

/// Group after group; what gains less than this share is noise.
llvm::Error Search::tryEach(llvm::function_ref<void(double share)> tell) {
  constexpr double noise = 0.002;
  llvm::Expected<double> now = measure(best);
  if (!now)
    return now.takeError();
  least = *now;
  for (size_t group = 0; group < candidates.size(); ++group) {
    tell(static_cast<double>(group + 1) / candidates.size());
    size_t before = best[group];
    for (size_t place = 0; place < candidates[group].size(); ++place) {
      if (place == before)
        continue;
      std::vector<size_t> places = best;
      places[group] = place;
      llvm::Expected<double> error = measure(places);
      if (!error)
        return error.takeError();
      if (*error >= least * (1 - noise))
        continue;
      least = *error;
      best = std::move(places);
    }
  }
  return llvm::Error::success();
}

llvm::Expected<std::vector<size_t>>
calibrate::chooseRanges(Session &session, const onnx::ModelProto &model,
                        const Plan &plan,
                        llvm::ArrayRef<std::vector<RangeCandidate>> candidates,
                        const ActivationForm &form, OutputError &error) {
  size_t all = 0;
  for (const std::vector<RangeCandidate> &group : candidates)
    all += group.size() - 1;
  if (all == 0 || !error.canMeasure())
    return std::vector<size_t>(candidates.size(), 0);
  session.tell("choosing ranges", 0);
  auto runner = error.compile(writeSimulation(model, plan, form));
  if (!runner)
    return runner.takeError();
  Simulation simulation(error, std::move(*runner), form.type);
  if (llvm::Error wrong = simulation.makeInputs(plan.groups))
    return std::move(wrong);
  Search search(simulation, candidates);
  if (llvm::Error wrong = search.tryObservers())
    return std::move(wrong);
  // By the model alone, so that the result does not depend on the machine's
  // speed: a minute at 50 GMAC/s.
  constexpr double mostProducts = 3e12;
  if (simulation.limitTo(mostProducts, all + 1))
    if (llvm::Error wrong = search.tryEach(
            [&](double share) { session.tell("choosing ranges", share); }))
      return std::move(wrong);
  return search.chosen();
}
