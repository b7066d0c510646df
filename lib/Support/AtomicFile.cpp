//===- AtomicFile.cpp - output files appear whole or not at all -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/AtomicFile.h"
#include "llvm/Support/FileSystem.h"

using namespace llvm;

static Error writeTo(int fd, function_ref<Error(raw_pwrite_stream &)> write) {
  raw_fd_ostream os(fd, /*shouldClose=*/false);
  Error error = write(os);
  os.flush();
  std::error_code code = os.error();
  os.clear_error();
  if (error)
    return error;
  return errorCodeToError(code);
}

Error mlc::writeFileAtomically(StringRef path,
                               function_ref<Error(raw_pwrite_stream &)> write) {
  // A folder could be renamed over when it is empty.
  if (sys::fs::is_directory(path))
    return createFileError(path, make_error_code(std::errc::is_a_directory));
  Expected<sys::fs::TempFile> file =
      sys::fs::TempFile::create(path + ".tmp-%%%%%%%%");
  if (!file)
    return createFileError(path, file.takeError());
  if (Error error = writeTo(file->FD, write)) {
    consumeError(file->discard());
    return createFileError(path, std::move(error));
  }
  if (Error error = file->keep(path))
    return createFileError(path, std::move(error));
  return Error::success();
}
