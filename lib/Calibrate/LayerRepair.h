//===- LayerRepair.h - Layers fitted to what they gave ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where layers change, those behind them see other inputs. They are fitted, in
// their order, to what they gave in the float model.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_LAYERREPAIR_H
#define MLC_CALIBRATE_LAYERREPAIR_H

#include "Calibrate/ColumnFit.h"
#include "Calibrate/GraphIndex.h"
#include "Calibrate/LayerStatistics.h"
#include "Calibrate/OpenLayers.h"
#include "Calibrate/Weights.h"

#include <deque>
#include <map>

namespace mlc::calibrate {

/// Fits of a layer's weights, one for each group of a Conv and each block of
/// columns.
class LayerFit {
public:
  struct Part {
    Part(int64_t group, ColumnBlock block, std::vector<float> w, int64_t rows,
         bool hasTargets, bool hasMeans)
        : group(group), block(block), weights(std::move(w)),
          sums(weights, rows, block.size, hasTargets, hasMeans) {}
    /// What rows lose of their means when weights become others, both rows x
    /// columns.
    std::vector<double> meanLoss(llvm::ArrayRef<float> before,
                                 llvm::ArrayRef<float> after) const;

    int64_t group;
    ColumnBlock block;
    std::vector<float> weights;
    FitSums sums;
  };

  /// `numbers` are those of the float model.
  LayerFit(const Layer &layer, const onnx::NodeProto &node,
           const FloatLayer &numbers, bool hasTargets, bool hasMeans);

  const Layer &of() const { return layer; }
  /// Vectors of `input`, `rows` of its first dimension, behind those added
  /// before; there will be `allRows`. `original`: what it was in the float
  /// model, where there are targets.
  void add(const Tensor &input, const Tensor *original, int64_t rows,
           int64_t allRows);
  std::deque<Part> &allParts() { return parts; }
  /// Puts the rows of a part into those of all weights.
  void place(llvm::ArrayRef<float> part, const Part &of,
             std::vector<float> &weights) const;
  /// Adds what a part's results are to be shifted by to the biases of all rows.
  void shift(llvm::ArrayRef<double> by, const Part &of,
             std::vector<float> &bias) const;

private:
  const Layer &layer;
  const onnx::NodeProto &node;
  std::deque<Part> parts; // none of which moves
  std::vector<float> scratch, scratchOriginal;
  int64_t seen = 0;
};

/// Runs a model with any numbers in its layers, and fits these.
class LayerRepair {
public:
  /// All must outlive this.
  LayerRepair(Session &session, const onnx::ModelProto &model, const Plan &plan,
              bool correctsBias);

  /// Compiles what is run; before all else.
  llvm::Error begin();

  /// Vectors of the float model of each of these layers, without targets.
  using Fits = std::map<size_t, LayerFit>;
  llvm::Expected<Fits> vectorsOf(const std::vector<size_t> &layers,
                                 const std::string &what);
  /// What a layer's take, in bytes, and what all at once may.
  static double bytesOf(const Layer &layer);
  static constexpr double mostBytes = 512 << 20;

  /// All layers where some of them change: these, and those that see anything
  /// of it, become what `fitted` makes of their vectors, with targets.
  using Fitted = llvm::function_ref<FloatLayer(size_t layer, LayerFit &)>;
  llvm::Expected<std::vector<FloatLayer>> repair(std::vector<bool> isChanged,
                                                 Fitted fitted);
  /// How many passes that takes where all layers change.
  size_t countPasses() const;

  bool hasMeans(const Layer &layer) const {
    return correctsBias && layer.canHaveBias();
  }
  const std::vector<FloatLayer> &floats() const { return original; }

private:
  void spreadChange(std::vector<bool> &isChanged) const;
  size_t endOfPass(size_t first) const;
  bool reads(const Layer &layer, size_t first, size_t end) const;
  LayerFit fitOf(size_t layer, bool hasTargets) const;
  llvm::Error measure(Fits &fits, llvm::ArrayRef<FloatLayer> current,
                      const std::string &what);

  Session &session;
  const onnx::ModelProto &model;
  const Plan &plan;
  bool correctsBias;
  SampleRange range;
  GraphIndex index;
  std::optional<LayerRunner> runner;
  std::map<std::string, size_t> placeOf; ///< of what layers read, in its values
  std::vector<FloatLayer> original;
};

/// A layer's weights without some columns of each part, those for which
/// `isKept` does not hold, and with the others fitted to the targets.
FloatLayer fittedLayer(LayerFit &fit, const FloatLayer &original, bool hasMeans,
                       llvm::function_ref<bool(int64_t column)> isKept);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_LAYERREPAIR_H
