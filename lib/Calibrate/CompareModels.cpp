//===- CompareModels.cpp - Where a model differs from another -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/CompareModels.h"

#include "Calibrate/FollowedValue.h"
#include "Calibrate/GraphIndex.h"
#include "Calibrate/OpenModel.h"
#include "Calibrate/Prepare.h"
#include "Calibrate/Session.h"
#include "Evaluate/Metrics.h"

#include "llvm/ADT/StringMap.h"

using namespace mlc;
using namespace mlc::calibrate;

//===----------------------------------------------------------------------===//
// A model's values
//===----------------------------------------------------------------------===//

namespace {

/// Names of values without repetitions, and their places.
class Names {
public:
  size_t add(const std::string &name) {
    auto [place, isNew] = places.try_emplace(name, names.size());
    if (isNew)
      names.push_back(name);
    return place->second;
  }
  llvm::ArrayRef<std::string> list() const { return names; }

private:
  std::vector<std::string> names;
  llvm::StringMap<size_t> places;
};

/// A model compiled for one sample, and the values that it gave last.
class Values {
public:
  llvm::Error compile(const onnx::ModelProto &model, const Names &names,
                      const RunOptions &options);
  /// Runs on tensors by the names of inputs, all of which are there.
  llvm::Error run(const llvm::StringMap<const Tensor *> &inputs);
  const Tensor &operator[](size_t place) const { return results[place]; }

private:
  std::unique_ptr<ModelRunner> runner;
  std::vector<Tensor> results;
};

} // namespace

llvm::Error Values::compile(const onnx::ModelProto &model, const Names &names,
                            const RunOptions &options) {
  auto made = ModelRunner::create(model, names.list(), options);
  if (!made)
    return made.takeError();
  runner = std::move(*made);
  auto tensors = Session::makeInputs(runner->outputs());
  if (!tensors)
    return tensors.takeError();
  results = std::move(*tensors);
  return llvm::Error::success();
}

llvm::Error Values::run(const llvm::StringMap<const Tensor *> &inputs) {
  std::vector<const void *> from;
  for (const HostTensor &input : runner->inputs())
    from.push_back(inputs.lookup(input.name)->data());
  std::vector<void *> to;
  for (Tensor &result : results)
    to.push_back(result.data());
  return runner->runOn(from, to);
}

//===----------------------------------------------------------------------===//
// A comparison
//===----------------------------------------------------------------------===//

namespace {

class Comparison {
public:
  Comparison(const std::string &reference, const std::string &model,
             const CompareOptions &options, const CompareProgress &progress)
      : paths{reference, model}, options(options), progress(progress) {}

  llvm::Expected<ModelComparison> run();

private:
  /// The reference and the other one.
  static constexpr int kReference = 0, kOther = 1;

  llvm::Error open(int which);
  llvm::Error openSamples();
  llvm::Error compileWhole();
  llvm::Error compileCut();
  llvm::Error findRescaled();
  llvm::Error measure();
  llvm::Error readSample(int64_t index, SampleRange range);
  llvm::Error measureWeights();
  void add(FollowedValue &each);
  void addOutputs();
  ComparedLayer describe(const FollowedValue &each) const;
  void describeAll();

  std::string paths[2];
  const CompareOptions &options;
  const CompareProgress &progress;
  onnx::ModelProto models[2];
  RunOptions runOptions[2];
  std::vector<Samples::Wanted> inputs;
  std::optional<Session> session;
  std::vector<FollowedValue> pairs;
  struct Output {
    std::string name;
    size_t wanted, seen;
    Squares error;
  };
  std::vector<Output> outputs;
  Values whole[2], cut;
  std::vector<Tensor> sample;
  llvm::StringMap<const Tensor *> given;
  std::map<int, double> weights; ///< dB by node of the reference
  ModelComparison result;
};

} // namespace

