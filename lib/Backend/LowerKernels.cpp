//===- LowerKernels.cpp - kernels as loops, for each CPU ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "Backend/ExpandMath.h"
#include "Backend/InPlace.h"
#include "Backend/Steps.h"
#include "CodeGen/CodeGen.h"
#include "CodeGen/ReasonListener.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace mlc {

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

LogicalResult lowerKernels(ModuleOp module, ArrayRef<TargetInfo> targets) {
  std::vector<MathExpansion> expansions;
  for (const TargetInfo &target : targets)
    expansions.emplace_back(module.getContext(), target);
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    FailureOr<unsigned> variant = variantOf(function, targets.size());
    if (failed(variant) || failed(lowerFunction(function, targets[*variant],
                                                expansions[*variant])))
      return failure();
  }
  return success();
}

} // namespace mlc
