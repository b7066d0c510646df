//===- WasmModule.cpp - a library as a WebAssembly module -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Package/WasmModule.h"

#include "Support/Printable.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Program.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace mlc;

/// Debian's has LLVM's version in its name.
static Expected<std::string> findLinker() {
  SmallVector<std::string> names{"wasm-ld"};
  for (unsigned version = 30; version >= 14; --version)
    names.push_back("wasm-ld-" + utostr(version));
  for (const std::string &name : names)
    if (ErrorOr<std::string> path = sys::findProgramByName(name))
      return *path;
  return createStringError("wasm-ld is not on the PATH; it is part of lld");
}

static Error run(const std::string &program, ArrayRef<StringRef> arguments) {
  SmallString<128> log;
  if (std::error_code wrong =
          sys::fs::createTemporaryFile("mlc-wasm-ld", "txt", log))
    return createStringError("a temporary file: " + wrong.message());
  FileRemover remover(log);
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log),
                                          StringRef(log)};
  std::string message;
  int status = sys::ExecuteAndWait(program, arguments, std::nullopt, redirects,
                                   0, 0, &message);
  if (status == 0)
    return Error::success();
  Expected<std::string> said = readPackaged(log);
  if (!said)
    consumeError(said.takeError());
  else if (!said->empty())
    message = StringRef(*said).split('\n').first.str();
  return createStringError(program + ": " + printable(message));
}

Expected<std::string> mlc::linkWasm(const CompiledModel &model) {
  if (!Triple(model.triple).isWasm())
    return createStringError(model.folder + ": is for " + model.triple +
                             "; a library of mlc compile --target=wasm32 is "
                             "required");
  Expected<std::string> linker = findLinker();
  if (!linker)
    return linker.takeError();
  SmallString<128> module;
  if (std::error_code wrong =
          sys::fs::createTemporaryFile("mlc-module", "wasm", module))
    return createStringError("a temporary file: " + wrong.message());
  FileRemover remover(module);
  std::string library = model.file("lib" + model.prefix + ".a");
  std::vector<std::string> words = {*linker, "--no-entry", "--strip-all",
                                    "--gc-sections", "--stack-first"};
  // Of WebAssembly's 64 KiB pages; the rest is for who calls.
  constexpr uint64_t page = 64 << 10;
  words.push_back("-z");
  words.push_back("stack-size=" +
                  utostr(alignTo(model.stackBytes + page / 2, page)));
  for (const std::string &name :
       {model.prefix + "_init", model.prefix + "_run",
        std::string("mlc_status_string"), std::string("__heap_base")})
    words.push_back("--export=" + name);
  words.insert(words.end(), {library, "-o", module.str().str()});
  std::vector<StringRef> arguments(words.begin(), words.end());
  if (Error error = run(*linker, arguments))
    return std::move(error);
  return readPackaged(module);
}
