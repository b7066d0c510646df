//===- RegisterTileTest.cpp - The cost model of tiles ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/RegisterTile.h"
#include "Schedule/Decision.h"

#include "gtest/gtest.h"

using namespace mlc;

namespace {

TargetInfo targetOf(const char *cpu, const char *triple = "x86_64-linux-gnu") {
  return llvm::cantFail(resolveTargets(triple, cpu)).front();
}

bool any(unsigned) { return true; }

TEST(RegisterTile, TheFirstOfTheRankingIsChosen) {
  for (const char *cpu : {"x86-64-v2", "x86-64-v3", "x86-64-v4"}) {
    TargetInfo target = targetOf(cpu);
    for (int64_t pixels : {1, 7, 14, 49, 56})
      for (int64_t vectors : {1, 2, 3, 8}) {
        GemmTile chosen = chooseTile(target, pixels, vectors, any);
        GemmTile first = rankTiles(target, pixels, vectors, any).front();
        EXPECT_EQ(chosen.rows, first.rows);
        EXPECT_EQ(chosen.vectors, first.vectors);
      }
  }
}

TEST(RegisterTile, EveryRankedTileFitsTheCpu) {
  Problem problem;
  problem.in = {1, 56, 56, 64};
  problem.out = {1, 56, 56, 256};
  for (const char *cpu : {"x86-64-v2", "znver1", "haswell", "x86-64-v4"}) {
    TargetInfo target = targetOf(cpu);
    for (GemmTile tile : rankTiles(target, 56, 8, any)) {
      Decision decision;
      decision.tile = {tile.rows, tile.vectors};
      EXPECT_FALSE(bool(decision.check(problem, target)))
          << cpu << " " << tile.rows << "x" << tile.vectors;
    }
  }
}

TEST(RegisterTile, ASinglePixelReadsOneBlockOfWeights) {
  constexpr int64_t small = 1 << 20, large = 1 << 24;
  PackedWidths many{16, 32, 49, small}, one{16, 32, 1, small},
      half{8, 32, 1, small}, fromMemory{16, 32, 1, large};
  EXPECT_TRUE(many(1) && many(2) && many(4));
  EXPECT_FALSE(many(3));
  EXPECT_TRUE(one(1) && one(2) && half(4));
  EXPECT_FALSE(one(4));
  EXPECT_TRUE(fromMemory(4));
  TargetInfo target = targetOf("x86-64-v4");
  EXPECT_EQ(chooseTile(target, 1, 64, one).vectors, 2u);
}

/// A tile of 20 rows by one vector was measured to have 50 spills, one of 15
/// none.
TEST(RegisterTile, WhereLanesMultiplyActivationsHaveRegistersToo) {
  for (auto [cpu, triple] :
       {std::pair("neoverse-n1", "aarch64-linux-gnu"),
        std::pair("cortex-a15", "armv7-linux-gnueabihf")}) {
    TargetInfo target = targetOf(cpu, triple);
    for (int64_t vectors : {1, 2, 4})
      for (GemmTile tile : rankTiles(target, 60, vectors, any))
        EXPECT_LE(tile.rows * (tile.vectors + 1) + tile.vectors,
                  target.vectorRegisters)
            << cpu << " " << tile.rows << "x" << tile.vectors;
  }
  EXPECT_EQ(
      chooseTile(targetOf("neoverse-n1", "aarch64-linux-gnu"), 60, 1, any).rows,
      15u);
}

/// Of a large product and of 49 pixels, tiles that were measured to reach 90 %
/// of the peak on such CPUs.
TEST(RegisterTile, ChoosesTilesThatWereMeasuredToBeFast) {
  auto text = [](const TargetInfo &target, int64_t pixels, int64_t vectors) {
    GemmTile tile = chooseTile(target, pixels, vectors, any);
    return std::to_string(tile.rows) + "x" + std::to_string(tile.vectors);
  };
  EXPECT_EQ(text(targetOf("x86-64-v4"), 3136, 16), "6x4");
  EXPECT_EQ(text(targetOf("x86-64-v4"), 49, 2), "14x2");
  for (const char *cpu : {"haswell", "znver1", "znver3"}) {
    EXPECT_EQ(text(targetOf(cpu), 3136, 12), "4x3");
    EXPECT_EQ(text(targetOf(cpu), 3135, 4), "5x2");
  }
}

} // namespace
