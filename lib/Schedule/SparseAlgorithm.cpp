//===- SparseAlgorithm.cpp - Whether zeros are left out -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a product takes, with and without its zeros, in multiply-adds of vectors
// of 16 lanes, as measured by bench/sparse on a CPU that starts one in a cycle
// (Zen 4). Other CPUs have other vectors, but about the same proportions: of
// loads, of the work for a step that is none on pixels, and of shuffles.
//
//===----------------------------------------------------------------------===//

#include "Schedule/ConvAlgorithm.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlc;

static constexpr int64_t lanes = 16;

/// Multiplying all weights: what the arithmetic takes, or weights to come, from
/// a cache or from memory.
static double denseCost(const SparseProblem &problem) {
  constexpr int64_t l2 = 512 << 10, l3 = 32 << 20;
  int64_t weights = problem.rows() * problem.outputs;
  int64_t bytes = weights * sizeof(float);
  double each = bytes <= l2 ? 0.06 : bytes <= l3 ? 0.15 : 0.6;
  return std::max(weights * each, problem.products / lanes);
}

/// Pixels of a tile: whole vectors, as many as fit L1 with a block of channels,
/// as SparseSchedule.cpp has it.
static int64_t tileOf(const kernel::SparsePlan &plan) {
  constexpr int64_t inCache = 8 * lanes * 64;
  return std::min(plan.pixels,
                  std::max<int64_t>(1, inCache / plan.block / lanes) * lanes);
}

static double sparseCost(const SparseProblem &problem,
                         const kernel::SparsePlan &plan,
                         const kernel::SparseWeights &weights) {
  constexpr double sharedStep = 1.9, singleStep = 2.5, stepOfTile = 0.45;
  constexpr double pairOfTile = 22, transposed = 4.6, copied = 3;
  double tiles = llvm::divideCeil(problem.pixels, tileOf(plan));
  double vectors = std::max(1.0, double(problem.pixels) / lanes);
  double steps = weights.sharedSteps + weights.singleSteps;
  return vectors * (sharedStep * weights.sharedSteps +
                    singleStep * weights.singleSteps +
                    transposed * (problem.rows() + problem.outputs)) +
         copied * problem.padded / lanes +
         tiles *
             (stepOfTile * steps + pairOfTile * plan.pairs() * plan.blocks());
}

/// The share of the time that must be left for a gain to be certain.
static double worthOf(const SparseProblem &problem) {
  // Images beyond L2 are computed by rows, with other layers (kernel.stream),
  // which this kernel is not.
  constexpr int64_t large = 4 << 20;
  int64_t bytes = problem.pixels * (problem.channels + problem.outputs) *
                  int64_t(sizeof(float));
  if (bytes > large)
    return 0.65;
  // Of windows the time of Winograd's algorithms is a guess, too.
  return problem.taps > 1 ? 0.8 : 0.9;
}

std::optional<kernel::SparsePlan>
mlc::planSparse(const SparseProblem &problem) {
  // Transposing fewer takes most of the time.
  constexpr int64_t leastChannels = 16;
  // A step takes two weights, and as long as one.
  constexpr double mostNonZeros = 0.9;
  double all = double(problem.rows()) * problem.outputs;
  // Of larger windows a block would be of fewer channels.
  constexpr int64_t mostTaps = 9;
  if (problem.taps > mostTaps || problem.channels < leastChannels ||
      problem.outputs < leastChannels ||
      problem.outputs >= kernel::SparseWeights::mostOutputs ||
      problem.nonZeros > mostNonZeros * all)
    return std::nullopt;
  // A block of channels of a tile of pixels is as much as L1 holds. Where
  // weights are many it pays that tiles are large; where they are few, that
  // sums are seldom loaded and stored. Of a single pixel L1 holds them all.
  constexpr int64_t small = 64, usual = 128, fewPixels = 4, ofWindow = 144;
  constexpr double many = 0.2;
  bool isWide = problem.block > lanes;
  int64_t rows = problem.taps > 1 ? ofWindow
                 : problem.pixels <= fewPixels
                     ? kernel::SparseWeights::mostChannels
                 : isWide && problem.nonZeros > many * all ? small
                                                           : usual;
  int64_t pixels = isWide ? 2 * small : small;
  int64_t block =
      kernel::SparsePlan::chooseBlock(problem.channels, rows / problem.taps);
  kernel::SparsePlan plan = {
      problem.rows(),
      problem.outputs,
      block * problem.taps,
      std::min(pixels, int64_t(llvm::alignTo(problem.pixels, lanes))),
      /*parts=*/1,
      problem.taps};
  // Tiles are divided among threads, output channels where those are too few.
  constexpr int64_t mostParts = 4, leastOutputs = 32;
  if (problem.pixels <= (mostParts - 1) * tileOf(plan))
    plan.parts =
        std::clamp<int64_t>(problem.outputs / leastOutputs, 1, mostParts);
  // Whole vectors each, none is left without.
  while (plan.lastPart() < 1)
    --plan.parts;
  return plan;
}

bool mlc::isSparseFaster(const SparseProblem &problem,
                         const kernel::SparsePlan &plan,
                         const kernel::SparseWeights &weights) {
  return sparseCost(problem, plan, weights) <
         worthOf(problem) * denseCost(problem);
}
