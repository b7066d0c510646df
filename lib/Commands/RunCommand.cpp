//===- RunCommand.cpp - mlc run -------------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Shared.h"

#include "Pipeline/HostModel.h"
#include "Support/Printable.h"
#include "TensorIO/TensorFile.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;
using namespace mlc;

using FileMap = StringMap<std::string>;

/// The option's files by tensor name; errors for names the model does not have.
static Expected<FileMap> readFiles(StringRef option, ArrayRef<std::string> list,
                                   ArrayRef<HostTensor> known) {
  FileMap files;
  for (const std::string &text : list) {
    auto [name, file] = StringRef(text).split('=');
    if (file.empty())
      return createStringError("--" + option + "=" + text +
                               ": name=file is required");
    auto isNamed = [&, name = name](const HostTensor &info) {
      return info.name == name;
    };
    if (none_of(known, isNamed)) {
      std::string names;
      for (const HostTensor &info : known)
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
                                                const HostModel &executable) {
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

static Error writeOutputs(const Options &options, const HostModel &executable,
                          ArrayRef<Tensor> tensors, raw_ostream &os) {
  Expected<FileMap> files =
      readFiles("output", options.outputs, executable.outputs());
  if (!files)
    return files.takeError();
  for (auto [info, tensor] : zip(executable.outputs(), tensors)) {
    auto it = files->find(info.name);
    if (it == files->end())
      os << printable(info.name) << ": " << tensor << "\n";
    else if (Error error = writeTensor(it->second, tensor))
      return error;
  }
  return Error::success();
}

static Error runOnce(const Options &given, const std::string &model,
                     const CommandOutput &output, raw_ostream &os) {
  Expected<CompileOptions> options =
      resolveForHost(given, "native", given.runThreads);
  if (!options)
    return options.takeError();
  options->model = model;
  tellPhases(*options, output);
  auto executable = HostModel::create(*options);
  tellEnd(output);
  if (!executable)
    return executable.takeError();
  tellWarnings((*executable)->report(), output);
  if (given.runThreads > 1)
    if (Error error = (*executable)->useThreads(given.runThreads))
      return error;
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
  return writeOutputs(given, **executable, *results, os);
}

Result<void> mlc::runModel(const Options &options, const std::string &model,
                           const CommandOutput &output) {
  raw_os_ostream os(output.out);
  if (Error error = runOnce(options, model, output, os))
    return diagnosticsOf(std::move(error));
  return {};
}
