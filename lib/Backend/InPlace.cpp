//===- InPlace.cpp - which operations may overwrite an input --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/InPlace.h"
#include "Backend/Address.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace mlc {

bool isComputeOp(Operation *op) {
  if (isa<memref::CopyOp>(op))
    return true;
  StringRef dialect = op->getName().getDialectNamespace();
  bool yields = op->hasTrait<OpTrait::IsTerminator>();
  return (dialect == "linalg" && !yields && !isa<linalg::IndexOp>(op)) ||
         (dialect == "kernel" && isa<DestinationStyleOpInterface>(op));
}

bool writesOperand(Operation *op, Value operand) {
  if (auto copy = dyn_cast<memref::CopyOp>(op))
    return copy.getTarget() == operand;
  if (auto chain = dyn_cast<kernel::StreamOp>(op))
    for (Operation &stage : chain.getBody().front())
      if (writesOperand(&stage, operand))
        return true;
  auto style = dyn_cast<DestinationStyleOpInterface>(op);
  return style && llvm::is_contained(style.getDpsInits(), operand);
}

bool readsOperand(Operation *op, Value operand) {
  if (auto copy = dyn_cast<memref::CopyOp>(op))
    return copy.getSource() == operand;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    for (OpOperand &use : op->getOpOperands())
      if (use.get() == operand && (linalgOp.isDpsInput(&use) ||
                                   linalgOp.payloadUsesValueFromOperand(&use)))
        return true;
    return !llvm::is_contained(op->getOperands(), operand);
  }
  return true;
}

/// Operands whose elements the operation reads no later than it writes the
/// same element of `output`.
static SmallVector<OpOperand *> pointwiseInputs(Operation *op,
                                                OpOperand &output) {
  SmallVector<OpOperand *> inputs;
  if (auto kernelOp = dyn_cast<kernel::KernelOpInterface>(op)) {
    // Epilogues are applied right before the one store of an element.
    for (OpOperand *operand : kernelOp.getEpilogueUses())
      if (operand->get().getType() == output.get().getType())
        inputs.push_back(operand);
    return inputs;
  }
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || linalgOp.getNumLoops() != linalgOp.getNumParallelLoops())
    return inputs;
  AffineMap outputMap = linalgOp.getMatchingIndexingMap(&output);
  if (!outputMap.isPermutation())
    return inputs;
  for (OpOperand *input : linalgOp.getDpsInputOperands())
    if (linalgOp.getMatchingIndexingMap(input) == outputMap)
      inputs.push_back(input);
  return inputs;
}

/// Same bytes of each element, so that element i of one is element i of the
/// other wherever both start.
static bool lieAlike(Value a, Value b) {
  auto left = dyn_cast<MemRefType>(a.getType());
  auto right = dyn_cast<MemRefType>(b.getType());
  if (!left || !right || left.getShape() != right.getShape() ||
      elementBytes(left.getElementType()) !=
          elementBytes(right.getElementType()))
    return false;
  auto leftStrides = staticStrides(left), rightStrides = staticStrides(right);
  return leftStrides && rightStrides && *leftStrides == *rightStrides;
}

static std::optional<Address> staticAddress(Value memref) {
  FailureOr<Address> address = resolveAddress(memref);
  if (failed(address) || !address->isStatic())
    return std::nullopt;
  return *address;
}

/// Whether all of `op`'s accesses to the memory of `root` are those operands.
/// Looks at what `op` uses: the memory may have users without number.
static bool accessesOnlyBy(Operation *op, Value root,
                           ArrayRef<OpOperand *> operands) {
  WalkResult result = op->walk([&](Operation *inner) {
    if (isView(inner))
      return WalkResult::advance();
    for (OpOperand &use : inner->getOpOperands())
      if (isa<BaseMemRefType>(use.get().getType()) &&
          rootOf(use.get()) == root && !llvm::is_contained(operands, &use))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return !result.wasInterrupted();
}

SmallVector<std::pair<Value, Value>> inPlaceCandidates(Operation *op) {
  SmallVector<std::pair<Value, Value>> pairs;
  auto style = dyn_cast<DestinationStyleOpInterface>(op);
  if (!style)
    return pairs;
  for (OpOperand &output : style.getDpsInitsMutable()) {
    std::optional<Address> to = staticAddress(output.get());
    if (!to || !accessesOnlyBy(op, to->root, {&output}))
      continue;
    SmallVector<OpOperand *> inputs = pointwiseInputs(op, output);
    for (OpOperand *input : inputs) {
      std::optional<Address> from = staticAddress(input->get());
      if (!from || from->root == to->root || from->offset != to->offset ||
          !lieAlike(input->get(), output.get()))
        continue;
      SmallVector<OpOperand *> same;
      for (OpOperand *other : inputs)
        if (other->get() == input->get())
          same.push_back(other);
      if (accessesOnlyBy(op, from->root, same))
        pairs.push_back({from->root, to->root});
    }
  }
  return pairs;
}

} // namespace mlc
