//===- Tile.h - how tiles cover an image ------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. Which tile it is says the op's schedule.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_TILE_H
#define MLC_CODEGEN_TILE_H

#include "Support/Window.h"
#include "llvm/ADT/SmallVector.h"

namespace mlc {

/// Consecutive pixels in tiles. Tiles that look alike are one run, to be a
/// loop: those that touch no padding.
struct PixelRun {
  int64_t start;
  unsigned rows;
  int64_t count = 1;
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
