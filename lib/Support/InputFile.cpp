//===- InputFile.cpp - files that others may change meanwhile -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/InputFile.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

using namespace llvm;
using namespace mlc;

/// The most bytes that one read() is asked for: Linux gives no more at once.
static constexpr size_t kMostAtOnce = 1 << 30;

Expected<InputFile> InputFile::open(StringRef path) {
  int fd = -1;
  if (std::error_code error =
          sys::fs::openFileForRead(path, fd, sys::fs::OF_None))
    return errorCodeToError(error);
  InputFile file(fd, 0);
  sys::fs::file_status status;
  if (std::error_code error = sys::fs::status(fd, status))
    return errorCodeToError(error);
  if (status.type() == sys::fs::file_type::directory_file)
    return errorCodeToError(make_error_code(std::errc::is_a_directory));
  if (status.type() == sys::fs::file_type::regular_file)
    file.bytes = status.getSize();
  return std::move(file);
}

InputFile::InputFile(InputFile &&other) noexcept
    : fd(std::exchange(other.fd, -1)), bytes(other.bytes) {}

InputFile::~InputFile() {
  if (fd >= 0)
    ::close(fd);
}

static Error lastError() {
  return errorCodeToError(std::error_code(errno, std::generic_category()));
}

Expected<size_t> InputFile::read(MutableArrayRef<char> into) {
  size_t done = 0;
  while (done < into.size()) {
    ssize_t count = ::read(fd, into.data() + done,
                           std::min(into.size() - done, kMostAtOnce));
    if (count == 0)
      break;
    if (count > 0)
      done += static_cast<size_t>(count);
    else if (errno != EINTR)
      return lastError();
  }
  return done;
}

Error InputFile::readAt(uint64_t offset, MutableArrayRef<char> into) {
  size_t done = 0;
  while (done < into.size()) {
    ssize_t count = ::pread(fd, into.data() + done,
                            std::min(into.size() - done, kMostAtOnce),
                            static_cast<off_t>(offset + done));
    if (count == 0)
      return createStringError("it ends at byte " + Twine(offset + done) +
                               ", before what is read of it");
    if (count > 0)
      done += static_cast<size_t>(count);
    else if (errno != EINTR)
      return lastError();
  }
  return Error::success();
}

Expected<std::string> InputFile::readAll(uint64_t most) {
  std::string text;
  if (bytes <= most)
    text.reserve(bytes);
  char buffer[16384];
  while (true) {
    Expected<size_t> count = read(buffer);
    if (!count)
      return count.takeError();
    if (*count > most - text.size())
      return createStringError("it has more than " + Twine(most) + " bytes");
    text.append(buffer, *count);
    if (*count < sizeof buffer)
      return text;
  }
}

Expected<std::string> mlc::readTextFile(StringRef path) {
  constexpr uint64_t kMost = 64 << 20;
  auto cannot = [&](Error error) {
    return createStringError(path +
                             ": cannot be read: " + toString(std::move(error)));
  };
  Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return cannot(file.takeError());
  Expected<std::string> text = file->readAll(kMost);
  if (!text)
    return cannot(text.takeError());
  return text;
}
