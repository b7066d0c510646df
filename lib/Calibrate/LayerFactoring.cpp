//===- LayerFactoring.cpp - Layers of a model as products -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/LayerFactoring.h"

#include <cmath>

using namespace mlc;
using namespace mlc::calibrate;

/// Operations that the fit of a form may take while many are tried, and that of
/// the one that was chosen.
static constexpr double flopsToTry = 3e9, flopsToFit = 6e10;
/// What a form has to save of the time: less is no more than noise.
static constexpr double leastGain = 0.03;

LayerFactoring::LayerFactoring(Session &session, const onnx::ModelProto &model,
                               const Plan &plan,
                               const FactorizeOptions &options)
    : model(model), plan(plan), options(options),
      repair(session, model, plan, options.biasCorrection) {}

llvm::Error LayerFactoring::begin(const RunOptions &runOptions,
                                  bool hasSamples) {
  auto found = kindsOf(options.factorKinds);
  if (!found)
    return found.takeError();
  kinds = std::move(*found);
  auto inputs = layerShapes(model, plan, runOptions);
  if (!inputs)
    return inputs.takeError();
  shapes = std::move(*inputs);
  for (size_t i = 0; i < plan.layers.size(); ++i)
    before.push_back(calibrate::costOf(plan.layers[i], nodeOf(i), shapes[i]));
  if (options.factorCost == FactorCost::Ms) {
    times.emplace(model, plan, shapes, runOptions);
    for (size_t i = 0; i < plan.layers.size(); ++i) {
      auto ms = times->of(i);
      if (!ms)
        return ms.takeError();
      before[i].ms = ms->front();
    }
  }
  return hasSamples ? repair.begin() : llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

uint64_t LayerFactoring::unitsOf(const LayerCost &cost) const {
  switch (options.factorCost) {
  case FactorCost::Ms:
    return static_cast<uint64_t>(std::llround(cost.ms * 1e6));
  case FactorCost::Macs:
    return cost.macs;
  case FactorCost::Weights:
    return cost.weights;
  }
  return 0;
}

std::string LayerFactoring::whyNot(size_t i) const {
  const Layer &layer = plan.layers[i];
  if (layer.groups > 1)
    return "has groups";
  if (before[i].weights == 0)
    return "multiplies a vector";
  FactorShape shape = shapeOf(layer);
  if (llvm::none_of(kinds, [&](FactorKind kind) { return canBe(kind, shape); }))
    return "none of the kinds fits its weights";
  return "";
}

bool LayerFactoring::costsLess(const LayerCost &cost, size_t i) const {
  double least = options.factorCost == FactorCost::Ms ? 1 - leastGain : 1;
  return double(unitsOf(cost)) < least * double(unitsOf(before[i]));
}

llvm::Error LayerFactoring::addTimes(size_t i,
                                     llvm::ArrayRef<FactoredLayer> made,
                                     std::vector<FactorCandidate> &candidates) {
  if (!times)
    return llvm::Error::success();
  auto ms = times->of(i, made);
  if (!ms)
    return ms.takeError();
  for (size_t at = 0; at < candidates.size(); ++at)
    candidates[at].cost.ms = (*ms)[at + 1];
  return llvm::Error::success();
}

/// `forms`, each fitted and with what it costs, those that cost less.
llvm::Expected<std::vector<FittedCandidate>>
LayerFactoring::fitAll(size_t i, const LayerFactors &factors,
                       llvm::ArrayRef<FactorForm> forms) {
  std::vector<FactoredLayer> made;
  std::vector<FactorCandidate> candidates;
  for (const FactorForm &form : forms) {
    made.push_back({form, factors.fit(form, flopsToTry)});
    candidates.push_back(
        {form, calibrate::costOf(form, plan.layers[i], nodeOf(i), shapes[i]),
         made.back().factors.error, 0});
  }
  if (llvm::Error error = addTimes(i, made, candidates))
    return std::move(error);
  std::vector<FittedCandidate> result;
  for (size_t at = 0; at < made.size(); ++at)
    if (costsLess(candidates[at].cost, i) &&
        std::isfinite(candidates[at].error))
      result.push_back({candidates[at], std::move(made[at].factors)});
  return std::move(result);
}

//===----------------------------------------------------------------------===//
// What is exact
//===----------------------------------------------------------------------===//

llvm::Expected<std::map<size_t, FittedCandidate>> LayerFactoring::exact() {
  std::map<size_t, FittedCandidate> result;
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    if (!whyNot(i).empty())
      continue;
    FactorShape shape = shapeOf(plan.layers[i]);
    LayerFactors factors(floats()[i].weights, shape,
                         InputCovariance::identity(shape.columns()));
    auto all = fitAll(i, factors, exactForms(factors, shape, kinds));
    if (!all)
      return all.takeError();
    FittedCandidate *best = nullptr;
    for (FittedCandidate &each : *all)
      if (each.of.error <= exactError &&
          (!best || unitsOf(each.of.cost) < unitsOf(best->of.cost)))
        best = &each;
    if (best)
      result.emplace(i, std::move(*best));
  }
  return std::move(result);
}

