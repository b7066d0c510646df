//===- NormalizeOp.cpp - rows and columns of mean 0 and variance 1 --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Kernel.h"
#include "Kernel/IR/Verify.h"

using namespace mlir;
using namespace mlir::kernel;

SmallVector<OpOperand *> NormalizeOp::getEpilogueUses() {
  SmallVector<OpOperand *> uses;
  for (OpOperand &operand : getEpilogueOperandsMutable())
    uses.push_back(&operand);
  return uses;
}

/// A sum or two, a difference and a product an element.
KernelCost NormalizeOp::getCost() {
  KernelCost cost;
  cost.nominal = cost.operations =
      (getSquares() ? 3 : 5) * uint64_t(getInput().getType().getNumElements());
  cost.element = typeText(getInput().getType().getElementType());
  cost.detail = flowText(getInput(), getInit());
  return cost;
}

LogicalResult NormalizeOp::verify() {
  ShapedType in = getInput().getType(), out = getInit().getType();
  if (failed(verifyOperandKinds(*this)) ||
      failed(verifyEpilogue(*this, getEpilogue(), getEpilogueOperands(),
                            getAccumulatorType(), out, out.getShape().back())))
    return failure();
  if (in.getShape() != out.getShape())
    return emitOpError() << "(C3) the out is " << out << ", the shape of " << in
                         << " is required";
  if (in.getDimSize(1) == 0)
    return emitOpError()
           << "(C4) input is " << in
           << ", one element or more to take a mean of are required";
  return success();
}
