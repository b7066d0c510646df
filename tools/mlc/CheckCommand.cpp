//===- CheckCommand.cpp - mlc check ---------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "Check/CheckCommand.h"
#include "Pipeline/Executable.h"

using namespace llvm;
using namespace mlc;

static cl::SubCommand scope("check",
                            "Compare a model's results with reference tensors");

static cl::opt<std::string> model(cl::Positional, cl::desc("<model.onnx>"),
                                  cl::sub(scope));
static cl::opt<std::string>
    suite("suite",
          cl::desc("Check every case of a folder, a line of JSON each"),
          cl::value_desc("folder"), cl::sub(scope));
static cl::opt<std::string>
    data("data", cl::desc("Folder with input_N and output_N (.pb, .npy)"),
         cl::value_desc("folder"), cl::sub(scope));
static cl::list<std::string> inputs("input", cl::desc("An input's tensor"),
                                    cl::value_desc("name=file"),
                                    cl::sub(scope));
static cl::list<std::string> references("reference",
                                        cl::desc("An output's expected tensor"),
                                        cl::value_desc("name=file"),
                                        cl::sub(scope));
static cl::opt<double> relative("rtol",
                                cl::desc("Relative tolerance of floats"),
                                cl::init(1e-3), cl::sub(scope));
static cl::opt<double> absolute("atol",
                                cl::desc("Absolute tolerance of floats"),
                                cl::init(1e-4), cl::sub(scope));
static cl::opt<bool>
    atolOfScale("atol-of-scale",
                cl::desc("--atol in units of the output's largest value"),
                cl::sub(scope));
static cl::opt<uint64_t> units("units",
                               cl::desc("Units by which integers may differ"),
                               cl::init(0), cl::sub(scope));
static cl::opt<bool> importOnly("import-only",
                                cl::desc("With --suite: only read the models"),
                                cl::sub(scope));
static cl::opt<bool>
    bindShapeInputs("bind-shape-inputs",
                    cl::desc("With --suite: take the inputs that decide shapes "
                             "from the case's data"),
                    cl::sub(scope));
static cl::opt<bool>
    tryModels("try",
              cl::desc("With --suite: run models without data on made-up "
                       "inputs, whatever they give"),
              cl::sub(scope));
static cl::opt<unsigned> jobs("jobs", cl::desc("Processes at once"),
                              cl::init(1), cl::sub(scope));
static cl::opt<unsigned> timeout("timeout", cl::desc("Seconds a case may take"),
                                 cl::init(60), cl::sub(scope));
static cl::opt<unsigned>
    memory("memory",
           cl::desc("Megabytes of address space a case may take (0: all)"),
           cl::init(4096), cl::sub(scope));
static ImportFlags importFlags(scope);
static NumericFlags numericFlags(scope);
static ScheduleFlag scheduleFlag(scope);
static MemoryFlags memoryFlags(scope);

static std::vector<std::string> namesOf(ArrayRef<TensorInfo> tensors) {
  std::vector<std::string> names;
  for (const TensorInfo &info : tensors)
    names.push_back(info.name);
  return names;
}

/// Random values as `mlc run` takes for seed 0, any bits for others.
static Expected<std::vector<Tensor>> makeInputs(ArrayRef<TensorInfo> infos,
                                                uint64_t seed) {
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
                                            StringRef path) {
  options.model = path.str();
  auto executable = compileForHost(options);
  if (!executable)
    return executable.takeError();
  // A suite's cases have a line each, and no place for more.
  if (suite.empty())
    printWarnings((*executable)->report());
  RunnableModel runnable;
  runnable.inputs = namesOf((*executable)->inputs());
  runnable.outputs = (*executable)->modelOutputs();
  for (const BoundInput &input : (*executable)->report().contract.bound)
    runnable.constants.push_back({input.name, input.position, input.value});
  std::shared_ptr<Executable> shared = std::move(*executable);
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

static Expected<int> run() {
  if (model.empty() == suite.empty())
    return createStringError(
        "check: a model or --suite is required; mlc check --help explains");
  CompileOptions options;
  Expected<ImportOptions> reading = importFlags.parse();
  if (!reading)
    return reading.takeError();
  options.import = std::move(*reading);
  memoryFlags.apply(options);
  if (Error error = numericFlags.apply(options))
    return error;
  if (Error error = scheduleFlag.apply(options))
    return error;
  CheckOptions check;
  check.model = model;
  check.suite = suite;
  check.data = data;
  check.inputs = {inputs.begin(), inputs.end()};
  check.references = {references.begin(), references.end()};
  check.tolerance.rtol = relative;
  check.tolerance.atol = absolute;
  check.tolerance.atolOfScale = atolOfScale;
  check.tolerance.units = units;
  check.importOnly = importOnly;
  check.bindShapeInputs = bindShapeInputs;
  check.tryModels = tryModels;
  check.limits.parallel = jobs;
  check.limits.seconds = timeout;
  check.limits.memory = uint64_t(memory) << 20;
  auto compile = [&](StringRef path) { return compileModel(options, path); };
  auto import = [&](StringRef path) { return importModel(options, path); };
  CheckCompiler compiler{compile, import};
  Expected<bool> isWell = runCheck(check, compiler, outs());
  if (!isWell)
    return isWell.takeError();
  return *isWell ? 0 : 1;
}

Command checkCommand() { return {&scope, run}; }
