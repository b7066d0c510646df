//===- LowerSum.cpp - Sums and products of two quantised tensors ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"
#include "Quantize/Islands.h"

using namespace mlir;
using namespace mlc;

namespace {

/// a * ratioA + b * ratioB for centred scalars.
struct Sum {
  Target target;
  float scaleA, scaleB; // negative where subtracted

  double real(float scale) const {
    return static_cast<double>(scale) / target.parameters.scale();
  }
  bool isDefined() const {
    return target.mode == QuantizeMode::Onnx ||
           hasSumMultipliers(real(scaleA), real(scaleB));
  }

  Value emit(OpBuilder &b, Location loc, Value x, Value y) const {
    return target.mode == QuantizeMode::Onnx ? emitFloat(b, loc, x, y)
                                             : emitInteger(b, loc, x, y);
  }

  Value emitFloat(OpBuilder &b, Location loc, Value x, Value y) const {
    nn::ScalarEmitter e(b, loc, b.getF32Type());
    auto term = [&](Value v, float scale) {
      Value f = e.op<arith::SIToFPOp>(b.getF32Type(), v);
      return e.mul(f, e.constant(scale / target.parameters.scale()));
    };
    Value sum = e.add(term(x, scaleA), term(y, scaleB));
    return emitStoreFloat(b, loc, sum, target);
  }

  Value emitInteger(OpBuilder &b, Location loc, Value x, Value y) const {
    nn::ScalarEmitter e(b, loc, b.getI32Type());
    SumMultipliers m = sumMultipliers(real(scaleA), real(scaleB));
    Value sum = e.add(e.mul(x, e.constant(m.a)), e.mul(y, e.constant(m.b)));
    sum = e.add(sum, e.constant(int64_t(1) << (m.shift - 1)));
    Value v = e.op<arith::ShRSIOp>(sum, e.constant(m.shift));
    return emitStoreInteger(b, loc, v, target);
  }
};

class LowerSum : public OpRewritePattern<nn::QuantizeOp> {
public:
  LowerSum(MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/2), islands(islands) {}

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Island> island = matchIsland(op, islands.mode);
    Operation *core = island ? island->value.getDefiningOp() : nullptr;
    if (!isa_and_nonnull<nn::AddOp, nn::SubOp, nn::MulOp>(core))
      return rewriter.notifyMatchFailure(op, "ends no sum or product");
    std::optional<Dequantized> a = matchDequantized(core->getOperand(0));
    std::optional<Dequantized> b = matchDequantized(core->getOperand(1));
    if (!a || !b || !isByte(a->parameters.stored) ||
        !isByte(b->parameters.stored))
      return rewriter.notifyMatchFailure(op, "operands are no quantised bytes");
    float sign = isa<nn::SubOp>(core) ? -1.0f : 1.0f;
    Sum sum{island->target, a->parameters.scale(),
            sign * b->parameters.scale()};
    if (!isa<nn::MulOp>(core) && !sum.isDefined())
      return rewriter.notifyMatchFailure(op, "scales are too far apart");
    auto map = nn::MapOp::create(
        rewriter, rewriter.getFusedLoc({core->getLoc(), op.getLoc()}),
        op.getType(), ValueRange{a->stored, b->stored});
    Type i8 = rewriter.getI8Type();
    OpBuilder::InsertionGuard guard(rewriter);
    Location loc = map.getLoc();
    Block *block =
        rewriter.createBlock(&map.getBody(), {}, {i8, i8}, {loc, loc});
    Value x = emitCentred(rewriter, loc, block->getArgument(0), a->parameters);
    Value y = emitCentred(rewriter, loc, block->getArgument(1), b->parameters);
    Value v = isa<nn::MulOp>(core)
                  ? emitProduct(rewriter, loc, x, y, *a, *b, *island)
                  : sum.emit(rewriter, loc, x, y);
    nn::YieldOp::create(rewriter, loc, v);
    rewriter.replaceOp(op, map);
    ++islands.elementwise;
    return success();
  }

private:
  static Value emitProduct(OpBuilder &builder, Location loc, Value x, Value y,
                           const Dequantized &a, const Dequantized &b,
                           const Island &island) {
    float sa = a.parameters.scale(), sb = b.parameters.scale(),
          out = island.target.parameters.scale();
    double real = static_cast<double>(sa) * sb / out;
    Value acc = nn::ScalarEmitter(builder, loc, builder.getI32Type()).mul(x, y);
    return Requantization(island.target, onnxScale(sa, sb, out), real)
        .emit(builder, loc, acc, {});
  }

  IslandContext &islands;
};

} // namespace

void mlc::populateSumPatterns(RewritePatternSet &patterns,
                              IslandContext &context) {
  patterns.add<LowerSum>(patterns.getContext(), context);
}
