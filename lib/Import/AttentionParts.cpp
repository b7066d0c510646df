//===- AttentionParts.cpp - What attention operators are made of ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/AttentionParts.h"
#include "Import/Compose.h"
#include "Import/Norms.h"
#include "Import/Products.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

//===----------------------------------------------------------------------===//
// Heads
//===----------------------------------------------------------------------===//

Value mlc::splitHeads(Node &node, Value v, int64_t heads) {
  if (!v || node.failed())
    return {};
  ArrayRef<int64_t> shape = nn::shapeOf(v);
  if (shape.size() != 3 || heads < 1 || shape[2] % heads != 0) {
    node.error() << "operand is " << v.getType()
                 << ", rank 3 and a multiple of " << heads
                 << " heads last is required";
    return {};
  }
  int64_t batch = shape[0], length = shape[1], size = shape[2] / heads;
  return node.transpose(node.reshape(v, {batch, length, heads, size}),
                        {0, 2, 1, 3});
}

Value mlc::joinHeads(Node &node, Value v) {
  Value moved = node.transpose(v, {0, 2, 1, 3});
  if (!moved)
    return {};
  ArrayRef<int64_t> shape = nn::shapeOf(moved);
  return node.reshape(moved, {shape[0], shape[1], shape[2] * shape[3]});
}

