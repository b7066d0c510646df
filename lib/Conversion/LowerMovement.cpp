//===- LowerMovement.cpp - Data movement to linalg and tensor ops ---------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/Build.h"
#include "Conversion/NNToLinalg.h"
#include "Kernel/IR/Kernel.h"

using namespace mlir;
using namespace mlc;

namespace {

template <typename OpTy>
struct MovementPattern : OpConversionPattern<OpTy> {
  using OpConversionPattern<OpTy>::OpConversionPattern;
  RankedTensorType resultType(OpTy op) const {
    return cast<RankedTensorType>(
        this->getTypeConverter()->convertType(op.getType()));
  }
};

struct LowerReshape : MovementPattern<nn::ReshapeOp> {
  using MovementPattern::MovementPattern;
  LogicalResult
  matchAndRewrite(nn::ReshapeOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    rewriter.replaceOp(op,
                       t.reshape(adaptor.getInput(), op.getType().getShape()));
    return success();
  }
};

struct LowerTranspose : MovementPattern<nn::TransposeOp> {
  using MovementPattern::MovementPattern;
  LogicalResult
  matchAndRewrite(nn::TransposeOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    rewriter.replaceOp(op,
                       t.transpose(adaptor.getInput(), op.getPermutation()));
    return success();
  }
};

struct LowerConcat : MovementPattern<nn::ConcatOp> {
  using MovementPattern::MovementPattern;
  LogicalResult
  matchAndRewrite(nn::ConcatOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    RankedTensorType type = resultType(op);
    SmallVector<Value> parts =
        llvm::filter_to_vector(adaptor.getInputs(), [](Value part) {
          return cast<RankedTensorType>(part.getType()).getNumElements() > 0;
        });
    if (parts.empty())
      rewriter.replaceOp(op, t.empty(type.getShape(), type.getElementType()));
    else
      // One op, whatever the number of parts: of a chain of insertions
      // bufferization compares each with all others.
      rewriter.replaceOpWithNewOp<tensor::ConcatOp>(op, type, op.getAxis(),
                                                    parts);
    return success();
  }
};

/// linear = start + index * step along each dimension, by element.
Value sliceByElement(TensorBuilder &t, nn::SliceOp op, Value x, Type element) {
  return t.generate(
      op.getType().getShape(), element,
      [&](OpBuilder &b, Location loc, ValueRange index) {
        TensorBuilder inner(b, loc);
        SmallVector<Value> at;
        for (auto [d, i] : llvm::enumerate(index)) {
          Value scaled =
              arith::MulIOp::create(b, loc, i, inner.index(op.getSteps()[d]));
          at.push_back(arith::AddIOp::create(b, loc, scaled,
                                             inner.index(op.getStarts()[d])));
        }
        return tensor::ExtractOp::create(b, loc, x, at).getResult();
      });
}

struct LowerSlice : MovementPattern<nn::SliceOp> {
  using MovementPattern::MovementPattern;
  LogicalResult
  matchAndRewrite(nn::SliceOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    RankedTensorType type = resultType(op);
    bool isForward =
        llvm::all_of(op.getSteps(), [](int64_t step) { return step > 0; });
    Value y;
    if (type.getNumElements() == 0)
      y = t.empty(type.getShape(), type.getElementType());
    else if (isForward)
      y = t.slice(adaptor.getInput(), op.getStarts(), op.getSizes(),
                  op.getSteps());
    else
      y = sliceByElement(t, op, adaptor.getInput(), type.getElementType());
    rewriter.replaceOp(op, y);
    return success();
  }
};

/// The input's index for a padded one, in a mode that repeats the input.
Value foldIndex(OpBuilder &b, Location loc, nn::PadMode mode, Value i,
                int64_t begin, int64_t size) {
  TensorBuilder t(b, loc);
  Value zero = t.index(0), last = t.index(size - 1);
  Value at = arith::SubIOp::create(b, loc, i, t.index(begin));
  if (mode == nn::PadMode::wrap) {
    // One period added keeps the remainder's operand from being negative.
    int64_t periods = llvm::divideCeil(std::max<int64_t>(begin, 0), size);
    Value positive = arith::AddIOp::create(b, loc, at, t.index(periods * size));
    return arith::RemSIOp::create(b, loc, positive, t.index(size));
  }
  if (mode == nn::PadMode::reflect) {
    Value mirrored = arith::SubIOp::create(b, loc, zero, at);
    at = arith::MaxSIOp::create(b, loc, at, mirrored);
    Value over = arith::SubIOp::create(b, loc, t.index(2 * (size - 1)), at);
    return arith::MinSIOp::create(b, loc, at, over);
  }
  at = arith::MaxSIOp::create(b, loc, at, zero);
  return arith::MinSIOp::create(b, loc, at, last);
}

struct LowerPad : MovementPattern<nn::PadOp> {
  using MovementPattern::MovementPattern;
  LogicalResult
  matchAndRewrite(nn::PadOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    RankedTensorType type = resultType(op);
    Value y = type.getNumElements() == 0
                  ? t.empty(type.getShape(), type.getElementType())
              : op.getMode() == nn::PadMode::constant
                  ? byInsertion(t, op, adaptor, type)
                  : byElement(t, op, adaptor, type);
    rewriter.replaceOp(op, y);
    return success();
  }

private:
  /// Negative pads cut the input first.
  Value byInsertion(TensorBuilder &t, nn::PadOp op, OpAdaptor adaptor,
                    RankedTensorType type) const {
    ArrayRef<int64_t> input = nn::shapeOf(adaptor.getInput()),
                      pads = op.getPads();
    size_t rank = input.size();
    SmallVector<int64_t> from, sizes, to;
    for (size_t d = 0; d < rank; ++d) {
      from.push_back(std::max<int64_t>(0, -pads[d]));
      to.push_back(std::max<int64_t>(0, pads[d]));
      int64_t cut = from[d] + std::max<int64_t>(0, -pads[rank + d]);
      sizes.push_back(std::max<int64_t>(0, input[d] - cut));
    }
    Value fill =
        tensor::ExtractOp::create(t.b, t.loc, adaptor.getValue(), ValueRange());
    if (llvm::is_contained(sizes, 0))
      return t.filled(type.getShape(), fill);
    Value whole = withPadding(t, type.getShape(), sizes, to, fill);
    Value kept = ArrayRef<int64_t>(sizes) == input
                     ? adaptor.getInput()
                     : t.slice(adaptor.getInput(), from, sizes);
    return t.insert(kept, whole, to);
  }

