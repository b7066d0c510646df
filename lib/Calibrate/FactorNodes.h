//===- FactorNodes.h - Layers as several nodes ------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What Factors.h makes of a layer's weights as nodes of a graph. A Conv becomes
// several, each of which has strides, dilations and padding of the dimensions
// that its kernel slides over; results are the same at borders too, since only
// the last one has a bias: what lies outside of the input is zero between them.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_FACTORNODES_H
#define MLC_CALIBRATE_FACTORNODES_H

#include "Calibrate/Factors.h"
#include "Calibrate/GraphIndex.h"
#include "Calibrate/Plan.h"

#include "mlc/Factorize.h"

#include <map>

namespace mlc::calibrate {

/// Of a layer without groups.
FactorShape shapeOf(const Layer &layer);

/// A layer and what takes its place.
struct FactoredLayer {
  FactorForm form;
  Factors factors;
};

/// `model` with layers of `plan`, by their places, as several nodes. The last
/// of them has the name, the bias and the results of the layer.
onnx::ModelProto withFactors(const onnx::ModelProto &model, const Plan &plan,
                             const std::map<size_t, FactoredLayer> &layers);

/// Of a sample with that input. The layer may have groups; zeros where the
/// input does not fit.
LayerCost costOf(const Layer &layer, const onnx::NodeProto &node,
                 llvm::ArrayRef<int64_t> input);
/// The same of what takes its place.
LayerCost costOf(const FactorForm &form, const Layer &layer,
                 const onnx::NodeProto &node, llvm::ArrayRef<int64_t> input);

/// The shapes of the weights of a form.
std::vector<std::vector<int64_t>> shapesOf(const FactorForm &form,
                                           const Layer &layer,
                                           const onnx::NodeProto &node);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_FACTORNODES_H