Value mlc::repeatHeads(Node &node, Value v, int64_t group) {
  if (!v || group == 1)
    return v;
  SmallVector<int64_t> shape(nn::shapeOf(v));
  Value apart = node.reshape(v, {shape[0], shape[1], 1, shape[2], shape[3]});
  Value repeated =
      broadcast(node, apart, {shape[0], shape[1], group, shape[2], shape[3]});
  return node.reshape(repeated,
                      {shape[0], shape[1] * group, shape[2], shape[3]});
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

/// 0 where `isSeen`, else `filter`.
static Value additive(Node &node, Value isSeen, double filter, Type element) {
  if (!isSeen)
    return {};
  return node.create<nn::SelectOp>(isSeen, node.scalar(element, 0),
                                   node.scalar(element, filter));
}

/// [B] ends and, behind them, [B] starts where there are 2B, as [B, 1, 1, T].
static Value seenByLength(Node &node, Value mask, AttentionSizes sizes) {
  Type element = nn::elementOf(mask);
  Value key = iota(node, sizes.total, element, 3, 4);
  auto part = [&](int64_t i) {
    return node.reshape(node.slice(mask, 0, i * sizes.batch, sizes.batch),
                        {sizes.batch, 1, 1, 1});
  };
  Value isSeen = node.create<nn::LessOp>(key, part(0));
  if (nn::shapeOf(mask)[0] != 2 * sizes.batch)
    return isSeen;
  return node.create<nn::AndOp>(
      isSeen, node.create<nn::GreaterOrEqualOp>(key, part(1)));
}

/// Keys of the past that a mask leaves out are seen.
static Value withPast(Node &node, Value mask, AttentionSizes sizes) {
  int64_t last = nn::shapeOf(mask).size() - 1,
          missing = sizes.total - nn::shapeOf(mask)[last];
  if (missing == 0)
    return mask;
  SmallVector<int64_t> shape(nn::shapeOf(mask));
  shape[last] = missing;
  Value ones = broadcast(node, node.scalar(nn::elementOf(mask), 1), shape);
  return concat(node, {ones, mask}, last);
}

Value mlc::paddingMask(Node &node, Value mask, AttentionSizes sizes,
                       double filter, Type element) {
  if (!mask || node.failed())
    return {};
  SmallVector<int64_t> shape(nn::shapeOf(mask));
  int64_t b = sizes.batch, s = sizes.queries, p = sizes.past, t = sizes.total;
  auto refuse = [&] {
    node.error() << "mask is " << mask.getType() << ", which is no mask of "
                 << b << " sequences of " << s << " queries and " << t
                 << " keys";
    return Value();
  };
  auto isOneOf = [](int64_t size, std::initializer_list<int64_t> sizes) {
    return llvm::is_contained(sizes, size);
  };
  if (shape.size() == 1)
    return isOneOf(shape[0], {b, 2 * b, 3 * b + 2})
               ? additive(node, seenByLength(node, mask, sizes), filter,
                          element)
               : refuse();
  if (shape.size() < 2 || shape.size() > 4 || !isOneOf(shape[0], {b, 1}))
    return refuse();
  Value apart;
  if (shape.size() == 2) {
    // What GPT-2 has as a dummy.
    if (shape[1] == 1 && t != 1)
      return additive(node,
                      broadcast(node, node.scalar(node.builder.getI1Type(), 1),
                                {1, 1, 1, 1}),
                      filter, element);
    if (!isOneOf(shape[1], {t, t - p}))
      return refuse();
    mask = withPast(node, mask, sizes);
    apart = node.reshape(mask, {shape[0], 1, 1, t});
  } else if (shape.size() == 3) {
    if (shape[1] != s || !isOneOf(shape[2], {t, t - p}))
      return refuse();
    mask = withPast(node, mask, sizes);
    apart = node.reshape(mask, {shape[0], 1, s, t});
  } else {
    if (shape[1] != 1 || shape[2] < p + s || shape[3] < t)
      return refuse();
    apart = node.slice(node.slice(mask, 2, p, s), 3, 0, t);
  }
  return additive(node, withScalar<nn::GreaterOp>(node, apart, 0), filter,
                  element);
}

double mlc::leastOf(Type element) {
  auto semantics = &cast<FloatType>(element).getFloatSemantics();
  return llvm::APFloat::getLargest(*semantics, /*Negative=*/true)
      .convertToDouble();
}

Value mlc::causalMask(Node &node, Value mask, AttentionSizes sizes,
                      Type element) {
  if (sizes.queries < 2)
    return mask;
  Type i32 = node.builder.getI32Type();
  Value query = iota(node, sizes.queries, i32, 2, 4, sizes.past);
  Value key = iota(node, sizes.total, i32, 3, 4);
  Value isSeen = node.create<nn::LessOrEqualOp>(key, query);
  Value isLast =
      withScalar<nn::EqualOp>(node, query, sizes.past + sizes.queries - 1);
  isSeen = node.create<nn::OrOp>(isSeen, isLast);
  return node.create<nn::SelectOp>(isSeen,
                                   mask ? mask : node.scalar(element, 0),
                                   node.scalar(element, leastOf(element)));
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

double mlc::attentionScale(Node &node, int64_t headSize) {
  double scale = node.floatAttr("scale", 0);
  return scale != 0 ? scale : 1 / std::sqrt(static_cast<double>(headSize));
}

AttentionResults mlc::attend(Node &node, const AttentionOperands &o) {
  if (!o.q || !o.k || !o.v)
    return {};
  Type element = nn::elementOf(o.q), wide = stashType(o.q);
  Value scores = importProduct(node, node.cast(o.q, wide), node.cast(o.k, wide),
                               /*transposeRhs=*/true);
  if (o.scale != 1)
    scores = withScalar<nn::MulOp>(node, scores, o.scale);
  if (o.mask)
    scores = node.create<nn::AddOp>(scores, node.cast(o.mask, wide));
  if (o.bias)
    scores = node.create<nn::AddOp>(scores, node.cast(o.bias, wide));
  if (!scores)
    return {};
  Value weights = node.create<nn::SoftmaxOp>(
      scores, node.builder.getI64IntegerAttr(3), UnitAttr());
  Value output = joinHeads(
      node, importProduct(node, weights, node.cast(o.v, wide), false));
  if (!output)
    return {};
  return {node.cast(output, element), node.cast(scores, element)};
}

//===----------------------------------------------------------------------===//
// Rotary positions
//===----------------------------------------------------------------------===//

Rotation mlc::rotationAt(Node &node, Value cosines, Value sines,
                         Value positions, bool isInterleaved) {
  if (!cosines || !sines || !positions)
    return {};
  if (nn::shapeOf(cosines).size() != 2 ||
      nn::shapeOf(sines) != nn::shapeOf(cosines) ||
      nn::shapeOf(positions).size() != 2) {
    node.error() << "cosines are " << cosines.getType() << " and sines "
                 << sines.getType() << ", the same rank 2 is required";
    return {};
  }
  auto rows = [&](Value cache) {
    Value v = gatherRows(node, cache, positions);
    if (!v)
      return Value();
    ArrayRef<int64_t> shape = nn::shapeOf(v);
    return node.reshape(v, {shape[0], 1, shape[1], shape[2]});
  };
  return {rows(cosines), rows(sines), isInterleaved};
}

Value mlc::rotate(Node &node, Value v, const Rotation &rotation) {
  if (!v || !rotation.cosines || !rotation.sines)
    return {};
  SmallVector<int64_t> shape(nn::shapeOf(v));
  int64_t half = nn::shapeOf(rotation.cosines)[3], turned = 2 * half;
  if (turned > shape[3]) {
    node.error() << "turns " << turned << " elements of heads of " << shape[3];
    return {};
  }
  Value first, second;
  if (rotation.isInterleaved) {
    Value pairs = node.reshape(node.slice(v, 3, 0, turned),
                               {shape[0], shape[1], shape[2], half, 2});
    SmallVector<int64_t> part = {shape[0], shape[1], shape[2], half};
    first = node.reshape(node.slice(pairs, 4, 0, 1), part);
    second = node.reshape(node.slice(pairs, 4, 1, 1), part);
  } else {
    first = node.slice(v, 3, 0, half);
    second = node.slice(v, 3, half, half);
  }
  auto mul = [&](Value a, Value b) { return node.create<nn::MulOp>(a, b); };
  Value real = node.create<nn::SubOp>(mul(first, rotation.cosines),
                                      mul(second, rotation.sines));
  Value imaginary = node.create<nn::AddOp>(mul(first, rotation.sines),
                                           mul(second, rotation.cosines));
  SmallVector<Value> parts;
  if (rotation.isInterleaved) {
    SmallVector<int64_t> apart = {shape[0], shape[1], shape[2], half, 1};
    Value pairs = concat(
        node, {node.reshape(real, apart), node.reshape(imaginary, apart)}, 4);
    parts = {node.reshape(pairs, {shape[0], shape[1], shape[2], turned})};
  } else {
    parts = {real, imaginary};
  }
  if (turned < shape[3])
    parts.push_back(node.slice(v, 3, turned, shape[3] - turned));
  return parts.size() == 1 ? parts[0] : concat(node, parts, 3);
}
