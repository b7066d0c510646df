//===- ByteTable.cpp - Images of bytes that are read by table -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/ByteTable.h"

#include "NN/IR/ConstantFold.h"
#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlc;

static constexpr int64_t kBytes = 256;

/// Where N, C, H and W are.
using Dims = std::array<int64_t, 4>;
static constexpr Dims kChannelsFirst = {0, 1, 2, 3};
static constexpr Dims kChannelsLast = {0, 3, 1, 2};

namespace {

/// Elementwise ops, one after the other, from bytes to `root`, [N, C, H, W] or
/// [N, H, W, C].
class ByteFunction {
public:
  ByteFunction(Value root, int64_t channelDim)
      : root(root), channels(nn::shapeOf(root)[channelDim]),
        dims(channelDim == 1 ? kChannelsFirst : kChannelsLast) {}

  std::optional<ByteTable> match();

private:
  /// An operand beside the data: a number, or one for each channel.
  struct Constant {
    Type type;
    std::vector<Attribute> values;
  };
  struct Step {
    Operation *op;
    unsigned operand; ///< that is the data
    SmallVector<Constant> others;
  };

  bool walk();
  bool addStep(Operation *op);
  std::optional<Constant> constantOf(Value v) const;
  std::optional<float> evaluate(int64_t byte, int64_t channel) const;
  bool isByChannel() const;

  Value root, bytes;
  int64_t channels;
  /// Of the value that the walk has come to.
  Dims dims;
  SmallVector<Step> steps; ///< the last first
};

} // namespace

/// Its elements as attributes of signless types; nullopt where it does not
/// broadcast along all dimensions but that of channels.
std::optional<ByteFunction::Constant> ByteFunction::constantOf(Value v) const {
  ElementsAttr constant;
  auto type = dyn_cast<RankedTensorType>(v.getType());
  if (!type || !matchPattern(v, m_Constant(&constant)) ||
      !type.getElementType().isIntOrFloat())
    return std::nullopt;
  int64_t count = type.getNumElements(), place = dims[1] + type.getRank() - 4;
  if (count != 1 && (count != channels || type.getRank() > 4 || place < 0 ||
                     type.getDimSize(place) != channels))
    return std::nullopt;
  std::optional<SmallVector<char>> bytes = nn::constantBytes(constant);
  if (!bytes)
    return std::nullopt;
  Constant result;
  result.type = nn::makeSignless(type.getElementType());
  auto flat = DenseElementsAttr::getFromRawBuffer(
      RankedTensorType::get({count}, result.type), *bytes);
  llvm::append_range(result.values, flat.getValues<Attribute>());
  return result;
}

bool ByteFunction::addStep(Operation *op) {
  if (!isa<nn::ElementwiseOpInterface>(op))
    return false;
  Step step = {op, ~0u, {}};
  for (OpOperand &operand : op->getOpOperands()) {
    std::optional<Constant> constant = constantOf(operand.get());
    bool isData = !constant && step.operand == ~0u &&
                  nn::shapeOf(operand.get()) == nn::shapeOf(op->getResult(0));
    if (!constant && !isData)
      return false;
    if (isData)
      step.operand = operand.getOperandNumber();
    step.others.push_back(constant.value_or(Constant()));
  }
  if (step.operand == ~0u)
    return false;
  steps.push_back(std::move(step));
  return true;
}

/// From the root back to where the data are bytes.
bool ByteFunction::walk() {
  constexpr size_t most = 16;
  auto isByte = [](Type element) {
    return isa<IntegerType>(element) && element.getIntOrFloatBitWidth() == 8;
  };
  for (bytes = root; !isByte(nn::elementOf(bytes));) {
    Operation *op = bytes.getDefiningOp();
    if (!op || steps.size() > most)
      return false;
    if (auto transpose = dyn_cast<nn::TransposeOp>(op)) {
      for (int64_t &dim : dims)
        dim = transpose.getPermutation()[dim];
      bytes = transpose.getInput();
      continue;
    }
    if (!addStep(op))
      return false;
    bytes = op->getOperand(steps.back().operand);
  }
  return !steps.empty();
}

bool ByteFunction::isByChannel() const {
  return llvm::any_of(steps, [](const Step &step) {
    return llvm::any_of(step.others, [](const Constant &constant) {
      return constant.values.size() > 1;
    });
  });
}

/// By the ops' own scalar definitions.
std::optional<float> ByteFunction::evaluate(int64_t byte,
                                            int64_t channel) const {
  Block scratch;
  OpBuilder builder(root.getContext());
  builder.setInsertionPointToStart(&scratch);
  Location loc = root.getLoc();
  Value value = arith::ConstantOp::create(
      builder, loc,
      builder.getIntegerAttr(builder.getI8Type(), APInt(8, byte)));
  for (const Step &step : llvm::reverse(steps)) {
    SmallVector<Value> args;
    for (auto [i, other] : llvm::enumerate(step.others)) {
      if (i == step.operand) {
        args.push_back(value);
        continue;
      }
      Attribute attr = other.values[other.values.size() > 1 ? channel : 0];
      args.push_back(
          arith::ConstantOp::create(builder, loc, cast<TypedAttr>(attr)));
    }
    value = cast<nn::ElementwiseOpInterface>(step.op).emitScalar(builder, loc,
                                                                 args);
  }
  FloatAttr result;
  if (!matchPattern(value, m_Constant(&result)) || !result.getType().isF32())
    return std::nullopt;
  return result.getValue().convertToFloat();
}

std::optional<ByteTable> ByteFunction::match() {
  if (!walk())
    return std::nullopt;
  bool isFirst = dims == kChannelsFirst;
  if (!isFirst && dims != kChannelsLast)
    return std::nullopt;
  ByteTable table = {bytes, isFirst, isByChannel() ? channels : 1, {}};
  for (int64_t row = 0; row < table.rows; ++row)
    for (int64_t byte = 0; byte < kBytes; ++byte) {
      std::optional<float> entry = evaluate(byte, row);
      if (!entry)
        return std::nullopt;
      table.entries.push_back(*entry);
    }
  return table;
}

std::optional<ByteTable> mlc::matchByteTable(nn::ConvOp conv) {
  constexpr int64_t mostChannels = 4;
  Value input = conv.getInput();
  if (conv.getSpatialRank() != 2 || conv.getGroups() != 1 ||
      !nn::elementOf(input).isF32() ||
      !nn::elementOf(conv.getWeights()).isF32())
    return std::nullopt;
  int64_t channelDim = conv.getChannelDim();
  if (nn::shapeOf(input)[channelDim] > mostChannels)
    return std::nullopt;
  return ByteFunction(input, channelDim).match();
}
