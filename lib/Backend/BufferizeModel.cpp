//===- Bufferize.cpp - tensors become buffers -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Attributes.h"
#include "Backend/BufferAnalysis.h"
#include "Backend/ErrorWatch.h"
#include "Backend/Passes.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/Bufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_BUFFERIZEMODEL
#include "Backend/Passes.h.inc"

/// An operand that the operation overwrites.
static bool isDestination(OpOperand &use) {
  auto style = dyn_cast<DestinationStyleOpInterface>(use.getOwner());
  return style && style.isDpsInit(&use);
}

/// Each use of an uninitialised or filled tensor gets one of its own, next to
/// it: else one buffer would serve unrelated values and live as long as all.
static void separateDestinations(ModuleOp module) {
  // Fills first: their copies use the same empty tensors.
  SmallVector<Operation *> fills, empties;
  module.walk([&](linalg::FillOp op) { fills.push_back(op); });
  for (Operation *fill : fills)
    for (OpOperand &use : llvm::make_early_inc_range(fill->getUses()))
      if (isDestination(use) && !fill->hasOneUse() && fill->getNumResults())
        use.set(OpBuilder(use.getOwner()).clone(*fill)->getResult(0));
  module.walk([&](tensor::EmptyOp op) { empties.push_back(op); });
  for (Operation *empty : empties)
    for (OpOperand &use : llvm::make_early_inc_range(empty->getUses()))
      if (!empty->hasOneUse())
        use.set(OpBuilder(use.getOwner()).clone(*empty)->getResult(0));
}

/// Emitters take operands whose innermost dimension is contiguous; of others a
/// copy is made.
static void copyStridedKernelOperands(ModuleOp module) {
  SmallVector<OpOperand *> operands;
  module.walk([&](DestinationStyleOpInterface op) {
    if (!isa<kernel::KernelDialect>(op->getDialect()))
      return;
    for (OpOperand &operand : op->getOpOperands())
      if (auto type = dyn_cast<MemRefType>(operand.get().getType()))
        if (type.getRank() > 0 && type.getShape().back() > 1 &&
            !type.isLastDimUnitStride())
          operands.push_back(&operand);
  });
  for (OpOperand *operand : operands) {
    Operation *op = operand->getOwner();
    Value strided = operand->get();
    auto type = cast<MemRefType>(strided.getType());
    OpBuilder builder(op);
    Value buffer = memref::AllocOp::create(
        builder, op->getLoc(),
        MemRefType::get(type.getShape(), type.getElementType()));
    if (isDestination(*operand)) {
      builder.setInsertionPointAfter(op);
      memref::CopyOp::create(builder, op->getLoc(), buffer, strided);
    } else {
      memref::CopyOp::create(builder, op->getLoc(), strided, buffer);
    }
    operand->set(buffer);
  }
}

/// Branches that only choose a tensor were made a select, which would choose a
/// buffer: they are branches again.
static void selectsToBranches(ModuleOp module) {
  SmallVector<arith::SelectOp> selects;
  module.walk([&](arith::SelectOp op) {
    if (isa<RankedTensorType>(op.getType()) &&
        op.getCondition().getType().isInteger(1))
      selects.push_back(op);
  });
  for (arith::SelectOp op : selects) {
    OpBuilder builder(op);
    auto yields = [](Value value) {
      return [value](OpBuilder &b, Location loc) {
        scf::YieldOp::create(b, loc, value);
      };
    };
    auto branches = scf::IfOp::create(builder, op.getLoc(), op.getCondition(),
                                      yields(op.getTrueValue()),
                                      yields(op.getFalseValue()));
    op.replaceAllUsesWith(branches.getResult(0));
    op.erase();
  }
}

