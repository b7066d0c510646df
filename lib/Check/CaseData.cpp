//===- CaseData.cpp - Stored inputs and expected outputs ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check/CaseData.h"

#include "TensorIO/TensorFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace mlc {

static std::string join(StringRef folder, const Twine &file) {
  SmallString<256> path(folder);
  sys::path::append(path, file);
  return path.str().str();
}

std::vector<std::string> findDataSets(StringRef folder) {
  std::vector<std::string> sets;
  for (unsigned i = 0;; ++i) {
    std::string path = join(folder, "test_data_set_" + Twine(i));
    if (!sys::fs::is_directory(path))
      return sets;
    sets.push_back(std::move(path));
  }
}

static std::optional<CaseFiles> caseAt(StringRef path) {
  StringRef file = sys::path::filename(path);
  if (sys::path::extension(file) == ".onnx" && !sys::fs::is_directory(path))
    return CaseFiles{sys::path::stem(file).str(), path.str(), {}};
  std::string model = join(path, "model.onnx");
  if (!sys::fs::exists(model))
    return std::nullopt;
  return CaseFiles{file.str(), std::move(model), findDataSets(path)};
}

Expected<std::vector<CaseFiles>> findCases(StringRef folder) {
  std::vector<CaseFiles> cases;
  std::error_code error;
  for (sys::fs::directory_iterator it(folder, error), end; it != end && !error;
       it.increment(error))
    if (auto found = caseAt(it->path()))
      cases.push_back(std::move(*found));
  if (error)
    return createFileError(folder, error);
  if (cases.empty())
    return createStringError("'" + folder +
                             "' holds neither <case>/model.onnx nor *.onnx");
  llvm::sort(cases, [](const CaseFiles &a, const CaseFiles &b) {
    return a.name < b.name;
  });
  return cases;
}

/// Reads <stem>_0, <stem>_1, ... with whichever ending is there.
static Error readNumbered(StringRef folder, StringRef stem,
                          std::vector<Tensor> &tensors) {
  for (unsigned i = 0;; ++i) {
    std::string path = join(folder, stem + "_" + Twine(i) + ".pb");
    if (!sys::fs::exists(path))
      path = join(folder, stem + "_" + Twine(i) + ".npy");
    if (!sys::fs::exists(path))
      return Error::success();
    Expected<Tensor> tensor = readTensor(path);
    if (!tensor)
      return tensor.takeError();
    tensors.push_back(std::move(*tensor));
  }
}

Expected<DataSet> readDataSet(StringRef folder) {
  DataSet data;
  if (Error error = readNumbered(folder, "input", data.inputs))
    return std::move(error);
  if (Error error = readNumbered(folder, "output", data.outputs))
    return std::move(error);
  return data;
}

} // namespace mlc
