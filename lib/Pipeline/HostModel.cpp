//===- HostModel.cpp - A model that runs in this process ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/HostModel.h"
#include "Pipeline/Interface.h"

#include "Emit/Entry.h"

using namespace mlc;

static std::vector<HostTensor>
infoOf(const std::vector<TensorContract> &tensors) {
  std::vector<HostTensor> result;
  for (const TensorContract &tensor : tensors)
    result.push_back(
        {tensor.name, hostType(tensor.type),
         llvm::SmallVector<int64_t>(tensor.shape.begin(), tensor.shape.end()),
         tensor.counted, tensor.layout, tensor.preprocessing.channelOrder});
  return result;
}

/// Errors unless `tensors` are what `infos` say; `role` is "input" or "output".
static llvm::Error checkTensors(const char *role,
                                llvm::ArrayRef<Tensor> tensors,
                                llvm::ArrayRef<HostTensor> infos) {
  if (tensors.size() != infos.size())
    return llvm::createStringError(
        "the model has " + llvm::Twine(infos.size()) + " " + role + "s, " +
        llvm::Twine(tensors.size()) + " are given");
  for (auto [tensor, info] : llvm::zip(tensors, infos))
    if (tensor.type() != info.type ||
        tensor.shape() != llvm::ArrayRef<int64_t>(info.shape))
      return llvm::createStringError(
          llvm::Twine(role) + " '" + info.name + "' is " +
          typeToString(tensor.type(), tensor.shape()) + ", " +
          typeToString(info.type, info.shape) + " is required");
  return llvm::Error::success();
}

llvm::Expected<std::vector<Tensor>> HostModel::makeOutputs() const {
  std::vector<Tensor> results;
  for (const HostTensor &info : outputInfo) {
    llvm::Expected<Tensor> tensor = Tensor::create(info.type, info.shape);
    if (!tensor)
      return tensor.takeError();
    results.push_back(std::move(*tensor));
  }
  return results;
}

llvm::Error HostModel::runInto(llvm::ArrayRef<Tensor> inputs,
                               llvm::MutableArrayRef<Tensor> outputs) {
  if (llvm::Error error = checkTensors("input", inputs, inputInfo))
    return error;
  if (llvm::Error error = checkTensors("output", outputs, outputInfo))
    return error;
  llvm::SmallVector<const void *> in;
  for (const Tensor &tensor : inputs)
    in.push_back(tensor.data());
  llvm::SmallVector<void *> out;
  for (Tensor &tensor : outputs)
    out.push_back(tensor.data());
  return model->run(in, out);
}

llvm::Error HostModel::useThreads(
    unsigned threads,
    llvm::function_ref<const mlc_executor *(const mlc_executor *)> watch) {
  auto started = ExecutorPool::create(threads);
  if (!started)
    return started.takeError();
  const mlc_executor *executor = (*started)->executor();
  if (llvm::Error error =
          model->setExecutor(watch ? watch(executor) : executor))
    return error;
  pool = std::move(*started);
  return llvm::Error::success();
}

llvm::Expected<std::vector<Tensor>>
HostModel::run(llvm::ArrayRef<Tensor> inputs) {
  llvm::Expected<std::vector<Tensor>> results = makeOutputs();
  if (!results)
    return results.takeError();
  if (llvm::Error error = runInto(inputs, *results))
    return error;
  return results;
}

/// The outputs that count rows of others come behind all these.
static size_t countOwnOutputs(llvm::ArrayRef<HostTensor> outputs) {
  size_t own = outputs.size();
  for (const HostTensor &info : outputs)
    for (const TensorContract::Counted &dim : info.counted)
      own = std::min(own, dim.output);
  return own;
}

std::vector<std::string> HostModel::modelOutputs() const {
  std::vector<std::string> names;
  for (const HostTensor &info :
       llvm::ArrayRef(outputInfo).take_front(countOwnOutputs(outputInfo)))
    names.push_back(info.name);
  return names;
}

