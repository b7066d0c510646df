//===- CompiledModel.cpp - What mlc compile wrote -------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Package/CompiledModel.h"

#include "Support/InputFile.h"
#include "Support/Json.h"
#include "Support/Printable.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlc;

/// Bools are bytes, 0 or 1; 16-bit floats that a language lacks are their bits.
static constexpr ElementNames elementNames[] = {
    {"f32", "float", "f32", "float32", "Float32Array"},
    {"f64", "double", "f64", "float64", "Float64Array"},
    {"f16", "uint16_t", "u16", "float16", "Uint16Array"},
    {"bf16", "uint16_t", "u16", "uint16", "Uint16Array"},
    {"i8", "int8_t", "i8", "int8", "Int8Array"},
    {"u8", "uint8_t", "u8", "uint8", "Uint8Array"},
    {"i16", "int16_t", "i16", "int16", "Int16Array"},
    {"u16", "uint16_t", "u16", "uint16", "Uint16Array"},
    {"i32", "int32_t", "i32", "int32", "Int32Array"},
    {"u32", "uint32_t", "u32", "uint32", "Uint32Array"},
    {"i64", "int64_t", "i64", "int64", "BigInt64Array"},
    {"u64", "uint64_t", "u64", "uint64", "BigUint64Array"},
    {"bool", "uint8_t", "u8", "uint8", "Uint8Array"},
    {"i4", "int8_t", "i8", "int8", "Int8Array"},
    {"u4", "uint8_t", "u8", "uint8", "Uint8Array"},
};

std::string CompiledTensor::sizes() const {
  std::string text;
  for (int64_t size : shape)
    text += (text.empty() ? "" : "x") + std::to_string(size);
  return text.empty() ? "scalar" : text;
}

std::string CompiledModel::file(const Twine &name) const {
  SmallString<256> path(folder);
  sys::path::append(path, name);
  return path.str().str();
}

Expected<std::string> mlc::readPackaged(StringRef path) {
  auto problem = [&](Error reason) {
    return createStringError(
        printable(path) + ": cannot be read: " + toString(std::move(reason)));
  };
  Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return problem(file.takeError());
  Expected<std::string> content = file->readAll(uint64_t(1) << 40);
  if (!content)
    return problem(content.takeError());
  return content;
}

namespace {

/// One contract, and what is wrong with it.
class Reader {
public:
  explicit Reader(StringRef path) : path(path) {}

  Expected<CompiledModel> read();

private:
  Error problem(const Twine &what) const {
    return createStringError(printable(path) + ": " + what);
  }
  Error readTensors(const json::Object &contract, StringRef key,
                    std::vector<CompiledTensor> &tensors) const;
  Error readTensor(const json::Object &from, StringRef key,
                   CompiledTensor &tensor) const;
  Error readTarget(const json::Object &contract, CompiledModel &model) const;
  Error checkFiles(const CompiledModel &model) const;

  StringRef path;
};

} // namespace

static bool isIdentifier(StringRef text) {
  return !text.empty() && !isDigit(text.front()) &&
         all_of(text, [](char c) { return isAlnum(c) || c == '_'; });
}

static std::string textAt(const json::Object &object, StringRef key) {
  return printable(object.getString(key).value_or(""));
}

/// What the contract says of a tensor besides its type, on one line.
static std::string meaningOf(const json::Object &tensor) {
  std::vector<std::string> parts;
  for (StringRef key : {"meaning", "doc", "layout"})
    if (std::string text = textAt(tensor, key); !text.empty())
      parts.push_back(key == "layout" ? "layout " + text : text);
  if (const json::Array *range = tensor.getArray("range");
      range && range->size() == 2 && (*range)[0].getAsNumber() &&
      (*range)[1].getAsNumber()) {
    std::string text = "from ";
    raw_string_ostream(text)
        << *(*range)[0].getAsNumber() << " to " << *(*range)[1].getAsNumber();
    parts.push_back(text);
  }
  if (const json::Object *before = tensor.getObject("preprocessing"))
    if (std::string text = textAt(*before, "description"); !text.empty())
      parts.push_back(text);
  if (const json::Array *labels = tensor.getArray("labels"))
    parts.push_back(std::to_string(labels->size()) + " labels");
  return join(parts, "; ");
}

Error Reader::readTensor(const json::Object &from, StringRef key,
                         CompiledTensor &tensor) const {
  auto name = from.getString("name"), type = from.getString("type");
  auto identifier = from.getString("identifier");
  auto elements = from.getInteger("elements");
  const json::Array *shape = from.getArray("shape");
  if (!name || !type || !shape || !elements || !identifier ||
      !isIdentifier(*identifier))
    return problem("'" + key +
                   "' has a tensor without name, identifier, type, "
                   "shape or elements; a contract of mlc compile is required");
  tensor.name = printable(*name);
  tensor.identifier = identifier->str();
  tensor.elements = *elements;
  tensor.meaning = meaningOf(from);
  int64_t count = 1;
  for (const json::Value &size : *shape) {
    std::optional<int64_t> number = size.getAsInteger();
    int64_t product = 0;
    if (!number || *number < 0 || MulOverflow(count, *number, product))
      return problem("'" + tensor.name + "' has a shape that is none");
    tensor.shape.push_back(*number);
    count = product;
  }
  if (count != *elements)
    return problem("'" + tensor.name + "' has " + Twine(*elements) +
                   " elements and a shape of " + Twine(count));
  auto known = find_if(elementNames, [&](const ElementNames &names) {
    return *type == names.contract;
  });
  if (known == std::end(elementNames))
    return problem("'" + tensor.name + "' has elements of an unknown type, '" +
                   printable(*type) + "'");
  tensor.type = known;
  return Error::success();
}

