//===- LayerRounding.h - Weights and biases, layer after layer --*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layers are rounded in the order in which they are computed, a few at a time:
// the model of integers so far, its later layers rounded to nearest, runs on
// the samples, and shows each of the next layers what it will read. Integers,
// scales and then the bias are decided by that:
//
//   weights   those of several roundings and scales whose results have the
//             least squared error, on samples that they were not made from;
//   bias      what rounded weights take from the mean of each row of results
//             goes back to it. Rounded inputs shift means as well, and all that
//             lies before a layer does: in the last layer of each pass, and in
//             those that no other follows, the mean becomes what it is in the
//             float model. This is measured one run later, when all before is
//             decided: two layers that make up for the same shift would double
//             it. In integers means are exact: they follow from the mean input
//             and the stored weights.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_LAYERROUNDING_H
#define MLC_CALIBRATE_LAYERROUNDING_H

#include "Calibrate/LayerStatistics.h"
#include "Calibrate/Session.h"
#include "Calibrate/Weights.h"

namespace mlc::calibrate {

/// A layer on the way to integers.
struct RoundedLayer {
  LayerNumbers numbers;         ///< without a correction of the bias
  std::vector<float> corrected; ///< bias; empty where it cannot have one
  bool isHessian = false;
};

class LayerRounding {
public:
  /// All but `numbers` and `layers` must outlive this. `numbers` has the scales
  /// of groups, and layers rounded to nearest.
  LayerRounding(Session &session, const onnx::ModelProto &model,
                const Plan &plan, const Numbers &numbers,
                const QuantizeForm &form);

  /// Rounds all layers, as `rounding` says; with `correctsBias` later layers
  /// are decided behind biases that are corrected already.
  llvm::Error run(WeightRounding rounding, bool correctsBias);

  const std::vector<RoundedLayer> &layers() const { return rounded; }

private:
  llvm::Error measureFloat();
  llvm::Error pass(llvm::ArrayRef<size_t> rounds,
                   llvm::ArrayRef<size_t> restores);
  void decide(size_t layer, const InputStatistics &statistics);
  void keepMeans(size_t layer, const InputStatistics &statistics);
  void restoreMeans(size_t layer, const InputStatistics &statistics);
  void setBias(size_t layer, std::vector<float> bias);
  std::vector<LayerNumbers> candidates(size_t layer,
                                       const InputStatistics &statistics) const;
  LayerNumbers roundGroups(size_t layer, std::vector<float> scales,
                           const InputStatistics *statistics) const;
  std::vector<float> searchedScales(size_t layer,
                                    const InputStatistics &statistics) const;
  double errorOf(size_t layer, const LayerNumbers &numbers,
                 const InputStatistics &statistics) const;

  Session &session;
  const onnx::ModelProto &model;
  const Plan &plan;
  Numbers numbers;
  const QuantizeForm &form;
  SampleRange range;
  WeightRounding rounding = WeightRounding::Auto;
  bool correctsBias = true;
  std::vector<FloatLayer> floats;
  std::vector<ResultMeans> results;
  std::vector<RoundedLayer> rounded;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_LAYERROUNDING_H
