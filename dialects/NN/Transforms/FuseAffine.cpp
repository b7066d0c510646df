//===- FuseAffine.cpp - Affine ops into weights -----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/Fuse.h"

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/LinearWeights.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::nn;

/// Affine ops one after the other: links[i].map is that of the ops up to and
/// with i.
using AffineChain = SmallVector<AffineOp>;

static SmallVector<LinearOpInterface> linearOps(Operation *root) {
  SmallVector<LinearOpInterface> ops;
  root->walk([&](Operation *op) {
    if (LinearOpInterface linear = asFloatLinear(op))
      ops.push_back(linear);
  });
  return ops;
}

static Location fuseLocs(Location first, ArrayRef<AffineOp> chain) {
  SmallVector<Location> locs{first};
  for (const AffineOp &link : chain)
    locs.push_back(link.op->getLoc());
  return FusedLoc::get(first.getContext(), locs);
}

/// The affine ops that `v`, and then each other, alone go to.
static AffineChain consumers(Value v, int64_t channelDim) {
  AffineChain chain;
  while (v.hasOneUse()) {
    Operation *user = *v.user_begin();
    std::optional<AffineOp> link = matchAffine(user, channelDim);
    if (!link || link->input != v || user->getBlock() != v.getParentBlock())
      break;
    if (!chain.empty()) {
      ChannelAffine map = chain.back().map;
      map.then(link->map);
      link->map = std::move(map);
    }
    v = user->getResult(0);
    chain.push_back(std::move(*link));
  }
  return chain;
}

/// The affine ops that `v` alone comes from, the last first.
static AffineChain producers(Value v, int64_t channelDim) {
  AffineChain chain;
  while (Operation *source = v.getDefiningOp()) {
    std::optional<AffineOp> link;
    if (!v.hasOneUse() || !(link = matchAffine(source, channelDim)))
      break;
    if (!chain.empty())
      link->map.then(chain.back().map);
    v = link->input;
    chain.push_back(std::move(*link));
  }
  return chain;
}

/// The value of a channel that `add` adds to `v`, as [C]; null where it does
/// not.
static Value channelAddend(AddOp add, Value v, int64_t channelDim,
                           RewriterBase &rewriter) {
  Value other = add.getLhs() == v ? add.getRhs() : add.getLhs();
  auto type = cast<RankedTensorType>(other.getType());
  ArrayRef<int64_t> shape = shapeOf(add);
  int64_t channels = shape[channelDim],
          position = channelDim + type.getRank() - shape.size();
  if (v.getType() != add.getType() ||
      type.getRank() > static_cast<int64_t>(shape.size()) || position < 0 ||
      type.getNumElements() != channels ||
      type.getDimSize(position) != channels || elementOf(other) != elementOf(v))
    return {};
  if (type.getRank() == 1)
    return other;
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(add);
  return ReshapeOp::create(
      rewriter, add.getLoc(),
      RankedTensorType::get({channels}, type.getElementType()), other);
}

/// Makes a sum with one computed value per channel the bias of an op without
/// one.
static bool takeBias(LinearOpInterface linear, RewriterBase &rewriter) {
  Operation *op = linear;
  if (linear.getBias() || !linear.getResult().hasOneUse())
    return false;
  auto add = dyn_cast<AddOp>(*linear.getResult().user_begin());
  if (!add || add->getBlock() != op->getBlock())
    return false;
  Value bias = channelAddend(add, linear.getResult(),
                             linear.getResultChannelDim(), rewriter);
  if (!bias)
    return false;
  rewriter.moveOpBefore(op, add);
  setBias(linear, rewriter, bias);
  op->setLoc(rewriter.getFusedLoc({op->getLoc(), add.getLoc()}));
  rewriter.replaceOp(add, op->getResults());
  return true;
}

/// Takes in as much of what follows as weights and bias can; how many ops.
static int64_t fuseConsumers(LinearOpInterface linear, RewriterBase &rewriter) {
  Operation *op = linear;
  AffineChain chain =
      consumers(linear.getResult(), linear.getResultChannelDim());
  while (!chain.empty() &&
         failed(applyToResult(linear, rewriter, chain.back().map)))
    chain.pop_back();
  if (chain.empty())
    return takeBias(linear, rewriter) ? 1 : 0;
  op->setLoc(fuseLocs(op->getLoc(), chain));
  rewriter.replaceAllUsesWith(chain.back().op->getResult(0),
                              linear.getResult());
  for (const AffineOp &link : llvm::reverse(chain))
    rewriter.eraseOp(link.op);
  return chain.size();
}

int64_t nn::fuseAffineForwards(Operation *root, RewriterBase &rewriter) {
  int64_t fused = 0;
  for (LinearOpInterface linear : linearOps(root)) {
    if (!linear.getEpilogue().empty())
      continue;
    while (int64_t more = fuseConsumers(linear, rewriter))
      fused += more;
  }
  return fused;
}

int64_t nn::fuseAffineBackwards(Operation *root, RewriterBase &rewriter) {
  int64_t fused = 0;
  for (LinearOpInterface linear : linearOps(root)) {
    Operation *op = linear;
    AffineChain chain =
        producers(linear.getInput(), linear.getInputChannelDim());
    auto isExact = [&](const ChannelAffine &map) {
      return !linear.hasPadding() || !map.hasOffset();
    };
    while (!chain.empty() &&
           (!isExact(chain.back().map) ||
            failed(applyToInput(linear, rewriter, chain.back().map))))
      chain.pop_back();
    if (chain.empty())
      continue;
    op->setLoc(fuseLocs(op->getLoc(), chain));
    rewriter.modifyOpInPlace(
        op, [&] { linear.getInputOperand().set(chain.back().input); });
    for (const AffineOp &link : chain)
      rewriter.eraseOp(link.op);
    fused += chain.size();
  }
  return fused;
}