Error Reader::readTensors(const json::Object &contract, StringRef key,
                          std::vector<CompiledTensor> &tensors) const {
  const json::Array *list = contract.getArray(key);
  if (!list)
    return problem("has no '" + key +
                   "'; a contract of mlc compile is required");
  for (const json::Value &value : *list) {
    const json::Object *object = value.getAsObject();
    if (!object)
      return problem("'" + key + "' has what is no tensor");
    tensors.emplace_back();
    if (Error error = readTensor(*object, key, tensors.back()))
      return error;
  }
  return Error::success();
}

Error Reader::readTarget(const json::Object &contract,
                         CompiledModel &model) const {
  const json::Object *target = contract.getObject("target");
  const json::Object *memory = contract.getObject("memory");
  auto bytes = memory ? memory->getInteger("arena_bytes") : std::nullopt;
  auto align = memory ? memory->getInteger("arena_align") : std::nullopt;
  if (!target || !target->getString("triple") || !bytes || *bytes < 0 ||
      !align || *align < 1 || (*align & (*align - 1)))
    return problem("has no target or no sizes of memory; a contract of mlc "
                   "compile is required");
  model.triple = textAt(*target, "triple");
  model.arenaBytes = *bytes;
  model.arenaAlign = *align;
  model.stackBytes =
      std::max<int64_t>(0, memory->getInteger("stack_bytes").value_or(0));
  if (const json::Array *variants = target->getArray("variants"))
    for (const json::Value &variant : *variants)
      model.variants.push_back(printable(variant.getAsString().value_or("")));
  return Error::success();
}

Error Reader::checkFiles(const CompiledModel &model) const {
  for (const std::string &name :
       {"lib" + model.prefix + ".a", model.prefix + ".h",
        std::string("mlc_runtime.h")})
    if (!sys::fs::is_regular_file(model.file(name)))
      return problem("'" + name +
                     "' is not beside it; what mlc compile wrote is required "
                     "together");
  return Error::success();
}

Expected<CompiledModel> Reader::read() {
  Expected<std::string> text = readPackaged(path);
  if (!text)
    return text.takeError();
  Expected<json::Value> value = parseJson(*text, sys::path::filename(path));
  if (!value)
    return problem("is no JSON: " + printable(toString(value.takeError())));
  const json::Object *contract = value->getAsObject();
  auto prefix = contract ? contract->getString("prefix") : std::nullopt;
  if (!prefix || !isIdentifier(*prefix))
    return problem("has no 'prefix'; a contract of mlc compile is required");
  CompiledModel model;
  model.folder = sys::path::parent_path(path).str();
  if (model.folder.empty())
    model.folder = ".";
  model.prefix = prefix->str();
  if (const json::Object *about = contract->getObject("model"))
    model.name = textAt(*about, "name");
  if (model.name.empty())
    model.name = model.prefix;
  if (Error error = readTarget(*contract, model))
    return std::move(error);
  if (Error error = readTensors(*contract, "inputs", model.inputs))
    return std::move(error);
  if (Error error = readTensors(*contract, "outputs", model.outputs))
    return std::move(error);
  if (Error error = checkFiles(model))
    return std::move(error);
  return std::move(model);
}

/// The contract of a folder: the .json with a library of its name beside it.
static Expected<std::string> contractIn(StringRef folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (sys::fs::directory_iterator it(folder, error), end; it != end && !error;
       it.increment(error)) {
    StringRef path = it->path();
    if (sys::path::extension(path) != ".json")
      continue;
    SmallString<256> library(folder);
    sys::path::append(library, "lib" + sys::path::stem(path) + ".a");
    if (sys::fs::exists(library))
      found.push_back(path.str());
  }
  if (error)
    return createStringError(printable(folder) +
                             ": cannot be read: " + error.message());
  llvm::sort(found);
  if (found.size() == 1)
    return found.front();
  std::string which = found.empty() ? "has no contract (NAME.json beside "
                                      "libNAME.a); a folder that mlc compile "
                                      "wrote is required"
                                    : "has several contracts, one of which is "
                                      "to be named: " +
                                          printable(join(found, ", "));
  return createStringError(printable(folder) + ": " + which);
}

Expected<CompiledModel> mlc::readCompiled(StringRef path) {
  if (!sys::fs::is_directory(path))
    return Reader(path).read();
  Expected<std::string> contract = contractIn(path);
  if (!contract)
    return contract.takeError();
  return Reader(*contract).read();
}
