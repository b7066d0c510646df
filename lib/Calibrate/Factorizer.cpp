//===- Factorizer.cpp - The steps of mlc factorize ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Factorizer.h"

#include "Calibrate/LayerFactoring.h"
#include "Calibrate/LayerPruning.h"
#include "Calibrate/RemoveChannels.h"
#include "Calibrate/SampledRun.h"

#include "llvm/Support/Format.h"

using namespace mlc;
using namespace mlc::calibrate;

namespace {

class Factorizer : public SampledRun {
public:
  Factorizer(const std::string &path, const FactorizeOptions &options,
             const FactorizeProgress &progress)
      : SampledRun(path, options, progress, /*steps=*/8), options(options) {}

  llvm::Expected<FactorizedModel> run();

private:
  bool isExact() const { return !options.saving && !options.maxDrop; }
  llvm::Error begin() override;
  llvm::Error findExact();
  llvm::Error search();
  llvm::Expected<std::vector<size_t>> choose();
  std::map<size_t, FactorForm> formsOf(llvm::ArrayRef<size_t> chosen) const;
  llvm::Error timeRuns();
  llvm::Error report();
  void reportLayer(size_t layer, double sqnr);
  void reportOthers();
  void checkBudget();

  const FactorizeOptions &options;
  std::vector<Layer> others; ///< that share their constants
  std::optional<LayerFactoring> factoring;
  std::vector<std::vector<FactorCandidate>> candidates; ///< by layer
  /// What layers became, and as what they were judged.
  std::map<size_t, FactoredLayer> made;
  std::map<size_t, FactorCandidate> chosen;
  onnx::ModelProto result;
  FactorizeReport found;
};

} // namespace

/// Without a budget a layer's constants may be others' as well: it gets new
/// ones.
llvm::Error Factorizer::begin() {
  if (!isExact())
    others = ownLayers(*model.mutable_graph(), plan);
  if (plan.layers.empty())
    return problem("has nothing to factorise: no Conv, Gemm or MatMul with "
                   "constant f32 weights of its own");
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// What layers become
//===----------------------------------------------------------------------===//

llvm::Error Factorizer::findExact() {
  auto exact = factoring->exact();
  if (!exact)
    return exact.takeError();
  std::vector<FloatLayer> layers = factoring->floats();
  for (auto &[layer, fitted] : *exact) {
    layers[layer].weights = fitted.factors.product;
    chosen[layer] = fitted.of;
    made[layer] = {fitted.of.form, std::move(fitted.factors)};
  }
  onnx::ModelProto whole = withLayers(model, plan, layers);
  result = withFactors(whole, plan, made);
  return checkSame(*session, whole, result,
                   "where layers become what they are exactly");
}

std::map<size_t, FactorForm>
Factorizer::formsOf(llvm::ArrayRef<size_t> places) const {
  std::map<size_t, FactorForm> forms;
  for (size_t i = 0; i < places.size(); ++i)
    if (places[i])
      forms[i] = candidates[i][places[i] - 1].form;
  return forms;
}

/// By layer, 0 where it stays, or the place of a candidate plus 1.
llvm::Expected<std::vector<size_t>> Factorizer::choose() {
  std::vector<std::vector<PrecisionOption>> all;
  uint64_t units = 0;
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    all.push_back({{factoring->unitsOf(factoring->costs()[i]), 0}});
    for (const FactorCandidate &each : candidates[i])
      all.back().push_back({factoring->unitsOf(each.cost), each.outputs});
    units += all.back().front().bytes;
  }
  PrecisionChoices search(std::move(all));
  if (options.saving) {
    auto most = static_cast<uint64_t>(double(units) * (1 - *options.saving));
    auto fitting = search.within(std::max<uint64_t>(most, 1));
    return fitting ? fitting->options : search.front().back().options;
  }
  return smallestGood(
      search,
      [&](const PrecisionChoice &choice) -> llvm::Expected<double> {
        auto layers = factoring->factor(formsOf(choice.options), made);
        if (!layers)
          return layers.takeError();
        return drop->of(withLayers(model, plan, *layers));
      },
      /*tries=*/4);
}

llvm::Error Factorizer::search() {
  constexpr int measurements = 16; // for a drop
  auto passes = static_cast<int>(factoring->countPasses());
  clock.expect((options.maxDrop ? measurements * (passes + 1) : passes) + 5);
  auto runner = outputs->compile(openLayers(model, plan));
  if (!runner)
    return runner.takeError();
  auto measure =
      [&](llvm::ArrayRef<FloatLayer> layers) -> llvm::Expected<double> {
    auto numbers = layerInputs(model, plan, layers);
    if (!numbers)
      return numbers.takeError();
    return outputs->of(**runner, *numbers);
  };
  auto explored = factoring->explore(measure);
  if (!explored)
    return explored.takeError();
  candidates = std::move(*explored);
  auto places = choose();
  if (!places)
    return places.takeError();
  for (size_t i = 0; i < places->size(); ++i)
    if (size_t place = (*places)[i])
      chosen[i] = candidates[i][place - 1];
  auto layers = factoring->factor(formsOf(*places), made);
  if (!layers)
    return layers.takeError();
  onnx::ModelProto whole = withLayers(model, plan, *layers);
  result = withFactors(whole, plan, made);
  return checkSame(*session, whole, result,
                   "where layers become the products that they equal");
}

