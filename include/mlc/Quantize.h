//===- Quantize.h - From a float model to integers --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   mlc::QuantizeOptions options;
//   options.calibration = "samples.npz";
//   mlc::Result<mlc::QuantizedModel> model =
//       mlc::quantize("model.onnx", options);
//   if (model)
//     model->write("model.int8.onnx");      // QDQ, for mlc compile and others
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_H
#define MLC_QUANTIZE_H

#include "mlc/Diagnostics.h"
#include "mlc/Options.h"

#include <functional>
#include <memory>

namespace mlc {

/// How a model is read, and how it is quantised: options of `mlc quantize`.
struct QuantizeOptions : SampleOptions {
#define MLC_QUANTIZE_OPTION(TYPE, MEMBER, NAME, DEFAULT, ...)                  \
  TYPE MEMBER = DEFAULT;
#include "mlc/Options.def"
};

/// Sets an option by its name in `mlc quantize`, but for those that say what
/// the tool writes and where. Returns what is wrong, nothing where all is well.
[[nodiscard]] std::optional<std::string> setOption(QuantizeOptions &options,
                                                   std::string_view name,
                                                   std::string_view text);

/// A layer whose weights became integers.
struct QuantizedLayer {
  std::string name, op;
  std::string type;        ///< of the weights: "int8"
  uint64_t bytes = 0;      ///< of weights, scales and bias
  uint64_t floatBytes = 0; ///< of the same as floats
  double weightSqnr = 0;   ///< dB, of the weights alone
  double outputSqnr = 0;   ///< dB, of its results in the whole model
  std::string rounding;    ///< "nearest", "hessian"
  bool hasBiasCorrection = false;
  /// dB, of the model's outputs where this layer alone has weights of 4 bits;
  /// with a budget.
  std::optional<double> fourBitSqnr;
};

/// A choice of layers with weights of 4 bits that no other beats both in bytes
/// and in error.
struct PrecisionPoint {
  uint64_t bytes = 0; ///< of weights, scales and biases
  int64_t fourBitLayers = 0;
  double expectedSqnr = 0;    ///< dB, of outputs, by layers alone
  std::optional<double> drop; ///< where it was measured
};

/// A value that is stored as bytes.
struct QuantizedValue {
  std::string name;
  float scale = 0;
  int zeroPoint = 0;
  float low = 0, high = 0; ///< seen in the samples
  double rangeUse = 0;     ///< share of the bytes' range that was seen
  std::string observer;    ///< "minmax", "percentile", "mse", "entropy"
};

/// An input that no samples were given for, and what was made up.
struct UnseenInput {
  std::string name;
  std::string look; ///< "images", "noise", "integers"
  double low = 0, high = 0;
  /// How the range is known: "given", by --input-range; "model", which betrays
  /// it; "nothing".
  std::string source;
};

/// What a quantisation found out.
struct QuantizeReport {
  int64_t samples = 0;
  std::vector<UnseenInput> unseen;    ///< with calibration "none", all inputs
  int equalizedPairs = 0;             ///< layers whose channels got like ranges
  uint64_t bytes = 0, floatBytes = 0; ///< of all weights
  std::vector<QuantizedLayer> layers;
  std::vector<QuantizedValue> values;
  double outputSqnr = 0; ///< dB, of the model's outputs, on the samples
  /// With a budget: the Pareto front, what was lost on the labelled samples,
  /// and what of the budget is not met, "" where all is.
  std::vector<PrecisionPoint> front;
  std::optional<double> drop;
  std::string missed;
  double seconds = 0, roundingSeconds = 0;

  std::string summary() const; ///< on one line
  std::string text() const, json() const;
};

/// Told what is being done, how much of all is done, from 0 to 1, and how many
/// seconds are left, as far as those that went by tell.
using QuantizeProgress = std::function<void(const std::string &what,
                                            double share, double secondsLeft)>;

/// An ONNX model in QDQ form.
class QuantizedModel {
public:
  QuantizedModel(QuantizedModel &&other);
  QuantizedModel &operator=(QuantizedModel &&other);
  ~QuantizedModel();

  /// The bytes of the file.
  const std::string &file() const;
  const QuantizeReport &report() const;
  /// Writes it, whole or not at all.
  Result<void> write(const std::string &path) const;

private:
  friend Result<QuantizedModel> quantize(const std::string &model,
                                         const QuantizeOptions &options,
                                         const QuantizeProgress &progress);
  struct State;
  explicit QuantizedModel(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

/// Quantises the model in a file on the samples that `options.calibration`
/// names. The result depends on the files, the options and the CPU, not on
/// threads. Errors: what mlc compile says of the model; it is quantised
/// already, or nothing in it can be; samples that do not fit it.
Result<QuantizedModel> quantize(const std::string &model,
                                const QuantizeOptions &options,
                                const QuantizeProgress &progress = {});

} // namespace mlc

#endif // MLC_QUANTIZE_H
