//===- BufferAnalysis.cpp - which operands are computed in place ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One-Shot Analysis asks of every operand whether a read of any alias could see
// a write to any other: n slices of one tensor, or n reads of one weight, take
// n^2 or worse. Nearly all operands of a model need no comparison, as they can
// conflict with nothing:
//
//   read        %w of matmul ins(%x, %w): writes nothing and makes no alias
//   view        %s = extract_slice %x, where nothing writes %x or a view of it
//   fresh init  %e = empty; op outs(%e): nothing else knows this buffer
//
// These are decided here, to what the analysis would decide; operations with
// any other operand are left to it. The order is its own, the last one first.
//
//===----------------------------------------------------------------------===//

#include "Backend/BufferAnalysis.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace mlc {

namespace {

class BufferAnalysis {
public:
  BufferAnalysis(Operation *root, OneShotAnalysisState &state)
      : root(root), state(state) {}

  LogicalResult run();

private:
  void collect();
  void findWritten();
  void findFresh();
  bool isRead(OpOperand &use) const;
  bool isTrivial(OpOperand &use) const;
  bool isTrivial(Operation *op) const;
  void uniteEquivalent(OpResult result);
  LogicalResult verify() const;

  Operation *root;
  OneShotAnalysisState &state;
  /// With tensors, nested ones first.
  SmallVector<Operation *> ops;
  /// Results of which a use, or one of a view of theirs, may write.
  DenseSet<Value> written;
  /// Results whose buffer is that of a tensor.empty in the same block, used by
  /// what made them alone.
  DenseSet<Value> fresh;
};

} // namespace

static bool isTensor(Type type) { return isa<TensorType>(type); }

static bool isView(Operation *op) {
  return isa<tensor::ExtractSliceOp, tensor::ExpandShapeOp,
             tensor::CollapseShapeOp, tensor::CastOp>(op);
}

void BufferAnalysis::collect() {
  root->walk([&](Operation *op) {
    if (llvm::any_of(op->getResultTypes(), isTensor) ||
        llvm::any_of(op->getOperandTypes(), isTensor))
      ops.push_back(op);
  });
}

bool BufferAnalysis::isRead(OpOperand &use) const {
  return !state.bufferizesToMemoryWrite(use) &&
         state.getAliasingValues(use).getNumAliases() == 0;
}

/// Users come behind what they use, or inside of what does.
void BufferAnalysis::findWritten() {
  for (Operation *op : llvm::reverse(ops))
    for (OpResult result : op->getResults()) {
      if (!isTensor(result.getType()))
        continue;
      bool isWritten = llvm::any_of(result.getUses(), [&](OpOperand &use) {
        Operation *user = use.getOwner();
        return isView(user) ? written.contains(user->getResult(0))
                            : !isRead(use);
      });
      if (isWritten || op->getNumRegions() > 1 || isa<LoopLikeOpInterface>(op))
        written.insert(result);
    }
}

void BufferAnalysis::findFresh() {
  for (Operation *op : ops) {
    if (isa<tensor::EmptyOp>(op))
      fresh.insert(op->getResult(0));
    auto style = dyn_cast<DestinationStyleOpInterface>(op);
    if (!style)
      continue;
    for (OpResult result : op->getResults()) {
      Value init = style.getTiedOpOperand(result)->get();
      if (fresh.contains(init) && init.hasOneUse() &&
          init.getDefiningOp()->getBlock() == op->getBlock())
        fresh.insert(result);
    }
  }
}

bool BufferAnalysis::isTrivial(OpOperand &use) const {
  Operation *op = use.getOwner();
  Value value = use.get();
  if (!isTensor(value.getType()) || isRead(use))
    return true;
  if (isView(op))
    return value.getDefiningOp() && !written.contains(value);
  auto style = dyn_cast<DestinationStyleOpInterface>(op);
  return style && style.isDpsInit(&use) && value.hasOneUse() &&
         fresh.contains(value) &&
         value.getDefiningOp()->getBlock() == op->getBlock();
}

bool BufferAnalysis::isTrivial(Operation *op) const {
  return state.getOptions().dynCastBufferizableOp(op) &&
         !isa<RegionBranchOpInterface>(op) &&
         llvm::all_of(op->getOpOperands(),
                      [&](OpOperand &use) { return isTrivial(use); });
}

/// `result` is in the buffer of an operand in place that it is all of.
void BufferAnalysis::uniteEquivalent(OpResult result) {
  AliasingOpOperandList aliases = state.getAliasingOpOperands(result);
  if (aliases.getNumAliases() == 0)
    return;
  Value first = aliases.begin()->opOperand->get();
  bool areAllEquivalent = true;
  for (AliasingOpOperand alias : aliases) {
    Value operand = alias.opOperand->get();
    bool isEquivalent = alias.relation == BufferRelation::Equivalent &&
                        state.isInPlace(*alias.opOperand);
    if (isEquivalent && alias.isDefinite)
      return state.unionEquivalenceClasses(result, operand);
    areAllEquivalent &=
        isEquivalent && state.areEquivalentBufferizedValues(operand, first);
  }
  auto op = state.getOptions().dynCastBufferizableOp(result);
  if (areAllEquivalent && op && !op.bufferizesToAllocation(result))
    state.unionEquivalenceClasses(result, first);
}

LogicalResult BufferAnalysis::verify() const {
  bool isValid = true;
  root->walk([&](Operation *op) {
    if (auto bufferizable = state.getOptions().dynCastBufferizableOp(op))
      isValid &= succeeded(bufferizable.verifyAnalysis(state));
  });
  return success(isValid);
}

LogicalResult BufferAnalysis::run() {
  collect();
  findWritten();
  findFresh();
  DominanceInfo dominance(root);
  for (Operation *op : llvm::reverse(ops)) {
    if (!isTrivial(op)) {
      if (failed(state.analyzeSingleOp(op, dominance)))
        return failure();
      continue;
    }
    for (OpOperand &use : op->getOpOperands())
      if (isTensor(use.get().getType()))
        state.bufferizeInPlace(use);
  }
  for (Operation *op : ops)
    if (state.getOptions().dynCastBufferizableOp(op))
      for (OpResult result : op->getResults())
        if (isTensor(result.getType()))
          uniteEquivalent(result);
  state.gatherUndefinedTensorUses(root);
  return verify();
}

LogicalResult analyzeBuffers(Operation *root, OneShotAnalysisState &state) {
  return BufferAnalysis(root, state).run();
}

} // namespace mlc
