//===- MovementIdentities.cpp - Of movement and windows -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/Identities.h"

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::nn;

static bool allEqual(ArrayRef<int64_t> values, int64_t v) {
  return llvm::all_of(values, [&](int64_t x) { return x == v; });
}

namespace {
/// slice(slice(x)) is one slice.
struct MergeSlices : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<SliceOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "input is not a slice");
    SmallVector<int64_t> starts, steps;
    for (auto [start, step, innerStart, innerStep] :
         llvm::zip(op.getStarts(), op.getSteps(), inner.getStarts(),
                   inner.getSteps())) {
      starts.push_back(innerStart + start * innerStep);
      steps.push_back(step * innerStep);
    }
    rewriter.replaceOpWithNewOp<SliceOp>(op, inner.getInput(), starts,
                                         op.getSizes(), steps);
    return success();
  }
};

/// A slice that lies in one operand of a concatenation is a slice of that
/// operand.
struct SliceOfConcat : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op,
                                PatternRewriter &rewriter) const override {
    auto concat = op.getInput().getDefiningOp<ConcatOp>();
    if (!concat || op.getType().getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "input is not a concatenation");
    int64_t axis = concat.getAxis(), start = op.getStarts()[axis];
    int64_t last = start + (op.getSizes()[axis] - 1) * op.getSteps()[axis];
    int64_t offset = 0;
    for (Value input : concat.getInputs()) {
      int64_t end = offset + shapeOf(input)[axis];
      if (std::min(start, last) >= offset && std::max(start, last) < end) {
        SmallVector<int64_t> starts(op.getStarts());
        starts[axis] -= offset;
        rewriter.replaceOpWithNewOp<SliceOp>(op, input, starts, op.getSizes(),
                                             op.getSteps());
        return success();
      }
      offset = end;
    }
    return rewriter.notifyMatchFailure(op, "spans operands");
  }
};

/// Operands of a concatenation: empty ones go, concatenations along the same
/// axis are taken in, neighbouring slices of one tensor become one slice.
struct MergeConcatOperands : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    int64_t axis = op.getAxis();
    SmallVector<Value> inputs;
    bool changed = false;
    for (Value input : op.getInputs()) {
      auto inner = input.getDefiningOp<ConcatOp>();
      if (shapeOf(input)[axis] == 0 && op.getType().getNumElements() > 0) {
        changed = true;
      } else if (inner && static_cast<int64_t>(inner.getAxis()) == axis &&
                 inner->hasOneUse()) {
        llvm::append_range(inputs, inner.getInputs());
        changed = true;
      } else if (Value joint = join(inputs, input, axis, rewriter)) {
        inputs.back() = joint;
        changed = true;
      } else {
        inputs.push_back(input);
      }
    }
    if (!changed)
      return rewriter.notifyMatchFailure(op, "operands cannot be merged");
    if (inputs.size() == 1)
      rewriter.replaceOp(op, inputs.front());
    else
      rewriter.replaceOpWithNewOp<ConcatOp>(op, inputs, axis);
    return success();
  }

private:
  /// One slice for the last of `inputs` and `next`, where the second continues
  /// the first.
  static Value join(ArrayRef<Value> inputs, Value next, int64_t axis,
                    PatternRewriter &rewriter) {
    auto a =
        inputs.empty() ? SliceOp() : inputs.back().getDefiningOp<SliceOp>();
    auto b = next.getDefiningOp<SliceOp>();
    if (!a || !b || a.getInput() != b.getInput() ||
        a.getSteps() != b.getSteps())
      return {};
    SmallVector<int64_t> starts(a.getStarts()), sizes(a.getSizes());
    starts[axis] += sizes[axis] * a.getSteps()[axis];
    if (ArrayRef<int64_t>(starts) != b.getStarts())
      return {};
    sizes[axis] += b.getSizes()[axis];
    Location loc = rewriter.getFusedLoc({a.getLoc(), b.getLoc()});
    return rewriter.createOrFold<SliceOp>(loc, a.getInput(), a.getStarts(),
                                          sizes, a.getSteps());
  }
};

/// A gather of indices in arithmetic progression is a slice.
struct GatherToSlice : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GatherOp op,
                                PatternRewriter &rewriter) const override {
    Attribute attr;
    if (!matchPattern(op.getIndices(), m_Constant(&attr)))
      return rewriter.notifyMatchFailure(op, "indices are not constant");
    std::optional<SmallVector<int64_t>> indices = constantIntegers(attr);
    int64_t axis = op.getAxis(), size = shapeOf(op.getInput())[axis];
    if (!indices || indices->empty())
      return rewriter.notifyMatchFailure(op, "indices are not known");
    for (int64_t &i : *indices) {
      i += i < 0 ? size : 0;
      if (i < 0 || i >= size)
        return rewriter.notifyMatchFailure(op, "indices are out of range");
    }
    int64_t step = indices->size() < 2 ? 1 : (*indices)[1] - (*indices)[0];
    for (size_t i = 1; i < indices->size(); ++i)
      if (step == 0 || (*indices)[i] - (*indices)[i - 1] != step)
        return rewriter.notifyMatchFailure(op, "indices are not a progression");
    SmallVector<int64_t> sizes(shapeOf(op.getInput())), starts(sizes.size(), 0),
        steps(sizes.size(), 1);
    starts[axis] = indices->front();
    sizes[axis] = indices->size();
    steps[axis] = step;
    Value slice = rewriter.createOrFold<SliceOp>(op.getLoc(), op.getInput(),
                                                 starts, sizes, steps);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), slice);
    return success();
  }
};

