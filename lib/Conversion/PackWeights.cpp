//===- PackWeights.cpp - Weights in the order that kernels read -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/PackWeights.h"

#include "Kernel/IR/Kernel.h"

#include "mlir/IR/Matchers.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlc;

/// The constant that `v` is, or of which it is another view: its elements, in
/// row-major order, but not its shape. Null where it is none.
static ElementsAttr constantBehind(Value v) {
  while (Operation *op = v.getDefiningOp()) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
      break;
    v = op->getOperand(0);
  }
  ElementsAttr value;
  matchPattern(v, m_Constant(&value));
  return value;
}

/// Whether its bytes can be read: equal elements may be too many for that.
static bool hasBytes(ElementsAttr value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return resource.getRawHandle().getBlob();
  return nn::constantBytes(value).has_value();
}

static ElementsAttr reshaped(ElementsAttr value, ArrayRef<int64_t> shape) {
  ShapedType type = value.getShapedType().clone(shape);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return cast<DenseElementsAttr>(value).reshape(type);
}

/// The constant behind `weights` in that layout; null where it is none.
static Value packConstant(TensorBuilder &t, Value weights,
                          const kernel::WeightLayout &layout) {
  ElementsAttr value = constantBehind(weights);
  if (!value || !hasBytes(value))
    return {};
  auto attribute = kernel::LayoutAttr::get(t.b.getContext(), layout);
  return t.constant(cast<TypedAttr>(kernel::PackedAttr::get(
      reshaped(value, nn::shapeOf(weights)), attribute)));
}

Value mlc::packConvWeights(TensorBuilder &t, Value weights, int64_t groups,
                           int64_t block) {
  using namespace kernel;
  ArrayRef<int64_t> s = nn::shapeOf(weights);
  WeightLayout wanted = {WeightsKind::conv, PackStep::single, groups, block};
  if (Value constant = packConstant(t, weights, wanted))
    return constant;
  auto layout = PackedWeights::get(wanted, s);
  ArrayRef<int64_t> packed = layout.shape();
  // Rows of blocks: groups, or blocks that several groups share.
  int64_t rows = packed[0], inRow = packed[1] * packed[5];
  int64_t filters = rows == groups ? s[0] / groups : std::min(s[0], inRow);
  Value zero = t.zero(nn::elementOf(weights));
  if (rows * filters != s[0])
    weights =
        t.insert(weights, t.filled({rows * filters, s[1], s[2], s[3]}, zero),
                 {0, 0, 0, 0});
  SmallVector<int64_t> whole = {rows, inRow, s[1], s[2], s[3]};
  Value grouped = t.reshape(weights, {rows, filters, s[1], s[2], s[3]});
  if (inRow != filters)
    grouped = t.insert(grouped, t.filled(whole, zero), {0, 0, 0, 0, 0});
  Value blocks =
      t.reshape(grouped, {rows, packed[1], packed[5], s[1], s[2], s[3]});
  return t.transpose(blocks, {0, 1, 4, 5, 3, 2});
}

bool mlc::packsQuads(Value weights, Type element, Type input) {
  return input.isInteger(8) && element.isInteger(8) &&
         !element.isUnsignedInteger() && constantBehind(weights);
}

bool mlc::packsNibbles(Value weights, int64_t channels, int64_t depth,
                       Type input, int64_t zeroPoint) {
  using kernel::PackedWeights;
  int64_t least = input.isUnsignedInteger() ? 0 : -128, most = least + 255;
  constexpr double largest = 8;
  double sum = largest * depth * std::max(most - zeroPoint, zeroPoint - least);
  ElementsAttr value = constantBehind(weights);
  if (!value || channels <= PackedWeights::quad ||
      sum >= PackedWeights::nibbleLimit)
    return false;
  std::optional<SmallVector<char>> bytes = nn::constantBytes(value);
  return bytes && PackedWeights::areNibbles(*bytes);
}

bool mlc::packsHalves(Value weights, Type element, Type input) {
  return input.isBF16() && element.isBF16() && constantBehind(weights);
}

std::optional<int64_t> mlc::largestSumOfWeights(Value weights) {
  ElementsAttr value = constantBehind(weights);
  std::optional<SmallVector<char>> bytes;
  if (!value || !(bytes = nn::constantBytes(value)))
    return std::nullopt;
  int64_t filters = nn::shapeOf(weights)[0], largest = 0;
  size_t size = filters ? bytes->size() / filters : 0;
  for (int64_t o = 0; o < filters; ++o) {
    int64_t sum = 0;
    for (char byte : ArrayRef(*bytes).slice(o * size, size))
      sum += std::abs(static_cast<signed char>(byte));
    largest = std::max(largest, sum);
  }
  return largest;
}

