//===- FloatOps.cpp - What a quantised model leaves to floats -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/FloatOps.h"

#include "NN/IR/Epilogue.h"
#include "NN/IR/FloatNodes.h"
#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

using namespace mlir;
using namespace mlc;

static bool isFloat(Value v) {
  auto type = dyn_cast<RankedTensorType>(v.getType());
  return type && isa<FloatType>(type.getElementType());
}

/// A product of integers that gives integers: its factors, one a channel, are
/// floats in mode `onnx`, as onnxruntime's are.
static bool isIntegerProduct(Operation *op) {
  return isa<nn::ConvOp, nn::MatmulOp>(op) &&
         nn::isNarrowInteger(nn::elementOf(op->getOperand(0))) &&
         llvm::none_of(op->getResults(), isFloat);
}

bool mlc::computesFloats(Operation *op) {
  if (!isa<nn::NNDialect>(op->getDialect()) || isa<nn::YieldOp>(op) ||
      op->getNumOperands() == 0 ||
      isa<nn::QuantizeOp, nn::DequantizeOp, nn::BlockedDequantizeOp>(op))
    return false;
  return llvm::any_of(op->getResults(), isFloat) ||
         (llvm::any_of(op->getOperands(), isFloat) && !isIntegerProduct(op));
}

/// Why no integers were made of `op`, as far as what is around it tells.
static StringRef reasonOf(Operation *op, QuantizeMode mode) {
  auto isDequantized = [](Value v) {
    return v.getDefiningOp<nn::DequantizeOp>() != nullptr;
  };
  auto isQuantize = [](Operation *user) { return isa<nn::QuantizeOp>(user); };
  if (llvm::none_of(op->getOperands(), isFloat))
    return "it makes floats of integers";
  if (llvm::none_of(op->getOperands(), isDequantized))
    return "its input is not quantised";
  if (llvm::any_of(op->getResults(), isFloat) &&
      !llvm::all_of(op->getUsers(), isQuantize))
    return "its result is not quantised";
  if (mode == QuantizeMode::Onnx && isa<nn::ResampleOp, nn::SoftmaxOp>(op))
    return "its integers are another mode's: onnxruntime computes it in floats";
  return "there is no integer form of it";
}

void mlc::listFloatOps(func::FuncOp function, QuantizeMode mode,
                       const ProductReasons &reasons) {
  nn::FloatNodes nodes;
  function.walk([&](Operation *op) {
    if (!computesFloats(op))
      return;
    auto known = reasons.find(op);
    nodes.add(op, known != reasons.end() ? known->second : reasonOf(op, mode));
  });
  nodes.attachTo(function);
}

std::vector<FloatNode> mlc::takeFloatOps(ModuleOp module) {
  std::vector<FloatNode> nodes;
  for (auto function : module.getOps<func::FuncOp>()) {
    auto list = function->getAttrOfType<ArrayAttr>(nn::kFloatNodesAttr);
    for (Attribute item : list ? list.getValue() : ArrayRef<Attribute>()) {
      auto fields = dyn_cast<DictionaryAttr>(item);
      auto text = [&](StringRef key) {
        auto attr = fields ? fields.getAs<StringAttr>(key) : StringAttr();
        return attr ? attr.str() : std::string();
      };
      auto number = [&](StringRef key) {
        auto attr = fields ? fields.getAs<IntegerAttr>(key) : IntegerAttr();
        return attr ? attr.getInt() : -1;
      };
      NodeId node = {text("name"), text("op"), number("opset"),
                     number("index")};
      nodes.push_back({std::move(node), text("reason")});
    }
    function->removeAttr(nn::kFloatNodesAttr);
  }
  return nodes;
}
