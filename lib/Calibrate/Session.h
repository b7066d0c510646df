//===- Session.h - Samples through models -----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_SESSION_H
#define MLC_CALIBRATE_SESSION_H

#include "Calibrate/ModelRunner.h"
#include "Samples/Samples.h"

namespace mlc::calibrate {

/// A share of the samples: those from `first` on, each `stride`th, `count` of
/// them.
struct SampleRange {
  int64_t first = 0, count = 0, stride = 1;
};

/// How much of a run counts: `samples` of the `step` that it was made for.
struct BatchPart {
  int64_t samples, step;

  /// The rows of a tensor's first dimension that count, and how many there will
  /// be of `all` samples.
  int64_t rowsOf(const Tensor &tensor) const {
    return tensor.shape().empty() ? 1 : tensor.shape()[0] * samples / step;
  }
  int64_t allRowsOf(const Tensor &tensor, int64_t all) const {
    return tensor.shape().empty() ? all : tensor.shape()[0] * all / step;
  }
};

/// What all measurements of one quantisation have in common.
class Session {
public:
  /// Called behind each run of a model, with the values that were asked for.
  using Visit =
      llvm::function_ref<llvm::Error(llvm::ArrayRef<Tensor> values, BatchPart)>;
  using Progress = std::function<void(const std::string &what, double share)>;

  Session(RunOptions options, Samples samples, Progress progress)
      : options(std::move(options)), samples(std::move(samples)),
        progress(std::move(progress)) {}

  int64_t count() const { return samples.count(); }
  /// At most `most` samples, spread over all of them.
  SampleRange spread(int64_t most) const;

  /// Compiles what gives `values` and runs it on the samples of `range`,
  /// several at once. The last run has some samples of the one before again
  /// where they do not come out even. `what` is what progress says.
  llvm::Error run(const onnx::ModelProto &model,
                  llvm::ArrayRef<std::string> values, SampleRange range,
                  const std::string &what, Visit visit);

  /// The same with two models at once, on the same samples.
  using VisitPair = llvm::function_ref<llvm::Error(
      llvm::ArrayRef<Tensor> first, llvm::ArrayRef<Tensor> second, BatchPart)>;
  llvm::Error runPair(const onnx::ModelProto &first,
                      llvm::ArrayRef<std::string> firstValues,
                      const onnx::ModelProto &second,
                      llvm::ArrayRef<std::string> secondValues,
                      SampleRange range, const std::string &what,
                      VisitPair visit);

  /// Samples `begin` to `begin + count` of a range, side by side; what lies
  /// behind them stays as it was.
  llvm::Error read(const SampleRange &range, int64_t begin, int64_t count,
                   llvm::MutableArrayRef<Tensor> inputs);

  /// Zeros for the inputs of a model.
  static llvm::Expected<std::vector<Tensor>>
  makeInputs(llvm::ArrayRef<HostTensor> infos);

  const RunOptions &runOptions() const { return options; }
  /// Tells of a step of its own; 0 begins it.
  void tell(const std::string &what, double share) {
    if (progress)
      progress(what, share);
  }

private:
  RunOptions options;
  Samples samples;
  std::vector<Tensor> scratch;
  Progress progress;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_SESSION_H
