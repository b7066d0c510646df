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

using FileMap = StringMap<std::string>;

/// The option's files by tensor name; errors for names the model does not have.
static Expected<FileMap> readFiles(StringRef option, ArrayRef<std::string> list,
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

static Expected<std::vector<Tensor>> readInputs(const Options &options,
                                                const Executable &executable) {
  Expected<FileMap> files =
      readFiles("input", options.inputs, executable.inputs());
  if (!files)
    return files.takeError();
  std::vector<Tensor> tensors;
  for (auto [i, info] : enumerate(executable.inputs())) {
    auto it = files->find(info.name);
    Expected<Tensor> tensor =
        it != files->end()
            ? readTensor(it->second)
            : randomTensor(info.type, info.shape, options.seed + i);
    if (!tensor)
      return tensor.takeError();
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

static Error writeOutputs(const Options &options, const Executable &executable,
                          ArrayRef<Tensor> tensors) {
  Expected<FileMap> files =
      readFiles("output", options.outputs, executable.outputs());
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

Expected<int> runRun(const CommandLine &line) {
  const Options &given = line.options;
  Expected<std::string> model = oneModel(line, "run");
  if (!model)
    return model.takeError();
  Expected<CompileOptions> options =
      resolveForHost(given, "native", given.runThreads);
  if (!options)
    return options.takeError();
  options->model = *model;
  showProgress(*options);
  auto executable = compileForHost(*options);
  clearProgress();
  if (!executable)
    return executable.takeError();
  printWarnings((*executable)->report());
  if (given.runThreads > 1)
    if (Error error = (*executable)->useThreads(given.runThreads))
      return std::move(error);
  // A wrong output name is reported before the run, not after it.
  if (Expected<FileMap> files =
          readFiles("output", given.outputs, (*executable)->outputs());
      !files)
    return files.takeError();
  Expected<std::vector<Tensor>> tensors = readInputs(given, **executable);
  if (!tensors)
    return tensors.takeError();
  Expected<std::vector<Tensor>> results = (*executable)->run(*tensors);
  if (!results)
    return results.takeError();
  if (Error error = writeOutputs(given, **executable, *results))
    return error;
  return 0;
}