//===----------------------------------------------------------------------===//
// Layers alone
//===----------------------------------------------------------------------===//

static InputCovariance covarianceOf(LayerFit &fit) {
  InputCovariance covariance;
  for (LayerFit::Part &part : fit.allParts())
    covariance.add(part.sums);
  return covariance;
}

/// `before` with other weights, and the bias that makes up for what they do to
/// the means.
FloatLayer LayerFactoring::numbersOf(size_t i, LayerFit &fit, FloatLayer before,
                                     const std::vector<float> &product) const {
  const Layer &layer = plan.layers[i];
  if (repair.hasMeans(layer))
    for (LayerFit::Part &part : fit.allParts()) {
      auto take = [&](llvm::ArrayRef<float> weights) {
        return takeColumns(weights, layer.rows, layer.columns, part.block);
      };
      auto from = [&](const std::vector<float> &weights) {
        return take(llvm::ArrayRef(weights).drop_front(part.block.first));
      };
      fit.shift(part.meanLoss(from(before.weights), from(product)), part,
                before.bias);
    }
  before.weights = product;
  return before;
}

/// Leaves those that no other beats both in cost and in error, the cheapest
/// last.
static void keepFront(std::vector<FittedCandidate> &all,
                      llvm::function_ref<uint64_t(const LayerCost &)> unitsOf) {
  auto key = [&](const FittedCandidate &each) {
    const FactorForm &form = each.of.form;
    return std::make_tuple(each.of.error, unitsOf(each.of.cost), form.kind,
                           form.rank, form.outer);
  };
  llvm::sort(all, [&](const FittedCandidate &a, const FittedCandidate &b) {
    return key(a) < key(b);
  });
  uint64_t least = UINT64_MAX;
  llvm::erase_if(all, [&](const auto &each) {
    uint64_t units = unitsOf(each.of.cost);
    if (units >= least)
      return true;
    least = units;
    return false;
  });
}

/// Of forms that were not measured at the outputs, by those that were: the
/// ratio of both errors goes over evenly from one to the next.
static void estimateBetween(std::vector<FactorCandidate> &candidates,
                            llvm::ArrayRef<size_t> measured) {
  auto ratio = [&](size_t at) {
    const FactorCandidate &of = candidates[at];
    return of.error > 0 ? of.outputs / of.error : 0;
  };
  for (size_t next = 1; next < measured.size(); ++next) {
    size_t first = measured[next - 1], last = measured[next];
    for (size_t at = first + 1; at < last; ++at) {
      double share = double(at - first) / double(last - first);
      candidates[at].outputs =
          candidates[at].error *
          (ratio(first) + share * (ratio(last) - ratio(first)));
    }
  }
  double most = 0;
  for (FactorCandidate &each : candidates)
    each.outputs = most = std::max(most, std::isfinite(each.outputs)
                                             ? std::min(each.outputs, 1e30)
                                             : 1e30);
}

