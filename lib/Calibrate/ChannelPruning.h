//===- ChannelPruning.h - Models without some channels ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which channels of a group go first, by what the layers that read them lose
// (ColumnFit.h), and what the layers behind become where channels are gone.
// Channels are masked here: shapes stay as they are, the columns of weights
// that read them are zero, which RemoveChannels.h then takes away.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_CHANNELPRUNING_H
#define MLC_CALIBRATE_CHANNELPRUNING_H

#include "Calibrate/ChannelGroups.h"
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

private:
  const Layer &layer;
  const onnx::NodeProto &node;
  std::deque<Part> parts; // none of which moves
  std::vector<float> scratch, scratchOriginal;
  int64_t seen = 0;
};

/// Units of a group, from the one that goes first on.
struct UnitOrder {
  std::vector<int> units;
  /// By unit, errors of the readers' results when it is gone too, each squared
  /// and in units of the squares of these results, added up.
  std::vector<double> losses;
};

class ChannelPruning {
public:
  /// All must outlive this.
  ChannelPruning(Session &session, const onnx::ModelProto &model,
                 const Plan &plan, const ChannelGroups &groups,
                 bool correctsBias);

  /// Compiles what is run; before all else.
  llvm::Error begin();

  /// By group, in what order its units go, of the float model. Calls `visit`
  /// with all layers when `counts[group]` of them, which rise, are gone.
  using Visit = llvm::function_ref<llvm::Error(size_t group, size_t gone,
                                               llvm::ArrayRef<FloatLayer>)>;
  llvm::Expected<std::vector<UnitOrder>>
  explore(llvm::ArrayRef<std::vector<size_t>> counts, Visit visit);

  /// All layers where units are gone: in their order, those that see anything
  /// of it are fitted to what they gave in the float model.
  llvm::Expected<std::vector<FloatLayer>>
  repair(const std::vector<bool> &isGone);
  /// How many passes that takes where all groups lose units.
  size_t countPasses() const;

  const std::vector<FloatLayer> &floats() const { return original; }

private:
  std::vector<bool> affected(const std::vector<bool> &isGone) const;
  size_t endOfPass(size_t first) const;
  bool reads(const Layer &layer, size_t first, size_t end) const;
  bool hasMeans(const Layer &layer) const {
    return correctsBias && layer.canHaveBias();
  }
  FloatLayer fitted(size_t layer, LayerFit &fit,
                    const std::vector<bool> &isGone) const;
  llvm::Expected<UnitOrder> exploreGroup(size_t group,
                                         std::map<size_t, LayerFit> &fits,
                                         llvm::ArrayRef<size_t> counts,
                                         Visit visit) const;
  LayerFit fitOf(size_t layer, bool hasTargets) const;
  llvm::Error measure(std::map<size_t, LayerFit> &fits,
                      llvm::ArrayRef<FloatLayer> current,
                      const std::string &what);

  Session &session;
  const onnx::ModelProto &model;
  const Plan &plan;
  const ChannelGroups &groups;
  bool correctsBias;
  SampleRange range;
  GraphIndex index;
  std::optional<LayerRunner> runner;
  std::map<std::string, size_t> placeOf; ///< of what layers read, in its values
  std::vector<FloatLayer> original;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_CHANNELPRUNING_H
