//===- PlanTest.cpp - What of a model becomes integers --------------------===//

#include "Calibrate/Plan.h"
#include "Graphs.h"
#include "gtest/gtest.h"

using namespace mlc::calibrate;

namespace {

std::vector<std::string> pointsOf(const Plan &plan) {
  std::vector<std::string> names;
  for (const Point &point : plan.points)
    names.push_back(point.value);
  std::sort(names.begin(), names.end());
  return names;
}

using Names = std::vector<std::string>;

/// x -> Conv -> Relu -> Conv -> Add(x) -> Relu -> Conv -> y
onnx::GraphProto residual() {
  onnx::GraphProto graph;
  addInput(graph, "x");
  addOutput(graph, "y");
  addWeights(graph, "w", {4, 4, 1, 1});
  addNode(graph, "Conv", {"x", "w"}, {"c0"});
  addNode(graph, "Relu", {"c0"}, {"r0"});
  addNode(graph, "Conv", {"r0", "w"}, {"c1"});
  addNode(graph, "Add", {"c1", "x"}, {"s"});
  addNode(graph, "Relu", {"s"}, {"r1"});
  addNode(graph, "Conv", {"r1", "w"}, {"y"});
  return graph;
}

TEST(Plan, SumsTakeResultsOfLayersUnrounded) {
  Plan plan = makePlan(residual(), /*roundsAll=*/false);
  EXPECT_EQ(plan.layers.size(), 3u);
  EXPECT_EQ(pointsOf(plan), (Names{"r0", "r1", "x"}));
  EXPECT_EQ(plan.groups, 3);
}

TEST(Plan, RoundsAllButWhatLimitsAreBehind) {
  Plan plan = makePlan(residual(), /*roundsAll=*/true);
  EXPECT_EQ(pointsOf(plan), (Names{"c1", "r0", "r1", "x"}));
}

TEST(Plan, OneOfTwoUnroundedOperandsIsStored) {
  onnx::GraphProto graph = residual();
  graph.mutable_node(3)->set_input(1, "c2");
  addNode(graph, "Conv", {"x", "w"}, {"c2"});
  graph.mutable_node()->SwapElements(6, 3);
  graph.mutable_node()->SwapElements(6, 4);
  graph.mutable_node()->SwapElements(6, 5);
  Plan plan = makePlan(graph, false);
  EXPECT_EQ(pointsOf(plan), (Names{"c1", "r0", "r1", "x"}));
}

TEST(Plan, MovementAndConcatShareOneScale) {
  onnx::GraphProto graph;
  addInput(graph, "x");
  addOutput(graph, "y");
  addWeights(graph, "w", {4, 4, 1, 1});
  addWeights(graph, "v", {4, 8, 1, 1});
  addNode(graph, "MaxPool", {"x"}, {"m"});
  addNode(graph, "Conv", {"m", "w"}, {"c0"});
  addNode(graph, "Sigmoid", {"m"}, {"g"});
  addNode(graph, "Concat", {"c0", "g"}, {"k"});
  addNode(graph, "Conv", {"k", "v"}, {"y"});
  Plan plan = makePlan(graph, false);
  EXPECT_EQ(pointsOf(plan), (Names{"c0", "g", "k", "m", "x"}));
  EXPECT_EQ(plan.groupOf("x"), plan.groupOf("m"));
  EXPECT_EQ(plan.groupOf("c0"), plan.groupOf("k"));
  EXPECT_EQ(plan.groupOf("g"), plan.groupOf("k"));
  EXPECT_NE(plan.groupOf("x"), plan.groupOf("k"));
  for (const Point &point : plan.points)
    EXPECT_EQ(point.isSeen, point.value == "x" || point.value == "k");
}

TEST(Plan, LeavesWhatIsNoProductOfConstants) {
  onnx::GraphProto graph;
  addInput(graph, "x");
  addOutput(graph, "y");
  addNode(graph, "Softmax", {"x"}, {"s"});
  addNode(graph, "MatMul", {"s", "x"}, {"y"});
  Plan plan = makePlan(graph, false);
  EXPECT_TRUE(plan.layers.empty());
  EXPECT_TRUE(plan.points.empty());
}

/// x -> MatMul -> m * Sigmoid(m) -> MatMul -> y
onnx::GraphProto swish() {
  onnx::GraphProto graph;
  addInput(graph, "x");
  addOutput(graph, "y");
  addWeights(graph, "w", {4, 4});
  addNode(graph, "MatMul", {"x", "w"}, {"m"});
  addNode(graph, "Sigmoid", {"m"}, {"g"});
  addNode(graph, "Mul", {"m", "g"}, {"p"});
  addNode(graph, "MatMul", {"p", "w"}, {"y"});
  return graph;
}

TEST(Plan, FunctionsOfOneResultNeedNotRoundIt) {
  EXPECT_EQ(pointsOf(makePlan(swish(), false)), (Names{"p", "x"}));
  EXPECT_EQ(pointsOf(makePlan(swish(), true)), (Names{"m", "p", "x"}));
  onnx::GraphProto graph = swish();
  addOutput(graph, "m");
  EXPECT_EQ(pointsOf(makePlan(graph, false)), (Names{"m", "p", "x"}));
}

TEST(Plan, FloatsStayWhatTheyAreUntilALayerReadsThem) {
  onnx::GraphProto graph;
  addInput(graph, "x");
  addOutput(graph, "y");
  addWeights(graph, "w", {4, 4});
  addNode(graph, "MatMul", {"x", "w"}, {"m"});
  addNode(graph, "Softmax", {"m"}, {"s"});
  addNode(graph, "Mul", {"s", "m"}, {"p"});
  addNode(graph, "Reshape", {"p", "w"}, {"r"});
  addNode(graph, "MatMul", {"r", "w"}, {"y"});
  EXPECT_EQ(pointsOf(makePlan(graph, false)), (Names{"r", "x"}));
}

TEST(Plan, AMatMulHasItsBiasInTheAddBehindIt) {
  onnx::GraphProto graph;
  addInput(graph, "x");
  addOutput(graph, "y");
  addWeights(graph, "w", {4, 3});
  addWeights(graph, "b", {3});
  addNode(graph, "MatMul", {"x", "w"}, {"m"});
  addNode(graph, "Add", {"b", "m"}, {"y"});
  Plan plan = makePlan(graph, true);
  ASSERT_EQ(plan.layers.size(), 1u);
  const Layer &layer = plan.layers.front();
  EXPECT_EQ(layer.output, "y");
  EXPECT_EQ(layer.bias, "b");
  EXPECT_EQ(layer.biasNode, 1);
  EXPECT_EQ(layer.axis, 1);
  EXPECT_EQ(layer.rows, 3);
  EXPECT_EQ(layer.columns, 4);
  EXPECT_EQ(layer.place(/*row=*/1, /*column=*/2), 7);
  EXPECT_EQ(pointsOf(plan), (Names{"x"}));
}

} // namespace
