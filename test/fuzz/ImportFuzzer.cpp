//===- ImportFuzzer.cpp - Models from libFuzzer ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bytes, guided by what they cover, through the importer and the passes on the
// graph: every model ends in a module or in messages. docs/testing.md says how
// to run it. $MLC_FUZZ_STOP names the phase to stop behind; the default is
// `import`, `simplify` and later ones cover more and are slower.
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Compiler.h"

#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlc;

/// The compiler reads files: one in memory, which every model is written to.
static int modelFile() {
  static int fd = ::memfd_create("model.onnx", 0);
  if (fd < 0) {
    std::perror("memfd_create");
    std::exit(1);
  }
  return fd;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int fd = modelFile();
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, data, size, 0) != static_cast<ssize_t>(size))
    return 0;
  const char *stop = std::getenv("MLC_FUZZ_STOP");
  CompileOptions options;
  options.model = "/proc/self/fd/" + std::to_string(fd);
  options.stopAfter = stop ? stop : "import";
  options.irStream = nullptr;
  llvm::Expected<CompiledModule> compiled = compileToModule(options);
  if (compiled)
    return 0;
  // A refusal says something, or it is a failure like a crash.
  if (llvm::toString(compiled.takeError()).empty())
    std::abort();
  return 0;
}
