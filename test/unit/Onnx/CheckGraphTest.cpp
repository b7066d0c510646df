//===- CheckGraphTest.cpp - What is wrong with a graph --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Onnx/CheckGraph.h"
#include "Onnx/FunctionSize.h"
#include "Onnx/Opsets.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

using namespace mlc;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

/// x -> `nodes` -> y.
onnx::GraphProto graphWith(const std::string &nodes) {
  onnx::GraphProto graph;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(input { name: "x" } output { name: "y" } )" + nodes, &graph));
  return graph;
}

std::vector<std::string> problems(const std::string &nodes, int opset = 17) {
  std::vector<std::string> texts;
  onnx::GraphProto graph = graphWith(nodes);
  for (const GraphProblem &problem : checkGraph(graph, opset))
    texts.push_back((problem.isWarning ? "warning: " : "") +
                    (problem.node ? problem.node->op_type() + ": " : "") +
                    problem.text);
  return texts;
}

TEST(CheckGraph, TakesOutputsWithoutTypesAndInitializersThatAreNoInputs) {
  EXPECT_THAT(
      problems(R"(node { op_type: "Add" input: "x" input: "w" output: "y" }
                  initializer { name: "w" data_type: 1 })",
               8),
      IsEmpty());
}

TEST(CheckGraph, TakesEmptyOperandsAtTheEnd) {
  EXPECT_THAT(problems(R"(node { op_type: "Relu" input: "x" input: "" input: ""
                                 output: "y" output: "" })"),
              IsEmpty());
}

TEST(CheckGraph, FindsEveryProblem) {
  EXPECT_THAT(
      problems(R"(node { op_type: "Conv" input: "x" input: "" output: "a"
                         attribute { name: "strides" type: STRING }
                         attribute { name: "foo" type: INT }
                         attribute { name: "__note" type: INT } }
                  node { op_type: "Add" input: "a" output: "b" }
                  node { op_type: "Relu" input: "nowhere" output: "b" }
                  node { op_type: "Concat" input: "b" output: "x" })"),
      ElementsAre(
          "Relu: makes 'b', which is the name of another value already",
          "Concat: makes 'x', which is the name of another value already",
          "Conv: input 1 ('W') is required",
          "Conv: attribute 'strides' is of type STRING, INTS is required",
          "Conv: has the attribute 'foo', which the operator does not take at "
          "opset 17",
          "Add: has 1 inputs, the operator takes 2",
          "Relu: reads 'nowhere', which is no input, no initializer and no "
          "node's result",
          "Concat: lacks the attribute 'axis', which is required",
          "output 'y' is not defined"));
}

TEST(CheckGraph, NamesTheOpsetThatTookAnOperatorAway) {
  std::string node =
      R"(node { op_type: "Upsample" input: "x" input: "x" output: "y" })";
  EXPECT_THAT(problems(node, 9), IsEmpty());
  EXPECT_THAT(problems(node, 11),
              ElementsAre("Upsample: operator 'Upsample' is not part of ONNX "
                          "from opset 10 on, the model is of opset 11"));
}

TEST(CheckGraph, TakesTheDeprecatedGroupNormalization) {
  EXPECT_THAT(problems(R"(node { op_type: "GroupNormalization" input: "x"
                          input: "x" input: "x" output: "y"
                          attribute { name: "num_groups" type: INT i: 2 } })",
                       18),
              IsEmpty());
}

TEST(CheckGraph, OperatorsOfOtherDomainsMayBeOld) {
  EXPECT_THAT(problems(R"(node { op_type: "TreeEnsembleRegressor"
      domain: "ai.onnx.ml" input: "x" output: "y" })"),
              IsEmpty());
}

TEST(CheckGraph, TheLastOfTwoInitializersCounts) {
  EXPECT_THAT(problems(R"(node { op_type: "Relu" input: "w" output: "y" }
                          initializer { name: "w" } initializer { name: "w" })"),
              ElementsAre("warning: has two initializers named 'w'; the last "
                          "one counts"));
}

TEST(CheckGraph, SubgraphsSeeOuterNamesAndMayHideThem) {
  std::string branch = R"(attribute { name: "then_branch" type: GRAPH g {
      node { op_type: "Add" input: "x" input: "late" output: "a" }
      node { op_type: "Neg" input: "a" output: "late" }
      output { name: "late" } } }
    attribute { name: "else_branch" type: GRAPH g {
      node { op_type: "Neg" input: "inner" output: "e" }
      output { name: "e" } } })";
  EXPECT_THAT(problems(R"(node { op_type: "If" input: "x" output: "y" )" +
                       branch + R"( }
                  node { op_type: "Neg" input: "x" output: "late" })"),
              ElementsAre("Neg: reads 'inner', which is no input, no "
                          "initializer and no node's result"));
}

TEST(Opsets, TheNewestThatFitsIsAssumed) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  // Axes as an attribute: up to opset 12.
  *model.mutable_graph() = graphWith(
      R"(node { op_type: "Squeeze" input: "x" output: "y"
                attribute { name: "axes" type: INTS ints: 0 } })");
  EXPECT_EQ(declaredOpset(model), 0);
  EXPECT_EQ(assumedOpset(model), 12);
  model.set_ir_version(2);
  EXPECT_EQ(assumedOpset(model), 1);
  model.add_opset_import()->set_version(9);
  EXPECT_EQ(declaredOpset(model), 9);
}

/// A model with a function for each of `calls`: its name and what it calls.
onnx::ModelProto
functions(std::vector<std::pair<std::string, std::string>> calls) {
  onnx::ModelProto model;
  for (const auto &[name, called] : calls) {
    onnx::FunctionProto &function = *model.add_functions();
    function.set_domain("own");
    function.set_name(name);
    onnx::NodeProto &node = *function.add_node();
    node.set_domain("own");
    node.set_op_type(called);
  }
  return model;
}

std::string recursion(std::vector<std::pair<std::string, std::string>> calls) {
  return llvm::toString(checkRecursion(functions(std::move(calls))));
}

TEST(Recursion, NamesTheFunctionsOnTheWay) {
  EXPECT_EQ(recursion({{"A", "B"}, {"B", "C"}, {"D", "B"}}), "");
  EXPECT_EQ(recursion({{"A", "A"}}), "function 'own.A' calls itself");
  EXPECT_EQ(recursion({{"A", "B"}, {"B", "C"}, {"C", "B"}}),
            "function 'own.B' calls itself by way of 'own.C'");
}

TEST(Recursion, DeepCallsAreRefused) {
  std::vector<std::pair<std::string, std::string>> calls;
  for (int i = 0; i < 100000; ++i)
    calls.emplace_back(std::to_string(i), std::to_string(i + 1));
  EXPECT_THAT(recursion(calls), HasSubstr("more than 256 deep"));
}

} // namespace
