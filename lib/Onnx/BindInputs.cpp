//===- BindInputs.cpp - Inputs that become constants ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Onnx/BindInputs.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;

namespace mlc {

namespace {
/// Operand `first` to `last` of `op` decide shapes, axes or sizes.
struct OperandRow {
  StringLiteral op;
  int first, last;
};
} // namespace

static constexpr OperandRow kShapeOperands[] = {
    {"AffineGrid", 1, 1}, {"BlackmanWindow", 0, 0}, {"CenterCropPad", 1, 1},
    {"Col2Im", 1, 2},     {"Compress", 1, 1},       {"ConstantOfShape", 0, 0},
    {"CumProd", 1, 1},    {"CumSum", 1, 1},         {"DFT", 1, 2},
    {"Expand", 1, 1},     {"HammingWindow", 0, 0},  {"HannWindow", 0, 0},
    {"Loop", 0, 1},       {"MaxUnpool", 2, 2},      {"MelWeightMatrix", 0, 4},
    {"NonZero", 0, 0},    {"OneHot", 1, 1},         {"Pad", 1, 1},
    {"Pad", 3, 3},        {"Range", 0, 2},          {"ReduceL1", 1, 1},
    {"ReduceL2", 1, 1},   {"ReduceLogSum", 1, 1},   {"ReduceLogSumExp", 1, 1},
    {"ReduceMax", 1, 1},  {"ReduceMean", 1, 1},     {"ReduceMin", 1, 1},
    {"ReduceProd", 1, 1}, {"ReduceSum", 1, 1},      {"ReduceSumSquare", 1, 1},
    {"Reshape", 1, 1},    {"Resize", 1, 3},         {"STFT", 1, 1},
    {"STFT", 3, 3},       {"Slice", 1, 4},          {"Split", 1, 1},
    {"Squeeze", 1, 1},    {"Tile", 1, 2},           {"TopK", 1, 1},
    {"Trilu", 1, 1},      {"Unsqueeze", 1, 1},      {"Upsample", 1, 1},
};

/// Everything that a node reads, in its subgraphs too.
static void addInputs(const onnx::NodeProto &node, StringSet<> &names) {
  for (const std::string &name : node.input())
    names.insert(name);
  for (const onnx::AttributeProto &attr : node.attribute())
    for (const onnx::NodeProto &inner : attr.g().node())
      addInputs(inner, names);
}

std::vector<std::string> shapeInputs(const onnx::ModelProto &model) {
  StringSet<> used;
  const auto &nodes = model.graph().node();
  // From the last node to the first: what makes a used value is used as well.
  for (const onnx::NodeProto &node : llvm::reverse(nodes)) {
    for (const OperandRow &row : kShapeOperands)
      for (int i = row.first; i <= row.last && i < node.input_size(); ++i)
        if (row.op == node.op_type())
          used.insert(node.input(i));
    // Shapes are known without the data.
    if (node.op_type() == "Shape" || node.op_type() == "Size")
      continue;
    if (llvm::any_of(node.output(), [&](const std::string &name) {
          return !name.empty() && used.contains(name);
        }))
      addInputs(node, used);
  }
  std::vector<std::string> names;
  for (const onnx::ValueInfoProto &input : model.graph().input())
    if (used.contains(input.name()))
      names.push_back(input.name());
  return names;
}

/// True where a declared dimension contradicts the tensor's.
static bool contradicts(const onnx::TensorShapeProto &shape,
                        const onnx::TensorProto &tensor) {
  if (shape.dim_size() != tensor.dims_size())
    return true;
  for (int i = 0; i < shape.dim_size(); ++i)
    if (shape.dim(i).dim_value() > 0 &&
        shape.dim(i).dim_value() != tensor.dims(i))
      return true;
  return false;
}

static std::string typeName(int dataType) {
  return onnx::TensorProto_DataType_Name(
      static_cast<onnx::TensorProto_DataType>(dataType));
}

Error bindInput(onnx::ModelProto &model, StringRef name,
                const onnx::TensorProto &tensor) {
  auto &inputs = *model.mutable_graph()->mutable_input();
  auto input = find_if(inputs, [&](const onnx::ValueInfoProto &candidate) {
    return candidate.name() == name;
  });
  if (input == inputs.end())
    return createStringError("the model has no input '" + name + "' to bind");
  const onnx::TypeProto::Tensor &type = input->type().tensor_type();
  if (type.elem_type() != tensor.data_type())
    return createStringError("input '" + name + "' has elements of " +
                             typeName(type.elem_type()) + ", its value has " +
                             typeName(tensor.data_type()));
  if (type.has_shape() && contradicts(type.shape(), tensor))
    return createStringError("the value bound to input '" + name +
                             "' has another shape than the input");
  // An initializer of the same name is only what the input is by default.
  auto &constants = *model.mutable_graph()->mutable_initializer();
  constants.erase(llvm::remove_if(constants,
                                  [&](const onnx::TensorProto &candidate) {
                                    return candidate.name() == name;
                                  }),
                  constants.end());
  onnx::TensorProto &constant = *constants.Add();
  constant = tensor;
  constant.set_name(name.str());
  inputs.erase(input);
  // Before version 4, an initializer had to be an input as well.
  model.set_ir_version(std::max<int64_t>(model.ir_version(), 4));
  return Error::success();
}

} // namespace mlc
