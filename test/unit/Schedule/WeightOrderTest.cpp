//===- WeightOrderTest.cpp - how CPUs want weights to lie -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/WeightOrder.h"
#include "gtest/gtest.h"

using namespace mlc;

namespace {

TargetInfo cpu(llvm::StringRef triple, llvm::StringRef name) {
  return llvm::cantFail(resolveTargets(triple, name)).front();
}

TargetInfo x86(llvm::StringRef name) { return cpu("x86_64-linux-gnu", name); }
TargetInfo arm(llvm::StringRef name) { return cpu("aarch64-linux-gnu", name); }

TEST(WeightOrder, BlocksAreAsWideAsTheWidestCpuWants) {
  EXPECT_EQ(packedBlock(x86("x86-64-v4")), 32);
  EXPECT_EQ(packedBlock(x86("x86-64-v3")), 16);
  EXPECT_EQ(packedBlock(x86("x86-64-v2")), 16);
  EXPECT_EQ(packedBlock(arm("generic")), 16);
  EXPECT_EQ(packedBlock({x86("x86-64-v3"), x86("x86-64-v4")}), 32);
}

TEST(WeightOrder, PairsAreOfWordsAndNarrowVectors) {
  EXPECT_TRUE(multipliesPairs(x86("x86-64-v3")));
  EXPECT_TRUE(multipliesPairs(x86("x86-64-v2")));
  // No SSSE3.
  EXPECT_TRUE(multipliesWords(x86("x86-64")));
  EXPECT_FALSE(multipliesPairs(x86("x86-64")));
  // Wider vectors, and an instruction that is better.
  EXPECT_TRUE(multipliesWords(x86("x86-64-v4")));
  EXPECT_FALSE(multipliesPairs(x86("x86-64-v4")));
  EXPECT_FALSE(multipliesPairs(x86("x86-64-v4+vnni")));
  EXPECT_FALSE(multipliesPairs(arm("generic")));
}

TEST(WeightOrder, OctetsNeedI8mm) {
  EXPECT_TRUE(multipliesOctets(arm("generic+i8mm")));
  EXPECT_FALSE(multipliesOctets(arm("generic+dotprod")));
  EXPECT_FALSE(multipliesOctets(x86("x86-64-v4+vnni")));
}

TEST(WeightOrder, FewPixelsGainNothingByPairs) {
  EXPECT_TRUE(gainsByPairs({1, 4, 4, 8}));
  EXPECT_TRUE(gainsByPairs({16, 1, 1, 8}));
  EXPECT_FALSE(gainsByPairs({1, 3, 5, 64}));
}

} // namespace
