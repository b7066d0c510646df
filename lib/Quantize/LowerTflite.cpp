//===- LowerTflite.cpp - Functions of one tensor as TFLite's kernels ------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In mode tflite. A function of one byte is a table of 256, whatever its kernel
// computes; TfliteFunctions.h defines it. What has no kernel there is left to
// the patterns of mode integer.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/QuantArithmetic.h"
#include "NN/IR/ShapeInference.h"
#include "Quantize/ByteFunction.h"
#include "Quantize/IntegerIsland.h"
#include "Quantize/Tflite.h"
#include "Quantize/TfliteFunctions.h"

#include "llvm/ADT/TypeSwitch.h"

#include <cmath>
#include <functional>

using namespace mlir;
using namespace mlc;

//===----------------------------------------------------------------------===//
// Floats behind tables, a step a statement: none is fused with another
//===----------------------------------------------------------------------===//

static float logistic(float x) {
  float power = std::exp(-x);
  float sum = 1.0f + power;
  return 1.0f / sum;
}

static float gelu(float x) {
  float scaled = x * static_cast<float>(std::sqrt(0.5));
  float sum = 1.0f + std::erf(scaled);
  float half = 0.5f * x;
  return half * sum;
}

static float geluByTanh(float x) {
  float square = 0.044715f * x * x;
  float cube = square * x;
  float inner = x + cube;
  float scaled = 0.7978845608028654f * inner;
  float sum = 1.0f + std::tanh(scaled);
  float half = 0.5f * x;
  return half * sum;
}

static Scaling scalingOf(const Parameters &p) {
  return {p.scale(), p.zeroPoint()};
}

namespace {

/// What a kernel makes of one stored integer.
class TfliteFunction {
public:
  static std::optional<TfliteFunction> match(const Island &island);

  Value source() const { return input.stored; }
  SmallVector<int64_t> table() const {
    Type element = nn::elementOf(input.stored);
    SmallVector<int64_t> entries;
    for (int64_t i = 0; i < 256; ++i)
      entries.push_back(law(storedOfByte(i, element)));
    return entries;
  }

private:
  bool matchOp(Operation *op, const ResultQuantization &result);

  Dequantized input;
  std::function<int32_t(int32_t)> law;
};

} // namespace

/// Sets the law of `op`, whose operand 0 is the input; false where TFLite has
/// no kernel.
bool TfliteFunction::matchOp(Operation *op, const ResultQuantization &result) {
  Scaling in = scalingOf(input.parameters);
  float out = result.parameters.scale();
  StoredRange range = result.range;
  auto lookUp = [&](auto function) {
    law = [=](int32_t x) { return lookUpTflite(x, in, out, range, function); };
    return true;
  };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](nn::SigmoidOp) { return lookUp(logistic); })
      .Case([&](nn::TanhOp) {
        return lookUp([](float x) { return std::tanh(x); });
      })
      .Case([&](nn::ExpOp) {
        return lookUp([](float x) { return std::exp(x); });
      })
      .Case([&](nn::LogOp) {
        return lookUp([](float x) { return std::log(x); });
      })
      .Case([&](nn::GeluOp each) {
        return lookUp(each.getApproximate() ? geluByTanh : gelu);
      })
      .Case([&](nn::AbsOp) {
        law = [=](int32_t x) { return absTflite(x, in, out, range); };
        return true;
      })
      .Case([&](nn::HardSwishOp) {
        law = [=](int32_t x) { return hardSwishTflite(x, in, out, range); };
        return true;
      })
      .Case([&](nn::LeakyReluOp leaky) {
        auto alpha = static_cast<float>(leaky.getAlpha().convertToDouble());
        law = [=](int32_t x) {
          return leakyReluTflite(x, in, alpha, out, range);
        };
        return true;
      })
      .Default([](Operation *) { return false; });
}

std::optional<TfliteFunction> TfliteFunction::match(const Island &island) {
  TfliteFunction function;
  const ResultQuantization &result = island.result;
  Value v = island.value;
  std::optional<Dequantized> input = matchDequantized(v);
  Operation *op = input ? nullptr : v.getDefiningOp();
  if (!input) {
    if (!op || op->getNumOperands() == 0)
      return std::nullopt;
    v = op->getOperand(0);
    input = matchDequantized(v);
  }
  if (!input || !isByte(input->parameters.stored) ||
      !isByte(result.parameters.stored))
    return std::nullopt;
  function.input = *input;
  if (op)
    return function.matchOp(op, result) ? std::optional(function)
                                        : std::nullopt;
  nn::QuantizeOp end = island.end;
  bool isRelu = end.getInput() != island.value;
  function.law = [in = scalingOf(input->parameters),
                  out = result.parameters.scale(), range = result.range,
                  isRelu](int32_t x) {
    return isRelu ? reluTflite(x, in, out, range)
                  : rescaleTflite(x, in, out, range);
  };
  return function;
}

