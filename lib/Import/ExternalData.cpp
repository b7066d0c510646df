//===- ExternalData.cpp - Tensors kept beside the model -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/ExternalData.h"
#include "Support/InputFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlc;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

namespace {
struct Location {
  std::string file;
  uint64_t offset = 0, length = 0;
  bool hasLength = false;
};
} // namespace

static llvm::Error invalid(const onnx::TensorProto &tensor,
                           const llvm::Twine &message) {
  return llvm::createStringError("external data of tensor '" +
                                 llvm::Twine(tensor.name()) + "' " + message);
}

static llvm::Expected<Location> parseLocation(const onnx::TensorProto &tensor) {
  Location result;
  for (const onnx::StringStringEntryProto &entry : tensor.external_data()) {
    llvm::StringRef value = entry.value();
    if (entry.key() == "location")
      result.file = entry.value();
    else if (entry.key() == "offset" && value.getAsInteger(10, result.offset))
      return invalid(tensor,
                     "has the offset '" + value + "', a number is required");
    else if (entry.key() == "length" && value.getAsInteger(10, result.length))
      return invalid(tensor,
                     "has the length '" + value + "', a number is required");
    result.hasLength |= entry.key() == "length";
  }
  if (result.file.empty())
    return invalid(tensor, "has no location");
  return result;
}

/// The full path of `file` below `folder`, every component of which is a plain
/// directory or file.
static llvm::Expected<std::string> resolve(const onnx::TensorProto &tensor,
                                           llvm::StringRef folder,
                                           llvm::StringRef file) {
  if (path::is_absolute(file) || file.contains('\0') || file.contains('\\'))
    return invalid(tensor, "is at '" + file + "', a relative path is required");
  llvm::SmallString<256> full(folder.empty() ? "." : folder);
  for (llvm::StringRef part :
       llvm::make_range(path::begin(file), path::end(file))) {
    if (part == "..")
      return invalid(tensor,
                     "is at '" + file + "', which leaves the model's folder");
    path::append(full, part);
    fs::file_status status;
    if (std::error_code error = fs::status(full, status, /*follow=*/false))
      return invalid(tensor, "is at '" + file + "': " + error.message());
    if (status.type() == fs::file_type::symlink_file)
      return invalid(tensor,
                     "is at '" + file + "', which passes through a link");
    if (status.type() == fs::file_type::regular_file &&
        status.getLinkCount() > 1)
      return invalid(tensor, "is at '" + file +
                                 "', which has more than one name (hard link)");
  }
  if (!fs::is_regular_file(full))
    return invalid(tensor, "is at '" + file + "', which is not a file");
  return full.str().str();
}

static llvm::Error load(onnx::TensorProto &tensor,
                        std::optional<llvm::StringRef> folder) {
  llvm::Expected<Location> location = parseLocation(tensor);
  if (!location)
    return location.takeError();
  if (!folder)
    return invalid(tensor, "is at '" + location->file +
                               "', a model in memory has no folder for it");
  llvm::Expected<std::string> file = resolve(tensor, *folder, location->file);
  if (!file)
    return file.takeError();
  llvm::Expected<InputFile> data = InputFile::open(*file);
  if (!data)
    return invalid(tensor,
                   "cannot be read: " + llvm::toString(data.takeError()));
  uint64_t size = data->size();
  if (location->offset > size)
    return invalid(tensor, "starts at byte " + llvm::Twine(location->offset) +
                               " of " + llvm::Twine(size));
  uint64_t rest = size - location->offset;
  uint64_t length = location->hasLength ? location->length : rest;
  if (length > rest)
    return invalid(tensor, "needs " + llvm::Twine(length) +
                               " bytes from byte " +
                               llvm::Twine(location->offset) +
                               ", the file has " + llvm::Twine(size));
  std::string &bytes = *tensor.mutable_raw_data();
  bytes.resize(length);
  if (llvm::Error error =
          data->readAt(location->offset, {bytes.data(), bytes.size()}))
    return invalid(tensor,
                   "cannot be read: " + llvm::toString(std::move(error)));
  tensor.set_data_location(onnx::TensorProto::DEFAULT);
  tensor.clear_external_data();
  return llvm::Error::success();
}

namespace {
/// Loads what can be loaded and collects what is wrong with the rest.
class Loader {
public:
  explicit Loader(std::optional<llvm::StringRef> folder) : folder(folder) {}

  void loadNodes(google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes,
                 unsigned depth) {
    for (onnx::NodeProto &node : nodes)
      for (onnx::AttributeProto &attr : *node.mutable_attribute()) {
        if (attr.has_t())
          loadTensor(*attr.mutable_t());
        if (attr.has_g())
          loadGraph(*attr.mutable_g(), depth + 1);
      }
  }

  void loadGraph(onnx::GraphProto &graph, unsigned depth) {
    // Deeper ones are refused where they are imported.
    constexpr unsigned kMaxDepth = 32;
    if (depth > kMaxDepth)
      return;
    for (onnx::TensorProto &tensor : *graph.mutable_initializer())
      loadTensor(tensor);
    loadNodes(*graph.mutable_node(), depth);
  }

  std::vector<std::string> problems;

private:
  void loadTensor(onnx::TensorProto &tensor) {
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL)
      return;
    if (llvm::Error error = load(tensor, folder))
      problems.push_back(llvm::toString(std::move(error)));
  }

  std::optional<llvm::StringRef> folder;
};
} // namespace

std::vector<std::string>
mlc::loadExternalData(onnx::ModelProto &model,
                      std::optional<llvm::StringRef> folder) {
  Loader loader(folder);
  loader.loadGraph(*model.mutable_graph(), 0);
  for (onnx::FunctionProto &function : *model.mutable_functions())
    loader.loadNodes(*function.mutable_node(), 0);
  return std::move(loader.problems);
}
