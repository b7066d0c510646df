//===- TensorImport.cpp - Types and tensors of ONNX -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/TensorImport.h"

#include "NN/IR/ConstantFold.h"

#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir;
using namespace mlc;

Type mlc::importElementType(int32_t dataType, MLIRContext *context) {
  Builder b(context);
  switch (dataType) {
  case onnx::TensorProto::FLOAT:
    return b.getF32Type();
  case onnx::TensorProto::FLOAT16:
    return b.getF16Type();
  case onnx::TensorProto::BFLOAT16:
    return b.getBF16Type();
  case onnx::TensorProto::DOUBLE:
    return b.getF64Type();
  case onnx::TensorProto::BOOL:
    return b.getI1Type();
  case onnx::TensorProto::INT8:
    return b.getI8Type();
  case onnx::TensorProto::INT16:
    return b.getI16Type();
  case onnx::TensorProto::INT32:
    return b.getI32Type();
  case onnx::TensorProto::INT64:
    return b.getI64Type();
  case onnx::TensorProto::UINT8:
    return b.getIntegerType(8, false);
  case onnx::TensorProto::UINT16:
    return b.getIntegerType(16, false);
  case onnx::TensorProto::UINT32:
    return b.getIntegerType(32, false);
  case onnx::TensorProto::UINT64:
    return b.getIntegerType(64, false);
  default:
    return {};
  }
}

int32_t mlc::exportElementType(RankedTensorType type) {
  for (int32_t t = 1; t <= onnx::TensorProto_DataType_DataType_MAX; ++t)
    if (importElementType(t, type.getContext()) == type.getElementType())
      return t;
  return onnx::TensorProto::UNDEFINED;
}

std::string mlc::dataTypeName(int32_t dataType) {
  if (!onnx::TensorProto_DataType_IsValid(dataType))
    return std::to_string(dataType);
  return onnx::TensorProto_DataType_Name(
      static_cast<onnx::TensorProto_DataType>(dataType));
}

static llvm::Error invalid(const onnx::TensorProto &tensor,
                           const llvm::Twine &message) {
  return llvm::createStringError("tensor '" + llvm::Twine(tensor.name()) +
                                 "' " + message);
}

/// The static type; errors for negative dimensions and overflowing products.
static llvm::Expected<RankedTensorType>
tensorType(const onnx::TensorProto &tensor, Type element) {
  if (!element)
    return invalid(tensor, "has element type " +
                               dataTypeName(tensor.data_type()) +
                               ", which is not supported");
  int64_t bytes = nn::bytesPerElement(element);
  for (int64_t dim : tensor.dims())
    if (dim < 0)
      return invalid(tensor, "has the negative dimension " + llvm::Twine(dim));
    else if (llvm::MulOverflow(bytes, std::max<int64_t>(dim, 1), bytes))
      return invalid(tensor, "has more than 2^63 bytes");
  return RankedTensorType::get(
      llvm::ArrayRef<int64_t>(tensor.dims().data(), tensor.dims_size()),
      element);
}

/// Appends the typed field's values, each narrowed to `T`.
template <typename T, typename Field>
static void appendAs(const Field &field, llvm::SmallVectorImpl<char> &bytes) {
  bytes.reserve(field.size() * sizeof(T));
  for (auto v : field) {
    T narrow = static_cast<T>(v);
    const char *data = reinterpret_cast<const char *>(&narrow);
    bytes.append(data, data + sizeof(T));
  }
}

static void appendTyped(const onnx::TensorProto &t, int64_t size,
                        llvm::SmallVectorImpl<char> &bytes) {
  switch (t.data_type()) {
  case onnx::TensorProto::FLOAT:
    return appendAs<float>(t.float_data(), bytes);
  case onnx::TensorProto::DOUBLE:
    return appendAs<double>(t.double_data(), bytes);
  case onnx::TensorProto::INT64:
    return appendAs<int64_t>(t.int64_data(), bytes);
  case onnx::TensorProto::UINT32:
    return appendAs<uint32_t>(t.uint64_data(), bytes);
  case onnx::TensorProto::UINT64:
    return appendAs<uint64_t>(t.uint64_data(), bytes);
  default: // narrow integers, bool, f16 and bf16 bits: all in int32_data
    if (size == 1)
      return appendAs<uint8_t>(t.int32_data(), bytes);
    if (size == 2)
      return appendAs<uint16_t>(t.int32_data(), bytes);
    return appendAs<int32_t>(t.int32_data(), bytes);
  }
}

/// Booleans as 0 or 1, whatever non-zero byte the file has.
static void normalizeBooleans(llvm::MutableArrayRef<char> bytes) {
  for (char &b : bytes)
    b = b != 0;
}

/// The data, raw or from the typed field by way of `typed`; an error where they
/// are not `wanted` bytes.
static llvm::Expected<llvm::ArrayRef<char>>
bytesOf(const onnx::TensorProto &tensor, int64_t elementSize, size_t wanted,
        llvm::SmallVectorImpl<char> &typed) {
  llvm::ArrayRef<char> bytes(tensor.raw_data().data(),
                             tensor.raw_data().size());
  if (!tensor.has_raw_data()) {
    appendTyped(tensor, elementSize, typed);
    bytes = typed;
  }
  if (bytes.size() != wanted)
    return invalid(tensor, "has " + llvm::Twine(bytes.size()) +
                               " bytes of data, its type " + "and shape need " +
                               llvm::Twine(wanted));
  return bytes;
}

