//===- Factorize.h - Layers that become smaller ones ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   mlc::FactorizeOptions options;
//   options.calibration = "samples.npz";
//   options.saving = 0.3;
//   auto model = mlc::factorize("model.onnx", options);
//   if (model)
//     model->write("model.factors.onnx"); // ONNX, for mlc compile and others
//
//===----------------------------------------------------------------------===//

#ifndef MLC_FACTORIZE_H
#define MLC_FACTORIZE_H

#include "mlc/Diagnostics.h"
#include "mlc/Options.h"

#include <functional>

namespace mlc {

/// How a model is read, and how it is factorised: options of `mlc factorize`.
struct FactorizeOptions : SampleOptions {
#define MLC_FACTORIZE_OPTION(TYPE, MEMBER, NAME, DEFAULT, ...)                 \
  TYPE MEMBER = DEFAULT;
#include "mlc/Options.def"
};

/// What a layer costs.
struct LayerCost {
  uint64_t macs = 0, weights = 0; ///< of one sample; without biases
  double ms = 0; ///< of the layer alone, where times are measured
};

/// A layer of the float model, and what became of it.
struct FactorizedLayer {
  std::string name, op;
  std::vector<int64_t> shape; ///< of its weights
  /// "low-rank", "spatial", "tucker" or "depthwise"; "" where it stays, and
  /// `why`.
  std::string kind, why;
  std::vector<std::vector<int64_t>> shapes; ///< of the weights that it became
  /// How many values go from each of them to the next.
  std::vector<int64_t> ranks;
  /// Squares of what its results are off, when it alone is factorised, over
  /// those of the results (of the weights, where there are no samples).
  double error = 0;
  LayerCost before, after;
  double resultSqnr = 0; ///< dB, of its results in the whole model
};

/// What a factorisation found out.
struct FactorizeReport {
  int64_t samples = 0; ///< 0: none were given
  std::vector<FactorizedLayer> layers;
  LayerCost before, after;          ///< of all layers
  FactorCost cost = FactorCost::Ms; ///< what was to be saved
  /// Milliseconds of a run of the whole model, where times are measured.
  double runBefore = 0, runAfter = 0;
  double outputSqnr = 0; ///< dB, of the model's outputs, on the samples
  /// With a budget: what was lost on the labelled samples, and what of it is
  /// not met, "" where all is.
  std::optional<double> drop;
  std::string missed;
  double seconds = 0;

  size_t countFactorized() const; ///< layers
  std::string summary() const;    ///< on one line
  std::string text() const, json() const;
};

/// Told what is being done, how much of all is done, from 0 to 1, and how many
/// seconds are left, as far as those that went by tell.
using FactorizeProgress = std::function<void(const std::string &what,
                                             double share, double secondsLeft)>;

/// An ONNX model of floats, some layers of which are several smaller ones.
class FactorizedModel {
public:
  FactorizedModel(std::string file, FactorizeReport report)
      : bytes(std::move(file)), found(std::move(report)) {}

  /// The bytes of the file.
  const std::string &file() const { return bytes; }
  const FactorizeReport &report() const { return found; }
  /// Writes it, whole or not at all.
  Result<void> write(const std::string &path) const;

private:
  std::string bytes;
  FactorizeReport found;
};

/// Factorises layers of the model in a file by the samples that
/// `options.calibration` names, until `options.saving` of the cost is saved, or
/// as far as `options.maxDrop` lets; without either, and with a calibration of
/// "none", only what is exact. The result depends on the files, the options,
/// the CPU and, where the cost is time, on what is measured. Errors: what mlc
/// compile says of the model; it is quantised, or nothing in it can be
/// factorised; samples that do not fit it; a budget without samples.
Result<FactorizedModel> factorize(const std::string &model,
                                  const FactorizeOptions &options,
                                  const FactorizeProgress &progress = {});

} // namespace mlc

#endif // MLC_FACTORIZE_H
