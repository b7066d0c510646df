//===- Package.cpp - Modules for build systems and languages --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Package/Package.h"

#include "Package/WasmModule.h"
#include "Package/Words.h"
#include "Support/AtomicFile.h"
#include "Support/Printable.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

// templates: {"KIND/PATH", text}
#include "PackageTemplates.inc"

using namespace llvm;
using namespace mlc;

namespace {

/// A file that goes into the package as it is; both names have @WORDS@.
struct Copied {
  const char *from, *to;
};

/// For whom a package is.
struct Kind {
  const char *name;
  std::vector<Copied> copied;
  bool isWasm = false; ///< it has model.wasm, linked of the library
};

} // namespace

static ArrayRef<Kind> kinds() {
  static const char *library = "lib@PREFIX@.a";
  static const char *header = "@PREFIX@.h", *runtime = "mlc_runtime.h";
  static const char *contract = "@PREFIX@.json";
  static const std::vector<Kind> all = {
      {"cmake",
       {{library, "lib/lib@PREFIX@.a"},
        {header, "include/@PREFIX@.h"},
        {runtime, "include/mlc_runtime.h"},
        {contract, "share/@NAME@/@PREFIX@.json"}}},
      {"rust", {{library, "lib/lib@PREFIX@.a"}, {contract, "@PREFIX@.json"}}},
      {"python",
       {{library, "lib/lib@PREFIX@.a"},
        {header, "include/@PREFIX@.h"},
        {runtime, "include/mlc_runtime.h"},
        {contract, "src/@MODULE@/contract.json"}}},
      {"npm", {{contract, "contract.json"}}, /*isWasm=*/true},
  };
  return all;
}

static std::string namesOfKinds() {
  std::vector<std::string> names;
  for (const Kind &kind : kinds())
    names.push_back(kind.name);
  return join(names, ", ");
}

static Error checkOptions(const PackageOptions &options) {
  auto isNamed = [](char c) { return isAlnum(c) || c == '_' || c == '-'; };
  if (options.name.empty() || !isAlpha(options.name.front()) ||
      !all_of(options.name, isNamed))
    return createStringError("--name=" + printable(options.name) +
                             ": letters, digits, _ and - are required, a "
                             "letter first");
  SmallVector<StringRef> parts;
  StringRef(options.version).split(parts, '.');
  if (parts.size() != 3 || !all_of(parts, [](StringRef part) {
        unsigned number;
        return !part.getAsInteger(10, number) && part == utostr(number);
      }))
    return createStringError("--version=" + printable(options.version) +
                             ": three numbers are required, as 1.2.3");
  return Error::success();
}

/// `text` with what `words` has in the places of @WORDS@.
static std::string withWords(StringRef text, const PackageWords &words) {
  std::string result;
  for (size_t at = 0;;) {
    size_t begin = text.find('@', at);
    size_t end = begin == StringRef::npos ? begin : text.find('@', begin + 1);
    if (end == StringRef::npos)
      return result + text.drop_front(at).str();
    auto word = words.find(text.slice(begin + 1, end).str());
    bool isWord = word != words.end();
    result += text.slice(at, isWord ? begin : end);
    result += isWord ? word->second : "";
    at = isWord ? end + 1 : end;
  }
}

/// Where a template goes.
static std::string pathOf(StringRef path, const PackageOptions &options) {
  path.consume_back(".in");
  std::string module = moduleName(options.name);
  std::string result;
  while (!path.empty()) {
    if (path.consume_front("NAME"))
      result += options.name;
    else if (path.consume_front("MODULE"))
      result += module;
    else {
      result += path.front();
      path = path.drop_front();
    }
  }
  return result;
}

Expected<PackageFiles> mlc::makePackage(const CompiledModel &model,
                                        const PackageOptions &options) {
  if (Error error = checkOptions(options))
    return std::move(error);
  const auto *kind = find_if(
      kinds(), [&](const Kind &known) { return options.kind == known.name; });
  if (kind == kinds().end())
    return createStringError("--kind=" + printable(options.kind) + ": one of " +
                             namesOfKinds() + " is required");
  PackageWords words = packageWords(model, options);
  PackageFiles files;
  for (auto [path, text] : templates()) {
    StringRef inKind = path;
    if (inKind.consume_front((kind->name + Twine("/")).str()))
      files[pathOf(inKind, options)] = withWords(text, words);
  }
  for (const Copied &copied : kind->copied) {
    Expected<std::string> content =
        readPackaged(model.file(withWords(copied.from, words)));
    if (!content)
      return content.takeError();
    files[withWords(copied.to, words)] = std::move(*content);
  }
  if (kind->isWasm) {
    Expected<std::string> module = linkWasm(model);
    if (!module)
      return module.takeError();
    files["model.wasm"] = std::move(*module);
  }
  return std::move(files);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static Error writeInto(StringRef folder, const PackageFiles &files) {
  for (const auto &file : files) {
    SmallString<256> path(folder);
    sys::path::append(path, file.first);
    if (std::error_code wrong = makeFolder(sys::path::parent_path(path)))
      return createStringError(printable(path) +
                               ": cannot be written: " + wrong.message());
    if (Error error = writeFileAtomically(path, [&](raw_pwrite_stream &os) {
          os << file.second;
          return Error::success();
        }))
      return error;
  }
  return Error::success();
}

Error mlc::writePackage(StringRef folder, const PackageFiles &files) {
  while (folder.size() > 1 && sys::path::is_separator(folder.back()))
    folder = folder.drop_back();
  std::error_code wrong;
  bool isThere = sys::fs::exists(folder);
  if (isThere && (!sys::fs::is_directory(folder) ||
                  sys::fs::directory_iterator(folder, wrong) !=
                      sys::fs::directory_iterator()))
    return createStringError(printable(folder) +
                             ": is there already; a folder that is new or "
                             "empty is required");
  // A folder gets its name when it is complete.
  std::string partial =
      (folder + ".partial" + Twine(sys::Process::getProcessId())).str();
  Error error = writeInto(partial, files);
  if (!error) {
    if (isThere)
      sys::fs::remove(folder);
    wrong = sys::fs::rename(partial, folder);
    if (!wrong)
      return Error::success();
    error = createStringError(printable(folder) +
                              ": cannot be written: " + wrong.message());
  }
  sys::fs::remove_directories(partial);
  return error;
}
