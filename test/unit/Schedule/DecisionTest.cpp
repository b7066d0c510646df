//===- DecisionTest.cpp - What a table says of a problem ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Decision.h"

#include "gtest/gtest.h"

using namespace mlc;

namespace {

TEST(Decision, AlgorithmsAreThoseOfTheWindow) {
  Problem three = llvm::cantFail(
      Problem::parse("conv 1x8x8x16 -> 1x8x8x32 3x3 f32 pad=1x1"));
  Problem strided = llvm::cantFail(
      Problem::parse("conv 1x8x8x16 -> 1x4x4x32 3x3 f32 stride=2x2 pad=1x1"));
  EXPECT_EQ(llvm::cantFail(parseAlgorithm("F(4,3)", three)), 4);
  EXPECT_EQ(llvm::cantFail(parseAlgorithm("direct", strided)), 0);
  EXPECT_EQ(llvm::toString(parseAlgorithm("F(2,5)", three).takeError()),
            "no algorithm 'F(2,5)' for it, known are direct, F(2,3), F(4,3)");
  EXPECT_EQ(llvm::toString(parseAlgorithm("F(4,3)", strided).takeError()),
            "no algorithm 'F(4,3)' for it, known are direct");
}

std::string errorOf(const char *text, const Decision &decision) {
  TargetInfo target =
      llvm::cantFail(resolveTargets("x86_64-linux-gnu", "x86-64-v3")).front();
  return llvm::toString(
      decision.check(llvm::cantFail(Problem::parse(text)), target));
}

TEST(Decision, LoopsAreOfDirectConvolutions) {
  const char *point = "conv 1x8x8x16 -> 1x8x8x32 1x1 f32";
  Decision decision;
  decision.order = mlir::kernel::LoopOrder::rows;
  std::string direct =
      "order, divide, prefetch, shared_inputs, unroll and unit are "
      "of a problem whose algorithm is 'direct'";
  EXPECT_EQ(errorOf(point, decision), direct);
  decision.winograd = 0;
  EXPECT_EQ(errorOf(point, decision), "");
  EXPECT_EQ(errorOf("depthwise 1x8x8x16 -> 1x8x8x16 1x1 f32", decision),
            direct);
  EXPECT_EQ(errorOf("conv 1x8x8x16 -> 1x8x8x32 1x1 f32 groups=2", decision),
            "rows outside of channels are for one group");
  decision.unroll = 65;
  EXPECT_EQ(errorOf(point, decision),
            "65 steps cannot be written out, 1 to 64 are required");
}

TEST(Decision, TilesFitTheRegistersAndAlgorithmsTheWindow) {
  const char *point = "conv 1x8x8x16 -> 1x8x8x32 1x1 f32";
  Decision decision;
  decision.tile = {0, 1};
  EXPECT_EQ(errorOf(point, decision),
            "a tile of two sizes of at least 1 is required");
  decision.tile = {8, 2};
  EXPECT_EQ(errorOf(point, decision),
            "a tile of 8x2 does not fit the 16 vector registers");
  decision = {};
  decision.winograd = 4;
  EXPECT_NE(errorOf(point, decision)
                .find(" is for square windows that move by one, in f32"),
            std::string::npos);
}

TEST(Decision, IsToldInTheWordsOfTheSchedule) {
  Problem problem =
      llvm::cantFail(Problem::parse("conv 1x8x8x16 -> 1x8x8x32 1x1 f32"));
  Decision decision;
  EXPECT_EQ(decision.str(problem), "the cost model's");
  decision.winograd = 0;
  decision.tile = {6, 4};
  decision.order = mlir::kernel::LoopOrder::rows;
  decision.divide = mlir::kernel::Division::pixels;
  decision.prefetch = mlir::kernel::Prefetch::weights;
  decision.sharesInputs = false;
  decision.unroll = 8;
  decision.unit = mlir::kernel::Unit::vectors;
  EXPECT_EQ(decision.str(problem),
            "direct 6x4 order=rows divide=pixels prefetch=weights "
            "shared_inputs=false unroll=8 unit=vectors");
}

} // namespace
