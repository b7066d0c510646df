//===- WindowProduct.h - kernel columns that share inputs -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. Neighbouring windows read the same input columns.
// Steps of a reduction over one kernel row, for all pixels of a tile,
//
//   acc[p][j] += x[p * stride + kw * dilation - pad][k] * w[kw][k][j]
//
// prepare each input column once, for all windows that hold it; the weights of
// the row's kernel columns are in registers meanwhile. This pays where a tile
// is narrow, so that few products follow from one activation.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_WINDOWPRODUCT_H
#define MLC_CODEGEN_WINDOWPRODUCT_H

#include "CodeGen/Product.h"
#include "CodeGen/Tile.h"

namespace mlc {

struct WindowSteps {
  Window width;
  PixelRun run;
  /// Elements between input columns, between kernel columns of weights and
  /// between steps of weights.
  int64_t columnStride, kernelStride, stepStride;
  /// Steps at once.
  unsigned count = 1;
  /// Of weights, and of input columns, for which steps take turns.
  Ahead ahead = {}, inputsAhead = {};
};

/// `left` is where column 0 of the window at `run.start` reads were there no
/// padding, `right` the first step's weights of kernel column 0; `activations`
/// makes of an address a vector for each step.
void accumulateWindow(Emitter &e, const Factors &factors,
                      const Columns &columns, const WindowSteps &steps,
                      Value left, Value right,
                      llvm::function_ref<Values(Value at)> activations,
                      Values &accumulators);

} // namespace mlc

#endif // MLC_CODEGEN_WINDOWPRODUCT_H
