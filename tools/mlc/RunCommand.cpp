//===- RunCommand.cpp - mlc run -------------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "Pipeline/Executable.h"
#include "Support/Printable.h"
#include "TensorIO/TensorFile.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;
using namespace mlc;

static cl::SubCommand
    scope("run",
          "Compile a model for this machine, in memory, and run it once");

static cl::opt<std::string> model(cl::Positional, cl::desc("<model.onnx>"),
                                  cl::Required, cl::sub(scope));
static cl::list<std::string>
    inputs("input",
           cl::desc("Read an input from .npy or .pb; missing ones are random"),
           cl::value_desc("name=file"), cl::sub(scope));
static cl::list<std::string> outputs("output",
                                     cl::desc("Write an output to .npy or .pb"),
                                     cl::value_desc("name=file"),
                                     cl::sub(scope));
static cl::opt<uint64_t> seed("seed", cl::desc("Of random inputs"), cl::init(0),
                              cl::sub(scope));
static ImportFlags importFlags(scope);
static NumericFlags numericFlags(scope);
static ScheduleFlag scheduleFlag(scope);
static MemoryFlags memoryFlags(scope);
static ThreadsFlag threads(scope);

using FileMap = StringMap<std::string>;

/// The option's files by tensor name; errors for names the model does not have.
static Expected<FileMap> readFiles(StringRef option,
                                   const cl::list<std::string> &list,
                                   ArrayRef<TensorInfo> known) {
  FileMap files;
  for (const std::string &text : list) {
    auto [name, file] = StringRef(text).split('=');
    if (file.empty())
      return createStringError("--" + option + "=" + text +
                               ": name=file is required");
    auto isNamed = [&, name = name](const TensorInfo &info) {
      return info.name == name;
    };
    if (none_of(known, isNamed)) {
      std::string names;
      for (const TensorInfo &info : known)
        names += (names.empty() ? "'" : ", '") + info.name + "'";
      return createStringError("--" + option + "=" + text +
                               ": the model has no " + option + " '" + name +
                               "'; it has " + names);
    }
    files[name] = file.str();
  }
  return files;
}

static Expected<std::vector<Tensor>> readInputs(const Executable &executable) {
  Expected<FileMap> files = readFiles("input", inputs, executable.inputs());
  if (!files)
    return files.takeError();
  std::vector<Tensor> tensors;
  for (auto [i, info] : enumerate(executable.inputs())) {
    auto it = files->find(info.name);
    Expected<Tensor> tensor =
        it != files->end() ? readTensor(it->second)
                           : randomTensor(info.type, info.shape, seed + i);
    if (!tensor)
      return tensor.takeError();
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

static Error writeOutputs(const Executable &executable,
                          ArrayRef<Tensor> tensors) {
  Expected<FileMap> files = readFiles("output", outputs, executable.outputs());
  if (!files)
    return files.takeError();
  for (auto [info, tensor] : zip(executable.outputs(), tensors)) {
    auto it = files->find(info.name);
    if (it == files->end())
      outs() << printable(info.name) << ": " << tensor << "\n";
    else if (Error error = writeTensor(it->second, tensor))
      return error;
  }
  return Error::success();
}

static Expected<int> run() {
  CompileOptions options;
  options.model = model;
  Expected<ImportOptions> import = importFlags.parse();
  if (!import)
    return import.takeError();
  options.import = std::move(*import);
  memoryFlags.apply(options);
  if (Error error = numericFlags.apply(options))
    return error;
  if (Error error = scheduleFlag.apply(options))
    return error;
  if (Error error = threads.apply(options))
    return std::move(error);
  showProgress(options);
  auto executable = compileForHost(options);
  clearProgress();
  if (!executable)
    return executable.takeError();
  printWarnings((*executable)->report());
  if (threads.threads > 1)
    if (Error error = (*executable)->useThreads(threads.threads))
      return std::move(error);
  // A wrong output name is reported before the run, not after it.
  if (Expected<FileMap> files =
          readFiles("output", outputs, (*executable)->outputs());
      !files)
    return files.takeError();
  Expected<std::vector<Tensor>> tensors = readInputs(**executable);
  if (!tensors)
    return tensors.takeError();
  Expected<std::vector<Tensor>> results = (*executable)->run(*tensors);
  if (!results)
    return results.takeError();
  if (Error error = writeOutputs(**executable, *results))
    return error;
  return 0;
}

Command runCommand() { return {&scope, run}; }
