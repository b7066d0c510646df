//===- Quantizer.cpp - The steps of mlc quantize --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Quantizer.h"

#include "Calibrate/AccuracyDrop.h"
#include "Calibrate/Equalize.h"
#include "Calibrate/Findings.h"
#include "Calibrate/LayerRounding.h"
#include "Calibrate/OpenModel.h"
#include "Calibrate/Plan.h"
#include "Calibrate/PrecisionSearch.h"
#include "Calibrate/Prepare.h"
#include "Calibrate/QdqWriter.h"
#include "Calibrate/RangeChoice.h"
#include "Calibrate/Session.h"
#include "Calibrate/Squares.h"
#include "Calibrate/StepClock.h"
#include "Calibrate/SyntheticInputs.h"
#include "Calibrate/Weights.h"
#include "Support/Printable.h"

#include "llvm/Support/Format.h"

using namespace mlc;
using namespace mlc::calibrate;

namespace {

/// One quantisation, from a file to numbers.
class Quantizer {
public:
  Quantizer(const std::string &path, const QuantizeOptions &options,
            const QuantizeProgress &progress)
      : path(path), options(options), clock(progress, mostSteps) {
    bool powersOfTwo = options.scales == ScaleKind::PowerOfTwo;
    form = {{options.weightType, options.perChannel, powersOfTwo},
            {options.activationType, powersOfTwo}};
  }

  llvm::Expected<Quantized> run();

private:
  /// Channels and what equalising them brings, ranges and choosing these,
  /// results of layers, passes of rounding and the report.
  static constexpr int mostSteps = 15;
  /// Samples that outputs are compared on.
  static constexpr int64_t mostMeasured = 256;
  /// Samples that are made up.
  static constexpr int64_t madeUp = 256;

  /// The lowest opset that has the types.
  int64_t opset() const {
    if (options.weightType == WeightType::Int4 || hasBudget())
      return 21;
    return options.perChannel ? 13 : 10;
  }
  bool hasBudget() const { return options.maxDrop || options.maxSize; }
  llvm::Error problem(const llvm::Twine &what) const {
    return llvm::createStringError(path + ": " + what);
  }
  bool hasSamples() const { return options.calibration != "none"; }
  llvm::Error readModel();
  llvm::Error openSession();
  llvm::Error makeUpSamples();
  llvm::Error equalizeChannels();
  llvm::Expected<double> roughError(const onnx::ModelProto &of);
  llvm::Error chooseRanges();
  std::vector<LayerNumbers> nearestLayers(const onnx::ModelProto &of,
                                          llvm::ArrayRef<Stored> groups) const;
  llvm::Error roundLayers();
  llvm::Error roundPlan(Plan of);
  llvm::Error choosePrecision();
  llvm::Error settlePrecision(const Plan &chosen, Numbers assembled,
                              Findings made,
                              const std::optional<AccuracyDrop> &drop);
  uint64_t weightBytes(const Numbers &of) const;
  void checkBudget();
  llvm::Error keepBest(const LayerRounding &rounding);
  llvm::Error finish();

  const std::string &path;
  const QuantizeOptions &options;
  StepClock clock;
  QuantizeForm form;
  onnx::ModelProto model; ///< of floats, prepared
  RunOptions runOptions;
  std::optional<Session> session;
  std::optional<OutputError> outputs;
  Plan plan;
  Numbers numbers;
  Findings findings;
  std::vector<double> sensitivities; ///< of outputs to 4 bits, by layer
  Quantized result;
};

} // namespace

llvm::Error Quantizer::readModel() {
  auto opened = openToRun(path, options, options.runThreads);
  if (!opened)
    return opened.takeError();
  model = std::move(opened->model);
  runOptions = std::move(opened->options);
  return llvm::Error::success();
}

/// Reads the model as mlc compile does, and opens the samples of its inputs.
llvm::Error Quantizer::openSession() {
  if (!options.inputRanges.empty())
    return llvm::createStringError(
        "--input-range: samples tell the ranges of inputs; "
        "--calibration=none is required with it");
  auto opened =
      calibrate::openSession(runOptions, options.calibration, clock.teller());
  if (!opened)
    return opened.takeError();
  session.emplace(std::move(*opened));
  return llvm::Error::success();
}

