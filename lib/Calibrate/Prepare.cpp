//===- Prepare.cpp - A float model made ready for integers ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Prepare.h"

#include "Calibrate/GraphIndex.h"
#include "Calibrate/Session.h"
#include "Onnx/LibOnnx.h"
#include "Onnx/Opsets.h"
#include "Onnx/SortNodes.h"
#include "Support/Printable.h"
#include "TensorIO/TensorProto.h"

#include "llvm/ADT/StringSet.h"

using namespace mlc;
using namespace mlc::calibrate;

static bool isStandard(const onnx::NodeProto &node) {
  return node.domain().empty() || node.domain() == "ai.onnx";
}

//===----------------------------------------------------------------------===//
// What is refused
//===----------------------------------------------------------------------===//

static llvm::Error checkIsFloat(const onnx::GraphProto &graph,
                                const std::string &file) {
  for (const onnx::NodeProto &node : graph.node()) {
    llvm::StringRef op = node.op_type();
    if (!op.starts_with("QLinear") && !op.ends_with("Integer") &&
        op != "QuantizeLinear" && op != "DequantizeLinear" &&
        op != "DynamicQuantizeLinear" && op != "DynamicQuantizeLSTM")
      continue;
    return llvm::createStringError(
        file + ": node '" + printable(node.name()) + "' (" + op +
        "): the model is quantised already; a model of floats is required");
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Constants and opset
//===----------------------------------------------------------------------===//

/// Initializers that are inputs as well are constants to us, as to mlc compile.
static void dropConstantInputs(onnx::GraphProto &graph) {
  llvm::StringSet<> constants;
  for (const onnx::TensorProto &tensor : graph.initializer())
    constants.insert(tensor.name());
  google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> kept;
  for (onnx::ValueInfoProto &input : *graph.mutable_input())
    if (!constants.contains(input.name()))
      kept.Add()->Swap(&input);
  graph.mutable_input()->Swap(&kept);
}

/// Keeps the nodes for which `isKept` holds.
template <typename IsKept>
static void keepNodes(onnx::GraphProto &graph, IsKept isKept) {
  google::protobuf::RepeatedPtrField<onnx::NodeProto> kept;
  for (int i = 0; i < graph.node_size(); ++i)
    if (isKept(i))
      kept.Add()->Swap(graph.mutable_node(i));
  graph.mutable_node()->Swap(&kept);
}

/// The tensor that a Constant gives; nullopt for forms that weights do not
/// have.
static std::optional<onnx::TensorProto> valueOf(const onnx::NodeProto &node) {
  if (node.op_type() != "Constant" || !isStandard(node) ||
      node.attribute_size() != 1)
    return std::nullopt;
  const onnx::AttributeProto &attribute = node.attribute(0);
  if (attribute.name() == "value")
    return attribute.t();
  if (attribute.name() == "value_float")
    return makeFloats("", {}, attribute.f());
  if (attribute.name() == "value_floats")
    return makeFloats(
        "", attribute.floats_size(),
        llvm::ArrayRef(attribute.floats().data(), attribute.floats_size()));
  return std::nullopt;
}

static void constantsToInitializers(onnx::GraphProto &graph) {
  std::vector<bool> isGone(graph.node_size(), false);
  for (int i = 0; i < graph.node_size(); ++i) {
    std::optional<onnx::TensorProto> value = valueOf(graph.node(i));
    if (!value)
      continue;
    value->set_name(graph.node(i).output(0));
    *graph.add_initializer() = std::move(*value);
    isGone[i] = true;
  }
  keepNodes(graph, [&](int i) { return !isGone[i]; });
}

/// The IR version that an opset came with.
static int64_t leastIr(int64_t opset) {
  return opset >= 21 ? 10 : opset >= 13 ? 7 : 5;
}

static llvm::Error raiseOpset(onnx::ModelProto &model, int64_t opset,
                              const std::string &file) {
  int64_t declared = declaredOpset(model);
  if (declared == 0)
    declared = assumedOpset(model);
  if (declared < opset) {
    auto raised = convertVersion(model, static_cast<int>(opset));
    if (!raised)
      return llvm::createStringError(
          file + ": cannot be raised from opset " + llvm::Twine(declared) +
          " to " + llvm::Twine(opset) + ", which its quantised types need: " +
          llvm::toString(raised.takeError()));
    model.Swap(raised->get());
  }
  model.set_ir_version(std::max(model.ir_version(), leastIr(opset)));
  return llvm::Error::success();
}

void calibrate::dropUnused(onnx::GraphProto &graph) {
  GraphIndex index(graph);
  google::protobuf::RepeatedPtrField<onnx::TensorProto> kept;
  for (onnx::TensorProto &tensor : *graph.mutable_initializer())
    if (!index.readers(tensor.name()).empty() || index.isOutput(tensor.name()))
      kept.Add()->Swap(&tensor);
  graph.mutable_initializer()->Swap(&kept);
}

//===----------------------------------------------------------------------===//
// Constant nodes
//===----------------------------------------------------------------------===//

/// Whether `node`, on constants, gives no more numbers than it reads.
static bool folds(const onnx::NodeProto &node) {
  static const llvm::StringSet<> ops = {
      "Add",     "Cast",      "Concat",   "Div",  "Exp",     "Flatten",
      "Gather",  "Identity",  "Mul",      "Neg",  "Pow",     "Reciprocal",
      "Reshape", "ReduceSum", "Slice",    "Sqrt", "Squeeze", "Sub",
      "Shape",   "Transpose", "Unsqueeze"};
  return isStandard(node) && ops.contains(node.op_type());
}

static bool makesIntegers(const onnx::NodeProto &node) {
  return isStandard(node) && node.op_type() == "ConstantOfShape" &&
         node.attribute_size() == 1 &&
         node.attribute(0).t().data_type() == onnx::TensorProto::INT64;
}

/// Whether each node depends on constants alone.
static std::vector<bool> constantNodes(const onnx::GraphProto &graph,
                                       bool integers) {
  llvm::StringSet<> constants;
  for (const onnx::TensorProto &tensor : graph.initializer())
    constants.insert(tensor.name());
  std::vector<bool> result(graph.node_size(), false);
  for (int i = 0; i < graph.node_size(); ++i) {
    const onnx::NodeProto &node = graph.node(i);
    result[i] = (folds(node) || (integers && makesIntegers(node))) &&
                node.input_size() > 0 &&
                llvm::all_of(node.input(), [&](const std::string &name) {
                  return name.empty() || constants.contains(name);
                });
    if (result[i])
      constants.insert_range(node.output());
  }
  return result;
}

llvm::Error calibrate::foldConstantNodes(onnx::ModelProto &model,
                                         const RunOptions &options,
                                         bool integers) {
  onnx::GraphProto &graph = *model.mutable_graph();
  std::vector<bool> isConstant = constantNodes(graph, integers);
  std::vector<std::string> wanted;
  {
    GraphIndex index(graph);
    for (int i = 0; i < graph.node_size(); ++i)
      for (const std::string &value : graph.node(i).output())
        if (isConstant[i] && llvm::any_of(index.readers(value), [&](Reader r) {
              return !isConstant[r.node];
            }))
          wanted.push_back(value);
  }
  if (wanted.empty())
    return llvm::Error::success();
  auto runner = ModelRunner::create(model, wanted, options);
  if (!runner)
    return runner.takeError();
  auto inputs = Session::makeInputs((*runner)->inputs());
  if (!inputs)
    return inputs.takeError();
  if (llvm::Error error = (*runner)->run(*inputs))
    return error;
  for (auto [name, tensor] : llvm::zip(wanted, (*runner)->values())) {
    onnx::TensorProto &made = *graph.add_initializer();
    made = toTensorProto(tensor);
    made.set_name(name);
  }
  GraphIndex index(graph);
  keepNodes(graph, [&](int i) {
    return !isConstant[i] ||
           llvm::any_of(graph.node(i).output(), [&](const std::string &value) {
             return index.isOutput(value);
           });
  });
  return llvm::Error::success();
}

llvm::Error calibrate::prepare(onnx::ModelProto &model, int64_t opset,
                               const RunOptions &options) {
  if (llvm::Error error = checkIsFloat(model.graph(), options.name))
    return error;
  sortNodes(*model.mutable_graph());
  if (llvm::Error error = raiseOpset(model, opset, options.name))
    return error;
  onnx::GraphProto &graph = *model.mutable_graph();
  // What is known of values is known again by whoever reads the file.
  graph.clear_value_info();
  constantsToInitializers(graph);
  dropConstantInputs(graph);
  if (llvm::Error error = foldConstantNodes(model, options))
    return error;
  foldIntoWeights(graph);
  dropUnused(graph);
  return llvm::Error::success();
}
