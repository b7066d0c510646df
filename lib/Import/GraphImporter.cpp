//===- GraphImporter.cpp - Graphs of nodes to nn ops ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/GraphImporter.h"

#include "Import/Bindings.h"
#include "Import/Converters.h"
#include "Import/LocalFunctions.h"
#include "Import/MlScores.h"
#include "Import/OldOpsets.h"
#include "Import/TensorImport.h"
#include "Onnx/FunctionSize.h"
#include "Onnx/LibOnnx.h"
#include "Support/LastWords.h"
#include "Support/NodeLocation.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlc;

const Converter *mlc::findConverter(llvm::StringRef domain,
                                    llvm::StringRef opType) {
  static const llvm::StringMap<const Converter *> table = [] {
    llvm::StringMap<const Converter *> map;
    for (llvm::ArrayRef<Converter> family : {boundedConverters(),
                                             constantConverters(),
                                             contribAttentionConverters(),
                                             contribBlockConverters(),
                                             contribFusedConverters(),
                                             contribGroupQueryConverters(),
                                             contribLayoutConverters(),
                                             contribNormConverters(),
                                             contribQuantizedConverters(),
                                             contribRecurrentConverters(),
                                             contribTensorConverters(),
                                             controlConverters(),
                                             determinantConverters(),
                                             einsumConverters(),
                                             elementwiseConverters(),
                                             experimentalConverters(),
                                             gridConverters(),
                                             indexingConverters(),
                                             linearConverters(),
                                             mlConverters(),
                                             movementConverters(),
                                             ngramConverters(),
                                             normConverters(),
                                             quantizedConverters(),
                                             randomConverters(),
                                             recurrentConverters(),
                                             reductionConverters(),
                                             resizeConverters(),
                                             samplingConverters(),
                                             scatterConverters(),
                                             sequenceConverters(),
                                             signalConverters(),
                                             spatialConverters(),
                                             transposedConverters(),
                                             treeConverters(),
                                             uniqueConverters()})
      for (const Converter &row : family)
        map[(llvm::Twine(row.domain) + "::" + row.opType).str()] = &row;
    return map;
  }();
  llvm::StringRef standard = domain == "ai.onnx" ? "" : domain;
  return table.lookup((standard + "::" + opType).str());
}

Location GraphImporter::nodeLocation(const onnx::NodeProto &proto,
                                     int64_t index) const {
  llvm::StringRef name = proto.name();
  if (name.empty() && proto.output_size() > 0)
    name = proto.output(0);
  NodeId node{callPath + name.str(), proto.op_type(), opset, index};
  return mlc::nodeLocation(
      node, FileLineColLoc::get(builder.getContext(), modelName, index + 1, 0));
}

Item GraphImporter::lookup(llvm::StringRef name) const {
  for (const Scope &scope : llvm::reverse(scopes))
    if (auto it = scope.values.find(name); it != scope.values.end())
      return it->second;
  return {};
}

Value GraphImporter::lookupPacked(llvm::StringRef name) const {
  for (const Scope &scope : llvm::reverse(scopes))
    if (auto it = scope.packed.find(name); it != scope.packed.end())
      return it->second.tensor();
  return {};
}

bool GraphImporter::isPacked(llvm::StringRef name) const {
  return !lookup(name) && lookupPacked(name);
}

bool GraphImporter::isAbsent(llvm::StringRef name) const {
  return llvm::any_of(scopes,
                      [&](const Scope &s) { return s.absent.contains(name); });
}

bool GraphImporter::isPoisoned(const onnx::NodeProto &proto) const {
  return llvm::any_of(proto.input(), [&](const std::string &name) {
    return llvm::any_of(
        scopes, [&](const Scope &s) { return s.poisoned.contains(name); });
  });
}

void GraphImporter::poisonOutputs(const onnx::NodeProto &proto) {
  for (const std::string &name : proto.output())
    if (!name.empty())
      scopes.back().poisoned.insert(name);
}

LogicalResult GraphImporter::bindOutputs(const onnx::NodeProto &proto,
                                         llvm::ArrayRef<Item> results) {
  for (auto [i, name] : llvm::enumerate(proto.output())) {
    if (name.empty())
      continue;
    if (i >= results.size() || !results[i])
      return emitError(nodeLocation(proto, importedNodes))
             << "output " << i << " ('" << name << "') is not supported";
    scopes.back().values[name] = results[i];
  }
  return success();
}

