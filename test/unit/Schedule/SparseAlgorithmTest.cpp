//===- SparseAlgorithmTest.cpp - whether zeros are left out ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/ConvAlgorithm.h"
#include "gtest/gtest.h"
#include <random>

using namespace mlc;
using mlir::kernel::SparsePlan;
using mlir::kernel::SparseWeights;

namespace {

/// Of weights of which a share is zero, anywhere.
bool leavesZerosOut(SparseProblem problem, double zeros) {
  std::mt19937 random(1);
  std::vector<float> weights(problem.rows() * problem.outputs);
  for (float &weight : weights)
    if (random() % 1000 >= zeros * 1000) {
      weight = 1;
      ++problem.nonZeros;
    }
  std::optional<SparsePlan> plan = planSparse(problem);
  return plan && isSparseFaster(problem, *plan,
                                SparseWeights::pack(weights, *plan,
                                                    /*channelsFirst=*/false));
}

SparseProblem product(int64_t pixels, int64_t channels, int64_t outputs) {
  return {pixels,       channels,
          outputs,      /*taps=*/1,
          /*block=*/32, double(pixels) * channels * outputs,
          /*padded=*/0};
}

TEST(SparseAlgorithm, ManyZerosPay) {
  for (int64_t pixels : {49, 196, 784})
    for (int64_t channels : {64, 256, 512}) {
      SparseProblem problem = product(pixels, channels, channels);
      EXPECT_FALSE(leavesZerosOut(problem, 0)) << pixels << " " << channels;
      EXPECT_FALSE(leavesZerosOut(problem, 0.1)) << pixels << " " << channels;
      for (double zeros : {0.6, 0.9, 1.0})
        EXPECT_TRUE(leavesZerosOut(problem, zeros))
            << pixels << " " << channels << " " << zeros;
    }
}

TEST(SparseAlgorithm, FewChannelsDoNot) {
  EXPECT_FALSE(leavesZerosOut(product(784, 8, 256), 0.9));
  EXPECT_FALSE(leavesZerosOut(product(784, 256, 8), 0.9));
}

// All weights come from there faster than few of them are computed.
TEST(SparseAlgorithm, OneRowPaysWhereWeightsAreInMemory) {
  EXPECT_FALSE(leavesZerosOut(product(1, 512, 512), 0.9));
  EXPECT_TRUE(leavesZerosOut(product(1, 4096, 4096), 0.9));
}

// They multiply less than all weights do.
TEST(SparseAlgorithm, WindowsAreHeldAgainstTiles) {
  SparseProblem window = product(196, 256, 256);
  window.taps = 9;
  window.products *= 9;
  EXPECT_TRUE(leavesZerosOut(window, 0.7));
  window.products /= 2.5;
  EXPECT_FALSE(leavesZerosOut(window, 0.6));
  EXPECT_TRUE(leavesZerosOut(window, 0.9));
}

TEST(SparseAlgorithm, FewPixelsAreDividedByOutputs) {
  EXPECT_EQ(planSparse(product(49, 256, 256))->parts, 4);
  EXPECT_EQ(planSparse(product(784, 256, 256))->parts, 1);
  // Parts are whole vectors, and none is empty.
  for (int64_t outputs = 16; outputs < 400; ++outputs)
    EXPECT_GT(planSparse(product(49, 64, outputs))->lastPart(), 0) << outputs;
}

} // namespace
