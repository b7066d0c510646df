//===- LayerRounding.cpp - Weights and biases, layer after layer ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/LayerRounding.h"

#include "Calibrate/Rounding.h"

#include "llvm/ADT/StringSet.h"

#include <cmath>

using namespace mlc;
using namespace mlc::calibrate;

/// Samples that rounding is decided on.
static constexpr int64_t mostSamples = 256;

LayerRounding::LayerRounding(Session &session, const onnx::ModelProto &model,
                             const Plan &plan, const Numbers &numbers,
                             const QuantizeForm &form)
    : session(session), model(model), plan(plan), numbers(numbers), form(form),
      range(session.spread(mostSamples)), results(plan.layers.size()) {
  for (auto [layer, of] : llvm::zip(plan.layers, numbers.layers)) {
    floats.push_back(floatLayer(model.graph(), layer));
    rounded.push_back({of, {}, false});
  }
}

llvm::Error LayerRounding::measureFloat() {
  std::vector<std::string> values;
  for (const Layer &layer : plan.layers)
    values.push_back(layer.output);
  return session.run(
      model, values, range, "results of layers",
      [&](llvm::ArrayRef<Tensor> tensors, BatchPart part) -> llvm::Error {
        for (size_t i = 0; i < tensors.size(); ++i)
          results[i].add(plan.layers[i], tensors[i], part.rowsOf(tensors[i]),
                         part.allRowsOf(tensors[i], range.count));
        return llvm::Error::success();
      });
}

//===----------------------------------------------------------------------===//
// Passes
//===----------------------------------------------------------------------===//

/// Layers whose results no other layer depends on.
static std::vector<size_t> lastLayers(const onnx::GraphProto &graph,
                                      const Plan &plan) {
  llvm::StringSet<> needed;
  for (const Layer &layer : plan.layers)
    needed.insert(layer.input);
  for (int i = graph.node_size(); i-- > 0;)
    if (llvm::any_of(graph.node(i).output(), [&](const std::string &value) {
          return needed.contains(value);
        }))
      forEachRead(graph.node(i),
                  [&](const std::string &value, int) { needed.insert(value); });
  std::vector<size_t> last;
  for (size_t i = 0; i < plan.layers.size(); ++i)
    if (!needed.contains(plan.layers[i].output))
      last.push_back(i);
  return last;
}

/// Runs the model of integers as it is by now; rounds some layers, and restores
/// the means of others, by what they read in it.
llvm::Error LayerRounding::pass(llvm::ArrayRef<size_t> rounds,
                                llvm::ArrayRef<size_t> restores) {
  QdqModel quantized = writeQdq(model, plan, numbers, form);
  std::vector<size_t> all = rounds.vec();
  llvm::append_range(all, restores);
  auto measured = measureInputs(
      session, quantized.model, plan, model.graph(), all, range, "rounding",
      [&](const std::string &value) { return quantized.rounded.at(value); });
  if (!measured)
    return measured.takeError();
  const std::vector<InputStatistics> &statistics = *measured;
  for (size_t i = 0; i < all.size(); ++i) {
    if (!statistics[i].isKnown())
      continue;
    if (i >= rounds.size()) {
      restoreMeans(all[i], statistics[i]);
      continue;
    }
    if (rounding != WeightRounding::Nearest)
      decide(all[i], statistics[i]);
    numbers.layers[all[i]] = rounded[all[i]].numbers;
    keepMeans(all[i], statistics[i]);
  }
  return llvm::Error::success();
}

