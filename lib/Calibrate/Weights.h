//===- Weights.h - Weights to integers --------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_WEIGHTS_H
#define MLC_CALIBRATE_WEIGHTS_H

#include "Calibrate/QdqWriter.h"

#include "llvm/ADT/ArrayRef.h"

namespace mlc::calibrate {

/// Numbers of a layer in the prepared model.
struct FloatLayer {
  std::vector<float> weights; ///< rows x columns
  std::vector<float> bias;    ///< rows, or empty
};
FloatLayer floatLayer(const onnx::GraphProto &graph, const Layer &layer);

/// One scale a row, or one for all, that reaches to the greatest weights. A row
/// of zeros, or with a bias that i32 would not hold, has a larger one.
std::vector<float> widestScales(const Layer &layer, const FloatLayer &numbers,
                                float inputScale, const WeightForm &form);

/// Weights rounded to nearest.
std::vector<int8_t> nearest(const Layer &layer, llvm::ArrayRef<float> weights,
                            llvm::ArrayRef<float> scales, int most);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_WEIGHTS_H
