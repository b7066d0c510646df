//===- PieceSums.h - sums of f16 by pieces -------------------------*- C++
//-*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. CPUs that compute in f16 multiply twice as many of
// them as f32, but the error of a sum grows with its terms. So products are
// summed in f16 for a piece of the reduction, and what that gives is added to
// sums of f32, which a long reduction keeps on the stack meanwhile.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_PIECESUMS_H
#define MLC_CODEGEN_PIECESUMS_H

#include "CodeGen/Product.h"

namespace mlc {

class PieceSums {
public:
  /// Of products of `depth` terms in all, summed in `factors.accumulator`, at
  /// most `terms` a piece; 0: all are one, and the sums are of that type.
  PieceSums(Emitter &e, const Factors &factors, const Columns &columns,
            int64_t terms, int64_t depth);

  /// Sums that are zero, of so many pixels.
  Values zeros(unsigned rows);
  /// Adds the reduction; the last piece stays open.
  void add(const Reduction &reduction, Values &sums);
  /// Adds what is left of a piece: before a loop ends that carries the sums.
  void close(Values &sums);

  /// `sums` as the epilogue takes them, [pixel * valid.size() + vector] of
  /// `lanes` lanes.
  Values finish(Values sums);
  int64_t lanes, parts; ///< parts of a vector of columns
  llvm::SmallVector<int64_t> valid;

private:
  void addPieces(const Reduction &r, int64_t size, int64_t count, Values &sums);
  Values widened(ValueRange piece, unsigned first, unsigned last);

  Emitter &e;
  const Factors &f;
  const Columns &c;
  int64_t terms;
  bool isOne; ///< there is one piece
  /// The open piece, and how many terms it has.
  Values piece;
  int64_t pending = 0;
};

} // namespace mlc

#endif // MLC_CODEGEN_PIECESUMS_H
