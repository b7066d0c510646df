//===- PrepareTest.cpp - Rewrites of float graphs -------------------------===//

#include "Calibrate/Prepare.h"
#include "Calibrate/Weights.h"
#include "Graphs.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace mlc::calibrate;

namespace {

std::vector<float> valuesOf(const onnx::GraphProto &graph,
                            const std::string &name) {
  return floatsOf(GraphIndex(graph).constant(name)).value();
}

TEST(FoldIntoWeights, TakesBatchNormalizationAndConstants) {
  onnx::GraphProto graph;
  addInput(graph, "x");
  addOutput(graph, "y");
  std::vector<float> w = addWeights(graph, "w", {2, 1, 1, 3});
  *graph.add_initializer() = makeFloats("gamma", 2, {2.0f, 4.0f});
  *graph.add_initializer() = makeFloats("beta", 2, {1.0f, -1.0f});
  *graph.add_initializer() = makeFloats("mean", 2, {0.5f, 0.25f});
  *graph.add_initializer() = makeFloats("variance", 2, {4.0f, 16.0f});
  *graph.add_initializer() = makeFloats("more", {2, 1, 1}, {10.0f, 20.0f});
  addNode(graph, "Conv", {"x", "w"}, {"c"});
  onnx::NodeProto &norm =
      addNode(graph, "BatchNormalization",
              {"c", "gamma", "beta", "mean", "variance"}, {"n"});
  onnx::AttributeProto &epsilon = *norm.add_attribute();
  epsilon.set_name("epsilon");
  epsilon.set_f(0);
  addNode(graph, "Add", {"more", "n"}, {"y"});
  foldIntoWeights(graph);
  dropUnused(graph);
  ASSERT_EQ(graph.node_size(), 1);
  EXPECT_EQ(graph.node(0).output(0), "y");
  std::vector<float> folded = valuesOf(graph, graph.node(0).input(1));
  for (size_t i = 0; i < w.size(); ++i)
    EXPECT_EQ(folded[i], w[i]); // 2 / 2 and 4 / 4
  EXPECT_EQ(valuesOf(graph, graph.node(0).input(2)),
            (std::vector<float>{10.5f, 18.75f}));
  EXPECT_EQ(graph.initializer_size(), 2);
}

TEST(FoldIntoWeights, LeavesWhatOthersReadOrDiffersByPosition) {
  onnx::GraphProto graph;
  addInput(graph, "x");
  addOutput(graph, "c");
  addOutput(graph, "z");
  addWeights(graph, "w", {2, 1, 1, 1});
  addWeights(graph, "p", {1, 1, 1, 2});
  addNode(graph, "Conv", {"x", "w"}, {"c"});
  addNode(graph, "Mul", {"c", "p"}, {"y"});
  addNode(graph, "Conv", {"x", "w"}, {"d"});
  addNode(graph, "Mul", {"d", "p"}, {"z"});
  foldIntoWeights(graph);
  EXPECT_EQ(graph.node_size(), 4);
}

TEST(WidestScales, ReachTheWeightsAndHoldTheBias) {
  Layer layer;
  layer.rows = 3;
  layer.columns = 2;
  FloatLayer numbers{{127, -1, 0, 0, 1e-12f, 0}, {0, 5, 1000}};
  std::vector<float> scales = widestScales(layer, numbers, 1e-3f, {});
  EXPECT_EQ(scales[0], 1);
  EXPECT_EQ(scales[1], 1); // as of the widest row
  EXPECT_LT(1000 / (1e-3 * scales[2]), std::ldexp(1, 31));
  std::vector<int8_t> q = nearest(layer, numbers.weights, scales, 127);
  EXPECT_EQ(q, (std::vector<int8_t>{127, -1, 0, 0, 0, 0}));
}

TEST(ScaleFor, IsAPowerOfTwoWhereAsked) {
  EXPECT_EQ(scaleFor(127, 127, false), 1);
  EXPECT_EQ(scaleFor(128, 127, true), 2);
  EXPECT_EQ(scaleFor(127, 127, true), 1);
  EXPECT_GT(scaleFor(0, 127, true), 0);
}

} // namespace