//===----------------------------------------------------------------------===//
// The report
//===----------------------------------------------------------------------===//

static void add(LayerCost &to, const LayerCost &cost) {
  to.macs += cost.macs;
  to.weights += cost.weights;
  to.ms += cost.ms;
}

void Factorizer::reportLayer(size_t i, double sqnr) {
  const Layer &layer = plan.layers[i];
  FactorizedLayer &row = found.layers.emplace_back();
  row.name = layer.name;
  row.op = layer.op;
  row.shape = layer.shape;
  row.resultSqnr = sqnr;
  row.before = row.after = factoring->costs()[i];
  auto it = chosen.find(i);
  if (it != chosen.end()) {
    const FactorForm &form = it->second.form;
    row.kind = name(form.kind).str();
    row.shapes = shapesOf(form, layer, model.graph().node(layer.node));
    row.ranks = {form.rank};
    if (form.kind == FactorKind::Tucker)
      row.ranks.push_back(form.outer);
    row.error = it->second.error;
    row.after = it->second.cost;
  } else if (row.why = factoring->whyNot(i); row.why.empty()) {
    if (isExact())
      row.why = "is exactly no product that costs less";
    else
      row.why = candidates[i].empty() ? "no product costs less"
                                      : "would lose more than others";
  }
  add(found.before, row.before);
  add(found.after, row.after);
}

void Factorizer::reportOthers() {
  for (const Layer &layer : others) {
    FactorizedLayer &row = found.layers.emplace_back();
    row.name = layer.name;
    row.op = layer.op;
    row.shape = layer.shape;
    row.why = "others read its constants";
  }
}

void Factorizer::checkBudget() {
  llvm::raw_string_ostream os(found.missed);
  if (options.saving) {
    double share = 1 - double(factoring->unitsOf(found.after)) /
                           double(factoring->unitsOf(found.before));
    if (share < *options.saving - 1e-6)
      os << llvm::format("--saving=%g: %.4f of the cost is saved, more is not "
                         "to be had",
                         *options.saving, share);
  }
  std::string lost = missedDrop(found.drop);
  os << (found.missed.empty() || lost.empty() ? "" : "; ") << lost;
}

/// Of both models, one sample at once: layers in a model are not what they are
/// alone.
llvm::Error Factorizer::timeRuns() {
  std::vector<std::unique_ptr<ModelRunner>> runners;
  RunOptions timed = runOptions;
  timed.isTimed = true;
  for (const onnx::ModelProto *each : {&model, &result}) {
    auto runner = ModelRunner::create(*each, timed);
    if (!runner)
      return runner.takeError();
    runners.push_back(std::move(*runner));
  }
  auto times = timeTogether(runners);
  if (!times)
    return times.takeError();
  found.runBefore = times->front();
  found.runAfter = times->back();
  return llvm::Error::success();
}

llvm::Error Factorizer::report() {
  auto sqnr = resultSqnr(result);
  if (!sqnr)
    return sqnr.takeError();
  found.cost = options.factorCost;
  for (size_t i = 0; i < plan.layers.size(); ++i)
    reportLayer(i, (*sqnr)[i]);
  reportOthers();
  if (options.factorCost == FactorCost::Ms)
    if (llvm::Error error = timeRuns())
      return error;
  if (llvm::Error error = judge(result, found))
    return error;
  checkBudget();
  return llvm::Error::success();
}

llvm::Expected<FactorizedModel> Factorizer::run() {
  if (llvm::Error error = checkDrop(options.maxDrop, options.budgetData))
    return std::move(error);
  if (!isExact() && !hasSamples())
    return llvm::createStringError(
        "--calibration=none: samples are required with --saving and "
        "--max-drop; without these only what is exact is done");
  if (llvm::Error error = open())
    return std::move(error);
  factoring.emplace(*session, model, plan, options);
  if (llvm::Error error = factoring->begin(runOptions, !isExact()))
    return std::move(error);
  if (llvm::Error error = isExact() ? findExact() : search())
    return std::move(error);
  if (llvm::Error error = report())
    return std::move(error);
  return FactorizedModel(result.SerializeAsString(), std::move(found));
}

llvm::Expected<FactorizedModel>
calibrate::factorizeFile(const std::string &path,
                         const FactorizeOptions &options,
                         const FactorizeProgress &progress) {
  return Factorizer(path, options, progress).run();
}
