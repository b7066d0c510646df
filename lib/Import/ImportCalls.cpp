//===- ImportCalls.cpp - Nodes that stand for other nodes -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators that the standard defines by others, functions of the model, and
// what is not supported at all.
//
//===----------------------------------------------------------------------===//

#include "Import/Converters.h"
#include "Import/GraphImporter.h"
#include "Import/LocalFunctions.h"
#include "Onnx/LibOnnx.h"

using namespace mlir;
using namespace mlc;

bool GraphImporter::isSupported(const onnx::NodeProto &proto) const {
  if (functions.find(proto) || findConverter(proto.domain(), proto.op_type()))
    return true;
  std::optional<OperatorSchema> schema =
      schemaOf(proto.op_type(), proto.domain(), opset);
  bool isStandard = proto.domain().empty() || proto.domain() == "ai.onnx";
  if (!schema && isStandard)
    schema = schemaOf(proto.op_type(), "",
                      firstOpsetWith(proto.op_type(), "", opset));
  return schema && schema->hasBody;
}

LogicalResult GraphImporter::reportUnsupported(const onnx::NodeProto &proto,
                                               Location loc) const {
  return emitError(loc)
         << "operator '" << (proto.domain().empty() ? "" : proto.domain() + ".")
         << proto.op_type() << "' is not supported"
         << (proto.domain() == "com.microsoft.nchwc"
                 ? ": it is laid out for one CPU; save the model "
                   "at onnxruntime's level 'extended', not 'all'"
                 : "");
}

void GraphImporter::reportUnsupportedInside(const onnx::NodeProto &proto) {
  auto report = [&](const auto &nodes) {
    for (auto [i, inner] : llvm::enumerate(nodes)) {
      if (!isSupported(inner))
        (void)reportUnsupported(inner, nodeLocation(inner, i));
      reportUnsupportedInside(inner);
    }
  };
  for (const onnx::AttributeProto &attribute : proto.attribute())
    report(attribute.g().node());
  // Once a function, which may be called any number of times.
  const LocalFunction *function = functions.find(proto);
  if (function && reported.insert(function->proto).second)
    report(function->proto->node());
}

LogicalResult GraphImporter::importFunctionBody(Node &node) {
  auto body =
      functionBody(node.proto, node.opset(), onnxTypes(node.inputItems()));
  if (!body)
    return node.fail(llvm::toString(body.takeError()));
  if (!*body)
    return node.fail("operator '" + node.opType() + "' is not supported");
  return importBody(node, **body);
}

LogicalResult GraphImporter::importCall(Node &node,
                                        const LocalFunction &function) {
  if (!function.isValid())
    return failure(); // reported once, where it is defined
  const onnx::FunctionProto &proto = *function.proto;
  if (int(node.numInputs()) > proto.input_size() ||
      int(node.numOutputs()) > proto.output_size())
    return node.fail("the function takes " + llvm::Twine(proto.input_size()) +
                     " inputs and gives " + llvm::Twine(proto.output_size()) +
                     " outputs, the node has " + llvm::Twine(node.numInputs()) +
                     " and " + llvm::Twine(node.numOutputs()));
  auto body = bindFunction(node.proto, proto);
  if (!body)
    return node.fail(llvm::toString(body.takeError()));
  const std::string &name =
      node.proto.name().empty() && node.proto.output_size() > 0
          ? node.proto.output(0)
          : node.proto.name();
  std::string outerPath = std::exchange(callPath, callPath + name + "/");
  LogicalResult result = importBody(node, **body);
  callPath = outerPath;
  return result;
}

LogicalResult GraphImporter::importBody(Node &node,
                                        const onnx::FunctionProto &body) {
  if (depth >= kMaxDepth)
    return node.fail("functions and subgraphs are nested deeper than " +
                     llvm::Twine(kMaxDepth));
  Scope own;
  for (auto [i, name] : llvm::enumerate(body.input())) {
    if (Item item = node.item(i))
      own.values[name] = item;
    else
      own.absent.insert(name);
  }
  // A body sees its own names only; but a graph that the node hands to it, as
  // SequenceMap does, sees those around the node.
  bool handsGraph = llvm::any_of(node.proto.attribute(),
                                 [](const auto &a) { return a.has_g(); });
  std::vector<Scope> enclosing;
  if (!handsGraph)
    std::swap(scopes, enclosing);
  scopes.push_back(std::move(own));
  int64_t outerOpset = std::exchange(opset, node.opset());
  for (const onnx::OperatorSetIdProto &set : body.opset_import())
    if (set.domain().empty() || set.domain() == "ai.onnx")
      opset = set.version();
  ++depth;
  LogicalResult result = importNodes(body.node());
  --depth;
  opset = outerOpset;
  for (auto [i, name] : llvm::enumerate(body.output()))
    node.give(i, lookup(name));
  scopes.pop_back();
  if (!handsGraph)
    std::swap(scopes, enclosing);
  return result;
}
