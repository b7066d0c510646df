//===- SearchTest.cpp - Which candidates are worth making ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Search.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlc::compress;
using testing::ElementsAre;

namespace {

const Recipe kBase, kInt8{0, 0, Numbers::Int8}, kBf16{0, 0, Numbers::BF16},
    kHalf{50, 0, Numbers::F32}, kBoth{50, 0, Numbers::Int8},
    kNarrow{50, 0, Numbers::BF16};

/// The search over these, with all steps alone as given.
Search begun(std::vector<Recipe> recipes, double maxDrop,
             std::vector<Outcome> outcomes) {
  Search search(std::move(recipes), maxDrop);
  for (const Outcome &outcome : outcomes)
    search.add(search.next()->recipe, outcome);
  return search;
}

std::vector<std::string> reasons(const Search &search) {
  std::vector<std::string> texts;
  for (const Skipped &skipped : search.skipped())
    texts.push_back(skipped.recipe.name() + ": " + skipped.why);
  return texts;
}

TEST(Search, TriesStepsAloneInTheirOrder) {
  Search search({kBase, kInt8, kHalf, kBoth}, 1);
  for (const Recipe &recipe : {kBase, kInt8, kHalf}) {
    auto next = search.next();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->recipe, recipe);
    EXPECT_FALSE(next->expected);
    search.add(recipe, {0, 100, 10});
  }
}

TEST(Search, ExpectsThatDropsAddUpAndGainsMultiply) {
  Search search = begun({kBase, kInt8, kHalf, kBoth}, 1,
                        {{0, 400, 8}, {0.25, 100, 4}, {0.5, 200, 2}});
  auto next = search.next();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->recipe, kBoth);
  EXPECT_DOUBLE_EQ(next->expected->drop, 0.75);
  EXPECT_DOUBLE_EQ(next->expected->bytes, 50);
  EXPECT_DOUBLE_EQ(next->expected->ms, 1);
  search.add(kBoth, {0.7, 60, 1.5});
  EXPECT_FALSE(search.next());
  EXPECT_TRUE(search.skipped().empty());
}

TEST(Search, ExpectsWhatASearchWithinTheDropMayLose) {
  Recipe zeros{0, 100, Numbers::F32}, both{50, 100, Numbers::F32};
  Search search = begun({kBase, zeros, kHalf, both}, 2,
                        {{0, 400, 8}, {1.9, 100, 4}, {0.9, 200, 2}});
  EXPECT_DOUBLE_EQ(search.next()->expected->drop, 2);
}

TEST(Search, BeginsWithWhatIsExpectedToBeBest) {
  Search search =
      begun({kBase, kInt8, kBf16, kHalf, kNarrow, kBoth}, 1,
            {{0, 400, 8}, {0.25, 100, 4}, {0, 200, 6}, {0.5, 200, 2}});
  EXPECT_EQ(search.next()->recipe, kBoth);
}

TEST(Search, LeavesOutWhatWouldLoseTooMuch) {
  Search search = begun({kBase, kInt8, kHalf, kBoth}, 1,
                        {{0, 400, 8}, {1.1, 100, 4}, {0.5, 200, 2}});
  EXPECT_FALSE(search.next());
  EXPECT_THAT(reasons(search), ElementsAre("channels50+int8: would lose 1.60"));
}

TEST(Search, LeavesOutWhatIsBehindInSizeAndTime) {
  // Narrow floats are slower here, and larger than integers.
  Search search =
      begun({kBase, kInt8, kBf16, kHalf, kNarrow}, 1,
            {{0, 400, 8}, {0.25, 100, 2}, {0, 300, 16}, {0.5, 200, 4}});
  EXPECT_FALSE(search.next());
  EXPECT_THAT(reasons(search),
              ElementsAre("channels50+bf16: int8 is smaller and faster"));
}

TEST(Search, IsBehindNothingThatLosesTooMuch) {
  Search search = begun({kBase, kInt8, kBf16, kHalf, kNarrow}, 1,
                        {{0, 400, 8}, {5, 100, 2}, {0, 200, 4}, {0.5, 200, 4}});
  EXPECT_EQ(search.next()->recipe, kNarrow);
}

TEST(Search, LeavesOutWhatBeginsWithAStepThatCannotBeMade) {
  Search search({kBase, kInt8, kHalf, kBoth}, 1);
  search.add(kBase, {0, 400, 8});
  search.add(kInt8, {0, 100, 4});
  search.reject(kHalf, "nothing to prune");
  EXPECT_FALSE(search.next());
  EXPECT_THAT(reasons(search),
              ElementsAre("channels50: nothing to prune",
                          "channels50+int8: one of its steps cannot be made"));
}

} // namespace
