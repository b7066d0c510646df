//===- ChannelMovement.cpp - Channels through movement and pools ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/ChannelFinder.h"

#include "TensorIO/TensorProto.h"

#include <algorithm>
#include <numeric>

using namespace mlc;
using namespace mlc::calibrate;

/// The numbers of a constant of i64 or i32; nullopt for anything else.
static std::optional<std::vector<int64_t>>
integersOfTensor(const onnx::TensorProto *proto) {
  if (!proto || (proto->data_type() != onnx::TensorProto::INT64 &&
                 proto->data_type() != onnx::TensorProto::INT32))
    return std::nullopt;
  llvm::Expected<Tensor> tensor = fromTensorProto(*proto);
  if (!tensor) {
    llvm::consumeError(tensor.takeError());
    return std::nullopt;
  }
  std::vector<int64_t> result;
  for (int64_t i = 0; i < tensor->size(); ++i)
    result.push_back(static_cast<int64_t>(tensor->at(i)));
  return result;
}

std::optional<ChannelFinder::Shape>
ChannelFinder::integersOf(const onnx::NodeProto &node, int operand,
                          llvm::StringRef attribute) const {
  if (operand < node.input_size() && !node.input(operand).empty())
    return integersOfTensor(index.constant(node.input(operand)));
  if (!attribute.empty())
    for (const onnx::AttributeProto &each : node.attribute())
      if (each.name() == attribute)
        return intsOf(node, attribute);
  return std::nullopt;
}

/// An axis of a value of that many dimensions; -1 where it is none.
static int64_t axisOf(int64_t axis, size_t rank) {
  auto count = static_cast<int64_t>(rank);
  axis = axis < 0 ? axis + count : axis;
  return axis >= 0 && axis < count ? axis : -1;
}

static std::string firstInput(const onnx::NodeProto &node) {
  return node.input(0);
}

//===----------------------------------------------------------------------===//
// Pools and what goes along other dimensions
//===----------------------------------------------------------------------===//

bool ChannelFinder::followPool(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Labels *found = labelsOf(firstInput(node));
  if (found && found->axis != 1)
    return false;
  return followSame(at);
}

bool ChannelFinder::followSoftmax(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Labels *found = labelsOf(firstInput(node));
  const Shape *shape = shapeOf(firstInput(node));
  // Before opset 13 all dimensions from `axis` on are one.
  if (found && (!shape || opset < 13 ||
                axisOf(intOf(node, "axis", -1), shape->size()) == found->axis))
    return false;
  return followSame(at);
}

bool ChannelFinder::followReduce(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Labels *found = labelsOf(firstInput(node));
  if (!found)
    return true;
  const Shape *shape = shapeOf(firstInput(node));
  std::optional<Shape> axes = integersOf(node, 1, "axes");
  if (!shape || !axes || axes->empty())
    return false;
  Labels output = *found;
  for (int64_t each : *axes) {
    int64_t axis = axisOf(each, shape->size());
    if (axis < 0 || axis == found->axis)
      return false;
    if (!intOf(node, "keepdims", 1) && axis < found->axis)
      --output.axis;
  }
  give(node.output(0), std::move(output));
  return true;
}

/// What is put before and behind channels are channels too, as where a shortcut
/// has fewer than what it is added to.
bool ChannelFinder::followPad(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Labels *found = labelsOf(firstInput(node));
  if (!found)
    return true;
  const Shape *shape = shapeOf(firstInput(node));
  std::optional<Shape> pads = integersOf(node, 1, "pads");
  bool hasAxes = node.input_size() > 3 && !node.input(3).empty();
  if (!shape || !pads || hasAxes || pads->size() != 2 * shape->size())
    return false;
  int64_t before = (*pads)[found->axis],
          behind = (*pads)[shape->size() + found->axis];
  if (before == 0 && behind == 0)
    return followSame(at);
  for (const onnx::AttributeProto &each : node.attribute())
    if (each.name() == "pads" ||
        (each.name() == "mode" && each.s() != "constant"))
      return false;
  if (before < 0 || behind < 0)
    return false;
  Labels output = fresh(found->axis, before);
  llvm::append_range(output.units, found->units);
  llvm::append_range(output.units, fresh(found->axis, behind).units);
  NodeEdit edit{at, NodeEdit::Pads, output};
  edit.operand = 1;
  edit.entry = output.axis;
  edit.begin = before;
  edit.end = static_cast<int64_t>(output.units.size()) - behind;
  edits.push_back(std::move(edit));
  makeGroup(output);
  give(node.output(0), std::move(output));
  return true;
}

