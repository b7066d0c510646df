//===- CheckMemory.cpp - code takes no memory by itself -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model runs in its arena and on a stack whose size the contract tells. What
// a pass or an emitter would take besides is found here, with its node, and not
// as a symbol that a freestanding program does not have, or by its overflow.
//
//===----------------------------------------------------------------------===//

#include "Backend/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_CHECKMEMORY
#include "Backend/Passes.h.inc"

static LogicalResult check(Operation *op) {
  if (isa<memref::AllocOp, memref::ReallocOp>(op))
    return op->emitError("memory is allocated when the code runs, a place in "
                         "the arena is required");
  auto alloca = dyn_cast<memref::AllocaOp>(op);
  if (!alloca)
    return success();
  if (!alloca.getType().hasStaticShape())
    return op->emitError("stack of ")
           << alloca.getType() << " is taken, a static size is required";
  if (op->getParentOfType<LoopLikeOpInterface>())
    return op->emitError(
        "stack is taken in each step of a loop, a place before "
        "it is required");
  return success();
}

namespace {
struct CheckMemory : mlc::impl::CheckMemoryBase<CheckMemory> {
  void runOnOperation() override {
    WalkResult result = getOperation().walk(
        [](Operation *op) { return WalkResult(check(op)); });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace

} // namespace mlc
