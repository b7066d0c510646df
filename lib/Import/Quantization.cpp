//===- Quantization.cpp - What converters of quantised operators share ----===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Quantization.h"
#include "Import/Compose.h"
#include "Import/Products.h"
#include "NN/IR/ConstantFold.h"

#include "mlir/IR/Matchers.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlc;

//===----------------------------------------------------------------------===//
// Scales and zero points
//===----------------------------------------------------------------------===//

/// A parameter with one value a block of the input's axis, one per element.
static Value spreadBlocks(Node &node, Value parameter, ArrayRef<int64_t> input,
                          int64_t axis, int64_t block) {
  llvm::SmallVector<int64_t> shape(nn::shapeOf(parameter));
  if (shape.size() != input.size() || block < 1 || block > (int64_t(1) << 31) ||
      shape[axis] != (input[axis] + block - 1) / block) {
    node.error() << "parameter is " << parameter.getType() << ", one value for "
                 << "each " << block << " elements of axis " << axis
                 << " is required";
    return {};
  }
  llvm::SmallVector<int64_t> split(shape), repeated(shape), joined(shape);
  split.insert(split.begin() + axis + 1, 1);
  repeated.insert(repeated.begin() + axis + 1, block);
  joined[axis] = shape[axis] * block;
  Value v = node.reshape(parameter, split);
  if (!v)
    return {};
  v = node.createTyped<nn::BroadcastOp>(
      RankedTensorType::get(repeated, nn::elementOf(v)), v);
  v = node.reshape(v, joined);
  return joined[axis] == input[axis] ? v : node.slice(v, axis, 0, input[axis]);
}

Value mlc::broadcastable(Node &node, Value parameter, ArrayRef<int64_t> input,
                         int64_t axis, int64_t block) {
  if (!parameter || node.failed())
    return {};
  ArrayRef<int64_t> shape = nn::shapeOf(parameter);
  if (shape.empty())
    return parameter;
  if (llvm::all_of(shape, [](int64_t d) { return d == 1; }) && block == 0)
    return node.reshape(parameter, {});
  FailureOr<int64_t> normal = node.normalizeAxis(axis, input.size());
  if (failed(normal))
    return {};
  if (block > 0)
    return spreadBlocks(node, parameter, input, *normal, block);
  if (shape.size() != 1 || shape[0] != input[*normal]) {
    node.error() << "parameter is " << parameter.getType() << ", ["
                 << input[*normal] << "] or rank 0 is required";
    return {};
  }
  llvm::SmallVector<int64_t> spread(input.size() - *normal, 1);
  spread[0] = shape[0];
  return node.reshape(parameter, spread);
}

/// Reports a constant scale that no number can be divided, or stored integer be
/// multiplied, by. What integers are multiplied by may be 0, or next to it:
/// exporters leave that in channels without weights; and negative, which gives
/// the one integer more below zero to the largest of a block.
static bool isUsable(Node &node, Value scale, bool divides) {
  Attribute constant;
  if (!scale || !matchPattern(scale, m_Constant(&constant)))
    return true;
  std::optional<SmallVector<double>> values = nn::constantDoubles(constant);
  if (!values)
    return true;
  for (double value : *values)
    if (!std::isfinite(value) ||
        (divides && !(value >= std::numeric_limits<float>::min()))) {
      node.error() << "scale is " << std::to_string(value)
                   << (divides ? ", a finite number above 0 is required"
                               : ", a finite number is required");
      return false;
    }
  return true;
}

Value mlc::quantize(Node &node, Value x, Value scale, Value zeroPoint) {
  if (!isUsable(node, scale, /*divides=*/true))
    return {};
  return node.create<nn::QuantizeOp>(x, scale, zeroPoint);
}

Value mlc::dequantize(Node &node, Value x, Value scale, Value zeroPoint) {
  if (!isUsable(node, scale, /*divides=*/false))
    return {};
  return node.create<nn::DequantizeOp>(x, scale, zeroPoint);
}