/// The longest chain of affine ops that ends in `op`, along whichever
/// dimension.
static AffineChain longestChain(Operation *op, int64_t &channelDim) {
  AffineChain longest;
  for (int64_t d = 0, rank = shapeOf(op->getResult(0)).size(); d < rank; ++d) {
    std::optional<AffineOp> last = matchAffine(op, d);
    if (!last)
      continue;
    AffineChain chain{*last};
    for (AffineOp &link : producers(last->input, d)) {
      link.map.then(last->map);
      chain.push_back(std::move(link));
    }
    if (chain.size() > longest.size()) {
      longest = std::move(chain);
      channelDim = d;
    }
  }
  return longest;
}

int64_t nn::mergeAffine(Operation *root, RewriterBase &rewriter) {
  SmallVector<Operation *> ops;
  root->walk([&](Operation *op) {
    if (isa<AddOp, SubOp, MulOp, DivOp, NegOp, BatchNormOp>(op))
      ops.push_back(op);
  });
  int64_t merged = 0;
  llvm::SmallDenseSet<Operation *> erased;
  // From the end, so that a chain is seen as a whole before its parts.
  for (Operation *op : llvm::reverse(ops)) {
    if (erased.contains(op))
      continue;
    int64_t channelDim = 0;
    AffineChain chain = longestChain(op, channelDim);
    if (chain.empty() ||
        static_cast<int64_t>(chain.size()) <= affineCost(chain.back().map) ||
        !chain.back().map.isFinite())
      continue;
    rewriter.setInsertionPoint(op);
    Value replacement = emitAffine(
        rewriter, fuseLocs(op->getLoc(), ArrayRef(chain).drop_front()),
        chain.back().input, chain.back().map, channelDim);
    rewriter.replaceAllUsesWith(op->getResult(0), replacement);
    for (const AffineOp &link : chain) {
      erased.insert(link.op);
      rewriter.eraseOp(link.op);
    }
    merged += chain.size() - affineCost(chain.back().map);
  }
  return merged;
}

/// `v`, [C], in a shape that broadcasts along `channelDim` of a tensor of
/// `rank`.
static Value alongChannels(Value v, int64_t channelDim, int64_t rank,
                           Location loc, RewriterBase &rewriter) {
  SmallVector<int64_t> shape(rank - channelDim, 1);
  shape[0] = shapeOf(v)[0];
  auto type = RankedTensorType::get(shape, elementOf(v));
  return rewriter.createOrFold<ReshapeOp>(loc, type, v);
}

/// Statistics that are computed: the same arithmetic in ops.
static Value emitBatchNorm(BatchNormOp op, int64_t channelDim,
                           RewriterBase &rewriter) {
  Location loc = op.getLoc();
  int64_t rank = shapeOf(op.getInput()).size();
  auto scalar = RankedTensorType::get({}, elementOf(op.getVariance()));
  Value epsilon =
      ConstantOp::create(rewriter, loc, scalar,
                         makeFloats(scalar, op.getEpsilon().convertToDouble()));
  Value variance = rewriter.createOrFold<AddOp>(loc, op.getVariance(), epsilon);
  Value deviation = rewriter.createOrFold<SqrtOp>(loc, variance);
  Value scale = rewriter.createOrFold<DivOp>(loc, op.getScale(), deviation);
  Value shift = rewriter.createOrFold<MulOp>(loc, op.getMean(), scale);
  Value offset = rewriter.createOrFold<SubOp>(loc, op.getOffset(), shift);
  Value product =
      MulOp::create(rewriter, loc, op.getInput(),
                    alongChannels(scale, channelDim, rank, loc, rewriter));
  return AddOp::create(rewriter, loc, product,
                       alongChannels(offset, channelDim, rank, loc, rewriter));
}

int64_t nn::decomposeBatchNorms(Operation *root, RewriterBase &rewriter) {
  SmallVector<BatchNormOp> ops;
  root->walk([&](BatchNormOp op) { ops.push_back(op); });
  int64_t decomposed = 0;
  for (BatchNormOp op : ops) {
    int64_t rank = shapeOf(op.getInput()).size();
    bool sameType = llvm::all_of(op.getOperands(), [&](Value v) {
      return elementOf(v) == elementOf(op.getResult());
    });
    // Mixed precision keeps the op: its lowering knows what to compute in.
    if (!sameType)
      continue;
    bool first = op.getLayout() == Layout::channels_first;
    int64_t channelDim = rank < 2 ? 0 : first ? 1 : rank - 1;
    rewriter.setInsertionPoint(op);
    Value replacement;
    std::optional<AffineOp> affine = matchAffine(op, channelDim);
    if (affine)
      replacement = emitAffine(rewriter, op.getLoc(), affine->input,
                               affine->map, channelDim);
    else if (rank >= 2)
      replacement = emitBatchNorm(op, channelDim, rewriter);
    else
      continue;
    rewriter.replaceOp(op, replacement);
    ++decomposed;
  }
  return decomposed;
}
