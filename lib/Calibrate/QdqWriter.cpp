//===- QdqWriter.cpp - A plan and its numbers as an ONNX model ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/QdqWriter.h"

#include "Calibrate/GraphIndex.h"
#include "Calibrate/Prepare.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

using namespace mlc;
using namespace mlc::calibrate;

int32_t calibrate::storedBias(float bias, float inputScale, float weightScale) {
  double units = bias / (static_cast<double>(inputScale) * weightScale);
  constexpr double most = 2147483647.0;
  return static_cast<int32_t>(std::nearbyint(std::clamp(units, -most, most)));
}

namespace {

class QdqWriter {
public:
  /// Without `numbers`, a simulation.
  QdqWriter(const onnx::ModelProto &model, const Plan &plan,
            const Numbers *numbers, const QuantizeForm &form)
      : model(model), plan(plan), numbers(numbers), form(form),
        names(model.graph()) {}

  QdqModel write();

private:
  onnx::GraphProto &graph() { return *result.mutable_graph(); }
  onnx::TensorProto &addConstant(const std::string &name, int type,
                                 llvm::ArrayRef<int64_t> shape);
  std::string addBytes(const std::string &name, int type,
                       llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<int32_t> values);
  void addNode(const char *op, llvm::ArrayRef<std::string> inputs,
               const std::string &output, std::optional<int64_t> axis = {});
  void addGroups();
  std::string addRangeInput(const std::string &name, int type);
  void addLayers();
  void addPoint(const Point &point);
  std::string addWeights(const Layer &layer, const LayerNumbers &of);
  std::string addBias(const Layer &layer, const LayerNumbers &of, int group);
  void addPointsOf(const onnx::NodeProto *node);
  onnx::NodeProto rewired(int at);

  const onnx::ModelProto &model;
  const Plan &plan;
  const Numbers *numbers;
  QuantizeForm form;
  NewNames names;
  onnx::ModelProto result;
  std::vector<std::pair<std::string, std::string>> groupNames;
  std::map<std::string, const Point *> points;
  std::map<std::string, std::string> rounded; ///< by the value's own name
  std::map<int, std::map<int, std::string>> operands; ///< new ones, by node
};

} // namespace

onnx::TensorProto &QdqWriter::addConstant(const std::string &name, int type,
                                          llvm::ArrayRef<int64_t> shape) {
  onnx::TensorProto &tensor = *graph().add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (int64_t size : shape)
    tensor.add_dims(size);
  return tensor;
}

/// 4-bit values lie in pairs, the first in the low half.
static std::string packed(llvm::ArrayRef<int32_t> values, int type) {
  std::string bytes;
  if (type == onnx::TensorProto::INT32) {
    bytes.assign(reinterpret_cast<const char *>(values.data()),
                 values.size() * sizeof(int32_t));
  } else if (type == onnx::TensorProto::INT4) {
    for (size_t i = 0; i < values.size(); i += 2) {
      int32_t high = i + 1 < values.size() ? values[i + 1] : 0;
      bytes.push_back(static_cast<char>((values[i] & 15) | (high & 15) << 4));
    }
  } else {
    for (int32_t value : values)
      bytes.push_back(static_cast<char>(value));
  }
  return bytes;
}

std::string QdqWriter::addBytes(const std::string &name, int type,
                                llvm::ArrayRef<int64_t> shape,
                                llvm::ArrayRef<int32_t> values) {
  std::string own = names.make(name);
  addConstant(own, type, shape).set_raw_data(packed(values, type));
  return own;
}

void QdqWriter::addNode(const char *op, llvm::ArrayRef<std::string> inputs,
                        const std::string &output,
                        std::optional<int64_t> axis) {
  onnx::NodeProto &node = *graph().add_node();
  node.set_op_type(op);
  node.set_name(names.make(output + "_" + op));
  for (const std::string &input : inputs)
    node.add_input(input);
  node.add_output(output);
  if (!axis)
    return;
  onnx::AttributeProto &attribute = *node.add_attribute();
  attribute.set_name("axis");
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(*axis);
}

std::string QdqWriter::addRangeInput(const std::string &name, int type) {
  onnx::ValueInfoProto &input = *graph().add_input();
  input.set_name(names.make(name));
  auto *tensor = input.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  tensor->mutable_shape();
  return input.name();
}

/// Scale and zero point of each group, which its points share.
void QdqWriter::addGroups() {
  int type = form.activations.type == ActivationType::U8
                 ? onnx::TensorProto::UINT8
                 : onnx::TensorProto::INT8;
  for (int group = 0; group < plan.groups; ++group) {
    const Point &first = *llvm::find_if(
        plan.points, [&](const Point &p) { return p.group == group; });
    std::string name = first.value + "_scale",
                zero = first.value + "_zero_point";
    if (!numbers) {
      name = addRangeInput(name, onnx::TensorProto::FLOAT);
      groupNames.emplace_back(name, addRangeInput(zero, type));
      continue;
    }
    const Stored &stored = numbers->groups[group];
    name = names.make(name);
    *graph().add_initializer() = makeFloats(name, {}, stored.scale);
    groupNames.emplace_back(name, addBytes(zero, type, {}, stored.zeroPoint));
  }
}

