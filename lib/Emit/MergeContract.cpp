//===- MergeContract.cpp - what the user knows of a model -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Contract.h"
#include "Support/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include <cmath>

using namespace llvm;
using namespace mlc;

namespace {

/// A place in the file, for messages: "file: inputs.image.range".
struct Place {
  std::string text;

  Place at(StringRef key) const {
    return {text + (StringRef(text).ends_with(": ") ? "" : ".") + key.str()};
  }
  Error fail(const Twine &message) const {
    StringRef where = StringRef(text).rtrim(": ");
    return createStringError(inconvertibleErrorCode(),
                             (where + ": " + message).str());
  }
};

StringRef kindOf(const json::Value &value) {
  static constexpr StringRef names[] = {"null",   "a boolean", "a number",
                                        "a text", "an array",  "an object"};
  return names[value.kind()];
}

Error wrongKind(const Place &place, const json::Value &value,
                StringRef required) {
  return place.fail("found " + kindOf(value) + ", required is " + required);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Error read(const json::Value &value, const Place &place, std::string &result) {
  auto text = value.getAsString();
  if (!text)
    return wrongKind(place, value, "a text");
  result = text->str();
  return Error::success();
}

Error read(const json::Value &value, const Place &place, double &result) {
  auto number = value.getAsNumber();
  if (!number)
    return wrongKind(place, value, "a number");
  result = *number;
  return Error::success();
}

template <typename T>
Error read(const json::Value &value, const Place &place,
           std::vector<T> &result) {
  const json::Array *array = value.getAsArray();
  if (!array)
    return wrongKind(place, value, "an array");
  result.resize(array->size());
  for (auto [i, element] : enumerate(*array))
    if (Error error =
            read(element, {place.text + "[" + utostr(i) + "]"}, result[i]))
      return error;
  return Error::success();
}

/// A key of an object and how to read its value into a T.
template <typename T>
struct KeyRow {
  StringRef key;
  Error (*read)(const json::Value &value, const Place &place, T &result);
};

template <typename T>
Error readObject(const json::Value &value, const Place &place,
                 ArrayRef<KeyRow<T>> rows, T &result) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return wrongKind(place, value, "an object");
  for (const auto &[name, member] : *object) {
    StringRef key = name;
    auto row = find_if(rows, [&](const auto &row) { return row.key == key; });
    if (row == rows.end()) {
      std::vector<StringRef> keys;
      for (const KeyRow<T> &known : rows)
        keys.push_back(known.key);
      return place.fail("unknown key '" + key + "', known are " +
                        join(keys, ", "));
    }
    if (Error error = row->read(member, place.at(key), result))
      return error;
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

Error readRange(const json::Value &value, const Place &place,
                TensorContract &tensor) {
  std::vector<double> ends;
  if (Error error = read(value, place, ends))
    return error;
  if (ends.size() != 2 || !(ends[0] <= ends[1]))
    return place.fail("required are two numbers, the lower one first");
  tensor.range = {ends[0], ends[1]};
  return Error::success();
}

Error readScale(const json::Value &value, const Place &place,
                TensorContract &tensor) {
  double scale;
  if (Error error = read(value, place, scale))
    return error;
  if (!(scale > 0) || std::isinf(scale))
    return place.fail("a scale must be positive");
  if (!tensor.quantization)
    tensor.quantization.emplace();
  tensor.quantization->scale = scale;
  return Error::success();
}

Error readZeroPoint(const json::Value &value, const Place &place,
                    TensorContract &tensor) {
  auto zero = value.getAsInteger();
  if (!zero)
    return wrongKind(place, value, "a whole number");
  if (!tensor.quantization)
    tensor.quantization.emplace();
  tensor.quantization->zeroPoint = *zero;
  return Error::success();
}

Error readLabels(const json::Value &value, const Place &place,
                 TensorContract &tensor) {
  std::vector<std::string> labels;
  if (Error error = read(value, place, labels))
    return error;
  if (!tensor.labels.empty() && tensor.labels != labels)
    return place.fail("--io has other labels; give one of the two");
  tensor.labels = std::move(labels);
  int64_t count = tensor.labels.size();
  if (tensor.indices.empty() ? is_contained(tensor.shape, count)
                             : tensor.classes == count)
    return Error::success();
  if (!tensor.indices.empty())
    return place.fail(utostr(count) + " labels for the " +
                      itostr(tensor.classes) + " classes of '" + tensor.name +
                      "'");
  return place.fail(utostr(tensor.labels.size()) + " labels, but '" +
                    tensor.name + "' has no dimension of that extent");
}

Error readLayout(const json::Value &value, const Place &place,
                 TensorContract &tensor) {
  std::string done = tensor.preprocessing.layout;
  if (Error error = read(value, place, tensor.layout))
    return error;
  if (!done.empty() && tensor.layout != done)
    return place.fail("'" + Twine(tensor.layout) + "', but the library takes " +
                      done + ", as --io says");
  if (tensor.layout.size() == tensor.shape.size())
    return Error::success();
  return place.fail("'" + Twine(tensor.layout) + "' names " +
                    utostr(tensor.layout.size()) + " dimensions, '" +
                    tensor.name + "' has " + utostr(tensor.shape.size()));
}

template <std::string TensorContract::*member>
Error readText(const json::Value &value, const Place &place,
               TensorContract &tensor) {
  return read(value, place, tensor.*member);
}

template <auto member>
Error readPart(const json::Value &value, const Place &place,
               Preprocessing &result) {
  return read(value, place, result.*member);
}

Error readPreprocessing(const json::Value &value, const Place &place,
                        TensorContract &tensor) {
  static const KeyRow<Preprocessing> rows[] = {
      {"description", readPart<&Preprocessing::description>},
      {"mean", readPart<&Preprocessing::mean>},
      {"std", readPart<&Preprocessing::std>},
      {"channel_order", readPart<&Preprocessing::channelOrder>},
  };
  if (value.kind() == json::Value::String)
    return read(value, place, tensor.preprocessing.description);
  if (!value.getAsObject())
    return wrongKind(place, value, "a text or an object");
  Preprocessing told = tensor.preprocessing;
  if (Error error = readObject<Preprocessing>(value, place, rows, told))
    return error;
  const Preprocessing &done = tensor.preprocessing;
  if (done.isCompiledIn && (told.mean != done.mean || told.std != done.std ||
                            told.channelOrder != done.channelOrder))
    return place.fail("the library does something else, as --io says; leave "
                      "it out here");
  tensor.preprocessing = std::move(told);
  return Error::success();
}

Error readTensor(const json::Value &value, const Place &place,
                 TensorContract &tensor) {
  static const KeyRow<TensorContract> rows[] = {
      {"layout", readLayout},
      {"range", readRange},
      {"scale", readScale},
      {"zero_point", readZeroPoint},
      {"labels", readLabels},
      {"preprocessing", readPreprocessing},
      {"meaning", readText<&TensorContract::meaning>},
      {"doc", readText<&TensorContract::doc>},
  };
  return readObject<TensorContract>(value, place, rows, tensor);
}

TensorContract *findTensor(std::vector<TensorContract> &tensors,
                           StringRef name) {
  for (TensorContract &tensor : tensors)
    if (tensor.name == name)
      return &tensor;
  for (TensorContract &tensor : tensors)
    if (tensor.identifier == name)
      return &tensor;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Model
//===----------------------------------------------------------------------===//

template <std::vector<TensorContract> ModelContract::*member>
Error readTensors(const json::Value &value, const Place &place,
                  ModelContract &contract) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return wrongKind(place, value, "an object");
  std::vector<TensorContract> &tensors = contract.*member;
  for (const auto &[name, description] : *object) {
    TensorContract *tensor = findTensor(tensors, name);
    if (!tensor) {
      std::vector<StringRef> names;
      for (const TensorContract &known : tensors)
        names.push_back(known.name);
      return place.fail("the model has no '" + StringRef(name) +
                        "' there, it has " + join(names, ", "));
    }
    if (Error error = readTensor(description, place.at(name), *tensor))
      return error;
  }
  return Error::success();
}

Error readMetadata(const json::Value &value, const Place &place,
                   ModelContract &contract) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return wrongKind(place, value, "an object");
  for (const auto &[key, text] : *object)
    if (Error error = read(text, place.at(key), contract.metadata[key.str()]))
      return error;
  return Error::success();
}

Error readDoc(const json::Value &value, const Place &place,
              ModelContract &contract) {
  return read(value, place, contract.doc);
}

} // namespace

Error mlc::mergeContract(ModelContract &contract, StringRef jsonText,
                         StringRef fileName) {
  static const KeyRow<ModelContract> rows[] = {
      {"doc", readDoc},
      {"metadata", readMetadata},
      {"inputs", readTensors<&ModelContract::inputs>},
      {"outputs", readTensors<&ModelContract::outputs>},
  };
  Place place{(fileName + ": ").str()};
  Expected<json::Value> value = parseJson(jsonText, fileName);
  if (!value)
    return value.takeError();
  ModelContract merged = contract;
  if (Error error = readObject<ModelContract>(*value, place, rows, merged))
    return error;
  contract = std::move(merged);
  return Error::success();
}
