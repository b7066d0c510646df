//===- ConvertSequence.cpp - Sequences and optionals ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sequences and optionals are resolved here: see Item.h. What makes tensors of
// them (SequenceAt, ConcatFromSequence) gives nn ops, the rest gives none.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/GraphImporter.h"
#include "Import/TensorImport.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlc;

namespace {

/// Tensors above which a split is refused: each of them is an op.
constexpr int64_t kMaxPieces = 20000;

/// Input `i` as a sequence; reports and gives nothing where it is none.
std::optional<Item> sequenceInput(Node &node, size_t i) {
  const Item &item = node.item(i);
  if (item.isSequence())
    return item;
  node.error() << "input " << i << " is "
               << (item ? item.describe() : "not given")
               << ", a sequence is required";
  return std::nullopt;
}

/// Whether `v` may join the sequence; reports where it may not.
bool checkElement(Node &node, const Item &sequence, Value v) {
  if (!v)
    return false;
  Type element = sequence.elementType();
  if (!element || nn::elementOf(v) == element)
    return true;
  node.error() << "puts " << v.getType() << " into a sequence of tensors of "
               << element;
  return false;
}

/// The place that input 1 or 2 (`index`) names among `size`, from the end where
/// it is negative; `otherwise` where it is omitted. Reports any other.
std::optional<int64_t> position(Node &node, size_t index, int64_t size,
                                int64_t otherwise) {
  int64_t place = otherwise;
  if (node.hasInput(index)) {
    FailureOr<SmallVector<int64_t>> given = node.constantInts(index);
    if (failed(given))
      return std::nullopt;
    if (given->size() != 1) {
      node.error() << "position has " << given->size()
                   << " elements, one is required";
      return std::nullopt;
    }
    place = given->front();
  }
  int64_t wrapped = place < 0 && place >= -size ? place + size : place;
  if (wrapped >= 0 && wrapped < size)
    return wrapped;
  node.error() << "position " << place << " is outside of [" << -size << ", "
               << size << ")";
  return std::nullopt;
}

Values give(Node &node, Item item) {
  node.give(0, std::move(item));
  return {};
}

//===----------------------------------------------------------------------===//
// Making sequences
//===----------------------------------------------------------------------===//

Values sequenceConstruct(Node &node) {
  Value first = node.input(0);
  if (!first)
    return {};
  Item sequence = Item::sequence(node.inputs(), nn::elementOf(first));
  for (size_t i = 1; i < node.numInputs(); ++i)
    if (!checkElement(node, sequence, node.input(i)))
      return {};
  return give(node, sequence);
}

Values sequenceEmpty(Node &node) {
  int64_t number = node.intAttr("dtype", onnx::TensorProto::FLOAT);
  // What ONNX makes of a SequenceMap whose body does not say its type.
  bool isOpen = number == onnx::TensorProto::UNDEFINED;
  Type element = importElementType(number, node.builder.getContext());
  if (!element && !isOpen) {
    node.error() << "has element type " << dataTypeName(number)
                 << ", which is not supported";
    return {};
  }
  return give(node, Item::sequence({}, element));
}

Values sequenceInsert(Node &node) {
  std::optional<Item> sequence = sequenceInput(node, 0);
  Value v = node.input(1);
  if (!sequence || !checkElement(node, *sequence, v))
    return {};
  Values tensors(sequence->elements());
  // Behind the last one is a place too, but not one that -1 names.
  int64_t size = tensors.size(), place = size;
  if (node.hasInput(2)) {
    std::optional<SmallVector<int64_t>> given =
        nn::constantIntegers(node.constantOf(node.inputs()[2]));
    bool isBehind = given && given->size() == 1 && given->front() == size;
    std::optional<int64_t> known =
        isBehind ? size : position(node, 2, size, size);
    if (!known)
      return {};
    place = *known;
  }
  tensors.insert(tensors.begin() + place, v);
  return give(node, Item::sequence(tensors, nn::elementOf(v)));
}

Values sequenceErase(Node &node) {
  std::optional<Item> sequence = sequenceInput(node, 0);
  if (!sequence)
    return {};
  Values tensors(sequence->elements());
  std::optional<int64_t> place =
      position(node, 1, tensors.size(), tensors.size() - 1);
  if (!place)
    return {};
  tensors.erase(tensors.begin() + *place);
  return give(node, sequence->withTensors(tensors));
}

/// Sizes of the parts of SplitToSequence; reports those that do not add up.
FailureOr<SmallVector<int64_t>> partSizes(Node &node, int64_t size) {
  SmallVector<int64_t> sizes;
  int64_t part = 1;
  bool isList = false;
  if (node.hasInput(1)) {
    FailureOr<SmallVector<int64_t>> given = node.constantInts(1);
    if (failed(given))
      return failure();
    isList = !nn::shapeOf(node.inputs()[1]).empty();
    if (isList)
      sizes = *given;
    else
      part = given->front();
  }
  if (!isList && part > 0 && llvm::divideCeil(size, part) <= kMaxPieces)
    for (int64_t left = size; left > 0; left -= part)
      sizes.push_back(std::min(left, part));
  int64_t sum = 0;
  for (int64_t s : sizes)
    sum += s < 0 || s > size ? size + 1 : s;
  if (sum == size && static_cast<int64_t>(sizes.size()) <= kMaxPieces)
    return sizes;
  node.error() << "splits " << size << " elements into "
               << (isList ? "the parts that input 1 lists"
                          : "parts of " + std::to_string(part))
               << ", which do not add up or are more than " << kMaxPieces;
  return failure();
}

Values splitToSequence(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  ArrayRef<int64_t> shape = nn::shapeOf(x);
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 0), shape.size());
  if (failed(axis))
    return {};
  FailureOr<SmallVector<int64_t>> sizes = partSizes(node, shape[*axis]);
  if (failed(sizes) || failed(node.importer.countNodes(node, sizes->size())))
    return {};
  SmallVector<int64_t> without(shape);
  without.erase(without.begin() + *axis);
  bool dropsAxis = !node.hasInput(1) && node.intAttr("keepdims", 1) == 0;
  Values parts;
  int64_t start = 0;
  for (int64_t size : *sizes) {
    Value part = node.slice(x, *axis, start, size);
    parts.push_back(dropsAxis ? node.reshape(part, without) : part);
    start += size;
  }
  if (node.failed())
    return {};
  return give(node, Item::sequence(parts, nn::elementOf(x)));
}

