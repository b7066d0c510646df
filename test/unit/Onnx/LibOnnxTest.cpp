//===- LibOnnxTest.cpp - libonnx reached without exceptions ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Onnx/LibOnnx.h"
#include "Onnx/CheckGraph.h"
#include "Onnx/FunctionSize.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

using namespace mlc;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace {

onnx::ModelProto parse(const std::string &text) {
  onnx::ModelProto model;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &model));
  return model;
}

/// X[2,3] -> `nodes` -> Y of float, at version `opset` of the default domain.
onnx::ModelProto modelWith(const std::string &nodes, int opset) {
  return parse(R"(ir_version: 8 opset_import { version: )" +
               std::to_string(opset) + R"( }
    metadata_props { key: "author" value: "somebody" }
    graph { name: "g" )" +
               nodes + R"(
      input { name: "X" type { tensor_type { elem_type: 1 shape { dim { dim_value: 2 } dim { dim_value: 3 } } } } }
      output { name: "Y" type { tensor_type { elem_type: 1 shape { dim {} dim {} } } } } })");
}

std::string node(const std::string &opType,
                 const std::string &attributes = "") {
  return "node { name: \"n\" op_type: \"" + opType +
         "\" input: \"X\" output: \"Y\" " + attributes + " }";
}

onnx::TypeProto floatTensor(std::initializer_list<int64_t> dims) {
  onnx::TypeProto type;
  type.mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  for (int64_t dim : dims)
    type.mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(dim);
  return type;
}

std::string message(llvm::Error error) {
  return llvm::toString(std::move(error));
}

TEST(InferShapes, PropagatesTheValuesOfShapeComputations) {
  onnx::ModelProto model = modelWith(R"(
    node { op_type: "Shape" input: "X" output: "s" }
    node { op_type: "Constant" output: "two" attribute { name: "value_ints" type: INTS ints: 1 ints: 3 ints: 2 } }
    node { op_type: "Reshape" input: "X" input: "two" output: "r" }
    node { op_type: "Reshape" input: "r" input: "s" output: "z" }
    node { op_type: "Relu" input: "z" output: "Y" })",
                                     19);
  ASSERT_EQ(message(inferShapes(model)), "");
  const auto &shape = model.graph().output(0).type().tensor_type().shape();
  ASSERT_EQ(shape.dim_size(), 2);
  EXPECT_EQ(shape.dim(0).dim_value(), 2);
  EXPECT_EQ(shape.dim(1).dim_value(), 3);
}

TEST(InferShapes, ReportsAnInitializerThatContradictsItsInput) {
  onnx::ModelProto model = modelWith(
      node("Relu") +
          R"(initializer { name: "X" data_type: 1 dims: 2 dims: 4 raw_data: "" })",
      13);
  EXPECT_THAT(message(inferShapes(model)),
              HasSubstr("shape inference failed: "));
}

TEST(InferShapes, ReportsADomainWithoutVersion) {
  onnx::ModelProto model = modelWith(node("Relu", "domain: \"nobody\""), 13);
  EXPECT_THAT(message(inferShapes(model)),
              HasSubstr("No opset import for domain nobody"));
}

TEST(ConvertVersion, RewritesAttributesThatBecameInputs) {
  std::string axes = R"(attribute { name: "axes" type: INTS ints: 0 })";
  auto converted = convertVersion(modelWith(node("Unsqueeze", axes), 11), 13);
  ASSERT_TRUE(bool(converted)) << message(converted.takeError());
  EXPECT_EQ((*converted)->opset_import(0).version(), 13);
  EXPECT_EQ((*converted)->metadata_props(0).value(), "somebody");
  const auto &nodes = (*converted)->graph().node();
  EXPECT_EQ(nodes[nodes.size() - 1].op_type(), "Unsqueeze");
  EXPECT_EQ(nodes[nodes.size() - 1].input_size(), 2);
  EXPECT_TRUE(checkGraph((*converted)->graph(), 13).empty());
}

TEST(ConvertVersion, ReportsAMissingAdapter) {
  auto converted = convertVersion(modelWith(node("Mish"), 18), 12);
  ASSERT_FALSE(bool(converted));
  EXPECT_THAT(message(converted.takeError()),
              HasSubstr("cannot convert the model to opset 12"));
}

TEST(FunctionBody, BindsTheDefaultsOfAttributes) {
  onnx::NodeProto call = modelWith(node("ThresholdedRelu"), 22).graph().node(0);
  auto body = functionBody(call, 22, {floatTensor({2, 3})});
  ASSERT_TRUE(bool(body)) << message(body.takeError());
  ASSERT_TRUE(*body != nullptr);
  for (const onnx::NodeProto &inner : (*body)->node())
    for (const onnx::AttributeProto &attribute : inner.attribute())
      EXPECT_EQ(attribute.ref_attr_name(), "");
  EXPECT_THAT((*body)->ShortDebugString(), HasSubstr("f: 1"));
}

TEST(FunctionBody, BindsTheAttributesOfTheNode) {
  std::string alpha = R"(attribute { name: "alpha" type: FLOAT f: 2.5 })";
  onnx::NodeProto call =
      modelWith(node("ThresholdedRelu", alpha), 22).graph().node(0);
  auto body = functionBody(call, 22, {floatTensor({2, 3})});
  ASSERT_TRUE(bool(body)) << message(body.takeError());
  ASSERT_TRUE(*body != nullptr);
  EXPECT_THAT((*body)->ShortDebugString(), HasSubstr("f: 2.5"));
}

