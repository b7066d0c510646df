//===- SortNodesTest.cpp - Nodes behind what they read --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Onnx/SortNodes.h"

#include <gmock/gmock.h>

using namespace mlc;
using testing::ElementsAre;

namespace {

/// "Op: inputs -> outputs", the operator being the node's name too.
onnx::NodeProto &addNode(onnx::GraphProto &graph, const char *name,
                         std::vector<const char *> inputs,
                         std::vector<const char *> outputs) {
  onnx::NodeProto &node = *graph.add_node();
  node.set_name(name);
  node.set_op_type("Op");
  for (const char *input : inputs)
    node.add_input(input);
  for (const char *output : outputs)
    node.add_output(output);
  return node;
}

std::vector<std::string> namesOf(const onnx::GraphProto &graph) {
  std::vector<std::string> names;
  for (const onnx::NodeProto &node : graph.node())
    names.push_back(node.name());
  return names;
}

std::vector<std::string> namesOf(const NodeCycle &cycle) {
  std::vector<std::string> names;
  for (const onnx::NodeProto *node : cycle)
    names.push_back(node->name());
  return names;
}

TEST(SortNodes, NodesInOrderStay) {
  onnx::GraphProto graph;
  addNode(graph, "b", {"x"}, {"1"});
  addNode(graph, "a", {"x"}, {"2"});
  addNode(graph, "c", {"2", "1", ""}, {"3", ""});
  EXPECT_TRUE(sortNodes(graph).empty());
  EXPECT_THAT(namesOf(graph), ElementsAre("b", "a", "c"));
}

TEST(SortNodes, ReadersMoveBehindMakers) {
  onnx::GraphProto graph;
  addNode(graph, "last", {"2", "2"}, {"3"});
  addNode(graph, "free", {"x"}, {"4"});
  addNode(graph, "middle", {"1"}, {"2"});
  addNode(graph, "first", {"x"}, {"1"});
  EXPECT_TRUE(sortNodes(graph).empty());
  EXPECT_THAT(namesOf(graph), ElementsAre("free", "first", "middle", "last"));
}

TEST(SortNodes, CapturesOfSubgraphsAreRead) {
  onnx::GraphProto graph;
  onnx::NodeProto &branch = addNode(graph, "if", {"x"}, {"y"});
  onnx::AttributeProto &attribute = *branch.add_attribute();
  onnx::GraphProto &inner = *attribute.mutable_g();
  addNode(inner, "inner last", {"i", "own"}, {"o"});
  addNode(inner, "inner first", {"captured"}, {"i"});
  inner.add_input()->set_name("own");
  inner.add_output()->set_name("handed out");
  addNode(graph, "own", {"y"}, {"own"}); // no cycle: hidden by the input
  addNode(graph, "captured", {"x"}, {"captured"});
  addNode(graph, "handed out", {"x"}, {"handed out"});
  EXPECT_TRUE(sortNodes(graph).empty());
  EXPECT_THAT(namesOf(graph),
              ElementsAre("captured", "handed out", "if", "own"));
  EXPECT_THAT(namesOf(graph.node(2).attribute(0).g()),
              ElementsAre("inner first", "inner last"));
}

TEST(SortNodes, EveryCycleIsNamedOnce) {
  onnx::GraphProto graph;
  addNode(graph, "reader", {"c"}, {"r"});
  addNode(graph, "a", {"x", "b"}, {"a"});
  addNode(graph, "b", {"a", "r"}, {"b"});
  addNode(graph, "c", {"a"}, {"c"});
  addNode(graph, "self", {"self"}, {"self"});
  std::vector<NodeCycle> cycles = sortNodes(graph);
  ASSERT_EQ(cycles.size(), 2u);
  EXPECT_THAT(namesOf(cycles[0]), ElementsAre("reader", "b", "a", "c"));
  EXPECT_THAT(namesOf(cycles[1]), ElementsAre("self"));
  EXPECT_EQ(graph.node_size(), 5);
}

TEST(SortNodes, LongChainsInReverseTakeLinearTime) {
  onnx::GraphProto graph;
  constexpr int kCount = 50000;
  for (int i = kCount; i > 0; --i)
    addNode(graph, "n", {std::to_string(i - 1).c_str()},
            {std::to_string(i).c_str()});
  EXPECT_TRUE(sortNodes(graph).empty());
  EXPECT_EQ(graph.node(0).input(0), "0");
  EXPECT_EQ(graph.node(kCount - 1).output(0), std::to_string(kCount));
}

} // namespace
