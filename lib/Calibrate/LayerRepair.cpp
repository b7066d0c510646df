//===- LayerRepair.cpp - Layers fitted to what they gave ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/LayerRepair.h"

#include <set>

using namespace mlc;
using namespace mlc::calibrate;

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

LayerFit::LayerFit(const Layer &layer, const onnx::NodeProto &node,
                   const FloatLayer &numbers, bool hasTargets, bool hasMeans)
    : layer(layer), node(node), scratch(layer.columns),
      scratchOriginal(layer.columns) {
  int64_t rows = layer.rows / layer.groups;
  llvm::ArrayRef<float> weights(numbers.weights);
  for (int64_t g = 0; g < layer.groups; ++g)
    for (const ColumnBlock &block : columnBlocks(layer.columns))
      parts.emplace_back(
          g, block,
          takeColumns(
              weights.drop_front(g * rows * layer.columns + block.first), rows,
              layer.columns, block),
          rows, hasTargets, hasMeans);
}

void LayerFit::add(const Tensor &input, const Tensor *before, int64_t rows,
                   int64_t allRows) {
  std::optional<Columns> columns = Columns::of(layer, node, input.shape());
  if (!columns)
    return;
  int64_t positions = columns->positionsPerRow();
  Positions looked(allRows * positions, layer.columns);
  for (int64_t p = 0; p < rows * positions; ++p) {
    if (!looked.isLookedAt(seen * positions + p))
      continue;
    // Whole rows, mostly images, are held back.
    bool isTest = before && allRows >= 4 && (seen + p / positions) % 4 == 3;
    int64_t group = -1;
    for (Part &part : parts) {
      if (part.group != group) {
        group = part.group;
        columns->gather(input.values<float>(), p, group, scratch.data());
        if (before)
          columns->gather(before->values<float>(), p, group,
                          scratchOriginal.data());
      }
      const float *x = scratch.data() + part.block.first,
                  *first = scratchOriginal.data() + part.block.first;
      if (isTest)
        part.sums.addTest(x, first);
      else if (before)
        part.sums.add(x, first);
      else
        part.sums.add(x);
    }
  }
  seen += rows;
}

std::vector<double>
LayerFit::Part::meanLoss(llvm::ArrayRef<float> before,
                         llvm::ArrayRef<float> after) const {
  std::vector<double> means = sums.means(), result;
  for (int64_t r = 0; r < sums.rows; ++r) {
    double loss = 0;
    for (int64_t c = 0; c < block.size; ++c)
      loss += means[c] *
              (double(before[r * block.size + c]) - after[r * block.size + c]);
    result.push_back(loss);
  }
  return result;
}

void LayerFit::place(llvm::ArrayRef<float> part, const Part &of,
                     std::vector<float> &weights) const {
  int64_t rows = layer.rows / layer.groups;
  for (int64_t r = 0; r < rows; ++r)
    std::copy_n(part.data() + r * of.block.size, of.block.size,
                weights.data() + (of.group * rows + r) * layer.columns +
                    of.block.first);
}

void LayerFit::shift(llvm::ArrayRef<double> by, const Part &of,
                     std::vector<float> &bias) const {
  bias.resize(layer.rows, 0);
  int64_t first = of.group * (layer.rows / layer.groups);
  for (size_t r = 0; r < by.size(); ++r)
    bias[first + int64_t(r)] += static_cast<float>(by[r]);
}