llvm::Error Comparison::open(int which) {
  auto opened = openToRun(paths[which], options, options.runThreads);
  if (!opened)
    return opened.takeError();
  models[which] = std::move(opened->model);
  RunOptions &run = runOptions[which];
  run = std::move(opened->options);
  if (which == kReference)
    run.model.precision = Precision::F32;
  llvm::Expected<std::vector<Samples::Wanted>> wanted = inputsOf(run);
  if (!wanted)
    return wanted.takeError();
  auto isLess = [](const Samples::Wanted &a, const Samples::Wanted &b) {
    return a.name < b.name;
  };
  llvm::sort(*wanted, isLess);
  auto isEqual = [](const Samples::Wanted &a, const Samples::Wanted &b) {
    return a.name == b.name && a.type == b.type && a.shape == b.shape;
  };
  if (which == kOther && !std::equal(wanted->begin(), wanted->end(),
                                     inputs.begin(), inputs.end(), isEqual)) {
    std::string text = paths[which] + ": its inputs are";
    for (const Samples::Wanted &each : *wanted)
      text += " '" + each.name + "' " + typeToString(each.type, each.shape);
    text += ", those of " + paths[kReference] + " are";
    for (const Samples::Wanted &each : inputs)
      text += " '" + each.name + "' " + typeToString(each.type, each.shape);
    return llvm::createStringError(text);
  }
  inputs = std::move(*wanted);
  return foldConstantNodes(models[which], run);
}

llvm::Error Comparison::openSamples() {
  llvm::Expected<Samples> samples = Samples::open(options.data, inputs);
  if (!samples)
    return samples.takeError();
  session.emplace(runOptions[kReference], std::move(*samples), progress);
  std::vector<HostTensor> infos;
  for (const Samples::Wanted &input : inputs)
    infos.push_back({input.name, input.type, input.shape, {}});
  auto tensors = Session::makeInputs(infos);
  if (!tensors)
    return tensors.takeError();
  sample = std::move(*tensors);
  for (auto [input, tensor] : llvm::zip(inputs, sample))
    given[input.name] = &tensor;
  return llvm::Error::success();
}

/// Both models with all values of pairs; pairs that are no floats of one shape
/// go.
llvm::Error Comparison::compileWhole() {
  const onnx::GraphProto &reference = models[kReference].graph();
  const onnx::GraphProto &other = models[kOther].graph();
  std::vector<ValuePair> found = pairValues(reference, other);
  Names wanted, seen;
  for (ValuePair &pair : found) {
    FollowedValue each;
    each.wanted = wanted.add(pair.value);
    each.seen = seen.add(pair.seen());
    each.pair = std::move(pair);
    pairs.push_back(std::move(each));
  }
  for (int i = 0; i < std::min(reference.output_size(), other.output_size());
       ++i)
    outputs.push_back({reference.output(i).name(),
                       wanted.add(reference.output(i).name()),
                       seen.add(other.output(i).name()),
                       {}});
  session->tell("compile", 0);
  if (llvm::Error error = whole[kReference].compile(models[kReference], wanted,
                                                    runOptions[kReference]))
    return error;
  session->tell("compile", 1.0 / 3);
  if (llvm::Error error =
          whole[kOther].compile(models[kOther], seen, runOptions[kOther]))
    return error;
  llvm::erase_if(pairs, [&](const FollowedValue &each) {
    const Tensor &x = whole[kReference][each.wanted];
    const Tensor &y = whole[kOther][each.seen];
    return !isFloat(x.type()) || !isFloat(y.type()) || x.shape() != y.shape();
  });
  llvm::erase_if(outputs, [&](const Output &output) {
    return whole[kReference][output.wanted].shape() !=
           whole[kOther][output.seen].shape();
  });
  if (pairs.empty() && outputs.empty())
    return llvm::createStringError(paths[kOther] +
                                   ": has no result of one "
                                   "shape with those of " +
                                   paths[kReference]);
  std::vector<ValuePair> left;
  for (const FollowedValue &each : pairs)
    left.push_back(each.pair);
  result.unmatched = countUnmatched(reference, left);
  return llvm::Error::success();
}

llvm::Error Comparison::readSample(int64_t index, SampleRange range) {
  if (llvm::Error error = session->read(range, index, 1, sample))
    return error;
  for (Values &each : whole)
    if (llvm::Error error = each.run(given))
      return error;
  return llvm::Error::success();
}

