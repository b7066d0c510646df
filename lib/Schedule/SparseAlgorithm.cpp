//===- SparseAlgorithm.cpp - Whether zeros are left out -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/ConvAlgorithm.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

// Fewer pixels are better computed from weights that are read once.
static constexpr int64_t leastPixels = 16;
// Transposing fewer takes most of the time.
static constexpr int64_t leastChannels = 16;
// What is gained must be more than what the model is wrong by.
static constexpr double worth = 0.9;

std::optional<kernel::SparsePlan>
mlc::planSparse(const SparseProblem &problem) {
  int64_t all = problem.channels * problem.outputs;
  if (problem.pixels < leastPixels || problem.channels < leastChannels ||
      problem.outputs < leastChannels ||
      problem.outputs >= kernel::SparseWeights::mostOutputs ||
      problem.nonZeros > worth * all)
    return std::nullopt;
  // A block of channels of a tile of pixels is as much as L1 holds. Where
  // weights are many it pays that tiles are large; where they are few, that
  // sums are seldom loaded and stored.
  bool isWide = problem.block > 16;
  bool isDense = problem.nonZeros > 0.2 * all;
  int64_t channels = isWide && isDense ? 64 : 128;
  int64_t pixels = isWide ? 128 : 64;
  constexpr int64_t vector = 16;
  return kernel::SparsePlan{
      problem.channels, problem.outputs,
      kernel::SparsePlan::chooseBlock(problem.channels, channels),
      std::min(pixels, int64_t(llvm::alignTo(problem.pixels, vector)))};
}

bool mlc::isSparseFaster(const SparseProblem &problem,
                         const kernel::SparsePlan &plan,
                         const kernel::SparseWeights &weights) {
  (void)plan;
  return weights.nonZeros < 0.7 * problem.channels * problem.outputs;
}
