//===- Score.cpp - A model run on samples ---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Score.h"

#include "llvm/Support/FormatVariadic.h"

#include <chrono>

using namespace llvm;
using namespace mlc;

static std::vector<Samples::Wanted> wantedOf(ArrayRef<HostTensor> tensors) {
  std::vector<Samples::Wanted> result;
  for (const HostTensor &tensor : tensors)
    result.push_back({tensor.name, tensor.type, tensor.shape, tensor.layout,
                      tensor.channelOrder});
  return result;
}

Expected<std::unique_ptr<HostModel>>
mlc::compileToScore(const Options &given, const std::string &model,
                    const CommandOutput &output) {
  Expected<CompileOptions> options =
      resolveForHost(given, "native", given.runThreads);
  if (!options)
    return options.takeError();
  options->model = model;
  if (!options->batch)
    options->batch = 1;
  // All scores are judged, whatever a program takes of them.
  for (auto &[name, type] : options->ioTypes)
    type.topK.reset();
  tellPhases(*options, output);
  auto host = HostModel::create(*options);
  tellEnd(output);
  if (!host)
    return host.takeError();
  tellWarnings((*host)->report(), output);
  if (given.runThreads > 1)
    if (Error error = (*host)->useThreads(given.runThreads))
      return std::move(error);
  return host;
}

EvaluatedModel mlc::evaluatedModel(StringRef path, HostModel &host) {
  EvaluatedModel model;
  model.name = path.str();
  model.inputs = wantedOf(host.inputs());
  model.outputs = wantedOf(host.outputs());
  model.run = [&host](ArrayRef<const void *> inputs, ArrayRef<void *> outputs) {
    return host.runOn(inputs, outputs);
  };
  return model;
}

std::function<void(int64_t, int64_t)>
mlc::tellSamples(const CommandOutput &output) {
  using Clock = std::chrono::steady_clock;
  auto seconds = [](Clock::duration time) {
    return std::chrono::duration<double>(time).count();
  };
  Clock::time_point start = Clock::now(), last = start;
  return [=, &output](int64_t sample, int64_t count) mutable {
    Clock::time_point now = Clock::now();
    if (!output.onStep || (sample > 0 && seconds(now - last) < 0.1))
      return;
    last = now;
    std::string what = "samples";
    if (sample > 0)
      what += formatv(", {0:f0} s left",
                      seconds(now - start) / sample * double(count - sample))
                  .str();
    output.onStep(what, unsigned(sample), unsigned(count));
  };
}
