//===- CandidatesTest.cpp - Decisions worth measuring ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Candidates.h"

#include "gtest/gtest.h"

using namespace mlc;

namespace {

std::vector<std::string> textsOf(const char *problemText, const char *cpu,
                                 double maxUlp = 64,
                                 std::optional<Decision> present = {},
                                 unsigned most = 10, bool sumsF16 = false) {
  TargetInfo target =
      llvm::cantFail(resolveTargets("x86_64-linux-gnu", cpu)).front();
  Problem problem = llvm::cantFail(Problem::parse(problemText));
  ScheduleEntry entry{problem, present.value_or(Decision())};
  std::vector<std::string> texts;
  for (const Decision &decision :
       candidatesOf(problem, present ? &entry : nullptr,
                    {target, /*block=*/32, maxUlp, most, sumsF16})) {
    EXPECT_FALSE(bool(decision.check(problem, target)));
    texts.push_back(decision.str(problem));
  }
  return texts;
}

bool contains(const std::vector<std::string> &texts, llvm::StringRef text) {
  return llvm::is_contained(texts, text.str());
}

const char *const wide = "conv 1x28x28x128 -> 1x28x28x128 3x3 f32 pad=1x1";
const char *const point = "conv 1x28x28x128 -> 1x28x28x256 1x1 f32";

/// The model takes F(4,3) here, which is therefore no candidate.
TEST(Candidates, AreTheOtherAlgorithmsFirst) {
  auto texts = textsOf(wide, "x86-64-v3");
  ASSERT_GE(texts.size(), 3u);
  EXPECT_EQ(texts[0], "F(2,3)");
  EXPECT_EQ(texts[1], "direct");
  EXPECT_FALSE(contains(texts, "F(4,3)"));
}

TEST(Candidates, KeepToTheError) {
  for (const std::string &text : textsOf(wide, "x86-64-v3", /*maxUlp=*/0))
    EXPECT_EQ(text.rfind("direct", 0), 0u) << text;
}

TEST(Candidates, AreNotWhatIsDoneAnyway) {
  Decision present;
  present.winograd = 0;
  EXPECT_FALSE(contains(textsOf(wide, "x86-64-v3", 64, present), "direct"));
  EXPECT_TRUE(contains(textsOf(wide, "x86-64-v3", 64, present), "F(4,3)"));
  // The model's own tile is one only where another is there now.
  EXPECT_FALSE(contains(textsOf(point, "x86-64-v4"), "direct 6x4"));
  present.tile = {1, 1};
  EXPECT_TRUE(contains(textsOf(point, "x86-64-v4", 64, present), "direct 6x4"));
}

/// Three vectors of 8 divide no block of 32.
TEST(Candidates, AreTilesThatWeightsArePackedFor) {
  for (const std::string &text : textsOf(point, "x86-64-v3")) {
    EXPECT_EQ(text.find("x3"), std::string::npos) << text;
  }
}

/// 32 channels are one vector where f16 are summed in f16, which the CPU does
/// and somebody asks for, else two.
TEST(Candidates, AreTilesOfVectorsOfF16) {
  const char *few = "conv 1x28x28x128 -> 1x28x28x32 1x1 f16";
  auto haveTwoVectors = [&](const char *cpu, bool sumsF16) {
    auto texts = textsOf(few, cpu, 64, {}, /*most=*/100, sumsF16);
    EXPECT_FALSE(texts.empty());
    return llvm::any_of(texts, [](const std::string &text) {
      return text.find("x2") != std::string::npos;
    });
  };
  EXPECT_FALSE(haveTwoVectors("x86-64-v4+fp16", true));
  EXPECT_TRUE(haveTwoVectors("x86-64-v4+fp16", false));
  EXPECT_TRUE(haveTwoVectors("x86-64-v4", true));
}

/// All else that a schedule says, one at a time.
TEST(Candidates, AreTheOtherDecisionsOfDirectConvolutions) {
  auto texts = textsOf("conv 1x28x28x128 -> 1x28x28x256 1x3 f32 pad=0x1",
                       "x86-64-v4", 64, {}, /*most=*/100);
  for (const char *text :
       {"direct order=rows", "direct order=channels", "direct prefetch=weights",
        "direct prefetch=none", "direct prefetch=weights|outputs",
        "direct unroll=2", "direct unroll=8", "direct shared_inputs=false",
        "direct divide=pixels", "direct divide=channels"})
    EXPECT_TRUE(contains(texts, text)) << text;
  for (const std::string &text :
       textsOf(wide, "x86-64-v4", 64, {}, /*most=*/100))
    EXPECT_EQ(text.find("order"), std::string::npos)
        << "the model takes F(4,3) here";
}

/// Where the CPU has a matrix unit for the elements, that or vectors.
TEST(Candidates, AreUnits) {
  const char *bytes = "conv 1x28x28x128 -> 1x28x28x256 1x3 i8 pad=0x1";
  for (const char *unit : {"direct unit=vectors", "direct unit=matrices"}) {
    EXPECT_TRUE(
        contains(textsOf(bytes, "sapphirerapids", 64, {}, /*most=*/100), unit));
    EXPECT_FALSE(
        contains(textsOf(bytes, "x86-64-v4+vnni", 64, {}, /*most=*/100), unit));
    EXPECT_FALSE(
        contains(textsOf("conv 1x28x28x128 -> 1x28x28x256 1x3 f32 pad=0x1",
                         "sapphirerapids", 64, {}, /*most=*/100),
                 unit));
  }
}

TEST(Candidates, OfDepthwiseAreTiles) {
  auto texts = textsOf("depthwise 1x28x28x64 -> 1x28x28x64 3x3 f32 pad=1x1",
                       "x86-64-v3");
  EXPECT_TRUE(contains(texts, "1x8"));
  EXPECT_FALSE(contains(texts, "2x4")) << "it is what is done anyway";
  EXPECT_FALSE(contains(texts, "2x4")) << "it is what is done anyway";
  EXPECT_FALSE(contains(texts, "4x4")) << "16 registers hold no more";
}

} // namespace
