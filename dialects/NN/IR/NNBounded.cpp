//===- NNBounded.cpp - Results of as many rows as the data say ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

using namespace mlir;
using namespace mlir::nn;

static bool isScalarOf(Value v, Type element) {
  return shapeOf(v).empty() && elementOf(v) == element;
}

LogicalResult CompactOp::verify() {
  if (getMask().getType().getRank() != 1) // compact_c1
    return emitOpError() << "(C1) mask is " << getMask().getType()
                         << ", rank 1 is required";
  Type i64 = IntegerType::get(getContext(), 64);
  if (shapeOf(getPlaces()).size() != 1 || elementOf(getPlaces()) != i64 ||
      !isScalarOf(getCount(), i64)) // compact_c2
    return emitOpError() << "(C2) gives " << getPlaces().getType() << " and "
                         << getCount().getType()
                         << ", tensor<Bxi64> and tensor<i64> are required";
  return success();
}

LogicalResult NmsOp::verify() {
  ArrayRef<int64_t> boxes = shapeOf(getBoxes()), scores = shapeOf(getScores());
  Type element = elementOf(getBoxes());
  if (boxes.size() != 3 || boxes[2] != 4 || scores.size() != 3 ||
      scores[0] != boxes[0] || scores[2] != boxes[1] ||
      elementOf(getScores()) != element) // nms_c1
    return emitOpError() << "(C1) boxes are " << getBoxes().getType()
                         << " and scores " << getScores().getType()
                         << ", [N, S, 4] and [N, C, S] are required";
  Type i64 = IntegerType::get(getContext(), 64);
  if (!isScalarOf(getMaxOutput(), i64) ||
      !isScalarOf(getIouThreshold(), element) ||
      (getScoreThreshold() && !isScalarOf(getScoreThreshold(), element)) ||
      (getBoxCount() && !isScalarOf(getBoxCount(), i64))) // nms_c2
    return emitOpError() << "(C2) counts must be tensor<i64>, and thresholds "
                            "rank 0 of the boxes' element type";
  ArrayRef<int64_t> selected = shapeOf(getSelected());
  if (selected.size() != 2 || selected[1] != 3 ||
      elementOf(getSelected()) != i64 || !isScalarOf(getCount(), i64)) // nms_c3
    return emitOpError() << "(C3) gives " << getSelected().getType() << " and "
                         << getCount().getType()
                         << ", tensor<Bx3xi64> and tensor<i64> are required";
  return success();
}

void NNDialect::addBoundedOps() {
  addOperations<
#define GET_OP_LIST
#include "NN/IR/NNBounded.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "NN/IR/NNBounded.cpp.inc"
