//===- GraphImporter.cpp - Graphs of nodes to nn ops ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/GraphImporter.h"

#include "Import/Converters.h"
#include "Import/TensorImport.h"
#include "Onnx/FunctionSize.h"
#include "Onnx/LibOnnx.h"
#include "Support/LastWords.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlc;

namespace {
/// Nesting of subgraphs and function bodies above which a model is refused.
constexpr unsigned kMaxDepth = 32;
} // namespace

const Converter *mlc::findConverter(llvm::StringRef domain,
                                    llvm::StringRef opType) {
  static const llvm::StringMap<const Converter *> table = [] {
    llvm::StringMap<const Converter *> map;
    for (llvm::ArrayRef<Converter> family :
         {controlConverters(), einsumConverters(), elementwiseConverters(),
          indexingConverters(), linearConverters(), movementConverters(),
          normConverters(), quantizedConverters(), recurrentConverters(),
          reductionConverters(), resizeConverters(), samplingConverters(),
          scatterConverters(), signalConverters(), spatialConverters(),
          transposedConverters()})
      for (const Converter &row : family)
        map[(llvm::Twine(row.domain) + "::" + row.opType).str()] = &row;
    return map;
  }();
  llvm::StringRef standard = domain == "ai.onnx" ? "" : domain;
  return table.lookup((standard + "::" + opType).str());
}

Location GraphImporter::nodeLocation(const onnx::NodeProto &proto,
                                     int64_t index) const {
  MLIRContext *context = builder.getContext();
  llvm::StringRef name = proto.name();
  if (name.empty() && proto.output_size() > 0)
    name = proto.output(0);
  std::string label =
      ("node '" + name + "' (" + proto.op_type() + ", opset ").str() +
      std::to_string(opset) + ")";
  Location file = FileLineColLoc::get(context, modelName, index + 1, 0);
  return NameLoc::get(StringAttr::get(context, label), file);
}

Value GraphImporter::lookup(llvm::StringRef name) const {
  for (const Scope &scope : llvm::reverse(scopes))
    if (auto it = scope.values.find(name); it != scope.values.end())
      return it->second;
  return {};
}

Value GraphImporter::lookupPacked(llvm::StringRef name) const {
  for (const Scope &scope : llvm::reverse(scopes))
    if (auto it = scope.packed.find(name); it != scope.packed.end())
      return it->second;
  return {};
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
                                         llvm::ArrayRef<Value> results) {
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

//===----------------------------------------------------------------------===//
// Inputs and initializers
//===----------------------------------------------------------------------===//

FailureOr<Type> GraphImporter::inputType(const onnx::ValueInfoProto &input) {
  Location loc =
      NameLoc::get(builder.getStringAttr("input '" + input.name() + "'"),
                   FileLineColLoc::get(builder.getContext(), modelName, 0, 0));
  if (!input.type().has_tensor_type())
    return FailureOr<Type>(emitError(loc)
                           << "is not a tensor; only tensors are supported");
  const onnx::TypeProto::Tensor &tensor = input.type().tensor_type();
  Type element = importElementType(tensor.elem_type(), builder.getContext());
  if (!element)
    return FailureOr<Type>(emitError(loc) << "has element type "
                                          << dataTypeName(tensor.elem_type())
                                          << ", which is not supported");
  llvm::SmallVector<int64_t> shape;
  if (auto it = options.shapes.find(input.name()); it != options.shapes.end()) {
    shape = it->second;
  } else if (!tensor.has_shape()) {
    return FailureOr<Type>(emitError(loc)
                           << "has no shape; give one with --shape="
                           << input.name() << "=...");
  }
  for (auto [i, dim] : llvm::enumerate(tensor.shape().dim())) {
    if (options.shapes.count(input.name()))
      break;
    if (dim.has_dim_value()) {
      shape.push_back(dim.dim_value());
    } else if (auto it = options.dims.find(dim.dim_param());
               dim.has_dim_param() && it != options.dims.end()) {
      shape.push_back(it->second);
    } else if (dim.has_dim_param() && !dim.dim_param().empty()) {
      return FailureOr<Type>(emitError(loc)
                             << "has the dynamic dimension '" << dim.dim_param()
                             << "'; bind it with --dim=" << dim.dim_param()
                             << "=<size>");
    } else {
      return FailureOr<Type>(emitError(loc)
                             << "has an unnamed dynamic dimension " << i
                             << "; give its shape with --shape=" << input.name()
                             << "=...");
    }
  }
  int64_t bytes = nn::bytesPerElement(element);
  for (int64_t dim : shape)
    if (dim < 0 || llvm::MulOverflow(bytes, std::max<int64_t>(dim, 1), bytes) ||
        bytes > (int64_t(1) << 40))
      return FailureOr<Type>(emitError(loc)
                             << "has an impossible shape: dimension " << dim
                             << " is negative or the size passes 2^40 bytes");
  return Type(RankedTensorType::get(shape, element));
}

static llvm::StringSet<> initializerNames(const onnx::GraphProto &graph) {
  llvm::StringSet<> names;
  for (const onnx::TensorProto &t : graph.initializer())
    names.insert(t.name());
  for (const onnx::SparseTensorProto &t : graph.sparse_initializer())
    names.insert(t.values().name());
  return names;
}

FailureOr<llvm::SmallVector<Type>>
GraphImporter::inputTypes(const onnx::GraphProto &graph) {
  llvm::StringSet<> constants = initializerNames(graph);
  llvm::SmallVector<Type> types;
  bool isComplete = true;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    if (constants.contains(input.name()))
      continue;
    FailureOr<Type> type = inputType(input);
    if (failed(type))
      isComplete = false;
    else
      types.push_back(*type);
  }
  if (!isComplete)
    return failure();
  return types;
}

