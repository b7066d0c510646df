//===- RecipeTest.cpp - What is done to a model to compress it -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Recipe.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <set>

using namespace mlc::compress;
using testing::ElementsAre;

namespace {

TEST(Recipe, IsCalledByItsSteps) {
  EXPECT_EQ(Recipe().name(), "f32");
  EXPECT_EQ((Recipe{0, 0, Numbers::BF16}.name()), "bf16");
  EXPECT_EQ((Recipe{50, 0, Numbers::F32}.name()), "channels50");
  EXPECT_EQ((Recipe{50, 100, Numbers::F32}.name()), "channels50+zeros100");
  EXPECT_EQ((Recipe{50, 0, Numbers::MixedInt}.name()), "channels50+int8-int4");
  EXPECT_EQ((Recipe{50, 0, Numbers::Int8, 100}.name()),
            "channels50+factors100+int8");
}

TEST(Recipe, TakesItsLastStepAway) {
  Recipe three{50, 100, Numbers::Int8};
  EXPECT_EQ(three.before(), (Recipe{50, 100, Numbers::F32}));
  EXPECT_EQ(three.before()->before(), (Recipe{50, 0, Numbers::F32}));
  EXPECT_EQ(three.before()->before()->before(), Recipe());
  EXPECT_EQ(Recipe().before(), std::nullopt);
  EXPECT_EQ(three.lastStep(), (Recipe{0, 0, Numbers::Int8}));
  EXPECT_EQ(three.before()->lastStep(), (Recipe{0, 100, Numbers::F32}));
  Recipe factors{50, 0, Numbers::F32, 100};
  EXPECT_EQ(factors.before(), (Recipe{50, 0, Numbers::F32}));
  EXPECT_EQ(factors.lastStep(), (Recipe{0, 0, Numbers::F32, 100}));
  EXPECT_EQ((Recipe{0, 30, Numbers::F32, 60}.before()),
            (Recipe{0, 0, Numbers::F32, 60}));
}

TEST(Recipe, SearchesWithinTheShareOfItsLastStep) {
  EXPECT_EQ((Recipe{50, 100, Numbers::F32}.lastShare()), 100u);
  EXPECT_EQ((Recipe{50, 0, Numbers::F32}.lastShare()), 50u);
  EXPECT_EQ((Recipe{50, 0, Numbers::MixedInt}.lastShare()), 100u);
  EXPECT_EQ((Recipe{50, 0, Numbers::F32, 80}.lastShare()), 80u);
  EXPECT_EQ((Recipe{50, 0, Numbers::Int8}.lastShare()), std::nullopt);
  EXPECT_EQ(Recipe().lastShare(), std::nullopt);
}

std::vector<Recipe> recipes(llvm::StringRef steps) {
  return llvm::cantFail(recipesOf(steps));
}

std::vector<std::string> namesOf(llvm::StringRef steps) {
  std::vector<std::string> names;
  for (const Recipe &recipe : recipes(steps))
    names.push_back(recipe.name());
  return names;
}

TEST(Recipes, HaveNoOtherSteps) {
  EXPECT_THAT(namesOf("int8"), ElementsAre("f32", "int8"));
  EXPECT_THAT(namesOf("int8,bf16"), ElementsAre("f32", "bf16", "int8"));
  EXPECT_THAT(namesOf("int4,channels"),
              ElementsAre("f32", "int8-int4", "channels50", "channels100",
                          "channels50+int8-int4"));
  EXPECT_THAT(namesOf("factors,int8,channels"),
              ElementsAre("f32", "int8", "channels50", "channels100",
                          "factors50", "factors100", "channels50+int8",
                          "channels100+int8", "factors50+int8",
                          "channels50+factors100"));
  for (const char *wrong : {"", "int8,", "int16", "f32", "int8-int4", "INT8"})
    EXPECT_THAT(llvm::toString(recipesOf(wrong).takeError()),
                testing::HasSubstr("--steps=" + std::string(wrong) + ": '"));
}

TEST(Recipes, ComeBehindWhatTheyGoOnFrom) {
  std::set<std::string> seen;
  std::vector<Recipe> all = recipes("channels,factors,zeros,bf16,int8,int4");
  EXPECT_EQ(all.size(), 19u);
  EXPECT_EQ(all.front(), Recipe());
  for (const Recipe &recipe : all) {
    if (auto before = recipe.before()) {
      EXPECT_TRUE(seen.count(before->name())) << recipe.name();
      EXPECT_TRUE(recipe.steps() == 1 || seen.count(recipe.lastStep().name()))
          << recipe.name();
    }
    EXPECT_TRUE(seen.insert(recipe.name()).second) << recipe.name();
  }
}

} // namespace
