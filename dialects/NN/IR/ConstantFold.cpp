//===- ConstantFold.cpp - Folding of nn ops on constants ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ConstantFold.h"

#include "NN/IR/NNDialect.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;
using namespace mlir::nn;

int64_t nn::bytesPerElement(Type elementType) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(elementType))
    elementType = quantized.getStorageType();
  return llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8);
}

int64_t nn::toInteger(double value) {
  if (std::isnan(value))
    return 0;
  if (value >= 0x1p63)
    return std::numeric_limits<int64_t>::max();
  if (value <= -0x1p63)
    return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(value);
}

static void appendElement(const APInt &bits, int64_t size,
                          SmallVectorImpl<char> &bytes) {
  uint64_t word = bits.getZExtValue();
  const char *data = reinterpret_cast<const char *>(&word);
  bytes.append(data, data + size);
}

static std::optional<SmallVector<char>> denseBytes(DenseElementsAttr value) {
  Type element = value.getElementType();
  if (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() > 64)
    return std::nullopt;
  int64_t size = bytesPerElement(element);
  if (value.isSplat() && value.getNumElements() > kMaxGrownBytes / size)
    return std::nullopt;
  SmallVector<char> bytes;
  bytes.reserve(value.getNumElements() * size);
  if (isa<FloatType>(element)) {
    for (const APFloat &v : value.getValues<APFloat>())
      appendElement(v.bitcastToAPInt(), size, bytes);
  } else {
    for (const APInt &v : value.getValues<APInt>())
      appendElement(v, size, bytes);
  }
  return bytes;
}

std::optional<SmallVector<char>> nn::constantBytes(ElementsAttr value) {
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return denseBytes(dense);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      return SmallVector<char>(blob->getData());
  return std::nullopt;
}

std::optional<int64_t> nn::countZeros(ElementsAttr value) {
  Type element = value.getElementType();
  std::optional<SmallVector<char>> bytes = constantBytes(value);
  if (!bytes)
    return std::nullopt;
  int64_t size = bytesPerElement(element), zeros = 0;
  // The sign of a float is its last byte's highest bit.
  char signMask = isa<FloatType>(element) ? 0x7f : -1;
  for (size_t i = 0; i < bytes->size(); i += size) {
    char bits = (*bytes)[i + size - 1] & signMask;
    for (int64_t b = 0; b + 1 < size; ++b)
      bits |= (*bytes)[i + b];
    zeros += bits == 0;
  }
  return zeros;
}

static bool isSplat(ArrayRef<char> bytes, int64_t size) {
  return static_cast<int64_t>(bytes.size()) > size &&
         std::memcmp(bytes.data(), bytes.data() + size, bytes.size() - size) ==
             0;
}

static APInt elementBits(Type type, const char *bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, bytesPerElement(type));
  return APInt(64, word).trunc(type.getIntOrFloatBitWidth());
}

static APFloat floatOf(FloatType type, const char *bytes) {
  return APFloat(type.getFloatSemantics(), elementBits(type, bytes));
}

static Attribute elementAttr(Type type, const char *bytes) {
  if (auto floatType = dyn_cast<FloatType>(type))
    return FloatAttr::get(type, floatOf(floatType, bytes));
  return IntegerAttr::get(type, elementBits(type, bytes));
}

/// Without an attribute, of which the context would keep one for each value.
static double doubleOf(FloatType type, const char *bytes) {
  if (type.isF32()) {
    float value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  }
  APFloat value = floatOf(type, bytes);
  bool ignored;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &ignored);
  return value.convertToDouble();
}

ElementsAttr nn::makeConstant(RankedTensorType type, ArrayRef<char> bytes) {
  Type element = type.getElementType();
  int64_t size = bytesPerElement(element);
  int64_t count = type.getNumElements();
  if (count > 0 && isSplat(bytes, size))
    return DenseElementsAttr::get(type, elementAttr(element, bytes.data()));
  if (count > kMaxInlineElements) {
    AsmResourceBlob blob =
        HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, 64, true);
    return DenseResourceElementsAttr::get(type, "w", std::move(blob));
  }
  SmallVector<Attribute> elements;
  for (int64_t i = 0; i < count; ++i)
    elements.push_back(elementAttr(element, bytes.data() + i * size));
  return DenseElementsAttr::get(type, elements);
}

