//===- Ahead.h - memory that is fetched before its turn ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. The weights of a network exceed the caches: those of
// a layer come from memory in each run. The first tile of a chunk of channels
// would wait for them, and those that follow leave the memory idle. Instead the
// chunk's tiles fetch, each a share, the weights of the chunk behind:
//
//   Ahead ahead = Ahead::ofTile(e, weights, pixel, pixels, rows, chunk);
//   ... in the loop that reads `count` vectors, `stride` apart, at `right`:
//   fetchAhead(e, weights, ahead, right, {count, stride}, {0});
//
// Behind the last chunk lies something else, or nothing: fetching what is not
// there does nothing.
//
// Where each chunk reads other channels of the input, as groups do, these come
// from pixels that are too far apart for the CPU to foresee: the steps of a
// reduction take turns to fetch those of the next.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_AHEAD_H
#define MLC_CODEGEN_AHEAD_H

#include "CodeGen/Emitter.h"

namespace mlc {

/// What one tile or step fetches; nothing if there are no turns.
struct Ahead {
  Value turn; ///< its number
  int64_t turns = 0;
  /// Elements from what is read to what is fetched.
  int64_t distance = 0;

  /// For the tile of `rows` pixels that begins at `pixel` of `pixels`, from
  /// `distance` behind. Nothing where the weights end before that or the pixels
  /// are one tile, whose weights come as fast as they can.
  static Ahead ofTile(Emitter &e, const View &weights, Value pixel,
                      int64_t pixels, unsigned rows, int64_t distance);
};

/// Equal pieces of memory, `stride` elements apart.
struct Pieces {
  int64_t count, stride;
};

/// The share of the turn, of the pieces that lie behind those from `at` on. A
/// piece is the cache lines of the elements at `offsets`, in ascending order.
void fetchAhead(Emitter &e, const View &from, const Ahead &ahead, Value at,
                Pieces pieces, llvm::ArrayRef<int64_t> offsets);

} // namespace mlc

#endif // MLC_CODEGEN_AHEAD_H
