//===- LinearOp.h - What LinearOpInterface speaks of ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NN_IR_LINEAROP_H
#define NN_IR_LINEAROP_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/ValueRange.h"

namespace mlir {
namespace nn {

/// Which channels the weight at a row-major position of the weights links.
/// Strides and sizes are in elements.
struct WeightChannels {
  int64_t resultStride = 1, results = 1;
  /// Of the input: in one group.
  int64_t inputStride = 1, inputs = 1;
  int64_t resultsInGroup = 1;

  int64_t result(int64_t position) const {
    return position / resultStride % results;
  }
  int64_t input(int64_t position) const {
    return result(position) / resultsInGroup * inputs +
           position / inputStride % inputs;
  }
};

/// What LinearOpInterface::createWith makes an op of; null for what there is
/// not.
struct LinearOperands {
  Value input, weights, bias;
  ValueRange epilogueOperands;
  IntegerAttr inputZero, weightsZero; ///< i32
};

} // namespace nn
} // namespace mlir

#endif // NN_IR_LINEAROP_H
