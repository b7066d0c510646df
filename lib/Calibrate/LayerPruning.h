//===- LayerPruning.h - Zeros, layer after layer ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layers lose weights in the order in which they are computed, a few at a time:
// the model as it is so far runs on the samples and shows each of the next
// layers what it will read. What weights that are gone take from the mean of
// each row of results goes back to the bias.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_LAYERPRUNING_H
#define MLC_CALIBRATE_LAYERPRUNING_H

#include "Calibrate/LayerStatistics.h"
#include "Calibrate/Pruning.h"
#include "Calibrate/Session.h"
#include "Calibrate/Weights.h"

namespace mlc::calibrate {

/// Weights of rows x columns in the order of the file.
std::vector<float> storedWeights(const Layer &layer,
                                 llvm::ArrayRef<float> weights);

/// `model` with other weights and biases in the layers of `plan`. A Conv or
/// Gemm gets the bias that it lacks; of a MatMul without one it is left out.
onnx::ModelProto withLayers(const onnx::ModelProto &model, const Plan &plan,
                            llvm::ArrayRef<FloatLayer> layers);

/// A layer at some share of zeros.
struct PrunedState {
  uint64_t zeros = 0;
  double error = 0; ///< squared, of its results
  FloatLayer layer;
};

class LayerPruning {
public:
  /// All must outlive this.
  LayerPruning(Session &session, const onnx::ModelProto &model,
               const Plan &plan, PrunePattern pattern);

  /// Calls `visit` for each layer of the float model, by itself, with what it
  /// is at each of these shares of zeros, which rise. A layer that is not
  /// understood is left out.
  using Visit =
      llvm::function_ref<llvm::Error(size_t layer, std::vector<PrunedState>)>;
  llvm::Error explore(llvm::ArrayRef<double> shares, bool correctsBias,
                      Visit visit);

  /// Gives layer i a share of `shares[i]` zeros, 0 for none; later layers see
  /// what earlier ones became.
  llvm::Expected<std::vector<FloatLayer>> run(llvm::ArrayRef<double> shares,
                                              bool correctsBias);

  const std::vector<FloatLayer> &floats() const { return original; }

private:
  using Decide =
      llvm::function_ref<llvm::Error(size_t layer, const InputStatistics &)>;
  llvm::Error forEachLayer(llvm::ArrayRef<FloatLayer> current,
                           const std::string &what, Decide decide);
  FloatLayer pruned(size_t layer, std::vector<float> weights,
                    const InputStatistics &statistics, bool correctsBias) const;

  Session &session;
  const onnx::ModelProto &model;
  const Plan &plan;
  PrunePattern pattern;
  SampleRange range;
  std::vector<FloatLayer> original;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_LAYERPRUNING_H
