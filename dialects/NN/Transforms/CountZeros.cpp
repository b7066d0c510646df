//===- CountZeros.cpp - Zero weights by layer -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/ChannelTies.h"
#include "NN/Transforms/Passes.h"

#include "mlir/IR/DialectResourceBlobManager.h"

namespace mlir {
namespace nn {
#define GEN_PASS_DEF_COUNTZEROSPASS
#include "NN/Transforms/Passes.h.inc"
} // namespace nn
} // namespace mlir

using namespace mlir;
using namespace mlir::nn;

/// The operands that can be weights, the usual one first.
static SmallVector<Value> weightOperands(Operation *op) {
  auto linear = dyn_cast<LinearOpInterface>(op);
  if (!linear)
    return {};
  // A product may have them on its left side as well.
  if (isa<MatmulOp>(op))
    return {linear.getWeights(), linear.getInput()};
  return {linear.getWeights()};
}

static bool hasNoData(Value v) {
  auto resource =
      dyn_cast_if_present<DenseResourceElementsAttr>(constantValue(v));
  return resource && !resource.getRawHandle().getBlob();
}

namespace {
struct CountZeros : nn::impl::CountZerosPassBase<CountZeros> {
  void runOnOperation() override {
    WalkResult result = getOperation().walk([&](Operation *op) {
      for (Value v : weightOperands(op))
        if (hasNoData(v)) {
          op->emitError() << "weights are a resource without data, its bytes "
                             "are required to count zeros";
          return WalkResult::interrupt();
        }
      count(op);
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

  void count(Operation *op) {
    SmallVector<Value> operands = weightOperands(op);
    const auto *weights = llvm::find_if(operands, isReadableConstant);
    if (weights == operands.end())
      return;
    Builder builder(&getContext());
    int64_t zeros = countZeros(constantValue(*weights)).value_or(0);
    int64_t total = cast<RankedTensorType>(weights->getType()).getNumElements();
    op->setAttr("nn.zeros", builder.getI64IntegerAttr(zeros));
    op->setAttr("nn.weights", builder.getI64IntegerAttr(total));
    numZeros += zeros;
    numWeights += total;
  }
};
} // namespace
