//===- LayerFactoring.h - Layers of a model as products ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_LAYERFACTORING_H
#define MLC_CALIBRATE_LAYERFACTORING_H

#include "Calibrate/FactorForms.h"
#include "Calibrate/LayerRepair.h"
#include "Calibrate/LayerTimes.h"

namespace mlc::calibrate {

/// What a layer may become.
struct FactorCandidate {
  FactorForm form;
  LayerCost cost;
  double error = 0;   ///< of its results, as Factors::error
  double outputs = 0; ///< of the model's outputs, squared
};

/// The same with the numbers that it was judged by.
struct FittedCandidate {
  FactorCandidate of;
  Factors factors;
};

/// What layers of a plan cost, which of their forms are worth anything, and
/// what they become.
class LayerFactoring {
public:
  /// All must outlive this. Layers are opened (OpenLayers.h) where there are
  /// samples to go by.
  LayerFactoring(Session &session, const onnx::ModelProto &model,
                 const Plan &plan, const FactorizeOptions &options);

  /// Finds out shapes and costs; before all else. Without samples only what is
  /// exact can be found.
  llvm::Error begin(const RunOptions &runOptions, bool hasSamples);

  llvm::ArrayRef<LayerCost> costs() const { return before; }
  /// A cost in what is to be less: nanoseconds, multiplications or weights.
  uint64_t unitsOf(const LayerCost &cost) const;
  /// Why a layer cannot be factorised at all, "" where it can.
  std::string whyNot(size_t layer) const;

  /// What is exactly a layer and costs less, the cheapest; nothing else.
  llvm::Expected<std::map<size_t, FittedCandidate>> exact();

  /// By layer, what costs less, the cheapest last, each with a larger error
  /// than those before it. `measure` tells the error of the outputs where
  /// layers have these numbers.
  using Measure =
      llvm::function_ref<llvm::Expected<double>(llvm::ArrayRef<FloatLayer>)>;
  llvm::Expected<std::vector<std::vector<FactorCandidate>>>
  explore(Measure measure);

  /// All layers where some have these forms. `made` is then what these became.
  llvm::Expected<std::vector<FloatLayer>>
  factor(const std::map<size_t, FactorForm> &forms,
         std::map<size_t, FactoredLayer> &made);
  size_t countPasses() const { return repair.countPasses(); }
  const std::vector<FloatLayer> &floats() const { return repair.floats(); }

private:
  const onnx::NodeProto &nodeOf(size_t layer) const {
    return model.graph().node(plan.layers[layer].node);
  }
  bool costsLess(const LayerCost &cost, size_t layer) const;
  llvm::Error addTimes(size_t layer, llvm::ArrayRef<FactoredLayer> made,
                       std::vector<FactorCandidate> &candidates);
  llvm::Expected<std::vector<FittedCandidate>>
  fitAll(size_t layer, const LayerFactors &factors,
         llvm::ArrayRef<FactorForm> forms);
  llvm::Expected<std::vector<FactorCandidate>>
  exploreLayer(size_t layer, LayerFit &fit, Measure measure);
  FloatLayer numbersOf(size_t layer, LayerFit &fit, FloatLayer before,
                       const std::vector<float> &product) const;

  const onnx::ModelProto &model;
  const Plan &plan;
  const FactorizeOptions &options;
  LayerRepair repair;
  std::vector<FactorKind> kinds;
  std::vector<std::vector<int64_t>> shapes; ///< of inputs
  std::vector<LayerCost> before;
  std::optional<LayerTimes> times;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_LAYERFACTORING_H
