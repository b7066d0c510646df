//===- PackWeights.cpp - Weights in the order that kernels read -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/PackWeights.h"

#include "Kernel/IR/Pack.h"

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

/// A constant of `shape` made of `size`-byte elements of `value`; `source`
/// gives the element to take for each, or -1 for zero, in row-major order.
static Value
packConstant(TensorBuilder &t, ElementsAttr value, ArrayRef<int64_t> shape,
             ArrayRef<char> bytes,
             llvm::function_ref<int64_t(ArrayRef<int64_t>)> source) {
  auto type = RankedTensorType::get(shape, value.getElementType());
  int64_t size = nn::bytesPerElement(type.getElementType());
  SmallVector<char> packed(type.getNumElements() * size, 0);
  SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t i = 0, e = type.getNumElements(); i < e; ++i) {
    if (int64_t from = source(index); from >= 0)
      std::memcpy(packed.data() + i * size, bytes.data() + from * size, size);
    for (int64_t d = shape.size() - 1; d >= 0 && ++index[d] == shape[d]; --d)
      index[d] = 0;
  }
  return t.constant(cast<TypedAttr>(nn::makeConstant(type, packed)));
}

Value mlc::packConvWeights(TensorBuilder &t, Value weights, int64_t groups,
                           int64_t block) {
  ArrayRef<int64_t> s = nn::shapeOf(weights);
  SmallVector<int64_t> packed(kernel::packedConvShape(s, groups, block));
  ElementsAttr value = constantBehind(weights);
  std::optional<SmallVector<char>> bytes;
  if (value && (bytes = nn::constantBytes(value)))
    return packConstant(
        t, value, packed, *bytes, [&](ArrayRef<int64_t> i) -> int64_t {
          int64_t o =
              kernel::packedFilter(packed, s[0], groups, i[0], i[1], i[5]);
          if (o < 0)
            return -1;
          return ((o * s[1] + i[4]) * s[2] + i[2]) * s[3] + i[3];
        });
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

Value mlc::packMatmulWeights(TensorBuilder &t, Value rhs, bool transposed,
                             int64_t block) {
  ArrayRef<int64_t> s = nn::shapeOf(rhs);
  int64_t k = transposed ? s[1] : s[0], n = transposed ? s[0] : s[1];
  SmallVector<int64_t> packed = {
      1, static_cast<int64_t>(llvm::divideCeil(n, block)), 1, 1, k, block};
  ElementsAttr value = constantBehind(rhs);
  std::optional<SmallVector<char>> bytes;
  if (value && (bytes = nn::constantBytes(value)))
    return packConstant(t, value, packed, *bytes,
                        [&](ArrayRef<int64_t> i) -> int64_t {
                          int64_t o = i[1] * block + i[5];
                          if (o >= n)
                            return -1;
                          return transposed ? o * k + i[4] : i[4] * n + o;
                        });
  Value rows = transposed ? rhs : t.transpose(rhs, {1, 0});
  return packConvWeights(t, t.reshape(rows, {n, k, 1, 1}), 1, block);
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
  ElementsAttr value = constantBehind(weights);
  if (!value || !value.getElementType().isF32())
    return weights;
  std::optional<SmallVector<char>> bytes = nn::constantBytes(value);
  if (!bytes)
    return weights;
  SmallVector<char> halves(bytes->size() / 2);
  float largest = 0, error = 0;
  for (size_t i = 0; i < bytes->size() / 4; ++i) {
    float from;
    std::memcpy(&from, bytes->data() + 4 * i, 4);
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
  ArrayRef<int64_t> s = nn::shapeOf(weights);
  ElementsAttr value = constantBehind(weights);
  std::optional<SmallVector<char>> bytes;
  if (value && (bytes = nn::constantBytes(value)))
    return packConstant(t, value, {s[2], s[3], s[0]}, *bytes,
                        [&](ArrayRef<int64_t> i) {
                          return (i[2] * s[2] + i[0]) * s[3] + i[1];
                        });
  return t.transpose(t.reshape(weights, {s[0], s[2], s[3]}), {1, 2, 0});
}
