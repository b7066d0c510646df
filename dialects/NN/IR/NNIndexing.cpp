//===- NNIndexing.cpp - Indexed writes, orders, resampling ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

using namespace mlir;
using namespace mlir::nn;

LogicalResult ScatterOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor op,
                                          SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> input = shapeOf(op.getInput()),
                    indices = shapeOf(op.getIndices()),
                    updates = shapeOf(op.getUpdates());
  if (input.size() != 2 || indices.size() != 1 ||
      updates.size() != 2) // scatter_c1
    return emitOptionalError(loc, "(C1) ranks are ", input.size(), ", ",
                             indices.size(), " and ", updates.size(),
                             ", 2, 1 and 2 are required");
  if (updates[0] != indices[0] || updates[1] != input[1]) // scatter_c2
    return emitOptionalError(loc, "(C2) updates are ",
                             op.getUpdates().getType(), ", ", indices[0],
                             " rows of ", input[1], " are required");
  if (elementOf(op.getInput()) != elementOf(op.getUpdates())) // scatter_c3
    return emitOptionalError(loc, "(C3) writes ", elementOf(op.getUpdates()),
                             " into ", elementOf(op.getInput()));
  if (op.getCount() &&
      (!shapeOf(op.getCount()).empty() ||
       !elementOf(op.getCount()).isSignlessInteger(64))) // scatter_c5
    return emitOptionalError(loc, "(C5) count is ", op.getCount().getType(),
                             ", tensor<i64> is required");
  types.push_back(op.getInput().getType());
  return success();
}

LogicalResult ScatterOp::verify() {
  // Inference, which runs later, reports other ranks (C1).
  if (shapeOf(getInput()).size() != 2)
    return success();
  int64_t size = shapeOf(getInput())[0];
  if (auto i = constantOutside(getIndices(), -size, size)) // scatter_c4
    return emitOpError() << "(C4) index " << *i << " is outside of " << size
                         << " rows, one in [" << -size << ", " << size
                         << ") is required";
  return success();
}

static LogicalResult checkAxis(std::optional<Location> loc, int64_t axis,
                               int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return emitOptionalError(loc, "(C1) axis is ", axis, ", one in [0, ", rank,
                           ") is required");
}

LogicalResult OrderOp::inferReturnTypes(MLIRContext *context,
                                        std::optional<Location> loc, Adaptor op,
                                        SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape(shapeOf(op.getInput()));
  if (failed(checkAxis(loc, op.getAxis(), shape.size()))) // order_c1
    return failure();
  int64_t &size = shape[op.getAxis()], count = op.getCount();
  if (count < 0 || count > size) // order_c2
    return emitOptionalError(loc, "(C2) count is ", count, ", one in [0, ",
                             size, "] is required");
  size = count;
  types.push_back(RankedTensorType::get(shape, IntegerType::get(context, 64)));
  return success();
}

LogicalResult ResampleOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor op,
                                           SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape(shapeOf(op.getInput()));
  if (failed(checkAxis(loc, op.getAxis(), shape.size()))) // resample_c1
    return failure();
  ArrayRef<int64_t> taps = shapeOf(op.getWeights());
  if (taps.size() != 2 || taps != shapeOf(op.getIndices()) ||
      taps[1] < 1) // resample_c2
    return emitOptionalError(
        loc, "(C2) indices are ", op.getIndices().getType(), " and weights ",
        op.getWeights().getType(), ", both [size, taps] is required");
  if (elementOf(op.getInput()) != elementOf(op.getWeights())) // resample_c3
    return emitOptionalError(loc, "(C3) weighs ", elementOf(op.getInput()),
                             " by ", elementOf(op.getWeights()));
  shape[op.getAxis()] = taps[0];
  types.push_back(RankedTensorType::get(shape, elementOf(op.getInput())));
  return success();
}

LogicalResult ResampleOp::verify() {
  // Inference, which runs later, reports another axis (C1).
  int64_t rank = shapeOf(getInput()).size(), axis = getAxis();
  if (axis < 0 || axis >= rank)
    return success();
  int64_t size = shapeOf(getInput())[axis];
  if (auto i = constantOutside(getIndices(), 0, size)) // resample_c4
    return emitOpError() << "(C4) index " << *i << " is outside of axis "
                         << axis << " of size " << size;
  return success();
}

LogicalResult RequireOp::verify() {
  if (getCondition().getType().getNumElements() != 1) // require_c1
    return emitOpError() << "(C1) condition is " << getCondition().getType()
                         << ", one element is required";
  return success();
}

LogicalResult RoiAlignOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor op,
                                           SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> input = shapeOf(op.getInput()),
                    regions = shapeOf(op.getRois()),
                    indices = shapeOf(op.getImageIndices());
  Type element = elementOf(op.getInput());
  if (input.size() != 4 || regions.size() != 2 || regions[1] != 4 ||
      indices != regions.take_front(1) ||
      elementOf(op.getRois()) != element) // roi_align_c1
    return emitOptionalError(loc, "(C1) input is ", op.getInput().getType(),
                             ", rois ", op.getRois().getType(), " and indices ",
                             op.getImageIndices().getType(),
                             "; [N, H, W, C], [R, 4] and [R] are required");
  int64_t height = op.getHeight(), width = op.getWidth(),
          ratio = op.getSamplingRatio();
  if (height < 1 || width < 1 || ratio < 0) // roi_align_c2
    return emitOptionalError(loc, "(C2) takes ", height, " x ", width,
                             " bins of ", ratio, " samples");
  if (llvm::is_contained(input, 0)) // roi_align_c3
    return emitOptionalError(loc, "(C3) input is ", op.getInput().getType(),
                             ", which is empty");
  types.push_back(
      RankedTensorType::get({regions[0], height, width, input[3]}, element));
  return success();
}

void NNDialect::addIndexingOps() {
  addOperations<
#define GET_OP_LIST
#include "NN/IR/NNIndexing.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "NN/IR/NNIndexing.cpp.inc"
