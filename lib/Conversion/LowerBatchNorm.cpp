//===- LowerBatchNorm.cpp - Batch normalisation to linalg -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/Build.h"
#include "Conversion/NNToLinalg.h"
#include "NN/IR/ScalarEmitter.h"

using namespace mlir;
using namespace mlc;

namespace {

/// (x - mean) * (scale / sqrt(variance + epsilon)) + offset; the factor is
/// computed once per channel. What the fuse phase leaves: statistics that are
/// not constant.
struct LowerBatchNorm : OpConversionPattern<nn::BatchNormOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(nn::BatchNormOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    auto type = op.getType();
    Type element = type.getElementType();
    SmallVector<int64_t> channels(nn::shapeOf(adaptor.getScale()));
    Value factor =
        t.map({adaptor.getScale(), adaptor.getVariance()}, channels,
              nn::elementOf(adaptor.getScale()),
              [&](OpBuilder &b, Location loc, ValueRange x) {
                nn::ScalarEmitter e(b, loc, x[0].getType());
                Value epsilon = e.constant(op.getEpsilon().convertToDouble());
                Value v = nn::ScalarEmitter(b, loc, x[1].getType())
                              .convert(x[1], x[0].getType());
                return e.div(x[0], e.op<math::SqrtOp>(e.add(v, epsilon)));
              });
    bool isFirst =
        op.getLayout() == nn::Layout::channels_first && type.getRank() >= 2;
    SmallVector<int64_t> shape = channels;
    if (isFirst)
      shape.resize(type.getRank() - 1, 1);
    SmallVector<Value> inputs = {adaptor.getInput()};
    for (Value v : {factor, adaptor.getMean(), adaptor.getOffset()})
      inputs.push_back(t.reshape(v, shape));
    Value y = t.map(
        inputs, type.getShape(), element,
        [&](OpBuilder &b, Location loc, ValueRange x) {
          Type wide = x[1].getType();
          nn::ScalarEmitter e(b, loc, wide), own(b, loc, element);
          auto widen = [&](Value v) {
            return nn::ScalarEmitter(b, loc, v.getType()).convert(v, wide);
          };
          Value v = e.mul(e.sub(widen(x[0]), widen(x[2])), x[1]);
          return e.convert(e.add(v, widen(x[3])), element);
        });
    rewriter.replaceOp(op, y);
    return success();
  }
};

} // namespace

void mlc::populateBatchNormLowering(SignlessConverter &types,
                                    RewritePatternSet &patterns) {
  patterns.add<LowerBatchNorm>(types, patterns.getContext());
}
