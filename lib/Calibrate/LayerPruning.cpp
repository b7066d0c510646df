//===- LayerPruning.cpp - Zeros, layer after layer ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/LayerPruning.h"

#include "Calibrate/GraphIndex.h"
#include "Calibrate/Prepare.h"

#include <cmath>
#include <deque>
#include <map>
#include <numeric>

using namespace mlc;
using namespace mlc::calibrate;

/// Samples that pruning is decided on.
static constexpr int64_t mostSamples = 256;

LayerPruning::LayerPruning(Session &session, const onnx::ModelProto &model,
                           const Plan &plan, PrunePattern pattern)
    : session(session), model(model), plan(plan), pattern(pattern),
      range(session.spread(mostSamples)) {
  for (const Layer &layer : plan.layers)
    original.push_back(floatLayer(model.graph(), layer));
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

std::vector<float> calibrate::storedWeights(const Layer &layer,
                                            llvm::ArrayRef<float> weights) {
  std::vector<float> values(weights.size());
  for (int64_t row = 0; row < layer.rows; ++row)
    for (int64_t column = 0; column < layer.columns; ++column)
      values[layer.place(row, column)] = weights[row * layer.columns + column];
  return values;
}

onnx::ModelProto calibrate::withLayers(const onnx::ModelProto &model,
                                       const Plan &plan,
                                       llvm::ArrayRef<FloatLayer> layers) {
  onnx::ModelProto result = model;
  onnx::GraphProto &graph = *result.mutable_graph();
  NewNames names(graph);
  llvm::StringMap<int> places;
  for (int i = 0; i < graph.initializer_size(); ++i)
    places[graph.initializer(i).name()] = i;
  std::map<std::string, int> uses;
  for (const onnx::NodeProto &node : model.graph().node())
    forEachRead(node, [&](const std::string &value, int) { ++uses[value]; });
  // Where a constant is others' as well, it becomes two.
  auto set = [&](const std::string &name, llvm::ArrayRef<int64_t> shape,
                 llvm::ArrayRef<float> values) {
    bool isShared = uses[name] > 1;
    std::string own = isShared ? names.make(name) : name;
    onnx::TensorProto tensor = makeFloats(own, shape, values);
    if (isShared)
      *graph.add_initializer() = std::move(tensor);
    else
      *graph.mutable_initializer(places[name]) = std::move(tensor);
    return own;
  };
  for (auto [layer, of] : llvm::zip(plan.layers, layers)) {
    onnx::NodeProto &node = *graph.mutable_node(layer.node);
    node.set_input(
        1, set(layer.weights, layer.shape, storedWeights(layer, of.weights)));
    if (of.bias.empty())
      continue;
    if (layer.bias.empty()) {
      if (!layer.canHaveBias())
        continue;
      std::string name = names.make(layer.output + "_bias");
      *graph.add_initializer() = makeFloats(name, {layer.rows}, of.bias);
      while (node.input_size() < 3)
        node.add_input();
      node.set_input(2, name);
      continue;
    }
    const onnx::TensorProto &before = graph.initializer(places[layer.bias]);
    std::vector<int64_t> shape(before.dims().begin(), before.dims().end());
    std::string name = set(layer.bias, shape, of.bias);
    onnx::NodeProto &reader =
        layer.biasNode < 0 ? node : *graph.mutable_node(layer.biasNode);
    for (std::string &input : *reader.mutable_input())
      if (input == layer.bias)
        input = name;
  }
  dropUnused(graph);
  return result;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

namespace {

/// Blocks of columns of groups, each of which is pruned by itself.
class LayerParts {
public:
  LayerParts(const Layer &layer, llvm::ArrayRef<float> weights,
             const InputStatistics &statistics, PrunePattern pattern);

  void pruneTo(double share);
  PrunedState state() const;
  std::vector<float> weights() const;

private:
  struct Part {
    size_t first; ///< of its weights
    int64_t columns;
    std::vector<float> weights;
    std::unique_ptr<GradualPruning> pruning;
  };

  const Layer &layer;
  int64_t rows;
  std::deque<Part> parts; // none of which moves
};

} // namespace

LayerParts::LayerParts(const Layer &layer, llvm::ArrayRef<float> weights,
                       const InputStatistics &statistics, PrunePattern pattern)
    : layer(layer), rows(layer.rows / layer.groups) {
  for (int64_t g = 0; g < layer.groups; ++g)
    for (auto [b, block] : llvm::enumerate(statistics.blocks())) {
      size_t first = g * rows * layer.columns + block.first;
      Part &part = parts.emplace_back();
      part.first = first;
      part.columns = block.size;
      part.weights =
          takeColumns(weights.drop_front(first), rows, layer.columns, block);
      part.pruning = std::make_unique<GradualPruning>(
          part.weights, rows, block.size, statistics.hessian(g, b), pattern);
    }
}

void LayerParts::pruneTo(double share) {
  for (Part &part : parts)
    part.pruning->pruneTo(
        static_cast<int64_t>(std::ceil(share * double(rows * part.columns))));
}

PrunedState LayerParts::state() const {
  PrunedState state;
  for (const Part &part : parts) {
    state.zeros += part.pruning->zeros();
    state.error += part.pruning->error();
  }
  return state;
}

std::vector<float> LayerParts::weights() const {
  std::vector<float> result(layer.rows * layer.columns);
  for (const Part &part : parts) {
    std::vector<float> values = part.pruning->weights();
    for (int64_t r = 0; r < rows; ++r)
      std::copy_n(values.data() + r * part.columns, part.columns,
                  result.data() + part.first + r * layer.columns);
  }
  return result;
}

FloatLayer LayerPruning::pruned(size_t at, std::vector<float> weights,
                                const InputStatistics &statistics,
                                bool correctsBias) const {
  const Layer &layer = plan.layers[at];
  FloatLayer result{std::move(weights), original[at].bias};
  if (!correctsBias || !layer.canHaveBias())
    return result;
  std::vector<double> inputs = statistics.means();
  result.bias.resize(layer.rows, 0);
  for (int64_t row = 0; row < layer.rows; ++row)
    result.bias[row] += static_cast<float>(
        meanResult<float>(layer, inputs, original[at].weights, row) -
        meanResult<float>(layer, inputs, result.weights, row));
  return result;
}

//===----------------------------------------------------------------------===//
// Passes
//===----------------------------------------------------------------------===//

/// `decide` for each layer, in order, with what it reads in the model with
/// `current` layers as they are when its pass begins.
llvm::Error LayerPruning::forEachLayer(llvm::ArrayRef<FloatLayer> current,
                                       const std::string &what, Decide decide) {
  for (size_t first = 0; first < plan.layers.size();) {
    size_t end = endOfPass(plan.layers, first);
    std::vector<size_t> pass(end - first);
    std::iota(pass.begin(), pass.end(), first);
    auto statistics = measureInputs(
        session, withLayers(model, plan, current), plan, model.graph(), pass,
        range, what, [](const std::string &value) { return value; });
    if (!statistics)
      return statistics.takeError();
    for (size_t i = first; i < end; ++i)
      if ((*statistics)[i - first].isKnown())
        if (llvm::Error error = decide(i, (*statistics)[i - first]))
          return error;
    first = end;
  }
  return llvm::Error::success();
}

llvm::Error LayerPruning::explore(llvm::ArrayRef<double> shares,
                                  bool correctsBias, Visit visit) {
  auto decide = [&](size_t i, const InputStatistics &statistics) {
    std::vector<PrunedState> states;
    LayerParts parts(plan.layers[i], original[i].weights, statistics, pattern);
    for (double share : shares) {
      parts.pruneTo(share);
      PrunedState state = parts.state();
      state.layer = pruned(i, parts.weights(), statistics, correctsBias);
      states.push_back(std::move(state));
    }
    return visit(i, std::move(states));
  };
  return forEachLayer(original, "layers alone", decide);
}

llvm::Expected<std::vector<FloatLayer>>
LayerPruning::run(llvm::ArrayRef<double> shares, bool correctsBias) {
  std::vector<FloatLayer> current = original;
  auto decide = [&](size_t i,
                    const InputStatistics &statistics) -> llvm::Error {
    if (shares[i] == 0)
      return llvm::Error::success();
    LayerParts parts(plan.layers[i], original[i].weights, statistics, pattern);
    parts.pruneTo(shares[i]);
    current[i] = pruned(i, parts.weights(), statistics, correctsBias);
    return llvm::Error::success();
  };
  if (llvm::Error error = forEachLayer(current, "pruning", decide))
    return std::move(error);
  return std::move(current);
}
