//===- Tile.cpp - register tiles and how they cover an image --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Tile.h"
#include <algorithm>

using namespace mlc;

/// Half cycles that one step of the reduction takes.
static int64_t stepCost(int64_t rows, int64_t vectors) {
  constexpr int64_t latency = 10;
  return rows == 0 ? 0 : std::max({rows * vectors, rows + vectors, latency});
}

static int64_t coverCost(int64_t pixels, int64_t rows, int64_t vectors) {
  return pixels / rows * stepCost(rows, vectors) +
         stepCost(pixels % rows, vectors);
}

/// Most pixels of a tile `vectors` wide: no more accumulators than the target's
/// own tiles have, and everything within the registers: weights of one step, a
/// broadcast, without FMA two products. One register too many costs half the
/// speed.
static unsigned mostRows(const TargetInfo &target, unsigned vectors,
                         unsigned spare) {
  unsigned accumulators = 0;
  for (GemmTile tile : target.gemmTiles)
    accumulators = std::max(accumulators, tile.rows * tile.vectors);
  unsigned others = vectors + (target.fma ? 1 : 3) + spare;
  if (target.vectorRegisters > others)
    accumulators = std::min(accumulators, target.vectorRegisters - others);
  return std::max(1u, accumulators / vectors);
}

GemmTile mlc::chooseTile(const TargetInfo &target, int64_t pixels,
                         int64_t vectors,
                         llvm::function_ref<bool(unsigned)> allowed,
                         unsigned spare) {
  GemmTile best{1, 1};
  int64_t least = INT64_MAX;
  unsigned widest = 1;
  for (GemmTile tile : target.gemmTiles)
    widest = std::max(widest, tile.vectors);
  for (unsigned nv = 1; nv <= std::min<int64_t>(widest, vectors); ++nv) {
    if (nv != 1 && nv != vectors && !allowed(nv))
      continue;
    unsigned rest = vectors % nv;
    for (unsigned rows = 1;
         rows <= std::min<int64_t>(mostRows(target, nv, spare), pixels);
         ++rows) {
      int64_t cost = vectors / nv * coverCost(pixels, rows, nv);
      if (rest)
        cost += coverCost(
            pixels, std::min<int64_t>(mostRows(target, rest, spare), pixels),
            rest);
      if (cost <= least) {
        least = cost;
        best = {rows, nv};
      }
    }
  }
  return best;
}

static llvm::SmallVector<PixelRun> coverFrom(const Window &window,
                                             int64_t first, unsigned rows) {
  llvm::SmallVector<PixelRun> runs;
  bool wasInterior = false;
  for (int64_t start = first; start < window.count; start += rows) {
    unsigned size = std::min<int64_t>(rows, window.count - start);
    bool interior = window.interior(start, start + size - 1);
    if (interior && wasInterior && size == rows)
      ++runs.back().count;
    else
      runs.push_back({start, size});
    wasInterior = interior;
  }
  return runs;
}

llvm::SmallVector<PixelRun> mlc::cover(const Window &window, unsigned rows) {
  return coverFrom(window, 0, rows);
}

llvm::SmallVector<PixelRun> mlc::coverApart(const Window &window,
                                            unsigned rows) {
  llvm::SmallVector<PixelRun> plain = cover(window, rows);
  int64_t before = 0;
  while (before < window.count && window.at(before, 0) < 0)
    ++before;
  if (before == 0 || before >= rows)
    return plain;
  llvm::SmallVector<PixelRun> apart = coverFrom(window, before, rows);
  apart.insert(apart.begin(), {0, unsigned(before)});
  auto pixels = [](llvm::ArrayRef<PixelRun> runs) {
    unsigned sum = 0;
    for (const PixelRun &run : runs)
      sum += run.rows;
    return sum;
  };
  return pixels(apart) < pixels(plain) ? apart : plain;
}