namespace {

class LowerTfliteFunction : public OpRewritePattern<nn::QuantizeOp> {
public:
  LowerTfliteFunction(MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/2), islands(islands) {}

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Island> island = matchIsland(op, islands.mode);
    std::optional<TfliteFunction> function;
    if (island)
      function = TfliteFunction::match(*island);
    if (!function)
      return rewriter.notifyMatchFailure(op, "TFLite has no kernel of it");
    Location loc = op.getLoc();
    Value table = makeInts(rewriter, loc, island->result.parameters.stored,
                           function->table(), {256});
    rewriter.replaceOpWithNewOp<nn::GatherOp>(op, op.getType(), table,
                                              function->source(), 0);
    ++islands.tables;
    return success();
  }

private:
  IslandContext &islands;
};

/// preluTflite, with a slope for each channel.
class LowerTflitePrelu : public OpRewritePattern<nn::QuantizeOp> {
public:
  LowerTflitePrelu(MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/2), islands(islands) {}

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Island> island = matchIsland(op, islands.mode);
    auto prelu =
        island ? island->value.getDefiningOp<nn::PReluOp>() : nn::PReluOp();
    if (!prelu)
      return rewriter.notifyMatchFailure(op, "ends no prelu");
    std::optional<Dequantized> x = matchDequantized(prelu->getOperand(0)),
                               alpha = matchDequantized(prelu->getOperand(1));
    if (!x || !alpha || !isByte(x->parameters.stored) ||
        !isByte(alpha->parameters.stored) ||
        nn::shapeOf(x->stored) != nn::shapeOf(op.getResult()))
      return rewriter.notifyMatchFailure(op, "operands are no bytes");
    const ResultQuantization &result = island->result;
    TflitePrelu m =
        tflitePrelu(x->parameters.scale(), alpha->parameters.scale(),
                    result.parameters.scale());
    Location loc = rewriter.getFusedLoc({prelu->getLoc(), op.getLoc()});
    Value stored = createMap(
        rewriter, loc, {x->stored, alpha->stored}, result.parameters.stored,
        [&](ValueRange scalars) {
          nn::ScalarEmitter e(rewriter, loc, rewriter.getI32Type());
          Value v = emitCentred(rewriter, loc, scalars[0], x->parameters);
          Value slope =
              emitCentred(rewriter, loc, scalars[1], alpha->parameters);
          Value above = rounded(rewriter, loc, v, m.positive, 1 << 8);
          Value below =
              rounded(rewriter, loc, e.mul(v, slope), m.negative, 1 << 16);
          Value isAbove = e.greaterOrEqual(v, e.constant(0));
          WideEmitter wide(rewriter, loc);
          return emitStoreInteger(rewriter, loc,
                                  wide.select(isAbove, above, below), result);
        });
    rewriter.replaceOp(op, stored);
    ++islands.elementwise;
    return success();
  }

private:
  /// Of 64 bits, whatever the multiplier.
  static Value rounded(OpBuilder &builder, Location loc, Value v,
                       FixedMultiplier m, int64_t most) {
    v = emitDoubleRounding(builder, loc, v, m, most);
    Type i64 = builder.getI64Type();
    return v.getType() == i64
               ? v
               : builder.createOrFold<arith::ExtSIOp>(loc, i64, v);
  }

  IslandContext &islands;
};

/// quantizeTflite, of a model's own floats.
struct QuantizeFloats : OpRewritePattern<nn::QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Parameters> p = parametersOf(op);
    if (!p || !p->isPerTensor() || !nn::elementOf(op.getInput()).isF32())
      return rewriter.notifyMatchFailure(op, "has no one scale");
    Location loc = op.getLoc();
    rewriter.replaceOp(op, createMap(rewriter, loc, {op.getInput()}, p->stored,
                                     [&](ValueRange x) {
                                       return emit(rewriter, loc, x[0], *p);
                                     }));
    return success();
  }

private:
  static Value emit(OpBuilder &builder, Location loc, Value x,
                    const Parameters &p) {
    Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
    nn::ScalarEmitter e(builder, loc, f32), integer(builder, loc, i32);
    StoredRange range = p.range();
    Value v = nn::emitClampFloat(builder, loc, e.div(x, e.constant(p.scale())),
                                 e.constant(range.low - range.zeroPoint),
                                 e.constant(range.high - range.zeroPoint));
    Value whole = e.op<arith::FPToSIOp>(i32, v);
    Value rest = e.sub(v, e.op<arith::SIToFPOp>(f32, whole));
    Value one = integer.constant(1), none = integer.constant(0);
    Value up =
        integer.select(e.greaterOrEqual(rest, e.constant(0.5)), one, none);
    Value down =
        integer.select(e.greaterOrEqual(e.constant(-0.5), rest), one, none);
    Value stored = integer.sub(integer.add(whole, up), down);
    stored = integer.add(stored, integer.constant(range.zeroPoint));
    return integer.convert(stored, p.stored);
  }
};

} // namespace

void mlc::populateTflitePatterns(RewritePatternSet &patterns,
                                 IslandContext &context) {
  if (context.mode == QuantizeMode::Tflite)
    patterns.add<LowerTfliteFunction, LowerTflitePrelu>(patterns.getContext(),
                                                        context);
}

void mlc::populateTfliteEdgePatterns(RewritePatternSet &patterns,
                                     IslandContext &context) {
  if (context.mode == QuantizeMode::Tflite)
    patterns.add<QuantizeFloats>(patterns.getContext());
}
