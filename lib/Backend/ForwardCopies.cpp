//===- ForwardCopies.cpp - compute where the result is wanted -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/AccessIndex.h"
#include "Backend/Attributes.h"
#include "Backend/InPlace.h"
#include "Backend/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_FORWARDCOPIES
#include "Backend/Passes.h.inc"

namespace {

/// By root, made when asked for.
class Accesses {
public:
  AccessIndex &of(Value root) {
    std::unique_ptr<AccessIndex> &index = indices[root];
    if (!index)
      index = std::make_unique<AccessIndex>(root);
    return *index;
  }
  /// What accessed a root that is part of `target` now.
  void moveInto(Value target, ArrayRef<OpOperand *> uses) {
    for (OpOperand *use : uses)
      of(target).add(use);
  }
  void drop(Value root) { indices.erase(root); }
  /// Before `op` is erased.
  void forget(Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      if (auto found = indices.find(rootOf(operand.get()));
          found != indices.end())
        found->second->erase(&operand);
  }

private:
  llvm::DenseMap<Value, std::unique_ptr<AccessIndex>> indices;
};

/// Forwards one copy: its source's allocation becomes a view of its target.
class Forwarder {
public:
  Forwarder(memref::CopyOp copy, Accesses &accesses)
      : copy(copy), accesses(accesses) {}

  bool run();

private:
  bool findSource();
  bool findTarget();
  bool targetIsFree();
  bool usersTakeLayout(Value value, MemRefType type);
  Operation *inBlock(Operation *op) {
    return copy->getBlock()->findAncestorOpInBlock(*op);
  }
  MemRefType layoutForAlloc();
  Value targetForAlloc(OpBuilder &builder);
  void retype(Value value);

  memref::CopyOp copy;
  Accesses &accesses;
  memref::AllocOp alloc;
  SmallVector<OpOperand *> users;       ///< of the alloc and its views
  SmallVector<Operation *> reshapes;    ///< from the copy back to the alloc
  SmallVector<Operation *> targetViews; ///< from the copy back to the root
  Value root;
  Operation *first = nullptr, *last = nullptr; ///< accesses of the alloc
  Operation *earliest = nullptr; ///< of these and the alloc's views
};

} // namespace

/// The source is a whole allocation, perhaps reshaped, of the copy's block.
bool Forwarder::findSource() {
  Value at = copy.getSource();
  while (Operation *op = at.getDefiningOp()) {
    if (!isa<memref::ExpandShapeOp, memref::CollapseShapeOp>(op))
      break;
    reshapes.push_back(op);
    at = op->getOperand(0);
  }
  alloc = at.getDefiningOp<memref::AllocOp>();
  if (!alloc || alloc->getBlock() != copy->getBlock() ||
      !alloc.getType().hasStaticShape() || !rebasedType(alloc.getType()))
    return false;
  collectUsers(alloc, users);
  for (OpOperand *use : users) {
    Operation *owner = use->getOwner();
    Operation *user = inBlock(owner);
    if (!user || owner->hasTrait<OpTrait::IsTerminator>())
      return false;
    bool writes = !isComputeOp(owner) || writesOperand(owner, use->get());
    if (isa<memref::LoadOp>(owner))
      writes = false;
    if (writes && (copy->isBeforeInBlock(user)))
      return false;
    if (!first || user->isBeforeInBlock(first))
      first = user;
    if (!last || last->isBeforeInBlock(user))
      last = user;
  }
  earliest = first;
  for (Operation *view : alloc->getUsers())
    if (Operation *user = inBlock(view); user->isBeforeInBlock(earliest))
      earliest = user;
  return true;
}

