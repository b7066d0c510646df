//===- RemoveChannels.cpp - A model without some channels -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/RemoveChannels.h"

#include "Calibrate/GraphIndex.h"
#include "Calibrate/OutputError.h"
#include "Calibrate/Prepare.h"
#include "Onnx/Opsets.h"
#include "TensorIO/TensorProto.h"

#include <set>

using namespace mlc;
using namespace mlc::calibrate;

/// `tensor` with some places of a dimension only.
static Tensor taken(const Tensor &tensor, int64_t axis,
                    llvm::ArrayRef<int64_t> places) {
  llvm::SmallVector<int64_t> shape(tensor.shape());
  int64_t outer = 1, size = shape[axis];
  for (int64_t i = 0; i < axis; ++i)
    outer *= shape[i];
  shape[axis] = static_cast<int64_t>(places.size());
  Tensor result = llvm::cantFail(Tensor::create(tensor.type(), shape));
  auto inner = tensor.sizeInBytes() / static_cast<size_t>(outer * size);
  auto *from = static_cast<const char *>(tensor.data());
  auto *to = static_cast<char *>(result.data());
  for (int64_t i = 0; i < outer; ++i, from += size * inner)
    for (int64_t place : places) {
      std::memcpy(to, from + place * inner, inner);
      to += inner;
    }
  return result;
}

namespace {

class Remover {
public:
  Remover(onnx::ModelProto &model, const std::vector<bool> &isGone)
      : graph(*model.mutable_graph()), names(graph), isGone(isGone) {
    opset = declaredOpset(model);
    if (opset == 0)
      opset = assumedOpset(model);
    for (int i = 0; i < graph.initializer_size(); ++i)
      places[graph.initializer(i).name()] = i;
  }

  void cut(const ConstantCut &each);
  void edit(const NodeEdit &each);
  void finish();

private:
  int64_t countOf(llvm::ArrayRef<int> units) const {
    return llvm::count_if(units,
                          [&](int unit) { return unit < 0 || !isGone[unit]; });
  }
  /// How many of the first `end` places stay.
  int64_t countBefore(const NodeEdit &of, int64_t end) const {
    return countOf(llvm::ArrayRef(of.labels.units).take_front(end));
  }
  /// The operand as integers, or a constant with these in its place.
  std::vector<int64_t> integers(const onnx::NodeProto &node, int operand) const;
  void setIntegers(onnx::NodeProto &node, int operand,
                   llvm::ArrayRef<int64_t> values);
  void setSizes(onnx::NodeProto &node, const NodeEdit &of);
  void setRange(onnx::NodeProto &node, const NodeEdit &of);
  void setIndices(onnx::NodeProto &node, const NodeEdit &of);
  void gather(const NodeEdit &of);

  onnx::GraphProto &graph;
  NewNames names;
  const std::vector<bool> &isGone;
  int64_t opset;
  llvm::StringMap<int> places;
  std::set<int> dropped; ///< nodes
};

} // namespace

void Remover::cut(const ConstantCut &each) {
  std::vector<int64_t> kept = keptPlaces(each.labels, isGone);
  if (kept.size() == each.labels.units.size())
    return;
  onnx::TensorProto &proto = *graph.mutable_initializer(places[each.name]);
  // It was read before, when its cut was found.
  Tensor tensor = llvm::cantFail(fromTensorProto(proto));
  proto = toTensorProto(taken(tensor, each.labels.axis, kept));
  proto.set_name(each.name);
}

std::vector<int64_t> Remover::integers(const onnx::NodeProto &node,
                                       int operand) const {
  auto it = places.find(node.input(operand));
  Tensor tensor =
      llvm::cantFail(fromTensorProto(graph.initializer(it->second)));
  std::vector<int64_t> result;
  for (int64_t i = 0; i < tensor.size(); ++i)
    result.push_back(static_cast<int64_t>(tensor.at(i)));
  return result;
}

void Remover::setIntegers(onnx::NodeProto &node, int operand,
                          llvm::ArrayRef<int64_t> values) {
  while (node.input_size() <= operand)
    node.add_input();
  std::string before = node.input(operand);
  std::string name =
      names.make(before.empty() ? node.output(0) + "_places" : before);
  onnx::TensorProto &made = *graph.add_initializer();
  made.set_name(name);
  made.set_data_type(onnx::TensorProto::INT64);
  made.add_dims(static_cast<int64_t>(values.size()));
  made.set_raw_data(values.data(), values.size() * sizeof(int64_t));
  places[name] = graph.initializer_size() - 1;
  node.set_input(operand, name);
}

