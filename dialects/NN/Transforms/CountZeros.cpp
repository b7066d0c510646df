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

/// Elements that are 0 (or -0.0, which adds as little).
static int64_t countZeros(Value constant) {
  Type element = elementOf(constant);
  std::optional<SmallVector<char>> bytes =
      constantBytes(constantValue(constant));
  int64_t size = bytesPerElement(element), zeros = 0;
  // The sign of a float is its last byte's highest bit.
  char signMask = isa<FloatType>(element) ? 0x7f : -1;
  for (size_t i = 0; bytes && i < bytes->size(); i += size) {
    char bits = (*bytes)[i + size - 1] & signMask;
    for (int64_t b = 0; b + 1 < size; ++b)
      bits |= (*bytes)[i + b];
    zeros += bits == 0;
  }
  return zeros;
}

/// The operands that can be weights, the usual one first.
static SmallVector<Value> weightOperands(Operation *op) {
  if (auto conv = dyn_cast<ConvOp>(op))
    return {conv.getWeights()};
  if (auto matmul = dyn_cast<MatmulOp>(op))
    return {matmul.getRhs(), matmul.getLhs()};
  return {};
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
    int64_t zeros = countZeros(*weights);
    int64_t total = cast<RankedTensorType>(weights->getType()).getNumElements();
    op->setAttr("nn.zeros", builder.getI64IntegerAttr(zeros));
    op->setAttr("nn.weights", builder.getI64IntegerAttr(total));
    numZeros += zeros;
    numWeights += total;
  }
};
} // namespace