TEST(FunctionBody, DependsOnTheTypesOfInputs) {
  onnx::NodeProto call = modelWith(node("Clip"), 13).graph().node(0);
  call.add_input("low");
  auto body = functionBody(call, 13, {floatTensor({2, 3}), floatTensor({})});
  ASSERT_TRUE(bool(body)) << message(body.takeError());
  ASSERT_TRUE(*body != nullptr);
  EXPECT_GE((*body)->node_size(), 1);
}

TEST(FunctionBody, IsNullForAPrimitiveOperator) {
  auto body = functionBody(modelWith(node("Tanh"), 13).graph().node(0), 13);
  ASSERT_TRUE(bool(body)) << message(body.takeError());
  EXPECT_EQ(*body, nullptr);
}

TEST(BindFunction, TakesAttributesOfTheCallOrTheFunction) {
  onnx::FunctionProto function;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
    name: "F" domain: "own" input: "a" output: "b" attribute: "given" attribute: "neither"
    attribute_proto { name: "default" type: FLOAT f: 2 }
    node { op_type: "Selu" input: "a" output: "b"
           attribute { name: "alpha" ref_attr_name: "given" type: FLOAT }
           attribute { name: "beta" ref_attr_name: "neither" type: FLOAT }
           attribute { name: "gamma" ref_attr_name: "default" type: FLOAT } })",
                                                            &function));
  std::string given = R"(attribute { name: "given" type: FLOAT f: 3 })";
  auto body =
      bindFunction(modelWith(node("F", given), 13).graph().node(0), function);
  ASSERT_TRUE(bool(body)) << message(body.takeError());
  const auto &attributes = (*body)->node(0).attribute();
  ASSERT_EQ(attributes.size(), 2);
  EXPECT_EQ(attributes[0].name(), "alpha");
  EXPECT_EQ(attributes[0].f(), 3);
  EXPECT_EQ(attributes[1].name(), "gamma");
  EXPECT_EQ(attributes[1].f(), 2);
}

/// 2^`depth` nodes: each function calls the next one twice.
onnx::ModelProto doublings(int depth) {
  onnx::ModelProto model = modelWith(
      R"(node { op_type: "F0" domain: "own" input: "X" output: "Y" })", 13);
  model.add_opset_import()->set_domain("own");
  model.mutable_opset_import(1)->set_version(1);
  for (int i = 0; i <= depth; ++i) {
    std::string callee = i == depth ? R"(op_type: "Relu")"
                                    : R"(domain: "own" op_type: "F)" +
                                          std::to_string(i + 1) + "\"";
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        "name: \"F" + std::to_string(i) +
            R"(" domain: "own" input: "a" output: "b"
               opset_import { version: 13 } opset_import { domain: "own" version: 1 }
               node { input: "a" output: "m" )" +
            callee + R"( } node { input: "m" output: "b" )" + callee + " }",
        model.add_functions()));
  }
  return model;
}

TEST(CheckExpansion, CountsNodes) {
  EXPECT_EQ(message(checkExpansion(doublings(5))), "");
  EXPECT_EQ(message(checkExpansion(doublings(60))),
            "node 'Y' (F0): the model has more than 250000 nodes once its "
            "functions are expanded");
}

TEST(FirstRefusedInput, LooksAtElementTypes) {
  onnx::TypeProto real = floatTensor({2}), integer = real, unknown;
  integer.mutable_tensor_type()->set_elem_type(onnx::TensorProto::INT64);
  onnx::NodeProto conv = modelWith(node("Conv"), 17).graph().node(0);
  EXPECT_EQ(firstRefusedInput(conv, 17, {real, real}), std::nullopt);
  EXPECT_EQ(firstRefusedInput(conv, 17, {real, integer}), 1u);
  EXPECT_EQ(firstRefusedInput(conv, 17, {unknown, integer}), 1u);
  onnx::NodeProto concat = modelWith(node("Concat"), 13).graph().node(0);
  EXPECT_EQ(firstRefusedInput(concat, 13, {real, real, integer}), std::nullopt);
  concat.set_op_type("Frobnicate");
  EXPECT_EQ(firstRefusedInput(concat, 13, {real}), std::nullopt);
}

TEST(SchemaOf, KnowsVersionsDefaultsAndRequiredAttributes) {
  std::optional<OperatorSchema> softmax = schemaOf("Softmax", "ai.onnx", 12);
  ASSERT_TRUE(softmax.has_value());
  EXPECT_EQ(softmax->sinceVersion, 11);
  EXPECT_EQ(softmax->defaults.at("axis").i(), 1);
  EXPECT_EQ(schemaOf("Softmax", "", 13)->defaults.at("axis").i(), -1);
  EXPECT_THAT(schemaOf("Concat", "", 13)->required, ElementsAre("axis"));
  EXPECT_TRUE(schemaOf("Upsample", "", 10)->deprecated);
  EXPECT_TRUE(schemaOf("Celu", "", 12)->hasBody);
  EXPECT_FALSE(schemaOf("Conv", "", 13)->hasBody);
  EXPECT_FALSE(schemaOf("Mish", "", 17).has_value());
}

TEST(NewestOpset, KnowsItsDomains) {
  EXPECT_GE(newestOpset(), 23);
  EXPECT_EQ(newestOpset("ai.onnx"), newestOpset());
  EXPECT_EQ(newestOpset("nobody"), 0);
}

} // namespace
