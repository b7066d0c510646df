//===- WeightOnly.cpp - Products of floats by narrow weights --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/WeightOnly.h"

#include "NN/IR/ShapeInference.h"
#include "Quantize/Parameters.h"

#include "mlir/IR/Matchers.h"

#include <limits>
#include <numeric>

using namespace mlir;
using namespace mlc;

namespace {

constexpr StringLiteral kNarrow = "its weights alone are quantised",
                        kComputed = "its weights or their scales are computed",
                        kShape = "its weights are no matrix of bytes",
                        kType = "its weights are no f32",
                        kShortBlocks =
                            "its weights have scales of blocks that are no "
                            "multiple of 8 from 16 on";

/// Weights of a product as rows of output channels, whichever way they lie.
class ChannelRows {
public:
  ChannelRows(nn::DequantizeOp op, bool isTransposed)
      : op(op), loc(op.getLoc()), isTransposed(isTransposed) {
    ArrayRef<int64_t> shape = nn::shapeOf(op.getInput());
    n = shape[isTransposed ? 0 : 1];
    k = shape[isTransposed ? 1 : 0];
  }

  /// Why they stay no integers; empty where they do.
  StringRef read();
  /// The nn.blocked_dequantize. Requires that they were read.
  Value write(OpBuilder &builder) const;

private:
  /// Of a row: scales and zero points.
  int64_t blocks() const { return llvm::divideCeil(k, block); }
  int64_t zeroPointOf(int64_t i) const {
    return zeroPoints[i / k * blocks() + i % k / block];
  }
  bool readStored();
  int64_t commonBlock(const BlockedParameter &parameter) const;
  template <typename T>
  SmallVector<T> spread(const BlockedParameter &parameter) const;
  void chooseForm();
  Value constant(OpBuilder &builder, Type element, ArrayRef<char> bytes,
                 int64_t columns) const;

  nn::DequantizeOp op;
  Location loc;
  bool isTransposed;
  int64_t n, k, block = 0, bits = 0;
  SmallVector<int16_t> stored;     ///< [n, k]
  SmallVector<float> scales;       ///< [n, blocks]
  SmallVector<int16_t> zeroPoints; ///< the same
  int64_t shift = 0;               ///< taken off stored and zero points
  bool isCentred = false;          ///< stored is less its zero points
};

} // namespace

bool ChannelRows::readStored() {
  ElementsAttr value;
  std::optional<SmallVector<char>> bytes;
  if (!matchPattern(op.getInput(), m_Constant(&value)) ||
      !(bytes = nn::constantBytes(value)))
    return false;
  bool isUnsigned = nn::elementOf(op.getInput()).isUnsignedInteger();
  stored.resize(n * k);
  int64_t row = isTransposed ? k : 1, column = isTransposed ? 1 : n;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < k; ++j) {
      char byte = (*bytes)[i * row + j * column];
      stored[i * k + j] = isUnsigned ? int16_t(static_cast<uint8_t>(byte))
                                     : int16_t(static_cast<int8_t>(byte));
    }
  return true;
}

/// The most of K that all have one value; 0 for all of it.
int64_t ChannelRows::commonBlock(const BlockedParameter &parameter) const {
  int64_t size = 0, along = isTransposed ? 1 : 0;
  // Values are equal within blocks; where there are none, each may differ.
  int64_t step = parameter.stride(along) == 0 ? k : parameter.run(along);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = step; j < k; j += step) {
      auto at = [&](int64_t column) {
        return isTransposed ? parameter.at({i, column})
                            : parameter.at({column, i});
      };
      if (at(j) != at(j - step))
        size = std::gcd(size, j);
    }
  return size;
}

template <typename T>
SmallVector<T> ChannelRows::spread(const BlockedParameter &parameter) const {
  SmallVector<T> result;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < k; j += block)
      result.push_back(static_cast<T>(isTransposed ? parameter.at({i, j})
                                                   : parameter.at({j, i})));
  return result;
}

StringRef ChannelRows::read() {
  ArrayRef<int64_t> shape = nn::shapeOf(op.getInput());
  std::optional<BlockedParameter> scale =
      BlockedParameter::match(op.getScale(), shape);
  std::optional<BlockedParameter> zeroPoint =
      BlockedParameter::match(op.getZeroPoint(), shape);
  if (!scale || !zeroPoint || !readStored())
    return kComputed;
  block = std::gcd(commonBlock(*scale), commonBlock(*zeroPoint));
  if (block == 0)
    block = k;
  constexpr int64_t least = 16, rows = 8;
  if (block != k && (block < least || block % rows != 0))
    return kShortBlocks;
  scales = spread<float>(*scale);
  zeroPoints = spread<int16_t>(*zeroPoint);
  chooseForm();
  return {};
}

