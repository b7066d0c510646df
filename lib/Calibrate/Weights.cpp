//===- Weights.cpp - Weights to integers ----------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Weights.h"

#include "Calibrate/GraphIndex.h"

#include <algorithm>
#include <cmath>

using namespace mlc;
using namespace mlc::calibrate;

FloatLayer calibrate::floatLayer(const onnx::GraphProto &graph,
                                 const Layer &layer) {
  FloatLayer result;
  std::vector<float> stored;
  for (const onnx::TensorProto &tensor : graph.initializer()) {
    if (tensor.name() == layer.weights)
      stored = floatsOf(&tensor).value_or(std::vector<float>());
    if (!layer.bias.empty() && tensor.name() == layer.bias)
      result.bias = floatsOf(&tensor).value_or(std::vector<float>());
  }
  result.weights.resize(layer.rows * layer.columns);
  for (int64_t row = 0; row < layer.rows; ++row)
    for (int64_t column = 0; column < layer.columns; ++column)
      result.weights[row * layer.columns + column] =
          stored[layer.place(row, column)];
  return result;
}

float calibrate::scaleFor(float magnitude, int steps, bool powersOfTwo) {
  constexpr float least = 0x1p-60f;
  float scale = std::max(magnitude / static_cast<float>(steps), least);
  return powersOfTwo ? std::exp2(std::ceil(std::log2(scale))) : scale;
}

std::vector<float> calibrate::widestScales(const Layer &layer,
                                           const FloatLayer &numbers,
                                           float inputScale,
                                           const WeightForm &form) {
  std::vector<float> magnitudes(layer.rows, 0);
  for (size_t i = 0; i < numbers.weights.size(); ++i) {
    float &of = magnitudes[i / layer.columns];
    of = std::max(of, std::fabs(numbers.weights[i]));
  }
  float largest = *llvm::max_element(magnitudes);
  // A row of zeros has a bias to hold all the same.
  for (float &magnitude : magnitudes)
    if (magnitude == 0)
      magnitude = largest > 0 ? largest : 1;
  if (!form.perChannel)
    magnitudes.assign(1, largest > 0 ? largest : 1);
  std::vector<float> scales;
  for (float magnitude : magnitudes)
    scales.push_back(scaleFor(magnitude, form.most(), form.powersOfTwo));
  constexpr float mostBias = 0x1p30f;
  for (size_t row = 0; row < numbers.bias.size(); ++row) {
    float &scale = scales[scales.size() > 1 ? row : 0];
    float needed = std::fabs(numbers.bias[row]) / (inputScale * mostBias);
    if (needed > scale)
      scale = scaleFor(needed, 1, form.powersOfTwo);
  }
  return scales;
}

std::vector<int8_t> calibrate::nearest(const Layer &layer,
                                       llvm::ArrayRef<float> weights,
                                       llvm::ArrayRef<float> scales, int most) {
  std::vector<int8_t> result(weights.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    float scale = scales[scales.size() > 1 ? i / layer.columns : 0];
    float q = std::nearbyint(weights[i] / scale);
    result[i] = static_cast<int8_t>(
        std::clamp(q, -static_cast<float>(most), static_cast<float>(most)));
  }
  return result;
}