/// A pad of nothing is its input.
struct DropPad : OpRewritePattern<PadOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PadOp op,
                                PatternRewriter &rewriter) const override {
    if (!allEqual(op.getPads(), 0))
      return rewriter.notifyMatchFailure(op, "pads");
    rewriter.replaceOp(op, op.getInput());
    return success();
  }
};

/// Two pads with the same value are one.
struct MergePads : OpRewritePattern<PadOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PadOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<PadOp>();
    auto grows = [](PadOp pad) {
      return pad.getMode() == PadMode::constant &&
             llvm::all_of(pad.getPads(), [](int64_t p) { return p >= 0; });
    };
    if (!inner || !grows(op) || !grows(inner) ||
        !sameValue(op.getValue(), inner.getValue()))
      return rewriter.notifyMatchFailure(
          op, "input is not a pad with the same value");
    SmallVector<int64_t> pads;
    for (auto [a, b] : llvm::zip(op.getPads(), inner.getPads()))
      pads.push_back(a + b);
    rewriter.replaceOpWithNewOp<PadOp>(op, inner.getInput(), op.getValue(),
                                       pads, op.getMode());
    return success();
  }

private:
  static bool sameValue(Value a, Value b) {
    std::optional<double> x = splatValue(a);
    return a == b || (x && x == splatValue(b));
  }
};

/// A window of one element that moves by one is its input.
struct DropPool : OpRewritePattern<PoolOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PoolOp op,
                                PatternRewriter &rewriter) const override {
    if (!allEqual(op.getKernel(), 1) || !allEqual(op.getStrides(), 1) ||
        !allEqual(op.getPads(), 0))
      return rewriter.notifyMatchFailure(op, "does something");
    rewriter.replaceOp(op, op.getInput());
    return success();
  }
};

/// A reduction of dimensions of size 1 is a reshape, where one element is its
/// own.
struct DropReduce : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReduceOp op,
                                PatternRewriter &rewriter) const override {
    static constexpr ReduceKind kIdentities[] = {
        ReduceKind::sum, ReduceKind::mean, ReduceKind::max, ReduceKind::min,
        ReduceKind::prod};
    bool isIdentity = llvm::is_contained(kIdentities, op.getKind()) &&
                      llvm::all_of(op.getAxes(), [&](int64_t axis) {
                        return shapeOf(op.getInput())[axis] == 1;
                      });
    if (!isIdentity)
      return rewriter.notifyMatchFailure(op, "reduces");
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), op.getInput());
    return success();
  }
};

/// A product by a transposed matrix reads it transposed.
struct MatmulOfTranspose : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getRhs().getDefiningOp<TransposeOp>();
    if (!transpose)
      return rewriter.notifyMatchFailure(op,
                                         "right operand is not a transpose");
    SmallVector<int64_t> swap = llvm::to_vector(
        llvm::seq<int64_t>(0, transpose.getPermutation().size()));
    std::swap(swap[swap.size() - 1], swap[swap.size() - 2]);
    if (transpose.getPermutation() != ArrayRef<int64_t>(swap))
      return rewriter.notifyMatchFailure(
          op, "does not swap the last two dimensions");
    rewriter.modifyOpInPlace(op, [&] {
      op.getRhsMutable().assign(transpose.getInput());
      op.setTransposeRhs(!op.getTransposeRhs());
    });
    return success();
  }
};

/// A sum over nothing is 0, or the bias. Kernels have at least one term.
struct DropEmptyProduct : OpInterfaceRewritePattern<LinearOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(LinearOpInterface op,
                                PatternRewriter &rewriter) const override {
    if ((!isEmpty(op.getInput()) && !isEmpty(op.getWeights())) ||
        isEmpty(op.getResult()))
      return rewriter.notifyMatchFailure(op,
                                         "sums something, or gives nothing");
    if (!op.getEpilogue().empty())
      return rewriter.notifyMatchFailure(op, "has an epilogue");
    auto type = cast<RankedTensorType>(op.getResult().getType());
    Value zeros = ConstantOp::create(
        rewriter, op.getLoc(), type,
        DenseElementsAttr::get(type,
                               rewriter.getZeroAttr(type.getElementType())));
    if (Value bias = op.getBias()) {
      // Along the dimension of channels.
      SmallVector<int64_t> shape(type.getRank(), 1);
      shape[op.getResultChannelDim()] = shapeOf(bias)[0];
      bias = ReshapeOp::create(rewriter, op.getLoc(), type.clone(shape), bias);
      zeros = AddOp::create(rewriter, op.getLoc(), type, zeros, bias);
    }
    rewriter.replaceOp(op, zeros);
    return success();
  }

private:
  static bool isEmpty(Value v) { return computeProduct(shapeOf(v)) == 0; }
};

/// Results without elements are constants, so that no other pass and no
/// emitter meets them.
struct DropEmpty : RewritePattern {
  explicit DropEmpty(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 2, context) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa_and_nonnull<NNDialect>(op->getDialect()) || isa<ConstantOp>(op) ||
        op->getNumResults() == 0 || !isMemoryEffectFree(op))
      return failure();
    SmallVector<Value> constants;
    for (Type result : op->getResultTypes()) {
      auto type = dyn_cast<RankedTensorType>(result);
      if (!type || !type.hasStaticShape() || type.getNumElements() > 0)
        return failure();
      constants.push_back(ConstantOp::create(rewriter, op->getLoc(), type,
                                             makeConstant(type, {})));
    }
    rewriter.replaceOp(op, constants);
    return success();
  }
};

} // namespace

void nn::populateMovementIdentities(RewritePatternSet &patterns) {
  patterns.add<MergeSlices, SliceOfConcat, MergeConcatOperands, GatherToSlice,
               DropEmpty, DropEmptyProduct, DropPad, MergePads, DropPool,
               DropReduce, MatmulOfTranspose>(patterns.getContext());
}