  /// A tensor whose padding is filled; what is kept goes to `at`. Padding of
  /// one dimension is filled alone, so that what makes the input can write it
  /// to its place. That of several is many pieces: all is filled.
  static Value withPadding(TensorBuilder &t, ArrayRef<int64_t> shape,
                           ArrayRef<int64_t> sizes, ArrayRef<int64_t> at,
                           Value fill) {
    SmallVector<size_t> padded;
    for (size_t d = 0; d < shape.size(); ++d)
      if (sizes[d] != shape[d])
        padded.push_back(d);
    if (padded.size() != 1)
      return t.filled(shape, fill);
    size_t d = padded[0];
    int64_t behind = at[d] + sizes[d];
    Value whole = t.empty(shape, fill.getType());
    for (auto [from, to] :
         {std::pair(int64_t(0), at[d]), std::pair(behind, shape[d])}) {
      if (from == to)
        continue;
      SmallVector<int64_t> edge(shape), start(shape.size(), 0);
      edge[d] = to - from;
      start[d] = from;
      whole = t.insert(t.filled(edge, fill), whole, start);
    }
    return whole;
  }

  Value byElement(TensorBuilder &t, nn::PadOp op, OpAdaptor adaptor,
                  RankedTensorType type) const {
    ArrayRef<int64_t> input = nn::shapeOf(adaptor.getInput());
    return t.generate(type.getShape(), type.getElementType(),
                      [&](OpBuilder &b, Location loc, ValueRange index) {
                        SmallVector<Value> at;
                        for (auto [d, i] : llvm::enumerate(index))
                          at.push_back(foldIndex(b, loc, op.getMode(), i,
                                                 op.getPads()[d], input[d]));
                        return tensor::ExtractOp::create(b, loc,
                                                         adaptor.getInput(), at)
                            .getResult();
                      });
  }
};

struct LowerBroadcast : MovementPattern<nn::BroadcastOp> {
  using MovementPattern::MovementPattern;
  LogicalResult
  matchAndRewrite(nn::BroadcastOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    RankedTensorType type = resultType(op);
    rewriter.replaceOp(
        op, t.map(adaptor.getInput(), type.getShape(), type.getElementType(),
                  [](OpBuilder &, Location, ValueRange x) { return x[0]; }));
    return success();
  }
};

/// Bytes that choose among 256 others are a function by table.
struct LowerLookup : MovementPattern<nn::GatherOp> {
  LowerLookup(TypeConverter &types, MLIRContext *context)
      : MovementPattern(types, context, /*benefit=*/2) {}
  LogicalResult
  matchAndRewrite(nn::GatherOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = resultType(op);
    Value table = adaptor.getInput(), bytes = adaptor.getIndices();
    if (nn::shapeOf(table) != ArrayRef<int64_t>{256} ||
        !nn::elementOf(table).isInteger(8) ||
        !nn::elementOf(bytes).isInteger(8) || type.getRank() > 6 ||
        type.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "is no table of bytes");
    TensorBuilder t(rewriter, op.getLoc());
    SmallVector<int64_t> shape(type.getShape());
    if (shape.empty())
      shape = {1};
    Value init = t.empty(shape, type.getElementType());
    auto y = kernel::LookupOp::create(t.b, t.loc, TypeRange{init.getType()},
                                      t.reshape(bytes, shape), table, init);
    rewriter.replaceOp(op, t.reshape(y.getResult(0), type.getShape()));
    return success();
  }
};

struct LowerGather : MovementPattern<nn::GatherOp> {
  using MovementPattern::MovementPattern;
  LogicalResult
  matchAndRewrite(nn::GatherOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    RankedTensorType type = resultType(op);
    int64_t axis = op.getAxis(), size = nn::shapeOf(adaptor.getInput())[axis];
    if (size == 0 && type.getNumElements() > 0)
      return rewriter.notifyMatchFailure(op, "gathers from an empty dimension");
    int64_t rank = nn::shapeOf(adaptor.getIndices()).size();
    bool isUnsigned = nn::elementOf(op.getIndices()).isUnsignedInteger();
    Value y = t.generate(
        type.getShape(), type.getElementType(),
        [&](OpBuilder &b, Location loc, ValueRange index) {
          Value i = tensor::ExtractOp::create(b, loc, adaptor.getIndices(),
                                              index.slice(axis, rank));
          SmallVector<Value> at(index.take_front(axis));
          at.push_back(TensorBuilder::safeIndex(b, loc, i, size, isUnsigned));
          llvm::append_range(at, index.drop_front(axis + rank));
          return tensor::ExtractOp::create(b, loc, adaptor.getInput(), at)
              .getResult();
        });
    rewriter.replaceOp(op, y);
    return success();
  }
};

} // namespace

void mlc::populateMovementLowering(SignlessConverter &types,
                                   RewritePatternSet &patterns) {
  patterns.add<LowerReshape, LowerTranspose, LowerConcat, LowerSlice, LowerPad,
               LowerBroadcast, LowerLookup, LowerGather>(types,
                                                         patterns.getContext());
}
