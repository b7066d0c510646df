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
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlc;

/// A row of more bytes is better left to memcpy.
static constexpr int64_t kMostRowBytes = 1024;
/// What one call of memcpy copies of a large contiguous memref.
static constexpr int64_t kPieceBytes = 16 * 1024;

static bool isCopiedByVectors(MemRefType type) {
  Type element = type.getElementType();
  return element.isIntOrFloat() && kernel::elementBytes(element) > 0 &&
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
        op, "strides must be static, the innermost stride 1");
  ArrayRef<int64_t> sizes = from->sizes;
  JoinedRows joined = joinRows(*from, *to);
  if (joined.row == 1 ||
      joined.row * kernel::elementBytes(type.getElementType()) > kMostRowBytes)
    return rewriter.notifyMatchFailure(op, "rows are too short or too long");
  int64_t lanes = rowLanes(e, joined.row, type.getElementType());
  forEachPosition(e, sizes.take_front(joined.outer), [&](ValueRange at) {
    Value source = linearIndex(e, *from, at), sink = linearIndex(e, *to, at);
    forEachVector(e, joined.row, lanes, [&](Value i, int64_t n) {
      e.store(*to, e.add(sink, i), e.load(*from, e.add(source, i), n));
    });
  });
  rewriter.eraseOp(op);
  return success();
}

/// `count` elements from `at` on.
static Value pieceOf(Emitter &e, Value memref, Value at, int64_t count) {
  auto type = cast<MemRefType>(memref.getType());
  int64_t all = type.getNumElements();
  auto line = MemRefType::get({all}, type.getElementType());
  Value flat = memref::ReinterpretCastOp::create(e.builder, e.loc, line, memref,
                                                 0, ArrayRef<int64_t>{all},
                                                 ArrayRef<int64_t>{1});
  return memref::SubViewOp::create(
      e.builder, e.loc, flat, ArrayRef<OpFoldResult>{at},
      {e.builder.getIndexAttr(count)}, {e.builder.getIndexAttr(1)});
}

LogicalResult mlc::emitPieces(memref::CopyOp op, const TargetInfo &target,
                              RewriterBase &rewriter) {
  auto type = cast<MemRefType>(op.getSource().getType());
  if (!isCopiedByVectors(type))
    return rewriter.notifyMatchFailure(op, "elements are not bytes");
  int64_t count = type.getNumElements();
  int64_t piece = kPieceBytes / kernel::elementBytes(type.getElementType());
  if (count < 4 * piece)
    return rewriter.notifyMatchFailure(op, "too small for pieces");
  rewriter.setInsertionPoint(op);
  Emitter e(rewriter, op.getLoc(), target);
  auto copy = [&](Value at, int64_t size) {
    memref::CopyOp::create(rewriter, e.loc,
                           pieceOf(e, op.getSource(), at, size),
                           pieceOf(e, op.getTarget(), at, size));
  };
  int64_t full = count / piece * piece;
  e.parallelLoop(0, full, piece, [&](Value at) { copy(at, piece); });
  e.parallelLoop(full, count, piece, [&](Value at) { copy(at, count - full); });
  rewriter.eraseOp(op);
  return success();
}
