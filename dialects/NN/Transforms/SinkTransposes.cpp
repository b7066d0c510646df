//===- SinkTransposes.cpp - Transposes towards results ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/SinkTransposes.h"

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

using namespace mlir;
using namespace mlir::nn;

/// Whether dimensions larger than 1 keep their order: the transpose is a
/// reshape.
static bool isFree(ArrayRef<int64_t> shape, ArrayRef<int64_t> permutation) {
  int64_t last = -1;
  for (int64_t p : permutation)
    if (shape[p] != 1) {
      if (p < last)
        return false;
      last = p;
    }
  return true;
}

/// The transpose of `v`, merged with the one that made it.
static Value createTransposed(Value v, ArrayRef<int64_t> permutation,
                              RewriterBase &rewriter) {
  auto inner = v.getDefiningOp<TransposeOp>();
  if (!inner)
    return rewriter.createOrFold<TransposeOp>(v.getLoc(), v, permutation);
  return rewriter.createOrFold<TransposeOp>(
      v.getLoc(), inner.getInput(),
      applyPermutation(inner.getPermutation(), permutation));
}

/// How far down an inverse is looked for.
static constexpr unsigned kLookAhead = 4;

/// Whether a transpose by `permutation` of what `op` computes meets its inverse
/// behind at most `steps` more ops that it can sink through.
static bool meetsInverse(Operation *op, ArrayRef<int64_t> permutation,
                         unsigned steps) {
  return llvm::any_of(op->getUsers(), [&](Operation *user) {
    if (auto transpose = dyn_cast<TransposeOp>(user))
      return transpose.getPermutation() ==
             ArrayRef<int64_t>(invertPermutationVector(permutation));
    return steps > 0 && isa<ElementwiseOpInterface, ConcatOp>(user) &&
           shapeOf(user->getResult(0)).size() == permutation.size() &&
           meetsInverse(user, permutation, steps - 1);
  });
}

static SmallVector<int64_t> paddedShape(Value v, int64_t rank) {
  SmallVector<int64_t> shape(rank - shapeOf(v).size(), 1);
  llvm::append_range(shape, shapeOf(v));
  return shape;
}

namespace {
/// An op whose operands all broadcast to (or, but for an axis, have) its
/// result's shape, one of them a transpose: what it costs to compute before the
/// transpose.
class Frame {
public:
  /// A frame in which sinking pays, or null. Where it costs what it gains, it
  /// pays if the transpose meets its inverse further down.
  static std::optional<Frame> find(Operation *op);

  ArrayRef<int64_t> permutation() const { return forward; }
  /// `v` as the op before the transpose reads it.
  Value enter(Value v, RewriterBase &rewriter) const;

private:
  Frame(ArrayRef<int64_t> forward)
      : forward(forward), inverse(invertPermutationVector(forward)) {}
  bool isInFrame(Value v) const {
    auto transpose = v.getDefiningOp<TransposeOp>();
    return transpose &&
           transpose.getPermutation() == ArrayRef<int64_t>(forward);
  }
  void weigh(Value v);

  SmallVector<int64_t> forward, inverse;
  int64_t gain = 0, cost = 0;
};
} // namespace

void Frame::weigh(Value v) {
  int64_t size = cast<RankedTensorType>(v.getType()).getNumElements();
  if (isInFrame(v))
    gain += size;
  else if (!matchPattern(v, m_Constant()) &&
           !isFree(paddedShape(v, forward.size()), inverse))
    cost += size;
}

std::optional<Frame> Frame::find(Operation *op) {
  size_t rank = shapeOf(op->getResult(0)).size();
  for (Value operand : op->getOperands()) {
    auto transpose = operand.getDefiningOp<TransposeOp>();
    if (!transpose || transpose.getPermutation().size() != rank)
      continue;
    Frame frame(transpose.getPermutation());
    for (Value v : op->getOperands())
      frame.weigh(v);
    if (frame.gain > frame.cost ||
        (frame.gain == frame.cost &&
         meetsInverse(op, frame.permutation(), kLookAhead)))
      return frame;
  }
  return std::nullopt;
}

Value Frame::enter(Value v, RewriterBase &rewriter) const {
  if (isInFrame(v))
    return v.getDefiningOp<TransposeOp>().getInput();
  auto type = cast<RankedTensorType>(v.getType());
  if (type.getNumElements() == 1 && type.getRank() == 0)
    return v;
  auto full = RankedTensorType::get(paddedShape(v, forward.size()),
                                    type.getElementType());
  Value same = rewriter.createOrFold<ReshapeOp>(v.getLoc(), full, v);
  return createTransposed(same, inverse, rewriter);
}