/// Both branches write each tensor that `op` gives into one buffer, from which
/// it is read behind them: its layout then is that of a buffer of its own,
/// whatever views the branches yield.
static void branchResultsToBuffers(scf::IfOp op) {
  OpBuilder builder(op);
  SmallVector<Value> kept;
  SmallVector<Value> buffers(op.getNumResults());
  for (OpResult result : op.getResults()) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type) {
      kept.push_back(result);
      continue;
    }
    builder.setInsertionPoint(op);
    Value buffer = memref::AllocOp::create(
        builder, op.getLoc(),
        MemRefType::get(type.getShape(), type.getElementType()));
    buffers[result.getResultNumber()] = buffer;
    builder.setInsertionPointAfter(op);
    result.replaceAllUsesWith(bufferization::ToTensorOp::create(
        builder, op.getLoc(), type, buffer, /*restrict=*/true,
        /*writable=*/true));
  }
  builder.setInsertionPoint(op);
  auto branches =
      scf::IfOp::create(builder, op.getLoc(), ValueRange(kept).getTypes(),
                        op.getCondition(), /*withElseRegion=*/true);
  for (auto [from, to] : llvm::zip(op->getRegions(), branches->getRegions())) {
    to.takeBody(from);
    Operation *yield = to.front().getTerminator();
    builder.setInsertionPoint(yield);
    SmallVector<Value> yielded;
    for (auto [value, buffer] : llvm::zip(yield->getOperands(), buffers)) {
      if (!buffer)
        yielded.push_back(value);
      else
        bufferization::MaterializeInDestinationOp::create(
            builder, op.getLoc(), /*result=*/Type(), value, buffer,
            /*restrict=*/true, /*writable=*/true);
    }
    yield->setOperands(yielded);
  }
  for (auto [result, replacement] : llvm::zip(kept, branches.getResults()))
    result.replaceAllUsesWith(replacement);
  op.erase();
}

static LogicalResult checkControlFlow(ModuleOp module) {
  WalkResult result = module.walk([&](Operation *op) {
    if (!isa<LoopLikeOpInterface, scf::IfOp>(op))
      return WalkResult::advance();
    for (Value value : op->getResults())
      if (isa<BaseMemRefType>(value.getType())) {
        op->emitError("result of type ")
            << value.getType()
            << " is carried from one buffer to another, control flow must "
               "write each result into one destination";
        return WalkResult::interrupt();
      }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// As runOneShotBufferize, with our analysis.
static LogicalResult
runOneShot(ModuleOp module,
           const bufferization::OneShotBufferizationOptions &options) {
  bufferization::BufferizationState state;
  {
    bufferization::OneShotAnalysisState analysis(module, options);
    if (failed(analyzeBuffers(module, analysis)) ||
        failed(bufferization::insertTensorCopies(module, analysis, state)))
      return failure();
  }
  return bufferization::bufferizeOp(module, options, state);
}

static LogicalResult tensorsToBuffers(ModuleOp module) {
  bufferization::OneShotBufferizationOptions options;
  options.bufferizeFunctionBoundaries = false;
  options.allowReturnAllocsFromLoops = false;
  options.bufferAlignment = 64;
  options.setFunctionBoundaryTypeConversion(
      bufferization::LayoutMapOption::IdentityLayoutMap);
  ErrorWatch watch(module.getContext());
  if (failed(runOneShot(module, options)))
    return watch.fail(module, "tensors could not be turned into buffers");
  return success();
}

namespace {
struct BufferizeModel : mlc::impl::BufferizeModelBase<BufferizeModel> {
  using BufferizeModelBase::BufferizeModelBase;
  void runOnOperation() override;
};
} // namespace

void BufferizeModel::runOnOperation() {
  ModuleOp module = getOperation();
  separateDestinations(module);
  selectsToBranches(module);
  SmallVector<scf::IfOp> branches;
  module.walk([&](scf::IfOp op) {
    if (op.getNumResults() > 0)
      branches.push_back(op);
  });
  for (scf::IfOp op : branches)
    branchResultsToBuffers(op);
  OpPassManager cleanUp(ModuleOp::getOperationName());
  cleanUp.addPass(createCanonicalizerPass());
  cleanUp.addPass(createCSEPass());
  cleanUp.addPass(createCanonicalizerPass());
  if (failed(tensorsToBuffers(module)) || failed(runPipeline(cleanUp, module)))
    return signalPassFailure();
  copyStridedKernelOperands(module);
  if (failed(checkControlFlow(module)))
    signalPassFailure();
}

} // namespace mlc
