//===- Islands.cpp - Floats between stored integers -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/Islands.h"

#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"
#include "Quantize/Tflite.h"

#include "mlir/IR/Matchers.h"

#include <limits>

using namespace mlir;
using namespace mlc;

void IslandContext::takesIntegerForm(Operation *op) const {
  if (mode == QuantizeMode::Tflite)
    op->emitWarning() << "'" << op->getName() << "' is computed as in mode "
                      << "integer, TFLite has no kernel of it";
}

namespace {
/// min(max(x, low), high).
struct Limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};
} // namespace

static std::optional<double> scalarOf(Value v) {
  Attribute attr;
  if (!matchPattern(v, m_Constant(&attr)))
    return std::nullopt;
  std::optional<SmallVector<double>> values = nn::constantDoubles(attr);
  if (!values || values->empty() || !llvm::all_equal(*values))
    return std::nullopt;
  return values->front();
}

/// What limits `op` sets to its operand 0; nullopt where it does something
/// else.
static std::optional<Limits> limitsOf(Operation *op) {
  Limits limits;
  if (isa<nn::ReluOp>(op)) {
    limits.low = 0;
    return limits;
  }
  if (!isa<nn::ClampOp, nn::MinOp, nn::MaxOp>(op) ||
      op->getOperand(0).getType() != op->getResult(0).getType())
    return std::nullopt;
  std::optional<double> first = scalarOf(op->getOperand(1)), second = first;
  if (isa<nn::ClampOp>(op))
    second = scalarOf(op->getOperand(2));
  if (!first || !second)
    return std::nullopt;
  if (!isa<nn::MinOp>(op))
    limits.low = *first;
  if (!isa<nn::MaxOp>(op))
    limits.high = *second;
  return limits;
}

bool mlc::isLimit(Operation *op) { return limitsOf(op).has_value(); }

/// The value before limits that `v` alone goes through; they are joined to
/// `limits`, which are set to `v`.
static Value beforeLimits(Value v, Limits &limits) {
  while (Operation *op = v.getDefiningOp()) {
    std::optional<Limits> inner;
    if (!v.hasOneUse() || !(inner = limitsOf(op)))
      break;
    auto limited = [&](double x) {
      return std::min(std::max(x, limits.low), limits.high);
    };
    limits = {limited(inner->low), limited(inner->high)};
    v = op->getOperand(0);
  }
  return v;
}

std::optional<Island> mlc::matchIsland(nn::QuantizeOp op, QuantizeMode mode) {
  std::optional<Parameters> parameters = parametersOf(op);
  if (!parameters || !parameters->isPerTensor() ||
      !nn::elementOf(op.getInput()).isF32())
    return std::nullopt;
  Limits limits;
  Value v = beforeLimits(op.getInput(), limits);
  StoredRange range = parameters->range();
  auto stored = [&](double x) {
    return quantizeIn(mode, static_cast<float>(x), parameters->scale(), range);
  };
  StoredRange limited = {range.zeroPoint, stored(limits.low),
                         stored(limits.high)};
  return Island{v, {mode, *parameters, limited}, op};
}

std::optional<Dequantized> mlc::matchScaled(Value v) {
  double factor = 1;
  while (Operation *op = v.getDefiningOp()) {
    if (!isa<nn::MulOp, nn::DivOp>(op) ||
        op->getOperand(0).getType() != v.getType())
      break;
    std::optional<double> by = scalarOf(op->getOperand(1));
    if (!by || !(*by > 0))
      return std::nullopt;
    factor = isa<nn::MulOp>(op) ? factor * *by : factor / *by;
    v = op->getOperand(0);
  }
  std::optional<Dequantized> result = matchDequantized(v);
  if (!result || factor == 1)
    return result;
  auto scale = static_cast<float>(result->parameters.scale() * factor);
  if (!(scale > 0 && scale < std::numeric_limits<float>::infinity()))
    return std::nullopt;
  result->parameters.scales = {scale};
  return result;
}

bool mlc::isByte(Type type) { return type.isInteger(8); }

bool mlc::isShort(Type type, QuantizeMode mode) {
  return mode == QuantizeMode::Integer && type.isInteger(16);
}

Value mlc::createMap(OpBuilder &builder, Location loc, ArrayRef<Value> inputs,
                     Type to, llvm::function_ref<Value(ValueRange)> body) {
  auto map = nn::MapOp::create(
      builder, loc, RankedTensorType::get(nn::shapeOf(inputs[0]), to), inputs);
  SmallVector<Type> types;
  for (Value v : inputs)
    types.push_back(nn::makeSignless(nn::elementOf(v)));
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&map.getBody(), {}, types,
                                     SmallVector<Location>(types.size(), loc));
  SmallVector<Value> arguments(block->getArguments());
  nn::YieldOp::create(builder, loc, body(arguments));
  return map;
}

Value mlc::emitCentred(OpBuilder &builder, Location loc, Value stored,
                       const Parameters &parameters) {
  Type i32 = builder.getI32Type();
  nn::ScalarEmitter e(builder, loc, i32);
  Value wide =
      nn::ScalarEmitter(builder, loc, parameters.stored).convert(stored, i32);
  if (parameters.zeroPoint() == 0)
    return wide;
  return e.sub(wide, e.constant(parameters.zeroPoint()));
}