/// Where a model has other channels on purpose, as behind an equalisation, it
/// is not cut: what follows would not get what it expects.
llvm::Error Comparison::findRescaled() {
  constexpr int64_t fewSamples = 8;
  SampleRange range = session->spread(std::min(fewSamples, options.samples));
  for (FollowedValue &each : pairs) {
    llvm::ArrayRef<int64_t> shape = whole[kReference][each.wanted].shape();
    if (each.pair.node >= 0 && shape.size() > 1 && shape[0] == 1 &&
        whole[kReference][each.wanted].size() > 0)
      each.channels.resize(shape[1]);
  }
  for (int64_t i = 0; i < range.count; ++i) {
    if (llvm::Error error = readSample(i, range))
      return error;
    for (FollowedValue &each : pairs)
      if (!each.channels.empty())
        each.sumChannels(floatsOf(whole[kReference][each.wanted]),
                         floatsOf(whole[kOther][each.seen]));
  }
  for (FollowedValue &each : pairs)
    each.findFactors();
  return llvm::Error::success();
}

llvm::Error Comparison::compileCut() {
  std::vector<ValuePair> at;
  std::vector<llvm::ArrayRef<int64_t>> shapes;
  std::vector<FollowedValue *> kept;
  for (FollowedValue &each : pairs) {
    const Tensor &wanted = whole[kReference][each.wanted];
    if (!each.factors.empty() || wanted.type() != ElementType::F32 ||
        whole[kOther][each.seen].type() != ElementType::F32)
      continue;
    at.push_back(each.pair);
    shapes.push_back(wanted.shape());
    kept.push_back(&each);
  }
  CutModel made = cutAt(models[kOther], at, shapes);
  Names names;
  for (auto [each, own] : llvm::zip(kept, made.own)) {
    const ValuePair &pair = each->pair;
    if (!own.empty()) {
      each->own = names.add(own);
      given[pair.computed.empty() ? pair.rounded : pair.computed] =
          &whole[kReference][each->wanted];
    }
    if (!pair.rounded.empty() && !pair.computed.empty())
      each->rounded = names.add(pair.rounded);
  }
  session->tell("compile", 2.0 / 3);
  if (names.list().empty())
    return llvm::Error::success();
  return cut.compile(made.model, names, runOptions[kOther]);
}

void Comparison::add(FollowedValue &each) {
  std::vector<float> x = floatsOf(whole[kReference][each.wanted]);
  std::vector<float> y = floatsOf(whole[kOther][each.seen]);
  each.takeFactors(y);
  each.whole.add(x, y);
  each.noteRange(x);
  if (each.own)
    each.alone.add(x, floatsOf(cut[*each.own]));
  if (each.rounded)
    each.storage.add(x, floatsOf(cut[*each.rounded]));
}

/// The first output with scores of classes tells how often models agree.
void Comparison::addOutputs() {
  bool isScored = false;
  for (Output &output : outputs) {
    const Tensor &x = whole[kReference][output.wanted];
    const Tensor &y = whole[kOther][output.seen];
    output.error.add(floatsOf(x), floatsOf(y));
    std::optional<ScoreShape> scores = scoreShapeOf(x.shape());
    if (!scores || isScored || !isFloat(x.type()))
      continue;
    isScored = true;
    for (int64_t row = 0; row < scores->rows; ++row) {
      ++result.rows;
      result.agreeing +=
          bestClass(x, *scores, row) == bestClass(y, *scores, row);
    }
  }
}