llvm::Error LayerRounding::run(WeightRounding how, bool corrects) {
  rounding = how;
  correctsBias = corrects;
  if (llvm::Error error = measureFloat())
    return error;
  std::vector<size_t> before;
  for (size_t first = 0; first < plan.layers.size();) {
    std::vector<size_t> rounds;
    for (size_t i = first, last = endOfPass(plan.layers, first); i < last; ++i)
      rounds.push_back(i);
    if (llvm::Error error = pass(rounds, before))
      return error;
    first = rounds.back() + 1;
    before.clear();
    if (corrects)
      before.push_back(rounds.back());
  }
  return corrects ? pass({}, lastLayers(model.graph(), plan))
                  : llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Rounds with the Hessians of `statistics`, to nearest without.
LayerNumbers
LayerRounding::roundGroups(size_t at, std::vector<float> scales,
                           const InputStatistics *statistics) const {
  const Layer &layer = plan.layers[at];
  LayerNumbers result;
  result.bias = floats[at].bias;
  result.scales = std::move(scales);
  int most = layer.form(form.weights).most();
  llvm::ArrayRef<float> weights = floats[at].weights;
  if (!statistics) {
    result.weights = nearest(layer, weights, result.scales, most);
    return result;
  }
  result.weights.resize(weights.size());
  int64_t rows = layer.rows / layer.groups;
  for (int64_t g = 0; g < layer.groups; ++g) {
    std::vector<float> rowScales;
    for (int64_t r = 0; r < rows; ++r)
      rowScales.push_back(result.scale(g * rows + r));
    for (auto [b, block] : llvm::enumerate(statistics->blocks())) {
      size_t first = g * rows * layer.columns + block.first;
      std::vector<float> part =
          takeColumns(weights.drop_front(first), rows, layer.columns, block);
      std::vector<int8_t> q(part.size());
      roundWithHessian(part, rows, block.size, rowScales,
                       statistics->hessian(g, b), -most, most, q);
      for (int64_t r = 0; r < rows; ++r)
        std::copy_n(q.data() + r * block.size, block.size,
                    result.weights.data() + first + r * layer.columns);
    }
  }
  return result;
}

/// Scales for which the weights' errors, as they show in the results, are
/// least; those of `numbers` where there is no choice.
std::vector<float>
LayerRounding::searchedScales(size_t at,
                              const InputStatistics &statistics) const {
  const Layer &layer = plan.layers[at];
  std::vector<float> widest = rounded[at].numbers.scales;
  if (widest.size() != static_cast<size_t>(layer.rows))
    return widest;
  int most = layer.form(form.weights).most();
  int64_t rows = layer.rows / layer.groups, size = rows * layer.columns;
  std::vector<float> result;
  for (int64_t g = 0; g < layer.groups; ++g)
    llvm::append_range(
        result, searchRowScales(
                    llvm::ArrayRef(floats[at].weights).slice(g * size, size),
                    rows, layer.columns, -most, most,
                    statistics.blocks().size() == 1 ? &statistics.hessian(g, 0)
                                                    : nullptr));
  for (auto [scale, wide] : llvm::zip(result, widest)) {
    // Rows of zeros, and those whose bias needs a larger scale.
    float reach = scaleFor(0, most, form.weights.powersOfTwo);
    if (scale <= reach || wide > 2 * scale * most)
      scale = wide;
    else if (form.weights.powersOfTwo)
      scale = scaleFor(scale, 1, true);
  }
  return result;
}

std::vector<LayerNumbers>
LayerRounding::candidates(size_t at, const InputStatistics &statistics) const {
  std::vector<LayerNumbers> result;
  const std::vector<float> &widest = rounded[at].numbers.scales;
  std::vector<float> searched = searchedScales(at, statistics);
  if (rounding == WeightRounding::Auto) {
    result.push_back(roundGroups(at, widest, nullptr));
    result.push_back(roundGroups(at, searched, nullptr));
  }
  result.push_back(roundGroups(at, widest, &statistics));
  result.push_back(roundGroups(at, searched, &statistics));
  return result;
}

/// Squared error of the results, on vectors that nothing was made from.
double LayerRounding::errorOf(size_t at, const LayerNumbers &of,
                              const InputStatistics &statistics) const {
  const Layer &layer = plan.layers[at];
  std::vector<float> errors(of.weights.size());
  for (size_t i = 0; i < errors.size(); ++i)
    errors[i] =
        floats[at].weights[i] -
        of.scale(static_cast<int64_t>(i) / layer.columns) * of.weights[i];
  int64_t rows = layer.rows / layer.groups, size = rows * layer.columns;
  double sum = 0;
  for (int64_t g = 0; g < layer.groups; ++g) {
    llvm::ArrayRef<float> part = llvm::ArrayRef(errors).slice(g * size, size);
    if (!statistics.tests(g).empty()) {
      sum += testError(part, layer.columns, statistics.tests(g));
      continue;
    }
    for (auto [b, block] : llvm::enumerate(statistics.blocks()))
      for (int64_t r = 0; r < rows; ++r) {
        llvm::ArrayRef<float> row =
            part.slice(r * layer.columns + block.first, block.size);
        sum += statistics.hessian(g, b).quadraticForm(
            std::vector<double>(row.begin(), row.end()));
      }
  }
  return sum;
}

void LayerRounding::decide(size_t at, const InputStatistics &statistics) {
  std::vector<LayerNumbers> all = candidates(at, statistics);
  double least = 0;
  size_t best = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    double error = errorOf(at, all[i], statistics);
    if (i > 0 && error >= least)
      continue;
    least = error;
    best = i;
  }
  rounded[at].isHessian = best + 2 >= all.size();
  rounded[at].numbers = std::move(all[best]);
}

//===----------------------------------------------------------------------===//
// Biases
//===----------------------------------------------------------------------===//

void LayerRounding::setBias(size_t at, std::vector<float> bias) {
  if (!correctsBias || !plan.layers[at].canHaveBias())
    return;
  numbers.layers[at].bias = bias;
  rounded[at].corrected = std::move(bias);
}

/// Gives back what rounded weights take from the means.
void LayerRounding::keepMeans(size_t at, const InputStatistics &statistics) {
  const Layer &layer = plan.layers[at];
  const LayerNumbers &of = rounded[at].numbers;
  std::vector<double> inputs = statistics.means();
  std::vector<float> bias = of.bias;
  bias.resize(layer.rows, 0);
  for (int64_t row = 0; row < layer.rows; ++row)
    bias[row] += static_cast<float>(
        meanResult<float>(layer, inputs, floats[at].weights, row) -
        meanResult<int8_t>(layer, inputs, of.weights, row) * of.scale(row));
  setBias(at, std::move(bias));
}

/// Makes the means what they are in the float model.
void LayerRounding::restoreMeans(size_t at, const InputStatistics &statistics) {
  const Layer &layer = plan.layers[at];
  const LayerNumbers &of = rounded[at].numbers;
  std::vector<double> inputs = statistics.means(), wanted = results[at].means();
  std::vector<float> bias(layer.rows);
  for (int64_t row = 0; row < layer.rows; ++row)
    bias[row] = static_cast<float>(
        wanted[row] -
        meanResult<int8_t>(layer, inputs, of.weights, row) * of.scale(row));
  setBias(at, std::move(bias));
}