LogicalResult GraphImporter::importInitializers(const onnx::GraphProto &graph) {
  Location loc = FileLineColLoc::get(builder.getContext(), modelName, 0, 0);
  auto bind = [&](llvm::StringMap<Value> &values, const std::string &name,
                  llvm::Expected<ElementsAttr> value) -> LogicalResult {
    Location at =
        NameLoc::get(builder.getStringAttr("initializer '" + name + "'"), loc);
    if (!value)
      return emitError(at) << llvm::toString(value.takeError());
    values[name] =
        nn::ConstantOp::create(builder, at, value->getType(), *value);
    return success();
  };
  bool isComplete = true;
  Scope &scope = scopes.back();
  for (const onnx::TensorProto &t : graph.initializer()) {
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

LogicalResult
GraphImporter::resolveInputs(const onnx::NodeProto &proto, Location loc,
                             llvm::SmallVectorImpl<Value> &inputs) {
  // What reads values alone may read them wider than they are.
  bool readsValues =
      proto.op_type() == "DequantizeLinear" || proto.op_type() == "Cast";
  for (const std::string &name : proto.input()) {
    Value v = name.empty() ? Value() : lookup(name);
    Value packed = name.empty() || v ? Value() : lookupPacked(name);
    if (packed && !readsValues)
      return emitError(loc) << "reads '" << name
                            << "' of 2- or 4-bit integers, which only Cast and "
                               "DequantizeLinear can";
    inputs.push_back(packed ? packed : v);
    if (!name.empty() && !inputs.back())
      return emitError(loc)
             << "reads '" << name << "', which nothing defines before it";
  }
  return success();
}

/// The ONNX type of a value.
static onnx::TypeProto onnxType(Value v) {
  onnx::TypeProto proto;
  if (!v)
    return proto;
  auto type = cast<RankedTensorType>(v.getType());
  for (int32_t t = 1; t <= onnx::TensorProto_DataType_DataType_MAX; ++t)
    if (importElementType(t, v.getContext()) == type.getElementType())
      proto.mutable_tensor_type()->set_elem_type(t);
  proto.mutable_tensor_type()->mutable_shape();
  for (int64_t dim : type.getShape())
    proto.mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(dim);
  return proto;
}

static std::vector<onnx::TypeProto> onnxTypes(llvm::ArrayRef<Value> values) {
  std::vector<onnx::TypeProto> types;
  for (Value v : values)
    types.push_back(onnxType(v));
  return types;
}

/// The checker looks at operators and attributes only.
static LogicalResult checkElementTypes(Node &node) {
  std::vector<onnx::TypeProto> types = onnxTypes(node.inputs());
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

LogicalResult GraphImporter::importNode(const onnx::NodeProto &proto,
                                        int64_t index) {
  Location loc = nodeLocation(proto, index);
  notePlace(cast<NameLoc>(loc).getName().strref());
  ++importedNodes;
  if (hasTooManyNodes())
    return emitError(loc) << "model has more than " << kMaxNodes
                          << " nodes after expansion";
  const Converter *converter = findConverter(proto.domain(), proto.op_type());
  std::optional<OperatorSchema> schema =
      schemaOf(proto.op_type(), proto.domain(), opset);
  if (!converter && !(schema && schema->hasBody))
    return emitError(loc) << "operator '"
                          << (proto.domain().empty() ? ""
                                                     : proto.domain() + ".")
                          << proto.op_type() << "' is not supported";
  if (isPoisoned(proto))
    return failure(); // the cause is reported where it is
  llvm::SmallVector<Value> operands;
  if (failed(resolveInputs(proto, loc, operands)))
    return failure();
  Node node(*this, proto, opset, builder, loc, operands);
  if (failed(checkElementTypes(node)))
    return failure();
  Values results;
  if (converter)
    results = converter->convert(node);
  else if (failed(importFunctionBody(node, results)))
    return failure();
  if (node.failed())
    return failure();
  return bindOutputs(proto, results);
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

LogicalResult GraphImporter::importFunctionBody(Node &node, Values &results) {
  if (depth >= kMaxDepth)
    return node.fail("functions and subgraphs are nested deeper than 32");
  auto body = functionBody(node.proto, opset, onnxTypes(node.inputs()));
  if (!body)
    return node.fail(llvm::toString(body.takeError()));
  if (!*body)
    return node.fail("operator '" + node.opType() + "' is not supported");
  // A body sees its own names only.
  std::vector<Scope> enclosing(1);
  for (auto [i, name] : llvm::enumerate((*body)->input()))
    if (node.hasInput(i))
      enclosing[0].values[name] = node.inputs()[i];
  std::swap(scopes, enclosing);
  int64_t outerOpset = opset;
  for (const onnx::OperatorSetIdProto &set : (*body)->opset_import())
    if (set.domain().empty())
      opset = set.version();
  ++depth;
  LogicalResult result = importNodes((*body)->node());
  --depth;
  opset = outerOpset;
  for (const std::string &name : (*body)->output())
    results.push_back(lookup(name));
  std::swap(scopes, enclosing);
  return result;
}

FailureOr<Values> GraphImporter::importSubgraph(Node &node,
                                                const onnx::GraphProto &graph,
                                                llvm::ArrayRef<Value> inputs) {
  if (depth >= kMaxDepth) {
    (void)node.fail("functions and subgraphs are nested deeper than 32");
    return failure();
  }
  if (static_cast<int>(inputs.size()) != graph.input_size()) {
    (void)node.fail("subgraph '" + llvm::Twine(graph.name()) + "' takes " +
                    llvm::Twine(graph.input_size()) + " inputs, " +
                    llvm::Twine(inputs.size()) + " are given");
    return failure();
  }
  scopes.emplace_back();
  for (auto [proto, value] : llvm::zip(graph.input(), inputs))
    scopes.back().values[proto.name()] = value;
  ++depth;
  LogicalResult result = importInitializers(graph);
  if (succeeded(result))
    result = importNodes(graph.node());
  --depth;
  Values outputs;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    outputs.push_back(lookup(output.name()));
    if (!outputs.back() && succeeded(result))
      result = node.fail("subgraph output '" + llvm::Twine(output.name()) +
                         "' is not defined");
  }
  scopes.pop_back();
  if (failed(result))
    return failure();
  return outputs;
}

LogicalResult GraphImporter::importMain(const onnx::GraphProto &graph) {
  FailureOr<llvm::SmallVector<Type>> types = inputTypes(graph);
  if (failed(types))
    return failure();
  Location loc = FileLineColLoc::get(builder.getContext(), modelName, 0, 0);
  auto function = func::FuncOp::create(builder, loc, "main",
                                       builder.getFunctionType(*types, {}));
  Block *block = function.addEntryBlock();
  builder.setInsertionPointToStart(block);
  scopes.emplace_back();
  llvm::StringSet<> constants = initializerNames(graph);
  unsigned index = 0;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    if (constants.contains(input.name()))
      continue;
    function.setArgAttr(index, "nn.name", builder.getStringAttr(input.name()));
    if (!input.doc_string().empty())
      function.setArgAttr(index, "nn.doc",
                          builder.getStringAttr(input.doc_string()));
    scopes.back().values[input.name()] = block->getArgument(index++);
  }
  LogicalResult initializers = importInitializers(graph);
  LogicalResult nodes = importNodes(graph.node());
  if (failed(initializers) || failed(nodes))
    return failure();
  return finishMain(function, graph);
}

LogicalResult GraphImporter::finishMain(func::FuncOp function,
                                        const onnx::GraphProto &graph) {
  Location loc = function.getLoc();
  llvm::SmallVector<Value> results;
  llvm::SmallVector<Type> types;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    results.push_back(lookup(output.name()));
    if (!results.back())
      return emitError(loc)
             << "output '" << output.name() << "' is not defined by any node";
    types.push_back(results.back().getType());
  }
  func::ReturnOp::create(builder, loc, results);
  function.setType(builder.getFunctionType(function.getArgumentTypes(), types));
  for (auto [i, output] : llvm::enumerate(graph.output())) {
    function.setResultAttr(i, "nn.name", builder.getStringAttr(output.name()));
    if (!output.doc_string().empty())
      function.setResultAttr(i, "nn.doc",
                             builder.getStringAttr(output.doc_string()));
  }
  return success();
}
