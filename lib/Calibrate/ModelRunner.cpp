//===- ModelRunner.cpp - Values of a model, by running it -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/ModelRunner.h"

#include "Calibrate/GraphIndex.h"

#include "llvm/ADT/StringSet.h"

using namespace mlc;
using namespace mlc::calibrate;

ModelOptions Batch::bound(ModelOptions options, int64_t samples) const {
  for (const std::string &name : names)
    options.dims[name] = samples;
  return options;
}

/// The name that --dim has for the first dimension of `input`; empty where its
/// size is known.
static std::string openName(const onnx::ValueInfoProto &input,
                            const ModelOptions &options) {
  const onnx::TensorShapeProto &shape = input.type().tensor_type().shape();
  if (shape.dim_size() == 0 || options.shapes.count(input.name()))
    return "";
  const onnx::TensorShapeProto::Dimension &dim = shape.dim(0);
  if (dim.has_dim_value() && dim.dim_value() > 0)
    return "";
  std::string name =
      dim.dim_param().empty() ? input.name() + "[0]" : dim.dim_param();
  return options.dims.count(name) ? "" : name;
}

Batch calibrate::freeBatch(const onnx::GraphProto &graph,
                           const ModelOptions &options) {
  if (options.batch)
    return {};
  llvm::StringSet<> constants;
  for (const onnx::TensorProto &tensor : graph.initializer())
    constants.insert(tensor.name());
  std::set<std::string> names;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    if (constants.contains(input.name()) || options.values.count(input.name()))
      continue;
    std::string name = openName(input, options);
    if (name.empty())
      return {};
    names.insert(std::move(name));
  }
  return {{names.begin(), names.end()}};
}

/// Whether each node is needed for `values`; the values that those read join
/// `needed`.
static std::vector<bool> neededNodes(const onnx::GraphProto &graph,
                                     llvm::ArrayRef<std::string> values,
                                     llvm::StringSet<> &needed) {
  for (const std::string &value : values)
    needed.insert(value);
  std::vector<bool> keep(graph.node_size(), false);
  for (int i = graph.node_size() - 1; i >= 0; --i) {
    keep[i] = llvm::any_of(graph.node(i).output(), [&](const std::string &v) {
      return needed.contains(v);
    });
    if (keep[i])
      forEachRead(graph.node(i),
                  [&](const std::string &name, int) { needed.insert(name); });
  }
  return keep;
}

static void addOutput(onnx::GraphProto &graph, const std::string &name) {
  // Neither type nor shape: the importer finds both.
  graph.add_output()->set_name(name);
}

onnx::ModelProto calibrate::withOutputs(const onnx::ModelProto &model,
                                        llvm::ArrayRef<std::string> values) {
  const onnx::GraphProto &from = model.graph();
  llvm::StringSet<> needed;
  std::vector<bool> keep = neededNodes(from, values, needed);
  onnx::ModelProto result;
  result.set_ir_version(model.ir_version());
  *result.mutable_opset_import() = model.opset_import();
  *result.mutable_functions() = model.functions();
  onnx::GraphProto &graph = *result.mutable_graph();
  graph.set_name(from.name());
  *graph.mutable_input() = from.input();
  for (const onnx::TensorProto &tensor : from.initializer())
    if (needed.contains(tensor.name()))
      *graph.add_initializer() = tensor;
  for (int i = 0; i < from.node_size(); ++i)
    if (keep[i])
      *graph.add_node() = from.node(i);
  NewNames names(from);
  GraphIndex index(from);
  for (const std::string &value : values) {
    if (index.producer(value) >= 0) {
      addOutput(graph, value);
      continue;
    }
    onnx::NodeProto &copy = *graph.add_node();
    copy.set_op_type("Identity");
    copy.add_input(value);
    copy.add_output(names.make(value + "_seen"));
    addOutput(graph, copy.output(0));
  }
  return result;
}

static uint64_t outputBytes(const ModelGraph &graph) {
  uint64_t bytes = 0;
  for (const TensorContract &output : graph.report().contract.outputs)
    bytes += output.bytes();
  return bytes;
}

static bool isOfScores(const IoType &type) {
  return type.function || type.topK || !type.labelsFile.empty();
}

/// Samples are as a program has them; values are looked at as the model has
/// them, whatever --io says of outputs. What is an output may be an input of a
/// part of the model.
static ModelOptions forInputs(ModelOptions options,
                              const onnx::GraphProto &graph) {
  IoTypesByName inputs;
  for (const onnx::ValueInfoProto &input : graph.input())
    if (auto type = options.ioTypes.find(input.name());
        type != options.ioTypes.end() && !isOfScores(type->second))
      inputs.insert(*type);
  options.ioTypes = std::move(inputs);
  return options;
}

llvm::Expected<std::unique_ptr<ModelRunner>>
ModelRunner::create(const onnx::ModelProto &model,
                    llvm::ArrayRef<std::string> values,
                    const RunOptions &options, int64_t most) {
  // More at once are no faster.
  constexpr int64_t mostAtOnce = 8;
  constexpr uint64_t mostBytes = uint64_t(64) << 20;
  // Of a sample. Below, optimising costs more than hundreds of samples gain.
  constexpr uint64_t fewOperations = 500'000;
  auto runner = std::make_unique<ModelRunner>();
  if (options.batch.isFree())
    runner->count = std::clamp<int64_t>(most, 1, mostAtOnce);
  std::string bytes = withOutputs(model, values).SerializeAsString();
  ModelOptions given = forInputs(options.model, model.graph());
  for (;; runner->count /= 2) {
    auto compile = resolveForHost(options.batch.bound(given, runner->count),
                                  "native", options.threads);
    if (!compile)
      return compile.takeError();
    compile->model = options.name;
    llvm::Expected<ModelGraph> graph = ModelGraph::importBytes(bytes, *compile);
    if (!graph)
      return graph.takeError();
    if (runner->count > 1 && outputBytes(*graph) > mostBytes)
      continue;
    bytes = std::string();
    auto host =
        HostModel::create(std::move(*graph), *compile, {},
                          options.isTimed ? 0 : fewOperations * runner->count);
    if (!host)
      return host.takeError();
    runner->host = std::move(*host);
    break;
  }
  if (options.threads > 1)
    if (llvm::Error error = runner->host->useThreads(options.threads))
      return std::move(error);
  llvm::Expected<std::vector<Tensor>> results = runner->host->makeOutputs();
  if (!results)
    return results.takeError();
  runner->results = std::move(*results);
  return std::move(runner);
}

llvm::Expected<std::unique_ptr<ModelRunner>>
ModelRunner::create(const onnx::ModelProto &model, const RunOptions &options) {
  std::vector<std::string> outputs;
  for (const onnx::ValueInfoProto &output : model.graph().output())
    outputs.push_back(output.name());
  return create(model, outputs, options);
}
