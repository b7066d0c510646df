//===- Bufferize.cpp - tensors become buffers -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/ErrorWatch.h"
#include "Backend/Steps.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
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

static LogicalResult cleanUp(ModuleOp module) {
  PassManager manager(module.getContext(), ModuleOp::getOperationName());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createCanonicalizerPass());
  return manager.run(module);
}

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

/// A value that a region yields ends in a buffer of the caller's choice:
/// control flow that yields a buffer is given one and copies into it.
static LogicalResult ifResultsToBuffers(scf::IfOp op) {
  OpBuilder builder(op);
  for (OpResult result : op.getResults()) {
    auto type = dyn_cast<MemRefType>(result.getType());
    if (!type)
      continue;
    if (!type.hasStaticShape())
      return op.emitError("branches yield ")
             << type << ", a buffer of static shape is required";
    builder.setInsertionPoint(op);
    Value buffer = memref::AllocOp::create(
        builder, op.getLoc(),
        MemRefType::get(type.getShape(), type.getElementType()));
    for (Region *region : {&op.getThenRegion(), &op.getElseRegion()}) {
      Operation *yield = region->front().getTerminator();
      builder.setInsertionPoint(yield);
      Value value = yield->getOperand(result.getResultNumber());
      memref::CopyOp::create(builder, op.getLoc(), value, buffer);
      yield->setOperand(result.getResultNumber(), buffer);
    }
    builder.setInsertionPointAfter(op);
    Value replacement = buffer;
    if (type != buffer.getType())
      replacement = memref::CastOp::create(builder, op.getLoc(), type, buffer);
    result.replaceAllUsesWith(replacement);
    for (Region *region : {&op.getThenRegion(), &op.getElseRegion()}) {
      Operation *yield = region->front().getTerminator();
      if (type == buffer.getType())
        continue;
      builder.setInsertionPoint(yield);
      Value cast = memref::CastOp::create(builder, op.getLoc(), type, buffer);
      yield->setOperand(result.getResultNumber(), cast);
    }
  }
  return success();
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

LogicalResult bufferize(ModuleOp module) {
  separateDestinations(module);
  bufferization::OneShotBufferizationOptions options;
  options.bufferizeFunctionBoundaries = false;
  options.allowReturnAllocsFromLoops = false;
  options.bufferAlignment = 64;
  options.setFunctionBoundaryTypeConversion(
      bufferization::LayoutMapOption::IdentityLayoutMap);
  bufferization::BufferizationState state;
  ErrorWatch watch(module.getContext());
  if (failed(bufferization::runOneShotBufferize(module, options, state)))
    return watch.fail(module, "tensors could not be turned into buffers");
  SmallVector<scf::IfOp> ifs;
  module.walk([&](scf::IfOp op) { ifs.push_back(op); });
  for (scf::IfOp op : ifs)
    if (failed(ifResultsToBuffers(op)))
      return failure();
  if (failed(cleanUp(module)))
    return failure();
  copyStridedKernelOperands(module);
  return checkControlFlow(module);
}

} // namespace mlc
