//===- Destinations.cpp - results become arguments to write into ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_TODESTINATIONS
#include "Backend/Passes.h.inc"

static MemRefType bufferType(func::FuncOp main, Type type, StringRef what,
                             unsigned number) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (tensor && tensor.hasStaticShape() &&
      elementBytes(tensor.getElementType()))
    return MemRefType::get(tensor.getShape(), tensor.getElementType());
  main.emitError() << what << " " << number << " of 'main' is " << type
                   << ", a tensor of static shape whose elements are whole "
                      "bytes is required";
  return {};
}

static LogicalResult inputsToMemRefs(func::FuncOp main, OpBuilder &builder) {
  for (BlockArgument argument : main.getArguments()) {
    Type tensorType = argument.getType();
    MemRefType type =
        bufferType(main, tensorType, "argument", argument.getArgNumber());
    if (!type)
      return failure();
    argument.setType(type);
    auto toTensor = bufferization::ToTensorOp::create(
        builder, argument.getLoc(), tensorType, argument, /*restrict=*/true);
    argument.replaceAllUsesExcept(toTensor, toTensor);
  }
  return success();
}

static LogicalResult resultsToMemRefs(func::FuncOp main,
                                      func::ReturnOp returnOp) {
  OpBuilder builder(returnOp);
  Block &entry = main.front();
  for (auto [i, value] : llvm::enumerate(returnOp.getOperands())) {
    MemRefType type = bufferType(main, value.getType(), "result", i);
    if (!type)
      return failure();
    Value output = entry.addArgument(type, value.getLoc());
    bufferization::MaterializeInDestinationOp::create(
        builder, value.getLoc(), /*result=*/Type(), value, output,
        /*restrict=*/true, /*writable=*/true);
  }
  returnOp->setOperands({});
  return success();
}

/// Whether the last result says if the run was valid. It goes where that is
/// always so.
static bool takesValidity(func::FuncOp main, func::ReturnOp returnOp) {
  unsigned count = main.getNumResults();
  if (count == 0 || !main.getResultAttr(count - 1, attrs::valid))
    return false;
  DenseElementsAttr known;
  if (!matchPattern(returnOp.getOperand(count - 1), m_Constant(&known)) ||
      !known.isSplat() || !known.getSplatValue<bool>())
    return true;
  returnOp->eraseOperands(count - 1, 1);
  return false;
}

static LogicalResult run(ModuleOp module, func::FuncOp main) {
  if (!main.getBody().hasOneBlock())
    return main.emitError("several blocks found, 'main' must have one");
  // Folding alone: reshapes of constants become constants, equal ones one.
  if (failed(applyPatternsGreedily(module, FrozenRewritePatternSet())))
    return module.emitError("constants could not be folded");

  unsigned inputs = main.getNumArguments();
  auto returnOp = cast<func::ReturnOp>(main.front().getTerminator());
  bool mayBeInvalid = takesValidity(main, returnOp);
  unsigned outputs = returnOp.getNumOperands() - mayBeInvalid;
  OpBuilder builder = OpBuilder::atBlockBegin(&main.front());
  if (failed(inputsToMemRefs(main, builder)) ||
      failed(resultsToMemRefs(main, returnOp)))
    return failure();
  main.setType(builder.getFunctionType(main.front().getArgumentTypes(), {}));
  main.removeResAttrsAttr();
  main.removeArgAttrsAttr();
  main->setAttr(attrs::inputs, builder.getI64IntegerAttr(inputs));
  main->setAttr(attrs::outputs, builder.getI64IntegerAttr(outputs));
  if (mayBeInvalid)
    main->setAttr(attrs::valid, builder.getUnitAttr());
  return success();
}

namespace {
struct ToDestinations : mlc::impl::ToDestinationsBase<ToDestinations> {
  using ToDestinationsBase::ToDestinationsBase;
  void runOnOperation() override;
};
} // namespace

void ToDestinations::runOnOperation() {
  ModuleOp module = getOperation();
  FailureOr<func::FuncOp> main = findMain(module);
  if (failed(main) || failed(run(module, *main)))
    signalPassFailure();
}

} // namespace mlc
