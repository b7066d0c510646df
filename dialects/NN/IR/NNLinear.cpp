//===- NNLinear.cpp - Matrix products -------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/Epilogue.h"
#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

using namespace mlir;
using namespace mlir::nn;

LogicalResult MatmulOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> a = shapeOf(op.getLhs()), b = shapeOf(op.getRhs());
  if (a.size() < 2 || b.size() < 2) // matmul_c1
    return emitOptionalError(loc, "(C1) multiplies ranks ", a.size(), " and ",
                             b.size(), ", at least 2 is required");
  int64_t k = op.getTransposeRhs() ? b.back() : b[b.size() - 2];
  int64_t n = op.getTransposeRhs() ? b[b.size() - 2] : b.back();
  if (a.back() != k) // matmul_c2
    return emitOptionalError(loc, "(C2) inner dimensions are ", a.back(),
                             " and ", k, ", they must be the same");
  FailureOr<SmallVector<int64_t>> shape =
      broadcastShapes(a.drop_back(2), b.drop_back(2));
  if (failed(shape)) // matmul_c3
    return emitOptionalError(loc, "(C3) leading dimensions of ",
                             op.getLhs().getType(), " and ",
                             op.getRhs().getType(), " do not broadcast");
  shape->push_back(a[a.size() - 2]);
  shape->push_back(n);
  Type element = epilogueElementType(op.getEpilogue(),
                                     accumulatorType(elementOf(op.getLhs())));
  types.push_back(RankedTensorType::get(*shape, element));
  return success();
}

LogicalResult MatmulOp::verify() {
  // Inference, which runs later, reports what is wrong with the ranks (C1).
  if (getType().getRank() == 0)
    return success();
  int64_t n = getType().getShape().back();
  if (getBias() && (shapeOf(getBias()).size() != 1 ||
                    shapeOf(getBias())[0] != n)) // matmul_c4
    return emitOpError() << "(C4) bias is " << getBias().getType() << ", [" << n
                         << "] is required";
  bool hasZeroPoint = getLhsZeroPoint() || getRhsZeroPoint();
  if (failed(verifyIntegerProduct(*this, getLhs(), getRhs(), getBias(),
                                  hasZeroPoint,
                                  "C6"))) // matmul_c6
    return failure();
  return verifyEpilogue(*this, getEpilogueOperands(), getEpilogue(), n, "C5");
}

//===----------------------------------------------------------------------===//
// LinearOpInterface
//===----------------------------------------------------------------------===//

int64_t MatmulOp::getResultChannelDim() { return getType().getRank() - 1; }
int64_t MatmulOp::getInputChannelDim() { return shapeOf(getLhs()).size() - 1; }

int64_t MatmulOp::getWeightsResultDim() {
  return shapeOf(getRhs()).size() - (getTransposeRhs() ? 2 : 1);
}

int64_t MatmulOp::getWeightsInputDim() {
  return shapeOf(getRhs()).size() - (getTransposeRhs() ? 1 : 2);
}

int64_t MatmulOp::getReductionSize() { return shapeOf(getLhs()).back(); }

bool MatmulOp::hasBatchedWeights() { return shapeOf(getRhs()).size() > 2; }

int32_t MatmulOp::getInputZero() { return getLhsZeroPoint().value_or(0); }
int32_t MatmulOp::getWeightsZero() { return getRhsZeroPoint().value_or(0); }

LinearOpInterface MatmulOp::createWith(OpBuilder &builder, Location loc,
                                       Type type,
                                       const LinearOperands &operands) {
  return create(builder, loc, type, operands.input, operands.weights,
                operands.bias, operands.epilogueOperands, getTransposeRhsAttr(),
                operands.inputZero, operands.weightsZero);
}

void NNDialect::addLinearOps() {
  addOperations<
#define GET_OP_LIST
#include "NN/IR/NNLinear.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "NN/IR/NNLinear.cpp.inc"
