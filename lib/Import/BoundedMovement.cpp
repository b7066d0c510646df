//===- BoundedMovement.cpp - Movement by sizes known at run time ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/BoundedMovement.h"

#include "Import/Compose.h"
#include "Import/GraphImporter.h"
#include "Import/Indices.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlc;

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

/// The bound of a number that may be any.
constexpr int64_t kAnyPlace = int64_t(1) << 48;

/// The constant that `v`, of one element, is.
static std::optional<int64_t> constantPlace(Node &node, Value v) {
  auto values = nn::constantIntegers(node.constantOf(v));
  return values && values->size() == 1 ? std::optional(values->front())
                                       : std::nullopt;
}

/// `v`, of one element, as a number plus a constant.
static Extent placeOf(Node &node, Value v) {
  int64_t offset = 0;
  for (v = withoutForm(v);; v = withoutForm(v)) {
    Operation *op = v.getDefiningOp();
    if (!isa_and_nonnull<nn::AddOp, nn::SubOp>(op))
      break;
    Value left = op->getOperand(0), right = op->getOperand(1);
    if (isa<nn::AddOp>(op) && constantPlace(node, left))
      std::swap(left, right);
    std::optional<int64_t> constant = constantPlace(node, right);
    if (!constant || std::abs(*constant) > kAnyPlace)
      break;
    offset += isa<nn::AddOp>(op) ? *constant : -*constant;
    v = left;
  }
  Type i64 = node.builder.getI64Type();
  return {node.reshape(node.cast(v, i64), {}), 1, offset, kAnyPlace};
}

static void appendPlaces(Node &node, Value v, Extents::Sizes &places) {
  if (auto known = knownSizes(node, v)) {
    places.append(*known);
    return;
  }
  ArrayRef<int64_t> shape = nn::shapeOf(v);
  if (auto join = v.getDefiningOp<nn::ConcatOp>(); join && shape.size() == 1) {
    for (Value part : join.getInputs())
      appendPlaces(node, part, places);
    return;
  }
  if (shape.empty())
    places.push_back(placeOf(node, v));
  else
    for (int64_t i = 0; i < shape[0] && !node.failed(); ++i)
      places.push_back(placeOf(node, node.slice(v, 0, i, 1)));
}

FailureOr<Extents::Sizes> mlc::placesOfInput(Node &node, size_t i) {
  constexpr int64_t mostPlaces = 16;
  Value v = node.hasInput(i) ? node.inputs()[i] : Value();
  if (!v || nn::shapeOf(v).size() > 1 ||
      !nn::elementOf(v).isSignlessInteger() || nn::elementOf(v).isInteger(1) ||
      cast<RankedTensorType>(v.getType()).getNumElements() > mostPlaces ||
      !node.importer.extents.dimsOf(v).empty())
    return sizesOfInput(node, i);
  Extents::Sizes places;
  appendPlaces(node, v, places);
  if (node.failed())
    return failure();
  return places;
}