/// By factors, of which that of the channels is 1, or by sizes.
bool ChannelFinder::followResize(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Labels *found = labelsOf(firstInput(node));
  if (!found)
    return true;
  const Shape *shape = shapeOf(firstInput(node));
  if (!shape || !intsOf(node, "axes").empty())
    return false;
  for (const onnx::AttributeProto &each : node.attribute())
    if (each.name() == "coordinate_transformation_mode" &&
        each.s() == "tf_crop_and_resize")
      return false;
  bool isOld = node.op_type() == "Upsample" || opset < 11;
  int place = isOld ? 1 : 2;
  auto axis = static_cast<size_t>(found->axis);
  if (node.input_size() > place && !node.input(place).empty()) {
    auto scales = floatsOf(index.constant(node.input(place)));
    if (scales && scales->size() == shape->size())
      return (*scales)[axis] == 1 && followSame(at);
    if (!scales || !scales->empty())
      return false;
  }
  std::optional<Shape> sizes = integersOf(node, 3, "");
  if (isOld || !sizes || sizes->size() != shape->size() ||
      (*sizes)[axis] != (*shape)[axis])
    return false;
  NodeEdit edit{at, NodeEdit::Entry, *found};
  edit.operand = 3;
  edit.entry = found->axis;
  edits.push_back(std::move(edit));
  return followSame(at);
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static int64_t productOf(llvm::ArrayRef<int64_t> sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t(1),
                         std::multiplies<>());
}

/// Labels where the elements of a value of shape `from` are seen as `to`: the
/// dimension that holds all of the channels' has each as often as it has
/// elements in it. nullopt where they are spread over several.
static std::optional<ChannelLabels> reshaped(const ChannelLabels &labels,
                                             llvm::ArrayRef<int64_t> from,
                                             llvm::ArrayRef<int64_t> to) {
  auto size = static_cast<int64_t>(labels.units.size());
  int64_t outer = productOf(from.take_front(labels.axis));
  if (size < 2 || outer < 1 || productOf(from) != productOf(to))
    return std::nullopt;
  int64_t before = 1;
  for (size_t b = 0; b < to.size(); before *= to[b++]) {
    if (before > outer || to[b] < 1)
      return std::nullopt;
    int64_t reach = before * to[b];
    if (reach < outer * size)
      continue;
    if (outer % before || reach % (outer * size))
      return std::nullopt;
    ChannelLabels result{static_cast<int64_t>(b), {}};
    int64_t inner = reach / (outer * size);
    for (int64_t i = 0; i < outer / before; ++i)
      for (int unit : labels.units)
        result.units.insert(result.units.end(), inner, unit);
    return result;
  }
  return std::nullopt;
}

/// Channels as g by n, transposed, and one dimension again: place i n + k goes
/// to k g + i.
bool ChannelFinder::followShuffle(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Labels *found = labelsOf(firstInput(node));
  std::optional<Reader> swap = index.onlyReader(node.output(0));
  if (!found || !swap || index.node(swap->node).op_type() != "Transpose")
    return false;
  std::optional<Reader> last =
      index.onlyReader(index.node(swap->node).output(0));
  if (!last || last->operand != 0 ||
      index.node(last->node).op_type() != "Reshape")
    return false;
  const std::string &result = index.node(last->node).output(0);
  const Shape *from = shapeOf(firstInput(node)),
              *parted = shapeOf(node.output(0)), *to = shapeOf(result);
  if (!from || !parted || !to || *from != *to)
    return false;
  auto axis = static_cast<size_t>(found->axis);
  std::vector<int64_t> order = intsOf(index.node(swap->node), "perm"), wanted;
  Shape whole = *parted;
  if (whole.size() != from->size() + 1 || order.size() != whole.size())
    return false;
  int64_t groups = whole[axis], each = whole[axis + 1];
  whole.erase(whole.begin() + axis);
  whole[axis] = groups * each;
  for (size_t i = 0; i < order.size(); ++i)
    wanted.push_back(i == axis ? i + 1 : i == axis + 1 ? i - 1 : i);
  if (whole != *from || order != wanted)
    return false;
  NodeEdit edit{at, NodeEdit::Shuffle, *found};
  edit.entry = found->axis;
  edit.operand = 1;
  edit.replaced = {swap->node, last->node};
  Labels output{found->axis, {}};
  for (int64_t place = 0; place < groups * each; ++place) {
    edit.chosen.push_back(place % groups * each + place / groups);
    output.units.push_back(found->units[edit.chosen.back()]);
  }
  edits.push_back(std::move(edit));
  give(result, std::move(output));
  return true;
}