/// Replaces `op` by `before`, transposed.
static void replaceTransposed(Operation *op, Value before,
                              ArrayRef<int64_t> permutation,
                              PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<TransposeOp>(op, before, permutation);
}

namespace {
struct MergeTransposes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getInput().getDefiningOp<TransposeOp>())
      return rewriter.notifyMatchFailure(op, "input is not a transpose");
    rewriter.replaceOp(
        op, createTransposed(op.getInput(), op.getPermutation(), rewriter));
    return success();
  }
};

struct SinkThroughElementwise
    : OpInterfaceRewritePattern<ElementwiseOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(ElementwiseOpInterface op,
                                PatternRewriter &rewriter) const override {
    std::optional<Frame> frame = Frame::find(op);
    if (!frame)
      return rewriter.notifyMatchFailure(op, "no transpose to gain from");
    SmallVector<Value> operands;
    for (Value v : op->getOperands())
      operands.push_back(frame->enter(v, rewriter));
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    Operation *before = rewriter.clone(*op);
    before->setOperands(operands);
    before->getResult(0).setType(type.clone(applyPermutation(
        type.getShape(), invertPermutationVector(frame->permutation()))));
    replaceTransposed(op, before->getResult(0), frame->permutation(), rewriter);
    return success();
  }
};

struct SinkThroughConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Frame> frame = Frame::find(op);
    if (!frame)
      return rewriter.notifyMatchFailure(op, "no transpose to gain from");
    SmallVector<Value> operands;
    for (Value v : op.getInputs())
      operands.push_back(frame->enter(v, rewriter));
    auto before = ConcatOp::create(rewriter, op.getLoc(), operands,
                                   frame->permutation()[op.getAxis()]);
    replaceTransposed(op, before, frame->permutation(), rewriter);
    return success();
  }
};

/// Ops with one input of the result's rank: `sink` makes the op on the
/// transpose's input, whose dimension p[i] is dimension i behind the transpose.
template <typename OpTy>
struct SinkThroughOne : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().template getDefiningOp<TransposeOp>();
    if (!transpose ||
        shapeOf(op.getResult()).size() != shapeOf(transpose).size())
      return rewriter.notifyMatchFailure(op, "input is not a transpose");
    if (auto gather = dyn_cast<GatherOp>(op.getOperation()))
      if (shapeOf(gather.getIndices()).size() != 1)
        return rewriter.notifyMatchFailure(op, "indices are not a list");
    Value before =
        sink(op, transpose.getInput(), transpose.getPermutation(), rewriter);
    replaceTransposed(op, before, transpose.getPermutation(), rewriter);
    return success();
  }

  static Value sink(SoftmaxOp op, Value x, ArrayRef<int64_t> p,
                    PatternRewriter &rewriter) {
    return SoftmaxOp::create(rewriter, op.getLoc(), x, p[op.getAxis()],
                             op.getLog());
  }
  static Value sink(GatherOp op, Value x, ArrayRef<int64_t> p,
                    PatternRewriter &rewriter) {
    return GatherOp::create(rewriter, op.getLoc(), x, op.getIndices(),
                            p[op.getAxis()]);
  }
  static Value sink(ResampleOp op, Value x, ArrayRef<int64_t> p,
                    PatternRewriter &rewriter) {
    return ResampleOp::create(rewriter, op.getLoc(), x, op.getIndices(),
                              op.getWeights(), p[op.getAxis()]);
  }
  static Value sink(SliceOp op, Value x, ArrayRef<int64_t> p,
                    PatternRewriter &rewriter) {
    SmallVector<int64_t> q = invertPermutationVector(p);
    return SliceOp::create(
        rewriter, op.getLoc(), x, applyPermutation(op.getStarts(), q),
        applyPermutation(op.getSizes(), q), applyPermutation(op.getSteps(), q));
  }
  static Value sink(PadOp op, Value x, ArrayRef<int64_t> p,
                    PatternRewriter &rewriter) {
    SmallVector<int64_t> q = invertPermutationVector(p);
    SmallVector<int64_t> pads =
        applyPermutation(op.getPads().take_front(q.size()), q);
    llvm::append_range(pads,
                       applyPermutation(op.getPads().drop_front(q.size()), q));
    return PadOp::create(rewriter, op.getLoc(), x, op.getValue(), pads,
                         op.getMode());
  }
  static Value sink(BroadcastOp op, Value x, ArrayRef<int64_t> p,
                    PatternRewriter &rewriter) {
    auto type = op.getType().clone(
        applyPermutation(op.getType().getShape(), invertPermutationVector(p)));
    return BroadcastOp::create(rewriter, op.getLoc(), type, x);
  }
};