/// The same for a model that was prepared, with samples of what its inputs are
/// taken for.
llvm::Error Quantizer::makeUpSamples() {
  auto wanted = inputsOf(runOptions);
  if (!wanted)
    return wanted.takeError();
  auto assumed =
      assumeInputs(model, plan, runOptions, *wanted, options.inputRanges);
  if (!assumed)
    return assumed.takeError();
  std::vector<SyntheticInput> inputs;
  for (auto [info, one] : llvm::zip(*wanted, *assumed)) {
    inputs.push_back(one.input);
    result.report.unseen.push_back({info.name, name(one.input.look).str(),
                                    one.input.low, one.input.high,
                                    name(one.source).str()});
  }
  session.emplace(runOptions, Samples::synthetic(*wanted, inputs, madeUp),
                  clock.teller());
  return llvm::Error::success();
}

/// The error of the outputs where ranges are those of the least squares on a
/// few samples and weights are rounded to nearest.
llvm::Expected<double> Quantizer::roughError(const onnx::ModelProto &of) {
  auto observers = observe(*session, of, plan, session->spread(mostMeasured));
  if (!observers)
    return observers.takeError();
  Numbers rough;
  for (const Observer &observer : *observers)
    rough.groups.push_back(
        rangeCandidates(observer, RangeObserver::Mse, form.activations)
            .front()
            .stored);
  rough.layers = nearestLayers(of, rough.groups);
  return outputs->of(writeQdq(of, plan, rough, form).model);
}

/// Where the outputs show that it helps.
llvm::Error Quantizer::equalizeChannels() {
  // With one scale for all weights it is another problem.
  if (!options.equalize || !options.perChannel || !outputs->canMeasure())
    return llvm::Error::success();
  onnx::ModelProto other = model;
  llvm::Expected<int> pairs = equalize(*session, other, plan, form.weights);
  if (!pairs)
    return pairs.takeError();
  if (*pairs == 0)
    return llvm::Error::success();
  llvm::Expected<double> before = roughError(model);
  if (!before)
    return before.takeError();
  llvm::Expected<double> after = roughError(other);
  if (!after)
    return after.takeError();
  if (*after >= *before)
    return llvm::Error::success();
  model.Swap(&other);
  result.report.equalizedPairs = *pairs;
  return llvm::Error::success();
}

llvm::Error Quantizer::chooseRanges() {
  llvm::Expected<std::vector<Observer>> observers =
      observe(*session, model, plan, session->spread(session->count()));
  if (!observers)
    return observers.takeError();
  std::vector<std::vector<RangeCandidate>> candidates;
  for (const Observer &observer : *observers)
    candidates.push_back(
        rangeCandidates(observer, options.observer, form.activations));
  auto chosen = calibrate::chooseRanges(*session, model, plan, candidates,
                                        form.activations, *outputs);
  if (!chosen)
    return chosen.takeError();
  for (auto [group, place] : llvm::enumerate(*chosen)) {
    const RangeCandidate &candidate = candidates[group][place];
    numbers.groups.push_back(candidate.stored);
    findings.observers.push_back(candidate.observer);
    findings.seen.push_back((*observers)[group].minMax());
  }
  return llvm::Error::success();
}

std::vector<LayerNumbers>
Quantizer::nearestLayers(const onnx::ModelProto &of,
                         llvm::ArrayRef<Stored> groups) const {
  std::vector<LayerNumbers> layers;
  for (const Layer &layer : plan.layers) {
    FloatLayer from = floatLayer(of.graph(), layer);
    float input = groups[plan.groupOf(layer.input)].scale;
    LayerNumbers made;
    WeightForm weights = layer.form(form.weights);
    made.scales = widestScales(layer, from, input, weights);
    made.weights = nearest(layer, from.weights, made.scales, weights.most());
    made.bias = std::move(from.bias);
    layers.push_back(std::move(made));
  }
  return layers;
}