bool ChannelFinder::followReshape(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Labels *found = labelsOf(firstInput(node));
  // What followShuffle gave stays, where this is its last node.
  if (!found || followShuffle(at))
    return true;
  const Shape *from = shapeOf(firstInput(node)), *to = shapeOf(node.output(0));
  if (!from || !to)
    return false;
  std::optional<Labels> output = reshaped(*found, *from, *to);
  if (!output)
    return false;
  if (node.op_type() == "Reshape") {
    std::optional<Shape> wanted = integersOf(node, 1, "");
    if (!wanted || wanted->size() != to->size())
      return false;
    int64_t said = (*wanted)[output->axis];
    // 0 is the size of the same dimension before.
    if (said == 0 && (output->axis != found->axis ||
                      output->units.size() != found->units.size()))
      return false;
    if (said > 0) {
      NodeEdit edit{at, NodeEdit::Entry, *output};
      edit.operand = 1;
      edit.entry = output->axis;
      edits.push_back(std::move(edit));
    }
  }
  give(node.output(0), std::move(*output));
  return true;
}

bool ChannelFinder::followTranspose(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Labels *found = labelsOf(firstInput(node));
  if (!found)
    return true;
  const Shape *shape = shapeOf(firstInput(node));
  if (!shape)
    return false;
  auto rank = static_cast<int64_t>(shape->size());
  std::vector<int64_t> order = intsOf(node, "perm");
  if (order.empty())
    for (int64_t i = rank; i-- > 0;)
      order.push_back(i);
  auto it = llvm::find(order, found->axis);
  if (it == order.end())
    return false;
  give(node.output(0), {it - order.begin(), found->units});
  return true;
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

/// Along the channels: one after the other. Along another dimension: the same
/// ones.
bool ChannelFinder::followConcat(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Shape *shape = shapeOf(node.output(0));
  if (!shape)
    return false;
  int64_t axis = axisOf(intOf(node, "axis", 1), shape->size());
  const Labels *first = nullptr;
  for (const std::string &input : node.input())
    if (const Labels *found = labelsOf(input)) {
      if (first && first->axis != found->axis)
        return false;
      first = found;
    }
  if (!first)
    return true;
  if (first->axis == axis) {
    Labels output{axis, {}};
    for (const std::string &input : node.input()) {
      const Shape *part = shapeOf(input);
      if (!part || part->size() != shape->size())
        return false;
      llvm::append_range(output.units,
                         inputLabels(input, axis, (*part)[axis]).units);
    }
    give(node.output(0), std::move(output));
    return true;
  }
  for (const std::string &input : node.input())
    if (!labelsOf(input) && !index.constant(input))
      return false;
  for (const std::string &input : node.input()) {
    const Labels *found = labelsOf(input);
    if (!found) {
      cut(input, first->axis, *first);
      continue;
    }
    for (size_t i = 0; i < found->units.size(); ++i)
      unite(found->units[i], first->units[i]);
  }
  give(node.output(0), *first);
  return true;
}

bool ChannelFinder::followSplit(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Labels *found = labelsOf(firstInput(node));
  if (!found)
    return true;
  const Labels input = *found;
  const Shape *shape = shapeOf(firstInput(node));
  if (!shape)
    return false;
  int64_t axis = axisOf(intOf(node, "axis", 0), shape->size()), begin = 0;
  NodeEdit edit{at, NodeEdit::Sizes, input};
  for (const std::string &output : node.output()) {
    const Shape *part = shapeOf(output);
    if (!part || part->size() != shape->size())
      return false;
    edit.counts.push_back((*part)[input.axis]);
  }
  if (axis == input.axis) {
    if (std::accumulate(edit.counts.begin(), edit.counts.end(), int64_t(0)) !=
        static_cast<int64_t>(input.units.size()))
      return false;
    for (size_t i = 0; i < edit.counts.size(); begin += edit.counts[i++])
      give(node.output(i), {axis,
                            {input.units.begin() + begin,
                             input.units.begin() + begin + edit.counts[i]}});
    edits.push_back(std::move(edit));
    return true;
  }
  for (const std::string &output : node.output())
    give(output, input);
  return true;
}

/// Of neighbours in steps of 1.
bool ChannelFinder::followSlice(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Labels *found = labelsOf(firstInput(node));
  if (!found)
    return true;
  const Shape *shape = shapeOf(firstInput(node));
  std::optional<Shape> starts = integersOf(node, 1, "starts"),
                       ends = integersOf(node, 2, "ends"),
                       axes = integersOf(node, 3, "axes"),
                       steps = integersOf(node, 4, "");
  if (!shape || opset < 10 || !starts || !ends ||
      starts->size() != ends->size() ||
      (node.input_size() > 4 && !node.input(4).empty() && !steps))
    return false;
  if (!axes) {
    if (node.input_size() > 3 && !node.input(3).empty())
      return false;
    axes.emplace(starts->size());
    std::iota(axes->begin(), axes->end(), 0);
  }
  Labels output = *found;
  auto size = static_cast<int64_t>(found->units.size());
  for (size_t i = 0; i < axes->size(); ++i) {
    int64_t axis = axisOf((*axes)[i], shape->size());
    if (axis < 0 || i >= starts->size())
      return false;
    if (axis != found->axis)
      continue;
    if (steps && (i >= steps->size() || (*steps)[i] != 1))
      return false;
    auto placeOf = [&](int64_t place) {
      return std::clamp<int64_t>(place < 0 ? place + size : place, 0, size);
    };
    NodeEdit edit{at, NodeEdit::Range, *found};
    edit.entry = static_cast<int64_t>(i);
    edit.begin = placeOf((*starts)[i]);
    edit.end = placeOf((*ends)[i]);
    if (edit.begin >= edit.end)
      return false;
    output.units.assign(found->units.begin() + edit.begin,
                        found->units.begin() + edit.end);
    edits.push_back(std::move(edit));
  }
  give(node.output(0), std::move(output));
  return true;
}

/// By constant places, as a shuffle of channels.
bool ChannelFinder::followGather(int at) {
  const onnx::NodeProto &node = index.node(at);
  const Labels *found = labelsOf(firstInput(node));
  if (labelsOf(node.input(1)))
    return false;
  if (!found)
    return true;
  const Shape *shape = shapeOf(firstInput(node)),
              *places = shapeOf(node.input(1));
  if (!shape || !places)
    return false;
  int64_t axis = axisOf(intOf(node, "axis", 0), shape->size());
  Labels output = *found;
  if (axis != found->axis) {
    if (axis < found->axis)
      output.axis += static_cast<int64_t>(places->size()) - 1;
    give(node.output(0), std::move(output));
    return true;
  }
  std::optional<Shape> chosen = integersOf(node, 1, "");
  if (!chosen || places->size() != 1)
    return false;
  auto size = static_cast<int64_t>(found->units.size());
  output.units.clear();
  for (int64_t &place : *chosen) {
    place = place < 0 ? place + size : place;
    if (place < 0 || place >= size)
      return false;
    output.units.push_back(found->units[place]);
  }
  NodeEdit edit{at, NodeEdit::Indices, *found};
  edit.operand = 1;
  edit.chosen = std::move(*chosen);
  edits.push_back(std::move(edit));
  give(node.output(0), std::move(output));
  return true;
}
