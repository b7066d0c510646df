//===- PieceSums.h - sums of f16 by pieces ----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. CPUs that compute in f16 multiply twice as many of
// them as f32, but the error of a sum grows with its terms. So products are
// summed in f16 for a piece of the reduction, and what that gives is added to
// sums of f32, for which there are no registers: they are on the stack.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_PIECESUMS_H
#define MLC_CODEGEN_PIECESUMS_H

#include "CodeGen/Product.h"

namespace mlc {

/// Whether f16 are multiplied on both sides, by a CPU that does; says why not.
mlir::LogicalResult checkF16(Emitter &e, mlir::Operation *op,
                             const Factors &factors);

/// Where sums of f32 are, a vector of f16 behind the other, and pieces on their
/// way there.
struct PieceMemory {
  View sums, piece;

  /// For `vectors` of `lanes` f16.
  static PieceMemory create(Emitter &e, mlir::Operation *op, int64_t vectors,
                            int64_t lanes);
};

/// The sums of one tile. Where all is one piece of the accumulators' type, they
/// are these.
class PieceSums {
public:
  /// Of products of `depth` terms in all, at most `terms` a piece; 0: one piece
  /// has all.
  PieceSums(Emitter &e, const Factors &factors, const Columns &columns,
            int64_t terms, int64_t depth, const PieceMemory &memory);

  /// What is carried, nothing where sums are on the stack, which become zero.
  Values zeros(unsigned rows);
  /// Adds the reduction; the last piece stays open.
  void add(const Reduction &reduction, Values &sums);
  /// Adds what is left of a piece: before a loop ends.
  void close();

  /// The sums as the epilogue takes them, [pixel * valid.size() + vector] of
  /// `lanes` lanes.
  Values finish(Values sums);
  int64_t lanes, parts; ///< parts of a vector of columns
  llvm::SmallVector<int64_t> valid;

private:
  void addPieces(const Reduction &r, int64_t size, int64_t count);
  void addPiece(ValueRange piece, unsigned first, unsigned last);
  void addVector(Value at);
  Value widened(Value part);

  Emitter &e;
  const Factors &f;
  const Columns &c;
  const PieceMemory &memory;
  int64_t terms;
  bool isOne; ///< there is one piece
  unsigned rows = 0;
  /// The open piece, and how many terms it has.
  Values piece;
  int64_t pending = 0;
};

} // namespace mlc

#endif // MLC_CODEGEN_PIECESUMS_H
