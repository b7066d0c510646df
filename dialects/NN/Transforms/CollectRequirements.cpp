//===- CollectRequirements.cpp - What must hold of a run --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/Transforms/Passes.h"

namespace mlir::nn {
#define GEN_PASS_DEF_COLLECTREQUIREMENTSPASS
#include "NN/Transforms/Passes.h.inc"
} // namespace mlir::nn

using namespace mlir;
using namespace mlir::nn;

static Value truth(OpBuilder &builder, Location loc) {
  auto type = RankedTensorType::get({}, builder.getI1Type());
  return ConstantOp::create(builder, loc, type,
                            DenseElementsAttr::get(type, true));
}

static Value both(OpBuilder &builder, Location loc, Value a, Value b) {
  return AndOp::create(builder, loc, a.getType(), a, b);
}

/// The condition of `op` with rank 0.
static Value conditionOf(OpBuilder &builder, RequireOp op) {
  Value condition = op.getCondition();
  auto type = RankedTensorType::get({}, builder.getI1Type());
  if (condition.getType() == type)
    return condition;
  return ReshapeOp::create(builder, op.getLoc(), type, condition);
}

static Value collect(Block &block);

/// The types of `op`'s results with one more at `place`.
static SmallVector<Type> typesWith(Operation *op, Type more, unsigned place) {
  SmallVector<Type> types(op->getResultTypes());
  types.insert(types.begin() + place, more);
  return types;
}

/// Replaces `op` by `next`, which has one more result at `place`, and gives
/// that one.
static Value replace(Operation *op, Operation *next, unsigned place) {
  next->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  SmallVector<Value> results(next->getResults());
  Value more = results[place];
  results.erase(results.begin() + place);
  op->replaceAllUsesWith(results);
  op->erase();
  return more;
}

/// A branch that is not taken requires nothing.
static Value collectIn(IfOp op) {
  Value conditions[2];
  Region *bodies[2] = {&op.getThenBody(), &op.getElseBody()};
  for (int i : {0, 1})
    conditions[i] = collect(bodies[i]->front());
  if (!conditions[0] && !conditions[1])
    return {};
  OpBuilder builder(op);
  for (int i : {0, 1}) {
    Operation *yield = bodies[i]->front().getTerminator();
    OpBuilder inner(yield);
    Value condition = conditions[i] ? conditions[i] : truth(inner, op.getLoc());
    yield->insertOperands(yield->getNumOperands(), condition);
  }
  unsigned last = op.getNumResults();
  Type type = RankedTensorType::get({}, builder.getI1Type());
  auto next = IfOp::create(builder, op.getLoc(), typesWith(op, type, last),
                           op.getCondition());
  next.getThenBody().takeBody(op.getThenBody());
  next.getElseBody().takeBody(op.getElseBody());
  return replace(op, next, last);
}

/// Carries in the body of a loop whether all steps so far were valid. `carried`
/// values come before it, and `yielded` operands of the terminator.
static bool carryIn(Block &body, unsigned carried, unsigned yielded) {
  Value condition = collect(body);
  if (!condition)
    return false;
  Location loc = condition.getLoc();
  Value before = body.insertArgument(1 + carried, condition.getType(), loc);
  Operation *yield = body.getTerminator();
  OpBuilder builder(yield);
  yield->insertOperands(yielded, both(builder, loc, before, condition));
  return true;
}

static Value collectIn(ScanOp op) {
  unsigned carried = op.getInits().size();
  if (!carryIn(op.getBody().front(), carried, carried))
    return {};
  OpBuilder builder(op);
  SmallVector<Value> inits(op.getInits());
  inits.push_back(truth(builder, op.getLoc()));
  auto next = ScanOp::create(
      builder, op.getLoc(), typesWith(op, inits.back().getType(), carried),
      inits, op.getInputs(), op.getTripCountAttr(), op.getReverseInputsAttr(),
      op.getReverseOutputsAttr());
  next.getBody().takeBody(op.getBody());
  return replace(op, next, carried);
}

static Value collectIn(LoopOp op) {
  unsigned carried = op.getInits().size();
  if (!carryIn(op.getBody().front(), carried,
               carried + (op.getCondition() ? 1 : 0)))
    return {};
  OpBuilder builder(op);
  SmallVector<Value> inits(op.getInits());
  inits.push_back(truth(builder, op.getLoc()));
  auto next = LoopOp::create(builder, op.getLoc(),
                             typesWith(op, inits.back().getType(), carried),
                             op.getLimit(), op.getCondition(), inits);
  next.getBody().takeBody(op.getBody());
  return replace(op, next, carried);
}

/// Takes the requirements out of `block`; their conjunction before its
/// terminator, or null where there are none.
static Value collect(Block &block) {
  SmallVector<Value> conditions;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    Value condition;
    if (auto require = dyn_cast<RequireOp>(op)) {
      OpBuilder builder(require);
      condition = conditionOf(builder, require);
      require.erase();
    } else if (auto branch = dyn_cast<IfOp>(op)) {
      condition = collectIn(branch);
    } else if (auto scan = dyn_cast<ScanOp>(op)) {
      condition = collectIn(scan);
    } else if (auto loop = dyn_cast<LoopOp>(op)) {
      condition = collectIn(loop);
    }
    if (condition)
      conditions.push_back(condition);
  }
  if (conditions.empty())
    return {};
  OpBuilder builder(block.getTerminator());
  Value all = conditions.front();
  for (Value condition : llvm::drop_begin(conditions))
    all = both(builder, condition.getLoc(), all, condition);
  return all;
}

namespace {
struct CollectRequirements
    : nn::impl::CollectRequirementsPassBase<CollectRequirements> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || main.isExternal())
      return;
    Block &body = main.front();
    Value valid = collect(body);
    if (!valid)
      return;
    body.getTerminator()->insertOperands(main.getNumResults(), valid);
    OpBuilder builder(&getContext());
    (void)main.insertResult(main.getNumResults(), valid.getType(),
                            builder.getDictionaryAttr(builder.getNamedAttr(
                                kValidAttr, builder.getUnitAttr())));
  }
};
} // namespace
