//===- OpenModel.cpp - A model and samples of its inputs ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/OpenModel.h"

#include "Import/ExternalData.h"
#include "Onnx/ModelFile.h"
#include "Pipeline/Graph.h"
#include "Pipeline/Interface.h"

#include "llvm/Support/Path.h"

using namespace mlc;
using namespace mlc::calibrate;

llvm::Expected<onnx::ModelProto> calibrate::openModel(const std::string &path) {
  llvm::Expected<onnx::ModelProto> model = readModelFile(path);
  if (!model)
    return llvm::createStringError(path + ": " +
                                   llvm::toString(model.takeError()));
  std::vector<std::string> problems =
      loadExternalData(*model, llvm::sys::path::parent_path(path));
  if (!problems.empty())
    return llvm::createStringError(path + ": " +
                                   llvm::join(problems, "\n" + path + ": "));
  return model;
}

llvm::Expected<RunnableModel> calibrate::openToRun(const std::string &path,
                                                   const ModelOptions &options,
                                                   unsigned threads) {
  llvm::Expected<onnx::ModelProto> model = openModel(path);
  if (!model)
    return model.takeError();
  RunOptions run{options, freeBatch(model->graph(), options), path, threads};
  return RunnableModel{std::move(*model), std::move(run)};
}

llvm::Expected<std::vector<Samples::Wanted>>
calibrate::inputsOf(const RunOptions &options) {
  llvm::Expected<CompileOptions> compile =
      resolveForHost(options.batch.bound(options.model, 1));
  if (!compile)
    return compile.takeError();
  compile->model = options.name;
  llvm::Expected<ModelGraph> graph = ModelGraph::import(*compile);
  if (!graph)
    return graph.takeError();
  std::vector<Samples::Wanted> inputs;
  for (const TensorContract &input : graph->report().contract.inputs)
    inputs.push_back({input.name,
                      hostType(input.type),
                      {input.shape.begin(), input.shape.end()},
                      input.layout,
                      input.preprocessing.channelOrder});
  return std::move(inputs);
}

llvm::Expected<Session> calibrate::openSession(const RunOptions &options,
                                               const std::string &path,
                                               Session::Progress progress) {
  auto inputs = inputsOf(options);
  if (!inputs)
    return inputs.takeError();
  llvm::Expected<Samples> samples = Samples::open(path, *inputs);
  if (!samples)
    return samples.takeError();
  return Session(options, std::move(*samples), std::move(progress));
}
