//===- NNReduction.cpp - Reductions and normalising functions -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

using namespace mlir;
using namespace mlir::nn;

static bool areAxes(ArrayRef<int64_t> axes, int64_t rank) {
  int64_t last = -1;
  for (int64_t axis : axes) {
    if (axis <= last || axis >= rank)
      return false;
    last = axis;
  }
  return true;
}

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  if (!areAxes(op.getAxes(), input.size())) // reduce_c1
    return emitOptionalError(loc,
                             "(C1) axes are not strictly increasing in [0, ",
                             input.size(), ")");
  SmallVector<int64_t> shape;
  for (auto [d, size] : llvm::enumerate(input)) {
    bool reduced = llvm::is_contained(op.getAxes(), static_cast<int64_t>(d));
    if (!reduced || op.getKeepdims())
      shape.push_back(reduced ? 1 : size);
  }
  types.push_back(RankedTensorType::get(shape, elementOf(op.getInput())));
  return success();
}

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location>, Adaptor op,
                                          SmallVectorImpl<Type> &types) {
  types.push_back(op.getInput().getType());
  return success();
}

LogicalResult SoftmaxOp::verify() {
  int64_t rank = shapeOf(getInput()).size();
  if (static_cast<int64_t>(getAxis()) < 0 ||
      static_cast<int64_t>(getAxis()) >= rank) // softmax_c1
    return emitOpError() << "(C1) axis is " << getAxis() << ", one in [0, "
                         << rank << ") is required";
  return success();
}

void NNDialect::addReductionOps() {
  addOperations<
#define GET_OP_LIST
#include "NN/IR/NNReduction.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "NN/IR/NNReduction.cpp.inc"
