//===- TensorProto.cpp - ONNX's serialised tensors ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorIO/TensorProto.h"

#include "onnx/onnx_pb.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SwapByteOrder.h"

#include <climits>
#include <cstring>

using namespace llvm;
using onnx::TensorProto;

namespace mlc {

namespace {
/// The typed field that holds a type where raw_data does not.
enum class Field { Float, Double, Int32, Int64, UInt64 };

struct TypeRow {
  int onnxType;
  ElementType type;
  Field field;
};
} // namespace

static constexpr TypeRow kTypes[] = {
    {TensorProto::FLOAT16, ElementType::F16, Field::Int32},
    {TensorProto::BFLOAT16, ElementType::BF16, Field::Int32},
    {TensorProto::FLOAT, ElementType::F32, Field::Float},
    {TensorProto::DOUBLE, ElementType::F64, Field::Double},
    {TensorProto::INT4, ElementType::I4, Field::Int32},
    {TensorProto::INT8, ElementType::I8, Field::Int32},
    {TensorProto::INT16, ElementType::I16, Field::Int32},
    {TensorProto::INT32, ElementType::I32, Field::Int32},
    {TensorProto::INT64, ElementType::I64, Field::Int64},
    {TensorProto::UINT4, ElementType::U4, Field::Int32},
    {TensorProto::UINT8, ElementType::U8, Field::Int32},
    {TensorProto::UINT16, ElementType::U16, Field::Int32},
    {TensorProto::UINT32, ElementType::U32, Field::UInt64},
    {TensorProto::UINT64, ElementType::U64, Field::UInt64},
    {TensorProto::BOOL, ElementType::Bool, Field::Int32},
};

static const TypeRow *findOnnxType(int onnxType) {
  const TypeRow *row =
      find_if(kTypes, [&](const TypeRow &r) { return r.onnxType == onnxType; });
  return row == std::end(kTypes) ? nullptr : row;
}

static ArrayRef<int64_t> dimsOf(const TensorProto &proto) {
  return {proto.dims().data(), static_cast<size_t>(proto.dims_size())};
}

static bool isPacked(ElementType type) {
  return type == ElementType::I4 || type == ElementType::U4;
}

std::optional<ElementType> elementTypeFromOnnx(int dataType) {
  if (const TypeRow *row = findOnnxType(dataType))
    return row->type;
  return std::nullopt;
}

int elementTypeToOnnx(ElementType type) {
  return find_if(kTypes, [&](const TypeRow &r) { return r.type == type; })
      ->onnxType;
}

static Error fail(const TensorProto &proto, const Twine &message) {
  return createStringError("tensor '" + Twine(proto.name()) + "': " + message);
}

static void setNibble(Tensor &tensor, int64_t index, unsigned byte) {
  unsigned nibble = (index % 2 ? byte >> 4 : byte) & 15;
  tensor.values<uint8_t>()[index] = uint8_t(
      tensor.type() == ElementType::I4 ? SignExtend32<4>(nibble) : int(nibble));
}

static Error checkCount(const TensorProto &proto, size_t found, size_t required,
                        StringRef what) {
  if (found == required)
    return Error::success();
  return fail(proto, "found " + Twine(found) + " " + what +
                         ", required: " + Twine(required));
}

static Error readRaw(const TensorProto &proto, const TypeRow &row,
                     int64_t count, Tensor &tensor) {
  const std::string &raw = proto.raw_data();
  size_t required = isPacked(row.type) ? divideCeil(uint64_t(count), 2)
                                       : count * byteSize(row.type);
  if (Error error =
          checkCount(proto, raw.size(), required, "bytes of raw data"))
    return error;
  Expected<Tensor> result = Tensor::create(row.type, dimsOf(proto));
  if (!result)
    return result.takeError();
  tensor = std::move(*result);
  if (isPacked(row.type)) {
    for (int64_t i = 0; i < count; ++i)
      setNibble(tensor, i, uint8_t(raw[i / 2]));
    return Error::success();
  }
  std::memcpy(tensor.data(), raw.data(), raw.size());
  if (sys::IsBigEndianHost)
    visitElementType(row.type, [&](auto tag) {
      using T = decltype(tag);
      auto *bytes = static_cast<char *>(tensor.data());
      for (int64_t i = 0; i < count; ++i)
        std::reverse(bytes + i * sizeof(T), bytes + (i + 1) * sizeof(T));
    });
  return Error::success();
}

/// Stores one entry of a typed field; f16 and bf16 are bit patterns there.
template <typename T, typename Entry>
static T convertEntry(Entry entry) {
  if constexpr (std::is_same_v<T, _Float16> || std::is_same_v<T, BFloat16>) {
    auto bits = static_cast<uint16_t>(entry);
    T value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  } else {
    return static_cast<T>(entry);
  }
}

template <typename Entries>
static Error readField(const TensorProto &proto, const TypeRow &row,
                       const Entries &entries, int64_t count, Tensor &tensor) {
  size_t required =
      isPacked(row.type) ? divideCeil(uint64_t(count), 2) : size_t(count);
  if (Error error = checkCount(proto, entries.size(), required, "values"))
    return error;
  Expected<Tensor> result = Tensor::create(row.type, dimsOf(proto));
  if (!result)
    return result.takeError();
  tensor = std::move(*result);
  if (isPacked(row.type)) {
    for (int64_t i = 0; i < count; ++i)
      setNibble(tensor, i, static_cast<unsigned>(entries[i / 2]));
    return Error::success();
  }
  visitElementType(row.type, [&](auto tag) {
    using T = decltype(tag);
    for (auto [value, entry] : llvm::zip(tensor.values<T>(), entries))
      value = convertEntry<T>(entry);
  });
  return Error::success();
}

static Error readTyped(const TensorProto &proto, const TypeRow &row,
                       int64_t count, Tensor &tensor) {
  switch (row.field) {
  case Field::Float:
    return readField(proto, row, proto.float_data(), count, tensor);
  case Field::Double:
    return readField(proto, row, proto.double_data(), count, tensor);
  case Field::Int32:
    return readField(proto, row, proto.int32_data(), count, tensor);
  case Field::Int64:
    return readField(proto, row, proto.int64_data(), count, tensor);
  case Field::UInt64:
    return readField(proto, row, proto.uint64_data(), count, tensor);
  }
  llvm_unreachable("all fields are handled");
}

Expected<Tensor> fromTensorProto(const TensorProto &proto) {
  const TypeRow *row = findOnnxType(proto.data_type());
  if (!row)
    return fail(proto, "element type " + Twine(proto.data_type()) +
                           " is not one that tensors can have here");
  if (proto.data_location() == TensorProto::EXTERNAL)
    return fail(proto, "its data lies in another file, required: inside");
  Expected<int64_t> count = elementCount(dimsOf(proto));
  if (!count)
    return fail(proto, toString(count.takeError()));
  Tensor tensor;
  if (Error error = proto.has_raw_data()
                        ? readRaw(proto, *row, *count, tensor)
                        : readTyped(proto, *row, *count, tensor))
    return std::move(error);
  if (row->type == ElementType::Bool)
    for (uint8_t &value : tensor.values<uint8_t>())
      value = value != 0;
  return tensor;
}

TensorProto toTensorProto(const Tensor &tensor) {
  TensorProto proto;
  proto.set_data_type(elementTypeToOnnx(tensor.type()));
  for (int64_t dim : tensor.shape())
    proto.add_dims(dim);
  std::string &raw = *proto.mutable_raw_data();
  if (!isPacked(tensor.type())) {
    raw.assign(static_cast<const char *>(tensor.data()), tensor.sizeInBytes());
    return proto;
  }
  raw.assign(divideCeil(uint64_t(tensor.size()), 2), '\0');
  for (auto [i, value] : llvm::enumerate(tensor.values<uint8_t>()))
    raw[i / 2] = char(raw[i / 2] | (value & 15) << (i % 2 ? 4 : 0));
  return proto;
}

Expected<Tensor> parseTensorProto(StringRef bytes) {
  if (bytes.size() > INT_MAX)
    return createStringError("a tensor file has " + Twine(bytes.size()) +
                             " bytes, protobuf reads up to 2 GiB");
  TensorProto proto;
  if (!proto.ParseFromArray(bytes.data(), int(bytes.size())))
    return createStringError("not a serialised ONNX tensor");
  return fromTensorProto(proto);
}

void printTensorProto(raw_ostream &os, const Tensor &tensor) {
  std::string bytes;
  toTensorProto(tensor).SerializeToString(&bytes);
  os << bytes;
}

} // namespace mlc
