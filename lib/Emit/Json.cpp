//===- Json.cpp - the contract as JSON ------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "llvm/Support/JSON.h"
#include "Emit/Contract.h"

#include <cmath>
#include <type_traits>

using namespace llvm;
using namespace mlc;

/// JSON is UTF-8; a model's strings may be anything.
static json::Value text(StringRef value) { return json::fixUTF8(value); }

static json::Array numberArray(ArrayRef<double> values) {
  return json::Array(values);
}

static void addText(json::Object &object, StringRef key, StringRef value) {
  if (!value.empty())
    object[key] = text(value);
}

static json::Object resize(const ImageResize &value) {
  json::Object object{{"from", json::Array(value.from)},
                      {"to", json::Array(value.to)}};
  addText(object, "method", value.method);
  if (value.letterbox)
    object["letterbox"] =
        json::Object{{"value", value.letterbox->value},
                     {"before", json::Array(value.letterbox->before)},
                     {"size", json::Array(value.letterbox->size)}};
  return object;
}

static json::Object preprocessing(const Preprocessing &value) {
  json::Object object{{"by", value.isCompiledIn ? "library" : "program"}};
  addText(object, "description", value.description);
  addText(object, "channel_order", value.channelOrder);
  if (!value.mean.empty())
    object["mean"] = numberArray(value.mean);
  if (!value.std.empty())
    object["std"] = numberArray(value.std);
  if (value.resize)
    object["resize"] = resize(*value.resize);
  return object;
}

/// `all` are the tensors that `value` is among.
static json::Object tensor(const TensorContract &value,
                           ArrayRef<TensorContract> all) {
  const ElementTypeInfo *type = findElementType(value.type);
  json::Object object{{"name", text(value.name)},
                      {"identifier", value.identifier},
                      {"type", type ? type->name : "unknown"},
                      {"shape", json::Array(value.shape)},
                      {"elements", value.elements()},
                      {"bytes", value.bytes()},
                      {"alignment", value.alignment}};
  addText(object, "layout", value.layout);
  addText(object, "meaning", value.meaning);
  addText(object, "doc", value.doc);
  addText(object, "function", value.function);
  addText(object, "indices", value.indices);
  if (value.range)
    object["range"] = numberArray({value.range->first, value.range->second});
  if (value.quantization) {
    object["scale"] = value.quantization->scale;
    object["zero_point"] = value.quantization->zeroPoint;
  }
  if (!value.preprocessing.empty())
    object["preprocessing"] = preprocessing(value.preprocessing);
  json::Array labels;
  for (const std::string &label : value.labels)
    labels.push_back(text(label));
  if (!labels.empty())
    object["labels"] = std::move(labels);
  json::Array counted;
  for (const TensorContract::Counted &dim : value.counted)
    counted.push_back(json::Object{{"dimension", dim.dimension},
                                   {"output", text(all[dim.output].name)}});
  if (!counted.empty())
    object["counted"] = std::move(counted);
  return object;
}

static json::Array tensors(ArrayRef<TensorContract> list) {
  json::Array array;
  for (const TensorContract &item : list)
    array.push_back(tensor(item, list));
  return array;
}

/// Larger ones are named only.
static constexpr int64_t kMaxBoundElements = 64;

static json::Array elements(const Tensor &tensor) {
  json::Array array;
  visitElementType(tensor.type(), [&](auto tag) {
    using T = decltype(tag);
    for (T value : tensor.values<T>()) {
      if constexpr (std::is_same_v<T, uint64_t>)
        array.push_back(value);
      else if constexpr (std::is_integral_v<T>)
        array.push_back(int64_t(value));
      else if (std::isfinite(double(value)))
        array.push_back(double(value));
      else // JSON has no such numbers
        array.push_back(std::isnan(double(value)) ? "nan"
                        : double(value) > 0       ? "inf"
                                                  : "-inf");
    }
  });
  return array;
}

static json::Array boundInputs(ArrayRef<BoundInput> list) {
  json::Array array;
  for (const BoundInput &input : list) {
    json::Object object{{"name", text(input.name)},
                        {"position", int64_t(input.position)},
                        {"type", name(input.value->type())},
                        {"shape", json::Array(input.value->shape())}};
    if (input.value->size() <= kMaxBoundElements)
      object["value"] = elements(*input.value);
    array.push_back(std::move(object));
  }
  return array;
}

static json::Object model(const ModelContract &contract) {
  json::Object opsets, metadata;
  for (const auto &[domain, version] : contract.opsets)
    opsets[json::fixUTF8(domain.empty() ? "ai.onnx" : domain)] = version;
  for (const auto &[key, value] : contract.metadata)
    metadata[json::fixUTF8(key)] = text(value);
  json::Object object{{"name", text(contract.name)},
                      {"opsets", std::move(opsets)}};
  addText(object, "producer", contract.producer);
  addText(object, "doc", contract.doc);
  if (!metadata.empty())
    object["metadata"] = std::move(metadata);
  return object;
}

void mlc::writeJson(const ModelContract &contract, raw_ostream &os) {
  json::Object object{
      {"schema", kContractSchema},
      {"mlc", contract.mlcVersion},
      {"prefix", contract.prefix},
      {"model", model(contract)},
      {"target", json::Object{{"triple", contract.triple},
                              {"variants", json::Array(contract.variants)}}},
      {"memory", json::Object{{"arena_bytes", contract.arenaBytes},
                              {"arena_bytes_per_thread", contract.threadBytes},
                              {"arena_align", contract.arenaAlign},
                              {"code_bytes", contract.codeBytes},
                              {"stack_bytes", contract.stackBytes},
                              {"weights_bytes", contract.weightsBytes}}},
      {"threads", contract.threads},
      {"macs", contract.macs},
      {"parameters", contract.parameters},
      {"inputs", tensors(contract.inputs)},
      {"outputs", tensors(contract.outputs)}};
  if (!contract.bound.empty())
    object["bound_inputs"] = boundInputs(contract.bound);
  // llvm::json prints the keys of an object in order.
  os << formatv("{0:2}", json::Value(std::move(object))) << '\n';
}
