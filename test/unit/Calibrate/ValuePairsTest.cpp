//===- ValuePairsTest.cpp - Values of two models are paired and cut -------===//

#include "Calibrate/ValuePairs.h"

#include "Graphs.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlc;
using namespace mlc::calibrate;
using ::testing::ElementsAre;

namespace {

/// y = Relu(Conv(x)), as floats.
onnx::GraphProto floats() {
  onnx::GraphProto graph;
  addInput(graph, "x");
  addWeights(graph, "w", {2, 1, 1, 1});
  addNode(graph, "Conv", {"x", "w"}, {"c"});
  addNode(graph, "Relu", {"c"}, {"y"});
  addOutput(graph, "y");
  return graph;
}

void addByte(onnx::GraphProto &graph, const char *name, int value) {
  onnx::TensorProto &tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::UINT8);
  tensor.set_raw_data(std::string(1, static_cast<char>(value)));
}

/// The same, whose input and convolution are rounded to bytes of 0.5 around
/// 128; `y` is `last`.
onnx::GraphProto rounded(const char *last) {
  onnx::GraphProto graph;
  addInput(graph, "x");
  addWeights(graph, "w", {2, 1, 1, 1});
  *graph.add_initializer() = makeFloats("s", {}, {0.5f});
  addByte(graph, "z", 128);
  addNode(graph, "QuantizeLinear", {"x", "s", "z"}, {"xq"});
  addNode(graph, "DequantizeLinear", {"xq", "s", "z"}, {"xd"});
  addNode(graph, "Conv", {"xd", "w"}, {"c"});
  addNode(graph, "QuantizeLinear", {"c", "s", "z"}, {"cq"});
  addNode(graph, "DequantizeLinear", {"cq", "s", "z"}, {"cd"});
  addNode(graph, "Relu", {"cd"}, {last});
  addOutput(graph, last);
  return graph;
}

} // namespace

TEST(ValuePairs, FollowsNamesThroughRounding) {
  std::vector<ValuePair> pairs = pairValues(floats(), rounded("y"));
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(pairs[0].value, "x");
  EXPECT_EQ(pairs[0].node, -1);
  EXPECT_EQ(pairs[0].computed, "x");
  EXPECT_EQ(pairs[0].rounded, "xd");
  EXPECT_EQ(pairs[0].range, (Range{-64, 63.5}));
  EXPECT_EQ(pairs[0].step, 0.5);
  EXPECT_EQ(pairs[1].value, "c");
  EXPECT_EQ(pairs[1].node, 0);
  EXPECT_EQ(pairs[1].seen(), "cd");
  EXPECT_EQ(pairs[2].computed, "y");
  EXPECT_EQ(pairs[2].rounded, "");
  EXPECT_FALSE(pairs[2].range);
  EXPECT_EQ(countUnmatched(floats(), pairs), 0);
}

TEST(ValuePairs, OutputsAreOnesOfTheirPlaces) {
  std::vector<ValuePair> pairs = pairValues(floats(), rounded("other"));
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(pairs[2].value, "y");
  EXPECT_EQ(pairs[2].computed, "other");
}

TEST(ValuePairs, FindsWhatIsDequantisedUnderTheName) {
  // The value has its name behind the rounding, as outputs do in some files.
  onnx::GraphProto other = rounded("y");
  addNode(other, "QuantizeLinear", {"y", "s", "z"}, {"yq"});
  addNode(other, "DequantizeLinear", {"yq", "s", "z"}, {"named"});
  onnx::GraphProto reference = floats();
  reference.mutable_node(1)->set_output(0, "named");
  reference.mutable_output(0)->set_name("named");
  other.mutable_output(0)->set_name("named");
  std::vector<ValuePair> pairs = pairValues(reference, other);
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(pairs[2].computed, "y");
  EXPECT_EQ(pairs[2].rounded, "named");
}

TEST(ValuePairs, CountsWhatHasNoCounterpart) {
  onnx::GraphProto reference = floats();
  reference.mutable_node(0)->set_output(0, "elsewhere");
  reference.mutable_node(1)->set_input(0, "elsewhere");
  std::vector<ValuePair> pairs = pairValues(reference, rounded("y"));
  EXPECT_EQ(pairs.size(), 2u);
  EXPECT_EQ(countUnmatched(reference, pairs), 1);
}

TEST(ValuePairs, ScalesByChannelHaveNoRange) {
  onnx::GraphProto other = rounded("y");
  *other.mutable_initializer(1) = makeFloats("s", {2}, {0.5f, 1});
  std::vector<ValuePair> pairs = pairValues(floats(), other);
  EXPECT_EQ(pairs[1].rounded, "cd");
  EXPECT_FALSE(pairs[1].range);
}

TEST(CutModel, ReadersTakeTheReferencesValues) {
  onnx::ModelProto model;
  *model.mutable_graph() = rounded("y");
  std::vector<ValuePair> pairs = pairValues(floats(), model.graph());
  std::vector<int64_t> shape{1, 2, 4, 4};
  CutModel cut = cutAt(model, pairs, {shape, shape, shape});
  EXPECT_THAT(cut.own, ElementsAre("", "c_own", "y_own"));
  const onnx::GraphProto &graph = cut.model.graph();
  std::vector<std::string> inputs;
  for (const onnx::ValueInfoProto &input : graph.input())
    inputs.push_back(input.name());
  EXPECT_THAT(inputs, ElementsAre("x", "c", "y"));
  EXPECT_EQ(graph.input(1).type().tensor_type().shape().dim_size(), 4);
  EXPECT_EQ(graph.node(2).output(0), "c_own");
  EXPECT_EQ(graph.node(3).input(0), "c"); // what is rounded is the reference's
  EXPECT_EQ(graph.node(5).output(0), "y_own");
  EXPECT_EQ(graph.output_size(), 0);
}
