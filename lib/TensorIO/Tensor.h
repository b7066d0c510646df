//===- Tensor.h - Host tensors ----------------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A dense tensor in host memory: what `mlc run` feeds and `mlc check` compares.
//
//   Expected<Tensor> t = Tensor::create(ElementType::F32, {1, 3});
//   t->values<float>()[2] = 1.0f;
//   outs() << *t;                         // f32[1x3] [0, 0, 1]
//
// Elements lie in C order, one after the other, in a buffer aligned to 64
// bytes. 4-bit integers are unpacked: one element per byte, sign- or
// zero-extended. Booleans are one byte, 0 or 1.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TENSORIO_TENSOR_H
#define MLC_TENSORIO_TENSOR_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mlc {

enum class ElementType : uint8_t {
  F16,
  BF16,
  F32,
  F64,
  I4,
  I8,
  I16,
  I32,
  I64,
  U4,
  U8,
  U16,
  U32,
  U64,
  Bool,
};

/// The type's short name: `f32`, `bf16`, `i4`, `u8`, `bool`.
llvm::StringRef name(ElementType type);

/// The type of this name, or nullopt.
std::optional<ElementType> elementTypeFromName(llvm::StringRef name);

/// Bytes that one element takes in a Tensor; 1 for the 4-bit types.
unsigned byteSize(ElementType type);

/// True for f16, bf16, f32 and f64.
bool isFloat(ElementType type);

/// The upper half of an f32; C++17 has no such type.
struct BFloat16 {
  uint16_t bits = 0;

  BFloat16() = default;
  /// Rounds to nearest, ties to even; NaN stays NaN.
  explicit BFloat16(float value);
  operator float() const;
};

/// Calls `fn` with a value-initialised element of the C++ type that stores
/// `type`, and returns what it returns: the one switch over element types.
template <typename Fn>
auto visitElementType(ElementType type, Fn &&fn) {
  switch (type) {
  case ElementType::F16:
    return fn(static_cast<_Float16>(0));
  case ElementType::BF16:
    return fn(BFloat16());
  case ElementType::F32:
    return fn(float());
  case ElementType::F64:
    return fn(double());
  case ElementType::I4:
  case ElementType::I8:
    return fn(int8_t());
  case ElementType::I16:
    return fn(int16_t());
  case ElementType::I32:
    return fn(int32_t());
  case ElementType::I64:
    return fn(int64_t());
  case ElementType::U4:
  case ElementType::U8:
  case ElementType::Bool:
    return fn(uint8_t());
  case ElementType::U16:
    return fn(uint16_t());
  case ElementType::U32:
    return fn(uint32_t());
  case ElementType::U64:
    return fn(uint64_t());
  }
  llvm_unreachable("all element types are handled");
}

/// The number of elements of a tensor of this shape. An error where a dimension
/// is negative or the elements, at 16 bytes each, would not fit in 63 bits. A
/// shape with a 0 has none, however large its other dimensions.
llvm::Expected<int64_t> elementCount(llvm::ArrayRef<int64_t> shape);

/// `1x3x224x224`; empty for a scalar.
std::string shapeToString(llvm::ArrayRef<int64_t> shape);

/// `f32[1x3x224x224]`.
std::string typeToString(ElementType type, llvm::ArrayRef<int64_t> shape);

/// A typed, shaped, owned buffer. Moved, never copied by accident: see clone().
class Tensor {
public:
  static constexpr size_t kAlignment = 64;

  /// An f32 tensor of shape 0, so that containers of tensors can be sized.
  Tensor() : dims({0}) {}

  /// A zero-filled tensor. An error where the shape is not one (see
  /// elementCount) or the memory is not there.
  static llvm::Expected<Tensor> create(ElementType type,
                                       llvm::ArrayRef<int64_t> shape);

  llvm::Expected<Tensor> clone() const;

  ElementType type() const { return element; }
  llvm::ArrayRef<int64_t> shape() const { return dims; }
  int64_t size() const { return count; }
  size_t sizeInBytes() const { return count * byteSize(element); }

  void *data() { return buffer.get(); }
  const void *data() const { return buffer.get(); }

  /// The elements as `T`, whose size must be that of the element type.
  template <typename T>
  llvm::MutableArrayRef<T> values() {
    return {static_cast<T *>(data()), static_cast<size_t>(count)};
  }
  template <typename T>
  llvm::ArrayRef<T> values() const {
    return {static_cast<const T *>(data()), static_cast<size_t>(count)};
  }

  /// The element at a linear index; 64-bit integers beyond 2^53 are rounded.
  double at(int64_t index) const;

private:
  struct Free {
    void operator()(void *memory) const;
  };

  ElementType element = ElementType::F32;
  llvm::SmallVector<int64_t> dims;
  int64_t count = 0;
  std::unique_ptr<void, Free> buffer;
};

/// Prints type, shape and the first elements: `f32[2x2] [1, 2, 3, ...]`.
void print(llvm::raw_ostream &os, const Tensor &tensor,
           int64_t maxElements = 16);
llvm::raw_ostream &operator<<(llvm::raw_ostream &os, const Tensor &tensor);

/// Values that depend on nothing but type, shape and seed, on every machine:
/// floats uniform in [-1, 1); 4- and 8-bit integers over their whole range;
/// booleans 0 or 1; wider integers in [0, 8), because they are mostly indices.
llvm::Expected<Tensor>
randomTensor(ElementType type, llvm::ArrayRef<int64_t> shape, uint64_t seed);

/// Any bits that the type can have, on every machine the same: NaN, infinities
/// and integers far beyond any axis among them.
llvm::Expected<Tensor> wildTensor(ElementType type,
                                  llvm::ArrayRef<int64_t> shape, uint64_t seed);

} // namespace mlc

#endif // MLC_TENSORIO_TENSOR_H
