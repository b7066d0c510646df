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
#include "Calibrate/LayerRepair.h"

namespace mlc::calibrate {

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
                 bool correctsBias)
      : plan(plan), groups(groups), layers(session, model, plan, correctsBias) {
  }

  /// Compiles what is run; before all else.
  llvm::Error begin() { return layers.begin(); }

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
  size_t countPasses() const { return layers.countPasses(); }

  const std::vector<FloatLayer> &floats() const { return layers.floats(); }

private:
  llvm::Expected<UnitOrder> exploreGroup(size_t group, LayerRepair::Fits &fits,
                                         llvm::ArrayRef<size_t> counts,
                                         Visit visit) const;

  const Plan &plan;
  const ChannelGroups &groups;
  LayerRepair layers;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_CHANNELPRUNING_H