FloatLayer
calibrate::fittedLayer(LayerFit &fit, const FloatLayer &original, bool hasMeans,
                       llvm::function_ref<bool(int64_t column)> isKept) {
  FloatLayer result = original;
  for (LayerFit::Part &part : fit.allParts()) {
    std::vector<int64_t> kept;
    for (int64_t c = 0; c < part.block.size; ++c)
      if (isKept(part.block.first + c))
        kept.push_back(c);
    FittedColumns columns = fitColumns(part.sums, kept);
    fit.place(columns.weights, part, result.weights);
    if (hasMeans)
      fit.shift(columns.shift, part, result.bias);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

/// Samples that pruning is decided on.
static constexpr int64_t mostSamples = 256;

LayerRepair::LayerRepair(Session &session, const onnx::ModelProto &model,
                         const Plan &plan, bool correctsBias)
    : session(session), model(model), plan(plan), correctsBias(correctsBias),
      range(session.spread(mostSamples)), index(model.graph()) {
  for (const Layer &layer : plan.layers)
    original.push_back(floatLayer(model.graph(), layer));
}

LayerFit LayerRepair::fitOf(size_t i, bool hasTargets) const {
  const Layer &layer = plan.layers[i];
  return LayerFit(layer, index.node(layer.node), original[i], hasTargets,
                  hasMeans(layer));
}

llvm::Error LayerRepair::begin() {
  std::vector<std::string> values;
  for (const Layer &layer : plan.layers)
    if (placeOf.try_emplace(layer.input, values.size()).second)
      values.push_back(layer.input);
  auto made =
      LayerRunner::create(session, model, plan, std::move(values), range.count);
  if (!made)
    return made.takeError();
  runner.emplace(std::move(*made));
  return llvm::Error::success();
}

/// Of the float model, and of that with `current` layers where there are any.
llvm::Error LayerRepair::measure(Fits &fits, llvm::ArrayRef<FloatLayer> current,
                                 const std::string &what) {
  auto add = [&](llvm::ArrayRef<Tensor> originals,
                 llvm::ArrayRef<Tensor> tensors,
                 BatchPart part) -> llvm::Error {
    for (auto &[layer, fit] : fits) {
      size_t place = placeOf.at(fit.of().input);
      const Tensor &input = tensors[place];
      fit.add(input, current.empty() ? nullptr : &originals[place],
              part.rowsOf(input), part.allRowsOf(input, range.count));
    }
    return llvm::Error::success();
  };
  return runner->run(original, current, range, what, add);
}

double LayerRepair::bytesOf(const Layer &layer) {
  double blocks = double(columnBlocks(layer.columns).size());
  double side = double(columnBlocks(layer.columns).front().size) +
                double(layer.rows / layer.groups) + 64;
  return double(layer.groups) * blocks * side *
         (4 * side + 4 * FitSums::mostTests);
}

llvm::Expected<LayerRepair::Fits>
LayerRepair::vectorsOf(const std::vector<size_t> &layers,
                       const std::string &what) {
  Fits fits;
  for (size_t layer : layers)
    fits.emplace(layer, fitOf(layer, /*hasTargets=*/false));
  if (llvm::Error error = measure(fits, {}, what))
    return std::move(error);
  return std::move(fits);
}

//===----------------------------------------------------------------------===//
// Repair
//===----------------------------------------------------------------------===//

/// To all layers whose inputs are computed from what changes.
void LayerRepair::spreadChange(std::vector<bool> &isChanged) const {
  std::map<int, size_t> layerAt;
  for (size_t i = 0; i < plan.layers.size(); ++i)
    layerAt[plan.layers[i].node] = i;
  std::set<std::string> changed;
  for (int i = 0; i < model.graph().node_size(); ++i) {
    const onnx::NodeProto &node = model.graph().node(i);
    bool isNew = false;
    forEachRead(node, [&](const std::string &value, int) {
      isNew |= changed.count(value) > 0;
    });
    auto layer = layerAt.find(i);
    if (layer != layerAt.end())
      isNew = isChanged[layer->second] = isNew || isChanged[layer->second];
    if (isNew)
      changed.insert(node.output().begin(), node.output().end());
  }
}

/// Whether `layer` is computed from layers `first` to `end`.
bool LayerRepair::reads(const Layer &layer, size_t first, size_t end) const {
  std::set<int> makers, seen;
  for (size_t i = first; i < end; ++i)
    makers.insert(plan.layers[i].node);
  int least = plan.layers[first].node;
  std::vector<std::string> open = {layer.input};
  while (!open.empty()) {
    int producer = index.producer(open.back());
    open.pop_back();
    if (producer < least || !seen.insert(producer).second)
      continue;
    if (makers.count(producer))
      return true;
    forEachRead(index.node(producer),
                [&](const std::string &value, int) { open.push_back(value); });
  }
  return false;
}

/// Layers that do not read each other are fitted together, as far as memory
/// lets.
size_t LayerRepair::endOfPass(size_t first) const {
  double bytes = 0;
  size_t end = first;
  for (; end < plan.layers.size(); ++end) {
    const Layer &layer = plan.layers[end];
    bytes += bytesOf(layer);
    if (end > first && (bytes > mostBytes || reads(layer, first, end)))
      break;
  }
  return end;
}

size_t LayerRepair::countPasses() const {
  size_t count = 0;
  for (size_t first = 0; first < plan.layers.size(); ++count)
    first = endOfPass(first);
  return count;
}

llvm::Expected<std::vector<FloatLayer>>
LayerRepair::repair(std::vector<bool> isChanged, Fitted fitted) {
  std::vector<FloatLayer> current = original;
  spreadChange(isChanged);
  for (size_t first = 0, end; first < plan.layers.size(); first = end) {
    end = endOfPass(first);
    Fits fits;
    for (size_t i = first; i < end; ++i)
      if (isChanged[i])
        fits.emplace(i, fitOf(i, /*hasTargets=*/true));
    if (fits.empty())
      continue;
    if (llvm::Error error = measure(fits, current, "repair"))
      return std::move(error);
    for (auto &[layer, fit] : fits)
      current[layer] = fitted(layer, fit);
  }
  return std::move(current);
}
