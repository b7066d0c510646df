//===- ImportMain.cpp - What a model takes and gives ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The function of the main graph: its arguments are the inputs, in the shapes
// that are bound, and its results the outputs, with the counts of those that
// are as long as what is found at run time.
//
//===----------------------------------------------------------------------===//

#include "Import/Bindings.h"
#include "Import/GraphImporter.h"
#include "Import/TensorImport.h"
#include "Onnx/LibOnnx.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlc;

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

FailureOr<Type> GraphImporter::inputType(const onnx::ValueInfoProto &input,
                                         const Bindings &bindings) {
  Location loc =
      NameLoc::get(builder.getStringAttr("input '" + input.name() + "'"),
                   FileLineColLoc::get(builder.getContext(), modelName, 0, 0));
  if (!input.type().has_tensor_type())
    return FailureOr<Type>(
        emitError(loc)
        << "is not a tensor; only tensors can be inputs of a model: make each "
           "tensor of a sequence an input of its own, and join them with "
           "SequenceConstruct in the model");
  const onnx::TypeProto::Tensor &tensor = input.type().tensor_type();
  Type element = importElementType(tensor.elem_type(), builder.getContext());
  if (!element)
    return FailureOr<Type>(emitError(loc) << "has element type "
                                          << dataTypeName(tensor.elem_type())
                                          << ", which is not supported");
  FailureOr<llvm::SmallVector<int64_t>> shape = bindings.shapeOf(input, loc);
  if (failed(shape))
    return failure();
  int64_t bytes = nn::bytesPerElement(element);
  for (int64_t dim : *shape)
    if (dim < 0 || llvm::MulOverflow(bytes, std::max<int64_t>(dim, 1), bytes) ||
        bytes > (int64_t(1) << 40))
      return FailureOr<Type>(emitError(loc)
                             << "has an impossible shape: dimension " << dim
                             << " is negative or the size passes 2^40 bytes");
  return Type(RankedTensorType::get(*shape, element));
}

static llvm::StringSet<> initializerNames(const onnx::GraphProto &graph) {
  llvm::StringSet<> names;
  for (const onnx::TensorProto &t : graph.initializer())
    names.insert(t.name());
  for (const onnx::SparseTensorProto &t : graph.sparse_initializer())
    names.insert(t.values().name());
  return names;
}

/// Attributes of an input or output. They are set for all at once: each change
/// makes a list of all anew.
static NamedAttrList nameAndDoc(Builder &builder,
                                const onnx::ValueInfoProto &value) {
  NamedAttrList attributes;
  attributes.set("nn.name", builder.getStringAttr(value.name()));
  if (!value.doc_string().empty())
    attributes.set("nn.doc", builder.getStringAttr(value.doc_string()));
  return attributes;
}

FailureOr<func::FuncOp>
GraphImporter::beginMain(const onnx::GraphProto &graph) {
  llvm::StringSet<> constants = initializerNames(graph);
  llvm::SmallVector<const onnx::ValueInfoProto *> inputs;
  llvm::SmallVector<Type> types;
  Bindings bindings(graph, options);
  bool isComplete = true;
  scopes.emplace_back();
  for (const onnx::ValueInfoProto &input : graph.input()) {
    if (constants.contains(input.name()))
      continue;
    FailureOr<Type> type = inputType(input, bindings);
    if (failed(type)) {
      scopes.back().poisoned.insert(input.name());
      isComplete = false;
      continue;
    }
    inputs.push_back(&input);
    types.push_back(*type);
  }
  Location loc = FileLineColLoc::get(builder.getContext(), modelName, 0, 0);
  auto function = func::FuncOp::create(builder, loc, "main",
                                       builder.getFunctionType(types, {}));
  Block *block = function.addEntryBlock();
  builder.setInsertionPointToStart(block);
  llvm::SmallVector<DictionaryAttr> attributes;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    attributes.push_back(
        nameAndDoc(builder, *input).getDictionary(builder.getContext()));
    scopes.back().values[input->name()] = Item(block->getArgument(i));
  }
  function.setAllArgAttrs(attributes);
  if (!isComplete)
    return failure();
  return function;
}

