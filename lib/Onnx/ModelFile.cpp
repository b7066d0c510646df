//===- ModelFile.cpp - ONNX files to messages -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Onnx/ModelFile.h"

#include "Support/InputFile.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/stubs/logging.h"

#include <climits>

using namespace mlc;

namespace {
/// A file as protobuf reads it.
class FileStream : public google::protobuf::io::CopyingInputStream {
public:
  explicit FileStream(InputFile &file) : file(file) {}

  int Read(void *buffer, int size) override {
    llvm::Expected<size_t> count =
        file.read({static_cast<char *>(buffer), static_cast<size_t>(size)});
    if (count)
      return static_cast<int>(*count);
    problem = llvm::toString(count.takeError());
    return -1;
  }
  /// Why it could not be read on, if so.
  llvm::StringRef error() const { return problem; }

private:
  InputFile &file;
  std::string problem;
};
} // namespace

/// Parses without protobuf's own log on stderr; false for anything but a model.
static bool parseModel(google::protobuf::io::ZeroCopyInputStream &input,
                       onnx::ModelProto &model) {
  google::protobuf::LogSilencer silencer;
  google::protobuf::io::CodedInputStream stream(&input);
  stream.SetTotalBytesLimit(INT_MAX);
  stream.SetRecursionLimit(200);
  return model.ParseFromCodedStream(&stream) &&
         stream.ConsumedEntireMessage() && model.has_graph();
}

/// What protobuf can parse.
static llvm::Error checkSize(uint64_t size) {
  if (size <= INT_MAX)
    return llvm::Error::success();
  return llvm::createStringError(
      "has " + llvm::Twine(size) +
      " bytes, at most 2 GiB are possible; keep the weights as external data");
}

static llvm::Error noModel() {
  return llvm::createStringError("is not an ONNX model, or is truncated");
}

llvm::Expected<onnx::ModelProto> mlc::parseModelBytes(llvm::StringRef bytes) {
  if (llvm::Error error = checkSize(bytes.size()))
    return std::move(error);
  onnx::ModelProto model;
  google::protobuf::io::ArrayInputStream stream(bytes.data(),
                                                static_cast<int>(bytes.size()));
  if (!parseModel(stream, model))
    return noModel();
  return std::move(model);
}

llvm::Expected<onnx::ModelProto> mlc::readModelFile(llvm::StringRef path) {
  auto unreadable = [](const llvm::Twine &reason) {
    return llvm::createStringError("cannot be read: " + reason);
  };
  llvm::Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return unreadable(llvm::toString(file.takeError()));
  if (llvm::Error error = checkSize(file->size()))
    return std::move(error);
  onnx::ModelProto model;
  FileStream stream(*file);
  google::protobuf::io::CopyingInputStreamAdaptor adaptor(&stream, 1 << 16);
  if (parseModel(adaptor, model))
    return std::move(model);
  return stream.error().empty() ? noModel() : unreadable(stream.error());
}
