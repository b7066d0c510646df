//===- Compose.cpp - Operators made of other operators --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlc;

int64_t mlc::dimProduct(llvm::ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  return count;
}

Value mlc::iota(Node &node, int64_t size, Type element, int64_t axis,
                int64_t rank, int64_t start, int64_t step) {
  if (!node.affords(static_cast<double>(size)))
    return {};
  llvm::SmallVector<int64_t> values;
  values.reserve(size);
  for (int64_t i = 0; i < size; ++i)
    // Around the end, as the operators that read it do.
    values.push_back(static_cast<int64_t>(static_cast<uint64_t>(start) +
                                          static_cast<uint64_t>(i) *
                                              static_cast<uint64_t>(step)));
  llvm::SmallVector<int64_t> shape(rank - axis, 1);
  shape[0] = size;
  Value v = node.reshape(node.constantI64(values), shape);
  return node.cast(v, element);
}

Value mlc::floatConstant(Node &node, llvm::ArrayRef<double> values,
                         llvm::ArrayRef<int64_t> shape, Type element) {
  auto type = RankedTensorType::get(shape, element);
  if (element.isF64())
    return node.constant(DenseElementsAttr::get(type, values));
  if (element.isF32()) {
    llvm::SmallVector<float> rounded(values);
    return node.constant(DenseElementsAttr::get(type, ArrayRef(rounded)));
  }
  auto floatType = cast<FloatType>(element);
  auto attrs = llvm::map_to_vector(values, [&](double v) -> Attribute {
    return node.builder.getFloatAttr(floatType, v);
  });
  return node.constant(DenseElementsAttr::get(type, attrs));
}

llvm::SmallVector<int64_t> mlc::axesFrom(int64_t first, int64_t rank) {
  return llvm::to_vector(llvm::seq<int64_t>(std::min(first, rank), rank));
}

double mlc::extremeOf(Type element, bool isLargest) {
  if (isa<FloatType>(element))
    return isLargest ? std::numeric_limits<double>::infinity()
                     : -std::numeric_limits<double>::infinity();
  // Scalars are made of doubles through int64, whose low bits are what counts.
  unsigned bits = element.getIntOrFloatBitWidth();
  if (element.isUnsignedInteger() || bits == 1)
    return isLargest ? -1 : 0;
  double half = std::ldexp(1.0, bits - 1);
  if (!isLargest)
    return -half;
  // 2^63 - 1 is no double: the largest below it.
  return bits == 64 ? half - 1024 : half - 1;
}

Value mlc::reduce(Node &node, Value v, nn::ReduceKind kind,
                  llvm::ArrayRef<int64_t> axes, bool keepDims) {
  Builder &b = node.builder;
  return node.create<nn::ReduceOp>(
      v, nn::ReduceKindAttr::get(b.getContext(), kind),
      b.getDenseI64ArrayAttr(axes), keepDims ? b.getUnitAttr() : UnitAttr());
}

Value mlc::concat(Node &node, llvm::ArrayRef<Value> parts, int64_t axis) {
  if (llvm::is_contained(parts, Value()))
    return {};
  return node.create<nn::ConcatOp>(ValueRange(parts),
                                   node.builder.getI64IntegerAttr(axis));
}

Value mlc::stack(Node &node, llvm::ArrayRef<Value> parts, int64_t axis) {
  SmallVector<Value> slices;
  for (Value part : parts) {
    if (!part)
      return {};
    SmallVector<int64_t> shape(nn::shapeOf(part));
    shape.insert(shape.begin() + axis, 1);
    slices.push_back(node.reshape(part, shape));
  }
  return concat(node, slices, axis);
}

Value mlc::padWithZeros(Node &node, Value v, llvm::ArrayRef<int64_t> pads) {
  if (!v || llvm::all_of(pads, [](int64_t pad) { return pad == 0; }))
    return v;
  Value zero = node.scalar(nn::elementOf(v), 0);
  if (!zero)
    return {};
  return node.finish(nn::PadOp::create(node.builder, node.loc, v.getType(), v,
                                       zero, pads, nn::PadMode::constant));
}