/// The first `count` of dimension `axis`.
static llvm::Expected<Tensor> cut(const Tensor &tensor, int64_t axis,
                                  int64_t count) {
  llvm::SmallVector<int64_t> shape(tensor.shape().begin(),
                                   tensor.shape().end());
  int64_t inner = byteSize(tensor.type()), outer = 1, size = shape[axis];
  for (int64_t d = 0; d < static_cast<int64_t>(shape.size()); ++d)
    (d < axis ? outer : inner) *= d == axis ? 1 : shape[d];
  shape[axis] = std::clamp<int64_t>(count, 0, size);
  llvm::Expected<Tensor> result = Tensor::create(tensor.type(), shape);
  if (!result)
    return result.takeError();
  auto *from = static_cast<const char *>(tensor.data());
  auto *to = static_cast<char *>(result->data());
  for (int64_t i = 0; i < outer; ++i)
    std::copy_n(from + i * size * inner, shape[axis] * inner,
                to + i * shape[axis] * inner);
  return result;
}

llvm::Expected<std::vector<Tensor>>
HostModel::cutToCounts(std::vector<Tensor> outputs) const {
  for (auto [tensor, info] : llvm::zip(outputs, outputInfo))
    for (const TensorContract::Counted &dim : info.counted) {
      int64_t count = *static_cast<const int64_t *>(outputs[dim.output].data());
      llvm::Expected<Tensor> result = cut(tensor, dim.dimension, count);
      if (!result)
        return result.takeError();
      tensor = std::move(*result);
    }
  outputs.erase(outputs.begin() + countOwnOutputs(outputInfo), outputs.end());
  return outputs;
}

static llvm::Expected<CompileOptions> forHost(CompileOptions options) {
  if (!options.targets.empty()) {
    options.targets.resize(1);
    return options;
  }
  llvm::Expected<TargetInfo> host = hostTarget();
  if (!host)
    return host.takeError();
  options.targets = {std::move(*host)};
  return options;
}

/// Of one run.
static uint64_t operationsOf(const CompileReport &report) {
  uint64_t sum = 0;
  for (const KernelInfo &kernel : report.kernels)
    sum += kernel.operations * kernel.calls;
  return sum;
}

llvm::Expected<std::unique_ptr<HostModel>>
HostModel::create(ModelGraph graph, const CompileOptions &given,
                  llvm::ArrayRef<JitSymbol> symbols, uint64_t fewOperations) {
  llvm::Expected<CompileOptions> options = forHost(given);
  if (!options)
    return options.takeError();
  auto compiled = std::move(graph).lower(*options);
  if (!compiled)
    return compiled.takeError();
  auto result = std::make_unique<HostModel>();
  result->weights = std::move(compiled->weights);
  letWeightsBeAnywhere(*compiled->module, compiled->weightsName);
  llvm::SmallVector<JitSymbol> known(symbols);
  known.push_back({compiled->weightsName, result->weights.getData().data()});
  bool isSmall = operationsOf(compiled->report) < fewOperations;
  OptLevel level = isSmall ? OptLevel::None : OptLevel::Full;
  auto model = JitModel::create(*compiled->module, options->targets.front(),
                                prefixOf(*options), {level, known});
  if (!model)
    return llvm::createStringError(options->model + ": " +
                                   llvm::toString(model.takeError()));
  result->model = std::move(*model);
  result->compileReport = std::move(compiled->report);
  result->inputInfo = infoOf(result->compileReport.contract.inputs);
  result->outputInfo = infoOf(result->compileReport.contract.outputs);
  return result;
}

llvm::Expected<std::unique_ptr<HostModel>>
HostModel::create(const CompileOptions &options,
                  llvm::ArrayRef<JitSymbol> symbols) {
  llvm::Expected<ModelGraph> graph = ModelGraph::import(options);
  if (!graph)
    return graph.takeError();
  return create(std::move(*graph), options, symbols);
}
