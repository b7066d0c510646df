//===- CheckCommand.cpp - mlc check ---------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Shared.h"

#include "Check/CheckCommand.h"
#include "Pipeline/HostModel.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlc;

static std::vector<std::string> namesOf(ArrayRef<HostTensor> tensors) {
  std::vector<std::string> names;
  for (const HostTensor &info : tensors)
    names.push_back(info.name);
  return names;
}

/// Bytes of all tensors.
static uint64_t totalBytes(ArrayRef<HostTensor> infos) {
  uint64_t bytes = 0;
  for (const HostTensor &info : infos) {
    uint64_t each = byteSize(info.type);
    for (int64_t size : info.shape)
      each = SaturatingMultiply<uint64_t>(each, size);
    bytes = SaturatingAdd(bytes, each);
  }
  return bytes;
}

/// Random values as `mlc run` takes for seed 0, any bits for others. Fails
/// where they would take so much memory that making them takes longer than all
/// else.
static Expected<std::vector<Tensor>> makeInputs(ArrayRef<HostTensor> infos,
                                                uint64_t seed) {
  constexpr uint64_t mostBytes = uint64_t(256) << 20;
  if (uint64_t bytes = totalBytes(infos); bytes > mostBytes)
    return createStringError("its inputs have " + Twine(bytes >> 20) +
                             " MiB, values are made up for " +
                             Twine(mostBytes >> 20) + " at most");
  std::vector<Tensor> tensors;
  for (auto [i, info] : enumerate(infos)) {
    auto make = seed == 0 ? randomTensor : wildTensor;
    Expected<Tensor> tensor = make(info.type, info.shape, seed + i);
    if (!tensor)
      return tensor.takeError();
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

static Expected<RunnableModel> compileModel(CompileOptions options,
                                            StringRef path,
                                            const CommandOutput *output) {
  options.model = path.str();
  auto executable = HostModel::create(options);
  if (!executable)
    return executable.takeError();
  // A suite's cases have a line each, and no place for more.
  if (output)
    tellWarnings((*executable)->report(), *output);
  RunnableModel runnable;
  runnable.inputs = namesOf((*executable)->inputs());
  runnable.outputs = (*executable)->modelOutputs();
  for (const BoundInput &input : (*executable)->report().contract.bound)
    runnable.constants.push_back({input.name, input.position, input.value});
  std::shared_ptr<HostModel> shared = std::move(*executable);
  runnable.makeInputs = [shared](uint64_t seed) {
    return makeInputs(shared->inputs(), seed);
  };
  runnable.run =
      [shared](ArrayRef<Tensor> tensors) -> Expected<std::vector<Tensor>> {
    Expected<std::vector<Tensor>> outputs = shared->run(tensors);
    if (!outputs)
      return outputs.takeError();
    return shared->cutToCounts(std::move(*outputs));
  };
  return runnable;
}

static Error importModel(CompileOptions options, StringRef path) {
  options.model = path.str();
  options.stopAfter = "import";
  options.irStream = nullptr;
  return compileToModule(options).takeError();
}

static CheckOptions checkOptionsOf(const Options &given,
                                   const std::string &model) {
  CheckOptions check;
  check.model = model;
  check.suite = given.suite;
  check.data = given.data;
  check.inputs = given.inputs;
  check.references = given.references;
  check.tolerance.rtol = given.rtol;
  check.tolerance.atol = given.atol;
  check.tolerance.atolOfScale = given.atolOfScale;
  check.tolerance.units = given.units;
  check.importOnly = given.importOnly;
  check.bindShapeInputs = given.bindShapeInputs;
  check.tryModels = given.tryModels;
  check.limits.parallel = given.jobs;
  check.limits.seconds = given.timeout;
  check.limits.memory = uint64_t(given.memory) << 20;
  return check;
}

Result<bool> mlc::checkModel(const Options &given, const std::string &model,
                             const CommandOutput &output) {
  Expected<CompileOptions> options = resolveForHost(given);
  if (!options)
    return diagnosticsOf(options.takeError());
  auto compile = [&](StringRef path) {
    return compileModel(*options, path, model.empty() ? nullptr : &output);
  };
  auto import = [&](StringRef path) { return importModel(*options, path); };
  CheckCompiler compiler{compile, import};
  raw_os_ostream os(output.out);
  Expected<bool> isWell = runCheck(checkOptionsOf(given, model), compiler, os);
  if (!isWell)
    return diagnosticsOf(isWell.takeError());
  return *isWell;
}