LogicalResult GraphImporter::importMain(const onnx::GraphProto &graph) {
  FailureOr<func::FuncOp> function = beginMain(graph);
  LogicalResult initializers = importInitializers(graph);
  LogicalResult nodes = importNodes(graph.node());
  if (failed(function) || failed(initializers) || failed(nodes))
    return failure();
  return finishMain(*function, graph);
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

/// Compares what the file says of an output with what follows from its nodes,
/// as onnxruntime does: another element type is an error, another shape is not,
/// since files are edited. Of labels that are strings there are the indices,
/// which their node has warned of (classLabels).
static LogicalResult checkDeclared(const onnx::ValueInfoProto &output,
                                   RankedTensorType type, Location loc) {
  const onnx::TypeProto::Tensor &declared = output.type().tensor_type();
  Type element = importElementType(declared.elem_type(), type.getContext());
  bool isLabel = declared.elem_type() == onnx::TensorProto::STRING &&
                 type.getElementType().isInteger(64);
  if (declared.elem_type() != onnx::TensorProto::UNDEFINED && !isLabel &&
      element != type.getElementType())
    return emitError(loc) << "output '" << output.name()
                          << "' is declared with elements of "
                          << dataTypeName(declared.elem_type())
                          << ", its node gives "
                          << dataTypeName(exportElementType(type));
  if (!declared.has_shape())
    return success();
  std::string shape;
  bool isSame = declared.shape().dim_size() == type.getRank();
  for (auto [i, dim] : llvm::enumerate(declared.shape().dim())) {
    bool isFixed = dim.has_dim_value() && dim.dim_value() > 0;
    isSame = isSame && (!isFixed || dim.dim_value() == type.getDimSize(i));
    shape += (i ? "x" : "") +
             (dim.has_dim_value() ? std::to_string(dim.dim_value()) : "?");
  }
  if (!isSame)
    emitWarning(loc) << "output '" << output.name()
                     << "' is declared with the shape [" << shape
                     << "], it has ["
                     << llvm::join(llvm::map_range(type.getShape(),
                                                   [](int64_t dim) {
                                                     return std::to_string(dim);
                                                   }),
                                   "x")
                     << "]";
  return success();
}

/// The name of the output that counts rows of `output` along `axis`, which is
/// its only bounded dimension or one of several.
static std::string countName(llvm::StringSet<> &taken, llvm::StringRef output,
                             int64_t axis, bool isOnly) {
  std::string name = (output + "_count").str();
  if (!isOnly)
    name += "_" + std::to_string(axis);
  while (!taken.insert(name).second)
    name += "_";
  return name;
}

/// Gives an output with bounded dimensions a fill for their padding and counts
/// as further results.
LogicalResult GraphImporter::countRows(Location loc, llvm::StringRef name,
                                       Value &result, Counts &counts) {
  Extents::Dims dims(extents.dimsOf(result));
  llvm::SmallVector<int64_t> axes;
  for (const BoundedDim &dim : dims) {
    axes.push_back(dim.axis);
    if (dim.axis < 0)
      return emitError(loc) << "output '" << name
                            << "' joins a dimension as long as what is found "
                               "at run time with one before it; give it as it "
                               "was before";
  }
  onnx::NodeProto none;
  Node node(*this, none, opset, builder, loc, {});
  // What nn.nms itself gives is -1 there.
  if (!result.getDefiningOp<nn::NmsOp>())
    result = masked(node, result, axes, 0);
  for (const BoundedDim &dim : dims) {
    counts.values.push_back(valueOf(node, dim.extent));
    counts.names.push_back(
        countName(counts.taken, name, dim.axis, dims.size() == 1));
    counts.axes.push_back(dim.axis);
  }
  return failure(node.failed());
}

LogicalResult GraphImporter::finishMain(func::FuncOp function,
                                        const onnx::GraphProto &graph) {
  Location loc = function.getLoc();
  llvm::SmallVector<Value> results;
  Counts counts;
  llvm::SmallVector<size_t> ends; // of each output's counts
  bool isComplete = true;
  for (const onnx::ValueInfoProto &output : graph.output())
    counts.taken.insert(output.name());
  for (const onnx::ValueInfoProto &output : graph.output()) {
    Item item = lookup(output.name());
    if (!item) {
      // What is not defined at all was reported before.
      if (lookupPacked(output.name()))
        emitError(loc) << "output '" << output.name() << kPackedOutput;
      isComplete = false;
      continue;
    }
    if (!item.tensor()) {
      emitError(loc)
          << "output '" << output.name() << "' is " << item.describe()
          << "; only tensors can be outputs of a model: make each of them one "
             "with SequenceAt, or join them with ConcatFromSequence";
      isComplete = false;
      continue;
    }
    auto type = cast<RankedTensorType>(item.tensor().getType());
    isComplete &= succeeded(checkDeclared(output, type, loc));
    results.push_back(item.tensor());
    isComplete &=
        succeeded(countRows(loc, output.name(), results.back(), counts));
    ends.push_back(counts.values.size());
  }
  if (!isComplete)
    return failure();
  size_t outputs = results.size();
  llvm::append_range(results, counts.values);
  func::ReturnOp::create(builder, loc, results);
  function.setType(builder.getFunctionType(function.getArgumentTypes(),
                                           ValueRange(results).getTypes()));
  size_t begin = 0;
  llvm::SmallVector<DictionaryAttr> attributes;
  for (auto [i, output] : llvm::enumerate(graph.output())) {
    NamedAttrList named = nameAndDoc(builder, output);
    // Pairs of a dimension and the result that counts it.
    llvm::SmallVector<int64_t> counted;
    for (; begin < ends[i]; ++begin)
      llvm::append_values(counted, counts.axes[begin],
                          static_cast<int64_t>(outputs + begin));
    if (!counted.empty())
      named.set("nn.counted", builder.getDenseI64ArrayAttr(counted));
    attributes.push_back(named.getDictionary(builder.getContext()));
  }
  for (StringRef name : counts.names)
    attributes.push_back(builder.getDictionaryAttr(
        builder.getNamedAttr("nn.name", builder.getStringAttr(name))));
  function.setAllResultAttrs(attributes);
  return extents.checkAllFollowed(function);
}
