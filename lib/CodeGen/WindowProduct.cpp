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