//===----------------------------------------------------------------------===//
// Reading sequences
//===----------------------------------------------------------------------===//

/// A place that is known picks a tensor; another one gathers from all of them,
/// which must be alike.
Values sequenceAt(Node &node) {
  std::optional<Item> sequence = sequenceInput(node, 0);
  Value index = node.input(1);
  if (!sequence || !index)
    return {};
  ArrayRef<Value> tensors = sequence->elements();
  if (node.constantOf(index)) {
    std::optional<int64_t> place = position(node, 1, tensors.size(), 0);
    return place ? Values{tensors[*place]} : Values();
  }
  if (tensors.empty() || !llvm::all_equal(ValueRange(tensors).getTypes())) {
    node.error() << "reads " << sequence->describe()
                 << " at a position that is not known at compile time; that "
                    "takes one tensor or more, all of one type";
    return {};
  }
  Value all = stack(node, tensors, 0);
  return {gatherRows(node, all, node.reshape(index, {}))};
}

Values sequenceLength(Node &node) {
  std::optional<Item> sequence = sequenceInput(node, 0);
  if (!sequence)
    return {};
  return {node.scalar(node.builder.getI64Type(), sequence->elements().size())};
}

Values concatFromSequence(Node &node) {
  std::optional<Item> sequence = sequenceInput(node, 0);
  if (!sequence)
    return {};
  ArrayRef<Value> tensors = sequence->elements();
  if (tensors.empty()) {
    node.error() << "joins a sequence of no tensors";
    return {};
  }
  bool isNew = node.intAttr("new_axis", 0) != 0;
  int64_t rank = nn::shapeOf(tensors.front()).size() + isNew;
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", 0), rank);
  if (failed(axis))
    return {};
  return {isNew ? stack(node, tensors, *axis) : concat(node, tensors, *axis)};
}

//===----------------------------------------------------------------------===//
// Optionals, and what passes any item on
//===----------------------------------------------------------------------===//

Values optional(Node &node) {
  const Item &held = node.item(0);
  return give(node, held ? Item::optional(held) : Item::emptyOptional());
}

Values optionalHasElement(Node &node) {
  const Item &item = node.item(0);
  return {
      node.scalar(node.builder.getI1Type(), item && !item.isEmptyOptional())};
}

Values optionalGetElement(Node &node) {
  const Item &item = node.item(0);
  if (!item || item.isEmptyOptional()) {
    node.error() << "reads an optional that holds nothing";
    return {};
  }
  return give(node, item.held());
}

Values identity(Node &node) {
  if (node.item(0))
    return give(node, node.item(0));
  return {node.input(0)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::sequenceConverters() {
  static const Converter table[] = {
      {"ConcatFromSequence", concatFromSequence, "", /*takesItems=*/true},
      {"Identity", identity, "", /*takesItems=*/true},
      {"Optional", optional, "", /*takesItems=*/true},
      {"OptionalGetElement", optionalGetElement, "", /*takesItems=*/true},
      {"OptionalHasElement", optionalHasElement, "", /*takesItems=*/true},
      {"SequenceAt", sequenceAt, "", /*takesItems=*/true},
      {"SequenceConstruct", sequenceConstruct},
      {"SequenceEmpty", sequenceEmpty},
      {"SequenceErase", sequenceErase, "", /*takesItems=*/true},
      {"SequenceInsert", sequenceInsert, "", /*takesItems=*/true},
      {"SequenceLength", sequenceLength, "", /*takesItems=*/true},
      {"SplitToSequence", splitToSequence},
  };
  return table;
}
