//===- Interface.cpp - What the integers of a model's interface mean ------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/QuantArithmetic.h"
#include "Quantize/Islands.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

using namespace mlir;
using namespace mlc;

static constexpr const char *kAttribute = "nn.quantized";

static TypeAttr quantizedType(const Parameters &p, MLIRContext *context) {
  unsigned width = p.stored.getIntOrFloatBitWidth();
  bool isSigned = !p.stored.isUnsignedInteger();
  StoredRange range = p.range();
  return TypeAttr::get(quant::UniformQuantizedType::get(
      isSigned ? quant::QuantizationFlags::Signed : 0,
      IntegerType::get(context, width), Float32Type::get(context), p.scale(),
      p.zeroPoint(), range.low, range.high));
}

/// The parameters with which all users read a value; nullopt where they differ.
template <typename OpTy>
static std::optional<Parameters> commonUse(Value v) {
  std::optional<Parameters> common;
  for (Operation *user : v.getUsers()) {
    auto op = dyn_cast<OpTy>(user);
    std::optional<Parameters> p;
    if (!op || op->getOperand(0) != v || !(p = parametersOf(op)) ||
        !p->isPerTensor() || (common && !(*common == *p)))
      return std::nullopt;
    common = p;
  }
  return common;
}

/// The parameters of the only op that gives a value.
static std::optional<Parameters> definition(Value v) {
  std::optional<Parameters> p;
  if (auto op = v.getDefiningOp<nn::DequantizeOp>())
    p = parametersOf(op);
  if (auto op = v.getDefiningOp<nn::QuantizeOp>())
    p = parametersOf(op);
  return p && p->isPerTensor() ? p : std::nullopt;
}

void mlc::annotateInterface(func::FuncOp function) {
  MLIRContext *context = function.getContext();
  for (BlockArgument argument : function.getArguments()) {
    std::optional<Parameters> p = commonUse<nn::QuantizeOp>(argument);
    if (!p)
      p = commonUse<nn::DequantizeOp>(argument);
    if (p)
      function.setArgAttr(argument.getArgNumber(), kAttribute,
                          quantizedType(*p, context));
  }
  Operation *end = function.front().getTerminator();
  for (auto [i, v] : llvm::enumerate(end->getOperands()))
    if (std::optional<Parameters> p = definition(v))
      function.setResultAttr(i, kAttribute, quantizedType(*p, context));
}
