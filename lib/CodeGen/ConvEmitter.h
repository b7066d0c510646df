//===- ConvEmitter.h - dense and grouped convolution ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen: Conv.cpp has the loops, ConvSteps.cpp those over
// weights that are packed side by side, ConvQuads.cpp what quads need besides,
// ConvPairs.cpp those in pairs.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_CONVEMITTER_H
#define MLC_CODEGEN_CONVEMITTER_H

#include "CodeGen/ByteProduct.h"
#include "CodeGen/ConvOperands.h"
#include "CodeGen/HalfProduct.h"
#include "CodeGen/NibbleProduct.h"
#include "CodeGen/OctetProduct.h"
#include "CodeGen/PieceSums.h"
#include "CodeGen/Product.h"
#include "CodeGen/Tile.h"
#include "Kernel/IR/Kernel.h"
#include "Schedule/KernelSchedule.h"

namespace mlc {

class ConvEmitter {
public:
  ConvEmitter(mlir::kernel::ConvOp op, const TargetInfo &target,
              mlir::RewriterBase &rewriter, Value firstRow)
      : op(op), schedule(mlir::kernel::scheduleOf(op)),
        e(rewriter, op.getLoc(), target), firstRow(firstRow) {}

  mlir::LogicalResult run();

private:
  mlir::LogicalResult initialize();
  mlir::LogicalResult checkSchedule();
  mlir::LogicalResult checkPairs();
  int64_t loopedChunks() const;
  bool canMergePixels() const;
  bool fetches(mlir::kernel::Prefetch what) const {
    return bitEnumContainsAny(schedule.getPrefetch(), what);
  }
  bool keepsRows() const {
    return schedule.getOrder() == mlir::kernel::LoopOrder::rows;
  }
  int64_t pixelCount() const { return images * height.count * width.count; }
  /// Weights of a block of channels, at one element of the window and at all.
  int64_t tap() const { return f.right.sizes[4] * stepSize(); }
  int64_t panel() const { return height.kernel * width.kernel * tap(); }
  /// Weights of a block in one step, and of a lane.
  int64_t stepSize() const { return block * laneSize(); }
  int64_t laneSize() const { return f.steps ? f.steps->stored() : 1; }
  /// That are computed: some of the image's where `firstRow` is there.
  int64_t rowCount() const { return firstRow ? out.sizes[1] : height.count; }
  void emitGroup(Value group);
  Columns columnsOf(int64_t channel, unsigned vectors) const;
  void emitLoopedChunk(Value chunk, GemmTile tile);
  void emitChunk(Value channel, Value weights, const Columns &columns,
                 unsigned rows);
  void emitRow(Value n, Value oh, unsigned rows);
  void emitTile(ValueRange position, Value row, Value column, PixelRun run);
  Ahead weightsAhead(ValueRange position, unsigned rows);
  Ahead inputsAhead(Value k);
  void prefetchTile(Value n, Value oh, Value column, unsigned rows);
  Epilogue::Place placeOf(Value n, Value oh, Value ow, unsigned vector);
  bool sharesInputs(unsigned rows, unsigned vectors) const;
  void addKernelRow(Value kh, Value row, Value column, PixelRun run,
                    Values &sums);
  mlir::LogicalResult checkTerms();
  int64_t mostSums() const;
  void addShared(Value left, Value right, PixelRun run, Values &sums);
  void addSteps(Reduction &r, int64_t columns, Values &sums);
  void addPairs(const Reduction &r, Values &sums);
  void addPool(const Reduction &r, Value left, Value right, Value order,
               int64_t quads, Values &sums);
  Values addExtras(const Reduction &r, Value right, Value table, Values sums);
  bool isCorrected() const { return zeroPoint != 0; }
  Values correction(Value oh, llvm::function_ref<bool(int64_t)> isIn);
  Value sumOf(Value words, int64_t lanes);
  Values startOfTile(Value oh, PixelRun run);
  bool areColumnsSideBySide() const;
  void addSegment(Value left, Value right, PixelRun run, int64_t from,
                  int64_t to, unsigned first, unsigned last, Values &sums);

  mlir::kernel::ConvOp op;
  mlir::kernel::ScheduleAttr schedule;
  Emitter e;
  Value firstRow; ///< of the result that the out begins with; null for 0
  Factors f;
  // How weights that are packed side by side are multiplied.
  std::optional<ByteProduct> bytes;
  std::optional<OctetProduct> octets;
  std::optional<NibbleProduct> nibbles;
  std::optional<HalfProduct> halves;
  View out;
  Epilogue epilogue;
  Window height, width;
  int64_t images, groups, groupIn, groupOut, block, blocks, lanes;
  int64_t depth; ///< terms of a sum
  PieceMemory pieceMemory;
  bool keepsPixels; ///< threads do
  /// Of quads: of the input as they are multiplied.
  int64_t zeroPoint = 0;

  /// That is being emitted, if rows are outside: image and row.
  Values outerRow;
  /// Of quads: what zero points add to the row that is being emitted.
  Values rowCorrection;
  // Of the chunk that is being emitted.
  Value group, channel, weights;
  /// Of pairs: where the chunk's block begins, and its kernel row.
  Value blockStart, tableRow;
  const Columns *columns = nullptr;
  std::optional<PieceSums> pieces; ///< of the tile that is being emitted
  Ahead ahead;                     ///< of the tile that is being emitted
};

} // namespace mlc

#endif // MLC_CODEGEN_CONVEMITTER_H
