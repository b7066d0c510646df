//===- MatrixConvEmitter.h - convolution by a matrix unit -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen: MatrixConv.cpp has the loops and the products,
// MatrixBand.cpp the copy of the input with its padding.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_MATRIXCONVEMITTER_H
#define MLC_CODEGEN_MATRIXCONVEMITTER_H

#include "CodeGen/ConvOperands.h"
#include "CodeGen/MatrixRegisters.h"
#include "Schedule/KernelSchedule.h"

namespace mlc {

/// Vectors of output channels that are computed together.
struct Chunk {
  Value channel;                    ///< the first
  llvm::SmallVector<int64_t> valid; ///< lanes of each vector that are there
  Values weights;                   ///< of each vector
  /// What the zero point adds to each vector's sums, to be added: none for 0.
  Values correction;
};

/// Pixels that registers take, `pixels` each but for the last one. Those of a
/// row begin at `firstColumn`.
struct PixelRegisters {
  int64_t count, perRow, firstColumn, pixels, last;
};

/// Sums of `pixels` registers by `vectors`, and which registers hold what.
class RegisterPlan {
public:
  RegisterPlan(unsigned pixels, unsigned vectors)
      : pixels(pixels), vectors(vectors) {
    unsigned free = MatrixUnit::registers - pixels * vectors;
    holdsWeights = pixels >= vectors;
    weightsCount = holdsWeights ? vectors : std::min(vectors, free - pixels);
    pixelsCount = holdsWeights ? std::min(pixels, free - weightsCount) : pixels;
  }

  /// Whether there are registers enough.
  static bool isPossible(GemmTile tile) {
    return tile.rows >= 1 && tile.vectors >= 1 &&
           tile.rows * tile.vectors + std::min(tile.rows, tile.vectors) + 2 <=
               MatrixUnit::registers;
  }

  unsigned sums(unsigned i, unsigned j) const { return i * vectors + j; }
  unsigned weights(unsigned j) const {
    return pixels * vectors + j % weightsCount;
  }
  /// That of the last pixels is its own, for these may be fewer.
  unsigned inputs(unsigned i) const {
    unsigned first = pixels * vectors + weightsCount;
    return i + 1 == pixels ? first + pixelsCount - 1
                           : first + i % std::max(1u, pixelsCount - 1);
  }
  MatrixRegisters::Shapes shapes(const PixelRegisters &run,
                                 int64_t words) const;

  unsigned pixels, vectors;
  bool holdsWeights; ///< all vectors' at once, else all pixels'

private:
  unsigned weightsCount, pixelsCount;
};

class MatrixConvEmitter {
public:
  MatrixConvEmitter(mlir::kernel::ConvOp op, const TargetInfo &target,
                    mlir::RewriterBase &rewriter, Value firstRow)
      : op(op), schedule(mlir::kernel::scheduleOf(op)),
        e(rewriter, op.getLoc(), target), firstRow(firstRow) {}

  mlir::LogicalResult run();

private:
  mlir::LogicalResult initialize();
  mlir::LogicalResult checkSchedule();
  bool readsInPlace() const;
  mlir::LogicalResult checkSteps();
  /// Whether a register takes words of all columns of a window.
  bool joinsColumns() const { return schedule.getSteps().size() == 2; }
  /// Words that follow each other in a row of a window, on both sides.
  int64_t wordsInRow() const {
    return joinsColumns() ? width.kernel * weights.sizes[4] : words;
  }
  int64_t loopedChunks() const;
  bool keepsRows() const {
    return schedule.getOrder() == mlir::kernel::LoopOrder::rows;
  }
  /// With rows outside, there is nothing else to divide.
  bool dividesPixels() const {
    return keepsRows() ||
           schedule.getDivide() == mlir::kernel::Division::pixels;
  }
  /// That are computed: some of the image's where `firstRow` is there.
  int64_t rowCount() const { return firstRow ? out.sizes[1] : height.count; }
  /// Where in the input the window at `row` of the out begins, without padding.
  Value windowAt(Value row) {
    return e.mul(firstRow ? e.add(firstRow, row) : row, height.stride);
  }
  int64_t lanes() const { return schedule.getLanes(); }
  int64_t bandRows() const {
    return (schedule.getBand() - 1) * height.stride + height.reach();
  }
  /// Weights of one word of a block's channels, at one element of the window,
  /// and at all.
  int64_t word() { return op.getBlock() * op.getStep(); }
  int64_t tap() { return weights.sizes[4] * word(); }
  int64_t panel() { return height.kernel * width.kernel * tap(); }

  void emitImage(Value image);
  void emitBand(Value row, int64_t rows);
  void copyBand(Value row, int64_t rows);
  void copyRow(Value from, Value to);
  void copyPixels(Value from, Value to, int64_t count);
  void copyPlanes(Value from, Value to, int64_t count);
  void fillPixels(Value at, int64_t count);
  void emitChunks(int64_t rows);
  Chunk chunkAt(Value channel, unsigned vectors, int64_t left);
  using TileBody = llvm::function_ref<void(
      const RegisterPlan &plan, const PixelRegisters &run, Value first)>;
  void emitPixels(GemmTile tile, int64_t rows, TileBody body);
  void emitRegisters(GemmTile tile, const PixelRegisters &run, TileBody body);
  void emitTile(const Chunk &chunk, const RegisterPlan &plan,
                const PixelRegisters &run, Value first);
  void multiply(const Chunk &chunk, const RegisterPlan &plan,
                ValueRange inputs);
  void multiplyWords(const Chunk &chunk, const RegisterPlan &plan,
                     ValueRange inputs, Value right);
  void storeSums(const Chunk &chunk, const RegisterPlan &plan, unsigned i,
                 int64_t pixels, Value row, Value column);
  void storePixels(const Chunk &chunk, Value sumsAt, Value row, Value column,
                   unsigned pixels);

  mlir::kernel::ConvOp op;
  mlir::kernel::ScheduleAttr schedule;
  Emitter e;
  Value firstRow; ///< of the result that the out begins with; null for 0
  MatrixRegisters registers;
  View in, weights, out;
  Epilogue epilogue;
  Window height, width;
  int64_t images, groupIn, groupOut, words, zeroPoint;
  View sums; ///< of a tile, on the stack
  /// What pixels are read from, the input or the band's copy: rows and columns
  /// so far apart.
  View source;
  int64_t sourceRow, sourceColumn;

  // Of what is being emitted.
  Value group, image, bandRow, sourceStart;
};

} // namespace mlc

#endif // MLC_CODEGEN_MATRIXCONVEMITTER_H
