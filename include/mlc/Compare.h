//===- Compare.h - Where a model differs from another -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   mlc::CompareOptions options;
//   options.data = "samples.npz";
//   mlc::Result<mlc::ModelComparison> found =
//       mlc::compareModels("float.onnx", "int8.onnx", options);
//   if (found && !found->isWell())
//     std::cerr << found->text();           // the first layer, and why
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMPARE_H
#define MLC_COMPARE_H

#include "mlc/Diagnostics.h"
#include "mlc/Options.h"

#include <functional>

namespace mlc {

/// How a model is read and computed (the reference is always computed in f32),
/// and on what.
struct CompareOptions : ModelOptions {
  unsigned runThreads = 1;
  std::string data;     ///< samples, as `mlc eval` reads them
  int64_t samples = 64; ///< at most, spread over all there are
  double minSqnr = 20;  ///< dB; a layer below it goes wrong
};

/// A value that both models have, under one name. Signal to noise ratios are in
/// dB, of all samples; infinite where there is no difference.
struct ComparedLayer {
  std::string name;  ///< of the reference's node, or of the input
  std::string op;    ///< "" of an input
  std::string value; ///< what it is called in both
  /// Of what the layer makes of the reference's operands, rounded as the model
  /// stores them: its own error. Unknown where it cannot be told from that of
  /// the layers before it.
  std::optional<double> ownSqnr;
  double sqnr = 0;    ///< of the same in the whole model
  double largest = 0; ///< error in the whole model, over the largest value
  std::optional<double> storedSqnr;  ///< of rounding the value alone
  std::optional<double> weightsSqnr; ///< of the weights alone
  /// Of a value stored in integers: the share of the reference's elements that
  /// are beyond its range, and how many of its steps they spread over.
  double saturated = 0;
  std::optional<double> stepsUsed;
  std::optional<double> low, high; ///< that range
  /// Channels have other factors than the reference's, which the next layer
  /// takes back; `sqnr` is without them.
  bool isRescaled = false;
  std::string wrong; ///< why the layer goes wrong; "" where it does not
};

/// An output, as the whole models give it.
struct ComparedOutput {
  std::string name;
  double largest = 0, rmse = 0, sqnr = 0;
};

struct ModelComparison {
  int64_t samples = 0;
  std::vector<ComparedLayer> layers; ///< as the reference computes them
  int64_t unmatched = 0; ///< results of the reference without a counterpart
  std::vector<ComparedOutput> outputs;
  /// Rows of the first output with scores of classes, and those for which both
  /// models find the same class the best; none where no output has scores.
  int64_t rows = 0, agreeing = 0;

  /// The first layer that goes wrong; null where none does.
  const ComparedLayer *firstWrong() const;
  bool isWell() const { return !firstWrong(); }
  std::string text() const, json() const;
};

/// Told what is being done and which share of that is, from 0 to 1.
using CompareProgress =
    std::function<void(const std::string &what, double share)>;

/// Compares results of layers by their names, on samples. What is named alike
/// in both is taken for the same; QuantizeLinear and DequantizeLinear behind a
/// value are how the model stores it. Errors: what mlc compile says of either;
/// inputs that differ; samples that do not fit; nothing to compare.
Result<ModelComparison> compareModels(const std::string &reference,
                                      const std::string &model,
                                      const CompareOptions &options,
                                      const CompareProgress &progress = {});

} // namespace mlc

#endif // MLC_COMPARE_H
