//===- Item.cpp - What a name of a model stands for -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Item.h"

#include "Import/TensorImport.h"

#include "mlir/IR/TypeRange.h"
#include "mlir/IR/ValueRange.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlc;

Item Item::sequence(llvm::ArrayRef<Value> tensors, Type element) {
  Item item;
  item.kind = Kind::sequence;
  item.tensors.assign(tensors.begin(), tensors.end());
  item.element = element;
  return item;
}

Item Item::emptyOptional() {
  Item item;
  item.kind = Kind::empty;
  item.isWrapped = true;
  return item;
}

Item Item::optional(Item held) {
  held.isWrapped = true;
  return held;
}

Item Item::held() const {
  Item item = *this;
  item.isWrapped = false;
  return item;
}

Type Item::elementType() const {
  if (kind == Kind::tensor)
    return cast<RankedTensorType>(tensors.front().getType()).getElementType();
  return element;
}

std::string Item::describe() const {
  std::string text;
  llvm::raw_string_ostream out(text);
  if (isWrapped)
    out << (kind == Kind::empty ? "an empty optional"
                                : "an optional that holds ");
  if (kind == Kind::tensor)
    out << "'" << tensors.front().getType() << "'";
  if (kind == Kind::sequence)
    out << "a sequence of " << tensors.size()
        << (tensors.size() == 1 ? " tensor" : " tensors");
  return text;
}

bool Item::hasFormOf(const Item &other) const {
  return kind == other.kind && isWrapped == other.isWrapped &&
         element == other.element &&
         ValueRange(tensors).getTypes() == ValueRange(other.tensors).getTypes();
}

Item Item::withTensors(llvm::ArrayRef<Value> values) const {
  Item item = *this;
  item.tensors.assign(values.begin(), values.end());
  return item;
}

Values mlc::tensorsIn(llvm::ArrayRef<Item> items) {
  Values values;
  for (const Item &item : items)
    llvm::append_range(values, item.elements());
  return values;
}

Items mlc::itemsLike(llvm::ArrayRef<Item> forms, llvm::ArrayRef<Value> values) {
  Items items;
  for (const Item &form : forms) {
    size_t count = form.elements().size();
    items.push_back(form.withTensors(values.take_front(count)));
    values = values.drop_front(count);
  }
  return items;
}

static onnx::TypeProto onnxType(const Item &item) {
  onnx::TypeProto proto;
  if (item.isOptional()) {
    *proto.mutable_optional_type()->mutable_elem_type() = onnxType(item.held());
    return proto;
  }
  if (item.isSequence()) {
    onnx::TypeProto &element =
        *proto.mutable_sequence_type()->mutable_elem_type();
    if (!item.elements().empty())
      element = onnxType(item.elements().front());
    element.mutable_tensor_type()->clear_shape();
    return proto;
  }
  Value v = item.tensor();
  if (!v)
    return proto;
  auto type = cast<RankedTensorType>(v.getType());
  proto.mutable_tensor_type()->set_elem_type(exportElementType(type));
  proto.mutable_tensor_type()->mutable_shape();
  for (int64_t dim : type.getShape())
    proto.mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(dim);
  return proto;
}

std::vector<onnx::TypeProto> mlc::onnxTypes(llvm::ArrayRef<Item> items) {
  std::vector<onnx::TypeProto> types;
  for (const Item &item : items)
    types.push_back(onnxType(item));
  return types;
}
