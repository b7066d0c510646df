//===- KernelEmit.cpp - the pass that emits kernels -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/CodeGen.h"
#include "CodeGen/Emitters.h"
#include "CodeGen/ReasonListener.h"
#include "Kernel/IR/ForEachKernelOp.h"
#include "Schedule/KernelSchedule.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlc;

#include "EmitInterface.cpp.inc"

LogicalResult mlc::emitKernel(Operation *op, const TargetInfo &target,
                              RewriterBase &rewriter) {
  if (op->getNumResults())
    return rewriter.notifyMatchFailure(op, "operands must be memrefs");
  auto emitter = dyn_cast<KernelEmitOpInterface>(op);
  if (!emitter)
    return rewriter.notifyMatchFailure(op, "not a kernel op");
  if (failed(scheduleKernel(op, target)))
    return rewriter.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1");
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  return emitter.emit(rewriter, target);
}

void mlc::registerEmitters(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, kernel::KernelDialect *) {
    kernel::forEachKernelOp(
        [&](auto tag) { attachEmitter<typename decltype(tag)::Op>(context); });
  });
}

namespace {

class KernelEmit : public PassWrapper<KernelEmit, OperationPass<>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(KernelEmit)

  KernelEmit() = default;
  explicit KernelEmit(const TargetInfo &info) : info(info) {}
  KernelEmit(const KernelEmit &other) : PassWrapper(other), info(other.info) {}

  StringRef getArgument() const override { return "kernel-emit"; }
  StringRef getDescription() const override {
    return "Replace kernel ops on memrefs by vector loops for one CPU";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, LLVM::LLVMDialect, math::MathDialect,
                    memref::MemRefDialect, scf::SCFDialect,
                    vector::VectorDialect>();
    registerSchedules(registry);
    registerEmitters(registry);
  }

  LogicalResult initialize(MLIRContext *context) override {
    if (info)
      return success();
    auto targets = resolveTargets(triple, target);
    if (!targets)
      return emitError(UnknownLoc::get(context), toString(targets.takeError()));
    info = targets->front();
    return success();
  }

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (!isa_and_present<kernel::KernelDialect>(op->getDialect()))
        return WalkResult::advance();
      ops.push_back(op);
      return WalkResult::skip();
    });
    ReasonListener listener;
    for (Operation *op : ops) {
      IRRewriter rewriter(op, &listener);
      if (succeeded(emitKernel(op, *info, rewriter)))
        continue;
      op->emitOpError("cannot be emitted: ") << listener.reason;
      return signalPassFailure();
    }
  }

private:
  std::optional<TargetInfo> info;
  Option<std::string> target{*this, "target",
                             llvm::cl::desc("CPU to emit for, as --cpu of mlc"),
                             llvm::cl::init("native")};
  Option<std::string> triple{
      *this, "triple", llvm::cl::desc("target triple; empty: this machine's"),
      llvm::cl::init("")};
};

} // namespace

std::unique_ptr<Pass> mlc::createKernelEmitPass(const TargetInfo &target) {
  return std::make_unique<KernelEmit>(target);
}

void mlc::registerCodeGenPasses() { PassRegistration<KernelEmit>(); }
