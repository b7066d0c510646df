//===- QdqWriter.h - A plan and its numbers as an ONNX model ----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The standard form of a quantised model: each stored value goes through
// QuantizeLinear and DequantizeLinear, weights and biases are integers behind a
// DequantizeLinear, and the operators in between are the model's own. Biases
// are i32 in units of the accumulator.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_QDQWRITER_H
#define MLC_CALIBRATE_QDQWRITER_H

#include "Calibrate/Form.h"
#include "Calibrate/Plan.h"

#include <map>

namespace mlc::calibrate {

/// Integers and scales of a layer.
struct LayerNumbers {
  std::vector<int8_t> weights; ///< rows x columns
  std::vector<float> scales;   ///< one a row, or one for all
  std::vector<float> bias;     ///< in real numbers; empty without one

  float scale(int64_t row) const { return scales[scales.size() > 1 ? row : 0]; }
  /// Of weights, scales and bias.
  uint64_t bytes(WeightType type) const {
    uint64_t count = weights.size();
    return (type == WeightType::Int4 ? (count + 1) / 2 : count) +
           sizeof(float) * (scales.size() + bias.size());
  }
};

/// All that a plan leaves open.
struct Numbers {
  std::vector<Stored> groups;
  std::vector<LayerNumbers> layers;
};

/// The integer that a bias becomes.
int32_t storedBias(float bias, float inputScale, float weightScale);

struct QdqModel {
  onnx::ModelProto model;
  /// The names of points behind their rounding, by their own.
  std::map<std::string, std::string> rounded;
};

/// `model`, which is prepared, with integers.
QdqModel writeQdq(const onnx::ModelProto &model, const Plan &plan,
                  const Numbers &numbers, const QuantizeForm &form);

/// The same with weights as they are, and with scales and zero points that are
/// inputs behind those of the model, two for each group.
onnx::ModelProto writeSimulation(const onnx::ModelProto &model,
                                 const Plan &plan, const ActivationForm &form);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_QDQWRITER_H
