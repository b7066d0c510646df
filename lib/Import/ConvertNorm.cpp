//===- ConvertNorm.cpp - Normalisations of ONNX ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Means over the innermost dimensions, then elementwise arithmetic that fuses:
// the function bodies that ONNX has for some of these cast and reshape more.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/Norms.h"

using namespace mlir;
using namespace mlc;

namespace {

using Dims = llvm::SmallVector<int64_t>;

Values instanceNorm(Node &node) {
  Value x = node.input(0), scale = node.input(1), offset = node.input(2);
  if (!x || !scale || !offset)
    return {};
  int64_t rank = nn::shapeOf(x).size();
  if (rank < 3 || nn::shapeOf(scale) != ArrayRef{nn::shapeOf(x)[1]} ||
      nn::shapeOf(offset) != nn::shapeOf(scale)) {
    node.error() << "input is " << x.getType() << " and scale "
                 << scale.getType()
                 << ", rank 3 or more and a value a channel are required";
    return {};
  }
  Type element = nn::elementOf(x), stash = stashType(x);
  Value y = normalize(node, node.cast(x, stash), axesFrom(2, rank),
                      node.floatAttr("epsilon", 1e-5f))
                .y;
  y = node.create<nn::MulOp>(y,
                             node.cast(perChannel(node, scale, rank), stash));
  y = node.create<nn::AddOp>(y,
                             node.cast(perChannel(node, offset, rank), stash));
  return {y ? node.cast(y, element) : Value()};
}

/// Before opset 21 scale and bias are a group, since then a channel.
Values groupNorm(Node &node) {
  Value x = node.input(0), scale = node.input(1), offset = node.input(2);
  if (!x || !scale || !offset)
    return {};
  Dims shape(nn::shapeOf(x));
  int64_t groups = node.intAttr("num_groups", 0), rank = shape.size();
  if (rank < 2 || groups < 1 || shape[1] % groups != 0) {
    node.error() << shape[1] << " channels do not make " << groups << " groups";
    return {};
  }
  Type element = nn::elementOf(x), stash = stashType(x);
  int64_t rest = dimProduct(shape) / std::max<int64_t>(1, shape[0] * groups);
  Value grouped = node.reshape(node.cast(x, stash), {shape[0], groups, rest});
  Value y = normalize(node, grouped, {2}, node.floatAttr("epsilon", 1e-5f)).y;
  bool isPerGroup = node.opset() < 21;
  if (!isPerGroup)
    y = node.reshape(y, shape);
  int64_t affineRank = isPerGroup ? 3 : rank;
  y = node.create<nn::MulOp>(
      y, node.cast(perChannel(node, scale, affineRank), stash));
  y = node.create<nn::AddOp>(
      y, node.cast(perChannel(node, offset, affineRank), stash));
  if (!y)
    return {};
  return {node.reshape(node.cast(y, element), shape)};
}

Values layerNorm(Node &node) {
  Value x = node.input(0), scale = node.input(1);
  if (!x || !scale)
    return {};
  int64_t rank = nn::shapeOf(x).size();
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", -1), rank);
  if (failed(axis))
    return {};
  Type element = nn::elementOf(x), stash = stashType(x);
  Normalized n = normalize(node, node.cast(x, stash), axesFrom(*axis, rank),
                           node.floatAttr("epsilon", 1e-5f));
  Value y = n.y ? node.cast(n.y, element) : Value();
  y = node.create<nn::MulOp>(y, scale);
  if (node.hasInput(2))
    y = node.create<nn::AddOp>(y, node.inputs()[2]);
  // The statistics are f32 whatever x is.
  Type f32 = node.builder.getF32Type();
  return {y, node.cast(n.mean, f32), node.cast(n.inverse, f32)};
}

Values rmsNorm(Node &node) {
  Value x = node.input(0), scale = node.input(1);
  if (!x || !scale)
    return {};
  int64_t rank = nn::shapeOf(x).size();
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", -1), rank);
  if (failed(axis))
    return {};
  Normalized n =
      normalizeSquares(node, node.cast(x, stashType(x)), axesFrom(*axis, rank),
                       node.floatAttr("epsilon", 1e-5f));
  if (!n.y)
    return {};
  Value y = node.create<nn::MulOp>(node.cast(n.y, nn::elementOf(scale)), scale);
  return {y, n.inverse};
}

Values lpNorm(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", -1), nn::shapeOf(x).size());
  int64_t p = node.intAttr("p", 2);
  if (failed(axis))
    return {};
  if (p != 1 && p != 2) {
    node.error() << "p is " << p << ", 1 or 2 is required";
    return {};
  }
  Value norm = reduce(node, x, p == 1 ? nn::ReduceKind::l1 : nn::ReduceKind::l2,
                      {*axis}, true);
  // A row of zeros stays one.
  Value isZero = withScalar<nn::EqualOp>(node, norm, 0);
  if (!norm || !isZero)
    return {};
  Value safe = node.create<nn::SelectOp>(
      isZero, node.scalar(nn::elementOf(norm), 1), norm);
  return {node.create<nn::DivOp>(x, safe)};
}

/// The same as a pool: [N, C, ...] as images of one channel.
Value sumOfWindow(Node &node, Value x, int64_t width) {
  if (!x)
    return {};
  Dims shape(nn::shapeOf(x)), result(shape);
  int64_t rest = dimProduct(ArrayRef(shape).drop_front(2));
  Builder &b = node.builder;
  Value mean = node.create<nn::PoolOp>(
      node.reshape(x, {shape[0], 1, shape[1], rest}),
      nn::PoolKindAttr::get(b.getContext(), nn::PoolKind::average),
      b.getDenseI64ArrayAttr({width, 1}), b.getDenseI64ArrayAttr({1, 1}),
      b.getDenseI64ArrayAttr({0, 0, 0, 0}), b.getDenseI64ArrayAttr({1, 1}),
      UnitAttr(), UnitAttr(),
      nn::LayoutAttr::get(b.getContext(), nn::Layout::channels_first));
  result[1] -= width - 1;
  Value sum = withScalar<nn::MulOp>(node, mean, static_cast<double>(width));
  return sum ? node.reshape(sum, result) : Value();
}

/// Sums over windows of `size` channels; what is beyond the ends is 0.
Value sumOfNeighbours(Node &node, Value x, int64_t size) {
  if (!x)
    return {};
  Dims shape(nn::shapeOf(x));
  int64_t rank = shape.size(), channels = std::max<int64_t>(1, shape[1]);
  // No window reaches further than from one end to the other.
  int64_t before = std::min((size - 1) / 2, channels - 1),
          behind = std::min(size - 1 - (size - 1) / 2, channels - 1);
  int64_t width = before + behind + 1;
  Dims pads(2 * rank, 0);
  pads[1] = before;
  pads[rank + 1] = behind;
  Value padded = padWithZeros(node, x, pads), sum;
  // Few windows are wider, and they need not become a node an element.
  constexpr int64_t kMaxSpelt = 32;
  if (width > kMaxSpelt)
    return sumOfWindow(node, padded, width);
  for (int64_t i = 0; i < width && padded; ++i) {
    Value part = node.slice(padded, 1, i, shape[1]);
    sum = sum ? node.create<nn::AddOp>(sum, part) : part;
  }
  return sum;
}

/// x / (bias + alpha / size * sum of squares over `size` channels) ^ beta.
Values lrn(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  Dims shape(nn::shapeOf(x));
  int64_t rank = shape.size(), size = node.intAttr("size", 0);
  if (rank < 2 || size < 1 || size > (int64_t(1) << 31)) {
    node.error() << "rank " << rank << " and size " << size
                 << ", at least 2 and 1 are required";
    return {};
  }
  double alpha = node.floatAttr("alpha", 1e-4f),
         beta = node.floatAttr("beta", 0.75), bias = node.floatAttr("bias", 1);
  Value square = node.create<nn::MulOp>(x, x);
  Value sum = sumOfNeighbours(node, square, size);
  Value base = withScalar<nn::AddOp>(
      node, withScalar<nn::MulOp>(node, sum, alpha / size), bias);
  if (beta == 0.75) {
    // The usual exponent: two square roots instead of a power.
    Value root = node.create<nn::SqrtOp>(base);
    Value power = node.create<nn::MulOp>(root, node.create<nn::SqrtOp>(root));
    return {node.create<nn::DivOp>(x, power)};
  }
  return {node.create<nn::DivOp>(x, withScalar<nn::PowOp>(node, base, beta))};
}

Values meanVarianceNorm(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  FailureOr<Dims> axes = node.normalizeAxes(node.intsAttr("axes", {0, 2, 3}),
                                            nn::shapeOf(x).size());
  if (failed(axes))
    return {};
  Value mean = reduce(node, x, nn::ReduceKind::mean, *axes, true);
  Value centred = node.create<nn::SubOp>(x, mean);
  Value square = node.create<nn::MulOp>(centred, centred);
  Value deviation = node.create<nn::SqrtOp>(
      reduce(node, square, nn::ReduceKind::mean, *axes, true));
  return {node.create<nn::DivOp>(centred,
                                 withScalar<nn::AddOp>(node, deviation, 1e-9))};
}

} // namespace

