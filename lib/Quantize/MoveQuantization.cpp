//===- MoveQuantization.cpp - What commutes with quantisation -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integers are a quarter of the size: nn.quantize moves up through data
// movement, nn.dequantize down.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"
#include "Quantize/Islands.h"
#include "Quantize/Tflite.h"

using namespace mlir;
using namespace mlc;

static RankedTensorType withElement(Value v, Type element) {
  return RankedTensorType::get(nn::shapeOf(v), element);
}

bool mlc::movesStored(Operation *op) {
  if (auto pool = dyn_cast<nn::PoolOp>(op))
    return pool.getKind() == nn::PoolKind::max;
  // Of no elements it would give the least number of its type.
  if (auto reduce = dyn_cast<nn::ReduceOp>(op))
    return (reduce.getKind() == nn::ReduceKind::max ||
            reduce.getKind() == nn::ReduceKind::min) &&
           !llvm::is_contained(nn::shapeOf(reduce.getInput()), 0);
  return isa<nn::ReshapeOp, nn::TransposeOp, nn::SliceOp, nn::BroadcastOp,
             nn::GatherOp>(op);
}

static Value makeScale(OpBuilder &builder, Location loc, const Parameters &p) {
  return makeFloats(builder, loc, {p.scale()}, {});
}

static Value makeZeroPoint(OpBuilder &builder, Location loc,
                           const Parameters &p) {
  return makeInts(builder, loc, p.stored, {p.zeroPoint()}, {});
}

Value mlc::dequantizeStored(OpBuilder &builder, Location loc, Value stored,
                            const Parameters &p) {
  return nn::DequantizeOp::create(
      builder, loc, withElement(stored, builder.getF32Type()), stored,
      makeScale(builder, loc, p), makeZeroPoint(builder, loc, p));
}

Value mlc::quantizeTo(OpBuilder &builder, Location loc, Value v,
                      const Parameters &p) {
  return nn::QuantizeOp::create(builder, loc, withElement(v, p.stored), v,
                                makeScale(builder, loc, p),
                                makeZeroPoint(builder, loc, p));
}

namespace {

/// `op` on `input` instead of operand 0.
Value moveStored(Operation *op, Value input, PatternRewriter &rewriter) {
  Operation *copy = rewriter.clone(*op);
  copy->setOperand(0, input);
  copy->getResult(0).setType(
      withElement(op->getResult(0), nn::elementOf(input)));
  return copy->getResult(0);
}

/// `op`, an nn.max or nn.min, of stored integers.
Value extremeOf(Operation *op, Value a, Value b, PatternRewriter &rewriter) {
  Operation *copy = rewriter.clone(*op);
  copy->setOperands({a, b});
  copy->getResult(0).setType(withElement(op->getResult(0), nn::elementOf(a)));
  return copy->getResult(0);
}

/// The only value that the pad's constant has; 0 in other modes.
std::optional<double> padValue(nn::PadOp pad) {
  if (!pad.getValue())
    return 0.0;
  std::optional<SmallVector<double>> values = knownValues(pad.getValue());
  return values && values->size() == 1 ? std::optional(values->front())
                                       : std::nullopt;
}

/// `pad` on stored integers.
Value padStored(nn::PadOp pad, Value stored, double value, const Parameters &p,
                QuantizeMode mode, PatternRewriter &rewriter) {
  Value filler;
  if (pad.getValue())
    filler = makeInts(
        rewriter, pad.getLoc(), p.stored,
        {quantizeIn(mode, static_cast<float>(value), p.scale(), p.range())},
        {});
  return nn::PadOp::create(rewriter, pad.getLoc(),
                           withElement(pad.getResult(), p.stored), stored,
                           filler, pad.getPads(), pad.getMode());
}

//===----------------------------------------------------------------------===//
// Down: op(dequantize(x)) = dequantize(op(x))
//===----------------------------------------------------------------------===//

/// `op` on the integers of its dequantised operand 0; null where it is not the
/// same.
Value onStored(Operation *op, const Dequantized &input, QuantizeMode mode,
               PatternRewriter &rewriter) {
  const Parameters &p = input.parameters;
  if (movesStored(op))
    return moveStored(op, input.stored, rewriter);
  // TFLite's relu knows the scale of its result.
  if (isa<nn::ReluOp>(op) && mode != QuantizeMode::Tflite)
    return nn::MaxOp::create(rewriter, op->getLoc(), input.stored.getType(),
                             input.stored,
                             makeZeroPoint(rewriter, op->getLoc(), p));
  if (auto pad = dyn_cast<nn::PadOp>(op)) {
    std::optional<double> value = padValue(pad);
    // Only what integers hold exactly: the scale of what follows is not known.
    if (value && *value == 0)
      return padStored(pad, input.stored, 0, p, mode, rewriter);
  }
  return {};
}

struct MoveDown : RewritePattern {
  MoveDown(MLIRContext *context, IslandContext &islands)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/3, context),
        islands(islands) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (op->getNumOperands() == 0 || op->getNumResults() != 1)
      return failure();
    std::optional<Dequantized> input = matchDequantized(op->getOperand(0));
    if (!input || !nn::elementOf(op->getOperand(0)).isF32())
      return failure();
    Value stored = onStored(op, *input, islands.mode, rewriter);
    if (!stored)
      return failure();
    rewriter.replaceOp(op, dequantizeStored(rewriter, op->getLoc(), stored,
                                            input->parameters));
    ++islands.moved;
    return success();
  }

  IslandContext &islands;
};

