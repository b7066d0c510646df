//===- ChannelPruning.cpp - Models without some channels ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/ChannelPruning.h"

#include <queue>
#include <set>

using namespace mlc;
using namespace mlc::calibrate;

/// Samples that pruning is decided on.
static constexpr int64_t mostSamples = 256;

ChannelPruning::ChannelPruning(Session &session, const onnx::ModelProto &model,
                               const Plan &plan, const ChannelGroups &groups,
                               bool correctsBias)
    : session(session), model(model), plan(plan), groups(groups),
      correctsBias(correctsBias), range(session.spread(mostSamples)),
      index(model.graph()) {
  for (const Layer &layer : plan.layers)
    original.push_back(floatLayer(model.graph(), layer));
}

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

LayerFit ChannelPruning::fitOf(size_t i, bool hasTargets) const {
  const Layer &layer = plan.layers[i];
  return LayerFit(layer, index.node(layer.node), original[i], hasTargets,
                  hasMeans(layer));
}

llvm::Error ChannelPruning::begin() {
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
llvm::Error ChannelPruning::measure(std::map<size_t, LayerFit> &fits,
                                    llvm::ArrayRef<FloatLayer> current,
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

/// What a fit takes, in bytes.
static double bytesOf(const Layer &layer) {
  double blocks = double(columnBlocks(layer.columns).size());
  double side = double(columnBlocks(layer.columns).front().size) +
                double(layer.rows / layer.groups) + 64;
  return double(layer.groups) * blocks * side *
         (4 * side + 4 * FitSums::mostTests);
}
static constexpr double mostBytes = 512 << 20;

//===----------------------------------------------------------------------===//
// The order of a group
//===----------------------------------------------------------------------===//

namespace {

/// A layer that reads units of a group.
class GroupReader {
public:
  /// `columns` are the units of its columns, of which those of `places` are
  /// the group's, by place.
  GroupReader(LayerFit &fit, llvm::ArrayRef<int> columns,
              const std::map<int, size_t> &places);

  double lossOf(size_t place) const;
  void drop(size_t place);
  /// What the layer is now.
  FloatLayer numbers(const FloatLayer &original, bool hasMeans) const;

private:
  struct Part {
    const LayerFit::Part *of;
    ColumnElimination left;
    std::vector<std::vector<int64_t>> columns; ///< by place
  };
  const Layer &layer;
  std::vector<Part> parts;
  double signal = 0;
};

/// The units of a group, as they go.
class GroupElimination {
public:
  GroupElimination(const ChannelGroup &group, const ChannelGroups &groups,
                   std::vector<GroupReader> readers);

  /// Takes the unit that costs least; false where none may go.
  bool step(UnitOrder &order);
  const std::vector<GroupReader> &allReaders() const { return readers; }

private:
  double lossOf(size_t place) const;

  const ChannelGroup &group;
  const ChannelGroups &groups;
  std::vector<GroupReader> readers;
  std::vector<bool> isGone; ///< by unit
  /// Losses as they were when they were last looked at, least first.
  using Candidate = std::pair<double, size_t>;
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
};

} // namespace

GroupReader::GroupReader(LayerFit &fit, llvm::ArrayRef<int> columns,
                         const std::map<int, size_t> &places)
    : layer(fit.of()) {
  for (LayerFit::Part &of : fit.allParts()) {
    Part part{&of, ColumnElimination(of.sums), {}};
    part.columns.resize(places.size());
    for (int64_t c = 0; c < of.block.size; ++c) {
      auto it = places.find(columns[of.block.first + c]);
      if (it != places.end())
        part.columns[it->second].push_back(c);
    }
    signal += part.left.signal();
    parts.push_back(std::move(part));
  }
}

double GroupReader::lossOf(size_t place) const {
  if (!(signal > 0))
    return 0;
  double loss = 0;
  for (const Part &part : parts)
    if (!part.columns[place].empty())
      loss += part.left.lossOf(part.columns[place]);
  return loss / signal;
}

void GroupReader::drop(size_t place) {
  for (Part &part : parts)
    if (!part.columns[place].empty())
      part.left.drop(part.columns[place]);
}

/// Writes the rows of a part into those of a layer.
static void place(std::vector<float> &weights, llvm::ArrayRef<float> part,
                  const Layer &layer, const LayerFit::Part &of) {
  int64_t rows = layer.rows / layer.groups;
  for (int64_t r = 0; r < rows; ++r)
    std::copy_n(part.data() + r * of.block.size, of.block.size,
                weights.data() + (of.group * rows + r) * layer.columns +
                    of.block.first);
}

FloatLayer GroupReader::numbers(const FloatLayer &original,
                                bool hasMeans) const {
  FloatLayer result = original;
  int64_t rows = layer.rows / layer.groups;
  for (const Part &part : parts) {
    std::vector<float> now = part.left.weights();
    place(result.weights, now, layer, *part.of);
    if (!hasMeans)
      continue;
    result.bias.resize(layer.rows, 0);
    std::vector<double> means = part.of->sums.means();
    for (int64_t r = 0; r < rows; ++r) {
      double shift = 0;
      for (int64_t c = 0; c < part.of->block.size; ++c)
        shift +=
            means[c] * (double(part.of->weights[r * part.of->block.size + c]) -
                        now[r * part.of->block.size + c]);
      result.bias[part.of->group * rows + r] += static_cast<float>(shift);
    }
  }
  return result;
}

GroupElimination::GroupElimination(const ChannelGroup &group,
                                   const ChannelGroups &groups,
                                   std::vector<GroupReader> all)
    : group(group), groups(groups), readers(std::move(all)),
      isGone(groups.units, false) {
  for (size_t i = 0; i < group.units.size(); ++i)
    queue.emplace(lossOf(i), i);
}

double GroupElimination::lossOf(size_t place) const {
  double loss = 0;
  for (const GroupReader &reader : readers)
    loss += reader.lossOf(place);
  return loss;
}

/// A loss grows as others go, mostly: one that is still the least when it is
/// looked at again is the next.
bool GroupElimination::step(UnitOrder &order) {
  while (!queue.empty()) {
    size_t next = queue.top().second;
    queue.pop();
    double loss = std::max(0.0, lossOf(next));
    if (!queue.empty() && Candidate(loss, next) > queue.top()) {
      queue.emplace(loss, next);
      continue;
    }
    int unit = group.units[next];
    isGone[unit] = true;
    if (groups.leavesNone(isGone)) {
      isGone[unit] = false;
      continue;
    }
    for (GroupReader &reader : readers)
      reader.drop(next);
    order.losses.push_back(loss +
                           (order.losses.empty() ? 0 : order.losses.back()));
    order.units.push_back(unit);
    return true;
  }
  return false;
}

llvm::Expected<UnitOrder>
ChannelPruning::exploreGroup(size_t g, std::map<size_t, LayerFit> &fits,
                             llvm::ArrayRef<size_t> counts, Visit visit) const {
  const ChannelGroup &group = groups.groups[g];
  std::map<int, size_t> places;
  for (size_t i = 0; i < group.units.size(); ++i)
    places[group.units[i]] = i;
  std::vector<GroupReader> readers;
  for (size_t layer : group.readers)
    readers.emplace_back(fits.at(layer), groups.columns[layer], places);
  GroupElimination elimination(group, groups, std::move(readers));
  UnitOrder order;
  while (elimination.step(order)) {
    if (!llvm::is_contained(counts, order.units.size()))
      continue;
    std::vector<FloatLayer> now = original;
    for (size_t i = 0; i < group.readers.size(); ++i) {
      size_t layer = group.readers[i];
      now[layer] = elimination.allReaders()[i].numbers(
          original[layer], hasMeans(plan.layers[layer]));
    }
    if (llvm::Error error = visit(g, order.units.size(), now))
      return std::move(error);
  }
  return std::move(order);
}

llvm::Expected<std::vector<UnitOrder>>
ChannelPruning::explore(llvm::ArrayRef<std::vector<size_t>> counts,
                        Visit visit) {
  std::vector<UnitOrder> result;
  for (size_t first = 0, end; first < groups.groups.size(); first = end) {
    // As many groups at once as memory lets.
    std::map<size_t, LayerFit> fits;
    double bytes = 0;
    for (end = first; end < groups.groups.size(); ++end) {
      for (size_t layer : groups.groups[end].readers)
        bytes += fits.count(layer) ? 0 : bytesOf(plan.layers[layer]);
      if (end > first && bytes > mostBytes)
        break;
      for (size_t layer : groups.groups[end].readers)
        if (!fits.count(layer))
          fits.emplace(layer, fitOf(layer, /*hasTargets=*/false));
    }
    if (llvm::Error error = measure(fits, {}, "channels"))
      return std::move(error);
    for (size_t g = first; g < end; ++g) {
      llvm::Expected<UnitOrder> order = exploreGroup(g, fits, counts[g], visit);
      if (!order)
        return order.takeError();
      result.push_back(std::move(*order));
    }
  }
  return std::move(result);
}

//===----------------------------------------------------------------------===//
// Repair
//===----------------------------------------------------------------------===//

/// By layer, whether its input or its columns are not what they were.
std::vector<bool>
ChannelPruning::affected(const std::vector<bool> &isGone) const {
  std::vector<bool> result(plan.layers.size(), false);
  std::map<int, size_t> layerAt;
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    layerAt[plan.layers[i].node] = i;
    result[i] = llvm::any_of(
        groups.columns[i], [&](int unit) { return unit >= 0 && isGone[unit]; });
  }
  std::set<std::string> changed;
  for (int i = 0; i < model.graph().node_size(); ++i) {
    const onnx::NodeProto &node = model.graph().node(i);
    bool isChanged = false;
    forEachRead(node, [&](const std::string &value, int) {
      isChanged |= changed.count(value) > 0;
    });
    auto layer = layerAt.find(i);
    if (layer != layerAt.end())
      isChanged = result[layer->second] = isChanged || result[layer->second];
    if (isChanged)
      changed.insert(node.output().begin(), node.output().end());
  }
  return result;
}

/// Whether `layer` is computed from layers `first` to `end`.
bool ChannelPruning::reads(const Layer &layer, size_t first, size_t end) const {
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
size_t ChannelPruning::endOfPass(size_t first) const {
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

size_t ChannelPruning::countPasses() const {
  size_t count = 0;
  for (size_t first = 0; first < plan.layers.size(); ++count)
    first = endOfPass(first);
  return count;
}

FloatLayer ChannelPruning::fitted(size_t at, LayerFit &fit,
                                  const std::vector<bool> &isGone) const {
  const Layer &layer = plan.layers[at];
  FloatLayer result = original[at];
  auto isKept = [&](int64_t column) {
    if (groups.columns[at].empty())
      return true;
    int unit = groups.columns[at][column];
    return unit < 0 || !isGone[unit];
  };
  for (LayerFit::Part &part : fit.allParts()) {
    std::vector<int64_t> kept;
    for (int64_t c = 0; c < part.block.size; ++c)
      if (isKept(part.block.first + c))
        kept.push_back(c);
    FittedColumns columns = fitColumns(part.sums, kept);
    place(result.weights, columns.weights, layer, part);
    if (!hasMeans(layer))
      continue;
    result.bias.resize(layer.rows, 0);
    int64_t first = part.group * (layer.rows / layer.groups);
    for (size_t r = 0; r < columns.shift.size(); ++r)
      result.bias[first + int64_t(r)] += static_cast<float>(columns.shift[r]);
  }
  return result;
}

llvm::Expected<std::vector<FloatLayer>>
ChannelPruning::repair(const std::vector<bool> &isGone) {
  std::vector<FloatLayer> current = original;
  std::vector<bool> isAffected = affected(isGone);
  for (size_t first = 0, end; first < plan.layers.size(); first = end) {
    end = endOfPass(first);
    std::map<size_t, LayerFit> fits;
    for (size_t i = first; i < end; ++i)
      if (isAffected[i])
        fits.emplace(i, fitOf(i, /*hasTargets=*/true));
    if (fits.empty())
      continue;
    if (llvm::Error error = measure(fits, current, "repair"))
      return std::move(error);
    for (auto &[layer, fit] : fits)
      current[layer] = fitted(layer, fit, isGone);
  }
  return std::move(current);
}
