//===- Evaluate.cpp - Judge a model with labelled samples -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluate/Evaluate.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace mlc {

using Wanted = Samples::Wanted;

/// The samples that are in memory at once take about this many bytes.
static constexpr int64_t kBatchBytes = 8 << 20;

namespace {

class Evaluator {
public:
  Evaluator(const EvaluatedModel &model, const EvaluatedModel *reference,
            const EvaluateOptions &options)
      : model(model), reference(reference), options(options) {}

  Expected<Evaluation> evaluate();

private:
  Error prepare();
  Error chooseMetric();
  Error checkReference() const;
  Error chooseOutput();
  Error openLabels(int64_t samples);
  Error openTargets(int64_t samples);
  Error run(const EvaluatedModel &which, int64_t inBatch,
            std::vector<Tensor> &outputs);
  Error scoreSample(int64_t sample);
  Error score(const std::vector<Tensor> &outputs, int64_t sample, Score &into);
  void compare();

  bool needsClasses() const {
    return metric == ScoreMetric::Top1 || metric == ScoreMetric::Top5;
  }
  bool needsTargets() const {
    return metric == ScoreMetric::Mse || metric == ScoreMetric::Rmse;
  }

  const EvaluatedModel &model;
  const EvaluatedModel *reference;
  const EvaluateOptions &options;
  ScoreMetric metric = ScoreMetric::Auto;
  std::optional<size_t> scored; ///< an output with scores, or with targets
  std::optional<ScoreShape> scoreShape;
  std::vector<int64_t> labels;
  std::optional<Samples> targets;
  std::vector<Tensor> batch, target, found, wanted;
  Evaluation result;
};

} // namespace

static std::string described(const Wanted &info) {
  return "'" + info.name + "' " + typeToString(info.type, info.shape);
}

static std::string listed(ArrayRef<Wanted> infos) {
  std::string text;
  for (const Wanted &info : infos)
    text += (text.empty() ? "" : ", ") + described(info);
  return text.empty() ? "none" : text;
}

//===----------------------------------------------------------------------===//
// What is scored
//===----------------------------------------------------------------------===//

Error Evaluator::chooseMetric() {
  metric = options.metric;
  if (metric == ScoreMetric::Auto) {
    Expected<bool> hasLabels = hasArray(options.data, options.labels);
    if (!hasLabels)
      return hasLabels.takeError();
    if (!*hasLabels && !reference)
      return createStringError(
          options.data + ": has no array '" + options.labels +
          "' of labels, and there is no reference: nothing can be scored; "
          "--labels, --metric or --reference is required");
    metric = *hasLabels ? ScoreMetric::Top1 : ScoreMetric::Agreement;
  }
  if (metric == ScoreMetric::Agreement && !reference)
    return createStringError("--metric=agreement: --reference is required");
  result.metric = metric;
  return Error::success();
}

Error Evaluator::checkReference() const {
  auto same = [](ArrayRef<Wanted> a, ArrayRef<Wanted> b, bool isByName) {
    return a.size() == b.size() && all_of(zip(a, b), [&](const auto &pair) {
             const auto &[x, y] = pair;
             return x.type == y.type && x.shape == y.shape &&
                    (!isByName || x.name == y.name);
           });
  };
  auto differs = [&](const char *what, ArrayRef<Wanted> mine,
                     ArrayRef<Wanted> theirs) {
    return createStringError(reference->name + ": has the " + what + " " +
                             listed(theirs) + ", " + model.name + " has " +
                             listed(mine) + "; the same are required");
  };
  if (!same(model.inputs, reference->inputs, /*isByName=*/true))
    return differs("inputs", model.inputs, reference->inputs);
  if (!same(model.outputs, reference->outputs, /*isByName=*/false))
    return differs("outputs", model.outputs, reference->outputs);
  return Error::success();
}

Error Evaluator::chooseOutput() {
  if (needsTargets()) {
    if (model.outputs.empty())
      return createStringError(model.name + ": has no outputs");
    scored = 0;
  }
  for (size_t i = 0; i != model.outputs.size() && !scored; ++i) {
    scoreShape = scoreShapeOf(model.outputs[i].shape);
    if (scoreShape)
      scored = i;
  }
  if (needsClasses() && !scored)
    return createStringError(model.name +
                             ": has no output with scores, rows x classes, to "
                             "be compared with labels; its outputs are " +
                             listed(model.outputs));
  if (scored)
    result.output = model.outputs[*scored].name;
  return Error::success();
}

Error Evaluator::openLabels(int64_t samples) {
  int64_t count = samples * scoreShape->rows;
  auto read = readLabels(options.data, options.labels, count);
  if (!read)
    return read.takeError();
  for (int64_t i = 0; i != count; ++i)
    if ((*read)[i] < 0 || (*read)[i] >= scoreShape->classes)
      return createStringError(
          options.data + ": " +
          describeLabel(options.data, options.labels, i, (*read)[i]) +
          ", output '" + result.output + "' has the classes 0 to " +
          Twine(scoreShape->classes - 1));
  labels = std::move(*read);
  return Error::success();
}

