//===- ChannelGroupsTest.cpp - Channels that go together ------------------===//

#include "ChannelModel.h"

#include <functional>

using namespace mlc;
using namespace mlc::calibrate;

namespace {

using Model = ChannelModel;

TEST(ChannelGroups, ChainHasTheInnerChannels) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {5, 3, 3, 3});
  m.node("Relu", {"a"}, {"r"});
  m.conv("r", "y", {4, 5, 3, 3});
  m.find();
  EXPECT_EQ(m.groups.units, 5);
  ASSERT_EQ(m.groups.groups.size(), 1u);
  EXPECT_EQ(m.groups.groups[0].makers, (std::vector<size_t>{0}));
  EXPECT_EQ(m.groups.groups[0].readers, (std::vector<size_t>{1}));
  EXPECT_EQ(m.units("r"), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(m.units("y"), std::vector<int>());
  EXPECT_EQ(m.groups.columns[1].size(), 45u);
  EXPECT_EQ(m.groups.columns[1][9], 1);
  m.checkRemoval();
}

TEST(ChannelGroups, ResidualsGoTogether) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {6, 3, 1, 1});
  m.conv("a", "b", {4, 6, 1, 1});
  m.node("Relu", {"b"}, {"r"});
  m.conv("r", "c", {6, 4, 1, 1});
  m.node("Add", {"a", "c"}, {"s"});
  m.node("Relu", {"s"}, {"t"});
  m.conv("t", "y", {2, 6, 1, 1});
  m.find();
  EXPECT_EQ(m.groups.units, 10);
  ASSERT_EQ(m.groups.groups.size(), 2u);
  EXPECT_EQ(m.units("a"), m.units("c"));
  EXPECT_EQ(m.groups.groups[0].makers,
            (std::vector<size_t>{m.layer("a"), m.layer("c")}));
  EXPECT_EQ(m.groups.groups[0].readers,
            (std::vector<size_t>{m.layer("b"), m.layer("y")}));
  m.checkRemoval();
}

TEST(ChannelGroups, ShortcutsWithFewerChannelsArePadded) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {4, 3, 1, 1});
  m.integers("pads", {0, 1, 0, 0, 0, 2, 0, 0});
  m.node("Pad", {"a", "pads"}, {"p"});
  m.conv("a", "b", {7, 4, 1, 1});
  m.node("Add", {"p", "b"}, {"s"});
  m.conv("s", "y", {2, 7, 1, 1});
  m.find();
  EXPECT_EQ(m.groups.units, 7);
  EXPECT_EQ(m.units("b")[1], m.units("a")[0]);
  EXPECT_EQ(m.groups.groups.size(), 1u);
  m.checkRemoval();
}

TEST(ChannelGroups, ResidualOfAnInputStays) {
  Model m({1, 4, 6, 6});
  m.conv("x", "a", {4, 4, 1, 1});
  m.node("Add", {"a", "x"}, {"s"});
  m.conv("s", "y", {2, 4, 1, 1});
  m.find();
  EXPECT_EQ(m.groups.units, 0);
}

TEST(ChannelGroups, PartsOfConcatAndSplitKeepTheirOwn) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {3, 3, 1, 1});
  m.conv("x", "b", {5, 3, 1, 1});
  setInt(m.node("Concat", {"a", "x", "b"}, {"k"}), "axis", 1);
  m.conv("k", "c", {8, 11, 1, 1});
  setInt(m.node("Split", {"c"}, {"p", "q"}), "axis", 1);
  m.node("Mul", {"p", "q"}, {"g"});
  m.conv("g", "y", {2, 4, 1, 1});
  m.find();
  std::vector<int> k = m.units("k");
  ASSERT_EQ(k.size(), 11u);
  EXPECT_EQ(k[3], -1);
  EXPECT_EQ(std::vector<int>(k.begin() + 6, k.end()), m.units("b"));
  EXPECT_EQ(m.units("p"), m.units("q"));
  EXPECT_EQ(m.groups.units, 3 + 5 + 4);
  EXPECT_EQ(m.groups.groups.size(), 3u);
  m.checkRemoval();
}

