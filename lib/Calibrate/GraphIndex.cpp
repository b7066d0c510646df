//===- GraphIndex.cpp - Who makes and who reads a value -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/GraphIndex.h"

#include "TensorIO/TensorProto.h"

using namespace mlc;
using namespace mlc::calibrate;

/// What `graph`, inside of a node, reads; a name of its own is counted as well,
/// which is harmless.
static void
forEachReadInside(const onnx::GraphProto &graph,
                  llvm::function_ref<void(const std::string &, int)> read) {
  for (const onnx::ValueInfoProto &output : graph.output())
    read(output.name(), -1);
  for (const onnx::NodeProto &node : graph.node())
    forEachRead(node, [&](const std::string &name, int) { read(name, -1); });
}

void calibrate::forEachRead(
    const onnx::NodeProto &node,
    llvm::function_ref<void(const std::string &, int)> read) {
  for (int i = 0; i < node.input_size(); ++i)
    if (!node.input(i).empty())
      read(node.input(i), i);
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.has_g())
      forEachReadInside(attribute.g(), read);
    for (const onnx::GraphProto &inner : attribute.graphs())
      forEachReadInside(inner, read);
  }
}

GraphIndex::GraphIndex(const onnx::GraphProto &graph) : graph(graph) {
  for (const onnx::TensorProto &tensor : graph.initializer())
    values[tensor.name()].constant = &tensor;
  for (const onnx::ValueInfoProto &input : graph.input())
    values.try_emplace(input.name());
  for (const onnx::ValueInfoProto &output : graph.output())
    values[output.name()].isOutput = true;
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const std::string &output : graph.node(i).output())
      if (!output.empty())
        values[output].producer = i;
    forEachRead(graph.node(i), [&](const std::string &name, int operand) {
      values[name].readers.push_back({i, operand});
    });
  }
}

int GraphIndex::producer(llvm::StringRef value) const {
  auto it = values.find(value);
  return it == values.end() ? -1 : it->second.producer;
}

const onnx::TensorProto *GraphIndex::constant(llvm::StringRef value) const {
  auto it = values.find(value);
  return it == values.end() ? nullptr : it->second.constant;
}

llvm::ArrayRef<Reader> GraphIndex::readers(llvm::StringRef value) const {
  auto it = values.find(value);
  if (it == values.end())
    return {};
  return it->second.readers;
}

bool GraphIndex::isOutput(llvm::StringRef value) const {
  auto it = values.find(value);
  return it != values.end() && it->second.isOutput;
}

std::optional<Reader> GraphIndex::onlyReader(llvm::StringRef value) const {
  llvm::ArrayRef<Reader> all = readers(value);
  if (isOutput(value) || all.size() != 1 || all[0].operand < 0)
    return std::nullopt;
  return all[0];
}

static const onnx::AttributeProto *find(const onnx::NodeProto &node,
                                        llvm::StringRef name) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

int64_t calibrate::intOf(const onnx::NodeProto &node, llvm::StringRef name,
                         int64_t otherwise) {
  const onnx::AttributeProto *attribute = find(node, name);
  return attribute ? attribute->i() : otherwise;
}

float calibrate::floatOf(const onnx::NodeProto &node, llvm::StringRef name,
                         float otherwise) {
  const onnx::AttributeProto *attribute = find(node, name);
  return attribute ? attribute->f() : otherwise;
}

std::vector<int64_t> calibrate::intsOf(const onnx::NodeProto &node,
                                       llvm::StringRef name) {
  const onnx::AttributeProto *attribute = find(node, name);
  if (!attribute)
    return {};
  return {attribute->ints().begin(), attribute->ints().end()};
}

static onnx::AttributeProto &attributeOf(onnx::NodeProto &node,
                                         const std::string &name) {
  for (onnx::AttributeProto &attribute : *node.mutable_attribute())
    if (attribute.name() == name)
      return attribute;
  onnx::AttributeProto &made = *node.add_attribute();
  made.set_name(name);
  return made;
}

void calibrate::setAttribute(onnx::NodeProto &node, const std::string &name,
                             int64_t value) {
  onnx::AttributeProto &attribute = attributeOf(node, name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void calibrate::setAttribute(onnx::NodeProto &node, const std::string &name,
                             llvm::ArrayRef<int64_t> values) {
  onnx::AttributeProto &attribute = attributeOf(node, name);
  attribute.set_type(onnx::AttributeProto::INTS);
  attribute.mutable_ints()->Assign(values.begin(), values.end());
}

void calibrate::dropAttribute(onnx::NodeProto &node, llvm::StringRef name) {
  for (int i = node.attribute_size(); i-- > 0;)
    if (node.attribute(i).name() == name)
      node.mutable_attribute()->DeleteSubrange(i, 1);
}

static void takeNames(const onnx::GraphProto &graph,
                      std::set<std::string> &taken) {
  for (const onnx::ValueInfoProto &input : graph.input())
    taken.insert(input.name());
  for (const onnx::TensorProto &tensor : graph.initializer())
    taken.insert(tensor.name());
  for (const onnx::NodeProto &node : graph.node()) {
    taken.insert(node.name());
    taken.insert(node.output().begin(), node.output().end());
    for (const onnx::AttributeProto &attribute : node.attribute()) {
      if (attribute.has_g())
        takeNames(attribute.g(), taken);
      for (const onnx::GraphProto &inner : attribute.graphs())
        takeNames(inner, taken);
    }
  }
}

NewNames::NewNames(const onnx::GraphProto &graph) { takeNames(graph, taken); }

std::string NewNames::make(const std::string &wanted) {
  std::string name = wanted;
  for (int i = 1; !taken.insert(name).second; ++i)
    name = wanted + "_" + std::to_string(i);
  return name;
}

std::optional<std::vector<float>>
calibrate::floatsOf(const onnx::TensorProto *proto) {
  if (!proto || proto->data_type() != onnx::TensorProto::FLOAT)
    return std::nullopt;
  llvm::Expected<Tensor> tensor = fromTensorProto(*proto);
  if (!tensor) {
    llvm::consumeError(tensor.takeError());
    return std::nullopt;
  }
  return tensor->values<float>().vec();
}

onnx::TensorProto calibrate::makeFloats(const std::string &name,
                                        llvm::ArrayRef<int64_t> shape,
                                        llvm::ArrayRef<float> values) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (int64_t size : shape)
    tensor.add_dims(size);
  tensor.set_raw_data(values.data(), values.size() * sizeof(float));
  return tensor;
}