void QdqWriter::addPoint(const Point &point) {
  const auto &[scale, zeroPoint] = groupNames[point.group];
  std::string stored = names.make(point.value + "_quantized");
  std::string back = names.make(point.value + "_dequantized");
  addNode("QuantizeLinear", {point.value, scale, zeroPoint}, stored);
  addNode("DequantizeLinear", {stored, scale, zeroPoint}, back);
  rounded[point.value] = back;
}

/// Points that `node` makes; those of inputs for null.
void QdqWriter::addPointsOf(const onnx::NodeProto *node) {
  auto add = [&](const std::string &value) {
    auto point = points.find(value);
    if (point != points.end())
      addPoint(*point->second);
  };
  if (node)
    llvm::for_each(node->output(), add);
  else
    for (const onnx::ValueInfoProto &input : model.graph().input())
      add(input.name());
}

std::string QdqWriter::addWeights(const Layer &layer, const LayerNumbers &of) {
  WeightForm weights = layer.form(form.weights);
  int zero = weights.zeroPoint();
  std::vector<int32_t> values(of.weights.size());
  for (int64_t row = 0; row < layer.rows; ++row)
    for (int64_t column = 0; column < layer.columns; ++column)
      values[layer.place(row, column)] =
          zero + of.weights[row * layer.columns + column];
  int type = weights.type == WeightType::Int4    ? onnx::TensorProto::INT4
             : weights.type == WeightType::UInt8 ? onnx::TensorProto::UINT8
                                                 : onnx::TensorProto::INT8;
  llvm::SmallVector<int64_t, 1> shape;
  std::optional<int64_t> axis;
  if (of.scales.size() > 1) {
    shape.push_back(layer.rows);
    axis = layer.axis;
  }
  std::string stored =
      addBytes(layer.weights + "_quantized", type, layer.shape, values);
  std::string scale = names.make(layer.weights + "_scale");
  *graph().add_initializer() = makeFloats(scale, shape, of.scales);
  std::vector<int32_t> zeros(of.scales.size(), zero);
  std::string zeroPoint =
      addBytes(layer.weights + "_zero_point", type, shape, zeros);
  std::string back = names.make(layer.weights + "_dequantized");
  addNode("DequantizeLinear", {stored, scale, zeroPoint}, back, axis);
  return back;
}

std::string QdqWriter::addBias(const Layer &layer, const LayerNumbers &of,
                               int group) {
  float input = numbers->groups[group].scale;
  std::vector<int32_t> values;
  std::vector<float> scales;
  for (int64_t row = 0; row < layer.rows; ++row)
    values.push_back(storedBias(of.bias[row], input, of.scale(row)));
  for (float scale : of.scales)
    scales.push_back(input * scale);
  std::string base = layer.bias.empty() ? layer.output + "_bias" : layer.bias;
  llvm::SmallVector<int64_t, 1> shape;
  std::optional<int64_t> axis;
  if (scales.size() > 1) {
    shape.push_back(layer.rows);
    axis = 0;
  }
  std::string stored = addBytes(base + "_quantized", onnx::TensorProto::INT32,
                                layer.rows, values);
  std::string scale = names.make(base + "_scale");
  *graph().add_initializer() = makeFloats(scale, shape, scales);
  std::vector<int32_t> zeros(scales.size(), 0);
  std::string zeroPoint =
      addBytes(base + "_zero_point", onnx::TensorProto::INT32, shape, zeros);
  std::string back = names.make(base + "_dequantized");
  addNode("DequantizeLinear", {stored, scale, zeroPoint}, back, axis);
  return back;
}

/// The node with the operands that it has now.
onnx::NodeProto QdqWriter::rewired(int at) {
  onnx::NodeProto node = model.graph().node(at);
  if (!readsExactly(node))
    for (std::string &input : *node.mutable_input())
      if (auto it = rounded.find(input); it != rounded.end())
        input = it->second;
  for (const auto &[operand, value] : operands[at]) {
    while (node.input_size() <= operand)
      node.add_input();
    node.set_input(operand, value);
  }
  return node;
}

/// Weights and biases as integers.
void QdqWriter::addLayers() {
  for (auto [layer, of] : llvm::zip(plan.layers, numbers->layers)) {
    operands[layer.node][1] = addWeights(layer, of);
    if (of.bias.empty())
      continue;
    std::string bias = addBias(layer, of, points[layer.input]->group);
    if (layer.biasNode < 0) {
      operands[layer.node][2] = bias;
      continue;
    }
    const onnx::NodeProto &add = model.graph().node(layer.biasNode);
    operands[layer.biasNode][add.input(0) == layer.bias ? 0 : 1] = bias;
  }
}

QdqModel QdqWriter::write() {
  result = model;
  graph().clear_node();
  for (const Point &point : plan.points)
    points[point.value] = &point;
  addGroups();
  if (numbers)
    addLayers();
  addPointsOf(nullptr);
  for (int i = 0; i < model.graph().node_size(); ++i) {
    *graph().add_node() = rewired(i);
    addPointsOf(&model.graph().node(i));
  }
  dropUnused(graph());
  return {std::move(result), std::move(rounded)};
}

QdqModel calibrate::writeQdq(const onnx::ModelProto &model, const Plan &plan,
                             const Numbers &numbers, const QuantizeForm &form) {
  return QdqWriter(model, plan, &numbers, form).write();
}

onnx::ModelProto calibrate::writeSimulation(const onnx::ModelProto &model,
                                            const Plan &plan,
                                            const ActivationForm &form) {
  return QdqWriter(model, plan, nullptr, {{}, form}).write().model;
}
