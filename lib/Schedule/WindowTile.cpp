//===- WindowTile.cpp - tiles whose windows share inputs ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/WindowTile.h"
#include <algorithm>

using namespace mlc;

int64_t mlc::windowRegisters(const TargetInfo &target, int64_t steps) {
  // Besides them an activation, what it is made of and, without FMA, a product.
  // Of several steps LLVM prepares activations ahead.
  constexpr int64_t ahead = 8;
  int64_t others = 2 + (steps > 1 ? ahead : 0) + (target.fma ? 0 : 1);
  return std::max<int64_t>(0, target.vectorRegisters - others);
}

unsigned mlc::mostWindowPixels(int64_t registers, const Window &width,
                               int64_t vectors, int64_t steps) {
  int64_t weights = steps * width.kernel * vectors;
  return std::max<int64_t>(0, registers - weights) / vectors;
}

/// Half cycles of one step on `pixels` pixels.
static int64_t stepCost(const Window &width, int64_t vectors, int64_t pixels) {
  constexpr int64_t latency = 10, loop = 3;
  if (pixels == 0)
    return 0;
  int64_t products = pixels * width.kernel * vectors;
  int64_t inputs = std::min(pixels * width.kernel,
                            (pixels - 1) * width.stride +
                                (width.kernel - 1) * width.dilation + 1);
  return std::max({products, inputs + width.kernel * vectors,
                   latency * width.kernel}) +
         loop;
}

unsigned mlc::chooseWindowPixels(const Window &width, int64_t vectors,
                                 unsigned most) {
  unsigned best = 1;
  int64_t least = INT64_MAX;
  for (unsigned rows = 1; rows <= std::min<int64_t>(most, width.count);
       ++rows) {
    int64_t cost = width.count / rows * stepCost(width, vectors, rows) +
                   stepCost(width, vectors, width.count % rows);
    if (cost <= least) {
      least = cost;
      best = rows;
    }
  }
  return best;
}
