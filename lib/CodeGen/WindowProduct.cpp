//===- WindowProduct.cpp - kernel columns that share inputs ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/WindowProduct.h"

#include <map>

using namespace mlir;
using namespace mlc;

unsigned mlc::mostWindowPixels(const TargetInfo &target, const Window &width,
                               int64_t vectors, int64_t steps) {
  // Besides the weights an activation, what it is made of and, without FMA, a
  // product. Of several steps LLVM prepares activations ahead.
  constexpr int64_t ahead = 8;
  int64_t others = steps * width.kernel * vectors + 2 +
                   (steps > 1 ? ahead : 0) + (target.fma ? 0 : 1);
  return std::max<int64_t>(0, target.vectorRegisters - others) / vectors;
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

/// Of all steps, one after the other.
static Values loadWeights(Emitter &e, const Factors &f, const Columns &columns,
                          const WindowSteps &steps, Value at) {
  Values result;
  for (unsigned k = 0; k < steps.count; ++k)
    for (unsigned j = 0; j < columns.count(); ++j) {
      int64_t offset = k * steps.stepStride + columns.offsets[j];
      Value w = e.load(f.right, e.add(at, offset), columns.width(j));
      result.push_back(e.convert(w, f.accumulator, f.right.isUnsigned));
    }
  return result;
}

void mlc::accumulateWindow(Emitter &e, const Factors &f, const Columns &columns,
                           const WindowSteps &steps, Value left, Value right,
                           llvm::function_ref<Values(Value)> activations,
                           Values &accumulators) {
  // By input column: the pixels whose windows hold it, and as which column.
  std::map<int64_t, llvm::SmallVector<std::pair<unsigned, int64_t>>> uses;
  std::map<int64_t, Values> weights;
  for (unsigned p = 0; p < steps.run.rows; ++p)
    for (int64_t kw = 0; kw < steps.width.kernel; ++kw)
      if (steps.width.inside(steps.run.start + p, kw)) {
        uses[steps.width.at(p, kw)].push_back({p, kw});
        weights[kw];
      }
  for (auto &[kw, vectors] : weights)
    vectors = loadWeights(e, f, columns, steps,
                          e.add(right, kw * steps.kernelStride));
  for (unsigned k = 0; k < steps.count; ++k)
    fetchAhead(e, f.right, steps.ahead, e.add(right, k * steps.stepStride),
               {steps.width.kernel, steps.kernelStride}, columns.offsets);
  fetchAhead(e, f.left, steps.inputsAhead, left,
             {steps.run.rows * steps.width.stride, steps.columnStride}, {0});
  unsigned count = columns.count();
  for (auto &[column, windows] : uses) {
    Values x = activations(e.add(left, column * steps.columnStride));
    for (unsigned k = 0; k < steps.count; ++k)
      for (auto [p, kw] : windows)
        for (unsigned j = 0; j < count; ++j) {
          Value &sum = accumulators[p * count + j];
          sum = e.multiplyAdd(e.narrow(x[k], columns.width(j)),
                              weights[kw][k * count + j], sum);
        }
  }
}
