//===- ModelRunner.h - Values of a model, by running it ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   RunOptions options{given, freeBatch(graph, given), "m.onnx", 1};
//   auto runner = ModelRunner::create(model, {"conv1_out", "relu1_out"},
//                                     options, samples.count());
//   if (Error error = (*runner)->run(inputs)) ... // runner->samples() of them
//   (*runner)->values()[0]                        // of conv1_out
//
// Runs on the code that mlc compiles, in this process: values are those of what
// ships. Small models are not optimised unless their runs are timed.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_MODELRUNNER_H
#define MLC_CALIBRATE_MODELRUNNER_H

#include "Pipeline/HostModel.h"

#include "onnx/onnx_pb.h"

namespace mlc::calibrate {

/// The first dimension of all inputs, where a file leaves it open and the
/// options do not say it either: samples then run side by side.
struct Batch {
  std::vector<std::string> names; ///< as --dim binds them; empty: it is fixed

  bool isFree() const { return !names.empty(); }
  /// `options` with so many samples at once.
  ModelOptions bound(ModelOptions options, int64_t samples) const;
};
Batch freeBatch(const onnx::GraphProto &graph, const ModelOptions &options);

/// `model` with `values` as its outputs and nothing that they do not need. An
/// input among them comes through an Identity.
onnx::ModelProto withOutputs(const onnx::ModelProto &model,
                             llvm::ArrayRef<std::string> values);

struct RunOptions {
  ModelOptions model; ///< all sizes bound but the batch's
  Batch batch;
  std::string name; ///< of the file, for messages
  unsigned threads = 1;
  /// Whether runs are timed: then code is what ships, however small the model.
  bool isTimed = false;
};

class ModelRunner {
public:
  /// Compiles what gives `values`, for `most` samples at once or fewer, as many
  /// as keep the values within a few megabytes. Errors are those of the
  /// compilation.
  static llvm::Expected<std::unique_ptr<ModelRunner>>
  create(const onnx::ModelProto &model, llvm::ArrayRef<std::string> values,
         const RunOptions &options, int64_t most = 1);
  /// The same for the model's own outputs, one sample at once.
  static llvm::Expected<std::unique_ptr<ModelRunner>>
  create(const onnx::ModelProto &model, const RunOptions &options);

  /// Multiply-accumulates of one run.
  uint64_t macs() const { return host->report().contract.macs; }
  /// How many samples one run takes.
  int64_t samples() const { return count; }
  llvm::ArrayRef<HostTensor> inputs() const { return host->inputs(); }
  llvm::ArrayRef<HostTensor> outputs() const { return host->outputs(); }
  /// Runs once, on and into buffers of others.
  llvm::Error runOn(llvm::ArrayRef<const void *> from,
                    llvm::ArrayRef<void *> to) {
    return host->runOn(from, to);
  }
  /// Runs once.
  llvm::Error run(llvm::ArrayRef<Tensor> inputs) {
    return host->runInto(inputs, results);
  }
  /// What the last run gave, in the order in which they were asked for.
  llvm::ArrayRef<Tensor> values() const { return results; }

private:
  int64_t count = 1;
  std::unique_ptr<HostModel> host;
  std::vector<Tensor> results;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_MODELRUNNER_H
