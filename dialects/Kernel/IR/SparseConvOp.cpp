//===- SparseConvOp.cpp - convolutions whose zeros are left out -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Kernel.h"
#include "Kernel/IR/Verify.h"

using namespace mlir;
using namespace mlir::kernel;

SparsePlan SparseConvOp::getPlan() {
  return {getInput().getType().getDimSize(3), getInit().getType().getDimSize(3),
          int64_t(getBlock()), int64_t(getPixels())};
}

LogicalResult SparseConvOp::verify() {
  ArrayRef<int64_t> in = getInput().getType().getShape();
  ShapedType out = getInit().getType();
  int64_t block = getBlock(), pixels = getPixels();
  if (failed(verifyOperandKinds(*this)) ||
      failed(verifyEpilogue(*this, getEpilogue(), getEpilogueOperands(),
                            getAccumulatorType(), out, out.getDimSize(3))))
    return failure();
  if (block < 1 || block > SparseWeights::mostChannels || pixels < 1)
    return emitOpError() << "(C3) blocks of " << block << " channels and tiles "
                         << "of " << pixels << " pixels found, 1 to "
                         << SparseWeights::mostChannels
                         << " and 1 or more are required";
  if (in.drop_back() != out.getShape().drop_back())
    return emitOpError() << "(C4) the out is " << out << " for an input of "
                         << getInput().getType()
                         << ", the same N, H and W are required";
  SparsePlan plan = getPlan();
  int64_t heads = SparseWeights::head * plan.pairs() * plan.blocks();
  if (int64_t bytes = getTable().getType().getDimSize(0); bytes < heads)
    return emitOpError() << "(C5) the table has " << bytes << " bytes, "
                         << heads << " are required for "
                         << plan.pairs() * plan.blocks() << " pairs";
  if (int64_t floats = getScratch().getType().getDimSize(0);
      floats != plan.scratch())
    return emitOpError() << "(C8) scratch memory of a thread is " << floats
                         << ", " << plan.scratch() << " is required";
  return success();
}