/// Weights with a scale a channel may be transposed: the axis moves along.
struct TransposeDown : OpRewritePattern<nn::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(nn::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto input = op.getInput().getDefiningOp<nn::DequantizeOp>();
    std::optional<Parameters> p;
    if (!input || !(p = parametersOf(input)) || p->isPerTensor() ||
        !nn::elementOf(op.getResult()).isF32())
      return failure();
    ArrayRef<int64_t> permutation = op.getPermutation();
    int64_t axis = llvm::find(permutation, p->axis) - permutation.begin();
    SmallVector<int64_t> shape(permutation.size() - axis, 1);
    shape[0] = p->scales.size();
    Location loc = op.getLoc();
    Value stored = moveStored(op, input.getInput(), rewriter);
    SmallVector<int64_t> zeroPoints(p->zeroPoints.begin(), p->zeroPoints.end());
    rewriter.replaceOpWithNewOp<nn::DequantizeOp>(
        op, op.getType(), stored, makeFloats(rewriter, loc, p->scales, shape),
        makeInts(rewriter, loc, p->stored, zeroPoints, shape));
    return success();
  }
};

/// Tensors with the same parameters side by side.
struct ConcatDown : OpRewritePattern<nn::ConcatOp> {
  ConcatDown(MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/3), islands(islands) {}

  LogicalResult matchAndRewrite(nn::ConcatOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> stored;
    std::optional<Parameters> common;
    for (Value v : op.getInputs()) {
      std::optional<Dequantized> input = matchDequantized(v);
      if (!input || (common && !(*common == input->parameters)))
        return failure();
      common = input->parameters;
      stored.push_back(input->stored);
    }
    if (!common || !nn::elementOf(op.getResult()).isF32())
      return failure();
    Value joined = nn::ConcatOp::create(
        rewriter, op.getLoc(), withElement(op.getResult(), common->stored),
        stored, op.getAxis());
    rewriter.replaceOp(
        op, dequantizeStored(rewriter, op.getLoc(), joined, *common));
    ++islands.moved;
    return success();
  }

  IslandContext &islands;
};

/// The greater, or less, of two tensors with the same parameters.
struct ExtremeDown : RewritePattern {
  ExtremeDown(MLIRContext *context, IslandContext &islands)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/3, context),
        islands(islands) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    std::optional<Dequantized> a, b;
    if (!isa<nn::MaxOp, nn::MinOp>(op) ||
        !(a = matchDequantized(op->getOperand(0))) ||
        !(b = matchDequantized(op->getOperand(1))) ||
        !(a->parameters == b->parameters) ||
        !nn::elementOf(op->getResult(0)).isF32())
      return failure();
    Value stored = extremeOf(op, a->stored, b->stored, rewriter);
    rewriter.replaceOp(
        op, dequantizeStored(rewriter, op->getLoc(), stored, a->parameters));
    ++islands.moved;
    return success();
  }

  IslandContext &islands;
};

//===----------------------------------------------------------------------===//
// Up: quantize(op(x)) = op(quantize(x))
//===----------------------------------------------------------------------===//

/// Whether each operand is a dequantised tensor, or again the greater or less
/// of two. Of other floats one might be no number.
bool isExtremeOfStored(Operation *op) {
  return isa<nn::MaxOp, nn::MinOp>(op) &&
         llvm::all_of(op->getOperands(), [](Value v) {
           Operation *source = v.getDefiningOp();
           return source && (matchDequantized(v) || isExtremeOfStored(source));
         });
}