Error Evaluator::openTargets(int64_t samples) {
  Expected<Samples> opened =
      Samples::open(options.data, model.outputs[*scored], "output");
  if (!opened)
    return opened.takeError();
  if (opened->count() != samples)
    return createStringError(options.data + ": has " + Twine(samples) +
                             " samples and " + Twine(opened->count()) +
                             " targets '" + result.output + "'");
  targets = std::move(*opened);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Samples
//===----------------------------------------------------------------------===//

static Error makeOutputs(const EvaluatedModel &model,
                         std::vector<Tensor> &outputs) {
  for (const Wanted &info : model.outputs) {
    Expected<Tensor> tensor = Tensor::create(info.type, info.shape);
    if (!tensor)
      return tensor.takeError();
    outputs.push_back(std::move(*tensor));
  }
  return Error::success();
}

Error Evaluator::run(const EvaluatedModel &which, int64_t inBatch,
                     std::vector<Tensor> &outputs) {
  SmallVector<const void *> from;
  for (const Tensor &tensor : batch)
    from.push_back(static_cast<const char *>(tensor.data()) +
                   inBatch * int64_t(tensor.sizeInBytes()) /
                       tensor.shape().front());
  SmallVector<void *> to;
  for (Tensor &tensor : outputs)
    to.push_back(tensor.data());
  return which.run(from, to);
}

Error Evaluator::score(const std::vector<Tensor> &outputs, int64_t sample,
                       Score &into) {
  if (needsTargets())
    into.difference.add(outputs[*scored], target.front());
  if (!needsClasses())
    return Error::success();
  int64_t k = metric == ScoreMetric::Top1 ? 1 : 5;
  for (int64_t row = 0; row != scoreShape->rows; ++row)
    into.count.add(isAmongBest(outputs[*scored], *scoreShape, row,
                               labels[sample * scoreShape->rows + row], k));
  return Error::success();
}

void Evaluator::compare() {
  for (auto [output, mine, theirs] : zip(result.outputs, found, wanted))
    output.difference.add(mine, theirs);
  if (!scoreShape)
    return;
  for (int64_t row = 0; row != scoreShape->rows; ++row) {
    int64_t mine = bestClass(found[*scored], *scoreShape, row);
    int64_t theirs = bestClass(wanted[*scored], *scoreShape, row);
    result.agreement->add(mine >= 0 && mine == theirs);
  }
}

Error Evaluator::scoreSample(int64_t sample) {
  if (targets)
    if (Error error = targets->read(sample, 1, target))
      return error;
  if (Error error = score(found, sample, result.model))
    return error;
  if (!reference)
    return Error::success();
  if (Error error = score(wanted, sample, result.reference))
    return error;
  compare();
  return Error::success();
}

/// How many samples fit into the bytes of a batch.
static int64_t batchSize(ArrayRef<Wanted> inputs, int64_t samples) {
  int64_t bytes = 1;
  for (const Wanted &info : inputs)
    bytes += cantFail(elementCount(info.shape)) * byteSize(info.type);
  return std::clamp<int64_t>(kBatchBytes / bytes, 1, samples);
}

Error Evaluator::prepare() {
  if (reference)
    if (Error error = checkReference())
      return error;
  if (Error error = chooseMetric())
    return error;
  if (Error error = chooseOutput())
    return error;
  if (Error error = makeOutputs(model, found))
    return error;
  if (!reference)
    return Error::success();
  for (const Wanted &info : model.outputs)
    result.outputs.push_back({info.name, {}});
  if (scoreShape)
    result.agreement.emplace();
  return makeOutputs(*reference, wanted);
}

Expected<Evaluation> Evaluator::evaluate() {
  if (Error error = prepare())
    return std::move(error);
  Expected<Samples> samples = Samples::open(options.data, model.inputs);
  if (!samples)
    return samples.takeError();
  int64_t count = result.samples = samples->count();
  if (needsClasses())
    if (Error error = openLabels(count))
      return std::move(error);
  if (needsTargets())
    if (Error error = openTargets(count))
      return std::move(error);
  int64_t most = batchSize(model.inputs, count);
  for (int64_t sample = 0; sample != count; ++sample) {
    if (sample % most == 0)
      if (Error error =
              samples->read(sample, std::min(most, count - sample), batch))
        return std::move(error);
    if (options.onSample)
      options.onSample(sample, count);
    if (Error error = run(model, sample % most, found))
      return std::move(error);
    if (reference)
      if (Error error = run(*reference, sample % most, wanted))
        return std::move(error);
    if (Error error = scoreSample(sample))
      return std::move(error);
  }
  return std::move(result);
}

Expected<Evaluation> evaluate(const EvaluatedModel &model,
                              const EvaluatedModel *reference,
                              const EvaluateOptions &options) {
  return Evaluator(model, reference, options).evaluate();
}

} // namespace mlc
