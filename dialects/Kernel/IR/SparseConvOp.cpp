//===- SparseConvOp.cpp - convolutions whose zeros are left out -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Kernel.h"
#include "Kernel/IR/Verify.h"
#include "Support/Window.h"

using namespace mlir;
using namespace mlir::kernel;

bool SparseConvOp::isPointwise() {
  for (unsigned d : {0, 1})
    if (getWindowSize(d) != 1 || getStride(d) != 1)
      return false;
  return true;
}

SparsePlan SparseConvOp::getPlan() {
  int64_t taps = getWindowSize(0) * getWindowSize(1);
  return {getInput().getType().getDimSize(3) * taps,
          getInit().getType().getDimSize(3),
          int64_t(getBlock()) * taps,
          int64_t(getPixels()),
          int64_t(getParts()),
          taps};
}

/// (C4).
static LogicalResult verifySizes(SparseConvOp op) {
  ArrayRef<int64_t> in = op.getInput().getType().getShape();
  ShapedType out = op.getInit().getType();
  SmallVector<int64_t> required = {in[0], 0, 0, out.getDimSize(3)};
  for (unsigned d : {0, 1})
    required[d + 1] =
        mlc::Window{in[d + 1], 0, op.getWindowSize(d), op.getStride(d), 1, 0}
            .fitting(/*padEnd=*/0);
  if (out.getShape() == ArrayRef(required))
    return success();
  InFlightDiagnostic error = op.emitOpError("(C4) the out is ")
                             << out << " for an input of "
                             << op.getInput().getType() << ", ";
  llvm::interleave(required, error, "x");
  return error << " is required";
}

LogicalResult SparseConvOp::verify() {
  ShapedType out = getInit().getType();
  int64_t block = getBlock(), pixels = getPixels();
  if (failed(verifyOperandKinds(*this)) ||
      failed(verifyEpilogue(*this, getEpilogue(), getEpilogueOperands(),
                            getAccumulatorType(), out, out.getDimSize(3))))
    return failure();
  constexpr int64_t most = SparseWeights::mostChannels;
  auto isSize = [](int64_t size) { return size >= 1 && size <= most; };
  for (auto sizes : {getWindow(), getStrides()})
    if (sizes && (sizes->size() != 2 || !llvm::all_of(*sizes, isSize)))
      return emitOpError() << "(C4) window and strides must have 2 entries, 1 "
                              "to "
                           << most;
  int64_t rows = block * getWindowSize(0) * getWindowSize(1);
  if (rows < 1 || rows > most || pixels < 1)
    return emitOpError() << "(C3) blocks of " << rows << " rows and tiles of "
                         << pixels << " pixels found, 1 to " << most
                         << " and 1 or more are required";
  if (int64_t parts = getParts(); parts < 1 || getPlan().lastPart() < 1)
    return emitOpError() << "(C3) " << parts << " parts of "
                         << out.getDimSize(3)
                         << " output channels found, one or more of 16 "
                            "channels each, but for the last, are required";
  if (failed(verifySizes(*this)))
    return failure();
  SparsePlan plan = getPlan();
  int64_t heads = SparseWeights::partHead * plan.parts +
                  SparseWeights::head * plan.pairs() * plan.blocks();
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
