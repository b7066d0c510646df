//===- Stream.h - Chains of kernels, computed by rows -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How kernel.stream computes its stages: in steps of some rows of the result.
// Of each image between two stages a window of rows is kept, which moves down
// by as many rows per step as the step needs; what it still has of the rows of
// the next step is carried along.
//
//   StreamPlan plan = StreamPlan::get(stages, /*rows=*/4);
//   plan.windows[0].extent                      // rows that are kept
//   plan.bytes                                  // scratch memory of a thread
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_STREAM_H
#define KERNEL_IR_STREAM_H

#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"

namespace mlir {
namespace kernel {

/// One op of a chain, and how its rows depend on its input's.
struct StreamStage {
  Operation *op;
  OpOperand *input, *init; ///< images [1, H, W, C] and [1, OH, OW, O]
  int64_t kernel, stride, dilation, pad; ///< of the window, downwards
  int64_t inRows, outRows;
  int64_t granule = 1; ///< rows of the out that it can only compute together
  /// Whether it can be the first of a chain: it reads an image as it lies.
  bool canLead = false;
  /// Whether it can follow: it reads a window of rows, in which padding is
  /// rows of one value.
  bool canFollow = false;
  /// That value, of the input's element type.
  TypedAttr padding = {};
  /// What each step reads again though it does not change; null for nothing.
  Value weights = {};

  /// KernelOpInterface::getStage; none for any other op, or of several images.
  static std::optional<StreamStage> get(Operation *op);

  /// Rows from the first to behind the last that one row of the out takes.
  int64_t reach() const { return dilation * (kernel - 1) + 1; }
  /// Whether some window lies partly outside the input.
  bool readsPadding() const {
    return pad > 0 || (outRows - 1) * stride - pad + reach() > inRows;
  }
};

/// Rows of an image that are kept.
struct StreamWindow {
  int64_t advance; ///< rows that it moves by each step
  int64_t extent;  ///< rows that it holds
  int64_t before;  ///< rows above the image that it begins with
  int64_t at;      ///< bytes from the beginning of the scratch memory

  /// Rows that the next step takes too, if > 0.
  int64_t carried() const { return extent - advance; }
  /// Rows below the image that it ends with, if > 0.
  int64_t below(int64_t imageRows, int64_t steps) const {
    return (steps - 1) * advance - before + extent - imageRows;
  }
  /// Whether it ever holds rows that are not of the image.
  bool leaves(int64_t imageRows, int64_t steps) const {
    return before > 0 || below(imageRows, steps) > 0;
  }
};

struct StreamPlan {
  int64_t steps;
  SmallVector<StreamWindow> windows; ///< one between each two stages
  int64_t bytes; ///< of a thread; the first eight tell which step it did last

  /// In steps of `rows` rows of the last stage's out, which divide it.
  static StreamPlan get(ArrayRef<StreamStage> stages, int64_t rows);

  /// Whether every stage computes whole granules in every step.
  bool isPossible(ArrayRef<StreamStage> stages) const;
};

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_STREAM_H
