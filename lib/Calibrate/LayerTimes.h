//===- LayerTimes.h - How long layers take alone ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_LAYERTIMES_H
#define MLC_CALIBRATE_LAYERTIMES_H

#include "Calibrate/FactorNodes.h"
#include "Calibrate/ModelRunner.h"

namespace mlc::calibrate {

/// The shape of what each layer of `plan` reads, of one sample.
llvm::Expected<std::vector<std::vector<int64_t>>>
layerShapes(const onnx::ModelProto &model, const Plan &plan,
            const RunOptions &options);

/// Milliseconds of runs on this machine. A layer that is as another one was
/// takes as long.
class LayerTimes {
public:
  /// All must outlive this. `shapes` are those of layerShapes.
  LayerTimes(const onnx::ModelProto &model, const Plan &plan,
             llvm::ArrayRef<std::vector<int64_t>> shapes,
             const RunOptions &options);

  /// Of a layer, and then of each that may take its place, measured turn by
  /// turn. Errors are those of compilations.
  llvm::Expected<std::vector<double>>
  of(size_t layer, llvm::ArrayRef<FactoredLayer> others = {});

private:
  struct Known {
    double ms = 0;
    std::vector<std::pair<FactorForm, double>> forms;
  };

  /// `place` becomes that of the layer's node.
  onnx::ModelProto alone(size_t layer, int &place) const;
  llvm::Error measure(size_t layer, llvm::ArrayRef<FactoredLayer> others,
                      Known &known) const;

  const onnx::ModelProto &model;
  const Plan &plan;
  llvm::ArrayRef<std::vector<int64_t>> shapes;
  RunOptions options;
  std::map<std::string, Known> measured; ///< by what decides about the time
};

/// Milliseconds of each of these, turn by turn, the best of several runs.
llvm::Expected<std::vector<double>>
timeTogether(llvm::ArrayRef<std::unique_ptr<ModelRunner>> runners);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_LAYERTIMES_H
