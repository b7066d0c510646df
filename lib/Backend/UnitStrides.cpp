//===- UnitStrides.cpp - rows without gaps for kernels --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emitters of kernels load and store vectors. What lies otherwise, as every
// second channel of a stack on the last axis, goes through a buffer of its own:
// the one place that decides it, whoever made the view.
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "Backend/Attributes.h"
#include "Backend/InPlace.h"
#include "Backend/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_UNITSTRIDES
#include "Backend/Passes.h.inc"

/// Packed weights are read as one run.
static bool isPacked(OpOperand &use) {
  Operation *op = use.getOwner();
  if (auto conv = dyn_cast<kernel::ConvOp>(op))
    return use.get() == conv.getWeights() || use.get() == conv.getTable();
  auto winograd = dyn_cast<kernel::WinogradOp>(op);
  return winograd && use.get() == winograd.getWeights();
}

/// Whether an emitter takes the operand as it lies. One of unknown strides is
/// left to it: no copy could read that either.
static bool isTaken(OpOperand &use) {
  auto type = dyn_cast<MemRefType>(use.get().getType());
  if (!type || type.getRank() == 0 || type.getNumElements() == 0)
    return true;
  std::optional<SmallVector<int64_t>> strides = staticStrides(type);
  if (!strides)
    return true;
  if (isPacked(use))
    return rebasedType(type).getLayout().isIdentity();
  return strides->back() == 1 || type.getShape().back() == 1;
}

/// A buffer for the operand, filled or to be stored behind the operation.
static void replaceByBuffer(OpOperand &use) {
  Operation *op = use.getOwner();
  Value memory = use.get();
  auto type = cast<MemRefType>(memory.getType());
  OpBuilder builder(op);
  Value buffer = memref::AllocOp::create(
      builder, op->getLoc(),
      MemRefType::get(type.getShape(), type.getElementType()));
  if (writesOperand(op, memory)) {
    builder.setInsertionPointAfter(op);
    memref::CopyOp::create(builder, op->getLoc(), buffer, memory);
  } else {
    memref::CopyOp::create(builder, op->getLoc(), memory, buffer);
  }
  use.set(buffer);
}

namespace {
struct UnitStrides : mlc::impl::UnitStridesBase<UnitStrides> {
  using UnitStridesBase::UnitStridesBase;
  void runOnOperation() override;
};
} // namespace

void UnitStrides::runOnOperation() {
  FailureOr<func::FuncOp> main = findMain(getOperation());
  if (failed(main))
    return signalPassFailure();
  SmallVector<OpOperand *> uses;
  main->walk([&](Operation *op) {
    if (!isa_and_present<kernel::KernelDialect>(op->getDialect()) ||
        !isComputeOp(op))
      return;
    for (OpOperand &use : op->getOpOperands())
      if (!isTaken(use))
        uses.push_back(&use);
  });
  for (OpOperand *use : uses)
    replaceByBuffer(*use);
}

} // namespace mlc
