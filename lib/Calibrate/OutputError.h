//===- OutputError.h - How far a model's outputs are off --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_OUTPUTERROR_H
#define MLC_CALIBRATE_OUTPUTERROR_H

#include "Calibrate/Session.h"

namespace mlc::calibrate {

/// Outputs of the float model on some samples, kept with them in memory, and
/// how far those of others are off.
class OutputError {
public:
  /// Runs `model` on at most `most` samples, fewer where they are large.
  static llvm::Expected<OutputError>
  create(Session &session, const onnx::ModelProto &model, int64_t most);

  /// Whether there is an output of floats at all.
  bool canMeasure() const { return !outputs.empty(); }

  /// The squared error of the outputs in units of their own squares, the mean
  /// over outputs; 0 for the float model. NaN and infinities where the float
  /// model has none count as infinite.
  llvm::Expected<double> of(const onnx::ModelProto &model);
  /// The same for a model that was compiled for these outputs, and that has
  /// `more` inputs behind its own; on each `stride`th run of it alone.
  llvm::Expected<double> of(ModelRunner &runner, std::vector<Tensor> &more,
                            size_t stride = 1);
  /// How often it runs for all samples.
  size_t runCount() const { return runs.size(); }

  /// A runner of `model` that fits.
  llvm::Expected<std::unique_ptr<ModelRunner>>
  compile(const onnx::ModelProto &model) const;

private:
  struct Run {
    std::vector<Tensor> inputs, outputs;
    int64_t samples;
  };

  RunOptions options;
  std::vector<std::string> outputs;
  std::vector<Run> runs;
  int64_t step = 1;
};

/// How far `values` of `other` are off those of `model`, in dB of signal to
/// noise, on a few samples.
llvm::Expected<std::vector<double>>
valueSqnr(Session &session, const onnx::ModelProto &model,
          const onnx::ModelProto &other, llvm::ArrayRef<std::string> values);

/// Whether outputs are those of `model` but for rounding: an error that ends in
/// `when` else.
llvm::Error checkSame(Session &session, const onnx::ModelProto &model,
                      const onnx::ModelProto &other, const std::string &when);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_OUTPUTERROR_H