namespace {
struct Range {
  int64_t low = std::numeric_limits<int64_t>::max(), high = -low;
  void add(int64_t value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// Whether all are, less `shift`.
  bool isIn(int64_t least, int64_t most, int64_t shift = 0) const {
    return low - shift >= least && high - shift <= most;
  }
};
} // namespace

/// The fewest bits; without zero points where these still do.
void ChannelRows::chooseForm() {
  Range centred, all, points;
  for (int64_t i = 0; i < n * k; ++i) {
    int64_t point = zeroPointOf(i);
    centred.add(stored[i] - point);
    all.add(stored[i]);
    points.add(point);
  }
  bits = 4;
  isCentred = centred.isIn(-8, 7);
  if (isCentred)
    return;
  shift = all.low;
  if (all.isIn(0, 15, shift) && points.isIn(-128, 127, shift))
    return;
  bits = 8;
  isCentred = centred.isIn(-128, 127);
  shift = nn::elementOf(op.getInput()).isUnsignedInteger() ? 128 : 0;
}

Value ChannelRows::constant(OpBuilder &builder, Type element,
                            ArrayRef<char> bytes, int64_t columns) const {
  auto type = RankedTensorType::get({n, columns}, element);
  return nn::ConstantOp::create(builder, loc, type,
                                nn::makeConstant(type, bytes));
}

Value ChannelRows::write(OpBuilder &builder) const {
  SmallVector<char> weights, points;
  for (int64_t i = 0; i < n * k; ++i)
    weights.push_back(
        static_cast<char>(stored[i] - (isCentred ? zeroPointOf(i) : shift)));
  for (int16_t point : zeroPoints)
    points.push_back(static_cast<char>(point - shift));
  ArrayRef<char> numbers(reinterpret_cast<const char *>(scales.data()),
                         scales.size() * sizeof(float));
  Type i8 = builder.getI8Type();
  Value q = constant(builder, i8, weights, k);
  Value s = constant(builder, builder.getF32Type(), numbers, blocks());
  Value z;
  if (!isCentred)
    z = constant(builder, i8, points, blocks());
  return nn::BlockedDequantizeOp::create(builder, loc, q, s, z, bits, block);
}

/// The nn.dequantize that the right side is, perhaps transposed; null where it
/// is none of constants.
static nn::DequantizeOp dequantizedWeights(nn::MatmulOp op,
                                           bool &isTransposed) {
  Value rhs = op.getRhs();
  isTransposed = op.getTransposeRhs();
  while (auto transpose = rhs.getDefiningOp<nn::TransposeOp>()) {
    if (nn::shapeOf(rhs).size() != 2)
      return {};
    if (transpose.getPermutation()[0] == 1)
      isTransposed = !isTransposed;
    rhs = transpose.getInput();
  }
  return rhs.getDefiningOp<nn::DequantizeOp>();
}

/// Empty where the weights of `op` have become narrow.
static StringRef keepNarrow(nn::MatmulOp op, nn::DequantizeOp weights,
                            bool isTransposed) {
  Type stored = nn::elementOf(weights.getInput());
  if (nn::shapeOf(weights.getInput()).size() != 2 || !stored.isInteger(8) ||
      weights.getInput().getType().getNumElements() == 0)
    return kShape;
  if (!nn::elementOf(op.getLhs()).isF32() ||
      !nn::elementOf(op.getRhs()).isF32())
    return kType;
  ChannelRows rows(weights, isTransposed);
  if (StringRef reason = rows.read(); !reason.empty())
    return reason;
  OpBuilder builder(op);
  op.getRhsMutable().assign(rows.write(builder));
  op.setTransposeRhs(true);
  return {};
}

int64_t mlc::keepWeightsNarrow(func::FuncOp function, ProductReasons &reasons) {
  int64_t kept = 0;
  function.walk([&](nn::MatmulOp op) {
    bool isTransposed;
    nn::DequantizeOp weights = dequantizedWeights(op, isTransposed);
    if (!weights)
      return;
    StringRef reason = keepNarrow(op, weights, isTransposed);
    kept += reason.empty();
    reasons[op] = reason.empty() ? StringRef(kNarrow) : reason;
  });
  return kept;
}
