//===- Equalize.cpp - Channels of like ranges -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Equalize.h"

#include "Calibrate/GraphIndex.h"
#include "Calibrate/Weights.h"

#include <cmath>

using namespace mlc;
using namespace mlc::calibrate;

//===----------------------------------------------------------------------===//
// Pairs
//===----------------------------------------------------------------------===//

/// Whether f(s x) = s f(x) for s > 0, channel by channel.
static bool keepsFactors(const onnx::NodeProto &node) {
  llvm::StringRef op = node.op_type();
  return node.domain().empty() &&
         (op == "Relu" || op == "LeakyRelu" || op == "MaxPool" ||
          op == "AveragePool" || op == "GlobalAveragePool");
}

std::vector<EqualizedPair>
calibrate::equalizablePairs(const onnx::GraphProto &graph, const Plan &plan) {
  GraphIndex index(graph);
  std::map<std::string, size_t> makers;
  for (size_t i = 0; i < plan.layers.size(); ++i)
    makers[plan.layers[i].output] = i;
  std::vector<EqualizedPair> pairs;
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    const Layer &layer = plan.layers[i];
    std::string value = layer.input;
    while (index.onlyReader(value) && !makers.count(value)) {
      int producer = index.producer(value);
      if (producer < 0 || !keepsFactors(index.node(producer)))
        break;
      value = index.node(producer).input(0);
    }
    auto maker = makers.find(value);
    if (maker == makers.end() || !index.onlyReader(value))
      continue;
    const Layer &before = plan.layers[maker->second];
    bool isSameKind = (before.op == "Conv") == (layer.op == "Conv");
    int64_t channels =
        layer.op == "Conv" ? layer.shape[1] * layer.groups : layer.columns;
    bool hasOwnWeights = index.onlyReader(before.weights) &&
                         index.onlyReader(layer.weights) &&
                         (before.bias.empty() || index.onlyReader(before.bias));
    if (isSameKind && hasOwnWeights && channels == before.rows)
      pairs.push_back({maker->second, i});
  }
  return pairs;
}

//===----------------------------------------------------------------------===//
// Factors
//===----------------------------------------------------------------------===//

namespace {

/// Of each channel of a layer's input.
struct ChannelUse {
  std::vector<double> greatest, squares; ///< magnitude, mean square
  int64_t count = 0;

  void add(const Tensor &tensor, int64_t rows, bool isConv, int64_t channels);
};

/// A layer as the second of a pair sees its columns.
struct Consumer {
  const Layer &layer;
  std::vector<float> weights;

  int64_t taps() const {
    return layer.op == "Conv" ? layer.columns / layer.shape[1] : 1;
  }
  /// The channel of its input that the weight at `i` multiplies.
  int64_t channelOf(int64_t i) const {
    int64_t row = i / layer.columns, inside = i % layer.columns / taps();
    int64_t group = row / (layer.rows / layer.groups);
    return group * (layer.columns / taps()) + inside;
  }
  /// What rounding of its input and of its weights does to its result, with
  /// these factors: squares, added up over rows.
  double noise(const ChannelUse &use, llvm::ArrayRef<double> factors,
               int most) const;
};

} // namespace

void ChannelUse::add(const Tensor &tensor, int64_t rows, bool isConv,
                     int64_t channels) {
  greatest.resize(channels);
  squares.resize(channels);
  int64_t inner = isConv ? tensor.size() / tensor.shape()[0] / channels : 1;
  int64_t size = tensor.size() / tensor.shape()[0] * rows;
  llvm::ArrayRef<float> values = tensor.values<float>();
  for (int64_t i = 0; i < size; ++i) {
    int64_t c = i / inner % channels;
    double x = std::fabs(values[i]);
    greatest[c] = std::max(greatest[c], x);
    squares[c] += x * x;
  }
  count += size / channels;
}

double Consumer::noise(const ChannelUse &use, llvm::ArrayRef<double> factors,
                       int most) const {
  double widest = 0;
  for (size_t c = 0; c < factors.size(); ++c)
    widest = std::max(widest, use.greatest[c] / factors[c]);
  double step = widest / 255, sum = 0;
  for (int64_t row = 0; row < layer.rows; ++row) {
    double largest = 0, inputs = 0;
    for (int64_t i = row * layer.columns; i < (row + 1) * layer.columns; ++i) {
      int64_t c = channelOf(i);
      double w = weights[i] * factors[c];
      largest = std::max(largest, std::fabs(w));
      inputs += use.squares[c] / (use.count * factors[c] * factors[c]);
      sum += w * w * step * step;
    }
    sum += largest * largest / (most * most) * inputs;
  }
  return sum;
}

