//===- Tile.h - register tiles and how they cover an image ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. A tile is `rows` pixels by `vectors` channel vectors
// of accumulators. The cost of a cover is what its tiles take on a core that
// starts two operations a cycle: multiplications, or loads where those are
// more, or the latency of a chain where a tile has too few accumulators to hide
// it.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_TILE_H
#define MLC_CODEGEN_TILE_H

#include "Target/Target.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlc {

/// The best tile for rows of `pixels` pixels and `vectors` vectors of channels.
/// Only tiles whose width `allowed` accepts are taken; one vector always is.
/// `spare` registers are left to LLVM.
GemmTile chooseTile(const TargetInfo &target, int64_t pixels, int64_t vectors,
                    llvm::function_ref<bool(unsigned vectors)> allowed,
                    unsigned spare = 0);

/// Consecutive pixels in tiles. Tiles that look alike are one run, to be a
/// loop: those that touch no padding.
struct PixelRun {
  int64_t start;
  unsigned rows;
  int64_t count = 1;
};

/// Along one dimension of a sliding window.
struct Window {
  int64_t extent; ///< of the input
  int64_t count;  ///< windows: extent of the out
  int64_t kernel;
  int64_t stride, dilation, padBegin;

  /// Where in the input the window at `out` reads its element `k`.
  int64_t at(int64_t out, int64_t k) const {
    return out * stride - padBegin + k * dilation;
  }
  bool inside(int64_t out, int64_t k) const {
    return at(out, k) >= 0 && at(out, k) < extent;
  }
  /// Whether all windows from `first` to `last` lie inside the input.
  bool interior(int64_t first, int64_t last) const {
    return at(first, 0) >= 0 && at(last, kernel - 1) < extent;
  }
};

/// Covers the windows by tiles of `rows`, the last one being smaller.
llvm::SmallVector<PixelRun> cover(const Window &window, unsigned rows);

/// The same with the least code: where that takes fewer different pixels, the
/// windows that begin before the input are a tile of their own, and full tiles
/// begin behind them. For windows of 3 with pad 1 on 14 pixels and tiles of 4:
/// {0}, {1..4} three times, {13}.
llvm::SmallVector<PixelRun> coverApart(const Window &window, unsigned rows);

} // namespace mlc

#endif // MLC_CODEGEN_TILE_H
