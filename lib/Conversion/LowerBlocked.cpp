//===- LowerBlocked.cpp - Products by narrow weights ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/LowerBlocked.h"

#include "Kernel/IR/Kernel.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlc;

using kernel::BlockedWeights;

static std::optional<SmallVector<char>> bytesOf(Value v) {
  ElementsAttr value;
  if (!matchPattern(v, m_Constant(&value)))
    return std::nullopt;
  return nn::constantBytes(value);
}

static Value makeConstant(TensorBuilder &t, ArrayRef<int64_t> shape,
                          Type element, ArrayRef<char> bytes) {
  return t.constant(cast<TypedAttr>(
      nn::makeConstant(RankedTensorType::get(shape, element), bytes)));
}

/// One number a block of each output channel, packed; null where `v` is no
/// constant.
static Value packParameters(TensorBuilder &t, const BlockedWeights &layout,
                            Value v) {
  std::optional<SmallVector<char>> bytes = bytesOf(v);
  if (!bytes)
    return {};
  Type element = nn::elementOf(v);
  return makeConstant(
      t, layout.parametersShape(), element,
      layout.packParameters(*bytes, nn::bytesPerElement(element)));
}

Value mlc::lowerByBlocks(TensorBuilder &t, const LoweringOptions &options,
                         Value x, nn::BlockedDequantizeOp weights,
                         const KernelEpilogue &epilogue,
                         ArrayRef<int64_t> matrix) {
  int64_t n = matrix[1], k = nn::shapeOf(x)[1];
  BlockedWeights layout{n, k, int64_t(weights.getBlock()),
                        int64_t(weights.getBits()),
                        BlockedWeights::lanesFor(n, options.block)};
  std::optional<SmallVector<char>> stored = bytesOf(weights.getStored());
  Value scales = packParameters(t, layout, weights.getScale()), points;
  if (weights.getZeroPoint())
    points = packParameters(t, layout, weights.getZeroPoint());
  if (!stored || !scales || (weights.getZeroPoint() && !points))
    return {};
  bool hasNibbles = layout.bits == 4;
  int64_t offset = hasNibbles && !points ? BlockedWeights::centre : 0;
  Value packed = makeConstant(t, layout.weightsShape(), t.b.getI8Type(),
                              layout.pack(*stored, offset));
  Value init = t.empty(matrix, epilogue.element), scratch;
  SmallVector<Type> types = {init.getType()};
  if ((hasNibbles || points) && matrix[0] <= BlockedWeights::fewRows) {
    scratch = t.empty({layout.scratch(matrix[0])}, t.b.getF32Type());
    types.push_back(scratch.getType());
  }
  auto y = kernel::BlockedMatmulOp::create(t.b, t.loc, types, x, packed, scales,
                                           points, epilogue.operands, init,
                                           scratch, layout.block);
  epilogue.write(t.b, t.loc, y.getEpilogue(), y.getAccumulatorType());
  return y.getResult(0);
}

namespace {

/// Where it is no product's: its numbers, one by one.
class LowerBlockedDequantize
    : public OpConversionPattern<nn::BlockedDequantizeOp> {
public:
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(nn::BlockedDequantizeOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    Type f32 = rewriter.getF32Type(), i32 = rewriter.getI32Type();
    Value y = t.generate(
        op.getType().getShape(), f32,
        [&](OpBuilder &b, Location loc, ValueRange at) -> Value {
          Value block = arith::DivUIOp::create(
              b, loc, at[1],
              arith::ConstantIndexOp::create(b, loc, op.getBlock()));
          auto read = [&](Value from, Value column) -> Value {
            return tensor::ExtractOp::create(b, loc, from,
                                             ValueRange{at[0], column});
          };
          Value q = arith::ExtSIOp::create(b, loc, i32,
                                           read(adaptor.getStored(), at[1]));
          if (Value points = adaptor.getZeroPoint())
            q = arith::SubIOp::create(
                b, loc, q,
                arith::ExtSIOp::create(b, loc, i32, read(points, block)));
          return arith::MulFOp::create(b, loc,
                                       arith::SIToFPOp::create(b, loc, f32, q),
                                       read(adaptor.getScale(), block));
        });
    rewriter.replaceOp(op, y);
    return success();
  }
};

} // namespace

void mlc::populateBlockedLowering(SignlessConverter &types,
                                  RewritePatternSet &patterns) {
  patterns.add<LowerBlockedDequantize>(types, patterns.getContext());
}