/// What is read from a table by index lies as the indices do.
struct SinkThroughLookUp : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GatherOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getIndices().getDefiningOp<TransposeOp>();
    if (!transpose || shapeOf(op.getInput()).size() != 1)
      return rewriter.notifyMatchFailure(op, "indices are not a transpose");
    Value before = GatherOp::create(rewriter, op.getLoc(), op.getInput(),
                                    transpose.getInput(), /*axis=*/0);
    replaceTransposed(op, before, transpose.getPermutation(), rewriter);
    return success();
  }
};

struct SinkThroughReduce : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReduceOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().getDefiningOp<TransposeOp>();
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "input is not a transpose");
    ArrayRef<int64_t> p = transpose.getPermutation();
    SmallVector<int64_t> kept,
        axes = llvm::map_to_vector(op.getAxes(),
                                   [&](int64_t axis) { return p[axis]; });
    llvm::sort(axes);
    for (int64_t i : p)
      if (op.getKeepdims() || !llvm::is_contained(axes, i))
        kept.push_back(i);
    // Without reduced dimensions the ones that stay move up.
    SmallVector<int64_t> sorted(kept), permutation;
    llvm::sort(sorted);
    for (int64_t i : kept)
      permutation.push_back(llvm::find(sorted, i) - sorted.begin());
    auto before = ReduceOp::create(rewriter, op.getLoc(), transpose.getInput(),
                                   op.getKind(), axes, op.getKeepdims());
    replaceTransposed(op, before, permutation, rewriter);
    return success();
  }
};

/// Neighbouring dimensions of one shape that hold the same elements as
/// neighbouring dimensions of another.
struct ReshapeGroup {
  int64_t inBegin, inEnd, outBegin, outEnd;
};
} // namespace

/// The finest such groups, in order; a trailing 1 goes to the group before it.
static SmallVector<ReshapeGroup> reshapeGroups(ArrayRef<int64_t> in,
                                               ArrayRef<int64_t> out) {
  SmallVector<ReshapeGroup> groups;
  int64_t i = 0, o = 0, inRank = in.size(), outRank = out.size();
  while (i < inRank && o < outRank) {
    ReshapeGroup group{i, i + 1, o, o + 1};
    int64_t a = in[i++], b = out[o++];
    while (a != b) {
      if (a < b && i < inRank)
        a *= in[i++];
      else if (b < a && o < outRank)
        b *= out[o++];
      else
        return {};
    }
    group.inEnd = i;
    group.outEnd = o;
    groups.push_back(group);
  }
  if (groups.empty())
    return groups;
  groups.back().inEnd = inRank;
  groups.back().outEnd = outRank;
  return groups;
}

namespace {
/// reshape(transpose(x)): where each group of dimensions that the reshape
/// splits or joins lies together in x, the groups are put in order behind the
/// reshape. What changes the order within a group stays before it.
struct SinkThroughReshape : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().getDefiningOp<TransposeOp>();
    if (!transpose || op.getType().getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "input is not a transpose");
    ArrayRef<int64_t> p = transpose.getPermutation();
    SmallVector<ReshapeGroup> groups =
        reshapeGroups(shapeOf(transpose), op.getType().getShape());
    auto lowest = [&](const ReshapeGroup &g) {
      return *std::min_element(p.begin() + g.inBegin, p.begin() + g.inEnd);
    };
    for (const ReshapeGroup &g : groups)
      if (*std::max_element(p.begin() + g.inBegin, p.begin() + g.inEnd) -
              lowest(g) + 1 !=
          g.inEnd - g.inBegin)
        return rewriter.notifyMatchFailure(op, "joins what lies apart");
    SmallVector<ReshapeGroup> inOrder(groups);
    llvm::sort(inOrder, [&](const ReshapeGroup &a, const ReshapeGroup &b) {
      return lowest(a) < lowest(b);
    });
    SmallVector<int64_t> within, shape, outDims;
    for (const ReshapeGroup &g : inOrder) {
      within.append(p.begin() + g.inBegin, p.begin() + g.inEnd);
      for (int64_t o = g.outBegin; o < g.outEnd; ++o) {
        shape.push_back(op.getType().getDimSize(o));
        outDims.push_back(o);
      }
    }
    if (groups.empty() || llvm::is_sorted(outDims))
      return rewriter.notifyMatchFailure(op, "leaves the groups in order");
    Value x = createTransposed(transpose.getInput(), within, rewriter);
    auto before =
        ReshapeOp::create(rewriter, op.getLoc(), op.getType().clone(shape), x);
    replaceTransposed(op, before, invertPermutationVector(outDims), rewriter);
    return success();
  }
};