llvm::Expected<ElementsAttr> mlc::importTensor(const onnx::TensorProto &tensor,
                                               MLIRContext *context) {
  llvm::Expected<RankedTensorType> type =
      tensorType(tensor, importElementType(tensor.data_type(), context));
  if (!type)
    return type.takeError();
  int64_t size = nn::bytesPerElement(type->getElementType());
  llvm::SmallVector<char> typed;
  llvm::Expected<llvm::ArrayRef<char>> bytes =
      bytesOf(tensor, size, type->getNumElements() * size, typed);
  if (!bytes)
    return bytes.takeError();
  if (!type->getElementType().isInteger(1))
    return nn::makeConstant(*type, *bytes);
  llvm::SmallVector<char> booleans(*bytes);
  normalizeBooleans(booleans);
  return nn::makeConstant(*type, booleans);
}

/// Integers of fewer than 8 bits, the first in the lowest bits of a byte.
namespace {
struct PackedType {
  int32_t dataType;
  unsigned bits;
  bool isSigned;
};
} // namespace

static const PackedType *findPackedType(int32_t dataType) {
  static const PackedType table[] = {
      {onnx::TensorProto::INT4, 4, true},
      {onnx::TensorProto::UINT4, 4, false},
      {onnx::TensorProto::INT2, 2, true},
      {onnx::TensorProto::UINT2, 2, false},
  };
  const auto *row = llvm::find_if(
      table, [&](const PackedType &row) { return row.dataType == dataType; });
  return row == std::end(table) ? nullptr : row;
}

bool mlc::isPackedType(int32_t dataType) { return findPackedType(dataType); }

llvm::Expected<ElementsAttr>
mlc::importPackedTensor(const onnx::TensorProto &tensor, MLIRContext *context) {
  const PackedType &packed = *findPackedType(tensor.data_type());
  Type element = IntegerType::get(context, 8,
                                  packed.isSigned ? IntegerType::Signless
                                                  : IntegerType::Unsigned);
  llvm::Expected<RankedTensorType> type = tensorType(tensor, element);
  if (!type)
    return type.takeError();
  int64_t count = type->getNumElements(), perByte = 8 / packed.bits;
  llvm::SmallVector<char> typed, wide;
  llvm::Expected<llvm::ArrayRef<char>> bytes =
      bytesOf(tensor, 1, (count + perByte - 1) / perByte, typed);
  if (!bytes)
    return bytes.takeError();
  wide.reserve(count);
  for (int64_t i = 0; i < count; ++i) {
    unsigned value = static_cast<uint8_t>((*bytes)[i / perByte]);
    // To the top of the byte and back, which drops neighbours and extends.
    value <<= 8 - packed.bits * (i % perByte + 1);
    unsigned back = 8 - packed.bits;
    wide.push_back(packed.isSigned ? static_cast<int8_t>(value) >> back
                                   : static_cast<uint8_t>(value) >> back);
  }
  return nn::makeConstant(*type, wide);
}

/// Linear positions of a sparse tensor's values; checked against `count`.
static llvm::Expected<llvm::SmallVector<int64_t>>
sparsePositions(const onnx::SparseTensorProto &sparse,
                llvm::ArrayRef<int64_t> shape, int64_t count, int64_t values,
                MLIRContext *context) {
  llvm::Expected<ElementsAttr> attr = importTensor(sparse.indices(), context);
  if (!attr)
    return attr.takeError();
  std::optional<llvm::SmallVector<int64_t>> raw = nn::constantIntegers(*attr);
  int64_t rank = shape.size();
  bool isLinear = raw && static_cast<int64_t>(raw->size()) == values &&
                  cast<ShapedType>(attr->getType()).getRank() == 1;
  if (!raw || (!isLinear && static_cast<int64_t>(raw->size()) != values * rank))
    return invalid(sparse.values(),
                   "has sparse indices of the wrong shape or type");
  llvm::SmallVector<int64_t> strides = nn::rowMajorStrides(shape), result;
  for (int64_t i = 0; i < values; ++i) {
    int64_t position = isLinear ? (*raw)[i] : 0;
    for (int64_t d = 0; !isLinear && d < rank; ++d) {
      int64_t index = (*raw)[i * rank + d];
      if (index < 0 || index >= shape[d])
        return invalid(sparse.values(), "has a sparse index outside its shape");
      position += index * strides[d];
    }
    if (position < 0 || position >= count)
      return invalid(sparse.values(), "has a sparse index outside its shape");
    result.push_back(position);
  }
  return result;
}

llvm::Expected<ElementsAttr>
mlc::importSparseTensor(const onnx::SparseTensorProto &sparse,
                        MLIRContext *context) {
  onnx::TensorProto dense;
  dense.set_name(sparse.values().name());
  dense.set_data_type(sparse.values().data_type());
  *dense.mutable_dims() = sparse.dims();
  llvm::Expected<RankedTensorType> type =
      tensorType(dense, importElementType(dense.data_type(), context));
  llvm::Expected<ElementsAttr> values = importTensor(sparse.values(), context);
  if (!type || !values)
    return llvm::joinErrors(type.takeError(), values.takeError());
  constexpr int64_t kMaxDenseBytes = int64_t(1) << 31;
  int64_t size = nn::bytesPerElement(type->getElementType());
  if (type->getNumElements() > kMaxDenseBytes / size)
    return invalid(sparse.values(),
                   "is sparse and takes more than 2 GiB when made dense");
  int64_t count = cast<ShapedType>(values->getType()).getNumElements();
  auto positions = sparsePositions(sparse, type->getShape(),
                                   type->getNumElements(), count, context);
  if (!positions)
    return positions.takeError();
  std::optional<SmallVector<char>> bytes = nn::constantBytes(*values);
  llvm::SmallVector<char> result(type->getNumElements() * size, 0);
  for (auto [i, position] : llvm::enumerate(*positions))
    std::memcpy(result.data() + position * size, bytes->data() + i * size,
                size);
  return nn::makeConstant(*type, result);
}