Value mlc::dequantizeInput(Node &node, size_t i, int64_t axis) {
  Value x = node.input(i), scale = node.input(i + 1);
  if (!x || !scale)
    return {};
  Value zeroPoint = node.hasInput(i + 2) ? node.inputs()[i + 2]
                                         : node.scalar(nn::elementOf(x), 0);
  ArrayRef<int64_t> shape = nn::shapeOf(x);
  return dequantize(node, x, broadcastable(node, scale, shape, axis, 0),
                    broadcastable(node, zeroPoint, shape, axis, 0));
}

Value mlc::quantizeResult(Node &node, Value v, size_t i, Type like) {
  Value scale = node.input(i);
  if (!v || !scale)
    return {};
  Value zeroPoint =
      node.hasInput(i + 1) ? node.inputs()[i + 1] : node.scalar(like, 0);
  ArrayRef<int64_t> shape = nn::shapeOf(v);
  return quantize(node, v, broadcastable(node, scale, shape, 0, 0),
                  broadcastable(node, zeroPoint, shape, 0, 0));
}

Value mlc::dequantizeBias(Node &node, Value bias, Value scaleA, Value scaleB) {
  if (!scaleA || !scaleB)
    return {};
  Value scale = node.create<nn::MulOp>(scaleA, scaleB);
  if (!scale)
    return {};
  if (nn::shapeOf(scale).size() > 1)
    scale = node.reshape(
        scale, {cast<RankedTensorType>(scale.getType()).getNumElements()});
  return dequantize(node, bias, scale,
                    node.scalar(node.builder.getI32Type(), 0));
}

Type mlc::elementOfInput(Node &node, size_t i) {
  Value v = node.input(i);
  return v ? nn::elementOf(v) : Type();
}

//===----------------------------------------------------------------------===//
// Products of integers
//===----------------------------------------------------------------------===//

/// A constant of 16 bits as i8 where all elements fit.
static Value narrowed(Node &node, Value v) {
  std::optional<llvm::SmallVector<int64_t>> values =
      nn::constantIntegers(node.constantOf(v));
  if (!values ||
      llvm::any_of(*values, [](int64_t x) { return x != int8_t(x); }))
    return v;
  llvm::SmallVector<char> bytes(values->begin(), values->end());
  auto type = RankedTensorType::get(nn::shapeOf(v), node.builder.getI8Type());
  return node.constant(nn::makeConstant(type, bytes));
}

Value mlc::centred(Node &node, Value v, Value zeroPoint, int64_t axis) {
  if (!v || !zeroPoint)
    return {};
  Type i16 = node.builder.getIntegerType(16);
  ArrayRef<int64_t> shape = nn::shapeOf(v);
  if (shape.size() == 1)
    axis = 0;
  Value spread = broadcastable(node, zeroPoint, shape, axis, 0);
  if (!spread)
    return {};
  Value difference =
      node.create<nn::SubOp>(node.cast(v, i16), node.cast(spread, i16));
  return difference ? narrowed(node, difference) : Value();
}

Quantized mlc::quantizeDynamically(Node &node, Value x) {
  return quantizeDynamically(node, x, x);
}

Quantized mlc::quantizeDynamically(Node &node, Value x, Value limits) {
  if (!x || !limits)
    return {};
  auto all = llvm::to_vector(llvm::seq<int64_t>(0, nn::shapeOf(limits).size()));
  // 0 is always among the numbers that can be stored.
  Value low = withScalar<nn::MinOp>(
      node, reduce(node, limits, nn::ReduceKind::min, all, false), 0);
  Value high = withScalar<nn::MaxOp>(
      node, reduce(node, limits, nn::ReduceKind::max, all, false), 0);
  Value range =
      withScalar<nn::DivOp>(node, node.create<nn::SubOp>(high, low), 255);
  Value isFlat = node.create<nn::EqualOp>(high, low);
  if (!range || !isFlat)
    return {};
  Type element = nn::elementOf(range);
  Value scale =
      node.create<nn::SelectOp>(isFlat, node.scalar(element, 1), range);
  Value offset = node.create<nn::SubOp>(node.scalar(element, 0),
                                        node.create<nn::DivOp>(low, scale));
  offset = node.create<nn::ClampOp>(offset, node.scalar(element, 0),
                                    node.scalar(element, 255));
  offset = node.create<nn::RoundOp>(offset);
  if (!offset)
    return {};
  Value zeroPoint =
      node.cast(offset, node.builder.getIntegerType(8, /*isSigned=*/false));
  return {quantize(node, x, scale, zeroPoint), scale, zeroPoint};
}

