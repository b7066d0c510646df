//===- Winograd.cpp - Convolution in Winograd's domain --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Winograd.h"

#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::kernel;

/// Coefficients, the lowest first, of the product of (x - p) over all points
/// but `left`.
static SmallVector<double, 6> productWithout(ArrayRef<double> points,
                                             size_t left) {
  SmallVector<double, 6> product = {1};
  for (auto [i, point] : llvm::enumerate(points)) {
    if (i == left)
      continue;
    product.push_back(0);
    for (size_t k = product.size(); k-- > 0;)
      product[k] = (k ? product[k - 1] : 0) - point * product[k];
  }
  return product;
}

bool Winograd::isKnown() const {
  return (window == 3 && (tile == 2 || tile == 4)) ||
         (window == 5 && tile == 2);
}

/// By the finite points and infinity.
static WinogradTransforms interpolate(Winograd algorithm,
                                      ArrayRef<double> points) {
  size_t reach = algorithm.reach();
  WinogradTransforms t;
  t.output.assign(algorithm.tile, SmallVector<double, 6>(reach, 0));
  for (auto [j, point] : llvm::enumerate(points)) {
    double scale = 1;
    for (auto [i, other] : llvm::enumerate(points))
      scale *= i == j ? 1 : point - other;
    SmallVector<double, 6> powers;
    for (int64_t k = 0; k < algorithm.window; ++k)
      powers.push_back(std::pow(point, k));
    t.weights.push_back(powers);
    t.input.push_back(productWithout(points, j));
    t.input.back().resize(reach, 0);
    for (int64_t i = 0; i < algorithm.tile; ++i)
      t.output[i][j] = std::pow(point, i) / scale;
  }
  t.weights.push_back(SmallVector<double, 6>(algorithm.window, 0));
  t.weights.back().back() = 1;
  t.input.push_back(productWithout(points, points.size()));
  t.output.back().back() = 1;
  return t;
}

WinogradTransforms WinogradTransforms::get(Winograd algorithm) {
  if (algorithm.reach() == 4)
    return interpolate(algorithm, {0, 1, -1});
  return interpolate(algorithm, {0, M_SQRT1_2, -M_SQRT1_2, M_SQRT2, -M_SQRT2});
}

WinogradTransforms WinogradTransforms::getExact() {
  WinogradTransforms t = interpolate({4, 3}, {0, 1, -1, 2, -2});
  // A common multiple of the divisors that interpolation has; rows of which all
  // factors are even need less.
  constexpr double multiple = 24;
  constexpr int64_t most = 3;
  for (auto &row : t.output) {
    for (double &factor : row)
      factor = std::round(factor * multiple);
    auto isEven = [](double factor) { return std::fmod(factor, 2) == 0; };
    int64_t shift = most;
    for (; llvm::all_of(row, isEven); --shift)
      for (double &factor : row)
        factor /= 2;
    t.shifts.push_back(shift);
  }
  return t;
}

double kernel::winogradErrorBound(Winograd algorithm, int64_t channels) {
  double factor = algorithm.reach() == 4 ? 0.9 : algorithm.window == 3 ? 2 : 4;
  return factor * std::sqrt(double(channels));
}

/// The largest divisor of `value` that is at most `limit`, at least 1.
static int64_t largestDivisor(int64_t value, int64_t limit) {
  for (int64_t divisor = std::min(value, limit); divisor > 1; --divisor)
    if (value % divisor == 0)
      return divisor;
  return 1;
}

WinogradPlan WinogradPlan::get(ArrayRef<int64_t> out, int64_t channels,
                               int64_t block, Winograd algorithm) {
  // Transformed weights stay in L2 while tiles are multiplied by
  // them; each is used for all tiles of a block, which should be many.
  // Transformed inputs are read once for each block of output channels: the
  // L3 is fast enough.
  constexpr int64_t mostChannels = 64, mostTiles = 64, mostInputs = 1 << 20;
  WinogradPlan plan;
  plan.algorithm = algorithm;
  plan.rows = llvm::divideCeil(out[1], algorithm.tile);
  plan.columns = llvm::divideCeil(out[2], algorithm.tile);
  plan.channels = channels;
  plan.channelBlock = std::min(channels, mostChannels);
  plan.block = block;
  int64_t tiles = std::min(
      mostTiles,
      std::max<int64_t>(mostInputs / plan.frequencies() / channels, 16));
  plan.blockRows = largestDivisor(plan.rows, tiles / plan.columns);
  // Something for a second thread, where the channels are one block too.
  constexpr int64_t leastTiles = 16;
  if (out[3] <= block && plan.blockRows == plan.rows &&
      plan.rows * plan.columns >= leastTiles)
    plan.blockRows = largestDivisor(plan.rows, plan.rows / 2);
  return plan;
}
