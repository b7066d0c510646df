//===- PhiloxTest.cpp - Random numbers of a key and a counter -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/Philox.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlc;
using testing::ElementsAre;

namespace {

TEST(Philox, GivesTheKnownAnswer) {
  // kat_vectors of the authors' Random123, philox 4x32 10.
  EXPECT_THAT(Philox::blockOf(0, 0),
              ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
}

TEST(Philox, DependsOnKeyAndPlace) {
  EXPECT_NE(Philox::blockOf(0, 0), Philox::blockOf(1, 0));
  EXPECT_NE(Philox::blockOf(0, 0), Philox::blockOf(0, 1));
}

TEST(Philox, NumbersAreWithinTheirRangeAndSpread) {
  Philox generator(7);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    double v = generator.uniform();
    ASSERT_GT(v, 0);
    ASSERT_LT(v, 1);
    sum += v;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

TEST(Philox, NormalNumbersHaveMeanAndVariance) {
  Philox generator(7);
  double sum = 0, squares = 0;
  for (int i = 0; i < 10000; ++i) {
    double v = generator.normal();
    sum += v;
    squares += v * v;
  }
  EXPECT_NEAR(sum / 10000, 0, 0.05);
  EXPECT_NEAR(squares / 10000, 1, 0.05);
}

} // namespace