/// The sum of each column of the matrices `v`, i32 [..., 1, N]; null where they
/// are not constant.
static Value columnSums(Node &node, Value v) {
  std::optional<SmallVector<int64_t>> values =
      nn::constantIntegers(v ? node.constantOf(v) : ElementsAttr());
  if (!values || nn::shapeOf(v).size() < 2)
    return {};
  SmallVector<int64_t> shape(nn::shapeOf(v));
  int64_t columns = shape.back(), rows = shape[shape.size() - 2];
  shape[shape.size() - 2] = 1;
  SmallVector<int32_t> sums(dimProduct(shape), 0);
  for (auto [i, value] : llvm::enumerate(*values))
    sums[i / (rows * columns) * columns + i % columns] += value;
  auto type = RankedTensorType::get(shape, node.builder.getI32Type());
  ArrayRef<char> bytes(reinterpret_cast<const char *>(sums.data()),
                       sums.size() * sizeof(int32_t));
  return node.constant(nn::makeConstant(type, bytes));
}

/// The one number that a zero point is known to be.
static std::optional<int64_t> knownZeroPoint(Node &node, Value zeroPoint) {
  if (!zeroPoint)
    return 0;
  std::optional<SmallVector<int64_t>> values =
      nn::constantIntegers(node.constantOf(zeroPoint));
  if (!values || values->empty() || !llvm::all_equal(*values))
    return std::nullopt;
  return values->front();
}

Value mlc::integerProduct(Node &node, const Quantized &a, const Quantized &b) {
  Value lhs = a.stored, rhs = b.stored;
  if (node.failed() || !lhs || !rhs)
    return {};
  IntegerAttr left, right;
  auto attrOf = [&](int64_t zeroPoint) {
    return zeroPoint ? node.builder.getI32IntegerAttr(zeroPoint)
                     : IntegerAttr();
  };
  std::optional<int64_t> zeroPoint = knownZeroPoint(node, b.zeroPoint);
  // A constant operand is centred now, any other by the product.
  if (zeroPoint && !node.constantOf(rhs))
    right = attrOf(*zeroPoint);
  else if (!zeroPoint || *zeroPoint != 0)
    rhs = centred(node, rhs, b.zeroPoint, -1);
  zeroPoint = knownZeroPoint(node, a.zeroPoint);
  bool isOne = !zeroPoint && nn::shapeOf(lhs).size() > 1 &&
               dimProduct(nn::shapeOf(a.zeroPoint)) == 1;
  if (Value sums = isOne ? columnSums(node, rhs) : Value()) {
    // (a - z) * b = a * b - z * (sums of b's columns): bytes stay bytes.
    Value product = importMatmul(node, lhs, rhs, {}, {});
    Value z =
        node.cast(node.reshape(a.zeroPoint, {}), node.builder.getI32Type());
    return node.create<nn::SubOp>(product, node.create<nn::MulOp>(sums, z));
  }
  if (zeroPoint && !node.constantOf(lhs))
    left = attrOf(*zeroPoint);
  else if (!zeroPoint || *zeroPoint != 0)
    lhs = centred(node, lhs, a.zeroPoint, -2);
  return importMatmul(node, lhs, rhs, left, right);
}

Value mlc::scaledProduct(Node &node, const Quantized &a, const Quantized &b,
                         Value bias) {
  Value product = integerProduct(node, a, b);
  if (!product || !a.scale || !b.scale)
    return {};
  ArrayRef<int64_t> lhs = nn::shapeOf(a.stored), rhs = nn::shapeOf(b.stored);
  Value scale =
      node.create<nn::MulOp>(broadcastable(node, a.scale, lhs, -2, 0),
                             broadcastable(node, b.scale, rhs, -1, 0));
  if (!scale)
    return {};
  Value v =
      node.create<nn::MulOp>(node.cast(product, nn::elementOf(scale)), scale);
  return bias ? node.create<nn::AddOp>(v, bias) : v;
}