/// Of bf16 halves, of bytes as `bytes` says.
static kernel::PackStep stepOf(Value weights, kernel::PackStep bytes) {
  return nn::elementOf(weights).isInteger(8) ? bytes : kernel::PackStep::halves;
}

static kernel::WeightsKind matmulKind(bool transposed) {
  return transposed ? kernel::WeightsKind::matmul_transposed
                    : kernel::WeightsKind::matmul;
}

Value mlc::packConvSteps(TensorBuilder &t, Value weights, int64_t groups,
                         int64_t block, kernel::PackStep bytes) {
  return packConstant(
      t, weights,
      {kernel::WeightsKind::conv, stepOf(weights, bytes), groups, block});
}

Value mlc::packMatmulSteps(TensorBuilder &t, Value rhs, bool transposed,
                           int64_t block, kernel::PackStep bytes) {
  return packConstant(
      t, rhs,
      {matmulKind(transposed), stepOf(rhs, bytes), /*groups=*/1, block});
}

std::pair<Value, int64_t> mlc::packConvPairs(TensorBuilder &t, Value weights,
                                             int64_t groups, int64_t block) {
  ElementsAttr value = constantBehind(weights);
  std::optional<SmallVector<char>> bytes;
  if (!value || !(bytes = nn::constantBytes(value)))
    return {};
  std::optional<kernel::PairedWeights> packed =
      kernel::PairedWeights::get(*bytes, nn::shapeOf(weights), groups, block);
  if (!packed)
    return {};
  auto type = RankedTensorType::get(packed->shape, value.getElementType());
  Value constant =
      t.constant(cast<TypedAttr>(nn::makeConstant(type, packed->bytes)));
  return {constant, packed->rows.extras};
}

Value mlc::packMatmulWeights(TensorBuilder &t, Value rhs, bool transposed,
                             int64_t block) {
  if (Value constant =
          packConstant(t, rhs,
                       {matmulKind(transposed), kernel::PackStep::single,
                        /*groups=*/1, block}))
    return constant;
  Value rows = transposed ? rhs : t.transpose(rhs, {1, 0});
  ArrayRef<int64_t> s = nn::shapeOf(rows);
  return packConvWeights(t, t.reshape(rows, {s[0], s[1], 1, 1}), 1, block);
}

std::optional<SmallVector<float>> mlc::constantFloats(Value weights) {
  ElementsAttr value = constantBehind(weights);
  if (!value || !value.getElementType().isF32())
    return std::nullopt;
  std::optional<SmallVector<char>> bytes = nn::constantBytes(value);
  if (!bytes)
    return std::nullopt;
  SmallVector<float> floats(bytes->size() / sizeof(float));
  std::memcpy(floats.data(), bytes->data(), bytes->size());
  return floats;
}

/// Nearest, ties to even.
static llvm::APFloat toHalf(float value) {
  llvm::APFloat half(value);
  bool losesInfo;
  half.convert(llvm::APFloat::IEEEhalf(), llvm::APFloat::rmNearestTiesToEven,
               &losesInfo);
  return half;
}

Value mlc::halveWeights(TensorBuilder &t, Operation *op, Value weights) {
  std::optional<SmallVector<float>> floats = constantFloats(weights);
  if (!floats)
    return weights;
  SmallVector<char> halves(2 * floats->size());
  float largest = 0, error = 0;
  for (auto [i, from] : llvm::enumerate(*floats)) {
    llvm::APFloat half = toHalf(from);
    uint16_t bits = half.bitcastToAPInt().getZExtValue();
    std::memcpy(halves.data() + 2 * i, &bits, 2);
    if (!half.isFinite()) {
      op->emitWarning() << "weight " << from
                        << " found, f16 holds none of that size; all weights "
                           "of the node stay f32";
      return weights;
    }
    largest = std::max(largest, std::fabs(from));
    error = std::max(error, std::fabs(from - half.convertToFloat()));
  }
  op->emitWarning() << "weights kept as f16, largest error "
                    << llvm::formatv("{0:e2}", error).str()
                    << ", largest weight "
                    << llvm::formatv("{0:e2}", largest).str();
  auto type = RankedTensorType::get(nn::shapeOf(weights), t.b.getF16Type());
  return t.constant(cast<TypedAttr>(nn::makeConstant(type, halves)));
}

Value mlc::packDepthwiseWeights(TensorBuilder &t, Value weights) {
  if (Value constant =
          packConstant(t, weights, {kernel::WeightsKind::depthwise}))
    return constant;
  ArrayRef<int64_t> s = nn::shapeOf(weights);
  return t.transpose(t.reshape(weights, {s[0], s[2], s[3]}), {1, 2, 0});
}

Value mlc::packDepthwiseQuads(TensorBuilder &t, Value weights) {
  return packConstant(
      t, weights, {kernel::WeightsKind::depthwise, kernel::PackStep::quads});
}
