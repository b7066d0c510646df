//===- ChannelGroups.cpp - Channels that go together ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/ChannelGroups.h"

#include "Calibrate/ChannelFinder.h"
#include "Onnx/LibOnnx.h"
#include "Onnx/Opsets.h"

using namespace mlc;
using namespace mlc::calibrate;

/// The size of an input's dimension, that of a batch being 1; 0 where it is not
/// known.
static int64_t sizeOf(const onnx::ValueInfoProto &input, int place,
                      const RunOptions &options) {
  const ModelOptions &given = options.model;
  if (auto shape = given.shapes.find(input.name());
      shape != given.shapes.end() && place < int(shape->second.size()))
    return shape->second[place];
  const auto &dim = input.type().tensor_type().shape().dim(place);
  if (dim.has_dim_value() && dim.dim_value() > 0)
    return dim.dim_value();
  std::string name = dim.dim_param().empty()
                         ? input.name() + "[" + std::to_string(place) + "]"
                         : dim.dim_param();
  if (auto size = given.dims.find(name); size != given.dims.end())
    return size->second;
  if (place == 0 && given.batch)
    return *given.batch;
  return llvm::is_contained(options.batch.names, name) ? 1 : 0;
}

/// The shapes of all values that sizes of inputs and constants alone decide.
static ChannelFinder::Shapes shapesOf(const onnx::ModelProto &model,
                                      const RunOptions &options) {
  onnx::ModelProto bound = model;
  for (onnx::ValueInfoProto &input : *bound.mutable_graph()->mutable_input()) {
    auto *shape = input.mutable_type()->mutable_tensor_type()->mutable_shape();
    for (int i = 0; i < shape->dim_size(); ++i)
      if (int64_t size = sizeOf(input, i, options))
        shape->mutable_dim(i)->set_dim_value(size);
  }
  ChannelFinder::Shapes shapes;
  if (llvm::Error error = inferShapes(bound)) {
    // Nothing is understood then, and all channels stay.
    llvm::consumeError(std::move(error));
    return shapes;
  }
  auto add = [&](const onnx::ValueInfoProto &value) {
    if (!value.type().has_tensor_type() ||
        !value.type().tensor_type().has_shape())
      return;
    std::vector<int64_t> sizes;
    for (const auto &dim : value.type().tensor_type().shape().dim()) {
      if (!dim.has_dim_value())
        return;
      sizes.push_back(dim.dim_value());
    }
    shapes[value.name()] = std::move(sizes);
  };
  const onnx::GraphProto &graph = bound.graph();
  for (const onnx::ValueInfoProto &value : graph.value_info())
    add(value);
  for (const onnx::ValueInfoProto &value : graph.input())
    add(value);
  for (const onnx::ValueInfoProto &value : graph.output())
    add(value);
  return shapes;
}

ChannelGroups calibrate::findChannelGroups(const onnx::ModelProto &model,
                                           const Plan &plan,
                                           const RunOptions &options) {
  int64_t opset = declaredOpset(model);
  return ChannelFinder(model.graph(), opset ? opset : assumedOpset(model), plan,
                       shapesOf(model, options))
      .find();
}

std::vector<int64_t> calibrate::keptPlaces(const ChannelLabels &labels,
                                           const std::vector<bool> &isGone) {
  std::vector<int64_t> kept;
  for (size_t i = 0; i < labels.units.size(); ++i)
    if (labels.units[i] < 0 || !isGone[labels.units[i]])
      kept.push_back(static_cast<int64_t>(i));
  return kept;
}

bool ChannelGroups::leavesNone(const std::vector<bool> &isGone) const {
  auto none = [&](const ChannelLabels &labels) {
    return keptPlaces(labels, isGone).empty();
  };
  for (const auto &[name, labels] : values)
    if (none(labels))
      return true;
  return llvm::any_of(cuts,
                      [&](const ConstantCut &cut) { return none(cut.labels); });
}
