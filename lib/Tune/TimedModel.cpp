//===- TimedModel.cpp - a model to be timed -------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tune/TimedModel.h"

#include "Bench/Trace.h"

#include "llvm/ADT/STLExtras.h"

#include <cstring>

using namespace mlc;

llvm::Expected<TimedModel> TimedModel::create(ModelGraph graph,
                                              CompileOptions compile,
                                              const TimedOptions &options) {
  compile.profile = options.isProfiled;
  TimedModel model;
  auto executable =
      HostModel::create(std::move(graph), compile, Profile::symbols());
  if (!executable)
    return executable.takeError();
  model.executable = std::move(*executable);
  model.trace = options.trace;
  auto watch = [&](const mlc_executor *executor) {
    return options.trace ? options.trace->watch(executor) : executor;
  };
  if (options.threads > 1)
    if (llvm::Error error =
            model.executable->useThreads(options.threads, watch))
      return std::move(error);
  for (auto [i, info] : llvm::enumerate(model.executable->inputs())) {
    llvm::Expected<Tensor> tensor =
        randomTensor(info.type, info.shape, options.seed + i);
    if (!tensor)
      return tensor.takeError();
    model.inputs.push_back(std::move(*tensor));
  }
  auto outputs = model.executable->makeOutputs();
  if (!outputs)
    return outputs.takeError();
  model.outputs = std::move(*outputs);
  // Random integers may be no indices of this model, zeros are of any axis.
  if (llvm::Error error = model.run()) {
    llvm::consumeError(std::move(error)); // The first timed run reports it.
    for (Tensor &input : model.inputs)
      if (!isFloat(input.type()))
        std::memset(input.data(), 0, input.sizeInBytes());
  }
  return model;
}