/// Takes of what rounding gives what the outputs show to be better.
llvm::Error Quantizer::keepBest(const LayerRounding &rounding) {
  Numbers rounded = numbers, corrected = numbers;
  for (auto [i, layer] : llvm::enumerate(rounding.layers())) {
    rounded.layers[i] = corrected.layers[i] = layer.numbers;
    if (!layer.corrected.empty())
      corrected.layers[i].bias = layer.corrected;
  }
  bool mayRound = options.rounding != WeightRounding::Nearest;
  std::vector<const Numbers *> all;
  if (options.biasCorrection)
    all.push_back(&corrected);
  if (mayRound)
    all.push_back(&rounded);
  if (options.rounding != WeightRounding::Hessian)
    all.push_back(&numbers);
  const Numbers *best = all.front();
  double least = 0;
  for (const Numbers *each : all) {
    if (!outputs->canMeasure() || all.size() == 1)
      break;
    llvm::Expected<double> error =
        outputs->of(writeQdq(model, plan, *each, form).model);
    if (!error)
      return error.takeError();
    if (each != best && *error >= least)
      continue;
    least = *error;
    best = each;
  }
  for (auto [i, layer] : llvm::enumerate(rounding.layers())) {
    findings.isHessian[i] = best != &numbers && layer.isHessian;
    findings.isCorrected[i] = best == &corrected && !layer.corrected.empty();
  }
  numbers = Numbers(*best);
  return llvm::Error::success();
}

llvm::Error Quantizer::roundLayers() {
  if (options.rounding == WeightRounding::Nearest && !options.biasCorrection)
    return llvm::Error::success();
  double before = clock.seconds();
  LayerRounding rounding(*session, model, plan, numbers, form);
  if (llvm::Error error =
          rounding.run(options.rounding, options.biasCorrection))
    return error;
  if (llvm::Error error = keepBest(rounding))
    return error;
  result.report.roundingSeconds = clock.seconds() - before;
  return llvm::Error::success();
}

/// Rounds all layers of `of`, which becomes the plan.
llvm::Error Quantizer::roundPlan(Plan of) {
  plan = std::move(of);
  numbers.layers = nearestLayers(model, numbers.groups);
  findings.isHessian.assign(plan.layers.size(), false);
  findings.isCorrected.assign(plan.layers.size(), false);
  return roundLayers();
}

//===----------------------------------------------------------------------===//
// Under a budget
//===----------------------------------------------------------------------===//

/// Rounds the layers anew as they are chosen, since the errors of their inputs
/// are others now, and keeps what is better of that and `assembled`.
llvm::Error
Quantizer::settlePrecision(const Plan &chosen, Numbers assembled, Findings made,
                           const std::optional<AccuracyDrop> &drop) {
  auto lossOf = [&](const Numbers &of) -> llvm::Expected<double> {
    onnx::ModelProto quantized = writeQdq(model, chosen, of, form).model;
    return drop ? drop->of(quantized) : outputs->of(quantized);
  };
  if (llvm::Error error = roundPlan(chosen))
    return error;
  llvm::Expected<double> before = lossOf(assembled);
  if (!before)
    return before.takeError();
  llvm::Expected<double> after = lossOf(numbers);
  if (!after)
    return after.takeError();
  // Another choice of corrected biases may take a few bytes more.
  bool fits = !options.maxSize || weightBytes(numbers) <= *options.maxSize ||
              weightBytes(numbers) <= weightBytes(assembled);
  bool isBetter = fits && *after <= *before;
  if (drop)
    result.report.drop = isBetter ? *after : *before;
  if (isBetter)
    return llvm::Error::success();
  numbers = std::move(assembled);
  findings = std::move(made);
  return llvm::Error::success();
}

/// Of weights, scales and biases of the plan.
uint64_t Quantizer::weightBytes(const Numbers &of) const {
  uint64_t bytes = 0;
  for (auto [layer, each] : llvm::zip(plan.layers, of.layers))
    bytes += each.bytes(layer.form(form.weights).type);
  return bytes;
}

void Quantizer::checkBudget() {
  uint64_t bytes = weightBytes(numbers);
  llvm::raw_string_ostream os(result.report.missed);
  if (options.maxSize && bytes > *options.maxSize)
    os << "--max-size=" << *options.maxSize << ": weights take " << bytes
       << " bytes, all of them with 4 bits";
  double dropped = result.report.drop.value_or(0);
  if (options.maxDrop && dropped > *options.maxDrop)
    os << (result.report.missed.empty() ? "" : "; ")
       << llvm::format("--max-drop=%g: %.2f are lost", *options.maxDrop,
                       dropped);
}

