//===- LowerReduce.cpp - Sums over dimensions of quantised tensors --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sum is exact in i32 and requantised once; a mean divides in the factor.
// onnxruntime adds f32 one after the other here, so that values within the
// noise of its sums of a tie fall on either side.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"
#include "Quantize/Islands.h"
#include "Quantize/Tflite.h"

#include <limits>

using namespace mlir;
using namespace mlc;

namespace {

/// A sum or a mean of quantised bytes that ends as stored integers.
class ReduceBuilder {
public:
  ReduceBuilder(PatternRewriter &rewriter, Location loc, nn::ReduceOp op,
                const Dequantized &input, const ResultQuantization &result)
      : rewriter(rewriter), loc(loc), op(op), input(input), result(result) {}

  Value build(int64_t count) {
    Type i32 = rewriter.getI32Type();
    Value centred =
        createMap(rewriter, loc, {input.stored}, i32, [&](ValueRange x) {
          return emitCentred(rewriter, loc, x[0], input.parameters);
        });
    auto type = RankedTensorType::get(nn::shapeOf(op.getResult()), i32);
    Value sum =
        nn::ReduceOp::create(rewriter, loc, type, centred, nn::ReduceKind::sum,
                             op.getAxes(), op.getKeepdims());
    Requantization requantize = requantization(count);
    return createMap(rewriter, loc, {sum}, result.parameters.stored,
                     [&](ValueRange acc) {
                       return requantize.emit(rewriter, loc, acc[0], {});
                     });
  }

private:
  /// Whether TFLite has a kernel of it, and the mode is its.
  bool isTflite() {
    return result.mode == QuantizeMode::Tflite &&
           op.getKind() == nn::ReduceKind::mean;
  }

  /// Divides by `count` where it is a mean.
  Requantization requantization(int64_t count) {
    if (isTflite())
      return Requantization::twice(result,
                                   meanTflite(input.parameters.scale(),
                                              result.parameters.scale(), count),
                                   255 * count);
    int64_t divisor = op.getKind() == nn::ReduceKind::mean ? count : 1;
    float in = input.parameters.scale(), out = result.parameters.scale();
    float scale = in / (out * static_cast<float>(divisor));
    double real =
        static_cast<double>(in) / (static_cast<double>(out) * divisor);
    return Requantization(result, scale, real);
  }

  PatternRewriter &rewriter;
  Location loc;
  nn::ReduceOp op;
  const Dequantized &input;
  const ResultQuantization &result;
};

class LowerReduce : public OpRewritePattern<nn::QuantizeOp> {
public:
  LowerReduce(MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/1), islands(islands) {}

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Island> island = matchIsland(op, islands.mode);
    auto reduce =
        island ? island->value.getDefiningOp<nn::ReduceOp>() : nn::ReduceOp();
    if (!reduce || (reduce.getKind() != nn::ReduceKind::sum &&
                    reduce.getKind() != nn::ReduceKind::mean))
      return rewriter.notifyMatchFailure(op, "ends no sum over dimensions");
    std::optional<Dequantized> input = matchScaled(reduce.getInput());
    if (!input || !isByte(input->parameters.stored))
      return rewriter.notifyMatchFailure(op, "adds up no quantised bytes");
    int64_t count = 1;
    for (int64_t axis : reduce.getAxes())
      count *= nn::shapeOf(reduce.getInput())[axis];
    constexpr int64_t mostBytes = std::numeric_limits<int32_t>::max() / 255;
    if (count == 0 || count > mostBytes)
      return rewriter.notifyMatchFailure(op, "sums pass the range of 32 bits");
    if (reduce.getKind() != nn::ReduceKind::mean)
      islands.takesIntegerForm(reduce);
    Location loc = rewriter.getFusedLoc({reduce.getLoc(), op.getLoc()});
    rewriter.replaceOp(
        op, ReduceBuilder(rewriter, loc, reduce, *input, island->result)
                .build(count));
    ++islands.rows;
    return success();
  }

private:
  IslandContext &islands;
};

} // namespace

void mlc::populateReducePatterns(RewritePatternSet &patterns,
                                 IslandContext &context) {
  patterns.add<LowerReduce>(patterns.getContext(), context);
}
