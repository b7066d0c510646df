//===- Ranges.h - Activations to bytes --------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_RANGES_H
#define MLC_CALIBRATE_RANGES_H

#include "Calibrate/Observer.h"
#include "Calibrate/QdqWriter.h"
#include "Calibrate/Session.h"

namespace mlc::calibrate {

/// The scale and zero point with which bytes reach over `range` and 0.
Stored storedFor(Range range, const ActivationForm &form);

/// Runs the float model on samples and observes each group of points.
/// Errors: a value that is NaN or infinite.
llvm::Expected<std::vector<Observer>> observe(Session &session,
                                              const onnx::ModelProto &model,
                                              const Plan &plan,
                                              const SampleRange &range);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_RANGES_H
