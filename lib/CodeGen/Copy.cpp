//===- Copy.cpp - copies between strided memrefs --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Channels of a concatenation or slice are short rows, too short for LLVM to
// vectorise a loop over them.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/CodeGen.h"
#include "CodeGen/Rows.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlc;

/// A row of more bytes is better left to memcpy.
static constexpr int64_t kMostRowBytes = 1024;

static bool isCopiedByVectors(MemRefType type) {
  Type element = type.getElementType();
  return element.isIntOrFloat() && element.getIntOrFloatBitWidth() >= 8 &&
         type.hasStaticShape() && type.getNumElements() > 0;
}

LogicalResult mlc::emitCopy(memref::CopyOp op, const TargetInfo &target,
                            RewriterBase &rewriter) {
  auto type = cast<MemRefType>(op.getSource().getType());
  if (!isCopiedByVectors(type))
    return rewriter.notifyMatchFailure(op, "elements do not make vectors");
  rewriter.setInsertionPoint(op);
  Emitter e(rewriter, op.getLoc(), target);
  FailureOr<View> from = e.view(op.getSource()), to = e.view(op.getTarget());
  if (failed(from) || failed(to))
    return rewriter.notifyMatchFailure(
        op, "strides and offsets must be static, the innermost stride 1");
  ArrayRef<int64_t> sizes = from->sizes;
  int64_t row = 1;
  size_t outer = sizes.size();
  for (; outer > 0; row *= sizes[--outer])
    if (sizes[outer - 1] != 1 &&
        (from->strides[outer - 1] != row || to->strides[outer - 1] != row))
      break;
  if (row == 1 || row * type.getElementTypeBitWidth() / 8 > kMostRowBytes)
    return rewriter.notifyMatchFailure(op, "rows are too short or too long");
  int64_t lanes = rowLanes(e, row, type.getElementType());
  forEachPosition(e, sizes.take_front(outer), [&](ValueRange at) {
    Value source = linearIndex(e, *from, at), sink = linearIndex(e, *to, at);
    forEachVector(e, row, lanes, [&](Value i, int64_t n) {
      e.store(*to, e.add(sink, i), e.load(*from, e.add(source, i), n));
    });
  });
  rewriter.eraseOp(op);
  return success();
}
