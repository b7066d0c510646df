//===- FuseEpilogue.cpp - Elementwise ops into epilogues --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/Fuse.h"

#include "NN/IR/NN.h"
#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/LinearOp.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

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
  explicit EpilogueRegion(LinearOp linear) : linear(linear) { collect(); }

  ArrayRef<Operation *> ops() const { return members; }
  /// How the fused op reads `v`, which is not of the region; nullopt where it
  /// cannot.
  std::optional<Reading> reading(Value v) const;

private:
  void collect();
  bool canJoin(Operation *op) const;
  bool canEnd(Operation *op) const;
  bool isInside(Value v) const {
    return v == linear.result() || inside.contains(v.getDefiningOp());
  }
  int64_t escaping() const;

  LinearOp linear;
  SmallVector<Operation *> members;
  llvm::SmallPtrSet<Operation *, 8> inside;
};
} // namespace

std::optional<Reading> EpilogueRegion::reading(Value v) const {
  auto type = cast<RankedTensorType>(v.getType());
  ArrayRef<int64_t> result = shapeOf(linear.result());
  if (type.getNumElements() == 1 &&
      type.getRank() <= static_cast<int64_t>(result.size()))
    return Reading::scalar;
  if (type.getShape() == result)
    return Reading::element;
  int64_t position = linear.resultChannelDim() + type.getRank() -
                     static_cast<int64_t>(result.size());
  bool isChannel = type.getRank() <= static_cast<int64_t>(result.size()) &&
                   position >= 0 &&
                   type.getDimSize(position) == linear.resultChannels() &&
                   type.getNumElements() == linear.resultChannels();
  return isChannel ? std::optional(Reading::channel) : std::nullopt;
}

bool EpilogueRegion::canJoin(Operation *op) const {
  if (!isa<ElementwiseOpInterface>(op) ||
      op->getBlock() != linear.getOperation()->getBlock() ||
      shapeOf(op->getResult(0)) != shapeOf(linear.result()) ||
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
       own = elementOf(linear.input().get());
  return element == own ||
         (element == makeSignless(element) && element != makeSignless(own));
}

/// The values of the region that ops outside of it use.
int64_t EpilogueRegion::escaping() const {
  auto escapes = [&](Operation *op) {
    return llvm::any_of(op->getUsers(), [&](Operation *user) {
      return !inside.contains(user);
    });
  };
  return llvm::count_if(members, escapes) + escapes(linear.getOperation());
}

void EpilogueRegion::collect() {
  auto before = [](Operation *a, Operation *b) {
    return b->isBeforeInBlock(a);
  };
  Block *block = linear.getOperation()->getBlock();
  SmallVector<Operation *> queue;
  // Ops in the regions of loops and branches never join.
  auto enqueueUsers = [&](Value v) {
    llvm::copy_if(v.getUsers(), std::back_inserter(queue),
                  [&](Operation *user) { return user->getBlock() == block; });
  };
  enqueueUsers(linear.result());
  llvm::SmallPtrSet<Operation *, 8> seen;
  size_t complete = 0;
  while (!queue.empty()) {
    // The first in block order: all operands of the region are decided before
    // it.
    llvm::sort(queue, before);
    Operation *op = queue.pop_back_val();
    if (!seen.insert(op).second || !canJoin(op))
      continue;
    members.push_back(op);
    inside.insert(op);
    enqueueUsers(op->getResult(0));
    if (canEnd(op) && escaping() == 1 && !op->use_empty())
      complete = members.size();
  }
  members.truncate(complete);
}

namespace {
/// Builds the fused op in place of the region's last op.
class EpilogueBuilder {
public:
  EpilogueBuilder(LinearOp linear, const EpilogueRegion &region,
                  RewriterBase &rewriter)
      : linear(linear), region(region), rewriter(rewriter),
        operands(linear.epilogueOperands()) {}

  void build();

private:
  Value scalarOf(Value v);
  Value operandFor(Value v, Reading reading);
  void emitOps();
  Operation *createFused(Type type, Location loc);

  LinearOp linear;
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
    shape.push_back(linear.resultChannels());
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

Operation *EpilogueBuilder::createFused(Type type, Location loc) {
  Operation *op = linear.getOperation();
  if (auto conv = dyn_cast<ConvOp>(op))
    return ConvOp::create(
        rewriter, loc, type, conv.getInput(), conv.getWeights(), conv.getBias(),
        operands, conv.getStrides(), conv.getPads(), conv.getDilations(),
        conv.getGroups(), conv.getLayout());
  auto matmul = cast<MatmulOp>(op);
  return MatmulOp::create(rewriter, loc, type, matmul.getLhs(), matmul.getRhs(),
                          matmul.getBias(), operands, matmul.getTransposeRhs());
}

void EpilogueBuilder::build() {
  Operation *op = linear.getOperation(), *last = region.ops().back();
  Region body;
  if (linear.epilogue().empty()) {
    block = &body.emplaceBlock();
    Type own = makeSignless(elementOf(linear.input().get()));
    scalars.map(linear.result(), block->addArgument(own, op->getLoc()));
  } else {
    body.takeBody(linear.epilogue());
    block = &body.front();
    scalars.map(linear.result(), block->getTerminator()->getOperand(0));
    rewriter.eraseOp(block->getTerminator());
  }
  SmallVector<Location> locs{op->getLoc()};
  for (Operation *member : region.ops())
    locs.push_back(member->getLoc());
  rewriter.setInsertionPointToEnd(block);
  emitOps();
  rewriter.setInsertionPoint(last);
  Operation *fused =
      createFused(last->getResult(0).getType(), rewriter.getFusedLoc(locs));
  fused->getRegion(0).takeBody(body);
  fused->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.replaceAllUsesWith(last->getResult(0), fused->getResult(0));
  for (Operation *member : llvm::reverse(region.ops()))
    rewriter.eraseOp(member);
  rewriter.eraseOp(op);
}

int64_t nn::fuseEpilogues(Operation *root, RewriterBase &rewriter) {
  SmallVector<Operation *> ops;
  root->walk([&](Operation *op) {
    if (LinearOp::get(op))
      ops.push_back(op);
  });
  int64_t fused = 0;
  for (Operation *op : ops) {
    LinearOp linear = *LinearOp::get(op);
    EpilogueRegion region(linear);
    if (region.ops().empty())
      continue;
    fused += region.ops().size();
    EpilogueBuilder(linear, region, rewriter).build();
  }
  return fused;
}
