//===- Identities.cpp - Algebraic identities of elementwise ops -*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/Identities.h"

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::nn;

std::optional<double> nn::splatValue(Value v) {
  Attribute attr;
  if (!matchPattern(v, m_Constant(&attr)))
    return std::nullopt;
  // Large constants that are splats are stored as such.
  auto elements = dyn_cast<ElementsAttr>(attr);
  if (!elements || elements.getNumElements() == 0 ||
      !isa<DenseElementsAttr>(elements) ||
      !(elements.isSplat() || elements.getNumElements() == 1))
    return std::nullopt;
  auto dense = cast<DenseElementsAttr>(elements);
  auto one = RankedTensorType::get({}, dense.getElementType());
  std::optional<SmallVector<double>> values = constantDoubles(
      DenseElementsAttr::get(one, *dense.value_begin<Attribute>()));
  return values ? std::optional<double>(values->front()) : std::nullopt;
}

namespace {
/// `OpTy` of x and the number `neutral` is x; on both sides where it commutes.
template <typename OpTy, bool commutes>
struct DropNeutral : OpRewritePattern<OpTy> {
  DropNeutral(MLIRContext *context, double neutral)
      : OpRewritePattern<OpTy>(context), neutral(neutral) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Value a = op->getOperand(0), b = op->getOperand(1);
    if (a.getType() == op.getType() && splatValue(b) == neutral)
      rewriter.replaceOp(op, a);
    else if (commutes && b.getType() == op.getType() &&
             splatValue(a) == neutral)
      rewriter.replaceOp(op, b);
    else
      return rewriter.notifyMatchFailure(op, "no operand is neutral");
    return success();
  }

  double neutral;
};

/// f(f(x)) is x.
template <typename OpTy>
struct DropInvolution : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().template getDefiningOp<OpTy>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "input is not the same op");
    rewriter.replaceOp(op, inner.getInput());
    return success();
  }
};

/// f(f(x)) is f(x).
template <typename OpTy>
struct DropRepetition : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.getInput().template getDefiningOp<OpTy>())
      return rewriter.notifyMatchFailure(op, "input is not the same op");
    rewriter.replaceOp(op, op.getInput());
    return success();
  }
};

/// f(x, x) is x.
template <typename OpTy>
struct DropSameOperands : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (op.getLhs() != op.getRhs())
      return rewriter.notifyMatchFailure(op, "operands differ");
    rewriter.replaceOp(op, op.getLhs());
    return success();
  }
};

/// A choice that does not depend on its condition.
struct SimplifySelect : OpRewritePattern<SelectOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SelectOp op,
                                PatternRewriter &rewriter) const override {
    Value chosen;
    if (op.getOnTrue() == op.getOnFalse())
      chosen = op.getOnTrue();
    else if (std::optional<double> condition = splatValue(op.getCondition()))
      chosen = *condition != 0 ? op.getOnTrue() : op.getOnFalse();
    if (!chosen)
      return rewriter.notifyMatchFailure(op, "depends on its condition");
    if (chosen.getType() == op.getType())
      rewriter.replaceOp(op, chosen);
    else
      rewriter.replaceOpWithNewOp<BroadcastOp>(op, op.getType(), chosen);
    return success();
  }
};

/// Small powers of floats are products, which round no worse and cost far less.
struct SimplifyPow : OpRewritePattern<PowOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PowOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<double> exponent = splatValue(op.getExponent());
    Value x = op.getBase();
    if (!exponent || x.getType() != op.getType() ||
        !isa<FloatType>(elementOf(x)))
      return rewriter.notifyMatchFailure(op, "exponent is not one number");
    if (*exponent == 1)
      rewriter.replaceOp(op, x);
    else if (*exponent == 2)
      rewriter.replaceOpWithNewOp<MulOp>(op, x, x);
    else if (*exponent == 3)
      rewriter.replaceOpWithNewOp<MulOp>(
          op, MulOp::create(rewriter, op.getLoc(), x, x), x);
    else if (*exponent == -1)
      rewriter.replaceOpWithNewOp<ReciprocalOp>(op, x);
    else
      return rewriter.notifyMatchFailure(op, "exponent is not small");
    return success();
  }
};
} // namespace

