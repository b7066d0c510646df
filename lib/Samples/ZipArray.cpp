//===- ZipArray.cpp - Arrays in .npz archives -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples/ArrayFile.h"
#include "Support/InputFile.h"

#include <minizip/unzip.h>

using namespace llvm;

namespace mlc {

namespace {

/// An archive that is open, at one of its members.
class Zip {
public:
  static Expected<Zip> open(StringRef path);
  Zip(Zip &&other) : file(std::exchange(other.file, nullptr)) {}
  ~Zip() {
    if (file)
      unzClose(file);
  }

  unzFile file;

private:
  explicit Zip(unzFile file) : file(file) {}
};

class ZipArray : public ArrayFile {
public:
  ZipArray(std::string where, Zip zip)
      : ArrayFile(std::move(where)), zip(std::move(zip)) {}
  ~ZipArray() override { unzCloseCurrentFile(zip.file); }

  Error start();

private:
  Error readBytes(uint64_t offset, MutableArrayRef<char> into) override;
  Error restart();
  Error readNext(MutableArrayRef<char> into);

  Zip zip;
  bool isOpen = false;
  uint64_t position = 0, bytes = 0; ///< within the member
};

} // namespace

Expected<Zip> Zip::open(StringRef path) {
  // For the file system's reason, which minizip does not tell.
  Expected<InputFile> readable = InputFile::open(path);
  if (!readable)
    return createFileError(path, readable.takeError());
  unzFile file = unzOpen64(path.str().c_str());
  if (!file)
    return createStringError(path + ": is no .npz archive: it has no list of "
                                    "members; it may be cut off");
  return Zip(file);
}

/// The current member's name; "" where it has none that can be read.
static std::string memberName(unzFile file, unz_file_info64 &info) {
  char name[4096];
  if (unzGetCurrentFileInfo64(file, &info, name, sizeof name - 1, nullptr, 0,
                              nullptr, 0) != UNZ_OK)
    return "";
  return std::string(name,
                     std::min<size_t>(info.size_filename, sizeof name - 1));
}

Expected<std::vector<std::string>> arraysInZip(StringRef path) {
  Expected<Zip> zip = Zip::open(path);
  if (!zip)
    return zip.takeError();
  std::vector<std::string> names;
  unz_file_info64 info;
  for (int status = unzGoToFirstFile(zip->file); status == UNZ_OK;
       status = unzGoToNextFile(zip->file)) {
    std::string name = memberName(zip->file, info);
    if (StringRef(name).ends_with(".npy"))
      names.push_back(name.substr(0, name.size() - 4));
  }
  return names;
}

Expected<std::unique_ptr<ArrayFile>> ArrayFile::openInZip(StringRef path,
                                                          StringRef name) {
  Expected<Zip> zip = Zip::open(path);
  if (!zip)
    return zip.takeError();
  std::string member = (name + ".npy").str();
  if (unzLocateFile(zip->file, member.c_str(), /*case sensitive=*/1) != UNZ_OK)
    return createStringError(path + ": has no array '" + name + "'");
  auto array = std::make_unique<ZipArray>(
      (path + ": array '" + name + "'").str(), std::move(*zip));
  if (Error error = array->start())
    return std::move(error);
  return array;
}

Error ZipArray::start() {
  unz_file_info64 info;
  if (memberName(zip.file, info).empty())
    return error("its entry in the archive cannot be read");
  bytes = info.uncompressed_size;
  return readHeader(bytes);
}

Error ZipArray::restart() {
  if (isOpen)
    unzCloseCurrentFile(zip.file);
  position = 0;
  isOpen = unzOpenCurrentFile(zip.file) == UNZ_OK;
  if (!isOpen)
    return createStringError("cannot be unpacked: its header is damaged, or "
                             "the compression is not deflate");
  return Error::success();
}

Error ZipArray::readNext(MutableArrayRef<char> into) {
  while (!into.empty()) {
    constexpr size_t most = 1 << 30;
    int count = unzReadCurrentFile(zip.file, into.data(),
                                   unsigned(std::min(into.size(), most)));
    if (count < 0)
      return createStringError("is damaged: it cannot be unpacked");
    if (count == 0)
      return createStringError("ends at byte " + Twine(position) + ", of " +
                               Twine(bytes) + " that the archive says");
    position += count;
    into = into.drop_front(count);
  }
  // What was read is known to be right only when all of it was.
  if (position < bytes || bytes == 0)
    return Error::success();
  isOpen = false;
  if (unzCloseCurrentFile(zip.file) == UNZ_CRCERROR)
    return createStringError("is damaged: its checksum is another than the "
                             "archive says");
  return Error::success();
}

Error ZipArray::readBytes(uint64_t offset, MutableArrayRef<char> into) {
  if (into.empty())
    return Error::success();
  if (!isOpen || offset < position)
    if (Error error = restart())
      return error;
  SmallVector<char> skipped(std::min<uint64_t>(offset - position, 1 << 16));
  while (position < offset) {
    size_t count = std::min<uint64_t>(offset - position, skipped.size());
    if (Error error = readNext({skipped.data(), count}))
      return error;
  }
  return readNext(into);
}

} // namespace mlc