llvm::Error Quantizer::choosePrecision() {
  if (!outputs->canMeasure())
    return problem("has no output of floats that a budget could be measured "
                   "by");
  std::optional<AccuracyDrop> drop;
  if (!options.budgetData.empty()) {
    auto made = AccuracyDrop::create(model, options, runOptions);
    if (!made)
      return made.takeError();
    drop.emplace(std::move(*made));
  }
  const Plan whole = plan;
  const Numbers eight = numbers;
  Findings made = findings;
  std::vector<size_t> all(plan.layers.size(), 1);
  if (llvm::Error error = roundPlan(withFourBits(whole, all)))
    return error;
  const Numbers four = numbers;
  PrecisionSearch::Measures measures;
  measures.error = [&](const Plan &of, const Numbers &with) {
    return outputs->of(writeQdq(model, of, with, form).model);
  };
  measures.drop = [&](const Plan &of, const Numbers &with) {
    return drop->of(writeQdq(model, of, with, form).model);
  };
  measures.progress = [&](const char *what, size_t index, size_t count) {
    clock.tell(what, static_cast<double>(index) / static_cast<double>(count));
  };
  PrecisionSearch search(whole, form.weights.type, eight, four, measures);
  auto isFour = search.choose({options.maxDrop, options.maxSize});
  if (!isFour)
    return isFour.takeError();
  for (size_t i = 0; i < isFour->size(); ++i)
    if ((*isFour)[i]) {
      made.isHessian[i] = findings.isHessian[i];
      made.isCorrected[i] = findings.isCorrected[i];
    }
  result.report.front = search.front();
  sensitivities = search.sensitivities().vec();
  if (llvm::Error error =
          settlePrecision(withFourBits(whole, *isFour),
                          mixed(eight, four, *isFour), std::move(made), drop))
    return error;
  checkBudget();
  return llvm::Error::success();
}

/// The file, and what is to be said of it.
llvm::Error Quantizer::finish() {
  QdqModel quantized = writeQdq(model, plan, numbers, form);
  if (outputs->canMeasure()) {
    llvm::Expected<double> error = outputs->of(quantized.model);
    if (!error)
      return error.takeError();
    result.report.outputSqnr = decibels(*error);
  }
  if (llvm::Error error = report(*session, model, plan, numbers, form, findings,
                                 quantized.model, result.report))
    return error;
  for (size_t i = 0; i < sensitivities.size(); ++i)
    result.report.layers[i].fourBitSqnr = decibels(sensitivities[i]);
  result.report.samples = session->count();
  result.report.seconds = clock.seconds();
  result.file = quantized.model.SerializeAsString();
  return llvm::Error::success();
}

llvm::Expected<Quantized> Quantizer::run() {
  if (llvm::Error error = checkDrop(options.maxDrop, options.budgetData))
    return std::move(error);
  if (llvm::Error error = readModel())
    return std::move(error);
  if (hasSamples())
    if (llvm::Error error = openSession())
      return std::move(error);
  if (llvm::Error error = prepare(model, opset(), runOptions))
    return std::move(error);
  plan = makePlan(model.graph(), options.roundAll);
  if (plan.layers.empty())
    return problem("has nothing to quantise: no Conv, Gemm or MatMul with "
                   "constant f32 weights");
  if (!hasSamples())
    if (llvm::Error error = makeUpSamples())
      return std::move(error);
  auto error = OutputError::create(*session, model, mostMeasured);
  if (!error)
    return error.takeError();
  outputs.emplace(std::move(*error));
  if (llvm::Error error = equalizeChannels())
    return std::move(error);
  if (llvm::Error error = chooseRanges())
    return std::move(error);
  if (llvm::Error error = roundPlan(plan))
    return std::move(error);
  if (hasBudget())
    if (llvm::Error error = choosePrecision())
      return std::move(error);
  if (llvm::Error error = finish())
    return std::move(error);
  return std::move(result);
}

llvm::Expected<Quantized>
calibrate::quantizeFile(const std::string &path, const QuantizeOptions &options,
                        const QuantizeProgress &progress) {
  return Quantizer(path, options, progress).run();
}