/// Whether every value of `from` is one of `to`.
static bool isLossless(Type from, Type to) {
  unsigned narrow = from.getIntOrFloatBitWidth(),
           wide = to.getIntOrFloatBitWidth();
  if (from == to)
    return true;
  if (auto f = dyn_cast<FloatType>(from)) {
    auto t = dyn_cast<FloatType>(to);
    return t && narrow < wide;
  }
  bool isUnsigned = from.isUnsignedInteger() || from.isInteger(1);
  if (auto t = dyn_cast<FloatType>(to))
    return narrow - (isUnsigned ? 0 : 1) <= t.getFPMantissaWidth();
  bool toUnsigned = to.isUnsignedInteger() || to.isInteger(1);
  return isUnsigned == toUnsigned ? narrow <= wide
                                  : isUnsigned && narrow < wide;
}

namespace {
/// A cast of a cast that loses nothing is one cast.
struct MergeCasts : OpRewritePattern<CastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CastOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<CastOp>();
    if (!inner || !elementOf(inner.getInput()).isIntOrFloat() ||
        !elementOf(inner).isIntOrFloat() ||
        !isLossless(elementOf(inner.getInput()), elementOf(inner)))
      return rewriter.notifyMatchFailure(op, "input is not a lossless cast");
    rewriter.replaceOpWithNewOp<CastOp>(op, op.getType(), inner.getInput(),
                                        op.getSaturate());
    return success();
  }
};

/// Elementwise ops broadcast by themselves.
struct DropBroadcastOperand
    : OpInterfaceRewritePattern<ElementwiseOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(ElementwiseOpInterface op,
                                PatternRewriter &rewriter) const override {
    for (OpOperand &operand : op->getOpOperands()) {
      auto broadcast = operand.get().getDefiningOp<BroadcastOp>();
      if (!broadcast || !isBroadcastWithout(op, operand, broadcast.getInput()))
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand.set(broadcast.getInput()); });
      return success();
    }
    return rewriter.notifyMatchFailure(op, "needs its operands' shapes");
  }

private:
  /// Whether the result's shape stays what it is with `value` for `operand`.
  static bool isBroadcastWithout(Operation *op, OpOperand &operand,
                                 Value value) {
    SmallVector<int64_t> shape(shapeOf(value));
    for (OpOperand &other : op->getOpOperands()) {
      if (other.getOperandNumber() == operand.getOperandNumber())
        continue;
      FailureOr<SmallVector<int64_t>> joint =
          broadcastShapes(shape, shapeOf(other.get()));
      if (failed(joint))
        return false;
      shape = *joint;
    }
    return ArrayRef<int64_t>(shape) == shapeOf(op->getResult(0));
  }
};
} // namespace

void nn::populateElementwiseIdentities(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<DropNeutral<AddOp, true>, DropNeutral<SubOp, false>>(context,
                                                                    0.0);
  patterns.add<DropNeutral<MulOp, true>, DropNeutral<DivOp, false>>(context,
                                                                    1.0);
  patterns.add<
      DropInvolution<NegOp>, DropInvolution<NotOp>,
      DropInvolution<BitwiseNotOp>, DropRepetition<AbsOp>,
      DropRepetition<CeilOp>, DropRepetition<FloorOp>, DropRepetition<ReluOp>,
      DropRepetition<RoundOp>, DropRepetition<SignOp>, DropSameOperands<AndOp>,
      DropSameOperands<BitwiseAndOp>, DropSameOperands<BitwiseOrOp>,
      DropSameOperands<MaxOp>, DropSameOperands<MinOp>, DropSameOperands<OrOp>,
      SimplifySelect, SimplifyPow, MergeCasts, DropBroadcastOperand>(context);
}
