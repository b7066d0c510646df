//===- ConvertBounded.cpp - Operators that find as much as there is -------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Their results are as long as may be, with the real length beside: see
// Extents.h.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/GraphImporter.h"

using namespace mlir;
using namespace mlc;

namespace {

/// What is known when the model is read.
Values knownNonZero(Node &node, ArrayRef<double> values) {
  llvm::SmallVector<int64_t> strides =
      nn::rowMajorStrides(nn::shapeOf(node.inputs()[0]));
  llvm::SmallVector<int64_t> places, result;
  for (auto [i, v] : llvm::enumerate(values))
    if (v != 0)
      places.push_back(i);
  llvm::SmallVector<int64_t> left(places);
  for (int64_t stride : strides)
    for (int64_t &place : left) {
      result.push_back(place / stride);
      place %= stride;
    }
  return {node.reshape(node.constantI64(result),
                       {static_cast<int64_t>(strides.size()),
                        static_cast<int64_t>(places.size())})};
}

Values nonZero(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  bool isBounded = !node.importer.extents.dimsOf(x).empty();
  if (auto values = nn::constantDoubles(node.constantOf(x));
      values && !isBounded)
    return knownNonZero(node, *values);
  llvm::SmallVector<int64_t> shape(nn::shapeOf(x));
  Value places = findTrue(node, node.cast(x, node.builder.getI1Type()));
  if (!places)
    return {};
  Value left = node.reshape(places, {1, nn::shapeOf(places)[0]});
  llvm::SmallVector<Value> rows;
  for (int64_t stride : nn::rowMajorStrides(shape)) {
    Value row = withScalar<nn::DivOp>(node, left, std::max<int64_t>(stride, 1));
    rows.push_back(row);
    left =
        node.create<nn::SubOp>(left, withScalar<nn::MulOp>(node, row, stride));
  }
  // A scalar counts as one element of one dimension.
  return {rows.empty() ? left : concat(node, rows, 0)};
}

Values compress(Node &node) {
  Value x = node.input(0), condition = node.input(1);
  if (!x || !condition)
    return {};
  // An exporter of masks gives the mask itself, which onnxruntime takes for the
  // list of its elements.
  condition = node.reshape(condition, {dimProduct(nn::shapeOf(condition))});
  int64_t axis = 0;
  if (node.hasAttr("axis")) {
    FailureOr<int64_t> normal =
        node.normalizeAxis(node.intAttr("axis", 0), nn::shapeOf(x).size());
    if (failed(normal))
      return {};
    axis = *normal;
  } else {
    x = node.reshape(x, {dimProduct(nn::shapeOf(x))});
  }
  if (!x || !condition)
    return {};
  auto known = nn::constantIntegers(node.constantOf(condition));
  int64_t size = nn::shapeOf(x)[axis], given = nn::shapeOf(condition)[0];
  if (!known) {
    if (given > size)
      condition = node.slice(condition, 0, 0, size);
    return {node.create<nn::GatherOp>(x, findTrue(node, condition),
                                      node.builder.getI64IntegerAttr(axis))};
  }
  llvm::SmallVector<int64_t> kept;
  for (auto [i, keep] : llvm::enumerate(*known))
    if (keep)
      kept.push_back(i);
  if (!kept.empty() && kept.back() >= size) {
    node.error() << "condition is longer than dimension " << axis;
    return {};
  }
  return {node.create<nn::GatherOp>(x, node.constantI64(kept),
                                    node.builder.getI64IntegerAttr(axis))};
}

//===----------------------------------------------------------------------===//
// NonMaxSuppression
//===----------------------------------------------------------------------===//

/// Input `i`, of one element, as rank 0 of type `element`; `otherwise` if
/// absent.
Value scalarInput(Node &node, size_t i, Type element, double otherwise) {
  if (!node.hasInput(i))
    return node.scalar(element, otherwise);
  Value v = node.inputs()[i];
  if (dimProduct(nn::shapeOf(v)) == 1)
    return node.cast(node.reshape(v, {}), element);
  node.error() << "input " << i << " is " << v.getType()
               << ", one element is required";
  return {};
}

/// As many boxes as may be selected, as far as is known.
int64_t mostSelected(Node &node, Value maxOutput, ArrayRef<int64_t> scores) {
  int64_t perClass = scores[2];
  if (auto known = nn::constantIntegers(node.constantOf(maxOutput)))
    perClass = std::clamp<int64_t>(known->front(), 0, perClass);
  return node.importer.mostBoxes(scores[0] * scores[1] * perClass);
}

Values nonMaxSuppression(Node &node) {
  Value boxes = node.input(0), scores = node.input(1);
  if (!boxes || !scores)
    return {};
  Extents &extents = node.importer.extents;
  ArrayRef<int64_t> b = nn::shapeOf(boxes), s = nn::shapeOf(scores);
  if (b.size() != 3 || b[2] != 4 || s.size() != 3 || s[0] != b[0] ||
      s[2] != b[1]) {
    node.error() << "boxes are " << boxes.getType() << " and scores "
                 << scores.getType()
                 << ", [N, boxes, 4] and [N, classes, boxes] are required";
    return {};
  }
  Type i64 = node.builder.getI64Type(), element = nn::elementOf(boxes);
  Value maxOutput = scalarInput(node, 2, i64, 0),
        iouThreshold = scalarInput(node, 3, element, 0), scoreThreshold;
  if (node.hasInput(4))
    scoreThreshold = scalarInput(node, 4, element, 0);
  std::optional<Extent> extent = extents.along(scores, 2);
  if (!extent)
    extent = extents.along(boxes, 1);
  Value boxCount = extent ? valueOf(node, *extent) : Value();
  boxes = released(node, boxes, 1);
  scores = released(node, scores, 2);
  if (node.failed())
    return {};
  int64_t bound = mostSelected(node, maxOutput, s);
  if (bound == 0)
    return {node.reshape(node.constantI64({}), {0, 3})};
  if (failed(node.tensorType({bound, 3}, i64)))
    return {};
  Type types[] = {RankedTensorType::get({bound, 3}, i64),
                  RankedTensorType::get({}, i64)};
  auto op = nn::NmsOp::create(node.builder, node.loc, types, boxes, scores,
                              maxOutput, iouThreshold, scoreThreshold, boxCount,
                              node.intAttr("center_point_box", 0) != 0);
  if (!node.finish(op))
    return {};
  extents.set(op.getSelected(), {{0, extentOf(op.getCount(), bound)}});
  return {op.getSelected()};
}

} // namespace

llvm::ArrayRef<Converter> mlc::boundedConverters() {
  static const Converter table[] = {
      {"Compress", compress},
      {"NonMaxSuppression", nonMaxSuppression},
      {"NonZero", nonZero},
  };
  return table;
}
