//===- ConvAlgorithm.cpp - Which kernel computes a convolution ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/ConvAlgorithm.h"

#include "Support/Window.h"

using namespace mlir;
using namespace mlc;

namespace {

/// What transforms take for one vector of lanes, in vector multiply-adds:
/// arithmetic, loads and stores, which go to L2.
struct TransformCost {
  kernel::Winograd algorithm;
  double input, weights, output;
};
constexpr TransformCost transformCosts[] = {
    {{2, 3}, 100, 60, 70},
    {{4, 3}, 250, 150, 200},
    {{2, 5}, 250, 200, 130},
};

} // namespace

static double directCost(const Problem &p) {
  double taps = 1;
  for (unsigned d : {0, 1})
    taps *= Window{p.in[1 + d], p.out[1 + d],  p.window[d],
                   p.stride[d], p.dilation[d], p.pad[d]}
                .tapsInside();
  return taps * p.in[3] * p.groupOut();
}

/// `channels`: input channels of one element of the plan.
static double winogradCost(const Problem &p, int64_t block,
                           const TransformCost &cost, int64_t channels = 1) {
  kernel::WinogradPlan plan = kernel::WinogradPlan::get(
      p.out, p.groupIn() / channels, block, cost.algorithm);
  double tiles = plan.rows * plan.columns, blocks = plan.rows / plan.blockRows;
  double in = double(p.in[3]) / channels, out = p.groupOut();
  // Products come from and go to memory.
  constexpr double productCost = 1.1;
  return productCost * plan.frequencies() * tiles * in * out +
         cost.input * tiles * in + cost.output * tiles * p.out[3] +
         cost.weights * blocks * in * out;
}

/// Whether products are of two bf16 at a time.
static bool areHalves(const Problem &problem) { return problem.type == "bf16"; }

bool mlc::canUse(kernel::Winograd algorithm, const Problem &problem) {
  using Pair = Problem::Pair;
  return algorithm.isKnown() && !problem.isDepthwise &&
         problem.window == Pair{algorithm.window, algorithm.window} &&
         problem.stride == Pair{1, 1} && problem.dilation == Pair{1, 1} &&
         !problem.isChannelsFirst &&
         (problem.type == "f32" ||
          (areHalves(problem) && problem.groupIn() % 2 == 0));
}

// Below, transforms take most of the time and vectors are not full.
static constexpr int64_t leastChannels = 16;
// What is gained must be worth the memory.
static constexpr double worth = 0.9;

static bool hasChannels(const Problem &problem) {
  return problem.groupIn() >= leastChannels &&
         problem.groupOut() >= leastChannels;
}

bool mlc::isWinogradOfBytesFaster(const Problem &problem, int64_t block,
                                  bool byPairs) {
  using Pair = Problem::Pair;
  // A product of words takes two instructions, and so a direct one of bytes,
  // which are made words besides, where pairs of bytes take three for two; of
  // transforms, those of inputs and weights take one for two channels.
  constexpr TransformCost cost = {{4, 3}, 150, 100, 200};
  double direct = byPairs ? 0.8 : 1.15;
  if (problem.isDepthwise || problem.isChannelsFirst ||
      problem.window != Pair{3, 3} || problem.stride != Pair{1, 1} ||
      problem.dilation != Pair{1, 1} || problem.groupIn() % 4 != 0 ||
      !hasChannels(problem))
    return false;
  return winogradCost(problem, block, cost, /*channels=*/2) <
         worth * direct * directCost(problem) / 2;
}

/// The tile that takes least, 0 for none, and what it takes.
static std::pair<int64_t, double> chooseTile(const Problem &problem,
                                             int64_t block, double maxUlp) {
  // Products of two bf16 take as long as one of f32; transforms do not change.
  int64_t channels = areHalves(problem) ? 2 : 1;
  double direct = directCost(problem) / channels, least = worth * direct;
  int64_t best = 0;
  for (TransformCost cost : transformCosts) {
    if (!hasChannels(problem) || !canUse(cost.algorithm, problem) ||
        kernel::winogradErrorBound(cost.algorithm, problem.groupIn()) > maxUlp)
      continue;
    cost.input *= channels;
    cost.weights *= channels;
    double time = winogradCost(problem, block, cost, channels);
    if (time < least) {
      least = time;
      best = cost.algorithm.tile;
    }
  }
  return {best, best ? least : direct};
}

int64_t mlc::chooseWinogradTile(const Problem &problem, int64_t block,
                                double maxUlp) {
  return chooseTile(problem, block, maxUlp).first;
}

double mlc::leastProducts(const Problem &problem, int64_t block,
                          double maxUlp) {
  // Of all images.
  return chooseTile(problem, block, maxUlp).second * problem.out[0];
}
