//===- ConvAlgorithm.cpp - Which kernel computes a convolution ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/ConvAlgorithm.h"

#include "Kernel/IR/Winograd.h"

using namespace mlir;
using namespace mlc;

namespace {

/// What transforms take for one vector of lanes, in vector multiply-adds:
/// arithmetic, loads and stores, which go to the second cache.
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

/// Elements of windows that lie inside, along one dimension.
static double tapsInside(int64_t extent, int64_t count, int64_t pad,
                         int64_t window) {
  int64_t taps = 0;
  for (int64_t out = 0; out < count; ++out)
    for (int64_t k = 0; k < window; ++k)
      taps += out - pad + k >= 0 && out - pad + k < extent;
  return taps;
}

static double directCost(const ConvShape &s) {
  return tapsInside(s.in[1], s.out[1], s.padTop, s.window) *
         tapsInside(s.in[2], s.out[2], s.padLeft, s.window) * s.in[3] *
         s.out[3] / s.groups;
}

static double winogradCost(const ConvShape &s, const TransformCost &cost) {
  kernel::WinogradPlan plan = kernel::WinogradPlan::get(
      s.out, s.in[3] / s.groups, s.block, cost.algorithm);
  double tiles = plan.rows * plan.columns, blocks = plan.rows / plan.blockRows;
  double in = s.in[3], out = double(s.out[3]) / s.groups;
  // Products come from and go to memory.
  constexpr double productCost = 1.1;
  return productCost * plan.frequencies() * tiles * in * out +
         cost.input * tiles * in + cost.output * tiles * s.out[3] +
         cost.weights * blocks * in * out;
}

int64_t mlc::chooseWinogradTile(const ConvShape &shape, double maxUlp) {
  // Below, transforms take most of the time and vectors are not full.
  constexpr int64_t leastChannels = 16;
  // What is gained must be worth the memory.
  constexpr double worth = 0.9;
  int64_t channels = shape.in[3] / shape.groups;
  if (channels < leastChannels || shape.out[3] / shape.groups < leastChannels)
    return 0;
  int64_t best = 0;
  double least = worth * directCost(shape);
  for (const TransformCost &cost : transformCosts) {
    if (cost.algorithm.window != shape.window ||
        kernel::winogradErrorBound(cost.algorithm, channels) > maxUlp)
      continue;
    double time = winogradCost(shape, cost);
    if (time < least) {
      least = time;
      best = cost.algorithm.tile;
    }
  }
  return best;
}
