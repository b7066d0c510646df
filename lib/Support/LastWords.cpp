//===- LastWords.cpp - an end without a crash -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/LastWords.h"

#include "Support/Printable.h"
#include "llvm/Support/Compiler.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Signals.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <sys/resource.h>
#include <unistd.h>

using namespace llvm;
using namespace mlc;

namespace {
/// A text in memory of its own.
struct Note {
  char text[512];
  size_t size = 0;

  void set(StringRef from) {
    size = std::min(from.size(), sizeof text);
    std::memcpy(text, from.data(), size);
  }
};
} // namespace

static const char *toolName = "";
static Note file, place;

void mlc::noteFile(StringRef name) {
  file.set(printable(name));
  place.set("");
}

void mlc::notePlace(StringRef name) { place.set(printable(name)); }

static void say(StringRef text) {
  // A tool about to end has no use for the answer.
  [[maybe_unused]] ssize_t written =
      ::write(STDERR_FILENO, text.data(), text.size());
}

/// Says it with what allocates nothing, and ends. Temporary files that LLVM
/// knows of go.
[[noreturn]] static void end(StringRef message, StringRef detail) {
  say(toolName);
  say(": error: ");
  for (const Note *note : {&file, &place})
    if (note->size > 0) {
      say({note->text, note->size});
      say(": ");
    }
  say(message);
  say(detail);
  say("\n");
  sys::RunInterruptHandlers();
  ::_exit(1);
}

[[noreturn]] static void endOutOfMemory() {
  end("out of memory; the model is too large for this machine, or for the "
      "limit set for this process",
      "");
}

#if LLVM_ADDRESS_SANITIZER_BUILD || LLVM_MEMORY_SANITIZER_BUILD ||             \
    LLVM_THREAD_SANITIZER_BUILD
/// Shadow memory is larger than the machine's.
static void limitToMachine() {}
#else
/// In bytes; 0 where it is not known.
static uint64_t machineMemory() {
  long pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? uint64_t(pages) * uint64_t(size) : 0;
}

/// Limits what can be written to, not the address space: stacks of threads and
/// mapped files are no demand for memory.
static void limitToMachine() {
  rlimit limit;
  uint64_t most = machineMemory();
  if (most == 0 || ::getrlimit(RLIMIT_DATA, &limit) != 0 ||
      limit.rlim_cur <= most)
    return;
  limit.rlim_cur = most;
  ::setrlimit(RLIMIT_DATA, &limit);
}
#endif

void mlc::installLastWords(const char *tool) {
  toolName = tool;
  install_bad_alloc_error_handler(
      [](void *, const char *, bool) { endOutOfMemory(); });
  install_fatal_error_handler([](void *, const char *reason, bool) {
    end("internal error, please report it: ", reason);
  });
  std::set_new_handler(endOutOfMemory);
  limitToMachine();
}
