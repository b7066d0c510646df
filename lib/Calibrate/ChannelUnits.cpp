//===- ChannelUnits.cpp - Numbers of channels become units ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/ChannelFinder.h"

#include <algorithm>
#include <map>

using namespace mlc;
using namespace mlc::calibrate;

/// What several read would have to shrink for all of them alike.
void ChannelFinder::pinShared() {
  for (const ConstantCut &each : cuts)
    if (index.readers(each.name).size() != 1 || index.isOutput(each.name))
      pin(each.labels);
  for (const onnx::ValueInfoProto &output : graph.output())
    pinValue(output.name());
  // A value without channels is none: where there is one, it stays.
  for (const auto &[name, of] : labels)
    if (of.units.size() == 1)
      pin(of);
}

ChannelGroups ChannelFinder::numbered() {
  ChannelGroups result;
  std::vector<int> unitOf(parents.size(), ChannelLabels::stays);
  for (int i = 1; i < int(parents.size()); ++i) {
    int root = rootOf(i);
    if (root == 0)
      continue;
    if (root == i)
      unitOf[i] = result.units++;
    unitOf[i] = unitOf[root];
  }
  auto number = [&](Labels &of) {
    for (int &unit : of.units)
      unit = unitOf[unit];
  };
  auto isOfUnits = [](const Labels &of) {
    return llvm::any_of(of.units, [](int unit) { return unit >= 0; });
  };
  for (ConstantCut &each : cuts) {
    number(each.labels);
    if (isOfUnits(each.labels))
      result.cuts.push_back(std::move(each));
  }
  for (NodeEdit &each : edits) {
    number(each.labels);
    if (isOfUnits(each.labels))
      result.edits.push_back(std::move(each));
  }
  for (auto &[name, of] : labels) {
    number(of);
    if (isOfUnits(of))
      result.values[name] = std::move(of);
  }
  // Groups, by union-find over units again.
  std::vector<int> groupOf(result.units);
  for (int i = 0; i < result.units; ++i)
    groupOf[i] = i;
  auto groupRoot = [&](int unit) {
    while (groupOf[unit] != unit)
      unit = groupOf[unit] = groupOf[groupOf[unit]];
    return unit;
  };
  for (Labels &of : made) {
    number(of);
    int first = ChannelLabels::stays;
    for (int unit : of.units) {
      if (unit < 0)
        continue;
      first = first < 0 ? unit : first;
      int a = groupRoot(first), b = groupRoot(unit);
      groupOf[std::max(a, b)] = std::min(a, b);
    }
  }
  std::map<int, size_t> places;
  for (int i = 0; i < result.units; ++i) {
    auto [it, isNew] = places.try_emplace(groupRoot(i), result.groups.size());
    if (isNew)
      result.groups.emplace_back();
    result.groups[it->second].units.push_back(i);
  }
  return result;
}

void ChannelFinder::findLayers(ChannelGroups &result) const {
  std::map<std::string, size_t> layerOf;
  for (size_t i = 0; i < plan.layers.size(); ++i)
    layerOf[plan.layers[i].weights] = i;
  result.rows.resize(plan.layers.size());
  result.columns.resize(plan.layers.size());
  for (const ConstantCut &each : result.cuts) {
    auto it = layerOf.find(each.name);
    if (it == layerOf.end())
      continue;
    const Layer &layer = plan.layers[it->second];
    if (each.labels.axis == layer.axis) {
      result.rows[it->second] = each.labels.units;
      continue;
    }
    auto taps = layer.columns / static_cast<int64_t>(each.labels.units.size());
    std::vector<int> &columns = result.columns[it->second];
    for (int unit : each.labels.units)
      columns.insert(columns.end(), taps, unit);
  }
  std::vector<size_t> groupOf(result.units);
  for (size_t g = 0; g < result.groups.size(); ++g)
    for (int unit : result.groups[g].units)
      groupOf[unit] = g;
  auto add = [&](llvm::ArrayRef<int> units, size_t layer,
                 std::vector<size_t> ChannelGroup::*list) {
    for (int unit : units) {
      if (unit < 0)
        continue;
      std::vector<size_t> &of = result.groups[groupOf[unit]].*list;
      if (of.empty() || of.back() != layer)
        of.push_back(layer);
    }
  };
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    add(result.rows[i], i, &ChannelGroup::makers);
    add(result.columns[i], i, &ChannelGroup::readers);
  }
}

ChannelGroups ChannelFinder::find() {
  for (int i = 0; i < graph.node_size(); ++i)
    visit(i);
  pinShared();
  ChannelGroups result = numbered();
  findLayers(result);
  return result;
}
