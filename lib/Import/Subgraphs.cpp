//===- Subgraphs.cpp - Regions from ONNX subgraphs ---------- ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Subgraphs.h"

using namespace mlir;
using namespace mlc;

NewRegion::NewRegion(Node &node) {
  Builder &b = node.builder;
  auto scan = nn::ScanOp::create(
      node.builder, node.loc, TypeRange(), ValueRange(), ValueRange(),
      b.getI64IntegerAttr(0), b.getDenseBoolArrayAttr({}),
      b.getDenseBoolArrayAttr({}));
  scan.getBody().emplaceBlock();
  holder = scan;
}

const onnx::GraphProto *mlc::graphAttr(Node &node, llvm::StringRef name) {
  const onnx::AttributeProto *attr = node.findAttr(name);
  if (attr && attr->has_g())
    return &attr->g();
  node.error() << "attribute '" << name << "' must be a graph";
  return nullptr;
}

FailureOr<Items> mlc::importGraph(Node &node, const onnx::GraphProto &graph,
                                  ArrayRef<Item> inputs) {
  FailureOr<Items> outputs = node.importer.importSubgraph(node, graph, inputs);
  if (failed(outputs))
    node.error().abandon();
  return outputs;
}

FailureOr<Items> mlc::importInto(Node &node, Block *block,
                                 const onnx::GraphProto &graph,
                                 ArrayRef<Item> inputs) {
  OpBuilder::InsertionGuard guard(node.builder);
  node.builder.setInsertionPointToEnd(block);
  return importGraph(node, graph, inputs);
}

FailureOr<Values> mlc::tensorsOf(Node &node, ArrayRef<Item> items,
                                 llvm::StringRef what) {
  Values tensors;
  for (auto [i, item] : llvm::enumerate(items)) {
    if (!item.tensor()) {
      node.error() << what << " " << i << " is " << item.describe()
                   << ", a tensor is required";
      return failure();
    }
    tensors.push_back(item.tensor());
  }
  return tensors;
}

void mlc::yieldFrom(Node &node, Block *block, ArrayRef<Value> values) {
  OpBuilder::InsertionGuard guard(node.builder);
  node.builder.setInsertionPointToEnd(block);
  nn::YieldOp::create(node.builder, node.loc, ValueRange(values));
}

SmallVector<Type> mlc::typesOf(ArrayRef<Value> values) {
  return SmallVector<Type>(ValueRange(values).getTypes());
}

Values mlc::checked(Node &node, Operation *op) {
  if (failed(mlir::verify(op))) {
    node.error().abandon();
    op->erase();
    return {};
  }
  for (Value v : op->getResults())
    node.importer.extents.forget(v);
  return Values(op->getResults());
}

FailureOr<Type> mlc::stackType(Node &node, Value slice, int64_t count) {
  SmallVector<int64_t> shape{count};
  llvm::append_range(shape, nn::shapeOf(slice));
  FailureOr<RankedTensorType> type =
      node.tensorType(shape, nn::elementOf(slice));
  if (failed(type))
    return failure();
  return Type(*type);
}
