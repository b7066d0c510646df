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
  const LayerFit &fit;
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
    : fit(fit) {
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

FloatLayer GroupReader::numbers(const FloatLayer &original,
                                bool hasMeans) const {
  FloatLayer result = original;
  for (const Part &part : parts) {
    std::vector<float> now = part.left.weights();
    fit.place(now, *part.of, result.weights);
    if (hasMeans)
      fit.shift(part.of->meanLoss(part.of->weights, now), *part.of,
                result.bias);
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
ChannelPruning::exploreGroup(size_t g, LayerRepair::Fits &fits,
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
    std::vector<FloatLayer> now = floats();
    for (size_t i = 0; i < group.readers.size(); ++i) {
      size_t layer = group.readers[i];
      now[layer] = elimination.allReaders()[i].numbers(
          now[layer], layers.hasMeans(plan.layers[layer]));
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
    std::set<size_t> readers;
    double bytes = 0;
    for (end = first; end < groups.groups.size(); ++end) {
      for (size_t layer : groups.groups[end].readers)
        if (!readers.count(layer))
          bytes += LayerRepair::bytesOf(plan.layers[layer]);
      if (end > first && bytes > LayerRepair::mostBytes)
        break;
      readers.insert(groups.groups[end].readers.begin(),
                     groups.groups[end].readers.end());
    }
    auto fits = layers.vectorsOf({readers.begin(), readers.end()}, "channels");
    if (!fits)
      return fits.takeError();
    for (size_t g = first; g < end; ++g) {
      llvm::Expected<UnitOrder> order =
          exploreGroup(g, *fits, counts[g], visit);
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

llvm::Expected<std::vector<FloatLayer>>
ChannelPruning::repair(const std::vector<bool> &isGone) {
  auto isLost = [&](int unit) { return unit >= 0 && isGone[unit]; };
  std::vector<bool> isChanged;
  for (const std::vector<int> &columns : groups.columns)
    isChanged.push_back(llvm::any_of(columns, isLost));
  return layers.repair(std::move(isChanged), [&](size_t layer, LayerFit &fit) {
    const std::vector<int> &columns = groups.columns[layer];
    return fittedLayer(
        fit, floats()[layer], layers.hasMeans(plan.layers[layer]),
        [&](int64_t c) { return columns.empty() || !isLost(columns[c]); });
  });
}
