//===- Build.cpp - Building blocks of the lowering ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/Build.h"

using namespace mlir;
using namespace mlc;

Value TensorBuilder::empty(ArrayRef<int64_t> shape, Type element) {
  return tensor::EmptyOp::create(b, loc, shape, element);
}

Value TensorBuilder::filled(ArrayRef<int64_t> shape, Value scalar) {
  Value init = empty(shape, scalar.getType());
  return linalg::FillOp::create(b, loc, ValueRange{scalar}, ValueRange{init})
      .getResult(0);
}

Value TensorBuilder::constant(TypedAttr value) {
  return arith::ConstantOp::create(b, loc, value);
}

Value TensorBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

Value TensorBuilder::zero(Type element) {
  return constant(b.getZeroAttr(element));
}

/// Groups of dimensions of `a` and `b` with equal products, where the shapes
/// share all such boundaries that one of them has: then one reassociation does.
static std::optional<SmallVector<ReassociationIndices>>
reassociate(ArrayRef<int64_t> fine, ArrayRef<int64_t> coarse) {
  SmallVector<ReassociationIndices> groups;
  size_t i = 0;
  for (int64_t dim : coarse) {
    ReassociationIndices group;
    int64_t product = 1;
    while (i < fine.size() && (group.empty() || product < dim)) {
      product *= fine[i];
      group.push_back(i++);
    }
    if (product != dim || group.empty())
      return std::nullopt;
    groups.push_back(group);
  }
  // What is left over must be ones, and join the last group.
  for (; i < fine.size(); ++i) {
    if (fine[i] != 1 || groups.empty())
      return std::nullopt;
    groups.back().push_back(i);
  }
  return groups;
}

Value TensorBuilder::reshape(Value v, ArrayRef<int64_t> shape) {
  auto from = cast<RankedTensorType>(v.getType());
  auto to = RankedTensorType::get(shape, from.getElementType());
  if (from == to)
    return v;
  if (from.getRank() == 0 || to.getRank() == 0) {
    // Rank 0 has no groups: collapse or expand with none.
    if (to.getRank() == 0)
      return tensor::CollapseShapeOp::create(b, loc, to, v,
                                             ArrayRef<ReassociationIndices>{});
    return tensor::ExpandShapeOp::create(b, loc, to, v,
                                         ArrayRef<ReassociationIndices>{});
  }
  if (from.getRank() >= to.getRank())
    if (auto groups = reassociate(from.getShape(), shape);
        groups && from.getRank() > to.getRank())
      return tensor::CollapseShapeOp::create(b, loc, to, v, *groups);
  if (from.getRank() < to.getRank())
    if (auto groups = reassociate(shape, from.getShape()))
      return tensor::ExpandShapeOp::create(b, loc, to, v, *groups);
  Value flat = v;
  if (from.getRank() != 1) {
    ReassociationIndices all(
        llvm::to_vector<2>(llvm::seq<int64_t>(0, from.getRank())));
    auto type =
        RankedTensorType::get({from.getNumElements()}, from.getElementType());
    flat = tensor::CollapseShapeOp::create(
        b, loc, type, v, SmallVector<ReassociationIndices>{all});
  }
  if (to.getRank() == 1)
    return flat;
  ReassociationIndices all(
      llvm::to_vector<2>(llvm::seq<int64_t>(0, to.getRank())));
  return tensor::ExpandShapeOp::create(b, loc, to, flat,
                                       SmallVector<ReassociationIndices>{all});
}

Value TensorBuilder::transpose(Value v, ArrayRef<int64_t> permutation) {
  ArrayRef<int64_t> from = nn::shapeOf(v);
  SmallVector<int64_t> shape;
  for (int64_t i : permutation)
    shape.push_back(from[i]);
  Value init = empty(shape, nn::elementOf(v));
  return linalg::TransposeOp::create(b, loc, v, init, permutation)
      ->getResult(0);
}

static SmallVector<OpFoldResult> attrs(OpBuilder &b, ArrayRef<int64_t> values) {
  return llvm::map_to_vector(
      values, [&](int64_t v) -> OpFoldResult { return b.getIndexAttr(v); });
}