/// matmul(reshape(transpose(x)), w) with dimensions of x permuted within K
/// alone: the rows of constant weights are permuted instead.
struct PermuteRows : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    auto reshape = op.getLhs().getDefiningOp<ReshapeOp>();
    auto transpose = reshape ? reshape.getInput().getDefiningOp<TransposeOp>()
                             : TransposeOp();
    if (!transpose || !matchPattern(op.getRhs(), m_Constant()) ||
        shapeOf(op.getRhs()).size() != 2)
      return rewriter.notifyMatchFailure(
          op, "no flattened transpose, or no weights");
    ArrayRef<int64_t> p = transpose.getPermutation(),
                      shape = shapeOf(transpose);
    // The dimensions, from the end, that make up K.
    int64_t begin = shape.size(), k = shapeOf(op.getLhs()).back(), size = 1;
    while (begin > 0 && size < k)
      size *= shape[--begin];
    bool leadStays =
        llvm::equal(p.take_front(begin), llvm::seq<int64_t>(0, begin));
    if (size != k || !leadStays)
      return rewriter.notifyMatchFailure(
          op, "permutes more than the inner dimension");
    rewriter.setInsertionPoint(op);
    Value weights = permuteRows(op, shape.drop_front(begin),
                                p.drop_front(begin), begin, rewriter);
    Value lhs = ReshapeOp::create(rewriter, reshape.getLoc(), reshape.getType(),
                                  transpose.getInput());
    rewriter.modifyOpInPlace(op, [&] {
      op.getLhsMutable().assign(lhs);
      op.getRhsMutable().assign(weights);
    });
    return success();
  }

private:
  /// K, in `shape` of the transposed dimensions, in the order they had before.
  static Value permuteRows(MatmulOp op, ArrayRef<int64_t> shape,
                           ArrayRef<int64_t> p, int64_t begin,
                           PatternRewriter &rewriter) {
    Location loc = op.getRhs().getLoc();
    auto type = cast<RankedTensorType>(op.getRhs().getType());
    int64_t n = op.getType().getShape().back(), rank = shape.size();
    SmallVector<int64_t> local;
    for (int64_t i : p)
      local.push_back(i - begin);
    SmallVector<int64_t> split(shape),
        permutation = invertPermutationVector(local);
    if (op.getTransposeRhs()) {
      split.insert(split.begin(), n);
      for (int64_t &i : permutation)
        ++i;
      permutation.insert(permutation.begin(), 0);
    } else {
      split.push_back(n);
      permutation.push_back(rank);
    }
    Value w =
        rewriter.createOrFold<ReshapeOp>(loc, type.clone(split), op.getRhs());
    w = rewriter.createOrFold<TransposeOp>(loc, w, permutation);
    return rewriter.createOrFold<ReshapeOp>(loc, type, w);
  }
};

/// f(reshape(transpose(x))) is reshape(transpose(f(x))), which brings the
/// transpose to the reshape's next user.
struct SinkThroughFlattened
    : OpInterfaceRewritePattern<ElementwiseOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(ElementwiseOpInterface op,
                                PatternRewriter &rewriter) const override {
    auto reshape = op->getNumOperands() == 1
                       ? op->getOperand(0).getDefiningOp<ReshapeOp>()
                       : ReshapeOp();
    auto transpose = reshape && reshape->hasOneUse()
                         ? reshape.getInput().getDefiningOp<TransposeOp>()
                         : TransposeOp();
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "input is not a reshape");
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    Operation *before = rewriter.clone(*op);
    before->setOperand(0, transpose.getInput());
    before->getResult(0).setType(type.clone(shapeOf(transpose.getInput())));
    Value back = createTransposed(before->getResult(0),
                                  transpose.getPermutation(), rewriter);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, type, back);
    return success();
  }
};
} // namespace

static void populatePatterns(RewritePatternSet &patterns) {
  patterns.add<MergeTransposes, SinkThroughElementwise, SinkThroughFlattened,
               SinkThroughConcat, SinkThroughOne<SoftmaxOp>,
               SinkThroughOne<GatherOp>, SinkThroughOne<ResampleOp>,
               SinkThroughOne<SliceOp>, SinkThroughOne<PadOp>,
               SinkThroughOne<BroadcastOp>, SinkThroughLookUp,
               SinkThroughReduce, SinkThroughReshape, PermuteRows>(
      patterns.getContext());
}

void nn::sinkTransposes(Operation *root) {
  RewritePatternSet sink(root->getContext());
  populatePatterns(sink);
  walkAndApplyPatterns(root, std::move(sink));
  RewritePatternSet merge(root->getContext());
  TransposeOp::getCanonicalizationPatterns(merge, root->getContext());
  ReshapeOp::getCanonicalizationPatterns(merge, root->getContext());
  // A graph that still changes after so many rounds is correct as it is.
  (void)applyPatternsGreedily(root, std::move(merge));
}
