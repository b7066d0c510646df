//===- LowerKernels.cpp - kernels as loops, for each CPU ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "Backend/Attributes.h"
#include "Backend/ExpandMath.h"
#include "Backend/InPlace.h"
#include "Backend/LinalgToLoops.h"
#include "Backend/Passes.h"
#include "CodeGen/CodeGen.h"
#include "CodeGen/ReasonListener.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_LOWERKERNELS
#include "Backend/Passes.h.inc"

/// A copy between contiguous memrefs stays, or large ones are many: they become
/// memcpy.
static LogicalResult lowerCopy(memref::CopyOp copy, const TargetInfo &variant,
                               RewriterBase &rewriter) {
  auto source = cast<MemRefType>(copy.getSource().getType());
  auto target = cast<MemRefType>(copy.getTarget().getType());
  if (source.getLayout().isIdentity() && target.getLayout().isIdentity()) {
    (void)emitPieces(copy, variant, rewriter);
    return success();
  }
  if (succeeded(emitCopy(copy, variant, rewriter)))
    return success();
  rewriter.setInsertionPoint(copy);
  Operation *generic = linalg::makeMemRefCopyOp(
      rewriter, copy.getLoc(), copy.getSource(), copy.getTarget());
  rewriter.eraseOp(copy);
  return linalgToLoops(generic, rewriter);
}

static LogicalResult lowerKernelOp(Operation *op, const TargetInfo &target) {
  ReasonListener listener;
  IRRewriter rewriter(op->getContext(), &listener);
  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  std::string name = op->getName().getStringRef().str();
  if (succeeded(emitKernel(op, target, rewriter)))
    return success();
  return emitError(loc) << "'" << name << "' could not be emitted for "
                        << target.name << ": " << listener.reason;
}

static LogicalResult lowerOp(Operation *op, const TargetInfo &target,
                             RewriterBase &rewriter) {
  if (auto copy = dyn_cast<memref::CopyOp>(op))
    return lowerCopy(copy, target, rewriter);
  if (isa<kernel::KernelDialect>(op->getDialect()))
    return lowerKernelOp(op, target);
  return linalgToLoops(op, rewriter);
}

static LogicalResult lowerFunction(func::FuncOp function,
                                   const TargetInfo &target,
                                   const MathExpansion &expansion) {
  SmallVector<Operation *> ops;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!isComputeOp(op))
      return WalkResult::advance();
    ops.push_back(op);
    return WalkResult::skip();
  });
  IRRewriter rewriter(function.getContext());
  for (Operation *op : ops)
    if (failed(lowerOp(op, target, rewriter)))
      return failure();
  return expansion.run(function);
}

namespace {
struct LowerKernels : mlc::impl::LowerKernelsBase<LowerKernels> {
  using LowerKernelsBase::LowerKernelsBase;
  LogicalResult initialize(MLIRContext *context) override;
  void runOnOperation() override;

  /// Made once for all functions; copies of the pass, a thread each, share it.
  struct Targets {
    std::vector<TargetInfo> targets;
    std::vector<MathExpansion> expansions; ///< a target each
  };
  std::shared_ptr<const Targets> all;
};
} // namespace

LogicalResult LowerKernels::initialize(MLIRContext *context) {
  auto resolved = targetsOf(context, triple, cpus);
  if (failed(resolved))
    return failure();
  auto made = std::make_shared<Targets>();
  made->targets = std::move(*resolved);
  for (const TargetInfo &target : made->targets)
    made->expansions.emplace_back(context, target);
  all = std::move(made);
  return success();
}

void LowerKernels::runOnOperation() {
  func::FuncOp function = getOperation();
  if (function.isExternal())
    return;
  FailureOr<const TargetInfo *> target = targetOf(function, all->targets);
  if (failed(target) ||
      failed(lowerFunction(function, **target,
                           all->expansions[*target - all->targets.data()])))
    signalPassFailure();
}

} // namespace mlc
