//===- ByteFunction.cpp - What floats make of one byte --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/ByteFunction.h"

#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"
#include "Quantize/Islands.h"
#include "Quantize/ScalarProgram.h"

#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

int32_t mlc::storedOfByte(int64_t i, Type element) {
  if (element.isUnsignedInteger())
    return static_cast<int32_t>(i);
  return isByte(element) ? static_cast<int8_t>(i) : static_cast<int16_t>(i);
}

Value ByteFunction::source() const {
  nn::DequantizeOp first = leaves.front().op;
  return first.getInput();
}

int64_t ByteFunction::entries() const {
  return isByte(nn::elementOf(source())) ? 256 : 65536;
}

int64_t ByteFunction::channels() const {
  return channelDim ? nn::shapeOf(root)[*channelDim] : 1;
}

//===----------------------------------------------------------------------===//
// What belongs to it
//===----------------------------------------------------------------------===//

bool ByteFunction::visitLeaf(nn::DequantizeOp op) {
  std::optional<Dequantized> leaf = matchDequantized(op);
  if (!leaf || !leaf->parameters.stored.isIntOrFloat() ||
      leaf->parameters.stored.getIntOrFloatBitWidth() > 16 ||
      !nn::elementOf(op.getResult()).isF32() ||
      (!leaves.empty() && source() != leaf->stored))
    return false;
  leaves.push_back({op, leaf->parameters});
  return true;
}

bool ByteFunction::isChannelDim(int64_t dim) {
  if (!channelDim)
    channelDim = dim;
  return *channelDim == dim;
}

bool ByteFunction::visitConstant(Value v) {
  DenseElementsAttr attr;
  if (matchPattern(v, m_Constant(&attr)) && attr.isSplat() &&
      attr.getElementType().isIntOrFloat()) {
    auto number = attr.getSplatValue<TypedAttr>();
    if (auto integer = dyn_cast<IntegerAttr>(number))
      number = IntegerAttr::get(nn::makeSignless(integer.getType()),
                                integer.getValue());
    constants.emplace_back(v, number);
    return true;
  }
  std::optional<SmallVector<double>> values;
  if (!nn::elementOf(v).isF32() || !(values = knownValues(v)) ||
      values->empty())
    return false;
  if (llvm::all_equal(*values)) {
    constants.emplace_back(v,
                           FloatAttr::get(nn::elementOf(v), values->front()));
    return true;
  }
  int64_t lead = nn::shapeOf(root).size() - nn::shapeOf(v).size();
  for (auto [d, size] : llvm::enumerate(nn::shapeOf(v)))
    if (size != 1 && (size != static_cast<int64_t>(values->size()) ||
                      !isChannelDim(lead + static_cast<int64_t>(d))))
      return false;
  columnOf[v] = columns.size();
  columns.emplace_back(values->begin(), values->end());
  return true;
}

/// onnxruntime's steps, each rounded: factor = 1 / sqrt(variance + epsilon) *
/// scale, offset = offset - mean * factor, x * factor + offset.
bool ByteFunction::visitBatchNorm(nn::BatchNormOp op) {
  int64_t rank = nn::shapeOf(root).size();
  if (rank < 2 || !visit(op.getInput()) ||
      !isChannelDim(op.getLayout() == nn::Layout::channels_first ? 1
                                                                 : rank - 1))
    return false;
  SmallVector<SmallVector<double>> known;
  for (Value v :
       {op.getScale(), op.getOffset(), op.getMean(), op.getVariance()}) {
    std::optional<SmallVector<double>> values = knownValues(v);
    if (!values || !nn::elementOf(v).isF32())
      return false;
    known.push_back(std::move(*values));
  }
  auto epsilon = static_cast<float>(op.getEpsilon().convertToDouble());
  Numbers factors, offsets;
  for (auto [s, o, m, v] : llvm::zip(known[0], known[1], known[2], known[3])) {
    float variance = static_cast<float>(v) + epsilon;
    float inverse = 1.0f / std::sqrt(variance);
    float factor = inverse * static_cast<float>(s);
    float shift = static_cast<float>(m) * factor;
    factors.push_back(factor);
    offsets.push_back(static_cast<float>(o) - shift);
  }
  firstColumnOf[op] = columns.size();
  columns.push_back(std::move(factors));
  columns.push_back(std::move(offsets));
  return true;
}

