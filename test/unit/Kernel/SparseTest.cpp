//===- SparseTest.cpp - weights without their zeros -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Sparse.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace mlir::kernel;

namespace {

using Floats = std::vector<float>;

/// [outputs, channels], of which about `share` are not zero.
Floats randomWeights(int64_t outputs, int64_t channels, double share,
                     unsigned seed) {
  std::mt19937 random(seed);
  Floats weights(outputs * channels);
  for (float &weight : weights)
    if (random() % 1000 < share * 1000)
      weight = 1 + random() % 100;
  return weights;
}

/// Reads table and values as a kernel does: [outputs, channels], to which each
/// step adds. Steps that fill have no weight.
class Reader {
public:
  Reader(const SparseWeights &packed, const SparsePlan &plan)
      : packed(packed), plan(plan), weights(plan.outputs * plan.channels) {}

  Floats read() {
    at = plan.parts * SparseWeights::partHead;
    for (int64_t part = 0; part < plan.parts; ++part) {
      const uint8_t *head = &packed.table[part * SparseWeights::partHead];
      EXPECT_EQ(numberAt(head), at);
      EXPECT_EQ(numberAt(head + 4), value);
      bool isLast = part + 1 == plan.parts;
      int64_t count = isLast ? plan.lastPart() : plan.partOutputs();
      for (int64_t start = 0; start < plan.channels; start += plan.block)
        for (int64_t pair = 0; pair < (count + 1) / 2; ++pair)
          readPair(start);
    }
    EXPECT_EQ(at, packed.table.size());
    // There is one where there is nothing.
    EXPECT_EQ(std::max<size_t>(value, 1), packed.values.size());
    return weights;
  }

private:
  static size_t numberAt(const uint8_t *bytes) {
    return bytes[0] + (bytes[1] << 8) + (bytes[2] << 16);
  }
  void add(int64_t output, int64_t start, uint8_t position) {
    float weight = packed.values[value++];
    if (position == plan.block) {
      EXPECT_EQ(weight, 0);
      return;
    }
    ASSERT_LT(output, plan.outputs);
    ASSERT_LT(start + position, plan.channels);
    weights[output * plan.channels + start + position] += weight;
  }
  void readPair(int64_t start) {
    const uint8_t *head = &packed.table[at];
    int64_t first = head[0] + 256 * head[1], second = head[2] + 256 * head[3];
    at += SparseWeights::head;
    for (unsigned i = 0; i < head[4]; ++i, ++at) {
      add(first, start, packed.table[at]);
      add(second, start, packed.table[at]);
    }
    for (unsigned i = 0; i < head[5]; ++i, at += 2) {
      add(first, start, packed.table[at]);
      add(second, start, packed.table[at + 1]);
    }
  }

  const SparseWeights &packed;
  const SparsePlan &plan;
  Floats weights;
  size_t at = 0, value = 0;
};

TEST(Sparse, PackedWeightsAreThoseThatAreNotZero) {
  for (int64_t outputs : {1, 2, 3, 17, 300})
    for (int64_t channels : {1, 3, 17, 64, 250, 255})
      for (double share : {0.0, 0.05, 0.5, 1.0})
        for (int64_t block : {1, 16, 48, 255})
          for (int64_t parts : {1, 2, 4}) {
            SparsePlan plan = {channels, outputs, block, 16, parts};
            if (plan.lastPart() < 1)
              continue;
            Floats weights = randomWeights(outputs, channels, share, outputs);
            auto packed =
                SparseWeights::pack(weights, plan, /*channelsFirst=*/false);
            EXPECT_EQ(Reader(packed, plan).read(), weights)
                << outputs << " " << channels << " " << share << " " << block
                << " " << parts;
            int64_t nonZeros =
                llvm::count_if(weights, [](float w) { return w != 0; });
            EXPECT_EQ(packed.nonZeros, nonZeros);
          }
}

TEST(Sparse, ChannelsMayBeFirst) {
  // [C = 2, O = 3].
  Floats weights = {1, 0, 2, 0, 3, 4};
  SparsePlan plan = {2, 3, 2, 16, 1};
  auto packed = SparseWeights::pack(weights, plan, /*channelsFirst=*/true);
  EXPECT_EQ(Reader(packed, plan).read(), (Floats{1, 0, 0, 3, 2, 4}));
}

TEST(Sparse, BothOutputsOfAPairShareAChannel) {
  // Output 1 has one weight, 0 and 2 two each: these are a pair.
  Floats weights = {5, 0, 6, /**/ 7, 0, 0, /**/ 0, 8, 9};
  auto packed =
      SparseWeights::pack(weights, {3, 3, 3, 16, 1}, /*channelsFirst=*/false);
  // The odd one has no weight at all.
  EXPECT_EQ(packed.table, (llvm::SmallVector<uint8_t>{
                              8, 0, 0, 0, 0, 0, 0, 0,   //
                              3, 0, 1, 0, 0, 1, 3, 0,   //
                              0, 0, 2, 0, 1, 1, 2, 0, 1 //
                          }));
  EXPECT_EQ(packed.values, (llvm::SmallVector<float>{0, 7, 6, 9, 5, 8}));
  EXPECT_EQ(packed.sharedSteps, 1);
  EXPECT_EQ(packed.singleSteps, 2);
}

TEST(Sparse, ZeroHasNoSignAndNaNIsNoZero) {
  Floats weights = {-0.0f, NAN};
  auto packed =
      SparseWeights::pack(weights, {2, 1, 2, 16, 1}, /*channelsFirst=*/false);
  EXPECT_EQ(packed.nonZeros, 1);
}

TEST(Sparse, BlocksAreOfAboutOneSize) {
  for (int64_t channels = 1; channels < 2000; ++channels)
    for (int64_t most : {64, 128, 255}) {
      int64_t block = SparsePlan::chooseBlock(channels, most);
      SparsePlan plan = {channels, 8, block, 16, 1};
      EXPECT_LE(block, most);
      EXPECT_GE(plan.lastBlock(), std::min<int64_t>(channels, 16)) << channels;
      EXPECT_LE(plan.lastBlock(), block);
    }
}

} // namespace
