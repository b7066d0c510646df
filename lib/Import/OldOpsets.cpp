//===- OldOpsets.cpp - Nodes from before opset 7 --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/OldOpsets.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

namespace {

using Dims = llvm::SmallVector<int64_t>;

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

void drop(ModernNode &modern, llvm::StringRef name) {
  auto &attributes = *modern.proto.mutable_attribute();
  attributes.erase(llvm::remove_if(attributes,
                                   [&](const onnx::AttributeProto &attribute) {
                                     return attribute.name() == name;
                                   }),
                   attributes.end());
}

void rename(ModernNode &modern, llvm::StringRef name, llvm::StringRef newer) {
  for (onnx::AttributeProto &attribute : *modern.proto.mutable_attribute())
    if (attribute.name() == name)
      attribute.set_name(newer.str());
}

/// Sets an attribute that is not there.
onnx::AttributeProto &add(ModernNode &modern, llvm::StringRef name,
                          onnx::AttributeProto::AttributeType type) {
  drop(modern, name);
  onnx::AttributeProto &attribute = *modern.proto.add_attribute();
  attribute.set_name(name.str());
  attribute.set_type(type);
  return attribute;
}

void setInt(ModernNode &modern, llvm::StringRef name, int64_t value) {
  add(modern, name, onnx::AttributeProto::INT).set_i(value);
}

void setFloatUnlessGiven(Node &node, ModernNode &modern, llvm::StringRef name,
                         float value) {
  if (!node.hasAttr(name))
    add(modern, name, onnx::AttributeProto::FLOAT).set_f(value);
}

/// Gives operand `i`, which the file does not have, a value.
void setOperand(ModernNode &modern, int i, Value value) {
  while (modern.proto.input_size() <= i)
    modern.proto.add_input("");
  modern.operands.resize(modern.proto.input_size());
  // Messages name operands.
  modern.proto.set_input(i, "#" + std::to_string(i));
  modern.operands[i] = value;
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

/// With broadcast=1 the second operand's dimensions are those of the first from
/// `axis` on, or its last ones. Files leave the attribute away where shapes
/// broadcast as they do today.
void broadcast(Node &node, ModernNode &modern) {
  Value a = node.input(0), b = node.input(1);
  if (!a || !b)
    return;
  bool isSuffix = !node.intAttr("broadcast", 0) || !node.hasAttr("axis");
  drop(modern, "broadcast");
  drop(modern, "axis");
  ArrayRef<int64_t> shape = nn::shapeOf(b);
  if (isSuffix || cast<RankedTensorType>(b.getType()).getNumElements() == 1)
    return;
  int64_t rank = nn::shapeOf(a).size();
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", 0), rank);
  if (failed(axis))
    return;
  int64_t behind = rank - *axis - int64_t(shape.size());
  if (behind < 0) {
    node.error() << "broadcasts rank " << shape.size() << " from axis " << *axis
                 << " of rank " << rank;
    return;
  }
  Dims wide(shape);
  wide.append(behind, 1);
  modern.operands[1] = node.reshape(b, wide);
}

/// A slope of one dimension is one per channel, dimension 1 of the input.
void prelu(Node &node, ModernNode &modern) {
  Value x = node.input(0), slope = node.input(1);
  if (!x || !slope || nn::shapeOf(slope).size() != 1 ||
      nn::shapeOf(slope)[0] == 1 || nn::shapeOf(x).size() < 3)
    return;
  Dims wide(nn::shapeOf(slope));
  wide.append(nn::shapeOf(x).size() - 2, 1);
  modern.operands[1] = node.reshape(slope, wide);
}

void batchNorm(Node &node, ModernNode &modern) {
  if (!node.intAttr("is_test", 0)) {
    node.error() << "takes its statistics from the batch (is_test is 0): it is "
                    "of a model in training; export it for inference";
    return;
  }
  drop(modern, "is_test");
}

void dropout(Node &node, ModernNode &modern) {
  if (!node.intAttr("is_test", 0))
    emitWarning(node.loc) << "is in training mode (is_test is 0); nothing is "
                             "dropped";
  drop(modern, "is_test");
}

void castTo(Node &node, ModernNode &modern) {
  if (node.opset() >= 6)
    return;
  std::string name = node.stringAttr("to", "");
  onnx::TensorProto::DataType type;
  if (!onnx::TensorProto::DataType_Parse(llvm::StringRef(name).upper(),
                                         &type)) {
    node.error() << "casts to '" << name << "', which is no element type";
    return;
  }
  setInt(modern, "to", type);
}

void concat(Node &node, ModernNode &modern) {
  if (!node.hasAttr("axis"))
    setInt(modern, "axis", 1);
}

void pad(Node &, ModernNode &modern) { rename(modern, "paddings", "pads"); }

void reshape(Node &node, ModernNode &modern) {
  if (node.hasInput(1))
    return;
  setOperand(modern, 1, node.constantI64(node.intsAttr("shape")));
  drop(modern, "shape");
}

void selu(Node &node, ModernNode &modern) {
  if (node.opset() >= 6)
    return;
  setFloatUnlessGiven(node, modern, "alpha", 1.6732f);
  setFloatUnlessGiven(node, modern, "gamma", 1.0507f);
}

/// Operand `i`, a constant of whole numbers in the type of the data.
FailureOr<Dims> wholeNumbers(Node &node, size_t i) {
  FailureOr<llvm::SmallVector<double>> values = node.constantDoubles(i);
  if (failed(values))
    return failure();
  Dims result;
  for (double value : *values) {
    constexpr double kMost = 1e15; // exact in 64 bits
    if (std::abs(value) < kMost && value == std::trunc(value)) {
      result.push_back(static_cast<int64_t>(value));
      continue;
    }
    node.error() << "input " << i << " has " << value
                 << ", a whole number is required";
    return failure();
  }
  return result;
}

/// The sizes of the pieces were an operand for a while.
void split(Node &node, ModernNode &modern) {
  if (!node.hasInput(1))
    return;
  FailureOr<Dims> sizes = wholeNumbers(node, 1);
  if (failed(sizes))
    return;
  onnx::AttributeProto &attribute =
      add(modern, "split", onnx::AttributeProto::INTS);
  for (int64_t size : *sizes)
    attribute.add_ints(size);
  modern.proto.mutable_input()->DeleteSubrange(1, 1);
  modern.operands.resize(1);
}

/// One axis and its number of copies.
void tile(Node &node, ModernNode &modern) {
  if (node.opset() >= 6)
    return;
  Value x = node.input(0);
  FailureOr<Dims> tiles = wholeNumbers(node, 1);
  FailureOr<Dims> axes = wholeNumbers(node, 2);
  if (!x || failed(tiles) || failed(axes))
    return;
  if (tiles->size() != 1 || axes->size() != 1) {
    node.error() << "takes one number of tiles and one axis";
    return;
  }
  Dims repeats(nn::shapeOf(x).size(), 1);
  FailureOr<int64_t> axis = node.normalizeAxis(axes->front(), repeats.size());
  if (failed(axis))
    return;
  repeats[*axis] = tiles->front();
  modern.proto.mutable_input()->DeleteSubrange(2, 1);
  modern.operands.resize(2);
  setOperand(modern, 1, node.constantI64(repeats));
}

void upsample(Node &node, ModernNode &modern) {
  if (!node.hasAttr("height_scale") && !node.hasAttr("width_scale"))
    return;
  onnx::AttributeProto &scales =
      add(modern, "scales", onnx::AttributeProto::FLOATS);
  for (double scale : {1.0, 1.0, node.floatAttr("height_scale", 1),
                       node.floatAttr("width_scale", 1)})
    scales.add_floats(static_cast<float>(scale));
  drop(modern, "height_scale");
  drop(modern, "width_scale");
  if (node.stringAttr("mode", "nearest") == "bilinear")
    add(modern, "mode", onnx::AttributeProto::STRING).set_s("linear");
}

/// The exponent of a norm was a float.
void norm(Node &node, ModernNode &modern) {
  const onnx::AttributeProto *p = node.findAttr("p");
  if (node.opset() >= 2 || !p)
    return;
  if (!(p->f() >= 1 && p->f() < 1e9 && p->f() == std::trunc(p->f()))) {
    node.error() << "has the exponent " << p->f()
                 << ", a whole number is "
                    "required";
    return;
  }
  setInt(modern, "p", static_cast<int64_t>(p->f()));
}

/// Which outputs there are, their names say.
void recurrent(Node &node, ModernNode &modern) {
  drop(modern, "output_sequence");
  // The default of the first version of RNN is misspelt, so files have it.
  if (node.stringAttr("direction", "") == "foward")
    add(modern, "direction", onnx::AttributeProto::STRING).set_s("forward");
}

struct Row {
  llvm::StringLiteral op;
  void (*apply)(Node &, ModernNode &);
};

constexpr Row kRows[] = {
    {"Add", broadcast},
    {"And", broadcast},
    {"BatchNormalization", batchNorm},
    {"Cast", castTo},
    {"Concat", concat},
    {"Div", broadcast},
    {"Dropout", dropout},
    {"Equal", broadcast},
    {"GRU", recurrent},
    {"GlobalLpPool", norm},
    {"Greater", broadcast},
    {"LSTM", recurrent},
    {"Less", broadcast},
    {"LpPool", norm},
    {"Mul", broadcast},
    {"Or", broadcast},
    {"PRelu", prelu},
    {"Pad", pad},
    {"Pow", broadcast},
    {"RNN", recurrent},
    {"Reshape", reshape},
    {"Selu", selu},
    {"Split", split},
    {"Sub", broadcast},
    {"Tile", tile},
    {"Upsample", upsample},
    {"Xor", broadcast},
};

} // namespace

ModernNode mlc::modernize(Node &node) {
  ModernNode modern{node.proto, llvm::SmallVector<Value>(node.inputs())};
  // Which operands could be overwritten; nobody asks today.
  drop(modern, "consumed_inputs");
  // Gemm's, whose third operand broadcasts as it does today.
  if (node.opType() == "Gemm")
    drop(modern, "broadcast");
  const Row *row =
      llvm::find_if(kRows, [&](const Row &r) { return r.op == node.opType(); });
  if (row != std::end(kRows))
    row->apply(node, modern);
  return modern;
}
