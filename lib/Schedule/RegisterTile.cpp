//===- RegisterTile.cpp - which tile of accumulators ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/RegisterTile.h"
#include "llvm/ADT/STLExtras.h"
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
  unsigned rows = accumulators / vectors;
  // An activation vector a row lives as long as its lanes are used.
  if (target.multipliesByLane())
    rows = std::min(rows, (target.vectorRegisters - vectors) / (vectors + 1));
  return std::max(1u, rows);
}

namespace {
struct RankedTile {
  int64_t cost;
  GemmTile tile;
};
} // namespace

/// All tiles, in no order that matters: among equals the last one is the best.
static std::vector<RankedTile> costTiles(const TargetInfo &target,
                                         int64_t pixels, int64_t vectors,
                                         AllowedWidths allowed,
                                         unsigned spare) {
  std::vector<RankedTile> result;
  unsigned widest = 1;
  for (GemmTile tile : target.gemmTiles)
    widest = std::max(widest, tile.vectors);
  auto most = [&](unsigned nv) {
    return std::min<int64_t>(mostRows(target, nv, spare), pixels);
  };
  for (unsigned nv = 1; nv <= std::min<int64_t>(widest, vectors); ++nv) {
    if (nv != 1 && nv != vectors && !allowed(nv))
      continue;
    unsigned rest = vectors % nv;
    int64_t restCost = rest ? coverCost(pixels, most(rest), rest) : 0;
    for (unsigned rows = 1; rows <= most(nv); ++rows)
      result.push_back(
          {vectors / nv * coverCost(pixels, rows, nv) + restCost, {rows, nv}});
  }
  return result;
}

std::vector<GemmTile> mlc::rankTiles(const TargetInfo &target, int64_t pixels,
                                     int64_t vectors, AllowedWidths allowed,
                                     unsigned spare) {
  std::vector<RankedTile> ranked =
      costTiles(target, pixels, vectors, allowed, spare);
  std::reverse(ranked.begin(), ranked.end());
  llvm::stable_sort(ranked, [](const RankedTile &a, const RankedTile &b) {
    return a.cost < b.cost;
  });
  std::vector<GemmTile> tiles;
  for (const RankedTile &each : ranked)
    tiles.push_back(each.tile);
  return tiles;
}

GemmTile mlc::chooseTile(const TargetInfo &target, int64_t pixels,
                         int64_t vectors, AllowedWidths allowed,
                         unsigned spare) {
  std::vector<GemmTile> tiles =
      rankTiles(target, pixels, vectors, allowed, spare);
  return tiles.empty() ? GemmTile{1, 1} : tiles.front();
}

GemmTile mlc::chooseTile(mlir::Operation *op, const TargetInfo &target,
                         std::optional<std::array<int64_t, 2>> measured,
                         int64_t pixels, int64_t vectors, AllowedWidths allowed,
                         unsigned spare) {
  bool isGiven = measured && (*measured)[1] <= vectors;
  if (isGiven && (*measured)[1] != vectors && !allowed((*measured)[1])) {
    op->emitWarning("the schedule's tile of ")
        << (*measured)[1] << " vectors does not suit the packed weights";
    isGiven = false;
  }
  if (!isGiven)
    return chooseTile(target, pixels, vectors, allowed, spare);
  unsigned rows = std::max<int64_t>(1, std::min((*measured)[0], pixels));
  return {rows, unsigned((*measured)[1])};
}
