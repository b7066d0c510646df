//===- LowerSoftmax.cpp - Softmax of quantised tensors --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Spells out what Arithmetic.h defines: the distance to the greatest of a row
// is a byte, whose exponential a table has; shares of their sum are products
// with its reciprocal. In mode onnx a softmax is what onnxruntime makes of
// floats, and stays on them.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"
#include "Quantize/Islands.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

namespace {

class SoftmaxBuilder {
public:
  SoftmaxBuilder(PatternRewriter &rewriter, Location loc, nn::SoftmaxOp op,
                 const Dequantized &input, const ResultQuantization &result)
      : rewriter(rewriter), loc(loc), op(op), input(input), result(result) {}

  Value build();

private:
  Value distances();
  Value exponentials(Value distances);
  Value reciprocals(Value terms);
  Value shares(Value terms, Value reciprocals);
  Value reduce(Value v, nn::ReduceKind kind);
  Value map(ArrayRef<Value> inputs, Type to,
            llvm::function_ref<Value(ValueRange)> body) {
    return createMap(rewriter, loc, inputs, to, body);
  }

  PatternRewriter &rewriter;
  Location loc;
  nn::SoftmaxOp op;
  const Dequantized &input;
  const ResultQuantization &result;
};

} // namespace

Value SoftmaxBuilder::reduce(Value v, nn::ReduceKind kind) {
  SmallVector<int64_t> shape(nn::shapeOf(v));
  shape[op.getAxis()] = 1;
  return nn::ReduceOp::create(
      rewriter, loc, RankedTensorType::get(shape, nn::elementOf(v)), v, kind,
      ArrayRef<int64_t>(static_cast<int64_t>(op.getAxis())), /*keepdims=*/true);
}

Value SoftmaxBuilder::distances() {
  Value most = reduce(input.stored, nn::ReduceKind::max);
  auto unsignedByte =
      IntegerType::get(rewriter.getContext(), 8, IntegerType::Unsigned);
  // Modulo 256 the difference of bytes is right whatever their sign.
  return map({input.stored, most}, unsignedByte, [&](ValueRange x) {
    nn::ScalarEmitter e(rewriter, loc, rewriter.getI8Type());
    return e.sub(x[1], x[0]);
  });
}

Value SoftmaxBuilder::exponentials(Value distances) {
  SmallVector<int64_t> terms;
  for (int32_t distance = 0; distance < 256; ++distance)
    terms.push_back(softmaxTerm(distance, input.parameters.scale()));
  Value table = makeInts(rewriter, loc, rewriter.getI32Type(), terms, {256});
  auto type =
      RankedTensorType::get(nn::shapeOf(distances), rewriter.getI32Type());
  return nn::GatherOp::create(rewriter, loc, type, table, distances, 0);
}

Value SoftmaxBuilder::reciprocals(Value terms) {
  Type i64 = rewriter.getI64Type();
  nn::ScalarEmitter e(rewriter, loc, i64);
  Value wide = map({terms}, i64, [&](ValueRange x) {
    return e.op<arith::ExtSIOp>(i64, x[0]);
  });
  Value sums = reduce(wide, nn::ReduceKind::sum);
  return map({sums}, i64, [&](ValueRange x) {
    Value numerator = arith::ConstantOp::create(
        rewriter, loc, rewriter.getI64IntegerAttr(int64_t(1) << 62));
    return e.op<arith::DivSIOp>(numerator, x[0]);
  });
}

Value SoftmaxBuilder::shares(Value terms, Value reciprocals) {
  // softmaxMultiplier.
  double real = std::ldexp(1.0, -30) / result.parameters.scale();
  Requantization requantize(result, static_cast<float>(real), real);
  return map({terms, reciprocals}, result.parameters.stored, [&](ValueRange x) {
    Type i64 = rewriter.getI64Type(), i32 = rewriter.getI32Type();
    nn::ScalarEmitter e(rewriter, loc, i64);
    Value product = e.mul(e.op<arith::ExtSIOp>(i64, x[0]), x[1]);
    Value share = e.op<arith::TruncIOp>(
        i32, e.op<arith::ShRSIOp>(product, e.constant(32)));
    return requantize.emit(rewriter, loc, share, {});
  });
}

Value SoftmaxBuilder::build() {
  Value terms = exponentials(distances());
  return shares(terms, reciprocals(terms));
}

namespace {

class LowerSoftmax : public OpRewritePattern<nn::QuantizeOp> {
public:
  LowerSoftmax(MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/1), islands(islands) {}

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (islands.mode != QuantizeMode::Integer)
      return rewriter.notifyMatchFailure(op, "the mode computes it in floats");
    std::optional<Island> island = matchIsland(op, islands.mode);
    auto softmax =
        island ? island->value.getDefiningOp<nn::SoftmaxOp>() : nn::SoftmaxOp();
    if (!softmax || softmax.getLog())
      return rewriter.notifyMatchFailure(op, "ends no softmax");
    std::optional<Dequantized> input = matchDequantized(softmax.getInput());
    if (!input || !isByte(input->parameters.stored) ||
        llvm::is_contained(nn::shapeOf(softmax.getInput()), 0))
      return rewriter.notifyMatchFailure(op, "is of no quantised bytes");
    Location loc = rewriter.getFusedLoc({softmax.getLoc(), op.getLoc()});
    rewriter.replaceOp(
        op,
        SoftmaxBuilder(rewriter, loc, softmax, *input, island->result).build());
    ++islands.rows;
    return success();
  }

private:
  IslandContext &islands;
};

} // namespace

void mlc::populateSoftmaxPatterns(RewritePatternSet &patterns,
                                  IslandContext &context) {
  patterns.add<LowerSoftmax>(patterns.getContext(), context);
}
