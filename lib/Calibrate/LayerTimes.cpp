//===- LayerTimes.cpp - How long layers take alone ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/LayerTimes.h"

#include "Bench/Timing.h"
#include "Calibrate/Session.h"
#include "Calibrate/Weights.h"

using namespace mlc;
using namespace mlc::calibrate;

llvm::Expected<std::vector<std::vector<int64_t>>>
calibrate::layerShapes(const onnx::ModelProto &model, const Plan &plan,
                       const RunOptions &options) {
  std::vector<std::string> values;
  for (const Layer &layer : plan.layers)
    values.push_back(layer.input);
  auto runner = ModelRunner::create(model, values, options);
  if (!runner)
    return runner.takeError();
  std::vector<std::vector<int64_t>> shapes;
  for (const HostTensor &value : (*runner)->outputs())
    shapes.emplace_back(value.shape.begin(), value.shape.end());
  return std::move(shapes);
}

/// Options of one layer, whose input's shape is known.
static RunOptions optionsOfLayer(RunOptions options) {
  options.isTimed = true;
  options.batch = {};
  options.model.dims.clear();
  options.model.shapes.clear();
  options.model.batch.reset();
  options.model.values.clear();
  options.model.ioTypes.clear();
  options.model.contractFile.clear();
  return options;
}

LayerTimes::LayerTimes(const onnx::ModelProto &model, const Plan &plan,
                       llvm::ArrayRef<std::vector<int64_t>> shapes,
                       const RunOptions &options)
    : model(model), plan(plan), shapes(shapes),
      options(optionsOfLayer(options)) {}

/// A Transpose from `value`, at the end of the graph. Its result.
static std::string transpose(onnx::GraphProto &graph, const std::string &value,
                             llvm::ArrayRef<int64_t> order) {
  NewNames names(graph);
  onnx::NodeProto &node = *graph.add_node();
  node.set_op_type("Transpose");
  node.add_input(value);
  node.add_output(names.make(value + "_turned"));
  setAttribute(node, "perm", order);
  return node.output(0);
}

/// A model of a layer, without an Add behind it. Kernels have channels last:
/// so have the model's input and output, or what turns them would be measured.
onnx::ModelProto LayerTimes::alone(size_t at, int &place) const {
  const Layer &layer = plan.layers[at];
  onnx::ModelProto result;
  result.set_ir_version(model.ir_version());
  *result.mutable_opset_import() = model.opset_import();
  onnx::GraphProto &graph = *result.mutable_graph();
  onnx::NodeProto node = model.graph().node(layer.node);
  GraphIndex index(model.graph());
  for (const std::string &name : node.input())
    if (const onnx::TensorProto *constant = index.constant(name))
      *graph.add_initializer() = *constant;
  onnx::ValueInfoProto &input = *graph.add_input();
  input.set_name(layer.input);
  std::vector<int64_t> shape = shapes[at], inward, outward;
  auto rank = static_cast<int64_t>(shape.size());
  if (layer.op == "Conv") {
    std::rotate(shape.begin() + 1, shape.begin() + 2, shape.end());
    for (int64_t d = 0; d < rank; ++d) {
      inward.push_back(d == 0 ? 0 : d == 1 ? rank - 1 : d - 1);
      outward.push_back(d == 0 ? 0 : d + 1 == rank ? 1 : d + 1);
    }
    node.set_input(0, transpose(graph, layer.input, inward));
  }
  auto &type = *input.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (int64_t size : shape)
    type.mutable_shape()->add_dim()->set_dim_value(size);
  place = graph.node_size();
  *graph.add_node() = node;
  std::string output = node.output(0);
  if (layer.op == "Conv")
    output = transpose(graph, output, outward);
  graph.add_output()->set_name(output);
  return result;
}

llvm::Expected<std::vector<double>>
calibrate::timeTogether(llvm::ArrayRef<std::unique_ptr<ModelRunner>> runners) {
  constexpr int turns = 4;
  RunLimits limits;
  limits.seconds = 0.005;
  std::vector<double> best(runners.size(), HUGE_VAL);
  for (int turn = 0; turn < turns; ++turn)
    for (size_t i = 0; i < runners.size(); ++i) {
      auto inputs = Session::makeInputs(runners[i]->inputs());
      if (!inputs)
        return inputs.takeError();
      llvm::Expected<Times> times =
          timeRuns([&] { return runners[i]->run(*inputs); }, limits);
      if (!times)
        return times.takeError();
      best[i] = std::min(best[i], times->best);
    }
  return std::move(best);
}

/// What is not known of the layer itself and of others.
llvm::Error LayerTimes::measure(size_t at, llvm::ArrayRef<FactoredLayer> others,
                                Known &known) const {
  Plan own;
  own.layers = {plan.layers[at]};
  onnx::ModelProto layer = alone(at, own.layers.front().node);
  std::vector<std::unique_ptr<ModelRunner>> runners;
  auto compile = [&](const onnx::ModelProto &what) -> llvm::Error {
    auto runner = ModelRunner::create(what, options);
    if (!runner)
      return runner.takeError();
    runners.push_back(std::move(*runner));
    return llvm::Error::success();
  };
  if (llvm::Error error = compile(layer))
    return error;
  for (const FactoredLayer &other : others)
    if (llvm::Error error = compile(withFactors(layer, own, {{0, other}})))
      return error;
  auto times = timeTogether(runners);
  if (!times)
    return times.takeError();
  if (known.ms == 0)
    known.ms = times->front();
  // The machine may have become slower since.
  double scale = known.ms / times->front();
  for (size_t i = 0; i < others.size(); ++i)
    known.forms.emplace_back(others[i].form, (*times)[i + 1] * scale);
  return llvm::Error::success();
}

llvm::Expected<std::vector<double>>
LayerTimes::of(size_t at, llvm::ArrayRef<FactoredLayer> others) {
  const Layer &layer = plan.layers[at];
  // Attributes, shapes, and how many weights are zero, which may be left out.
  onnx::NodeProto node = model.graph().node(layer.node);
  node.clear_name();
  node.clear_output();
  node.clear_input();
  std::string key = node.SerializeAsString();
  for (llvm::ArrayRef<int64_t> shape :
       {llvm::ArrayRef(shapes[at]), llvm::ArrayRef(layer.shape)})
    for (int64_t size : shape)
      key += " " + std::to_string(size);
  key += layer.bias.empty() ? "" : " bias ";
  key += std::to_string(
      llvm::count(floatLayer(model.graph(), layer).weights, 0.0f));
  Known &known = measured[key];
  auto find = [&](const FactorForm &form) {
    return llvm::find_if(known.forms,
                         [&](auto &each) { return each.first == form; });
  };
  std::vector<FactoredLayer> missing;
  for (const FactoredLayer &other : others)
    if (find(other.form) == known.forms.end())
      missing.push_back(other);
  if (known.ms == 0 || !missing.empty())
    if (llvm::Error error = measure(at, missing, known))
      return std::move(error);
  std::vector<double> result = {known.ms};
  for (const FactoredLayer &other : others)
    result.push_back(find(other.form)->second);
  return std::move(result);
}
