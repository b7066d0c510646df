//===- Findings.cpp - What a quantisation found out -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Findings.h"

#include "Calibrate/OutputError.h"
#include "Calibrate/Squares.h"
#include "Support/OptionNames.h"

using namespace mlc;
using namespace mlc::calibrate;

static QuantizedLayer describe(const Layer &layer, const FloatLayer &from,
                               const LayerNumbers &of,
                               const QuantizeForm &form) {
  QuantizedLayer result;
  result.name = layer.name;
  result.op = layer.op;
  Squares squares;
  for (size_t i = 0; i < of.weights.size(); ++i)
    squares.add(from.weights[i],
                of.scale(static_cast<int64_t>(i) / layer.columns) *
                    of.weights[i]);
  result.weightSqnr = squares.sqnr();
  uint64_t count = of.weights.size();
  WeightType type = layer.form(form.weights).type;
  result.type = nameOf(type).str();
  result.bytes = of.bytes(type);
  result.floatBytes = sizeof(float) * (count + from.bias.size());
  return result;
}

static QuantizedValue describe(const Point &point, const Stored &stored,
                               const ActivationForm &form, Range seen,
                               RangeObserver observer) {
  QuantizedValue value;
  value.name = point.value;
  value.scale = stored.scale;
  value.zeroPoint = stored.zeroPoint;
  value.low = seen.low;
  value.high = seen.high;
  value.observer = nameOf(observer).str();
  double low = (form.least() - stored.zeroPoint) * double(stored.scale);
  double high = low + 255 * double(stored.scale);
  value.rangeUse = std::max(0.0, std::min<double>(high, seen.high) -
                                     std::max<double>(low, seen.low)) /
                   (high - low);
  return value;
}

/// How far the results of layers are off.
static llvm::Error measureResults(Session &session,
                                  const onnx::ModelProto &model,
                                  const Plan &plan,
                                  const onnx::ModelProto &quantized,
                                  QuantizeReport &to) {
  std::vector<std::string> values;
  for (const Layer &layer : plan.layers)
    values.push_back(layer.output);
  auto sqnr = valueSqnr(session, model, quantized, values);
  if (!sqnr)
    return sqnr.takeError();
  for (size_t i = 0; i < sqnr->size(); ++i)
    to.layers[i].outputSqnr = (*sqnr)[i];
  return llvm::Error::success();
}

llvm::Error calibrate::report(Session &session, const onnx::ModelProto &model,
                              const Plan &plan, const Numbers &numbers,
                              const QuantizeForm &form,
                              const Findings &findings,
                              const onnx::ModelProto &quantized,
                              QuantizeReport &to) {
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    QuantizedLayer layer =
        describe(plan.layers[i], floatLayer(model.graph(), plan.layers[i]),
                 numbers.layers[i], form);
    layer.rounding = findings.isHessian[i] ? "hessian" : "nearest";
    layer.hasBiasCorrection = findings.isCorrected[i];
    to.bytes += layer.bytes;
    to.floatBytes += layer.floatBytes;
    to.layers.push_back(std::move(layer));
  }
  for (const Point &point : plan.points)
    to.values.push_back(describe(point, numbers.groups[point.group],
                                 form.activations, findings.seen[point.group],
                                 findings.observers[point.group]));
  return measureResults(session, model, plan, quantized, to);
}