/// `size` elements of `axis` from `start` on, which must lie in it.
static Value window(Node &node, Value x, int64_t axis, const Extent &start,
                    int64_t size) {
  Builder &b = node.builder;
  Value from = valueOf(node, start);
  if (!from)
    return {};
  // Unsigned, what is below zero is beyond the end.
  requireIndices(node,
                 node.cast(from, b.getIntegerType(64, /*isSigned=*/false)),
                 nn::shapeOf(x)[axis] - size + 1);
  Value index =
      node.create<nn::AddOp>(iota(node, size, b.getI64Type(), 0, 1), from);
  return node.create<nn::GatherOp>(x, index, b.getI64IntegerAttr(axis));
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

bool mlc::isDynamicSlice(Node &node, Value x, int64_t axis, const Extent &start,
                         const Extent &end, int64_t step) {
  if (!start.isConstant() || !end.isConstant())
    return true;
  // From the front, in steps of one, padding is behind what is taken.
  bool isBox = start.offset >= 0 && end.offset >= 0 && step == 1;
  return !isBox && node.importer.extents.along(x, axis).has_value();
}

/// The most elements that a slice of `size` may have.
static int64_t mostOf(int64_t size, const Extent &start, const Extent &end,
                      int64_t step) {
  int64_t most = size;
  if (step > 0) {
    if (end.isConstant() ? end.offset >= 0 : start.isConstant())
      most = std::min(most, end.most);
    if (start.isConstant() && start.offset >= 0)
      most = std::max<int64_t>(0, most - start.offset);
    if (start.isConstant() && start.offset < 0 && start.offset > -most)
      most = -start.offset;
  }
  return llvm::divideCeil(most, std::abs(step));
}

Value mlc::sliceDynamic(Node &node, Value x, int64_t axis, const Extent &start,
                        const Extent &end, int64_t step) {
  int64_t size = nn::shapeOf(x)[axis];
  std::optional<Extent> length = sumOf(end, start, -1);
  if (!start.isConstant() && start.most == kAnyPlace && step == 1 && length &&
      length->isConstant() && length->offset >= 0 && length->offset <= size &&
      !node.importer.extents.along(x, axis))
    return window(node, x, axis, start, length->offset);
  Extent all =
      node.importer.extents.along(x, axis).value_or(Extent::constant(size));
  bool isHead = start.isConstant() && start.offset == 0 && step == 1;
  if (isHead && isSame(all, end))
    return x;
  if (isHead && all.isConstant() && end.most <= size && end.factor > 0 &&
      end.offset >= 0)
    return bounded(node, node.slice(x, axis, 0, end.most), {{axis, end}});
  Type i64 = node.builder.getI64Type();
  Value count = valueOf(node, all);
  int64_t low = step > 0 ? 0 : -1;
  auto fromFront = [&](const Extent &at) -> Value {
    Value v = valueOf(node, at);
    Value wrapped = node.create<nn::AddOp>(v, count);
    v = node.create<nn::SelectOp>(withScalar<nn::LessOp>(node, v, 0), wrapped,
                                  v);
    Value high = withScalar<nn::AddOp>(node, count, low);
    v = withScalar<nn::MaxOp>(node, v, low);
    return v ? node.create<nn::MinOp>(v, high) : Value();
  };
  Value from = fromFront(start), to = fromFront(end);
  Value span = step > 0 ? node.create<nn::SubOp>(to, from)
                        : node.create<nn::SubOp>(from, to);
  int64_t by = std::abs(step);
  Value taken = withScalar<nn::DivOp>(
      node, withScalar<nn::AddOp>(node, span, by - 1), by);
  taken = withScalar<nn::MaxOp>(node, taken, 0);
  int64_t most = mostOf(size, start, end, step);
  Value index =
      node.create<nn::AddOp>(iota(node, most, i64, 0, 1, 0, step), from);
  x = released(node, x, axis);
  Value y =
      node.create<nn::GatherOp>(x, index, node.builder.getI64IntegerAttr(axis));
  if (!y || !taken)
    return {};
  Extents::Dims dims(node.importer.extents.dimsOf(y));
  dims.push_back({axis, extentOf(taken, most)});
  return bounded(node, y, dims);
}

//===----------------------------------------------------------------------===//
// Pad
//===----------------------------------------------------------------------===//

Value mlc::padDynamic(Node &node, Value x, const Extents::Sizes &pads,
                      Value fill) {
  int64_t rank = nn::shapeOf(x).size();
  llvm::SmallVector<int64_t> fixed(2 * rank, 0);
  Extents::Dims dims;
  for (int64_t axis = 0; axis < rank; ++axis) {
    const Extent &begin = pads[axis], &end = pads[rank + axis];
    int64_t size = nn::shapeOf(x)[axis];
    Extent all =
        node.importer.extents.along(x, axis).value_or(Extent::constant(size));
    std::optional<Extent> total = sumOf(all, begin);
    if (total)
      total = sumOf(*total, end);
    if (!begin.isConstant() || !total) {
      node.error() << "pads dimension " << axis
                   << " by a number known at run time, which does not make it "
                      "as long as is known; pad it to a fixed size";
      return {};
    }
    // What is behind the last row holds `fill`, then as much as is needed.
    x = masked(node, x, axis, fill);
    x = released(node, x, axis);
    if (!x)
      return {};
    fixed[axis] = begin.offset;
    fixed[rank + axis] = total->most - size - begin.offset;
    if (!total->isConstant())
      dims.push_back({axis, *total});
  }
  Value y =
      node.finish(nn::PadOp::create(node.builder, node.loc, x.getType(), x,
                                    fill, fixed, nn::PadMode::constant));
  return bounded(node, y, dims);
}

Value mlc::padSizes(Node &node, Value x, ArrayRef<int64_t> pads, Value fill) {
  constexpr int64_t mostSizes = 64;
  int64_t rank = nn::shapeOf(x).size();
  auto elements = [](Value v) {
    return cast<RankedTensorType>(v.getType()).getNumElements();
  };
  if (!node.constantOf(x) || !node.constantOf(fill) ||
      llvm::any_of(pads, [](int64_t pad) { return pad < 0; }))
    return {};
  for (int64_t axis = 0; axis < rank && x; ++axis) {
    SmallVector<Value> parts;
    for (int64_t size : {pads[axis], int64_t(-1), pads[rank + axis]}) {
      SmallVector<int64_t> shape(nn::shapeOf(x));
      shape[axis] = size;
      if (elements(x) > mostSizes || size > mostSizes)
        return {};
      if (size == -1)
        parts.push_back(x);
      else if (size > 0)
        parts.push_back(broadcast(node, fill, shape));
    }
    x = concat(node, parts, axis);
  }
  return x;
}