LogicalResult GraphImporter::report(llvm::ArrayRef<GraphProblem> problems) {
  Location file = FileLineColLoc::get(builder.getContext(), modelName, 0, 0);
  bool isValid = true;
  for (const GraphProblem &problem : problems) {
    Location loc =
        problem.node ? nodeLocation(*problem.node, problem.index) : file;
    if (problem.isWarning) {
      emitWarning(loc) << problem.text;
      continue;
    }
    emitError(loc) << problem.text;
    isValid = false;
    if (problem.node)
      refused.insert(problem.node);
  }
  return success(isValid);
}

//===----------------------------------------------------------------------===//
// Initializers
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::importInitializers(const onnx::GraphProto &graph) {
  Location loc = FileLineColLoc::get(builder.getContext(), modelName, 0, 0);
  auto bind = [&](llvm::StringMap<Item> &values, const std::string &name,
                  llvm::Expected<ElementsAttr> value) -> LogicalResult {
    Location at =
        NameLoc::get(builder.getStringAttr("initializer '" + name + "'"), loc);
    if (!value)
      return emitError(at) << llvm::toString(value.takeError());
    values[name] = nn::ConstantOp::create(builder, at, value->getType(), *value)
                       .getResult();
    return success();
  };
  bool isComplete = true;
  Scope &scope = scopes.back();
  for (const onnx::TensorProto &t : graph.initializer()) {
    if (t.data_location() == onnx::TensorProto::EXTERNAL) {
      scope.poisoned.insert(t.name()); // reported where it was read
      isComplete = false;
      continue;
    }
    if (ElementsAttr labels = labelIndices(graph, t, builder.getContext())) {
      emitWarning(loc) << "initializer '" << t.name() << "' " << kIndexForLabel;
      if (succeeded(bind(scope.values, t.name(), labels)))
        continue;
    }
    bool isPacked = isPackedType(t.data_type());
    auto import = isPacked ? importPackedTensor : importTensor;
    if (failed(bind(isPacked ? scope.packed : scope.values, t.name(),
                    import(t, builder.getContext())))) {
      scope.poisoned.insert(t.name());
      isComplete = false;
    }
  }
  for (const onnx::SparseTensorProto &t : graph.sparse_initializer())
    if (failed(bind(scope.values, t.values().name(),
                    importSparseTensor(t, builder.getContext())))) {
      scope.poisoned.insert(t.values().name());
      isComplete = false;
    }
  return success(isComplete);
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::resolveInputs(const onnx::NodeProto &proto,
                                           Location loc, bool takesItems,
                                           Items &inputs) {
  // What reads values alone may read them wider than they are.
  bool readsValues = proto.op_type() == "DequantizeLinear" ||
                     proto.op_type() == "GatherBlockQuantized" ||
                     proto.op_type() == "Cast";
  for (const std::string &name : proto.input()) {
    if (name.empty() || isAbsent(name)) {
      inputs.push_back({});
      continue;
    }
    Item item = lookup(name);
    Value packed = item ? Value() : lookupPacked(name);
    if (packed && !readsValues)
      return emitError(loc) << "reads '" << name
                            << "' of 2- or 4-bit integers, which only Cast and "
                               "DequantizeLinear can";
    if (item && !item.tensor() && !takesItems)
      return emitError(loc)
             << "reads '" << name << "', which is " << item.describe()
             << "; the operator takes tensors";
    inputs.push_back(packed ? Item(packed) : item);
    if (!inputs.back())
      return emitError(loc)
             << "reads '" << name << "', whose value is not known here";
  }
  return success();
}

/// The checker looks at operators and attributes only.
static LogicalResult checkElementTypes(Node &node) {
  std::vector<onnx::TypeProto> types = onnxTypes(node.inputItems());
  std::optional<size_t> i = firstRefusedInput(node.proto, node.opset(), types);
  if (!i)
    return success();
  return node.fail(
      "input " + llvm::Twine(*i) + " ('" + node.proto.input(*i) +
      "') has elements of " +
      onnx::TensorProto_DataType_Name(types[*i].tensor_type().elem_type()) +
      ", which the operator does not take");
}

bool GraphImporter::hasTooManyNodes() const {
  return importedNodes > kMaxNodes;
}

LogicalResult GraphImporter::countNodes(Node &node, int64_t more) {
  importedNodes += more;
  if (!hasTooManyNodes())
    return success();
  return node.fail("model has more than " + llvm::Twine(kMaxNodes) +
                   " nodes after expansion");
}

/// The version a node is read by: the model's or, where that has no such
/// operator, the first that has. Exporters and optimisers write
/// LayerNormalization into models of older opsets, and onnxruntime takes it.
int64_t GraphImporter::opsetOf(const onnx::NodeProto &proto, Location loc) {
  bool isStandard = proto.domain().empty() || proto.domain() == "ai.onnx";
  if (!isStandard || schemaOf(proto.op_type(), "", opset))
    return opset;
  int64_t later = firstOpsetWith(proto.op_type(), "", opset);
  if (later == 0)
    return opset;
  if (newerOperators.insert(proto.op_type()).second)
    emitWarning(loc) << "is no operator of opset " << opset
                     << ", it is read as that of opset " << later;
  return later;
}

LogicalResult GraphImporter::importNode(const onnx::NodeProto &proto,
                                        int64_t index) {
  Location loc = nodeLocation(proto, index);
  notePlace(cast<NameLoc>(loc).getName().strref());
  ++importedNodes;
  if (hasTooManyNodes())
    return emitError(loc) << "model has more than " << kMaxNodes
                          << " nodes after expansion";
  if (!isSupported(proto))
    return reportUnsupported(proto, loc);
  if (refused.contains(&proto) || isPoisoned(proto)) {
    reportUnsupportedInside(proto);
    return failure(); // the cause is reported where it is
  }
  const Converter *converter = findConverter(proto.domain(), proto.op_type());
  // A function's body may take anything: its nodes are checked one by one.
  bool takesItems =
      !converter || converter->takesItems || functions.find(proto);
  Items operands;
  if (failed(resolveInputs(proto, loc, takesItems, operands)))
    return failure();
  Node node(*this, proto, opsetOf(proto, loc), builder, loc, operands);
  if (failed(checkElementTypes(node)))
    return failure();
  Items results;
  if (functions.find(proto) || node.opset() >= kFirstModernOpset) {
    if (failed(convert(node, results)))
      return failure();
  } else {
    ModernNode modern = modernize(node);
    if (node.failed())
      return failure();
    Node newer(*this, modern.proto, kFirstModernOpset, builder, loc,
               Items(modern.operands.begin(), modern.operands.end()));
    if (failed(convert(newer, results)))
      return failure();
  }
  return bindOutputs(proto, results);
}

LogicalResult GraphImporter::convert(Node &node, Items &results) {
  Values values;
  // A model's own function counts before an operator of the same name.
  if (const LocalFunction *function = functions.find(node.proto)) {
    if (failed(importCall(node, *function)))
      return failure();
  } else if (const Converter *converter =
                 findConverter(node.proto.domain(), node.proto.op_type())) {
    values = converter->convert(node);
  } else if (failed(importFunctionBody(node))) {
    return failure();
  }
  if (node.failed())
    return failure();
  for (size_t i = 0; i < node.numOutputs(); ++i) {
    Item item = node.givenItem(i);
    results.push_back(!item && i < values.size() ? Item(values[i]) : item);
  }
  return success();
}

LogicalResult GraphImporter::importNodes(
    const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes) {
  bool isComplete = true;
  for (auto [i, proto] : llvm::enumerate(nodes)) {
    if (hasTooManyNodes())
      return failure();
    if (succeeded(importNode(proto, i)))
      continue;
    poisonOutputs(proto);
    isComplete = false;
  }
  return success(isComplete);
}

FailureOr<Items> GraphImporter::importSubgraph(Node &node,
                                               const onnx::GraphProto &graph,
                                               llvm::ArrayRef<Item> inputs) {
  if (depth >= kMaxDepth) {
    // One node may have several subgraphs.
    if (!node.failed())
      (void)node.fail("functions and subgraphs are nested deeper than " +
                      llvm::Twine(kMaxDepth));
    return failure();
  }
  if (static_cast<int>(inputs.size()) != graph.input_size()) {
    (void)node.fail("subgraph '" + llvm::Twine(graph.name()) + "' takes " +
                    llvm::Twine(graph.input_size()) + " inputs, " +
                    llvm::Twine(inputs.size()) + " are given");
    return failure();
  }
  scopes.emplace_back();
  for (auto [proto, item] : llvm::zip(graph.input(), inputs))
    scopes.back().values[proto.name()] = item;
  ++depth;
  LogicalResult result = importInitializers(graph);
  if (succeeded(result))
    result = importNodes(graph.node());
  --depth;
  Items outputs;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    outputs.push_back(lookup(output.name()));
    if (!outputs.back() && succeeded(result))
      result = node.fail(
          "subgraph output '" + llvm::Twine(output.name()) +
          (lookupPacked(output.name()) ? kPackedOutput : "' is not defined"));
  }
  scopes.pop_back();
  if (failed(result))
    return failure();
  return outputs;
}
