//===- AccuracyDrop.h - What a model loses on labelled samples --*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   auto drop = AccuracyDrop::create(floats, options, runOptions);
//   Expected<double> points = drop->of(quantized);      // 0.4: 75.73 of 76.13
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_ACCURACYDROP_H
#define MLC_CALIBRATE_ACCURACYDROP_H

#include "Calibrate/ModelRunner.h"
#include "Evaluate/Evaluate.h"

namespace mlc::calibrate {

/// An error where there is a budget of a drop and nothing to measure it on.
llvm::Error checkDrop(const std::optional<double> &most,
                      const std::string &data);

class AccuracyDrop {
public:
  /// `model` is the float model, which stays the caller's and must outlive
  /// this; `options` name the labelled samples. Errors: what evaluate says.
  static llvm::Expected<AccuracyDrop> create(const onnx::ModelProto &model,
                                             const SampleOptions &options,
                                             const RunOptions &runOptions);

  /// What `other` loses, as dropBetween() tells.
  llvm::Expected<double> of(const onnx::ModelProto &other) const;

private:
  llvm::Expected<Evaluation> evaluateOn(const onnx::ModelProto &which,
                                        bool isBesideFloats) const;

  const onnx::ModelProto *model = nullptr;
  EvaluateOptions options;
  RunOptions runOptions;
  double score = 0; ///< of the float model
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_ACCURACYDROP_H