TEST(ChannelGroups, SplitsSayTheirSizesInEachOpset) {
  for (int opset : {11, 13, 18}) {
    Model m({1, 3, 6, 6}, opset);
    m.conv("x", "a", {9, 3, 1, 1});
    onnx::NodeProto &split = m.node("Split", {"a"}, {"p", "q", "r"});
    setInt(split, "axis", 1);
    if (opset == 18)
      setInt(split, "num_outputs", 3);
    m.conv("p", "c", {2, 3, 1, 1});
    m.conv("r", "d", {2, 3, 1, 1});
    m.conv("q", "e", {2, 3, 1, 1});
    m.node("Add", {"c", "d"}, {"s"});
    m.node("Sub", {"s", "e"}, {"y"});
    m.find();
    EXPECT_EQ(m.groups.units, 9);
    m.checkRemoval();
  }
}

TEST(ChannelGroups, DepthwiseChannelsGoWithWhatTheyRead) {
  Model m({1, 3, 8, 8});
  m.conv("x", "a", {6, 3, 1, 1});
  m.conv("a", "d", {12, 1, 3, 3}, 6);
  m.conv("d", "y", {2, 12, 1, 1});
  m.find();
  EXPECT_EQ(m.groups.units, 6);
  EXPECT_EQ(m.units("d")[4], m.units("a")[2]);
  EXPECT_EQ(m.units("d")[5], m.units("a")[2]);
  m.checkRemoval();
}

TEST(ChannelGroups, DepthwiseOfAnInputStays) {
  Model m({1, 3, 8, 8});
  m.conv("x", "d", {3, 1, 3, 3}, 3);
  m.conv("d", "y", {2, 3, 1, 1});
  m.find();
  EXPECT_EQ(m.groups.units, 0);
}

TEST(ChannelGroups, GroupsKeepOneSize) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {8, 3, 1, 1});
  m.conv("a", "b", {6, 4, 3, 3}, 2);
  m.conv("b", "y", {2, 6, 1, 1});
  m.find();
  EXPECT_EQ(m.groups.units, 4 + 3);
  EXPECT_EQ(m.units("a")[1], m.units("a")[5]);
  EXPECT_EQ(m.units("b")[2], m.units("b")[5]);
  m.checkRemoval();
}

TEST(ChannelGroups, GatesGoWithTheirChannels) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {6, 3, 3, 3});
  m.node("GlobalAveragePool", {"a"}, {"g"});
  m.conv("g", "h", {4, 6, 1, 1});
  m.node("Relu", {"h"}, {"i"});
  m.conv("i", "j", {6, 4, 1, 1});
  m.node("Sigmoid", {"j"}, {"k"});
  m.node("Mul", {"a", "k"}, {"s"});
  m.conv("s", "y", {2, 6, 1, 1});
  m.find();
  EXPECT_EQ(m.groups.units, 6 + 4);
  EXPECT_EQ(m.units("a"), m.units("j"));
  m.checkRemoval();
}

TEST(ChannelGroups, GatesOfAllChannelsStay) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {6, 3, 1, 1});
  m.conv("a", "g", {1, 6, 1, 1});
  m.node("Sigmoid", {"g"}, {"k"});
  m.node("Mul", {"k", "a"}, {"s"});
  m.conv("s", "y", {2, 6, 1, 1});
  m.find();
  EXPECT_EQ(m.groups.units, 6);
  m.checkRemoval();
}

TEST(ChannelGroups, ConstantsByChannelShrink) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {5, 3, 1, 1});
  for (const char *name : {"scale", "shift", "mean"})
    m.constant(name, {5});
  *m.graph.add_initializer() =
      makeFloats("variance", {5}, {0.5f, 1, 2, 1, 0.25f});
  m.node("BatchNormalization", {"a", "scale", "shift", "mean", "variance"},
         {"n"});
  m.constant("slope", {5, 1, 1});
  m.node("PRelu", {"n", "slope"}, {"p"});
  m.constant("factor", {1, 5, 1, 1});
  m.node("Mul", {"factor", "p"}, {"f"});
  m.constant("small", {5, 1, 1});
  m.integers("large", {1, 5, 6, 6});
  m.node("Expand", {"small", "large"}, {"expanded"});
  m.node("Sub", {"f", "expanded"}, {"f2"});
  m.constant("one", {1});
  m.node("Add", {"f2", "one"}, {"o"});
  m.node("MaxPool", {"o"}, {"q"});
  setInts(*m.graph.mutable_node(m.graph.node_size() - 1), "kernel_shape",
          {2, 2});
  m.integers("pads", {0, 0, 1, 1, 0, 0, 1, 0});
  m.node("Pad", {"q", "pads"}, {"e"});
  m.conv("e", "y", {2, 5, 3, 3});
  m.find();
  EXPECT_EQ(m.groups.units, 5);
  m.checkRemoval();
}

