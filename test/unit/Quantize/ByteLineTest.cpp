//===- ByteLineTest.cpp - Tests of functions of bytes as lines ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/ByteLine.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <random>

using namespace mlc;

namespace {

using Table = llvm::SmallVector<int32_t>;

/// x * slope + offset in f32, rounded half to even and limited.
Table affine(float slope, float offset, int32_t first, StoredRange range) {
  Table wanted;
  for (int32_t x = first; x < first + 256; ++x) {
    float product = static_cast<float>(x) * slope;
    wanted.push_back(quantizeValue(product + offset, 1, range));
  }
  return wanted;
}

/// Sums that the line makes must be those of 64 bits.
void expectLine(const Table &wanted, int32_t first, ByteLine line,
                StoredRange range) {
  EXPECT_LE(std::abs(line.factor), 1 << 22);
  EXPECT_LE(line.shift, kMostLineShift);
  for (int32_t i = 0; i < 256; ++i) {
    int64_t sum = int64_t(first + i) * line.factor + line.offset;
    EXPECT_LE(std::llabs(sum), std::numeric_limits<int32_t>::max());
    EXPECT_EQ(lineAt(first + i, line, range), wanted[i])
        << "x = " << first + i << ", factor " << line.factor << ", shift "
        << line.shift;
  }
}

class ByteLines : public testing::TestWithParam<bool> {
protected:
  int32_t first = GetParam() ? -128 : 0;
  StoredRange range =
      GetParam() ? StoredRange{-7, -128, 127} : StoredRange{93, 0, 255};
};

TEST_P(ByteLines, FloatsRoundedAreALineOfIntegers) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> exponent(-12, 8), offset(-300, 300);
  for (int i = 0; i < 2000; ++i) {
    float slope = std::exp2(exponent(random)) * (i % 2 ? 1 : -1);
    Table wanted = affine(slope, offset(random), first, range);
    auto pieces = exactPieces({wanted}, first, range);
    ASSERT_TRUE(pieces) << "slope " << slope;
    EXPECT_TRUE(pieces->front().isOne());
    expectLine(wanted, first, pieces->front().above, range);
  }
}

TEST_P(ByteLines, Extremes) {
  for (auto [slope, offset] :
       std::initializer_list<std::pair<float, float>>{{0, 0},
                                                      {0, 1e30f},
                                                      {0, -1e30f},
                                                      {1e30f, 0.3f},
                                                      {-1e30f, 0.3f},
                                                      {1e-30f, 12.4f},
                                                      {1, 0},
                                                      {-1, 0},
                                                      {2e5f, 1e5f},
                                                      {70000, 3},
                                                      {1, 255},
                                                      {1, -255},
                                                      {0.00195f, 0.1f}}) {
    Table wanted = affine(slope, offset, first, range);
    auto pieces = exactPieces({wanted}, first, range);
    ASSERT_TRUE(pieces) << slope;
    expectLine(wanted, first, pieces->front().above, range);
  }
}

/// Halves are rounded down and up in turns: one line does not do that.
TEST_P(ByteLines, TiesToEvenAreNone) {
  Table wanted = affine(0.5f, 0, first, range);
  EXPECT_FALSE(exactPieces({wanted}, first, range));
}

TEST_P(ByteLines, RectifiersAreTwo) {
  for (float slope : {-0.4f, 0.013f, 0.37f, 3.1f}) {
    Table wanted;
    for (int32_t x = first; x < first + 256; ++x) {
      float v = static_cast<float>(x - 41) * 0.83f;
      wanted.push_back(quantizeValue(v < 0 ? v * slope : v, 1, range));
    }
    auto pieces = exactPieces({wanted}, first, range);
    ASSERT_TRUE(pieces) << slope;
    EXPECT_FALSE(pieces->front().isOne());
    for (int32_t i = 0; i < 256; ++i)
      EXPECT_EQ(piecesAt(first + i, pieces->front(), range), wanted[i]);
  }
}

TEST_P(ByteLines, ShareAShiftWhereTheyCan) {
  // Numbers without short decimals, so that nothing is a tie.
  llvm::SmallVector<Table> wanted = {
      affine(0.7123457f, 3.3001234f, first, range),
      affine(9.1234567f, 3.3001234f, first, range)};
  auto pieces = exactPieces(wanted, first, range);
  ASSERT_TRUE(pieces);
  for (int i : {0, 1}) {
    expectLine(wanted[i], first, (*pieces)[i].above, range);
    EXPECT_EQ((*pieces)[i].above.shift, pieces->front().above.shift);
  }
  // Too steep for a shift that the other needs.
  wanted.push_back(affine(3000.7f, -1e5f, first, range));
  pieces = exactPieces(wanted, first, range);
  ASSERT_TRUE(pieces);
  for (int i : {0, 1, 2})
    expectLine(wanted[i], first, (*pieces)[i].above, range);
}

/// What no two lines are.
TEST_P(ByteLines, WavesAreNone) {
  Table wanted;
  for (int32_t i = 0; i < 256; ++i)
    wanted.push_back(quantizeValue(60 * std::sin(i * 0.1f), 1, range));
  EXPECT_FALSE(exactPieces({wanted}, first, range));
}

INSTANTIATE_TEST_SUITE_P(Signs, ByteLines, testing::Bool());

} // namespace