Value TensorBuilder::slice(Value v, ArrayRef<int64_t> starts,
                           ArrayRef<int64_t> sizes, ArrayRef<int64_t> steps) {
  return tensor::ExtractSliceOp::create(b, loc, v, attrs(b, starts),
                                        attrs(b, sizes), attrs(b, steps));
}

Value TensorBuilder::slice(Value v, ArrayRef<int64_t> starts,
                           ArrayRef<int64_t> sizes) {
  return slice(v, starts, sizes, SmallVector<int64_t>(starts.size(), 1));
}

Value TensorBuilder::insert(Value part, Value whole, ArrayRef<int64_t> starts,
                            ArrayRef<int64_t> steps) {
  SmallVector<int64_t> by(steps);
  by.resize(starts.size(), 1);
  return tensor::InsertSliceOp::create(b, loc, part, whole, attrs(b, starts),
                                       attrs(b, nn::shapeOf(part)),
                                       attrs(b, by));
}

/// `v` without the dimensions in which it is broadcast to `shape`, and the map
/// from the result's dimensions to the rest.
static std::pair<Value, AffineMap> broadcastOperand(TensorBuilder &t, Value v,
                                                    ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> own = nn::shapeOf(v);
  size_t lead = shape.size() - own.size();
  SmallVector<int64_t> kept;
  SmallVector<AffineExpr> exprs;
  for (auto [d, size] : llvm::enumerate(own)) {
    if (size == 1 && shape[lead + d] != 1)
      continue;
    kept.push_back(size);
    exprs.push_back(t.b.getAffineDimExpr(lead + d));
  }
  return {t.reshape(v, kept),
          AffineMap::get(shape.size(), 0, exprs, t.b.getContext())};
}

Value TensorBuilder::map(ValueRange inputs, ArrayRef<int64_t> shape,
                         Type element, BodyBuilder body) {
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps;
  for (Value input : inputs) {
    auto [operand, map] = broadcastOperand(*this, input, shape);
    operands.push_back(operand);
    maps.push_back(map);
  }
  maps.push_back(b.getMultiDimIdentityMap(shape.size()));
  SmallVector<utils::IteratorType> iterators(shape.size(),
                                             utils::IteratorType::parallel);
  Value init = empty(shape, element);
  auto op = linalg::GenericOp::create(
      b, loc, init.getType(), operands, init, maps, iterators,
      [&](OpBuilder &inner, Location at, ValueRange args) {
        Value result = body(inner, at, args.drop_back());
        linalg::YieldOp::create(inner, at, result);
      });
  return op.getResult(0);
}

Value TensorBuilder::generate(ArrayRef<int64_t> shape, Type element,
                              BodyBuilder body) {
  return map({}, shape, element,
             [&](OpBuilder &inner, Location at, ValueRange) {
               SmallVector<Value> indices;
               for (size_t d = 0; d < shape.size(); ++d)
                 indices.push_back(linalg::IndexOp::create(inner, at, d));
               return body(inner, at, indices);
             });
}

Value TensorBuilder::safeIndex(OpBuilder &builder, Location at, Value i,
                               int64_t size, bool isUnsigned) {
  TensorBuilder t(builder, at);
  Type index = builder.getIndexType();
  // All 256 values of a byte are in range, negative ones from the end: a table.
  if (size == 256 && i.getType().isInteger(8))
    return arith::IndexCastUIOp::create(builder, at, index, i);
  Value raw =
      isUnsigned
          ? arith::IndexCastUIOp::create(builder, at, index, i).getResult()
          : arith::IndexCastOp::create(builder, at, index, i).getResult();
  Value zero = t.index(0);
  Value isNegative =
      arith::CmpIOp::create(builder, at, arith::CmpIPredicate::slt, raw, zero);
  Value wrapped = arith::AddIOp::create(builder, at, raw, t.index(size));
  Value v = arith::SelectOp::create(builder, at, isNegative, wrapped, raw);
  v = arith::MaxSIOp::create(builder, at, v, zero);
  return arith::MinSIOp::create(builder, at, v, t.index(size - 1));
}

Value TensorBuilder::boundedIndex(Value count, int64_t most) {
  Value i = tensor::ExtractOp::create(b, loc, count, ValueRange());
  i = arith::IndexCastOp::create(b, loc, b.getIndexType(), i);
  i = arith::MaxSIOp::create(b, loc, i, index(0));
  return arith::MinSIOp::create(b, loc, i, index(most));
}
