//===- Equalize.h - Channels of like ranges ---------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where channels of a layer's result pass nothing but Relu and pools on their
// way to the only layer that reads them, a factor may go from one to the other:
// the first gives x / s, the second multiplies its weights by s (Nagel et al.,
// Data-free quantization, 2019). A channel whose values are small beside
// those of others gets more of the 256 levels that all of them share. The other
// layer's weights then differ more from column to column, which costs
// precision: how far to go is decided by what both do to its result.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_EQUALIZE_H
#define MLC_CALIBRATE_EQUALIZE_H

#include "Calibrate/Form.h"
#include "Calibrate/Plan.h"
#include "Calibrate/Session.h"

namespace mlc::calibrate {

/// Two layers, by their places in a plan, and the value that the second reads.
struct EqualizedPair {
  size_t first, second;
};

/// The pairs of a plan between which factors may go.
std::vector<EqualizedPair> equalizablePairs(const onnx::GraphProto &graph,
                                            const Plan &plan);

/// Moves factors in `model` between all pairs, as the samples' channels have
/// them. The float model gives the same but for its rounding. Gives how many
/// pairs were changed.
llvm::Expected<int> equalize(Session &session, onnx::ModelProto &model,
                             const Plan &plan, const WeightForm &form);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_EQUALIZE_H
