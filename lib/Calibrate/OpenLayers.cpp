//===- OpenLayers.cpp - Layers whose numbers are inputs -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/OpenLayers.h"

#include "Calibrate/GraphIndex.h"
#include "Calibrate/LayerPruning.h"

#include <map>
#include <set>

using namespace mlc;
using namespace mlc::calibrate;

std::vector<Layer> calibrate::ownLayers(onnx::GraphProto &graph, Plan &plan) {
  std::vector<Layer> others;
  {
    GraphIndex index(graph);
    auto isShared = [&](const std::string &constant) {
      return !constant.empty() &&
             (index.readers(constant).size() != 1 || index.isOutput(constant));
    };
    llvm::erase_if(plan.layers, [&](const Layer &layer) {
      if (!isShared(layer.weights) && !isShared(layer.bias))
        return false;
      others.push_back(layer);
      return true;
    });
  }
  NewNames names(graph);
  for (Layer &layer : plan.layers) {
    if (!layer.canHaveBias() || !layer.bias.empty())
      continue;
    layer.bias = names.make(layer.output + "_bias");
    *graph.add_initializer() = makeFloats(layer.bias, {layer.rows},
                                          std::vector<float>(layer.rows, 0.0f));
    onnx::NodeProto &node = *graph.mutable_node(layer.node);
    while (node.input_size() < 3)
      node.add_input();
    node.set_input(2, layer.bias);
  }
  return others;
}

onnx::ModelProto calibrate::openLayers(const onnx::ModelProto &model,
                                       const Plan &plan) {
  onnx::ModelProto result = model;
  onnx::GraphProto &graph = *result.mutable_graph();
  std::map<std::string, onnx::TensorProto> constants;
  google::protobuf::RepeatedPtrField<onnx::TensorProto> kept;
  std::set<std::string> opened;
  for (const Layer &layer : plan.layers) {
    opened.insert(layer.weights);
    opened.insert(layer.bias);
  }
  for (onnx::TensorProto &tensor : *graph.mutable_initializer())
    if (opened.count(tensor.name()))
      constants[tensor.name()].Swap(&tensor);
    else
      kept.Add()->Swap(&tensor);
  graph.mutable_initializer()->Swap(&kept);
  auto open = [&](const std::string &name) {
    onnx::ValueInfoProto &input = *graph.add_input();
    input.set_name(name);
    auto &type = *input.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape();
    for (int64_t size : constants[name].dims())
      type.mutable_shape()->add_dim()->set_dim_value(size);
  };
  for (const Layer &layer : plan.layers) {
    open(layer.weights);
    if (!layer.bias.empty())
      open(layer.bias);
  }
  return result;
}

llvm::Expected<std::vector<Tensor>>
calibrate::layerInputs(const onnx::ModelProto &model, const Plan &plan,
                       llvm::ArrayRef<FloatLayer> layers) {
  GraphIndex index(model.graph());
  std::vector<Tensor> result;
  auto add = [&](llvm::ArrayRef<int64_t> shape,
                 llvm::ArrayRef<float> values) -> llvm::Error {
    llvm::Expected<Tensor> tensor = Tensor::create(ElementType::F32, shape);
    if (!tensor)
      return tensor.takeError();
    llvm::copy(values, tensor->values<float>().begin());
    result.push_back(std::move(*tensor));
    return llvm::Error::success();
  };
  for (auto [layer, of] : llvm::zip(plan.layers, layers)) {
    if (llvm::Error error = add(layer.shape, storedWeights(layer, of.weights)))
      return std::move(error);
    if (layer.bias.empty())
      continue;
    const onnx::TensorProto &bias = *index.constant(layer.bias);
    std::vector<int64_t> shape(bias.dims().begin(), bias.dims().end());
    if (llvm::Error error = add(shape, of.bias))
      return std::move(error);
  }
  return std::move(result);
}

llvm::Expected<LayerRunner> LayerRunner::create(Session &session,
                                                const onnx::ModelProto &model,
                                                const Plan &plan,
                                                std::vector<std::string> values,
                                                int64_t most) {
  LayerRunner result(session, model, plan);
  auto runner = ModelRunner::create(openLayers(model, plan), values,
                                    session.runOptions(), most);
  if (!runner)
    return runner.takeError();
  result.runner = std::move(*runner);
  auto own = result.runner->inputs().size();
  for (const Layer &layer : plan.layers)
    own -= layer.bias.empty() ? 1 : 2;
  auto inputs = Session::makeInputs(result.runner->inputs().take_front(own));
  if (!inputs)
    return inputs.takeError();
  result.inputs = std::move(*inputs);
  return std::move(result);
}

llvm::Error LayerRunner::runWith(std::vector<Tensor> &numbers) {
  size_t own = inputs.size();
  std::move(numbers.begin(), numbers.end(), std::back_inserter(inputs));
  llvm::Error error = runner->run(inputs);
  std::move(inputs.begin() + own, inputs.end(), numbers.begin());
  inputs.resize(own);
  return error;
}

llvm::Error LayerRunner::run(llvm::ArrayRef<FloatLayer> first,
                             llvm::ArrayRef<FloatLayer> second,
                             SampleRange range, const std::string &what,
                             Session::VisitPair visit) {
  session->tell(what, 0);
  auto numbers = layerInputs(*model, *plan, first);
  if (!numbers)
    return numbers.takeError();
  llvm::Expected<std::vector<Tensor>> others = std::vector<Tensor>();
  if (!second.empty())
    others = layerInputs(*model, *plan, second);
  if (!others)
    return others.takeError();
  int64_t step = runner->samples();
  for (int64_t begin = 0; begin < range.count; begin += step) {
    int64_t count = std::min(step, range.count - begin);
    if (llvm::Error error = session->read(range, begin, count, inputs))
      return error;
    if (llvm::Error error = runWith(*numbers))
      return error;
    std::vector<Tensor> before;
    if (!second.empty()) {
      for (const Tensor &value : runner->values()) {
        llvm::Expected<Tensor> copy = value.clone();
        if (!copy)
          return copy.takeError();
        before.push_back(std::move(*copy));
      }
      if (llvm::Error error = runWith(*others))
        return error;
    }
    if (llvm::Error error = visit(before, runner->values(), {count, step}))
      return error;
    session->tell(what, static_cast<double>(begin + count) / range.count);
  }
  return llvm::Error::success();
}

llvm::Error LayerRunner::run(llvm::ArrayRef<FloatLayer> layers,
                             SampleRange range, const std::string &what,
                             Session::Visit visit) {
  return run(layers, {}, range, what,
             [&](llvm::ArrayRef<Tensor>, llvm::ArrayRef<Tensor> values,
                 BatchPart part) { return visit(values, part); });
}
