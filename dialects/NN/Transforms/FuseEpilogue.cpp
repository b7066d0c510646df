//===- FuseEpilogue.cpp - Elementwise ops into epilogues --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/Fuse.h"

#include "NN/IR/NN.h"
#include "NN/IR/ScalarCost.h"
#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/LinearWeights.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

#include <queue>

using namespace mlir;
using namespace mlir::nn;

namespace {
/// How an epilogue reads an operand of a fused op.
enum class Reading { element, channel, scalar };

/// The elementwise ops behind one convolution or product that may be computed
/// where its result is, and the only one among them that others use.
///
/// In block order, the ops up to any that all paths pass are a set whose one
/// result seen from outside is that op's, which is how such ops are found:
/// diamonds such as x * sigmoid(x) need no case of their own.
class EpilogueRegion {
public:
  explicit EpilogueRegion(LinearOpInterface linear) : linear(linear) {
    collect();
  }

  ArrayRef<Operation *> ops() const { return members; }
  /// How the fused op reads `v`, which is not of the region; nullopt where it
  /// cannot.
  std::optional<Reading> reading(Value v) const;

private:
  void collect();
  void define(Value v);
  void join(Operation *op);
  size_t operandCount(Operation *op);
  bool canJoin(Operation *op) const;
  bool canEnd(Operation *op) const;
  bool isInside(Value v) const {
    return v == linear.getResult() || inside.contains(v.getDefiningOp());
  }

  mutable LinearOpInterface linear; // its methods are not const
  SmallVector<Operation *> members;
  llvm::SmallPtrSet<Operation *, 8> inside;
  llvm::SmallPtrSet<Value, 8> read;
  /// Of each value of the region, and how many values have any.
  llvm::SmallDenseMap<Value, int64_t> outsideUses;
  int64_t escaping = 0;
};
} // namespace

std::optional<Reading> EpilogueRegion::reading(Value v) const {
  auto type = cast<RankedTensorType>(v.getType());
  ArrayRef<int64_t> result = shapeOf(linear.getResult());
  if (type.getNumElements() == 1 &&
      type.getRank() <= static_cast<int64_t>(result.size()))
    return Reading::scalar;
  if (type.getShape() == result)
    return Reading::element;
  int64_t position = linear.getResultChannelDim() + type.getRank() -
                     static_cast<int64_t>(result.size());
  bool isChannel = type.getRank() <= static_cast<int64_t>(result.size()) &&
                   position >= 0 &&
                   type.getDimSize(position) == linear.getResultChannels() &&
                   type.getNumElements() == linear.getResultChannels();
  return isChannel ? std::optional(Reading::channel) : std::nullopt;
}

bool EpilogueRegion::canJoin(Operation *op) const {
  if (!isa<ElementwiseOpInterface>(op) ||
      op->getBlock() != linear->getBlock() ||
      shapeOf(op->getResult(0)) != shapeOf(linear.getResult()) ||
      !elementOf(op->getResult(0)).isIntOrFloat())
    return false;
  return llvm::all_of(op->getOperands(), [&](Value v) {
    return elementOf(v).isIntOrFloat() && (isInside(v) || reading(v));
  });
}

/// An epilogue's block has signless types, from which the result's type is
/// inferred.
bool EpilogueRegion::canEnd(Operation *op) const {
  Type element = elementOf(op->getResult(0)),
       own = elementOf(linear.getInput());
  return element == own ||
         (element == makeSignless(element) && element != makeSignless(own));
}

/// Notes that the region computes `v`, which escapes while others use it.
void EpilogueRegion::define(Value v) {
  int64_t uses = std::distance(v.use_begin(), v.use_end());
  outsideUses[v] = uses;
  escaping += uses > 0;
}

void EpilogueRegion::join(Operation *op) {
  members.push_back(op);
  inside.insert(op);
  for (Value operand : op->getOperands())
    if (auto found = outsideUses.find(operand); found != outsideUses.end())
      escaping -= --found->second == 0;
  define(op->getResult(0));
}

void EpilogueRegion::collect() {
  Block *block = linear->getBlock();
  // The first in block order: all operands of the region are decided before it.
  auto behind = [](Operation *a, Operation *b) {
    return b->isBeforeInBlock(a);
  };
  std::priority_queue<Operation *, std::vector<Operation *>, decltype(behind)>
      queue(behind);
  llvm::SmallPtrSet<Operation *, 8> seen;
  // A user that cannot join keeps what it uses escaping, and so no op behind
  // can be the only one that does. Ops in the regions of loops and branches
  // never join.
  auto enqueueUsers = [&](Value v) {
    for (Operation *user : v.getUsers()) {
      if (user->getBlock() != block)
        return false;
      if (seen.insert(user).second)
        queue.push(user);
    }
    return true;
  };
  define(linear.getResult());
  bool goesOn = enqueueUsers(linear.getResult());
  size_t complete = 0;
  int64_t cost = linear.getEpilogue().empty()
                     ? 0
                     : scalarCost(linear.getEpilogue().front());
  while (goesOn && !queue.empty()) {
    Operation *op = queue.top();
    queue.pop();
    if (!canJoin(op))
      break;
    cost += scalarCost(cast<ElementwiseOpInterface>(op));
    if (cost > kMostScalarCost || operandCount(op) > size_t(kMostFusedOperands))
      break;
    join(op);
    goesOn = enqueueUsers(op->getResult(0));
    if (canEnd(op) && escaping == 1 && !op->use_empty())
      complete = members.size();
  }
  members.truncate(complete);
}