bool ByteFunction::visit(Value v) {
  Operation *op = v.getDefiningOp();
  if (!op || ops.contains(op))
    return op != nullptr;
  bool isKnownLeaf =
      llvm::any_of(leaves, [&](const Leaf &leaf) { return leaf.op == op; });
  bool isKnownConstant = columnOf.contains(v) ||
                         llvm::any_of(constants, [&](const auto &constant) {
                           return constant.first == v;
                         });
  if (isKnownLeaf || isKnownConstant)
    return true;
  auto leaf = dyn_cast<nn::DequantizeOp>(op);
  bool isWhole = nn::shapeOf(v) == nn::shapeOf(root);
  if ((leaf && isWhole && visitLeaf(leaf)) || visitConstant(v))
    return true;
  if (!isWhole || ops.size() >= kMaxOps)
    return false;
  if (auto norm = dyn_cast<nn::BatchNormOp>(op)) {
    if (!visitBatchNorm(norm))
      return false;
  } else if (!isa<nn::ElementwiseOpInterface>(op) ||
             isa<nn::QuantizeOp, nn::DequantizeOp>(op) ||
             !llvm::all_of(op->getOperands(),
                           [&](Value x) { return visit(x); })) {
    return false;
  }
  ops.insert(op);
  return true;
}

bool ByteFunction::collect(Value v) {
  root = v;
  return visit(v) && !leaves.empty() &&
         nn::shapeOf(source()) == nn::shapeOf(root);
}

//===----------------------------------------------------------------------===//
// What it gives
//===----------------------------------------------------------------------===//

Value ByteFunction::emit(OpBuilder &builder, ValueRange scalars) const {
  Location loc = root.getLoc();
  ValueRange numbers = scalars.drop_front(leaves.size());
  llvm::DenseMap<Value, Value> scalarOf;
  for (auto [leaf, scalar] : llvm::zip(leaves, scalars))
    scalarOf[leaf.op->getResult(0)] = scalar;
  for (const auto &[v, attr] : constants)
    scalarOf[v] = arith::ConstantOp::create(builder, loc, attr);
  for (const auto &[v, column] : columnOf)
    scalarOf[v] = numbers[column];
  nn::ScalarEmitter e(builder, loc, builder.getF32Type());
  for (Operation *op : ops) {
    if (isa<nn::BatchNormOp>(op)) {
      size_t first = firstColumnOf.lookup(op);
      Value product = e.mul(scalarOf.lookup(op->getOperand(0)), numbers[first]);
      scalarOf[op->getResult(0)] = e.add(product, numbers[first + 1]);
      continue;
    }
    SmallVector<Value> args = llvm::map_to_vector(
        op->getOperands(), [&](Value x) { return scalarOf.lookup(x); });
    scalarOf[op->getResult(0)] =
        cast<nn::ElementwiseOpInterface>(op).emitScalar(builder, loc, args);
  }
  return scalarOf.lookup(root);
}

/// All bytes at once.
std::optional<ByteFunction::Numbers> ByteFunction::run(int64_t channel) const {
  Block block;
  OpBuilder builder(root.getContext());
  builder.setInsertionPointToStart(&block);
  SmallVector<Numbers> arguments;
  for (const Leaf &leaf : leaves) {
    const Parameters &p = leaf.parameters;
    Numbers &numbers = arguments.emplace_back();
    for (int64_t byte = 0; byte < entries(); ++byte)
      numbers.push_back(dequantizeValue(storedOfByte(byte, p.stored), p.scale(),
                                        p.zeroPoint()));
  }
  for (const Numbers &column : columns)
    arguments.emplace_back(entries(), column[channel]);
  for (size_t i = 0; i < arguments.size(); ++i)
    block.addArgument(builder.getF32Type(), root.getLoc());
  SmallVector<Value> scalars(block.getArguments());
  return runScalars(block, emit(builder, scalars), arguments);
}

/// One byte, by the folders of the ops that `emit` makes.
std::optional<float> ByteFunction::fold(int64_t byte, int64_t channel) const {
  Block scratch;
  OpBuilder builder(root.getContext());
  builder.setInsertionPointToStart(&scratch);
  SmallVector<Value> scalars;
  auto addScalar = [&](float x) {
    scalars.push_back(arith::ConstantOp::create(builder, root.getLoc(),
                                                builder.getF32FloatAttr(x)));
  };
  for (const Leaf &leaf : leaves) {
    const Parameters &p = leaf.parameters;
    addScalar(dequantizeValue(storedOfByte(byte, p.stored), p.scale(),
                              p.zeroPoint()));
  }
  for (const Numbers &column : columns)
    addScalar(column[channel]);
  FloatAttr result;
  if (!matchPattern(emit(builder, scalars), m_Constant(&result)) ||
      !result.getType().isF32())
    return std::nullopt;
  return result.getValue().convertToFloat();
}

std::optional<SmallVector<float>>
ByteFunction::evaluate(int64_t channel) const {
  if (!nn::elementOf(root).isF32())
    return std::nullopt;
  if (std::optional<Numbers> numbers = run(channel))
    return numbers;
  if (channels() > kMaxFolded)
    return std::nullopt;
  Numbers numbers;
  for (int64_t byte = 0; byte < entries(); ++byte) {
    std::optional<float> number = fold(byte, channel);
    if (!number)
      return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}