Value mlc::broadcast(Node &node, Value v, llvm::ArrayRef<int64_t> shape) {
  if (!v)
    return {};
  FailureOr<RankedTensorType> type = node.tensorType(shape, nn::elementOf(v));
  if (failed(type))
    return {};
  return node.createTyped<nn::BroadcastOp>(*type, v);
}

Value mlc::gatherRows(Node &node, Value rows, Value indices) {
  return node.create<nn::GatherOp>(rows, indices,
                                   node.builder.getI64IntegerAttr(0));
}

Value mlc::wrapIndices(Node &node, Value indices, int64_t size,
                       std::optional<Extent> extent) {
  if (!indices)
    return {};
  std::optional<SmallVector<int64_t>> known =
      extent ? nn::constantIntegers(node.constantOf(indices)) : std::nullopt;
  if (known && llvm::all_of(*known, [](int64_t i) { return i >= 0; }))
    return indices;
  Type element = nn::elementOf(indices);
  Value wide = node.cast(indices, node.builder.getI64Type());
  if (element.isUnsignedInteger())
    return wide;
  Value isNegative = withScalar<nn::LessOp>(node, wide, 0);
  Value wrapped = extent ? node.create<nn::AddOp>(wide, valueOf(node, *extent))
                         : withScalar<nn::AddOp>(node, wide, size);
  return node.create<nn::SelectOp>(isNegative, wrapped, wide);
}

Value mlc::wrapIndicesWithin(Node &node, Value indices, int64_t size,
                             std::optional<Extent> extent) {
  if (!indices)
    return {};
  if (std::optional<int64_t> i = nn::constantOutside(indices, -size, size)) {
    node.error() << "index " << *i << " is outside of a dimension of size "
                 << size << ", one in [" << -size << ", " << size
                 << ") is required";
    return {};
  }
  return wrapIndices(node, indices, size, extent);
}

Value mlc::elementPositions(Node &node, Value indices,
                            llvm::ArrayRef<int64_t> shape, int64_t axis,
                            std::optional<Extent> extent) {
  Value own = wrapIndicesWithin(node, indices, shape[axis], extent);
  if (!own)
    return {};
  llvm::SmallVector<int64_t> given(nn::shapeOf(indices)),
      strides = nn::rowMajorStrides(shape);
  Type i64 = node.builder.getI64Type();
  Value sum = withScalar<nn::MulOp>(node, own, strides[axis]);
  for (auto [d, stride] : llvm::enumerate(strides))
    if (static_cast<int64_t>(d) != axis && given[d] > 1)
      sum = node.create<nn::AddOp>(
          sum, iota(node, given[d], i64, d, shape.size(), 0, stride));
  return sum;
}

Value mlc::argExtreme(Node &node, Value x, int64_t axis, bool isMax,
                      bool isLast) {
  if (!x)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(x));
  int64_t size = shape[axis];
  Type i32 = node.builder.getI32Type();
  if (size == 0 || size > (int64_t(1) << 31) - 1) {
    node.error() << "looks for an extreme among " << size << " elements";
    return {};
  }
  Value best = reduce(
      node, x, isMax ? nn::ReduceKind::max : nn::ReduceKind::min, axis, true);
  Value isBest = node.create<nn::EqualOp>(x, best);
  Value place = node.create<nn::SelectOp>(
      isBest, iota(node, size, i32, axis, shape.size()),
      node.scalar(i32, isLast ? 0 : size - 1));
  Value found =
      reduce(node, place, isLast ? nn::ReduceKind::max : nn::ReduceKind::min,
             axis, true);
  return node.cast(found, node.builder.getI64Type());
}

Value mlc::shifted(Node &node, Value v, int64_t axis, int64_t by,
                   bool isReverse, double fill) {
  if (!v)
    return {};
  int64_t rank = nn::shapeOf(v).size();
  llvm::SmallVector<int64_t> pads(2 * rank, 0);
  pads[isReverse ? rank + axis : axis] = by;
  pads[isReverse ? axis : rank + axis] = -by;
  Value value = node.scalar(nn::elementOf(v), fill);
  if (!value)
    return {};
  return node.finish(nn::PadOp::create(node.builder, node.loc, v.getType(), v,
                                       value, pads, nn::PadMode::constant));
}
