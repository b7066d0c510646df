//===- Ahead.cpp - memory that is fetched before its turn -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Ahead.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlc;

Ahead Ahead::ofTile(Emitter &e, const View &weights, Value pixel,
                    int64_t pixels, unsigned rows, int64_t distance) {
  if (distance >= weights.sizes[0] * weights.strides[0] || pixels < 2 * rows)
    return {};
  return {e.div(pixel, rows), pixels / rows, distance};
}

void mlc::fetchAhead(Emitter &e, const View &from, const Ahead &ahead, Value at,
                     Pieces pieces, ArrayRef<int64_t> offsets) {
  if (ahead.turns == 0)
    return;
  int64_t share = llvm::divideCeil(pieces.count, ahead.turns);
  // Tiles take turns, so that any thread's tiles fetch everything.
  int64_t turns = llvm::divideCeil(pieces.count, share);
  Value first =
      e.min(e.mul(e.rem(ahead.turn, turns), share), pieces.count - share);
  at = e.add(e.add(at, ahead.distance), e.mul(first, pieces.stride));
  int64_t line = from.lineElements();
  for (int64_t i = 0; i < share; ++i) {
    int64_t end = 0;
    for (int64_t offset : offsets) {
      if (offset < end)
        continue;
      e.prefetchToRead(from, e.add(at, i * pieces.stride + offset));
      end = offset + line;
    }
  }
}
