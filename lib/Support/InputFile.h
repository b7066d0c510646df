//===- InputFile.h - files that others may change meanwhile -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What mlc reads is read, never mapped: a file that is cut while it is mapped
// ends the process with a signal, one that is cut while it is read is an error
// like any other.
//
//   Expected<InputFile> file = InputFile::open("weights.bin");
//   if (!file)
//     return file.takeError();
//   if (Error error = file->readAt(offset, bytes))
//     return error;
//
// Errors are bare reasons ("no such file or directory"): the caller knows what
// the file is for.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_INPUTFILE_H
#define MLC_SUPPORT_INPUTFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace mlc {

class InputFile {
public:
  static llvm::Expected<InputFile> open(llvm::StringRef path);
  InputFile(InputFile &&other) noexcept;
  InputFile &operator=(InputFile &&other) = delete;
  ~InputFile();

  /// The size it had when it was opened; 0 of a pipe or a device.
  uint64_t size() const { return bytes; }

  /// The next bytes, as many as `into` holds unless the file ends before.
  llvm::Expected<size_t> read(llvm::MutableArrayRef<char> into);

  /// Fills `into` from byte `offset`. Errors: the file ends before.
  llvm::Error readAt(uint64_t offset, llvm::MutableArrayRef<char> into);

  /// All that follows. Errors: more than `most` bytes, found out before they
  /// are kept.
  llvm::Expected<std::string> readAll(uint64_t most);

private:
  InputFile(int fd, uint64_t bytes) : fd(fd), bytes(bytes) {}

  int fd;
  uint64_t bytes;
};

/// A whole text: a table, a contract. Errors: "path: cannot be read: reason",
/// among them a text of more than 64 MiB.
llvm::Expected<std::string> readTextFile(llvm::StringRef path);

} // namespace mlc

#endif // MLC_SUPPORT_INPUTFILE_H
