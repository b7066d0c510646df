//===- FilesTest.cpp - files that are read, and files that are written ----===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/AtomicFile.h"
#include "Support/InputFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace llvm;
using namespace mlc;

namespace {

class Files : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(sys::fs::createUniqueDirectory("mlc-files", folder));
  }
  void TearDown() override { sys::fs::remove_directories(folder); }

  std::string path(StringRef name) const {
    SmallString<128> full(folder);
    sys::path::append(full, name);
    return full.str().str();
  }
  std::string make(StringRef name, StringRef text) const {
    std::ofstream(path(name)) << text.str();
    return path(name);
  }
  /// What is in the folder, sorted.
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    std::error_code code;
    for (sys::fs::directory_iterator i(folder, code), end; i != end && !code;
         i.increment(code))
      found.push_back(sys::path::filename(i->path()).str());
    std::sort(found.begin(), found.end());
    return found;
  }

  SmallString<128> folder;
};

std::string contentOf(const std::string &path) {
  Expected<std::string> text = readTextFile(path);
  return text ? *text : toString(text.takeError());
}

Error write(const std::string &path, StringRef text) {
  return writeFileAtomically(path, [&](raw_pwrite_stream &os) {
    os << text;
    return Error::success();
  });
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

TEST_F(Files, FoldersHaveTheModeThatTheUmaskLeaves) {
  mode_t old = umask(027);
  EXPECT_FALSE(makeFolder(path("a/b")));
  umask(022);
  EXPECT_FALSE(makeFolder(path("c")));
  umask(old);
  struct stat status;
  for (const char *name : {"a", "a/b"}) {
    ASSERT_EQ(stat(path(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0750u) << name;
  }
  ASSERT_EQ(stat(path("c").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0755u);
  EXPECT_FALSE(makeFolder(path("c")));
  make("file", "");
  EXPECT_TRUE(makeFolder(path("file/d")));
}

TEST_F(Files, AFailedWriteLeavesTheOldFile) {
  std::string file = make("out.txt", "old");
  Error error = writeFileAtomically(file, [](raw_pwrite_stream &os) {
    os << "half";
    return createStringError("gave up");
  });
  EXPECT_EQ(toString(std::move(error)), "'" + file + "': gave up");
  EXPECT_EQ(contentOf(file), "old");
  EXPECT_EQ(toString(write(file, "new")), "");
  EXPECT_EQ(contentOf(file), "new");
  EXPECT_EQ(names(), std::vector<std::string>{"out.txt"});
}

TEST_F(Files, NoFolderIsAnError) {
  EXPECT_EQ(toString(write("/no/such/folder/x", "")),
            "'/no/such/folder/x': No such file or directory");
  EXPECT_EQ(toString(write(path(""), "")),
            "'" + path("") + "': Is a directory");
}

TEST_F(Files, NewFilesHaveThePermissionsOfTheUser) {
  mode_t old = ::umask(027);
  EXPECT_EQ(toString(write(path("new"), "x")), "");
  ::umask(old);
  struct stat status;
  ASSERT_EQ(::stat(path("new").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST_F(Files, WhatIsNoRegularFileIsWrittenInPlace) {
  std::string pipe = path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::string received;
  std::thread reader([&] {
    int fd = ::open(pipe.c_str(), O_RDONLY);
    char buffer[64];
    for (ssize_t n; (n = ::read(fd, buffer, sizeof buffer)) > 0;)
      received.append(buffer, n);
    ::close(fd);
  });
  EXPECT_EQ(toString(write(pipe, "through")), "");
  reader.join();
  EXPECT_EQ(received, "through");
  struct stat status;
  ASSERT_EQ(::lstat(pipe.c_str(), &status), 0);
  EXPECT_TRUE(S_ISFIFO(status.st_mode));
  EXPECT_EQ(names(), std::vector<std::string>{"pipe"});
}

TEST_F(Files, AKilledWriteLeavesNothing) {
  std::string file = make("out.txt", "old");
  if (pid_t child = ::fork(); child == 0) {
    consumeError(writeFileAtomically(file, [](raw_pwrite_stream &os) {
      os << "half";
      os.flush();
      ::raise(SIGKILL);
      return Error::success();
    }));
    ::_exit(0);
  } else {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  EXPECT_EQ(contentOf(file), "old");
#ifdef O_TMPFILE
  // Where the file system has nameless files; others keep a temporary one.
  int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR, 0600);
  if (fd >= 0) {
    ::close(fd);
    EXPECT_EQ(names(), std::vector<std::string>{"out.txt"});
  }
#endif
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

TEST_F(Files, AFileThatIsCutWhileItIsReadIsAnError) {
  std::string name = make("weights", std::string(1 << 16, 'w'));
  Expected<InputFile> file = InputFile::open(name);
  ASSERT_TRUE(bool(file));
  EXPECT_EQ(file->size(), uint64_t(1 << 16));
  std::vector<char> bytes(1 << 15);
  EXPECT_EQ(toString(file->readAt(1 << 15, bytes)), "");
  ASSERT_EQ(::truncate(name.c_str(), 40000), 0);
  EXPECT_EQ(toString(file->readAt(1 << 15, bytes)),
            "it ends at byte 40000, before what is read of it");
  Expected<std::string> rest = file->readAll(1 << 20);
  ASSERT_TRUE(bool(rest));
  EXPECT_EQ(rest->size(), 40000u);
}

TEST_F(Files, EndlessFilesAreRefused) {
  Expected<InputFile> zeros = InputFile::open("/dev/zero");
  ASSERT_TRUE(bool(zeros));
  Expected<std::string> text = zeros->readAll(100000);
  ASSERT_FALSE(bool(text));
  EXPECT_EQ(toString(text.takeError()), "it has more than 100000 bytes");
}

TEST_F(Files, WhatCannotBeReadIsSaid) {
  EXPECT_EQ(contentOf("/no/such"),
            "/no/such: cannot be read: No such file or directory");
  EXPECT_EQ(contentOf(folder.str().str()),
            folder.str().str() + ": cannot be read: Is a directory");
}

} // namespace
