//===- LowerIndexing.cpp - Indexed writes, resampling ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/Build.h"
#include "Conversion/NNToLinalg.h"
#include "NN/IR/Epilogue.h"
#include "NN/IR/ScalarEmitter.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlc;

namespace {

/// [outer, n, inner] around `axis`.
SmallVector<int64_t> slabShape(ArrayRef<int64_t> shape, int64_t axis) {
  return {computeProduct(shape.take_front(axis)), shape[axis],
          computeProduct(shape.drop_front(axis + 1))};
}

Value combine(nn::ScatterKind kind, nn::ScalarEmitter e, Value old,
              Value update) {
  switch (kind) {
  case nn::ScatterKind::assign:
    return update;
  case nn::ScatterKind::add:
    return e.add(old, update);
  case nn::ScatterKind::mul:
    return e.mul(old, update);
  case nn::ScatterKind::max:
    return e.max(old, update);
  case nn::ScatterKind::min:
    return e.min(old, update);
  }
  llvm_unreachable("all kinds are listed");
}

/// Rows meet one after the other, for two may have the same place.
struct LowerScatter : OpConversionPattern<nn::ScatterOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(nn::ScatterOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    ArrayRef<int64_t> shape = nn::shapeOf(adaptor.getInput());
    int64_t rows = nn::shapeOf(adaptor.getIndices())[0];
    if (computeProduct(shape) == 0 || rows == 0) {
      rewriter.replaceOp(op, adaptor.getInput());
      return success();
    }
    Value end = t.index(rows);
    if (adaptor.getCount())
      end = t.boundedIndex(adaptor.getCount(), rows);
    auto loop = scf::ForOp::create(
        rewriter, op.getLoc(), t.index(0), end, t.index(1), adaptor.getInput(),
        [&](OpBuilder &b, Location loc, Value row, ValueRange whole) {
          Value i =
              tensor::ExtractOp::create(b, loc, adaptor.getIndices(), row);
          bool isUnsigned = nn::elementOf(op.getIndices()).isUnsignedInteger();
          Value place =
              TensorBuilder::safeIndex(b, loc, i, shape[0], isUnsigned);
          Value y = mergeRow(op, adaptor, b, loc, row, place, whole[0]);
          scf::YieldOp::create(b, loc, y);
        });
    rewriter.replaceOp(op, loop.getResults());
    return success();
  }

private:
  Value mergeRow(nn::ScatterOp op, OpAdaptor adaptor, OpBuilder &b,
                 Location loc, Value row, Value place, Value whole) const {
    TensorBuilder t(b, loc);
    int64_t width = nn::shapeOf(whole)[1];
    Type element = op.getInput().getType().getElementType();
    auto loop = scf::ForOp::create(
        b, loc, t.index(0), t.index(width), t.index(1), whole,
        [&](OpBuilder &inner, Location at, Value column, ValueRange acc) {
          Value update = tensor::ExtractOp::create(
              inner, at, adaptor.getUpdates(), ValueRange{row, column});
          Value old = tensor::ExtractOp::create(inner, at, acc[0],
                                                ValueRange{place, column});
          Value merged = combine(
              op.getKind(), nn::ScalarEmitter(inner, at, element), old, update);
          Value y = tensor::InsertOp::create(inner, at, merged, acc[0],
                                             ValueRange{place, column});
          scf::YieldOp::create(inner, at, y);
        });
    return loop.getResult(0);
  }
};

/// The innermost loop is over what each tap moves as a whole. Where the axis is
/// innermost that is nothing, so the outer dimensions are brought there.
struct LowerResample : OpConversionPattern<nn::ResampleOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(nn::ResampleOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    ArrayRef<int64_t> to = op.getType().getShape();
    int64_t axis = op.getAxis();
    SmallVector<int64_t> from = slabShape(nn::shapeOf(op.getInput()), axis);
    if (from[1] == 0 && op.getType().getNumElements() > 0)
      return rewriter.notifyMatchFailure(op, "resamples an empty dimension");
    nn::CastOp cast = narrowSource(op);
    Value input =
        cast ? rewriter.getRemappedValue(cast.getInput()) : adaptor.getInput();
    Value slab = t.reshape(input, from), y;
    if (from[2] == 1 && from[0] > 1) {
      slab = t.reshape(t.transpose(slab, {2, 1, 0}), {1, from[1], from[0]});
      y = t.transpose(resample(op, adaptor, t, slab, cast), {2, 1, 0});
    } else {
      y = resample(op, adaptor, t, slab, cast);
    }
    rewriter.replaceOp(op, t.reshape(y, to));
    return success();
  }

private:
  /// What makes floats of narrower integers, each of which is converted as it
  /// is read: an image of pixels is large. Null for others.
  static nn::CastOp narrowSource(nn::ResampleOp op) {
    auto cast = op.getInput().getDefiningOp<nn::CastOp>();
    return cast && nn::isNarrowInteger(nn::elementOf(cast.getInput()))
               ? cast
               : nn::CastOp();
  }

  /// Of a slab [outer, n, inner]: [outer, size, inner]. `cast`, if any, is to
  /// be done.
  static Value resample(nn::ResampleOp op, OpAdaptor adaptor, TensorBuilder &t,
                        Value slab, nn::CastOp cast) {
    SmallVector<int64_t> shape(nn::shapeOf(slab));
    int64_t size = shape[1];
    shape[1] = nn::shapeOf(op.getWeights())[0];
    Type element = op.getType().getElementType();
    Value init = t.filled(shape, t.zero(element));
    MLIRContext *context = op.getContext();
    AffineExpr d0, d1, d2, d3;
    bindDims(context, d0, d1, d2, d3);
    AffineMap tap = AffineMap::get(4, 0, {d1, d2}, context);
    SmallVector<AffineMap> maps = {tap, tap,
                                   AffineMap::get(4, 0, {d0, d1, d3}, context)};
    using utils::IteratorType;
    return linalg::GenericOp::create(
               t.b, t.loc, init.getType(),
               ValueRange{adaptor.getIndices(), adaptor.getWeights()}, init,
               maps,
               {IteratorType::parallel, IteratorType::parallel,
                IteratorType::reduction, IteratorType::parallel},
               [&](OpBuilder &b, Location loc, ValueRange x) {
                 Value place = TensorBuilder::safeIndex(b, loc, x[0], size);
                 Value outer = linalg::IndexOp::create(b, loc, 0),
                       inner = linalg::IndexOp::create(b, loc, 3);
                 Value v = tensor::ExtractOp::create(
                     b, loc, slab, ValueRange{outer, place, inner});
                 if (cast)
                   v = cast.emitScalar(b, loc, v);
                 nn::ScalarEmitter e(b, loc, element);
                 linalg::YieldOp::create(b, loc, e.add(x[2], e.mul(x[1], v)));
               })
        .getResult(0);
  }
};

} // namespace

void mlc::populateIndexingLowering(SignlessConverter &types,
                                   RewritePatternSet &patterns) {
  patterns.add<LowerScatter, LowerResample>(types, patterns.getContext());
}