/// The target's views can be made before the allocation's first access.
bool Forwarder::findTarget() {
  Value at = copy.getTarget();
  while (Operation *op = at.getDefiningOp()) {
    if (!isView(op))
      break;
    for (Value operand : op->getOperands().drop_front())
      if (Operation *def = operand.getDefiningOp();
          def && !def->hasTrait<OpTrait::ConstantLike>()) {
        Operation *here = inBlock(def);
        if (here && !here->isBeforeInBlock(earliest))
          return false;
      }
    targetViews.push_back(op);
    at = op->getOperand(0);
  }
  root = at;
  if (root == alloc.getResult() || root.getDefiningOp<memref::GetGlobalOp>())
    return false;
  Operation *def = root.getDefiningOp();
  if (!def || !inBlock(def))
    return true; // An argument or a value from outside.
  return isa<memref::AllocOp>(def) && def->getBlock() == copy->getBlock();
}

/// Nobody touches the target from the allocation's first access to the copy,
/// and nobody writes it while the allocation is read after the copy.
bool Forwarder::targetIsFree() {
  std::optional<Box> target = makeBox(copy.getTarget());
  if (!target)
    return false;
  return accesses.of(root).all(*target, [&](OpOperand *use) {
    Operation *owner = use->getOwner();
    Operation *user = inBlock(owner);
    if (!user || owner == copy || user->isBeforeInBlock(first) ||
        last->isBeforeInBlock(user))
      return true;
    bool reads = isComputeOp(owner) && !writesOperand(owner, use->get());
    return (reads || isa<memref::LoadOp>(owner)) && copy->isBeforeInBlock(user);
  });
}

/// The type of the target, seen in the shape of the allocation; null if it
/// cannot be seen so.
MemRefType Forwarder::layoutForAlloc() {
  auto type = cast<MemRefType>(copy.getTarget().getType());
  for (Operation *op : reshapes) {
    if (auto expand = dyn_cast<memref::ExpandShapeOp>(op)) {
      auto reassociation = expand.getReassociationIndices();
      if (!memref::CollapseShapeOp::isGuaranteedCollapsible(type,
                                                            reassociation))
        return {};
      type = memref::CollapseShapeOp::computeCollapsedType(type, reassociation);
      continue;
    }
    auto collapse = cast<memref::CollapseShapeOp>(op);
    FailureOr<MemRefType> expanded = memref::ExpandShapeOp::computeExpandedType(
        type, collapse.getSrcType().getShape(),
        collapse.getReassociationIndices());
    if (failed(expanded))
      return {};
    type = *expanded;
  }
  return type;
}

/// Whether all views of `value` can be made of a memref of `type`.
bool Forwarder::usersTakeLayout(Value value, MemRefType type) {
  for (Operation *user : value.getUsers()) {
    if (!isView(user))
      continue;
    MemRefType result;
    if (auto collapse = dyn_cast<memref::CollapseShapeOp>(user)) {
      auto reassociation = collapse.getReassociationIndices();
      if (!memref::CollapseShapeOp::isGuaranteedCollapsible(type,
                                                            reassociation))
        return false;
      result =
          memref::CollapseShapeOp::computeCollapsedType(type, reassociation);
    } else if (auto expand = dyn_cast<memref::ExpandShapeOp>(user)) {
      FailureOr<MemRefType> expanded =
          memref::ExpandShapeOp::computeExpandedType(
              type, expand.getResultType().getShape(),
              expand.getReassociationIndices());
      if (failed(expanded))
        return false;
      result = *expanded;
    } else if (auto subview = dyn_cast<memref::SubViewOp>(user)) {
      result = memref::SubViewOp::inferRankReducedResultType(
          subview.getType().getShape(), type, subview.getMixedOffsets(),
          subview.getMixedSizes(), subview.getMixedStrides());
    } else {
      return false;
    }
    if (!usersTakeLayout(user->getResult(0), result))
      return false;
  }
  return true;
}

/// Gives the views of `value` the types that follow from its own.
void Forwarder::retype(Value value) {
  auto type = cast<MemRefType>(value.getType());
  for (Operation *user : value.getUsers()) {
    if (!isView(user))
      continue;
    if (auto collapse = dyn_cast<memref::CollapseShapeOp>(user))
      user->getResult(0).setType(memref::CollapseShapeOp::computeCollapsedType(
          type, collapse.getReassociationIndices()));
    else if (auto expand = dyn_cast<memref::ExpandShapeOp>(user))
      user->getResult(0).setType(*memref::ExpandShapeOp::computeExpandedType(
          type, expand.getResultType().getShape(),
          expand.getReassociationIndices()));
    else if (auto subview = dyn_cast<memref::SubViewOp>(user))
      user->getResult(0).setType(memref::SubViewOp::inferRankReducedResultType(
          subview.getType().getShape(), type, subview.getMixedOffsets(),
          subview.getMixedSizes(), subview.getMixedStrides()));
    retype(user->getResult(0));
  }
}

