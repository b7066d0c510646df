//===- Arrays.cpp - Data sets with an array for each input ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples/Source.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace mlc {

using ArrayPointer = std::unique_ptr<ArrayFile>;

/// What labels are called where nothing else is said.
static constexpr StringRef kLabels = "labels";

static std::string fileIn(StringRef folder, StringRef name) {
  SmallString<256> path(folder);
  sys::path::append(path, name + ".npy");
  return path.str().str();
}

/// The names of the arrays of a folder, sorted.
static Expected<std::vector<std::string>> arraysInFolder(StringRef folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (sys::fs::directory_iterator it(folder, error), end; it != end && !error;
       it.increment(error))
    if (sys::path::extension(it->path()) == ".npy")
      names.push_back(sys::path::stem(it->path()).str());
  if (error)
    return createFileError(folder, error);
  llvm::sort(names);
  return names;
}

bool Samples::Arrays::isUnpacked(StringRef folder) {
  Expected<std::vector<std::string>> names = arraysInFolder(folder);
  if (!names) {
    consumeError(names.takeError());
    return false;
  }
  // Labels alone stand beside folders of samples, too.
  return any_of(*names, [](StringRef name) { return name != kLabels; });
}

static Expected<std::vector<std::string>> arraysOf(StringRef path) {
  return sys::fs::is_directory(path) ? arraysInFolder(path) : arraysInZip(path);
}

static Expected<ArrayPointer> openArray(StringRef path, StringRef name) {
  bool isFolder = sys::fs::is_directory(path);
  Expected<std::vector<std::string>> names = arraysOf(path);
  if (!names)
    return names.takeError();
  if (!is_contained(*names, name))
    return createStringError(
        path + ": has no array '" + name + "'" +
        (names->empty() ? "" : "; it has '" + join(*names, "', '") + "'"));
  return isFolder ? ArrayFile::open(fileIn(path, name))
                  : ArrayFile::openInZip(path, name);
}

/// How many samples of `wanted` an array has, or what is wrong with it.
static Expected<int64_t> countSamples(const ArrayFile &file,
                                      const Samples::Wanted &wanted) {
  ArrayRef<int64_t> shape = file.shape(), each = wanted.shape;
  auto required = [&](const Twine &what) {
    return file.error("is " + typeToString(file.type(), shape) + ", '" +
                      wanted.name + "' is " + typeToString(wanted.type, each) +
                      ": " + what);
  };
  if (file.type() != wanted.type)
    return required("elements of type " + name(wanted.type) + " are required");
  if (shape.size() == each.size() + 1 && shape.drop_front() == each)
    return shape.front();
  if (each.empty() || shape.size() != each.size() ||
      shape.drop_front() != each.drop_front()) {
    ArrayRef<int64_t> rest = each.empty() ? each : each.drop_front();
    std::string wants = rest.empty() ? "N" : "Nx" + shapeToString(rest);
    return required("shape " + wants + " is required");
  }
  if (shape.front() % each.front())
    return required("a multiple of " + Twine(each.front()) +
                    " rows is required");
  return shape.front() / each.front();
}

Expected<std::unique_ptr<Samples::Source>>
Samples::Arrays::open(StringRef path, ArrayRef<Wanted> wanted) {
  std::unique_ptr<Arrays> arrays(new Arrays(wanted));
  bool isSingle = sys::path::extension(path) == ".npy";
  if (isSingle && wanted.size() != 1)
    return createStringError(
        path + ": is one array, the model has " + Twine(wanted.size()) +
        " inputs; an .npz archive with an array for each is required");
  for (const Wanted &info : wanted) {
    Expected<ArrayPointer> file =
        isSingle ? ArrayFile::open(path) : openArray(path, info.name);
    if (!file)
      return file.takeError();
    Expected<int64_t> count = countSamples(**file, info);
    if (!count)
      return count.takeError();
    if (!arrays->files.empty() && *count != arrays->samples)
      return (*file)->error("has " + Twine(*count) + " samples, array '" +
                            wanted.front().name + "' has " +
                            Twine(arrays->samples));
    arrays->samples = *count;
    arrays->files.push_back(std::move(*file));
  }
  return arrays;
}

Error Samples::Arrays::read(int64_t first, int64_t count,
                            MutableArrayRef<Tensor> tensors) {
  for (auto [file, tensor] : zip(files, tensors)) {
    int64_t each = tensor.size() / count;
    if (Error error = file->read(first * each, count * each, tensor.data()))
      return error;
  }
  return Error::success();
}

std::string Samples::Arrays::place(size_t i, int64_t sample) const {
  return files[i]->place() + ": sample " + std::to_string(sample);
}

//===----------------------------------------------------------------------===//
// Labels
//===----------------------------------------------------------------------===//

/// Whether folders of pictures are the classes that labels of this name say.
static bool areClasses(StringRef path, StringRef name) {
  if (name != kLabels || !sys::fs::is_directory(path) ||
      sys::fs::exists(fileIn(path, name)))
    return false;
  Expected<std::vector<ImageFile>> files = imagesIn(path);
  if (files)
    return any_of(*files,
                  [](const ImageFile &file) { return file.label >= 0; });
  consumeError(files.takeError());
  return false;
}

Expected<bool> hasArray(StringRef path, StringRef name) {
  if (sys::path::extension(path) == ".npy")
    return false;
  Expected<std::vector<std::string>> names = arraysOf(path);
  if (!names)
    return names.takeError();
  return is_contained(*names, name) || areClasses(path, name);
}

static Expected<std::vector<int64_t>> readClasses(StringRef path,
                                                  int64_t count) {
  Expected<std::vector<int64_t>> labels = labelsOfFolders(path);
  if (labels && int64_t(labels->size()) != count)
    return createStringError(path + ": has " + Twine(labels->size()) +
                             " images in folders, one for each of " +
                             Twine(count) + " is required");
  return labels;
}

std::string describeLabel(StringRef path, StringRef name, int64_t index,
                          int64_t label) {
  if (areClasses(path, name)) {
    Expected<std::vector<std::string>> classes = classesIn(path);
    if (classes && label < int64_t(classes->size()))
      return "folder '" + (*classes)[label] + "' is class " +
             std::to_string(label);
    consumeError(classes.takeError());
  }
  return ("array '" + name + "' has " + Twine(label) + " as element " +
          Twine(index))
      .str();
}

Expected<std::vector<int64_t>> readLabels(StringRef path, StringRef name,
                                          int64_t count) {
  if (sys::path::extension(path) == ".npy")
    return createStringError(path + ": is one array, and so has no '" + name +
                             "'; an .npz archive that has is required");
  if (areClasses(path, name))
    return readClasses(path, count);
  Expected<ArrayPointer> opened = openArray(path, name);
  if (!opened)
    return opened.takeError();
  ArrayFile &file = **opened;
  if (isFloat(file.type()) || file.type() == ElementType::Bool)
    return file.error("is " + typeToString(file.type(), file.shape()) +
                      ", integers are required");
  // Numbers before memory: a file may promise any.
  if (file.size() != count)
    return file.error("is " + typeToString(file.type(), file.shape()) +
                      ", one for each of " + Twine(count) + " is required");
  Expected<Tensor> tensor = Tensor::create(file.type(), {count});
  if (!tensor)
    return tensor.takeError();
  if (Error error = file.read(0, count, tensor->data()))
    return std::move(error);
  std::vector<int64_t> labels(count);
  visitElementType(file.type(), [&](auto zero) {
    copy(tensor->values<decltype(zero)>(), labels.begin());
  });
  return labels;
}

} // namespace mlc