struct MoveUp : OpRewritePattern<nn::QuantizeOp> {
  MoveUp(MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/3), islands(islands) {}

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Parameters> p = parametersOf(op);
    Operation *source = op.getInput().getDefiningOp();
    if (!p || !p->isPerTensor() || !source || !op.getInput().hasOneUse() ||
        !nn::elementOf(op.getInput()).isF32())
      return failure();
    rewriter.setInsertionPoint(source);
    Value stored;
    // A reduction's result has fewer elements to quantise.
    if (movesStored(source) && !isa<nn::ReduceOp>(source)) {
      Value input =
          quantizeTo(rewriter, op.getLoc(), source->getOperand(0), *p);
      stored = moveStored(source, input, rewriter);
    } else if (auto pad = dyn_cast<nn::PadOp>(source)) {
      std::optional<double> value = padValue(pad);
      if (!value)
        return failure();
      Value input = quantizeTo(rewriter, op.getLoc(), pad.getInput(), *p);
      stored = padStored(pad, input, *value, *p, islands.mode, rewriter);
    } else if (auto concat = dyn_cast<nn::ConcatOp>(source)) {
      SmallVector<Value> inputs;
      for (Value v : concat.getInputs())
        inputs.push_back(quantizeTo(rewriter, op.getLoc(), v, *p));
      stored = nn::ConcatOp::create(rewriter, concat.getLoc(), op.getType(),
                                    inputs, concat.getAxis());
    } else if (isExtremeOfStored(source)) {
      // Rounding is monotonic.
      Value a = quantizeTo(rewriter, op.getLoc(), source->getOperand(0), *p);
      Value b = quantizeTo(rewriter, op.getLoc(), source->getOperand(1), *p);
      stored = extremeOf(source, a, b, rewriter);
    } else {
      return failure();
    }
    rewriter.replaceOp(op, stored);
    ++islands.moved;
    return success();
  }

  IslandContext &islands;
};

/// quantize(limit(move(x))) = quantize(move(limit(x))): next to what computes x
/// the limits are those of its integers.
struct LimitUp : OpRewritePattern<nn::QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    Value v = op.getInput();
    Operation *limit = nullptr, *move = v.getDefiningOp();
    for (; move && v.hasOneUse() && isLimit(move); move = v.getDefiningOp()) {
      limit = move;
      v = move->getOperand(0);
    }
    auto isScalar = [](Value bound) { return nn::shapeOf(bound).empty(); };
    if (!limit || !move || !v.hasOneUse() || !movesStored(move) ||
        isa<nn::ReduceOp>(move) || !parametersOf(op) ||
        !llvm::all_of(limit->getOperands().drop_front(), isScalar))
      return failure();
    rewriter.setInsertionPoint(move);
    Operation *limited = rewriter.clone(*limit);
    limited->setOperand(0, move->getOperand(0));
    limited->getResult(0).setType(move->getOperand(0).getType());
    rewriter.modifyOpInPlace(
        move, [&] { move->setOperand(0, limited->getResult(0)); });
    rewriter.replaceOp(limit, move->getResult(0));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Both ends
//===----------------------------------------------------------------------===//

/// quantize(dequantize(x)) with the same parameters is x.
struct Cancel : OpRewritePattern<nn::QuantizeOp> {
  Cancel(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/4) {}
  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Parameters> p = parametersOf(op);
    std::optional<Dequantized> input = matchDequantized(op.getInput());
    if (!p || !input || !(*p == input->parameters))
      return failure();
    rewriter.replaceOp(op, input->stored);
    return success();
  }
};

/// Weights that are quantised in the graph are stored as integers.
struct QuantizeConstant : OpRewritePattern<nn::QuantizeOp> {
  QuantizeConstant(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/4) {}
  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Parameters> p = parametersOf(op);
    std::optional<SmallVector<double>> values;
    if (!p || !(values = knownValues(op.getInput())))
      return failure();
    int64_t stride = 1, channels = p->scales.size();
    if (!p->isPerTensor())
      stride = nn::rowMajorStrides(nn::shapeOf(op.getInput()))[p->axis];
    StoredRange range = p->range();
    SmallVector<int64_t> stored;
    for (auto [i, x] : llvm::enumerate(*values)) {
      int64_t c = static_cast<int64_t>(i) / stride % channels;
      range.zeroPoint = p->zeroPoint(c);
      stored.push_back(
          quantizeValue(static_cast<float>(x), p->scale(c), range));
    }
    rewriter.replaceOp(op, makeInts(rewriter, op.getLoc(), p->stored, stored,
                                    nn::shapeOf(op.getInput())));
    return success();
  }
};

} // namespace

void mlc::populateMovePatterns(RewritePatternSet &patterns,
                               IslandContext &context) {
  MLIRContext *c = patterns.getContext();
  patterns.add<MoveDown, ConcatDown, ExtremeDown, MoveUp>(c, context);
  patterns.add<TransposeDown, LimitUp, Cancel, QuantizeConstant>(c);
}
