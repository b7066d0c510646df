//===- LocalFunctions.cpp - Functions that a model defines ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/LocalFunctions.h"

#include "Onnx/FunctionSize.h"

using namespace mlc;

/// The function's nodes and names as a graph, which takes the nodes away.
static onnx::GraphProto takeBody(onnx::FunctionProto &function) {
  onnx::GraphProto graph;
  for (const std::string &name : function.input())
    graph.add_input()->set_name(name);
  for (const std::string &name : function.output())
    graph.add_output()->set_name(name);
  graph.mutable_node()->Swap(function.mutable_node());
  return graph;
}

static int64_t opsetOf(const onnx::FunctionProto &function, int64_t otherwise) {
  for (const onnx::OperatorSetIdProto &set : function.opset_import())
    if (set.domain().empty() || set.domain() == "ai.onnx")
      return set.version();
  return otherwise;
}

LocalFunctions::LocalFunctions(onnx::ModelProto &model, int64_t opset) {
  for (onnx::FunctionProto &proto : *model.mutable_functions()) {
    LocalFunction function;
    function.proto = &proto;
    onnx::GraphProto body = takeBody(proto);
    function.problems = orderAndCheck(body, opsetOf(proto, opset));
    for (GraphProblem &problem : function.problems)
      problem.text = "in function '" + proto.domain() + "." + proto.name() +
                     "': " + problem.text;
    // Nodes stay where they are in memory: problems point to them.
    body.mutable_node()->Swap(proto.mutable_node());
    indices[functionKey(proto.domain(), proto.name(), proto.overload())] =
        functions.size();
    functions.push_back(std::move(function));
  }
}

const LocalFunction *LocalFunctions::find(const onnx::NodeProto &node) const {
  auto it =
      indices.find(functionKey(node.domain(), node.op_type(), node.overload()));
  return it == indices.end() ? nullptr : &functions[it->second];
}
