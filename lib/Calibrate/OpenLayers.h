//===- OpenLayers.h - Layers whose numbers are inputs -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiling a model takes seconds, running it on some samples less than one: a
// model whose weights and biases are inputs is compiled once and runs with all
// that are tried.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_OPENLAYERS_H
#define MLC_CALIBRATE_OPENLAYERS_H

#include "Calibrate/Plan.h"
#include "Calibrate/Session.h"
#include "Calibrate/Weights.h"

namespace mlc::calibrate {

/// Makes layers of `plan` such that they can be opened: each gets the bias that
/// it lacks, if it can have one. Those whose constants others read as well
/// leave the plan and are the result.
std::vector<Layer> ownLayers(onnx::GraphProto &graph, Plan &plan);

/// `model` with inputs behind its own: of each layer of `plan` the weights, and
/// the bias where it has one. No other node reads these constants.
onnx::ModelProto openLayers(const onnx::ModelProto &model, const Plan &plan);

/// What such a model reads there.
llvm::Expected<std::vector<Tensor>>
layerInputs(const onnx::ModelProto &model, const Plan &plan,
            llvm::ArrayRef<FloatLayer> layers);

/// Values of a model with any numbers in its layers.
class LayerRunner {
public:
  /// All must outlive this.
  static llvm::Expected<LayerRunner>
  create(Session &session, const onnx::ModelProto &model, const Plan &plan,
         std::vector<std::string> values, int64_t most);

  /// As Session::runPair, on the same model with other numbers.
  llvm::Error run(llvm::ArrayRef<FloatLayer> first,
                  llvm::ArrayRef<FloatLayer> second, SampleRange range,
                  const std::string &what, Session::VisitPair visit);
  /// With some numbers alone.
  llvm::Error run(llvm::ArrayRef<FloatLayer> layers, SampleRange range,
                  const std::string &what, Session::Visit visit);

private:
  LayerRunner(Session &session, const onnx::ModelProto &model, const Plan &plan)
      : session(&session), model(&model), plan(&plan) {}
  llvm::Error runWith(std::vector<Tensor> &numbers);

  Session *session;
  const onnx::ModelProto *model;
  const Plan *plan;
  std::unique_ptr<ModelRunner> runner;
  std::vector<Tensor> inputs; ///< samples
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_OPENLAYERS_H