TEST(ChannelGroups, FlattenGivesColumnsToEachChannel) {
  for (bool isReshape : {false, true}) {
    Model m({1, 3, 4, 4});
    m.conv("x", "a", {5, 3, 3, 3});
    m.integers("shape", {1, 20});
    if (isReshape)
      m.node("Reshape", {"a", "shape"}, {"f"});
    else
      m.node("Flatten", {"a"}, {"f"});
    m.constant("w", {6, 20});
    m.constant("b", {6});
    setInt(m.node("Gemm", {"f", "w", "b"}, {"g"}), "transB", 1);
    m.node("Relu", {"g"}, {"r"});
    m.dense("r", "y", {6, 3});
    m.find();
    EXPECT_EQ(m.groups.units, 5 + 6);
    EXPECT_EQ(m.groups.columns[m.layer("g")][7], m.units("a")[1]);
    m.checkRemoval();
  }
}

TEST(ChannelGroups, ReshapesOfOtherFormsAreFollowed) {
  // N C H W -> N HW C -> a MatMul by rows, and back.
  Model m({1, 3, 2, 3});
  m.conv("x", "a", {4, 3, 1, 1});
  m.integers("flat", {0, 4, -1});
  m.node("Reshape", {"a", "flat"}, {"f"});
  setInts(m.node("Transpose", {"f"}, {"t"}), "perm", {0, 2, 1});
  m.dense("t", "d", {4, 5});
  m.constant("bias", {5});
  m.node("Add", {"d", "bias"}, {"e"});
  setInts(m.node("Transpose", {"e"}, {"u"}), "perm", {0, 2, 1});
  m.integers("image", {1, 5, 2, 3});
  m.node("Reshape", {"u", "image"}, {"i"});
  m.conv("i", "y", {2, 5, 1, 1});
  m.find();
  EXPECT_EQ(m.groups.units, 4 + 5);
  m.checkRemoval();
}

TEST(ChannelGroups, RowsOfAMatMulPassThrough) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {5, 3, 3, 3});
  m.dense("a", "d", {4, 3});
  m.conv("d", "y", {2, 5, 3, 3});
  m.find();
  EXPECT_EQ(m.groups.units, 5);
  m.checkRemoval();
}

TEST(ChannelGroups, SliceAndGatherTakeUnits) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {6, 3, 1, 1});
  m.integers("begin", {0, 2});
  m.integers("end", {5, 100});
  m.integers("axes", {2, 1});
  m.node("Slice", {"a", "begin", "end", "axes"}, {"s"});
  m.conv("s", "c", {2, 4, 1, 1});
  m.integers("order", {3, 0, -1, 2});
  setInt(m.node("Gather", {"a", "order"}, {"h"}), "axis", 1);
  m.conv("h", "d", {2, 4, 2, 1});
  m.node("Add", {"c", "d"}, {"y"});
  m.find();
  EXPECT_EQ(m.groups.units, 6);
  EXPECT_EQ(m.units("h")[2], m.units("a")[5]);
  m.checkRemoval();
}

TEST(ChannelGroups, ShufflesAreFollowed) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {8, 3, 1, 1});
  m.integers("parted", {1, 2, 4, 6, 6});
  m.integers("whole", {1, 8, 6, 6});
  m.node("Reshape", {"a", "parted"}, {"p"});
  setInts(m.node("Transpose", {"p"}, {"t"}), "perm", {0, 2, 1, 3, 4});
  m.node("Reshape", {"t", "whole"}, {"s"});
  setInt(m.node("Split", {"s"}, {"u", "v"}), "axis", 1);
  m.conv("u", "c", {4, 4, 1, 1});
  setInt(m.node("Concat", {"c", "v"}, {"k"}), "axis", 1);
  m.conv("k", "y", {2, 8, 1, 1});
  m.find();
  EXPECT_EQ(m.groups.units, 8 + 4);
  std::vector<int> a = m.units("a");
  EXPECT_EQ(m.units("s"),
            (std::vector<int>{a[0], a[4], a[1], a[5], a[2], a[6], a[3], a[7]}));
  m.checkRemoval();
}

TEST(ChannelGroups, ReductionsAndResizesOfOtherDimensions) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {5, 3, 1, 1});
  m.integers("sizes", {1, 5, 12, 9});
  m.node("Resize", {"a", "", "", "sizes"}, {"z"});
  onnx::NodeProto &mean = m.node("ReduceMean", {"z"}, {"r"});
  setInts(mean, "axes", {2, -1});
  setInt(mean, "keepdims", 0);
  m.dense("r", "y", {5, 3});
  m.find();
  EXPECT_EQ(m.groups.units, 5);
  m.checkRemoval();
}

