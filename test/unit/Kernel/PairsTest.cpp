//===- PairsTest.cpp - weights whose products fit 16 bits in pairs --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Pairs.h"
#include "llvm/Support/Endian.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>
#include <vector>

using namespace mlir::kernel;

namespace {

/// Weights [O, I, KH, KW] with a normal distribution of this width.
std::vector<char> normal(const std::vector<int64_t> &shape, double width) {
  std::minstd_rand random(1);
  std::normal_distribution<double> distribution(0, width);
  std::vector<char> weights(shape[0] * shape[1] * shape[2] * shape[3]);
  for (char &weight : weights)
    weight = char(std::max(-128.0, std::min(127.0, distribution(random))));
  return weights;
}

/// Reads packed weights back, as a kernel does, and checks each pair.
class Reader {
public:
  explicit Reader(const PairedWeights &packed) : w(packed), rows(w.rows) {}

  /// The weights of each channel at element `tap` of block `b`, of a lane.
  std::vector<int> read(int64_t b, int64_t tap, int64_t lane) {
    int64_t size = rows.count() * rows.block * PairRows::quad;
    data = w.bytes.data() + (b * w.shape[2] * w.shape[3] + tap) * size;
    result.assign(rows.channels, 0);
    int64_t row = 0;
    for (int64_t p = 0; p < rows.pools(); ++p)
      for (int64_t q = 0; q < rows.poolQuads(p); ++q)
        readQuad(row++, lane, rows.ordersAt() + p * 16 + q * 4,
                 rows.poolStart(p));
    int64_t extras = word(rows.countAt());
    EXPECT_LE(extras, rows.extras);
    for (int64_t i = 0; i < extras; ++i)
      for (int64_t copy = 0; copy < 4; ++copy)
        readQuad(row + i, lane, rows.extraOrdersAt() + i * 16 + copy * 4,
                 word(rows.startsAt() + i * 4), /*isCounted=*/copy == 0);
    int sum = 0;
    for (int weight : result)
      sum += weight;
    EXPECT_EQ(sum, word(((rows.count() - 1) * rows.block + lane) * 4));
    return result;
  }

private:
  int word(int64_t at) const {
    return int(llvm::support::endian::read32le(data + at));
  }

  void readQuad(int64_t row, int64_t lane, int64_t order, int64_t start,
                bool isCounted = true) {
    const char *quad = data + (row * rows.block + lane) * 4;
    for (int i = 0; i < 4; ++i) {
      auto place = static_cast<unsigned char>(data[order + i]);
      auto weight = static_cast<signed char>(quad[i]);
      if (place & 0x80) {
        EXPECT_EQ(weight, 0);
        continue;
      }
      ASSERT_LT(place, 16);
      ASSERT_LT(start + place, rows.channels);
      if (isCounted)
        result[start + place] += weight;
    }
    for (int i = 0; i < 4; i += 2)
      EXPECT_LE(std::abs(quad[i] + quad[i + 1]), 128);
  }

  const PairedWeights &w;
  PairRows rows;
  const char *data = nullptr;
  std::vector<int> result;
};

TEST(Pairs, HoldEveryWeightAndFit) {
  const std::vector<int64_t> shapes[] = {
      {16, 64, 1, 1}, {20, 50, 3, 3}, {6, 17, 1, 3}, {64, 16, 1, 1}};
  for (const auto &shape : shapes)
    for (double width : {10.0, 35.0}) {
      std::vector<char> weights = normal(shape, width);
      auto packed = PairedWeights::get(weights, shape, 1, 16);
      ASSERT_TRUE(packed);
      int64_t window = shape[2] * shape[3];
      for (int64_t o = 0; o < shape[0]; ++o)
        for (int64_t tap = 0; tap < window; ++tap) {
          auto channels = Reader(*packed).read(o / 16, tap, o % 16);
          for (int64_t i = 0; i < shape[1]; ++i)
            EXPECT_EQ(channels[i],
                      static_cast<signed char>(
                          weights[(o * shape[1] + i) * window + tap]));
        }
    }
}

TEST(Pairs, AnotherOrderSparesExtraQuads) {
  // Channels 2i and 2i + 1 are too large together.
  std::vector<char> weights(16 * 32);
  for (size_t i = 0; i < weights.size(); ++i)
    weights[i] = i % 4 < 2 ? 100 : 1;
  auto packed = PairedWeights::get(weights, {16, 32, 1, 1}, 1, 16);
  ASSERT_TRUE(packed);
  EXPECT_EQ(packed->rows.extras, 0);
}

TEST(Pairs, HaveRoomForMoreExtraQuads) {
  // As layers of one shape have that share a kernel.
  const std::vector<int64_t> shape = {20, 50, 1, 1};
  std::vector<char> weights = normal(shape, 10.0);
  auto packed = PairedWeights::get(weights, shape, 1, 16);
  auto wide =
      PairedWeights::get(weights, shape, 1, 16, packed->rows.extras + 2);
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->rows.extras, packed->rows.extras + 2);
  EXPECT_EQ(wide->shape[4], wide->rows.count());
  EXPECT_GT(wide->bytes.size(), packed->bytes.size());
  for (int64_t o = 0; o < shape[0]; ++o)
    EXPECT_EQ(Reader(*wide).read(o / 16, 0, o % 16),
              Reader(*packed).read(o / 16, 0, o % 16));
  EXPECT_FALSE(PairedWeights::get(weights, shape, 1, 16, /*extras=*/9));
}

TEST(Pairs, AreNotWorthIt) {
  std::vector<char> large(16 * 32, 127);
  EXPECT_FALSE(PairedWeights::get(large, {16, 32, 1, 1}, 1, 16));
  std::vector<char> few(16 * 15, 1);
  EXPECT_FALSE(PairedWeights::get(few, {16, 15, 1, 1}, 1, 16));
}

} // namespace
