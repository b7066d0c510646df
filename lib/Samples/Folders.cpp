//===- Folders.cpp - Data sets with a folder for each sample --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples/Source.h"

#include "TensorIO/TensorFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cstring>

using namespace llvm;

namespace mlc {

/// The file of the i-th tensor, .pb unless there is only .npy.
static std::string fileOf(StringRef folder, StringRef stem, size_t i) {
  SmallString<256> path(folder);
  sys::path::append(path, stem + "_" + Twine(i) + ".pb");
  if (!sys::fs::exists(path))
    sys::path::replace_extension(path, ".npy");
  return path.str().str();
}

static Expected<std::vector<std::string>> foldersIn(StringRef path) {
  std::vector<std::string> folders;
  std::error_code error;
  for (sys::fs::directory_iterator it(path, error), end; it != end && !error;
       it.increment(error)) {
    bool isHidden = sys::path::filename(it->path()).starts_with(".");
    if (!isHidden && sys::fs::is_directory(it->path()))
      folders.push_back(it->path());
  }
  if (error)
    return createFileError(path, error);
  return folders;
}

bool Samples::Folders::areIn(StringRef path, StringRef stem) {
  Expected<std::vector<std::string>> folders = foldersIn(path);
  if (!folders) {
    consumeError(folders.takeError());
    return false;
  }
  return any_of(*folders, [&](StringRef folder) {
    return sys::fs::exists(fileOf(folder, stem, 0)) ||
           sys::fs::exists(fileOf(folder, "input", 0));
  });
}

Expected<std::unique_ptr<Samples::Source>>
Samples::Folders::open(StringRef path, ArrayRef<Wanted> wanted,
                       StringRef stem) {
  std::unique_ptr<Folders> source(new Folders(wanted, stem));
  Expected<std::vector<std::string>> folders = foldersIn(path);
  if (!folders)
    return folders.takeError();
  source->folders = std::move(*folders);
  if (source->folders.empty())
    return createStringError(
        path + ": has neither arrays (NAME.npy) nor folders of samples (" +
        stem + "_0.pb or .npy) nor images (.png, .jpg)");
  llvm::sort(source->folders,
             [](StringRef a, StringRef b) { return a.compare_numeric(b) < 0; });
  source->samples = int64_t(source->folders.size());
  return source;
}

/// Reads one sample into its place in `tensor`.
static Error readSample(StringRef path, const Samples::Wanted &wanted,
                        char *into) {
  if (!sys::fs::exists(path))
    return createStringError(path + ": no such file, nor with .pb, for '" +
                             wanted.name + "'");
  Expected<Tensor> tensor = readTensor(path);
  if (!tensor)
    return tensor.takeError();
  if (tensor->type() != wanted.type ||
      tensor->shape() != ArrayRef<int64_t>(wanted.shape))
    return createStringError(path + ": is " +
                             typeToString(tensor->type(), tensor->shape()) +
                             ", " + typeToString(wanted.type, wanted.shape) +
                             " is required for '" + wanted.name + "'");
  if (tensor->sizeInBytes())
    std::memcpy(into, tensor->data(), tensor->sizeInBytes());
  return Error::success();
}

Error Samples::Folders::read(int64_t first, int64_t count,
                             MutableArrayRef<Tensor> tensors) {
  for (size_t i = 0; i != tensors.size(); ++i) {
    char *at = static_cast<char *>(tensors[i].data());
    for (int64_t k = 0; k != count; ++k)
      if (Error error =
              readSample(fileOf(folders[first + k], stem, i), infos[i],
                         at + k * int64_t(tensors[i].sizeInBytes()) / count))
        return error;
  }
  return Error::success();
}

std::string Samples::Folders::place(size_t i, int64_t sample) const {
  return fileOf(folders[sample], stem, i) + ":";
}

} // namespace mlc
