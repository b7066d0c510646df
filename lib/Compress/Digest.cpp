//===- Digest.cpp - What a search was made of ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Digest.h"

#include "Support/InputFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <array>

using namespace llvm;
using namespace mlc;
using namespace mlc::compress;

void Digest::add(StringRef text) {
  hash.update(std::to_string(text.size()) + ":");
  hash.update(text);
}

Error Digest::addFile(StringRef path) {
  Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return createStringError(path +
                             ": cannot be read: " + toString(file.takeError()));
  std::vector<char> part(1 << 20);
  uint64_t all = 0;
  while (true) {
    Expected<size_t> count = file->read(part);
    if (!count)
      return createStringError(
          path + ": cannot be read: " + toString(count.takeError()));
    if (*count == 0)
      break;
    hash.update(StringRef(part.data(), *count));
    all += *count;
  }
  hash.update("=" + std::to_string(all) + ";");
  return Error::success();
}

Error Digest::addPath(StringRef path) {
  if (!sys::fs::is_directory(path))
    return addFile(path);
  std::vector<std::string> files;
  std::error_code error;
  for (sys::fs::recursive_directory_iterator it(path, error), end;
       it != end && !error; it.increment(error))
    if (sys::fs::is_regular_file(it->path()))
      files.push_back(it->path());
  if (error)
    return createFileError(path, error);
  llvm::sort(files);
  for (const std::string &file : files) {
    add(StringRef(file).drop_front(path.size()));
    if (Error failed = addFile(file))
      return failed;
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

namespace {

/// Values of options as texts, of which two are equal only where the values
/// are.
class Writer {
public:
  explicit Writer(raw_ostream &os) : os(os) {}

  template <typename T>
  void write(const T &value) {
    if constexpr (std::is_enum_v<T>)
      os << int64_t(value) << ';';
    else if constexpr (std::is_floating_point_v<T>)
      os << format("%a;", value);
    else
      os << int64_t(value) << ';';
  }
  void write(const std::string &text) { os << text.size() << ':' << text; }
  template <typename T>
  void write(const std::optional<T> &value) {
    write(value.has_value());
    if (value)
      write(*value);
  }
  template <typename A, typename B>
  void write(const std::pair<A, B> &pair) {
    write(pair.first);
    write(pair.second);
  }
  template <typename T>
  void write(const std::vector<T> &values) {
    writeAll(values);
  }
  template <typename K, typename T, typename C>
  void write(const std::map<K, T, C> &values) {
    writeAll(values);
  }
  void write(const IoType &type) {
    write(type.element), write(type.scale), write(type.zeroPoint);
    write(type.range), write(type.layout), write(type.channels);
    write(type.mean), write(type.std), write(type.size), write(type.resize);
    write(type.letterbox), write(type.modelLayout), write(type.modelChannels);
    write(type.function), write(type.topK), write(type.labelsFile);
  }

private:
  template <typename Values>
  void writeAll(const Values &values) {
    write(values.size());
    for (const auto &value : values)
      write(value);
  }

  raw_ostream &os;
};

} // namespace

Error Digest::addOptions(const Options &options) {
  std::string text;
  raw_string_ostream os(text);
  Writer writer(os);
#define MLC_MODEL_OPTION(TYPE, MEMBER, ...) writer.write(options.MEMBER);
#define MLC_SAMPLES_OPTION MLC_MODEL_OPTION
#define MLC_QUANTIZE_OPTION MLC_MODEL_OPTION
#define MLC_PRUNE_OPTION MLC_MODEL_OPTION
#define MLC_FACTORIZE_OPTION MLC_MODEL_OPTION
#include "mlc/Options.def"
  add(text);
  for (const auto &[name, value] : options.values)
    if (StringRef path = value; path.consume_front("@"))
      if (Error error = addPath(path))
        return error;
  for (const std::string &path : options.scheduleFiles)
    if (path != "none")
      if (Error error = addPath(path))
        return error;
  return Error::success();
}

std::string Digest::text() {
  std::array<uint8_t, 32> bytes = hash.result();
  return toHex(bytes, /*LowerCase=*/true);
}
