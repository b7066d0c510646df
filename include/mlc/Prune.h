//===- Prune.h - Weights and channels that go -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   mlc::PruneOptions options;
//   options.calibration = "samples.npz";
//   options.sparsity = 0.7;
//   mlc::Result<mlc::PrunedModel> model = mlc::prune("model.onnx", options);
//   if (model)
//     model->write("model.pruned.onnx");     // ONNX, for mlc compile and
//     others
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PRUNE_H
#define MLC_PRUNE_H

#include "mlc/Diagnostics.h"
#include "mlc/Options.h"

#include <functional>
#include <memory>

namespace mlc {

/// How a model is read, and how it is pruned: options of `mlc prune`.
struct PruneOptions : SampleOptions {
#define MLC_PRUNE_OPTION(TYPE, MEMBER, NAME, DEFAULT, ...)                     \
  TYPE MEMBER = DEFAULT;
#include "mlc/Options.def"
};

/// A layer whose weights may be zero, or removed with channels.
struct PrunedLayer {
  std::string name, op;
  uint64_t weights = 0;
  uint64_t zeros = 0;    ///< of them, or removed
  double resultSqnr = 0; ///< dB, of its results in the whole model
  /// dB, of the model's outputs where this layer alone has four of five weights
  /// zero. Not of channels.
  double aloneSqnr = 0;
  /// Channels that it reads and gives, and how many of them are left.
  uint64_t inputs = 0, inputsLeft = 0, outputs = 0, outputsLeft = 0;
};

/// Channels that go together, as those that are added up.
struct PrunedGroup {
  struct Layer {
    std::string name;
    std::vector<int> outputs; ///< the group's channel of each, or -1
  };
  std::vector<Layer> layers; ///< that give them
  uint64_t channels = 0;
  std::vector<uint64_t> left; ///< which of them
};

/// What a pruning found out.
struct PruneReport {
  int64_t samples = 0;
  uint64_t weights = 0, zeros = 0; ///< of all layers that are pruned
  std::vector<PrunedLayer> layers;
  std::vector<PrunedGroup> groups; ///< of channels, where these are removed
  double outputSqnr = 0; ///< dB, of the model's outputs, on the samples
  /// With a budget: what was lost on the labelled samples, and what of it is
  /// not met, "" where all is.
  std::optional<double> drop;
  std::string missed;
  double seconds = 0;

  std::string summary() const; ///< on one line
  std::string text() const, json() const;
};

/// Told what is being done, how much of all is done, from 0 to 1, and how many
/// seconds are left, as far as those that went by tell.
using PruneProgress = std::function<void(const std::string &what, double share,
                                         double secondsLeft)>;

/// An ONNX model of floats, many of which are zero, or of fewer channels.
class PrunedModel {
public:
  PrunedModel(std::string file, PruneReport report)
      : bytes(std::move(file)), found(std::move(report)) {}

  /// The bytes of the file.
  const std::string &file() const { return bytes; }
  const PruneReport &report() const { return found; }
  /// Writes it, whole or not at all.
  Result<void> write(const std::string &path) const;

private:
  std::string bytes;
  PruneReport found;
};

/// Prunes the model in a file by the samples that `options.calibration` names,
/// to the share of zeros, or of weights that go with channels, that
/// `options.sparsity` says, or as far as `options.maxDrop` lets. The result
/// depends on the files, the options and the CPU, not on threads. Errors: what
/// mlc compile says of the model; it is quantised, or nothing in it can be
/// pruned; samples that do not fit it; neither sparsity nor maxDrop.
Result<PrunedModel> prune(const std::string &model, const PruneOptions &options,
                          const PruneProgress &progress = {});

} // namespace mlc

#endif // MLC_PRUNE_H
