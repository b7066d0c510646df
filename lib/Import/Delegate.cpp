//===- Delegate.cpp - Operators that are another on other operands --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Delegate.h"
#include "Import/Converters.h"

using namespace mlir;
using namespace mlc;

/// What messages call an operand: as the model does where it is an input of the
/// node.
static std::string nameOf(const Node &node, Value operand) {
  if (!operand)
    return {};
  for (auto [value, name] : llvm::zip(node.inputs(), node.proto.input()))
    if (value == operand)
      return name;
  return "(derived)";
}

Values mlc::convertAs(Node &node, llvm::StringRef opType, int64_t opset,
                      llvm::ArrayRef<Value> operands,
                      llvm::ArrayRef<onnx::AttributeProto> more) {
  const Converter *converter = findConverter("", opType);
  if (node.failed())
    return {};
  if (!converter) {
    node.error() << "operator '" << opType << "' is not supported";
    return {};
  }
  onnx::NodeProto proto = node.proto;
  proto.set_op_type(opType.str());
  proto.clear_domain();
  proto.clear_input();
  for (Value operand : operands)
    proto.add_input(nameOf(node, operand));
  for (const onnx::AttributeProto &attribute : more)
    *proto.add_attribute() = attribute;
  Items items(operands.begin(), operands.end());
  Node other(node.importer, proto, opset, node.builder, node.loc, items);
  Values results = converter->convert(other);
  if (!other.failed())
    return results;
  // The problem is reported already.
  node.error().abandon();
  return {};
}

Values mlc::convertChannelsLast(Node &node, llvm::StringRef opType,
                                int64_t opset) {
  Value x = node.input(0);
  if (!x)
    return {};
  int64_t rank = nn::shapeOf(x).size();
  if (rank < 3) {
    node.error() << "input has rank " << rank << ", at least 3 is required";
    return {};
  }
  if (node.hasOutput(1)) {
    node.error() << "further outputs are not supported";
    return {};
  }
  llvm::SmallVector<Value> operands(node.inputs());
  operands[0] = node.transpose(x, channelsToFront(rank));
  Values y = convertAs(node, opType, opset, operands);
  if (node.failed() || y.empty() || !y[0])
    return {};
  return {node.transpose(y[0], channelsToBack(nn::shapeOf(y[0]).size()))};
}

onnx::AttributeProto mlc::intsAttribute(llvm::StringRef name,
                                        llvm::ArrayRef<int64_t> values) {
  onnx::AttributeProto attribute;
  attribute.set_name(name.str());
  attribute.set_type(onnx::AttributeProto::INTS);
  for (int64_t value : values)
    attribute.add_ints(value);
  return attribute;
}

llvm::SmallVector<int64_t> mlc::channelsToFront(int64_t rank) {
  llvm::SmallVector<int64_t> order = {0, rank - 1};
  for (int64_t d = 1; d + 1 < rank; ++d)
    order.push_back(d);
  return order;
}

llvm::SmallVector<int64_t> mlc::channelsToBack(int64_t rank) {
  llvm::SmallVector<int64_t> order = {0};
  for (int64_t d = 2; d < rank; ++d)
    order.push_back(d);
  order.push_back(1);
  return order;
}
