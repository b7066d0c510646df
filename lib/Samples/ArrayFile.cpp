//===- ArrayFile.cpp - One array of a data set ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples/ArrayFile.h"

#include "Support/InputFile.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace mlc {

namespace {

class NpyFile : public ArrayFile {
public:
  NpyFile(StringRef path, InputFile file)
      : ArrayFile(path.str()), file(std::move(file)) {}

  Error start() { return readHeader(file.size()); }

private:
  Error readBytes(uint64_t offset, MutableArrayRef<char> into) override {
    return file.readAt(offset, into);
  }

  InputFile file;
};

} // namespace

ArrayFile::~ArrayFile() = default;

Expected<std::unique_ptr<ArrayFile>> ArrayFile::open(StringRef path) {
  Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return createFileError(path, file.takeError());
  auto array = std::make_unique<NpyFile>(path, std::move(*file));
  if (Error error = array->start())
    return std::move(error);
  return array;
}

Error ArrayFile::error(const Twine &what) const {
  return createStringError(where + ": " + what);
}

Error ArrayFile::readHeader(uint64_t fileBytes) {
  SmallVector<char> start(std::min<uint64_t>(fileBytes, NpyHeader::mostBytes));
  if (Error wrong = readBytes(0, start))
    return error(toString(std::move(wrong)));
  Expected<NpyHeader> parsed =
      parseNpyHeader({start.data(), start.size()}, fileBytes);
  if (!parsed)
    return error(toString(parsed.takeError()));
  header = std::move(*parsed);
  elements = cantFail(elementCount(header.shape)); // was checked
  if (header.fortranOrder && header.shape.size() > 1)
    return error("is in Fortran order, of which no sample can be read by "
                 "itself; save numpy.ascontiguousarray of it");
  return Error::success();
}

Error ArrayFile::read(int64_t first, int64_t count, void *into) {
  unsigned width = byteSize(header.type);
  char *bytes = static_cast<char *>(into);
  if (Error wrong = readBytes(header.dataOffset + uint64_t(first) * width,
                              {bytes, size_t(count) * width}))
    return error(toString(std::move(wrong)));
  normaliseNpyElements(header, bytes, count);
  return Error::success();
}

} // namespace mlc
