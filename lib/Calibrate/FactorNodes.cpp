//===- FactorNodes.cpp - Layers as several nodes --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/FactorNodes.h"

#include "Calibrate/Columns.h"
#include "Calibrate/LayerPruning.h"
#include "Calibrate/Prepare.h"

using namespace mlc;
using namespace mlc::calibrate;

FactorShape calibrate::shapeOf(const Layer &layer) {
  if (layer.op != "Conv")
    return {layer.rows, layer.columns, {}};
  return {
      layer.rows, layer.shape[1], {layer.shape.begin() + 2, layer.shape.end()}};
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

namespace {

/// A node without names and values, and the layer that it is.
struct Stage {
  onnx::NodeProto node;
  Layer layer;
};

} // namespace

static void slide(onnx::NodeProto &node, const onnx::NodeProto &from,
                  const FactorStage &stage) {
  size_t rank = stage.kernel.size();
  std::vector<int64_t> strides = intsOf(from, "strides"),
                       dilations = intsOf(from, "dilations"),
                       pads = intsOf(from, "pads");
  strides.resize(rank, 1);
  dilations.resize(rank, 1);
  for (size_t d = 0; d < rank; ++d) {
    if (stage.slides[d])
      continue;
    strides[d] = dilations[d] = 1;
    if (!pads.empty())
      pads[d] = pads[rank + d] = 0;
  }
  setAttribute(node, "kernel_shape", stage.kernel);
  setAttribute(node, "strides", strides);
  setAttribute(node, "dilations", dilations);
  // An auto_pad does nothing where nothing slides.
  if (!pads.empty())
    setAttribute(node, "pads", pads);
  setAttribute(node, "group", stage.groups);
}

static Stage convStage(const FactorStage &of, const onnx::NodeProto &node) {
  Stage stage{node, {}};
  slide(stage.node, node, of);
  stage.layer.shape = {of.rows, of.channels};
  llvm::append_range(stage.layer.shape, of.kernel);
  stage.layer.groups = of.groups;
  return stage;
}

/// All but the last multiply without a bias, which a Gemm cannot in all opsets.
static Stage productStage(const FactorStage &of, const Layer &layer,
                          const onnx::NodeProto &node, bool isLast) {
  Stage stage{node, {}};
  stage.layer.axis = isLast ? layer.axis : 1;
  stage.layer.shape = {of.channels, of.rows};
  if (stage.layer.axis == 0)
    std::swap(stage.layer.shape[0], stage.layer.shape[1]);
  if (!isLast) {
    stage.node.set_op_type("MatMul");
    stage.node.clear_attribute();
  }
  return stage;
}

static std::vector<Stage> stagesFor(const FactorForm &form, const Layer &layer,
                                    const onnx::NodeProto &node) {
  std::vector<FactorStage> all = stagesOf(form, shapeOf(layer));
  std::vector<Stage> result;
  for (size_t i = 0; i < all.size(); ++i) {
    bool isLast = i + 1 == all.size();
    Stage &stage = result.emplace_back(
        layer.op == "Conv" ? convStage(all[i], node)
                           : productStage(all[i], layer, node, isLast));
    stage.layer.op = stage.node.op_type();
    stage.layer.rows = all[i].rows;
    stage.layer.columns = all[i].columns();
  }
  return result;
}

std::vector<std::vector<int64_t>>
calibrate::shapesOf(const FactorForm &form, const Layer &layer,
                    const onnx::NodeProto &node) {
  std::vector<std::vector<int64_t>> shapes;
  for (Stage &stage : stagesFor(form, layer, node))
    shapes.push_back(std::move(stage.layer.shape));
  return shapes;
}

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

/// Adds a layer's; `input` becomes the shape of its results.
static void addCost(const Layer &layer, const onnx::NodeProto &node,
                    std::vector<int64_t> &input, LayerCost &cost) {
  std::optional<Columns> columns = Columns::of(layer, node, input);
  if (!columns)
    return;
  uint64_t weights = uint64_t(layer.rows) * uint64_t(layer.columns);
  cost.weights += weights;
  cost.macs += weights * uint64_t(input[0] * columns->positionsPerRow());
  if (layer.op != "Conv") {
    input.back() = layer.rows;
    return;
  }
  input[1] = layer.rows;
  llvm::copy(columns->counts(), input.begin() + 2);
}

LayerCost calibrate::costOf(const Layer &layer, const onnx::NodeProto &node,
                            llvm::ArrayRef<int64_t> input) {
  std::vector<int64_t> shape = input.vec();
  LayerCost cost;
  addCost(layer, node, shape, cost);
  return cost;
}

LayerCost calibrate::costOf(const FactorForm &form, const Layer &layer,
                            const onnx::NodeProto &node,
                            llvm::ArrayRef<int64_t> input) {
  std::vector<int64_t> shape = input.vec();
  LayerCost cost;
  for (const Stage &stage : stagesFor(form, layer, node))
    addCost(stage.layer, stage.node, shape, cost);
  return cost;
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

/// Changes the layer's node into the last, and puts the others before it.
static void addStages(onnx::GraphProto &graph, onnx::NodeProto &node,
                      const Layer &layer, const FactoredLayer &factored,
                      NewNames &names,
                      google::protobuf::RepeatedPtrField<onnx::NodeProto> &to) {
  std::vector<Stage> stages = stagesFor(factored.form, layer, node);
  std::string value = node.input(0), weights = node.input(1);
  for (size_t i = 0; i < stages.size(); ++i) {
    Stage &stage = stages[i];
    bool isLast = i + 1 == stages.size();
    std::string number = std::to_string(i + 1);
    std::string constant = names.make(weights + "_" + number);
    *graph.add_initializer() =
        makeFloats(constant, stage.layer.shape,
                   storedWeights(stage.layer, factored.factors.stages[i]));
    stage.node.set_input(0, value);
    stage.node.set_input(1, constant);
    if (isLast) {
      node.Swap(&stage.node);
      break;
    }
    while (stage.node.input_size() > 2)
      stage.node.mutable_input()->RemoveLast();
    stage.node.set_name(names.make(layer.name + "_" + number));
    value = names.make(node.output(0) + "_" + number);
    stage.node.set_output(0, value);
    to.Add()->Swap(&stage.node);
  }
}

onnx::ModelProto
calibrate::withFactors(const onnx::ModelProto &model, const Plan &plan,
                       const std::map<size_t, FactoredLayer> &layers) {
  onnx::ModelProto result = model;
  onnx::GraphProto &graph = *result.mutable_graph();
  NewNames names(graph);
  std::map<int, size_t> layerAt;
  for (const auto &each : layers)
    layerAt[plan.layers[each.first].node] = each.first;
  google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
  for (int i = 0; i < graph.node_size(); ++i) {
    onnx::NodeProto &node = *graph.mutable_node(i);
    if (auto at = layerAt.find(i); at != layerAt.end())
      addStages(graph, node, plan.layers[at->second], layers.at(at->second),
                names, nodes);
    nodes.Add()->Swap(&node);
  }
  graph.mutable_node()->Swap(&nodes);
  dropUnused(graph);
  return result;
}