/// What stays: `end` reads the channels of a convolution.
int unitsBefore(std::function<void(Model &)> end, Sizes input = {1, 3, 6, 6}) {
  Model m(std::move(input));
  m.conv("x", "a", {4, 3, 1, 1});
  end(m);
  m.find();
  return m.groups.units;
}

TEST(ChannelGroups, WhatMixesChannelsOrIsNotUnderstoodStays) {
  EXPECT_EQ(unitsBefore([](Model &m) {
              setInt(m.node("Softmax", {"a"}, {"s"}), "axis", 1);
              m.conv("s", "y", {2, 4, 1, 1});
            }),
            0);
  EXPECT_EQ(unitsBefore([](Model &m) {
              onnx::NodeProto &mean = m.node("ReduceMean", {"a"}, {"s"});
              setInts(mean, "axes", {1});
              m.conv("s", "y", {2, 1, 1, 1});
            }),
            0);
  // Four channels as two by two, and not back.
  EXPECT_EQ(unitsBefore([](Model &m) {
              m.integers("five", {1, 2, 2, 6, 6});
              m.node("Reshape", {"a", "five"}, {"s"});
              onnx::NodeProto &sum = m.node("ReduceSum", {"s", "one"}, {"t"});
              m.integers("one", {1});
              setInt(sum, "keepdims", 0);
              m.conv("t", "y", {2, 2, 1, 1});
            }),
            0);
  EXPECT_EQ(unitsBefore([](Model &m) {
              setInt(m.node("DepthToSpace", {"a"}, {"s"}), "blocksize", 2);
              m.conv("s", "y", {2, 1, 1, 1});
            }),
            0);
  // A weight of channels that is no constant.
  EXPECT_EQ(unitsBefore([](Model &m) {
              m.node("ReduceMax", {"x"}, {"s"});
              m.node("Mul", {"a", "a"}, {"t"});
              m.node("Where", {"s", "t", "a"}, {"u"});
              m.conv("u", "y", {2, 4, 1, 1});
            }),
            0);
}

TEST(ChannelGroups, OutputsAndSharedConstantsStay) {
  EXPECT_EQ(unitsBefore([](Model &m) { m.node("Relu", {"a"}, {"y"}); }), 0);
  EXPECT_EQ(unitsBefore([](Model &m) {
              addOutput(m.graph, "a");
              m.conv("a", "y", {2, 4, 1, 1});
            }),
            0);
  EXPECT_EQ(unitsBefore([](Model &m) {
              m.constant("factor", {4, 1, 1});
              m.node("Mul", {"a", "factor"}, {"s"});
              m.node("Add", {"x2", "factor"}, {"t"});
              m.conv("s", "u", {4, 4, 1, 1});
              m.conv("t", "v", {4, 4, 1, 1});
              m.node("Add", {"u", "v"}, {"y"});
              m.constant("x2", {4, 1, 1});
            }),
            0);
}

TEST(ChannelGroups, WhatAGraphInsideReadsStays) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {4, 3, 1, 1});
  onnx::TensorProto &yes = *m.graph.add_initializer();
  yes.set_name("yes");
  yes.set_data_type(onnx::TensorProto::BOOL);
  yes.add_int32_data(1);
  onnx::NodeProto &choice = m.node("If", {"yes"}, {"i"});
  for (const char *name : {"then_branch", "else_branch"}) {
    onnx::AttributeProto &attribute = *choice.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::GRAPH);
    addNode(*attribute.mutable_g(), "Relu", {"a"}, {"inner"});
    addOutput(*attribute.mutable_g(), "inner");
  }
  m.conv("a", "c", {2, 4, 1, 1});
  m.conv("i", "d", {2, 4, 1, 1});
  m.node("Add", {"c", "d"}, {"y"});
  m.find();
  EXPECT_EQ(m.groups.units, 0);
}

TEST(ChannelGroups, TheLastChannelStays) {
  Model m({1, 3, 6, 6});
  m.conv("x", "a", {2, 3, 1, 1});
  m.conv("a", "b", {1, 2, 1, 1});
  m.conv("b", "y", {2, 1, 1, 1});
  m.find();
  EXPECT_EQ(m.groups.units, 2);
  EXPECT_FALSE(m.groups.leavesNone({true, false}));
  EXPECT_TRUE(m.groups.leavesNone({true, true}));
}

} // namespace