/// Parts were of one size where nothing was said of them.
void Remover::setSizes(onnx::NodeProto &node, const NodeEdit &of) {
  std::vector<int64_t> sizes;
  int64_t begin = 0;
  for (int64_t count : of.counts) {
    sizes.push_back(countBefore(of, begin + count) - countBefore(of, begin));
    begin += count;
  }
  dropAttribute(node, "num_outputs");
  if (opset >= 13)
    setIntegers(node, 1, sizes);
  else
    setAttribute(node, "split", sizes);
}

void Remover::setRange(onnx::NodeProto &node, const NodeEdit &of) {
  std::vector<int64_t> starts = integers(node, 1), ends = integers(node, 2);
  starts[of.entry] = countBefore(of, of.begin);
  ends[of.entry] = countBefore(of, of.end);
  setIntegers(node, 1, starts);
  setIntegers(node, 2, ends);
}

void Remover::setIndices(onnx::NodeProto &node, const NodeEdit &of) {
  std::vector<int64_t> kept;
  for (int64_t place : of.chosen) {
    int unit = of.labels.units[place];
    if (unit < 0 || !isGone[unit])
      kept.push_back(countBefore(of, place));
  }
  setIntegers(node, of.operand, kept);
}

/// In the place of the first of several nodes.
void Remover::gather(const NodeEdit &of) {
  onnx::NodeProto &node = *graph.mutable_node(of.node);
  std::string input = node.input(0);
  node = graph.node(of.replaced.back());
  node.clear_input();
  node.clear_attribute();
  node.set_op_type("Gather");
  node.add_input(input);
  setAttribute(node, "axis", int64_t(of.entry));
  setIndices(node, of);
  dropped.insert(of.replaced.begin(), of.replaced.end());
}

/// Takes away the nodes that others stand for.
void Remover::finish() {
  google::protobuf::RepeatedPtrField<onnx::NodeProto> kept;
  for (int i = 0; i < graph.node_size(); ++i)
    if (!dropped.count(i))
      kept.Add()->Swap(graph.mutable_node(i));
  graph.mutable_node()->Swap(&kept);
  dropUnused(graph);
}

void Remover::edit(const NodeEdit &each) {
  int64_t count = countOf(each.labels.units);
  if (count == static_cast<int64_t>(each.labels.units.size()))
    return;
  onnx::NodeProto &node = *graph.mutable_node(each.node);
  switch (each.kind) {
  case NodeEdit::Group:
    return setAttribute(node, "group", count);
  case NodeEdit::Entry: {
    std::vector<int64_t> values = integers(node, each.operand);
    values[each.entry] = count;
    return setIntegers(node, each.operand, values);
  }
  case NodeEdit::Sizes:
    return setSizes(node, each);
  case NodeEdit::Range:
    return setRange(node, each);
  case NodeEdit::Indices:
    return setIndices(node, each);
  case NodeEdit::Shuffle:
    return gather(each);
  case NodeEdit::Pads: {
    std::vector<int64_t> pads = integers(node, each.operand);
    pads[each.entry] = countBefore(each, each.begin);
    pads[pads.size() / 2 + each.entry] = count - countBefore(each, each.end);
    return setIntegers(node, each.operand, pads);
  }
  }
}

onnx::ModelProto calibrate::removeChannels(const onnx::ModelProto &model,
                                           const ChannelGroups &groups,
                                           const std::vector<bool> &isGone) {
  onnx::ModelProto result = model;
  Remover remover(result, isGone);
  for (const ConstantCut &each : groups.cuts)
    remover.cut(each);
  for (const NodeEdit &each : groups.edits)
    remover.edit(each);
  remover.finish();
  return result;
}

llvm::Error calibrate::checkRemoved(Session &session,
                                    const onnx::ModelProto &masked,
                                    const onnx::ModelProto &removed) {
  return checkSame(session, masked, removed,
                   "where channels that nothing reads are removed: their "
                   "dependencies are not understood");
}
