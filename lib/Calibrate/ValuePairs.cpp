//===- ValuePairs.cpp - One value in two models ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/ValuePairs.h"

#include "Calibrate/GraphIndex.h"
#include "TensorIO/TensorProto.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlc;
using namespace mlc::calibrate;

//===----------------------------------------------------------------------===//
// Pairs
//===----------------------------------------------------------------------===//

namespace {

class Pairing {
public:
  Pairing(const onnx::GraphProto &reference, const onnx::GraphProto &other)
      : reference(reference), other(other), index(other) {}

  std::vector<ValuePair> run();

private:
  void add(const std::string &value, int node, const std::string &found);
  bool isQuantize(int node, const char *op) const {
    return node >= 0 && index.node(node).op_type() == op;
  }
  void findRounding(ValuePair &pair, const std::string &found);
  void setRange(ValuePair &pair, const onnx::NodeProto &node);

  const onnx::GraphProto &reference, &other;
  GraphIndex index;
  llvm::StringSet<> taken, computed;
  std::vector<ValuePair> pairs;
};

} // namespace

/// Least and greatest integer of an ONNX type; nullopt for one of more than 16
/// bits.
static std::optional<std::pair<int, int>> limitsOf(int type) {
  switch (type) {
  case onnx::TensorProto::UINT4:
    return std::pair(0, 15);
  case onnx::TensorProto::INT4:
    return std::pair(-8, 7);
  case onnx::TensorProto::UINT8:
    return std::pair(0, 255);
  case onnx::TensorProto::INT8:
    return std::pair(-128, 127);
  case onnx::TensorProto::UINT16:
    return std::pair(0, 65535);
  case onnx::TensorProto::INT16:
    return std::pair(-32768, 32767);
  default:
    return std::nullopt;
  }
}

/// Of a QuantizeLinear or DequantizeLinear whose scale and zero point are one
/// constant each.
void Pairing::setRange(ValuePair &pair, const onnx::NodeProto &node) {
  if (node.input_size() < 3)
    return;
  auto scale = floatsOf(index.constant(node.input(1)));
  const onnx::TensorProto *zero = index.constant(node.input(2));
  if (!scale || scale->size() != 1 || !zero)
    return;
  auto limits = limitsOf(zero->data_type());
  llvm::Expected<Tensor> tensor = fromTensorProto(*zero);
  if (!tensor) {
    llvm::consumeError(tensor.takeError());
    return;
  }
  if (!limits || tensor->size() != 1)
    return;
  float step = scale->front();
  float zeroPoint = static_cast<float>(tensor->at(0));
  pair.step = step;
  pair.range = Range{step * (static_cast<float>(limits->first) - zeroPoint),
                     step * (static_cast<float>(limits->second) - zeroPoint)};
}

/// `found` is what the other model calls the value: as computed, or as what is
/// dequantised of it.
void Pairing::findRounding(ValuePair &pair, const std::string &found) {
  int producer = index.producer(found);
  if (isQuantize(producer, "DequantizeLinear")) {
    pair.rounded = found;
    const onnx::NodeProto &back = index.node(producer);
    setRange(pair, back);
    int quantize = index.producer(back.input(0));
    if (isQuantize(quantize, "QuantizeLinear"))
      pair.computed = index.node(quantize).input(0);
    return;
  }
  pair.computed = found;
  for (Reader reader : index.readers(found)) {
    if (reader.operand != 0 || !isQuantize(reader.node, "QuantizeLinear"))
      continue;
    const onnx::NodeProto &quantize = index.node(reader.node);
    for (Reader next : index.readers(quantize.output(0)))
      if (next.operand == 0 && isQuantize(next.node, "DequantizeLinear")) {
        pair.rounded = index.node(next.node).output(0);
        setRange(pair, quantize);
        return;
      }
  }
}

void Pairing::add(const std::string &value, int node,
                  const std::string &found) {
  if (!taken.insert(value).second)
    return;
  ValuePair pair;
  pair.value = value;
  pair.node = node;
  findRounding(pair, found);
  // What is one value here may be two there, one rounded and one not.
  if (!pair.computed.empty() && !computed.insert(pair.computed).second)
    pair.computed.clear();
  if (!pair.seen().empty())
    pairs.push_back(std::move(pair));
}

std::vector<ValuePair> Pairing::run() {
  llvm::StringMap<std::string> outputs;
  for (int i = 0; i < std::min(reference.output_size(), other.output_size());
       ++i)
    outputs[reference.output(i).name()] = other.output(i).name();
  llvm::StringSet<> inputs;
  for (const onnx::ValueInfoProto &input : other.input())
    inputs.insert(input.name());
  GraphIndex own(reference);
  for (const onnx::ValueInfoProto &input : reference.input())
    if (inputs.contains(input.name()) && !own.constant(input.name()))
      add(input.name(), -1, input.name());
  for (int i = 0; i < reference.node_size(); ++i) {
    if (reference.node(i).op_type() == "Constant")
      continue;
    for (const std::string &value : reference.node(i).output()) {
      auto output = outputs.find(value);
      if (output != outputs.end() && index.producer(output->second) >= 0)
        add(value, i, output->second);
      else if (!value.empty() && index.producer(value) >= 0)
        add(value, i, value);
    }
  }
  return std::move(pairs);
}

std::vector<ValuePair> calibrate::pairValues(const onnx::GraphProto &reference,
                                             const onnx::GraphProto &other) {
  return Pairing(reference, other).run();
}

int64_t calibrate::countUnmatched(const onnx::GraphProto &reference,
                                  llvm::ArrayRef<ValuePair> pairs) {
  llvm::StringSet<> matched;
  for (const ValuePair &pair : pairs)
    matched.insert(pair.value);
  int64_t count = 0;
  for (const onnx::NodeProto &node : reference.node())
    if (node.op_type() != "Constant")
      count += llvm::none_of(node.output(), [&](const std::string &value) {
        return matched.contains(value);
      });
  return count;
}

//===----------------------------------------------------------------------===//
// Cuts
//===----------------------------------------------------------------------===//

CutModel calibrate::cutAt(const onnx::ModelProto &model,
                          llvm::ArrayRef<ValuePair> pairs,
                          llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes) {
  CutModel cut{model, {}};
  onnx::GraphProto &graph = *cut.model.mutable_graph();
  NewNames names(model.graph());
  llvm::StringMap<std::string> renamed;
  for (auto [pair, shape] : llvm::zip(pairs, shapes)) {
    if (pair.node < 0) {
      cut.own.emplace_back();
      continue;
    }
    const std::string &value =
        pair.computed.empty() ? pair.rounded : pair.computed;
    cut.own.push_back(names.make(value + "_own"));
    renamed[value] = cut.own.back();
    onnx::ValueInfoProto &input = *graph.add_input();
    input.set_name(value);
    auto &type = *input.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape();
    for (int64_t size : shape)
      type.mutable_shape()->add_dim()->set_dim_value(size);
  }
  for (onnx::NodeProto &node : *graph.mutable_node())
    for (std::string &output : *node.mutable_output())
      if (auto own = renamed.find(output); own != renamed.end())
        output = own->second;
  // They name values that are inputs now.
  graph.clear_output();
  graph.clear_value_info();
  return cut;
}
