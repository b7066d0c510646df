//===- BlockedMatmulOp.cpp - products with a scale a block ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Kernel.h"
#include "Kernel/IR/Verify.h"

using namespace mlir;
using namespace mlir::kernel;

SmallVector<OpOperand *> BlockedMatmulOp::getEpilogueUses() {
  SmallVector<OpOperand *> uses;
  for (OpOperand &operand : getEpilogueOperandsMutable())
    uses.push_back(&operand);
  return uses;
}

BlockedWeights BlockedMatmulOp::getLayout() {
  return {getInit().getType().getDimSize(1), getInput().getType().getDimSize(1),
          int64_t(getBlock()), hasNibbles() ? 4 : 8, getPackedLanes()};
}

KernelCost BlockedMatmulOp::getCost() {
  ArrayRef<int64_t> in = getInput().getType().getShape();
  KernelCost cost;
  cost.nominal = cost.operations =
      2 * uint64_t(getInit().getType().getNumElements()) * in[1];
  cost.element = typeText(getInput().getType().getElementType());
  cost.detail =
      flowText(getInput(), getInit()) + (hasNibbles() ? " 4 bits" : " 8 bits");
  return cost;
}

static LogicalResult wrongShape(Operation *op, StringRef constraint,
                                StringRef what, ShapedType found,
                                ArrayRef<int64_t> required) {
  InFlightDiagnostic error = op->emitOpError()
                             << "(" << constraint << ") " << what << " are "
                             << found << ", ";
  llvm::interleave(required, error, "x");
  return error << " is required";
}

LogicalResult BlockedMatmulOp::verify() {
  ArrayRef<int64_t> in = getInput().getType().getShape(),
                    out = getInit().getType().getShape();
  if (failed(verifyOperandKinds(*this)) ||
      failed(verifyEpilogue(*this, getEpilogue(), getEpilogueOperands(),
                            getAccumulatorType(), getInit().getType(), out[1])))
    return failure();
  int64_t block = getBlock(), lanes = getPackedLanes();
  if (block < 1 || (block % BlockedWeights::nibbles && block != in[1]))
    return emitOpError() << "(C5) blocks of " << block
                         << " found, a multiple of 8 or K is required";
  if (!llvm::isPowerOf2_64(lanes))
    return emitOpError() << "(C3) " << lanes
                         << " lanes found, a power of two is required";
  if (in[0] != out[0])
    return emitOpError() << "(C4) M of the out is " << out[0] << ", " << in[0]
                         << " is required";
  BlockedWeights packed = getLayout();
  auto weights = packed.weightsShape(), parameters = packed.parametersShape();
  if (getWeights().getType().getShape() != ArrayRef(weights))
    return wrongShape(*this, "C3", "weights", getWeights().getType(), weights);
  if (getScales().getType().getShape() != ArrayRef(parameters))
    return wrongShape(*this, "C5", "scales", getScales().getType(), parameters);
  if (auto points = getZeroPoints())
    if (points.getType().getShape() != ArrayRef(parameters))
      return wrongShape(*this, "C5", "zero points", points.getType(),
                        parameters);
  auto scratch = getScratch();
  if (!scratch)
    return success();
  if (!hasNibbles() && !getZeroPoints())
    return emitOpError("(C6) has scratch memory, weights of 4 bits or zero "
                       "points are required");
  int64_t elements[] = {packed.scratch(in[0])};
  if (scratch.getType().getShape() != ArrayRef(elements))
    return wrongShape(*this, "C6", "elements of scratch memory",
                      scratch.getType(), elements);
  return success();
}
