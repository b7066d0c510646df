//===- ChannelFinder.cpp - Follows channels through a graph ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/ChannelFinder.h"

#include "llvm/ADT/StringSet.h"

#include <algorithm>

using namespace mlc;
using namespace mlc::calibrate;

static bool isStandard(const onnx::NodeProto &node) {
  return node.domain().empty() || node.domain() == "ai.onnx";
}

ChannelFinder::ChannelFinder(const onnx::GraphProto &graph, int64_t opset,
                             const Plan &plan, Shapes shapes)
    : graph(graph), index(graph), opset(opset), plan(plan),
      shapes(std::move(shapes)), isLayer(graph.node_size(), false) {
  for (const Layer &layer : plan.layers)
    isLayer[layer.node] = true;
  for (const onnx::TensorProto &tensor : graph.initializer())
    this->shapes[tensor.name()] = {tensor.dims().begin(), tensor.dims().end()};
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

int ChannelFinder::rootOf(int number) {
  while (parents[number] != number)
    number = parents[number] = parents[parents[number]];
  return number;
}

/// The smaller root stays one: what is one with 0 stays.
void ChannelFinder::unite(int a, int b) {
  a = rootOf(a);
  b = rootOf(b);
  parents[std::max(a, b)] = std::min(a, b);
}

void ChannelFinder::pin(const Labels &of) {
  for (int number : of.units)
    unite(number, 0);
}

void ChannelFinder::pinValue(const std::string &value) {
  if (const Labels *found = labelsOf(value))
    pin(*found);
}

ChannelFinder::Labels ChannelFinder::fresh(int64_t axis, int64_t count) {
  Labels result{axis, {}};
  for (int64_t i = 0; i < count; ++i) {
    result.units.push_back(static_cast<int>(parents.size()));
    parents.push_back(static_cast<int>(parents.size()));
  }
  return result;
}

void ChannelFinder::cut(const std::string &constant, int64_t axis,
                        const Labels &of) {
  cuts.push_back({constant, {axis, of.units}});
}

void ChannelFinder::give(const std::string &value, Labels of) {
  if (!value.empty())
    labels[value] = std::move(of);
}

void ChannelFinder::makeGroup(const Labels &of) { made.push_back(of); }

const ChannelLabels *ChannelFinder::labelsOf(const std::string &value) const {
  auto it = labels.find(value);
  return it == labels.end() ? nullptr : &it->second;
}

const ChannelFinder::Shape *
ChannelFinder::shapeOf(const std::string &value) const {
  auto it = shapes.find(value);
  return it == shapes.end() ? nullptr : &it->second;
}

ChannelLabels ChannelFinder::inputLabels(const std::string &value, int64_t axis,
                                         int64_t size) {
  const Labels *found = labelsOf(value);
  if (found && found->axis == axis &&
      static_cast<int64_t>(found->units.size()) == size)
    return *found;
  pinValue(value);
  return {axis, std::vector<int>(size, 0)};
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

static std::string operandOf(const onnx::NodeProto &node, int operand) {
  return operand < node.input_size() ? node.input(operand) : std::string();
}

bool ChannelFinder::followConv(int at) {
  const onnx::NodeProto &node = index.node(at);
  if (!isLayer[at])
    return false;
  const Shape &weights = *shapeOf(node.input(1));
  int64_t groups = intOf(node, "group", 1), each = weights[1];
  if (groups < 1 || weights[0] % groups)
    return false;
  Labels input = inputLabels(node.input(0), 1, groups * each);
  if (groups > 1 && each == 1)
    return followDepthwise(at, input);
  Labels output = fresh(1, weights[0]);
  if (groups > 1) {
    int64_t rows = weights[0] / groups;
    for (int64_t i = each; i < groups * each; ++i)
      unite(input.units[i], input.units[i % each]);
    for (int64_t i = rows; i < weights[0]; ++i)
      unite(output.units[i], output.units[i % rows]);
    input.units.resize(each);
  }
  cut(node.input(1), 1, input);
  cut(node.input(1), 0, output);
  if (std::string bias = operandOf(node, 2); !bias.empty())
    cut(bias, 0, output);
  makeGroup(output);
  give(node.output(0), std::move(output));
  return true;
}

bool ChannelFinder::followDepthwise(int at, const Labels &input) {
  const onnx::NodeProto &node = index.node(at);
  int64_t rows = shapeOf(node.input(1))->front();
  int64_t each = rows / static_cast<int64_t>(input.units.size());
  Labels output{1, {}};
  for (int64_t i = 0; i < rows; ++i)
    output.units.push_back(input.units[i / each]);
  cut(node.input(1), 0, output);
  if (std::string bias = operandOf(node, 2); !bias.empty())
    cut(bias, 0, output);
  edits.push_back({at, NodeEdit::Group, input});
  give(node.output(0), std::move(output));
  return true;
}

/// ConvTranspose: no layer, so that what it reads stays; its results may go.
bool ChannelFinder::followTransposed(int at) {
  const onnx::NodeProto &node = index.node(at);
  const onnx::TensorProto *weights = index.constant(operandOf(node, 1));
  std::string bias = operandOf(node, 2);
  if (!weights || weights->dims_size() < 3 || intOf(node, "group", 1) != 1 ||
      (!bias.empty() && !index.constant(bias)))
    return false;
  pinValue(node.input(0));
  Labels output = fresh(1, weights->dims(1));
  cut(node.input(1), 1, output);
  if (!bias.empty())
    cut(bias, 0, output);
  makeGroup(output);
  give(node.output(0), std::move(output));
  return true;
}

bool ChannelFinder::followGemm(int at) {
  const onnx::NodeProto &node = index.node(at);
  if (!isLayer[at])
    return false;
  int64_t inner = intOf(node, "transB", 0) ? 1 : 0;
  const Shape &weights = *shapeOf(node.input(1));
  cut(node.input(1), inner, inputLabels(node.input(0), 1, weights[inner]));
  Labels output = fresh(1, weights[1 - inner]);
  cut(node.input(1), 1 - inner, output);
  if (std::string bias = operandOf(node, 2); !bias.empty())
    cut(bias, int64_t(shapeOf(bias)->size()) - 1, output);
  makeGroup(output);
  give(node.output(0), std::move(output));
  return true;
}

/// Along its last dimension a MatMul multiplies; the others are rows to it.
bool ChannelFinder::followMatMul(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Shape *input = shapeOf(node.input(0));
  if (!isLayer[at] || !input || input->size() < 2)
    return false;
  int64_t last = int64_t(input->size()) - 1;
  const Labels *found = labelsOf(node.input(0));
  if (found && found->axis != last) {
    give(node.output(0), *found);
    return true;
  }
  const Shape &weights = *shapeOf(node.input(1));
  cut(node.input(1), 0, inputLabels(node.input(0), last, weights[0]));
  Labels output = fresh(last, weights[1]);
  cut(node.input(1), 1, output);
  makeGroup(output);
  give(node.output(0), std::move(output));
  return true;
}

//===----------------------------------------------------------------------===//
// Element by element
//===----------------------------------------------------------------------===//

bool ChannelFinder::followSame(int at) {
  const onnx::NodeProto &node = index.node(at);
  for (int i = 1; i < node.input_size(); ++i)
    pinValue(node.input(i));
  if (const Labels *found = labelsOf(node.input(0)))
    give(node.output(0), *found);
  return true;
}

/// A constant, or an Expand of one that nothing else reads.
bool ChannelFinder::cutExpanded(const std::string &value, int64_t axis,
                                const Labels &of) {
  if (index.constant(value)) {
    cut(value, axis, of);
    return true;
  }
  int producer = index.producer(value);
  if (producer < 0 || !index.onlyReader(value))
    return false;
  const onnx::NodeProto &node = index.node(producer);
  if (node.op_type() != "Expand" || !isStandard(node) ||
      !index.constant(node.input(0)))
    return false;
  int64_t rank = static_cast<int64_t>(shapeOf(value)->size());
  std::optional<Shape> sizes = integersOf(node, 1, "");
  if (!sizes || static_cast<int64_t>(sizes->size()) != rank)
    return false;
  const Shape &shape = *shapeOf(node.input(0));
  int64_t inner = axis - rank + static_cast<int64_t>(shape.size());
  if (inner >= 0 && shape[inner] != 1)
    cut(node.input(0), inner, of);
  if ((*sizes)[axis] != 1) {
    NodeEdit edit{producer, NodeEdit::Entry, of};
    edit.operand = 1;
    edit.entry = axis;
    edits.push_back(std::move(edit));
  }
  return true;
}

/// Operands are aligned at their last dimensions; one of size 1 is the same for
/// all channels.
bool ChannelFinder::followBroadcast(int at) {
  const onnx::NodeProto &node = index.node(at);
  size_t rank = 0;
  for (const std::string &input : node.input()) {
    const Shape *shape = shapeOf(input);
    if (!shape)
      return false;
    rank = std::max(rank, shape->size());
  }
  auto axisIn = [&](const std::string &input, int64_t axis) {
    return axis - static_cast<int64_t>(rank - shapeOf(input)->size());
  };
  std::optional<Labels> output;
  for (const std::string &input : node.input()) {
    const Labels *found = labelsOf(input);
    if (!found || found->units.size() == 1)
      continue;
    int64_t axis = found->axis + int64_t(rank - shapeOf(input)->size());
    if (output &&
        (output->axis != axis || output->units.size() != found->units.size()))
      return false;
    if (output)
      for (size_t i = 0; i < found->units.size(); ++i)
        unite(output->units[i], found->units[i]);
    else
      output = Labels{axis, found->units};
  }
  if (!output)
    return true;
  for (const std::string &input : node.input()) {
    int64_t axis = axisIn(input, output->axis);
    const Labels *found = labelsOf(input);
    if (axis < 0 || (*shapeOf(input))[axis] == 1 ||
        (found && found->units.size() > 1))
      continue;
    if (found || (*shapeOf(input))[axis] != int64_t(output->units.size()) ||
        !cutExpanded(input, axis, *output))
      return false;
  }
  give(node.output(0), std::move(*output));
  return true;
}

/// Operands from 1 on are constants with a number for each channel.
bool ChannelFinder::followByChannel(int at, int constants) {
  const onnx::NodeProto &node = index.node(at);
  const Labels *found = labelsOf(node.input(0));
  if (!found)
    return true;
  if (found->axis != 1 || node.input_size() != 1 + constants ||
      intOf(node, "training_mode", 0))
    return false;
  for (int i = 1; i <= constants; ++i)
    if (!index.constant(node.input(i)) ||
        *shapeOf(node.input(i)) != Shape{int64_t(found->units.size())})
      return false;
  for (int i = 1; i <= constants; ++i)
    cut(node.input(i), 0, *found);
  give(node.output(0), *found);
  return true;
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

bool ChannelFinder::follow(int at) {
  static const llvm::StringSet<> same = {"Abs",
                                         "Cast",
                                         "Ceil",
                                         "Celu",
                                         "Clip",
                                         "Dropout",
                                         "Elu",
                                         "Erf",
                                         "Exp",
                                         "Floor",
                                         "Gelu",
                                         "HardSigmoid",
                                         "HardSwish",
                                         "Identity",
                                         "LeakyRelu",
                                         "Log",
                                         "Mish",
                                         "Neg",
                                         "Reciprocal",
                                         "Relu",
                                         "Round",
                                         "Selu",
                                         "Sigmoid",
                                         "Sign",
                                         "Softplus",
                                         "Softsign",
                                         "Sqrt",
                                         "Tanh",
                                         "ThresholdedRelu"};
  static const llvm::StringSet<> broadcasts = {
      "Add", "Div", "Max", "Mean", "Min", "Mul", "PRelu", "Pow", "Sub", "Sum"};
  static const llvm::StringSet<> pools = {"AveragePool",  "GlobalAveragePool",
                                          "GlobalLpPool", "GlobalMaxPool",
                                          "LpPool",       "MaxPool"};
  using Follow = bool (ChannelFinder::*)(int);
  static const llvm::StringMap<Follow> others = {
      {"Concat", &ChannelFinder::followConcat},
      {"Conv", &ChannelFinder::followConv},
      {"ConvTranspose", &ChannelFinder::followTransposed},
      {"Flatten", &ChannelFinder::followReshape},
      {"Gather", &ChannelFinder::followGather},
      {"Gemm", &ChannelFinder::followGemm},
      {"LogSoftmax", &ChannelFinder::followSoftmax},
      {"MatMul", &ChannelFinder::followMatMul},
      {"Pad", &ChannelFinder::followPad},
      {"Reshape", &ChannelFinder::followReshape},
      {"Resize", &ChannelFinder::followResize},
      {"Slice", &ChannelFinder::followSlice},
      {"Softmax", &ChannelFinder::followSoftmax},
      {"Split", &ChannelFinder::followSplit},
      {"Squeeze", &ChannelFinder::followReshape},
      {"Transpose", &ChannelFinder::followTranspose},
      {"Unsqueeze", &ChannelFinder::followReshape},
      {"Upsample", &ChannelFinder::followResize}};
  const onnx::NodeProto &node = index.node(at);
  llvm::StringRef op = node.op_type();
  if (!isStandard(node) || node.input_size() == 0 || node.output_size() == 0)
    return false;
  // A second result, as a MaxPool's places, has to do with all channels.
  if (op != "Split")
    for (int i = 1; i < node.output_size(); ++i)
      if (!index.readers(node.output(i)).empty() ||
          index.isOutput(node.output(i)))
        return false;
  if (same.contains(op))
    return followSame(at);
  if (broadcasts.contains(op))
    return followBroadcast(at);
  if (pools.contains(op))
    return followPool(at);
  if (op == "BatchNormalization")
    return followByChannel(at, 4);
  if (op == "InstanceNormalization")
    return followByChannel(at, 2);
  if (op.starts_with("Reduce"))
    return followReduce(at);
  auto other = others.find(op);
  return other != others.end() && (this->*other->second)(at);
}

void ChannelFinder::visit(int at) {
  const onnx::NodeProto &node = index.node(at);
  bool isFollowed = follow(at);
  forEachRead(node, [&](const std::string &value, int operand) {
    if (!isFollowed || operand < 0)
      pinValue(value);
  });
  if (!isFollowed)
    for (const std::string &output : node.output())
      labels.erase(output);
}