/// Whether so many equal elements are no problem as 8 bytes each.
static bool mayBeWidened(ElementsAttr value) {
  auto dense = dyn_cast<DenseElementsAttr>(value);
  return !dense || !dense.isSplat() ||
         dense.getNumElements() <= kMaxGrownBytes / 8;
}

std::optional<SmallVector<int64_t>> nn::constantIntegers(Attribute value) {
  auto elements = dyn_cast_if_present<ElementsAttr>(value);
  if (!elements || !mayBeWidened(elements))
    return std::nullopt;
  auto type = dyn_cast<IntegerType>(elements.getElementType());
  std::optional<SmallVector<char>> bytes;
  if (!type || !(bytes = constantBytes(elements)))
    return std::nullopt;
  int64_t size = bytesPerElement(type);
  SmallVector<int64_t> result;
  for (size_t i = 0; i < bytes->size(); i += size) {
    uint64_t word = 0;
    std::memcpy(&word, bytes->data() + i, size);
    APInt bits = APInt(64, word).trunc(type.getWidth());
    bool isUnsigned = type.isUnsigned() || type.getWidth() == 1;
    result.push_back(isUnsigned ? bits.getZExtValue() : bits.getSExtValue());
  }
  return result;
}

std::optional<SmallVector<double>> nn::constantDoubles(Attribute value) {
  SmallVector<double> result;
  if (std::optional<SmallVector<int64_t>> integers = constantIntegers(value)) {
    result.append(integers->begin(), integers->end());
    return result;
  }
  auto elements = dyn_cast_if_present<ElementsAttr>(value);
  auto type =
      elements ? dyn_cast<FloatType>(elements.getElementType()) : FloatType();
  std::optional<SmallVector<char>> bytes;
  if (!type || !mayBeWidened(elements) || !(bytes = constantBytes(elements)))
    return std::nullopt;
  int64_t size = bytesPerElement(type);
  result.reserve(bytes->size() / size);
  for (size_t i = 0; i < bytes->size(); i += size)
    result.push_back(doubleOf(type, bytes->data() + i));
  return result;
}

ElementsAttr nn::foldByIndex(ElementsAttr input, RankedTensorType type,
                             llvm::function_ref<int64_t(int64_t)> source) {
  if (auto dense = dyn_cast<DenseElementsAttr>(input); dense && dense.isSplat())
    return DenseElementsAttr::get(type, dense.getSplatValue<Attribute>());
  int64_t size = bytesPerElement(type.getElementType());
  if (type.getNumElements() - input.getNumElements() > kMaxGrownBytes / size)
    return {};
  std::optional<SmallVector<char>> bytes = constantBytes(input);
  if (!bytes)
    return {};
  SmallVector<char> result(type.getNumElements() * size);
  for (int64_t i = 0, e = type.getNumElements(); i < e; ++i)
    std::memcpy(result.data() + i * size, bytes->data() + source(i) * size,
                size);
  return makeConstant(type, result);
}

SmallVector<int64_t> nn::rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t d = static_cast<int64_t>(shape.size()) - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * shape[d + 1];
  return strides;
}

//===----------------------------------------------------------------------===//
// Elementwise ops by interpretation
//===----------------------------------------------------------------------===//

static Type signless(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer ? IntegerType::get(type.getContext(), integer.getWidth())
                 : type;
}

namespace {
/// Row-major bytes of one operand, read at an index of the broadcast shape.
struct BroadcastReader {
  Type element;
  SmallVector<char> bytes;
  SmallVector<int64_t> strides; // 0 where the operand is broadcast

  TypedAttr at(ArrayRef<int64_t> index) const {
    int64_t offset = 0;
    for (auto [i, stride] : llvm::zip(index, strides))
      offset += i * stride;
    return cast<TypedAttr>(elementAttr(
        signless(element), bytes.data() + offset * bytesPerElement(element)));
  }
};
} // namespace