/// The tensors that the epilogue reads once `op` has joined.
size_t EpilogueRegion::operandCount(Operation *op) {
  for (Value operand : op->getOperands())
    if (!isInside(operand))
      read.insert(operand);
  return read.size();
}

namespace {
/// Builds the fused op in place of the region's last op.
class EpilogueBuilder {
public:
  EpilogueBuilder(LinearOpInterface linear, const EpilogueRegion &region,
                  RewriterBase &rewriter)
      : linear(linear), region(region), rewriter(rewriter),
        operands(linear.getEpilogueOperands()) {}

  void build();

private:
  Value scalarOf(Value v);
  Value operandFor(Value v, Reading reading);
  void emitOps();

  LinearOpInterface linear;
  const EpilogueRegion &region;
  RewriterBase &rewriter;
  SmallVector<Value> operands;
  Block *block = nullptr;
  IRMapping scalars;
};
} // namespace

/// The operand in the shape in which the epilogue reads it.
Value EpilogueBuilder::operandFor(Value v, Reading reading) {
  SmallVector<int64_t> shape;
  if (reading == Reading::element)
    return v;
  if (reading == Reading::channel)
    shape.push_back(linear.getResultChannels());
  if (shapeOf(v) == ArrayRef<int64_t>(shape))
    return v;
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(region.ops().back());
  return rewriter.createOrFold<ReshapeOp>(
      v.getLoc(), RankedTensorType::get(shape, elementOf(v)), v);
}

/// What the epilogue computes with where an op of the region reads `v`.
Value EpilogueBuilder::scalarOf(Value v) {
  if (Value known = scalars.lookupOrNull(v))
    return known;
  Reading reading = *region.reading(v);
  Type type = makeSignless(elementOf(v));
  Attribute attr;
  if (reading == Reading::scalar && matchPattern(v, m_Constant(&attr)))
    if (auto dense = dyn_cast<DenseElementsAttr>(attr)) {
      auto element = *dense.value_begin<Attribute>();
      TypedAttr typed =
          isa<FloatAttr>(element)
              ? cast<TypedAttr>(element)
              : IntegerAttr::get(type, cast<IntegerAttr>(element).getValue());
      Value constant = arith::ConstantOp::create(rewriter, v.getLoc(), typed);
      scalars.map(v, constant);
      return constant;
    }
  operands.push_back(operandFor(v, reading));
  Value argument = block->addArgument(type, v.getLoc());
  scalars.map(v, argument);
  return argument;
}

/// Appends the region's ops to the epilogue.
void EpilogueBuilder::emitOps() {
  for (Operation *op : region.ops()) {
    SmallVector<Value> args;
    for (Value operand : op->getOperands())
      args.push_back(scalarOf(operand));
    Value v = cast<ElementwiseOpInterface>(op).emitScalar(rewriter,
                                                          op->getLoc(), args);
    scalars.map(op->getResult(0), v);
  }
  YieldOp::create(rewriter, region.ops().back()->getLoc(),
                  scalars.lookup(region.ops().back()->getResult(0)));
}

void EpilogueBuilder::build() {
  Operation *op = linear, *last = region.ops().back();
  Region body;
  if (linear.getEpilogue().empty()) {
    block = &body.emplaceBlock();
    Type own = makeSignless(elementOf(linear.getInput()));
    scalars.map(linear.getResult(), block->addArgument(own, op->getLoc()));
  } else {
    body.takeBody(linear.getEpilogue());
    block = &body.front();
    scalars.map(linear.getResult(), block->getTerminator()->getOperand(0));
    rewriter.eraseOp(block->getTerminator());
  }
  SmallVector<Location> locs{op->getLoc()};
  for (Operation *member : region.ops())
    locs.push_back(member->getLoc());
  rewriter.setInsertionPointToEnd(block);
  emitOps();
  rewriter.setInsertionPoint(last);
  LinearOpInterface fused = linear.createWith(
      rewriter, rewriter.getFusedLoc(locs), last->getResult(0).getType(),
      {linear.getInput(), linear.getWeights(), linear.getBias(), operands,
       nullptr, nullptr});
  fused.getEpilogue().takeBody(body);
  fused->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.replaceAllUsesWith(last->getResult(0), fused.getResult());
  for (Operation *member : llvm::reverse(region.ops()))
    rewriter.eraseOp(member);
  rewriter.eraseOp(op);
}

int64_t nn::fuseEpilogues(Operation *root, RewriterBase &rewriter) {
  SmallVector<LinearOpInterface> ops;
  root->walk([&](Operation *op) {
    if (LinearOpInterface linear = asFloatLinear(op))
      ops.push_back(linear);
  });
  int64_t fused = 0;
  for (LinearOpInterface linear : ops) {
    EpilogueRegion region(linear);
    if (region.ops().empty())
      continue;
    fused += region.ops().size();
    EpilogueBuilder(linear, region, rewriter).build();
  }
  return fused;
}
