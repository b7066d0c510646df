//===- Findings.h - What a quantisation found out ---------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_FINDINGS_H
#define MLC_CALIBRATE_FINDINGS_H

#include "Calibrate/LayerRounding.h"
#include "Calibrate/Observer.h"

#include "mlc/Quantize.h"

namespace mlc::calibrate {

/// How each number was decided.
struct Findings {
  std::vector<RangeObserver> observers;     ///< by group
  std::vector<Range> seen;                  ///< by group, of all samples
  std::vector<bool> isHessian, isCorrected; ///< by layer
};

/// Fills in layers, values and bytes; runs both models on a few samples.
llvm::Error report(Session &session, const onnx::ModelProto &model,
                   const Plan &plan, const Numbers &numbers,
                   const QuantizeForm &form, const Findings &findings,
                   const onnx::ModelProto &quantized, QuantizeReport &to);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_FINDINGS_H