llvm::Error Comparison::measure() {
  SampleRange range = session->spread(options.samples);
  bool isCut = llvm::any_of(pairs, [](const FollowedValue &each) {
    return each.own || each.rounded;
  });
  for (int64_t i = 0; i < range.count; ++i) {
    session->tell("samples", static_cast<double>(i) / range.count);
    if (llvm::Error error = readSample(i, range))
      return error;
    if (isCut)
      if (llvm::Error error = cut.run(given))
        return error;
    for (FollowedValue &each : pairs)
      add(each);
    addOutputs();
  }
  result.samples = range.count;
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Whether `value` follows from initializers alone: one, or one dequantised.
static bool isConstant(const GraphIndex &index, const std::string &value) {
  if (index.constant(value))
    return true;
  int producer = index.producer(value);
  return producer >= 0 &&
         index.node(producer).op_type() == "DequantizeLinear" &&
         index.constant(index.node(producer).input(0));
}

/// What layers of both models multiply by, each read once.
llvm::Error Comparison::measureWeights() {
  GraphIndex first(models[kReference].graph()), second(models[kOther].graph());
  Names wanted, found;
  std::vector<std::array<size_t, 3>> layers; // node, its weights in both
  for (const FollowedValue &each : pairs) {
    int other = second.producer(each.pair.computed);
    if (each.pair.node < 0 || other < 0)
      continue;
    const onnx::NodeProto &a = first.node(each.pair.node);
    const onnx::NodeProto &b = second.node(other);
    // Behind a rewrite, weights are others on purpose.
    if (a.op_type() != b.op_type() || a.input_size() < 2 ||
        b.input_size() < 2 || !isConstant(first, a.input(1)) ||
        !isConstant(second, b.input(1)))
      continue;
    layers.push_back({size_t(each.pair.node), wanted.add(a.input(1)),
                      found.add(b.input(1))});
  }
  if (layers.empty())
    return llvm::Error::success();
  Values a, b;
  if (llvm::Error error =
          a.compile(models[kReference], wanted, runOptions[kReference]))
    return error;
  if (llvm::Error error = b.compile(models[kOther], found, runOptions[kOther]))
    return error;
  if (llvm::Error error = a.run(given))
    return error;
  if (llvm::Error error = b.run(given))
    return error;
  for (auto [node, x, y] : layers) {
    if (!isFloat(a[x].type()) || !isFloat(b[y].type()) ||
        a[x].shape() != b[y].shape())
      continue;
    Squares squares;
    squares.add(floatsOf(a[x]), floatsOf(b[y]));
    weights[static_cast<int>(node)] = squares.sqnr();
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// What was found
//===----------------------------------------------------------------------===//

ComparedLayer Comparison::describe(const FollowedValue &each) const {
  ComparedLayer layer;
  layer.value = each.pair.value;
  layer.name = layer.value;
  if (each.pair.node >= 0) {
    const onnx::NodeProto &node =
        models[kReference].graph().node(each.pair.node);
    layer.name = node.name().empty() ? layer.value : node.name();
    layer.op = node.op_type();
  }
  layer.sqnr = each.whole.sqnr();
  layer.largest = each.whole.relativeLargest();
  layer.isRescaled = !each.factors.empty();
  if (each.own)
    layer.ownSqnr = each.alone.sqnr();
  if (each.rounded)
    layer.storedSqnr = each.storage.sqnr();
  if (auto found = weights.find(each.pair.node); found != weights.end())
    layer.weightsSqnr = found->second;
  if (each.pair.range && each.rounded) {
    layer.low = each.pair.range->low;
    layer.high = each.pair.range->high;
    layer.saturated = double(each.beyond) / std::max<int64_t>(1, each.count);
    layer.stepsUsed = std::max(0.0f, each.high - each.low) / each.pair.step;
  }
  return layer;
}

void Comparison::describeAll() {
  const onnx::GraphProto &graph = models[kReference].graph();
  llvm::StringMap<size_t> places;
  for (const FollowedValue &each : pairs) {
    places[each.pair.value] = result.layers.size();
    result.layers.push_back(describe(each));
  }
  for (auto [each, layer] : llvm::zip(pairs, result.layers)) {
    std::vector<const ComparedLayer *> operands;
    if (each.pair.node >= 0)
      for (const std::string &input : graph.node(each.pair.node).input())
        if (auto place = places.find(input); place != places.end())
          operands.push_back(&result.layers[place->second]);
    layer.wrong = explain(layer, operands, options.minSqnr);
  }
  for (const Output &output : outputs)
    result.outputs.push_back({output.name, output.error.largest(),
                              output.error.rootMean(), output.error.sqnr()});
}

llvm::Expected<ModelComparison> Comparison::run() {
  using Step = llvm::Error (Comparison::*)();
  for (int which : {kReference, kOther})
    if (llvm::Error error = open(which))
      return std::move(error);
  for (Step step : {&Comparison::openSamples, &Comparison::compileWhole,
                    &Comparison::findRescaled, &Comparison::compileCut,
                    &Comparison::measure, &Comparison::measureWeights})
    if (llvm::Error error = (this->*step)())
      return std::move(error);
  describeAll();
  return std::move(result);
}

llvm::Expected<ModelComparison>
calibrate::compareFiles(const std::string &reference, const std::string &model,
                        const CompareOptions &options,
                        const CompareProgress &progress) {
  return Comparison(reference, model, options, progress).run();
}
