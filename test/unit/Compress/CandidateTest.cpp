//===- CandidateTest.cpp - A model that was made and measured ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/CompressReport.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlc;
using namespace mlc::compress;
using testing::HasSubstr;

namespace {

Candidate made(Recipe recipe, double drop, uint64_t bytes, double ms,
               uint64_t arena = 100) {
  Candidate candidate;
  candidate.recipe = recipe;
  candidate.drop = drop;
  candidate.figures.weightsBytes = bytes;
  candidate.figures.arenaBytes = arena;
  candidate.figures.bench.times = {ms, ms, 1};
  return candidate;
}

std::vector<Candidate> some() {
  return {made({}, 0, 4000, 8),
          made({0, 0, compress::Numbers::Int8}, 0.3, 1000, 4, 50),
          made({0, 100, compress::Numbers::F32}, 0.4, 2000, 1),
          made({100, 0, compress::Numbers::F32}, 0.9, 900, 0.9, 40)};
}

TEST(Choose, TakesTheBestForTheGoalWithinTheDrop) {
  std::vector<Candidate> all = some();
  Budget budget{0.5, {}, {}, CompressGoal::Balance};
  EXPECT_EQ(choose(all, budget), 2u);
  budget.goal = CompressGoal::Size;
  EXPECT_EQ(choose(all, budget), 1u);
  budget.goal = CompressGoal::Time;
  EXPECT_EQ(choose(all, budget), 2u);
  budget.goal = CompressGoal::Memory;
  EXPECT_EQ(choose(all, budget), 1u);
  budget.drop = 1;
  EXPECT_EQ(choose(all, budget), 3u);
}

TEST(Choose, KeepsSizeAndTime) {
  std::vector<Candidate> all = some();
  Budget budget{0.5, 1500, {}, CompressGoal::Time};
  EXPECT_EQ(choose(all, budget), 1u);
  EXPECT_EQ(missed(all[1], budget), "");
}

TEST(Choose, TakesWhatIsClosestWhereNothingKeepsTheBudget) {
  std::vector<Candidate> all = some();
  // One exceeds the drop a little, the others the size or the time by far.
  Budget budget{0.8, 950, 1, CompressGoal::Balance};
  EXPECT_EQ(choose(all, budget), 3u);
  EXPECT_EQ(missed(all[3], budget), "--max-drop=0.8: 0.90 are lost");
  EXPECT_EQ(missed(all[0], budget),
            "--max-size=950: 4000 bytes of weights and code; "
            "--max-ms=1: 8.000 ms");
}

TEST(MarkFront, HasWhatNoOtherBeatsInEverything) {
  std::vector<Candidate> all = some();
  all.push_back(made({50, 0, compress::Numbers::Int8}, 0.5, 1000, 4, 50));
  markFront(all);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_TRUE(all[i].isOnFront) << i;
  EXPECT_FALSE(all[4].isOnFront);
}

TEST(CompressReport, TellsHowToCompileWhatWasChosen) {
  CompressReport report;
  report.candidates = some();
  report.candidates[1].recipe.numbers = compress::Numbers::BF16;
  report.file = "out/best.onnx";
  report.chosen = 1;
  EXPECT_EQ(report.summary(),
            "bf16, 4.00 times smaller and 2.00 times faster, 0.30 of top1 "
            "lost; mlc compile out/best.onnx --precision=bf16");
  report.chosen = 0;
  EXPECT_THAT(report.summary(), HasSubstr("f32, the model as it was; "));
  report.isUnfinished = true;
  EXPECT_THAT(report.summary(), HasSubstr("time was up"));
}

} // namespace