/// The target in the shape of the allocation, from operations at `builder`.
Value Forwarder::targetForAlloc(OpBuilder &builder) {
  if (Operation *def = root.getDefiningOp())
    if (inBlock(def) && !def->isBeforeInBlock(earliest))
      def->moveBefore(earliest);
  IRMapping mapping;
  for (Operation *view : llvm::reverse(targetViews)) {
    for (Value operand : view->getOperands().drop_front())
      if (Operation *def = operand.getDefiningOp();
          def && def->hasTrait<OpTrait::ConstantLike>() &&
          !mapping.contains(operand))
        builder.clone(*def, mapping);
    builder.clone(*view, mapping);
  }
  Value value = mapping.lookupOrDefault(copy.getTarget());
  for (Operation *op : reshapes) {
    if (auto expand = dyn_cast<memref::ExpandShapeOp>(op))
      value = memref::CollapseShapeOp::create(builder, op->getLoc(), value,
                                              expand.getReassociationIndices());
    else if (auto collapse = dyn_cast<memref::CollapseShapeOp>(op))
      value = memref::ExpandShapeOp::create(
          builder, op->getLoc(), collapse.getSrcType().getShape(), value,
          collapse.getReassociationIndices());
  }
  return value;
}

bool Forwarder::run() {
  if (!findSource() || !findTarget() || !targetIsFree())
    return false;
  MemRefType type = layoutForAlloc();
  if (!type || !usersTakeLayout(alloc, type))
    return false;
  // Operands of the target's views may be made after the allocation.
  OpBuilder builder(earliest);
  Value target = targetForAlloc(builder);
  accesses.drop(alloc);
  accesses.forget(copy);
  llvm::erase(users, &copy.getSourceMutable());
  copy.erase();
  alloc.replaceAllUsesWith(target);
  alloc.erase();
  retype(target);
  accesses.moveInto(root, users);
  return true;
}

/// Every linalg.copy that does not convert is a memref.copy.
static void unifyCopies(ModuleOp module) {
  SmallVector<linalg::CopyOp> copies;
  module.walk([&](linalg::CopyOp op) { copies.push_back(op); });
  for (linalg::CopyOp op : copies) {
    Value from = op.getInputs().front(), to = op.getOutputs().front();
    auto fromType = dyn_cast<MemRefType>(from.getType());
    auto toType = dyn_cast<MemRefType>(to.getType());
    if (!fromType || !toType ||
        fromType.getElementType() != toType.getElementType())
      continue;
    OpBuilder builder(op);
    memref::CopyOp::create(builder, op.getLoc(), from, to);
    op.erase();
  }
}

namespace {
struct ForwardCopies : mlc::impl::ForwardCopiesBase<ForwardCopies> {
  using ForwardCopiesBase::ForwardCopiesBase;
  void runOnOperation() override;
};
} // namespace

void ForwardCopies::runOnOperation() {
  FailureOr<func::FuncOp> main = findMain(getOperation());
  if (failed(main))
    return signalPassFailure();
  unifyCopies(getOperation());
  SmallVector<memref::CopyOp> copies;
  main->walk([&](memref::CopyOp op) { copies.push_back(op); });
  // The last first: what is copied into a concatenation follows it to where
  // that goes.
  Accesses accesses;
  for (memref::CopyOp copy : llvm::reverse(copies)) {
    if (copy.getSource() != copy.getTarget()) {
      Forwarder(copy, accesses).run();
      continue;
    }
    accesses.forget(copy);
    copy.erase();
  }
}

} // namespace mlc
