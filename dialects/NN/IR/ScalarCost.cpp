//===- ScalarCost.cpp - What scalar ops cost ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ScalarCost.h"

#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::nn;

/// Of the math ops, those that CPUs have instructions for.
static bool isInstruction(Operation *op) {
  return isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::CopySignOp,
             math::FloorOp, math::FmaOp, math::IsFiniteOp, math::IsInfOp,
             math::IsNaNOp, math::RoundEvenOp, math::SqrtOp, math::TruncOp>(op);
}

int64_t nn::scalarCost(Operation *op) {
  constexpr int64_t function = 16;
  if (op->hasTrait<OpTrait::ConstantLike>() ||
      op->hasTrait<OpTrait::IsTerminator>())
    return 0;
  bool isFunction = isa<math::MathDialect>(op->getDialect());
  return isFunction && !isInstruction(op) ? function : 1;
}

int64_t nn::scalarCost(Block &block) {
  int64_t cost = 0;
  block.walk([&](Operation *op) { cost += scalarCost(op); });
  return cost;
}

int64_t nn::scalarCost(ElementwiseOpInterface op) {
  Block scratch;
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToStart(&scratch);
  SmallVector<Value> args;
  for (Value operand : op->getOperands())
    args.push_back(
        scratch.addArgument(makeSignless(elementOf(operand)), op->getLoc()));
  op.emitScalar(builder, op->getLoc(), args);
  return scalarCost(scratch);
}