static std::optional<BroadcastReader> makeReader(Attribute operand,
                                                 ArrayRef<int64_t> shape) {
  auto elements = dyn_cast_if_present<ElementsAttr>(operand);
  std::optional<SmallVector<char>> bytes;
  if (!elements || !elements.getElementType().isIntOrFloat() ||
      !(bytes = constantBytes(elements)))
    return std::nullopt;
  ArrayRef<int64_t> own = elements.getShapedType().getShape();
  SmallVector<int64_t> ownStrides = rowMajorStrides(own);
  SmallVector<int64_t> strides(shape.size(), 0);
  for (size_t d = 0; d < own.size(); ++d)
    if (own[d] != 1)
      strides[shape.size() - own.size() + d] = ownStrides[d];
  return BroadcastReader{elements.getElementType(), std::move(*bytes), strides};
}

/// Adds 1 to a multi-index, the last dimension fastest.
static void increment(MutableArrayRef<int64_t> index, ArrayRef<int64_t> shape) {
  for (int64_t d = static_cast<int64_t>(shape.size()) - 1; d >= 0; --d) {
    if (++index[d] < shape[d])
      return;
    index[d] = 0;
  }
}

/// The bytes of a scalar constant op's value; failure where `v` is not one.
static LogicalResult appendConstant(Value v, int64_t size,
                                    SmallVectorImpl<char> &bytes) {
  Attribute attr;
  if (!matchPattern(v, m_Constant(&attr)))
    return failure();
  if (auto integer = dyn_cast<IntegerAttr>(attr))
    appendElement(integer.getValue(), size, bytes);
  else if (auto real = dyn_cast<FloatAttr>(attr))
    appendElement(real.getValue().bitcastToAPInt(), size, bytes);
  else
    return failure();
  return success();
}

/// Appends the bytes of one element of an elementwise op.
static LogicalResult interpret(Operation *op,
                               ElementwiseOpInterface elementwise,
                               ArrayRef<BroadcastReader> readers,
                               ArrayRef<int64_t> index, int64_t size,
                               SmallVectorImpl<char> &bytes) {
  Block scratch;
  OpBuilder builder(op->getContext()); // a builder at a block asks its region
                                       // for the context
  builder.setInsertionPointToStart(&scratch);
  SmallVector<Value> args;
  for (const BroadcastReader &reader : readers)
    args.push_back(
        arith::ConstantOp::create(builder, op->getLoc(), reader.at(index)));
  return appendConstant(elementwise.emitScalar(builder, op->getLoc(), args),
                        size, bytes);
}

/// The operands as one element each where all of each are equal, else nothing.
static SmallVector<Attribute> onesOfSplats(ArrayRef<Attribute> operands) {
  SmallVector<Attribute> ones;
  for (Attribute operand : operands) {
    auto dense = dyn_cast_if_present<DenseElementsAttr>(operand);
    if (!dense || !dense.isSplat())
      return {};
    ones.push_back(
        dense.resizeSplat(RankedTensorType::get({}, dense.getElementType())));
  }
  return ones;
}

LogicalResult
nn::detail::foldElementwise(Operation *op, ArrayRef<Attribute> operands,
                            SmallVectorImpl<OpFoldResult> &results) {
  auto elementwise = dyn_cast<ElementwiseOpInterface>(op);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (!elementwise || !type.getElementType().isIntOrFloat())
    return failure();
  SmallVector<Attribute> ones = onesOfSplats(operands);
  bool isSplat = !ones.empty() && type.getNumElements() > 0;
  if (!isSplat && type.getNumElements() > kMaxInterpretedElements)
    return failure();
  ArrayRef<int64_t> shape = isSplat ? ArrayRef<int64_t>() : type.getShape();
  SmallVector<BroadcastReader> readers;
  for (Attribute operand : isSplat ? ArrayRef(ones) : operands) {
    std::optional<BroadcastReader> reader = makeReader(operand, shape);
    if (!reader)
      return failure();
    readers.push_back(std::move(*reader));
  }
  int64_t size = bytesPerElement(type.getElementType());
  SmallVector<char> bytes;
  SmallVector<int64_t> index(shape.size(), 0);
  int64_t count = isSplat ? 1 : type.getNumElements();
  for (int64_t i = 0; i < count; ++i) {
    if (failed(interpret(op, elementwise, readers, index, size, bytes)))
      return failure();
    increment(index, shape);
  }
  results.push_back(
      isSplat ? ElementsAttr(DenseElementsAttr::get(
                    type, elementAttr(type.getElementType(), bytes.data())))
              : makeConstant(type, bytes));
  return success();
}
