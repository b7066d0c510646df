//===- Bufferize.cpp - tensors become buffers -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/ErrorWatch.h"
#include "Backend/Steps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
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
  return checkControlFlow(module);
}

} // namespace mlc
