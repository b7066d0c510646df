//===- FloatNodes.cpp - What is left to f32 -------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/FloatNodes.h"

#include "Support/NodeLocation.h"

using namespace mlir;

void nn::FloatNodes::add(Operation *op, StringRef reason) {
  mlc::NodeId node = mlc::nodeOf(op->getLoc());
  if (!node.isKnown())
    node.op = op->getName().getStringRef().str();
  Builder b(op->getContext());
  SmallVector<NamedAttribute> fields = {
      b.getNamedAttr("index", b.getI64IntegerAttr(node.index)),
      b.getNamedAttr("name", b.getStringAttr(node.name)),
      b.getNamedAttr("op", b.getStringAttr(node.op)),
      b.getNamedAttr("opset", b.getI64IntegerAttr(node.opset))};
  if (node.isKnown() && !known.insert(b.getDictionaryAttr(fields)))
    return;
  fields.push_back(b.getNamedAttr("reason", b.getStringAttr(reason)));
  list.push_back(b.getDictionaryAttr(fields));
}

void nn::FloatNodes::attachTo(func::FuncOp function) const {
  SmallVector<Attribute> all;
  if (auto before = function->getAttrOfType<ArrayAttr>(kFloatNodesAttr))
    llvm::append_range(all, before);
  llvm::append_range(all, list);
  if (!all.empty())
    function->setAttr(kFloatNodesAttr,
                      ArrayAttr::get(function.getContext(), all));
}