Normalized mlc::normalize(Node &node, Value x, ArrayRef<int64_t> axes,
                          double epsilon) {
  Value mean = reduce(node, x, nn::ReduceKind::mean, axes, true);
  Value centred = node.create<nn::SubOp>(x, mean);
  Value square = node.create<nn::MulOp>(centred, centred);
  Value variance = reduce(node, square, nn::ReduceKind::mean, axes, true);
  Value root =
      node.create<nn::SqrtOp>(withScalar<nn::AddOp>(node, variance, epsilon));
  Value inverse = node.create<nn::ReciprocalOp>(root);
  return {node.create<nn::MulOp>(centred, inverse), mean, inverse};
}

Normalized mlc::normalizeSquares(Node &node, Value x, ArrayRef<int64_t> axes,
                                 double epsilon) {
  Value square = node.create<nn::MulOp>(x, x);
  Value mean = reduce(node, square, nn::ReduceKind::mean, axes, true);
  Value root =
      node.create<nn::SqrtOp>(withScalar<nn::AddOp>(node, mean, epsilon));
  Value inverse = node.create<nn::ReciprocalOp>(root);
  return {node.create<nn::MulOp>(x, inverse), Value(), inverse};
}

/// Arithmetic of narrow floats is done in f32, as ONNX's stash_type says.
Type mlc::stashType(Value v) {
  Type element = nn::elementOf(v);
  return element.isF16() || element.isBF16()
             ? Type(Float32Type::get(v.getContext()))
             : element;
}

Value mlc::perChannel(Node &node, Value v, int64_t rank) {
  if (!v)
    return {};
  Dims shape(rank - 1, 1);
  shape[0] = dimProduct(nn::shapeOf(v));
  return node.reshape(v, shape);
}

llvm::ArrayRef<Converter> mlc::normConverters() {
  static const Converter table[] = {
      {"GroupNormalization", groupNorm},
      {"InstanceNormalization", instanceNorm},
      {"LRN", lrn},
      {"LayerNormalization", layerNorm},
      {"LayerNormalization", layerNorm, kMicrosoft},
      {"LpNormalization", lpNorm},
      {"MeanVarianceNormalization", meanVarianceNorm},
      {"RMSNormalization", rmsNorm},
      {"SimplifiedLayerNormalization", rmsNorm},
      {"SimplifiedLayerNormalization", rmsNorm, kMicrosoft},
  };
  return table;
}
