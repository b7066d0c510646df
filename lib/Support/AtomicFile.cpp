//===- AtomicFile.cpp - output files appear whole or not at all -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/AtomicFile.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;
using namespace mlc;

static std::error_code lastError() {
  return std::error_code(errno, std::generic_category());
}

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

static std::string folderOf(StringRef path) {
  StringRef parent = sys::path::parent_path(path);
  return parent.empty() ? "." : parent.str();
}

/// The name by which the system knows an open file, named or not.
static std::string nameOf(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

/// A nameless file that can be given a name, or -1.
static int openNameless(StringRef folder, mode_t mode) {
#ifdef O_TMPFILE
  int fd = ::open(folder.str().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
  // Names are given through /proc.
  if (fd >= 0 && ::access(nameOf(fd).c_str(), F_OK) == 0)
    return fd;
  if (fd >= 0)
    ::close(fd);
#endif
  return -1;
}

/// Gives the file behind `fd` the name `path`, whatever has it. A link cannot
/// replace a name, a renaming can: there is a second name for that long.
static Error giveName(int fd, StringRef path) {
  std::string from = nameOf(fd), to = path.str();
  if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
               AT_SYMLINK_FOLLOW) == 0)
    return Error::success();
  SmallString<128> second;
  for (unsigned attempt = 0; errno == EEXIST && attempt < 100; ++attempt) {
    sys::fs::createUniquePath(path + ".tmp-%%%%%%%%", second,
                              /*MakeAbsolute=*/false);
    if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, second.c_str(),
                 AT_SYMLINK_FOLLOW) != 0)
      continue;
    if (::rename(second.c_str(), to.c_str()) == 0)
      return Error::success();
    std::error_code error = lastError();
    ::unlink(second.c_str());
    return errorCodeToError(error);
  }
  return errorCodeToError(lastError());
}

/// The way for file systems without nameless files.
static Error writeNamed(StringRef path,
                        function_ref<Error(raw_pwrite_stream &)> write) {
  Expected<sys::fs::TempFile> file =
      sys::fs::TempFile::create(path + ".tmp-%%%%%%%%");
  if (!file)
    return file.takeError();
  if (Error error = writeTo(file->FD, write)) {
    consumeError(file->discard());
    return error;
  }
  return file->keep(path);
}

static Error writeNameless(int fd, StringRef path,
                           function_ref<Error(raw_pwrite_stream &)> write) {
  llvm::scope_exit close([fd] { ::close(fd); });
  if (Error error = writeTo(fd, write))
    return error;
  return giveName(fd, path);
}

static Error writeInPlace(StringRef path,
                          function_ref<Error(raw_pwrite_stream &)> write) {
  int fd = ::open(path.str().c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return errorCodeToError(lastError());
  llvm::scope_exit close([fd] { ::close(fd); });
  return writeTo(fd, write);
}

static Error writeFile(StringRef path,
                       function_ref<Error(raw_pwrite_stream &)> write) {
  sys::fs::file_status status;
  if (!sys::fs::status(path, status) && sys::fs::exists(status)) {
    // A folder could be renamed over when it is empty.
    if (sys::fs::is_directory(status))
      return errorCodeToError(make_error_code(std::errc::is_a_directory));
    if (!sys::fs::is_regular_file(status))
      return writeInPlace(path, write);
  }
  int fd = openNameless(folderOf(path), 0666);
  return fd < 0 ? writeNamed(path, write) : writeNameless(fd, path, write);
}

Error mlc::writeFileAtomically(StringRef path,
                               function_ref<Error(raw_pwrite_stream &)> write) {
  if (Error error = writeFile(path, write))
    return createFileError(path, std::move(error));
  return Error::success();
}

std::error_code mlc::makeFolder(const Twine &path) {
  return sys::fs::create_directories(path, /*IgnoreExisting=*/true,
                                     sys::fs::perms::all_all);
}
