//===- SortNodes.cpp - Nodes behind what they read ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Onnx/SortNodes.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <algorithm>
#include <queue>

using namespace mlc;

//===----------------------------------------------------------------------===//
// What a node reads
//===----------------------------------------------------------------------===//

static void addReads(const onnx::NodeProto &node, llvm::StringSet<> &names);

/// Adds the names that `graph` takes from the graphs around it.
static void addCaptures(const onnx::GraphProto &graph,
                        llvm::StringSet<> &names) {
  llvm::StringSet<> read, defined;
  for (const onnx::ValueInfoProto &input : graph.input())
    defined.insert(input.name());
  for (const onnx::TensorProto &tensor : graph.initializer())
    defined.insert(tensor.name());
  for (const onnx::SparseTensorProto &tensor : graph.sparse_initializer())
    defined.insert(tensor.values().name());
  for (const onnx::NodeProto &node : graph.node()) {
    addReads(node, read);
    for (const std::string &name : node.output())
      defined.insert(name);
  }
  for (const onnx::ValueInfoProto &output : graph.output())
    read.insert(output.name());
  for (const auto &entry : read)
    if (!defined.contains(entry.first()))
      names.insert(entry.first());
}

static void addReads(const onnx::NodeProto &node, llvm::StringSet<> &names) {
  for (const std::string &name : node.input())
    names.insert(name);
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.has_g())
      addCaptures(attribute.g(), names);
    for (const onnx::GraphProto &graph : attribute.graphs())
      addCaptures(graph, names);
  }
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

namespace {
/// The order of one graph's nodes: always the earliest that may come next, so
/// what is in order stays.
class NodeOrder {
public:
  explicit NodeOrder(const onnx::GraphProto &graph) : graph(graph) {
    size_t count = graph.node_size();
    llvm::StringMap<int> makers;
    for (auto [i, node] : llvm::enumerate(graph.node()))
      for (const std::string &name : node.output())
        if (!name.empty())
          makers.try_emplace(name, int(i));
    makersOf.resize(count);
    readersOf.resize(count);
    for (auto [i, node] : llvm::enumerate(graph.node())) {
      llvm::StringSet<> reads;
      addReads(node, reads);
      for (const auto &entry : reads)
        if (auto maker = makers.find(entry.first()); maker != makers.end())
          makersOf[i].push_back(maker->second);
      // A set has no order, and messages must have one.
      llvm::sort(makersOf[i]);
      makersOf[i].erase(llvm::unique(makersOf[i]), makersOf[i].end());
      for (int maker : makersOf[i])
        readersOf[maker].push_back(int(i));
      missing.push_back(makersOf[i].size());
    }
    isPlaced.resize(count);
  }

  llvm::ArrayRef<int> compute(std::vector<NodeCycle> &cycles) {
    for (size_t i = 0; i < missing.size(); ++i)
      if (missing[i] == 0)
        ready.push(int(i));
    size_t first = 0;
    while (placeReady(), order.size() < missing.size()) {
      while (isPlaced[first])
        ++first;
      breakCycle(int(first), cycles);
    }
    return order;
  }

private:
  void place(int node) {
    isPlaced[node] = true;
    order.push_back(node);
    for (int reader : readersOf[node])
      if (--missing[reader] == 0 && !isPlaced[reader])
        ready.push(reader);
  }

  void placeReady() {
    while (!ready.empty()) {
      int node = ready.top();
      ready.pop();
      if (!isPlaced[node])
        place(node);
    }
  }

  /// Every node left waits for one that is left: going from one to the other
  /// comes back to a node that was met.
  void breakCycle(int node, std::vector<NodeCycle> &cycles) {
    std::vector<int> path;
    llvm::SmallVector<char> isMet(missing.size(), false);
    for (; !isMet[node]; node = awaited(node)) {
      isMet[node] = true;
      path.push_back(node);
    }
    path.erase(path.begin(), llvm::find(path, node));
    NodeCycle cycle;
    // From makers to readers, beginning with the node that the file has first.
    std::reverse(path.begin(), path.end());
    std::rotate(path.begin(), llvm::min_element(path), path.end());
    for (int member : path) {
      cycle.push_back(&graph.node(member));
      place(member);
    }
    cycles.push_back(std::move(cycle));
  }

  int awaited(int node) const {
    return *llvm::find_if(makersOf[node],
                          [&](int maker) { return !isPlaced[maker]; });
  }

  const onnx::GraphProto &graph;
  std::vector<llvm::SmallVector<int, 2>> makersOf, readersOf;
  std::vector<size_t> missing;
  std::vector<char> isPlaced;
  std::priority_queue<int, std::vector<int>, std::greater<int>> ready;
  std::vector<int> order;
};
} // namespace

/// Puts the node that is at order[i] at place i.
static void reorder(onnx::GraphProto &graph, llvm::ArrayRef<int> order) {
  if (llvm::is_sorted(order))
    return;
  google::protobuf::RepeatedPtrField<onnx::NodeProto> sorted;
  sorted.Reserve(graph.node_size());
  std::vector<onnx::NodeProto *> nodes(graph.node_size());
  graph.mutable_node()->ExtractSubrange(0, graph.node_size(), nodes.data());
  for (int place : order)
    sorted.AddAllocated(nodes[place]);
  graph.mutable_node()->Swap(&sorted);
}

static void sortInto(onnx::GraphProto &graph, std::vector<NodeCycle> &cycles) {
  for (onnx::NodeProto &node : *graph.mutable_node())
    for (onnx::AttributeProto &attribute : *node.mutable_attribute()) {
      if (attribute.has_g())
        sortInto(*attribute.mutable_g(), cycles);
      for (onnx::GraphProto &inner : *attribute.mutable_graphs())
        sortInto(inner, cycles);
    }
  NodeOrder order(graph);
  reorder(graph, order.compute(cycles));
}

std::vector<NodeCycle> mlc::sortNodes(onnx::GraphProto &graph) {
  std::vector<NodeCycle> cycles;
  sortInto(graph, cycles);
  return cycles;
}
