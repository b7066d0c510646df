//===- BindInputsTest.cpp - Inputs that become constants ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Onnx/BindInputs.h"
#include "Onnx/CheckGraph.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlc;
using testing::ElementsAre;
using testing::HasSubstr;

static void addValue(onnx::ValueInfoProto &value, const char *name, int type,
                     std::initializer_list<int64_t> dims) {
  value.set_name(name);
  auto &tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  for (int64_t dim : dims)
    tensor.mutable_shape()->add_dim()->set_dim_value(dim);
}

/// y = Reshape(x, shape), as IR version 3 writes it.
static onnx::ModelProto reshapeModel() {
  onnx::ModelProto model;
  model.set_ir_version(3);
  model.add_opset_import()->set_version(13);
  onnx::GraphProto &graph = *model.mutable_graph();
  graph.set_name("g");
  onnx::NodeProto &node = *graph.add_node();
  node.set_op_type("Reshape");
  node.add_input("x");
  node.add_input("shape");
  node.add_output("y");
  addValue(*graph.add_input(), "x", onnx::TensorProto::FLOAT, {6});
  addValue(*graph.add_input(), "shape", onnx::TensorProto::INT64, {2});
  addValue(*graph.add_output(), "y", onnx::TensorProto::FLOAT, {2, 3});
  return model;
}

static onnx::TensorProto int64s(std::initializer_list<int64_t> values) {
  onnx::TensorProto tensor;
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(int64_t(values.size()));
  for (int64_t value : values)
    tensor.add_int64_data(value);
  return tensor;
}

TEST(BindInputs, FindsOperandsThatDecideShapes) {
  EXPECT_THAT(shapeInputs(reshapeModel()), ElementsAre("shape"));
}

TEST(BindInputs, FollowsWhatMakesSuchAnOperandButNoShape) {
  onnx::ModelProto model = reshapeModel();
  onnx::GraphProto &graph = *model.mutable_graph();
  onnx::NodeProto reshape = graph.node(0);
  graph.clear_node();
  onnx::NodeProto &sizes = *graph.add_node();
  sizes.set_op_type("Shape");
  sizes.add_input("x");
  sizes.add_output("sizes");
  onnx::NodeProto &sum = *graph.add_node();
  sum.set_op_type("Add");
  sum.add_input("sizes");
  sum.add_input("shape");
  sum.add_output("sum");
  reshape.set_input(1, "sum");
  *graph.add_node() = reshape;
  EXPECT_THAT(shapeInputs(model), ElementsAre("shape"));
}

TEST(BindInputs, AnInputBecomesAnInitializerOfAValidModel) {
  onnx::ModelProto model = reshapeModel();
  ASSERT_FALSE(bool(bindInput(model, "shape", int64s({2, 3}))));
  EXPECT_EQ(model.graph().input_size(), 1);
  ASSERT_EQ(model.graph().initializer_size(), 1);
  EXPECT_EQ(model.graph().initializer(0).name(), "shape");
  EXPECT_TRUE(shapeInputs(model).empty());
  EXPECT_TRUE(checkGraph(model.graph(), 13).empty());
}

TEST(BindInputs, RefusesWhatDoesNotFit) {
  onnx::ModelProto model = reshapeModel();
  auto message = [&](const char *name, const onnx::TensorProto &tensor) {
    return llvm::toString(bindInput(model, name, tensor));
  };
  EXPECT_EQ(message("z", int64s({1})), "the model has no input 'z' to bind");
  EXPECT_THAT(message("x", int64s({1})),
              HasSubstr("has elements of FLOAT, its value has INT64"));
  EXPECT_THAT(message("shape", int64s({1, 2, 3})),
              HasSubstr("another shape than the input"));
}