llvm::Expected<std::vector<FactorCandidate>>
LayerFactoring::exploreLayer(size_t i, LayerFit &fit, Measure measure) {
  const Layer &layer = plan.layers[i];
  FactorShape shape = shapeOf(layer);
  LayerFactors factors(floats()[i].weights, shape, covarianceOf(fit));
  auto share = [&](const FactorForm &form) {
    LayerCost cost = calibrate::costOf(form, layer, nodeOf(i), shapes[i]);
    return options.factorCost == FactorCost::Weights
               ? double(cost.weights) / double(before[i].weights)
               : double(cost.macs) / double(before[i].macs);
  };
  auto all = fitAll(i, factors, formsWithin(factors, shape, kinds, share));
  if (!all)
    return all.takeError();
  keepFront(*all, [&](const LayerCost &cost) { return unitsOf(cost); });
  std::vector<FactorCandidate> candidates;
  for (const FittedCandidate &each : *all)
    candidates.push_back(each.of);
  constexpr size_t most = 4;
  std::vector<size_t> measured;
  std::vector<FloatLayer> now = floats();
  for (size_t at = 0; at < std::min(most, all->size()); ++at) {
    size_t place =
        all->size() <= most ? at : at * (all->size() - 1) / (most - 1);
    now[i] = numbersOf(i, fit, floats()[i], (*all)[place].factors.product);
    llvm::Expected<double> error = measure(now);
    if (!error)
      return error.takeError();
    candidates[place].outputs = *error;
    measured.push_back(place);
  }
  estimateBetween(candidates, measured);
  return std::move(candidates);
}

llvm::Expected<std::vector<std::vector<FactorCandidate>>>
LayerFactoring::explore(Measure measure) {
  std::vector<std::vector<FactorCandidate>> result(plan.layers.size());
  for (size_t first = 0, end; first < plan.layers.size(); first = end) {
    std::vector<size_t> some;
    double bytes = 0;
    for (end = first; end < plan.layers.size(); ++end) {
      if (!whyNot(end).empty())
        continue;
      bytes += LayerRepair::bytesOf(plan.layers[end]);
      if (!some.empty() && bytes > LayerRepair::mostBytes)
        break;
      some.push_back(end);
    }
    if (some.empty())
      break;
    auto fits = repair.vectorsOf(some, "layers");
    if (!fits)
      return fits.takeError();
    for (size_t i : some) {
      auto candidates = exploreLayer(i, fits->at(i), measure);
      if (!candidates)
        return candidates.takeError();
      result[i] = std::move(*candidates);
    }
  }
  return std::move(result);
}

//===----------------------------------------------------------------------===//
// All together
//===----------------------------------------------------------------------===//

llvm::Expected<std::vector<FloatLayer>>
LayerFactoring::factor(const std::map<size_t, FactorForm> &forms,
                       std::map<size_t, FactoredLayer> &made) {
  made.clear();
  std::vector<bool> isChanged(plan.layers.size(), false);
  for (const auto &each : forms)
    isChanged[each.first] = true;
  auto fitted = [&](size_t i, LayerFit &fit) {
    FloatLayer now =
        fittedLayer(fit, floats()[i], repair.hasMeans(plan.layers[i]),
                    [](int64_t) { return true; });
    auto form = forms.find(i);
    if (form == forms.end())
      return now;
    LayerFactors factors(now.weights, shapeOf(plan.layers[i]),
                         covarianceOf(fit));
    FactoredLayer &of =
        made[i] = {form->second, factors.fit(form->second, flopsToFit)};
    return numbersOf(i, fit, now, of.factors.product);
  };
  return repair.repair(std::move(isChanged), fitted);
}
