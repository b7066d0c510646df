//===- CheckCommand.cpp - mlc check ---------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check/CheckCommand.h"

#include "Check/CaseData.h"
#include "Check/ModelCheck.h"
#include "Check/Suite.h"
#include "Onnx/BindInputs.h"
#include "Support/AtomicFile.h"
#include "Support/InputFile.h"
#include "TensorIO/TensorFile.h"
#include "TensorIO/TensorProto.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Path.h"

#include <climits>

using namespace llvm;

namespace mlc {

//===----------------------------------------------------------------------===//
// Suites
//===----------------------------------------------------------------------===//

namespace {
/// A model with constants for some of its inputs, in a file of its own.
struct BoundModel {
  std::string path;
  std::vector<std::string> names;
  std::vector<ConstantInput> constants;
};
} // namespace

static Expected<onnx::ModelProto> readModel(StringRef path) {
  Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return createFileError(path, file.takeError());
  Expected<std::string> bytes = file->readAll(INT_MAX);
  if (!bytes)
    return createFileError(path, bytes.takeError());
  onnx::ModelProto model;
  if (!model.ParseFromString(*bytes))
    return createStringError("'" + path + "' is not an ONNX model");
  return model;
}

/// Binds the shape inputs of `files.model` to the values of its first data set
/// and writes the result beside the model, where its external data is.
static Expected<BoundModel> bindShapeInputs(const CaseFiles &files) {
  Expected<onnx::ModelProto> model = readModel(files.model);
  if (!model)
    return model.takeError();
  BoundModel bound;
  bound.names = shapeInputs(*model);
  if (bound.names.empty() || files.dataSets.empty())
    return createStringError("no input to bind");
  Expected<DataSet> data = readDataSet(files.dataSets.front());
  if (!data)
    return data.takeError();
  std::vector<std::string> inputs;
  for (const onnx::ValueInfoProto &input : model->graph().input())
    inputs.push_back(input.name());
  for (const std::string &name : bound.names) {
    size_t position = llvm::find(inputs, name) - inputs.begin();
    if (position >= data->inputs.size())
      return createStringError("input '" + Twine(name) + "' has no value");
    bound.constants.push_back({name, position, nullptr});
    if (Error error =
            bindInput(*model, name, toTensorProto(data->inputs[position])))
      return std::move(error);
  }
  SmallString<256> path(sys::path::parent_path(files.model));
  sys::path::append(path, "bound.onnx");
  bound.path = path.str().str();
  if (Error error = writeFileAtomically(bound.path, [&](raw_pwrite_stream &os) {
        os << model->SerializeAsString();
        return Error::success();
      }))
    return std::move(error);
  return bound;
}

/// Runs a model on what its types allow, twice: on tame values and on wild
/// ones. That it says no to a value is an answer.
static CaseOutcome tryModel(const RunnableModel &model) {
  CaseOutcome outcome;
  for (uint64_t seed : {0, 1}) {
    Expected<std::vector<Tensor>> inputs = model.makeInputs(seed);
    if (!inputs) // too large to be made up
      return {CaseStatus::Passed, "", toString(inputs.takeError())};
    Expected<std::vector<Tensor>> outputs = model.run(*inputs);
    if (!outputs)
      outcome.note = toString(outputs.takeError());
  }
  return outcome;
}

static CaseOutcome checkCase(const CaseFiles &files,
                             const CheckOptions &options,
                             const CheckCompiler &compiler) {
  Expected<RunnableModel> model = compiler.compile(files.model);
  if (model && options.tryModels && files.dataSets.empty())
    return tryModel(*model);
  if (model)
    return checkDataSets(model->run, files.dataSets, model->outputs,
                         model->constants, options.tolerance);
  CaseOutcome refused{CaseStatus::Refused, toString(model.takeError()), ""};
  if (!options.bindShapeInputs)
    return refused;
  Expected<BoundModel> bound = bindShapeInputs(files);
  if (!bound) {
    consumeError(bound.takeError()); // The first refusal is the case's reason.
    return refused;
  }
  FileRemover remover(bound->path);
  model = compiler.compile(bound->path);
  if (!model)
    return {CaseStatus::Refused, toString(model.takeError()), ""};
  CaseOutcome outcome =
      checkDataSets(model->run, files.dataSets, model->outputs,
                    bound->constants, options.tolerance);
  outcome.note = "bound: " + llvm::join(bound->names, ", ");
  return outcome;
}

static CaseOutcome importCase(const CaseFiles &files,
                              const CheckCompiler &compiler) {
  if (Error error = compiler.import(files.model))
    return {CaseStatus::Refused, toString(std::move(error)), ""};
  return {};
}

static Expected<bool> checkSuite(const CheckOptions &options,
                                 const CheckCompiler &compiler,
                                 raw_ostream &os) {
  Expected<std::vector<CaseFiles>> cases = findCases(options.suite);
  if (!cases)
    return cases.takeError();
  auto check = [&](const CaseFiles &files) {
    return options.importOnly ? importCase(files, compiler)
                              : checkCase(files, options, compiler);
  };
  Expected<SuiteCounts> counts = runSuite(*cases, options.limits, check, os);
  if (!counts)
    return counts.takeError();
  return (*counts)[CaseStatus::Wrong] + (*counts)[CaseStatus::Crashed] +
             (*counts)[CaseStatus::Timeout] ==
         0;
}

//===----------------------------------------------------------------------===//
// Single models
//===----------------------------------------------------------------------===//

/// Reads `name=file` into the place of the name among `names`.
static Error readNamed(ArrayRef<std::string> arguments,
                       ArrayRef<std::string> names, StringRef what,
                       std::vector<std::optional<Tensor>> &tensors) {
  tensors.resize(names.size());
  for (StringRef argument : arguments) {
    // Names may hold '=', files of ours may not end in one.
    auto [name, file] = argument.rsplit('=');
    const std::string *place = llvm::find(names, name);
    if (file.empty() || place == names.end())
      return createStringError("'" + argument + "' names no " + what +
                               ", required: one of " + llvm::join(names, ", ") +
                               ", as name=file");
    Expected<Tensor> tensor = readTensor(file);
    if (!tensor)
      return tensor.takeError();
    tensors[place - names.begin()] = std::move(*tensor);
  }
  return Error::success();
}

/// One data set from --input and --reference.
static Expected<bool> checkNamed(const CheckOptions &options,
                                 const RunnableModel &model, raw_ostream &os) {
  std::vector<std::optional<Tensor>> given, wanted;
  if (Error error = readNamed(options.inputs, model.inputs, "input", given))
    return std::move(error);
  if (Error error =
          readNamed(options.references, model.outputs, "output", wanted))
    return std::move(error);
  std::vector<Tensor> inputs;
  for (auto [name, tensor] : llvm::zip(model.inputs, given)) {
    if (!tensor)
      return createStringError("input '" + Twine(name) +
                               "' has no value, required: --input=" + name +
                               "=file");
    inputs.push_back(std::move(*tensor));
  }
  Expected<std::vector<Tensor>> outputs = model.run(inputs);
  if (!outputs)
    return outputs.takeError();
  bool good = true;
  for (auto [name, found, reference] :
       llvm::zip(model.outputs, *outputs, wanted)) {
    if (!reference)
      continue;
    Comparison comparison = compare(found, *reference, options.tolerance);
    os << name << ": " << comparison.str() << '\n';
    good &= comparison.matches();
  }
  return good;
}

static Expected<bool> checkStored(const CheckOptions &options,
                                  const RunnableModel &model,
                                  ArrayRef<std::string> folders,
                                  raw_ostream &os) {
  bool good = true;
  for (const std::string &folder : folders) {
    Expected<DataSet> data = readDataSet(folder);
    if (!data)
      return data.takeError();
    if (data->outputs.empty())
      return createStringError("'" + Twine(folder) +
                               "' holds no output_0.pb or output_0.npy");
    if (Error error = dropConstants(data->inputs, model.constants))
      return createStringError(sys::path::filename(folder) + ": " +
                               toString(std::move(error)));
    auto reports = checkOutputs(model.run, data->inputs, data->outputs,
                                model.outputs, options.tolerance);
    if (!reports)
      return reports.takeError();
    for (const OutputReport &report : *reports) {
      os << sys::path::filename(folder) << ' ' << report.name << ": "
         << report.comparison.str() << '\n';
      good &= report.comparison.matches();
    }
  }
  return good;
}

static Expected<bool> checkModel(const CheckOptions &options,
                                 const CheckCompiler &compiler,
                                 raw_ostream &os) {
  std::vector<std::string> folders = {options.data};
  if (options.data.empty())
    folders = findDataSets(sys::path::parent_path(options.model));
  if (folders.empty() && options.references.empty())
    return createStringError(
        "nothing to compare with, required: --reference=output=file, "
        "--data=folder, or test_data_set_0 beside '" +
        Twine(options.model) + "'");
  Expected<RunnableModel> model = compiler.compile(options.model);
  if (!model)
    return model.takeError();
  if (!options.references.empty())
    return checkNamed(options, *model, os);
  return checkStored(options, *model, folders, os);
}

Expected<bool> runCheck(const CheckOptions &options,
                        const CheckCompiler &compiler, raw_ostream &os) {
  if (options.suite.empty())
    return checkModel(options, compiler, os);
  return checkSuite(options, compiler, os);
}

} // namespace mlc
