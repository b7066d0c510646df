//===- OutputError.cpp - How far a model's outputs are off ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/OutputError.h"

#include "Calibrate/Squares.h"

using namespace mlc;
using namespace mlc::calibrate;

static uint64_t inputBytes(const ModelRunner &runner) {
  uint64_t bytes = 0;
  for (const HostTensor &info : runner.inputs()) {
    uint64_t each = byteSize(info.type);
    for (int64_t size : info.shape)
      each *= size;
    bytes += each;
  }
  return bytes;
}

llvm::Expected<std::unique_ptr<ModelRunner>>
OutputError::compile(const onnx::ModelProto &model) const {
  auto runner = ModelRunner::create(model, outputs, options, step);
  if (runner && (*runner)->samples() != step)
    return llvm::createStringError("needs more memory than the float model");
  return runner;
}

llvm::Expected<OutputError> OutputError::create(Session &session,
                                                const onnx::ModelProto &model,
                                                int64_t most) {
  OutputError result;
  result.options = session.runOptions();
  std::vector<std::string> all;
  for (const onnx::ValueInfoProto &output : model.graph().output())
    all.push_back(output.name());
  auto runner = ModelRunner::create(model, all, result.options, most);
  if (!runner)
    return runner.takeError();
  constexpr uint64_t mostBytes = uint64_t(64) << 20;
  uint64_t bytes = std::max<uint64_t>(1, inputBytes(**runner));
  result.step = (*runner)->samples();
  int64_t fitting = std::max<uint64_t>(1, mostBytes / bytes) * result.step;
  SampleRange range = session.spread(std::min(most, fitting));
  std::vector<size_t> floats;
  for (size_t i = 0; i < all.size(); ++i)
    if ((*runner)->values()[i].type() == ElementType::F32) {
      floats.push_back(i);
      result.outputs.push_back(all[i]);
    }
  for (int64_t begin = 0; begin < range.count; begin += result.step) {
    Run run;
    run.samples = std::min(result.step, range.count - begin);
    llvm::Expected<std::vector<Tensor>> inputs =
        session.makeInputs((*runner)->inputs());
    if (!inputs)
      return inputs.takeError();
    run.inputs = std::move(*inputs);
    if (llvm::Error error = session.read(range, begin, run.samples, run.inputs))
      return std::move(error);
    if (llvm::Error error = (*runner)->run(run.inputs))
      return std::move(error);
    for (size_t i : floats) {
      llvm::Expected<Tensor> copy = (*runner)->values()[i].clone();
      if (!copy)
        return copy.takeError();
      run.outputs.push_back(std::move(*copy));
    }
    result.runs.push_back(std::move(run));
  }
  return std::move(result);
}

llvm::Expected<double> OutputError::of(const onnx::ModelProto &model) {
  auto runner = compile(model);
  if (!runner)
    return runner.takeError();
  std::vector<Tensor> none;
  return of(**runner, none);
}

/// How many elements of `tensor` are of the first `samples` of `step`.
static int64_t elementsOf(const Tensor &tensor, int64_t samples, int64_t step) {
  bool isBatch = !tensor.shape().empty() && tensor.shape()[0] % step == 0;
  return isBatch ? tensor.size() / step * samples : tensor.size();
}

llvm::Expected<double>
OutputError::of(ModelRunner &runner, std::vector<Tensor> &more, size_t stride) {
  std::vector<Squares> sums(outputs.size());
  for (size_t at = 0; at < runs.size(); at += stride) {
    Run &run = runs[at];
    size_t own = run.inputs.size();
    std::move(more.begin(), more.end(), std::back_inserter(run.inputs));
    llvm::Error error = runner.run(run.inputs);
    std::move(run.inputs.begin() + own, run.inputs.end(), more.begin());
    run.inputs.resize(own);
    if (error)
      return std::move(error);
    for (size_t i = 0; i < outputs.size(); ++i) {
      int64_t count = elementsOf(run.outputs[i], run.samples, step);
      sums[i].add(run.outputs[i].values<float>().take_front(count),
                  runner.values()[i].values<float>().take_front(count));
    }
  }
  double sum = 0;
  for (const Squares &squares : sums)
    sum += squares.relative();
  return sums.empty() ? 0 : sum / static_cast<double>(sums.size());
}

llvm::Expected<std::vector<double>>
calibrate::valueSqnr(Session &session, const onnx::ModelProto &model,
                     const onnx::ModelProto &other,
                     llvm::ArrayRef<std::string> values) {
  constexpr int64_t mostSamples = 32;
  std::vector<Squares> squares(values.size());
  auto add = [&](llvm::ArrayRef<Tensor> wanted, llvm::ArrayRef<Tensor> found,
                 BatchPart part) -> llvm::Error {
    for (size_t i = 0; i < wanted.size(); ++i) {
      size_t count = wanted[i].size() * part.samples / part.step;
      squares[i].add(wanted[i].values<float>().take_front(count),
                     found[i].values<float>().take_front(count));
    }
    return llvm::Error::success();
  };
  if (llvm::Error error =
          session.runPair(model, values, other, values,
                          session.spread(mostSamples), "report", add))
    return std::move(error);
  std::vector<double> result;
  for (const Squares &each : squares)
    result.push_back(each.sqnr());
  return std::move(result);
}

llvm::Error calibrate::checkSame(Session &session,
                                 const onnx::ModelProto &model,
                                 const onnx::ModelProto &other,
                                 const std::string &when) {
  constexpr int64_t mostSamples = 16;
  // Sums of other lengths are rounded otherwise; 60 dB is far above that, and
  // far below what a wrong channel does.
  constexpr double mostError = 1e-6;
  std::vector<std::string> values;
  for (const onnx::ValueInfoProto &output : model.graph().output())
    values.push_back(output.name());
  std::vector<Squares> squares(values.size());
  auto wrong = [&](const std::string &value) {
    return llvm::createStringError(session.runOptions().name + ": output '" +
                                   value + "' changes " + when);
  };
  auto compare = [&](llvm::ArrayRef<Tensor> wanted,
                     llvm::ArrayRef<Tensor> found,
                     BatchPart part) -> llvm::Error {
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].shape() != found[i].shape())
        return wrong(values[i]);
      if (wanted[i].type() == ElementType::F32)
        squares[i].add(wanted[i].values<float>(), found[i].values<float>());
    }
    return llvm::Error::success();
  };
  if (llvm::Error error =
          session.runPair(model, values, other, values,
                          session.spread(mostSamples), "check", compare))
    return error;
  for (size_t i = 0; i < values.size(); ++i)
    if (!(squares[i].relative() < mostError))
      return wrong(values[i]);
  return llvm::Error::success();
}