/// The factors with the least noise: shares of what would make all ranges
/// equal.
static std::vector<double> bestFactors(const Consumer &consumer,
                                       const ChannelUse &use, int most) {
  double widest = 0;
  for (double greatest : use.greatest)
    widest = std::max(widest, greatest);
  std::vector<double> best(use.greatest.size(), 1);
  if (widest == 0)
    return best;
  double least = consumer.noise(use, best, most);
  for (double power : {0.25, 0.5, 0.75, 1.0}) {
    std::vector<double> factors;
    constexpr double smallest = 1.0 / 64;
    for (double greatest : use.greatest)
      factors.push_back(std::pow(std::max(greatest / widest, smallest), power));
    double noise = consumer.noise(use, factors, most);
    if (noise >= least)
      continue;
    least = noise;
    best = std::move(factors);
  }
  return best;
}

//===----------------------------------------------------------------------===//
// The rewrite
//===----------------------------------------------------------------------===//

/// Replaces the numbers of an initializer, of the same shape.
static void setFloats(onnx::GraphProto &graph, const std::string &name,
                      llvm::ArrayRef<float> values) {
  for (onnx::TensorProto &tensor : *graph.mutable_initializer()) {
    if (tensor.name() != name)
      continue;
    std::vector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
    tensor = makeFloats(name, shape, values);
    return;
  }
}

static void setWeights(onnx::GraphProto &graph, const Layer &layer,
                       llvm::ArrayRef<float> weights) {
  std::vector<float> stored(weights.size());
  for (int64_t row = 0; row < layer.rows; ++row)
    for (int64_t column = 0; column < layer.columns; ++column)
      stored[layer.place(row, column)] = weights[row * layer.columns + column];
  setFloats(graph, layer.weights, stored);
}

/// Moves `factors` from the first layer to the second.
static void move(onnx::GraphProto &graph, const Layer &first,
                 const Consumer &second, llvm::ArrayRef<double> factors) {
  FloatLayer numbers = floatLayer(graph, first);
  for (size_t i = 0; i < numbers.weights.size(); ++i)
    numbers.weights[i] =
        static_cast<float>(numbers.weights[i] / factors[i / first.columns]);
  for (size_t row = 0; row < numbers.bias.size(); ++row)
    numbers.bias[row] = static_cast<float>(numbers.bias[row] / factors[row]);
  setWeights(graph, first, numbers.weights);
  if (!numbers.bias.empty())
    setFloats(graph, first.bias, numbers.bias);
  std::vector<float> weights = second.weights;
  for (size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<float>(weights[i] * factors[second.channelOf(i)]);
  setWeights(graph, second.layer, weights);
}

llvm::Expected<int> calibrate::equalize(Session &session,
                                        onnx::ModelProto &model,
                                        const Plan &plan,
                                        const WeightForm &form) {
  constexpr int64_t mostSamples = 64;
  onnx::GraphProto &graph = *model.mutable_graph();
  std::vector<EqualizedPair> pairs = equalizablePairs(graph, plan);
  std::vector<std::string> values;
  for (const EqualizedPair &pair : pairs)
    values.push_back(plan.layers[pair.second].input);
  std::vector<ChannelUse> uses(pairs.size());
  if (pairs.empty())
    return 0;
  auto add = [&](llvm::ArrayRef<Tensor> tensors,
                 BatchPart part) -> llvm::Error {
    for (size_t i = 0; i < tensors.size(); ++i) {
      const Layer &first = plan.layers[pairs[i].first];
      uses[i].add(tensors[i], part.rowsOf(tensors[i]), first.op == "Conv",
                  first.rows);
    }
    return llvm::Error::success();
  };
  if (llvm::Error error = session.run(
          model, values, session.spread(mostSamples), "channels", add))
    return std::move(error);
  int changed = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const Layer &second = plan.layers[pairs[i].second];
    Consumer consumer{second, floatLayer(graph, second).weights};
    std::vector<double> factors = bestFactors(consumer, uses[i], form.most());
    if (llvm::all_of(factors, [](double s) { return s == 1; }))
      continue;
    move(graph, plan.layers[pairs[i].first], consumer, factors);
    ++changed;
  }
  return changed;
}
