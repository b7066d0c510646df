//===- Tensor.cpp - Host tensors ------------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorIO/Tensor.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <type_traits>

using namespace llvm;

namespace mlc {

namespace {
struct TypeRow {
  ElementType type;
  StringLiteral name;
  unsigned bytes;
};
} // namespace

/// In the order of the enum.
static constexpr TypeRow kTypes[] = {
    {ElementType::F16, "f16", 2},   {ElementType::BF16, "bf16", 2},
    {ElementType::F32, "f32", 4},   {ElementType::F64, "f64", 8},
    {ElementType::I4, "i4", 1},     {ElementType::I8, "i8", 1},
    {ElementType::I16, "i16", 2},   {ElementType::I32, "i32", 4},
    {ElementType::I64, "i64", 8},   {ElementType::U4, "u4", 1},
    {ElementType::U8, "u8", 1},     {ElementType::U16, "u16", 2},
    {ElementType::U32, "u32", 4},   {ElementType::U64, "u64", 8},
    {ElementType::Bool, "bool", 1},
};

StringRef name(ElementType type) { return kTypes[unsigned(type)].name; }

std::optional<ElementType> elementTypeFromName(StringRef name) {
  const TypeRow *row =
      llvm::find_if(kTypes, [&](const TypeRow &r) { return r.name == name; });
  if (row == std::end(kTypes))
    return std::nullopt;
  return row->type;
}

unsigned byteSize(ElementType type) { return kTypes[unsigned(type)].bytes; }

bool isFloat(ElementType type) { return type <= ElementType::F64; }

BFloat16::BFloat16(float value) {
  auto word = llvm::bit_cast<uint32_t>(value);
  if (std::isnan(value))
    bits = uint16_t(word >> 16 | 0x40);
  else
    bits = uint16_t((word + 0x7fff + (word >> 16 & 1)) >> 16);
}

BFloat16::operator float() const {
  return llvm::bit_cast<float>(uint32_t(bits) << 16);
}

Expected<int64_t> elementCount(ArrayRef<int64_t> shape) {
  for (auto [axis, dim] : llvm::enumerate(shape))
    if (dim < 0)
      return createStringError("dimension " + Twine(axis) + " is " +
                               Twine(dim) + ", required: 0 or more");
  if (llvm::is_contained(shape, 0))
    return 0;
  int64_t count = 16;
  for (int64_t dim : shape)
    if (MulOverflow(count, dim, count))
      return createStringError("shape " + shapeToString(shape) +
                               " has more elements than memory can hold");
  return count / 16;
}

std::string shapeToString(ArrayRef<int64_t> shape) {
  std::string text;
  raw_string_ostream os(text);
  llvm::interleave(shape, os, "x");
  return text;
}

std::string typeToString(ElementType type, ArrayRef<int64_t> shape) {
  return (name(type) + "[" + shapeToString(shape) + "]").str();
}

void Tensor::Free::operator()(void *memory) const { std::free(memory); }

Expected<Tensor> Tensor::create(ElementType type, ArrayRef<int64_t> shape) {
  Expected<int64_t> count = elementCount(shape);
  if (!count)
    return count.takeError();
  Tensor tensor;
  tensor.element = type;
  tensor.dims.assign(shape.begin(), shape.end());
  tensor.count = *count;
  // Never empty, so that data() is a valid address for every tensor.
  size_t bytes = alignTo(tensor.sizeInBytes() + 1, kAlignment);
  tensor.buffer.reset(std::aligned_alloc(kAlignment, bytes));
  if (!tensor.buffer)
    return createStringError("out of memory for a tensor of " + Twine(bytes) +
                             " bytes");
  std::memset(tensor.data(), 0, bytes);
  return tensor;
}

Expected<Tensor> Tensor::clone() const {
  Expected<Tensor> copy = create(element, dims);
  if (copy && count)
    std::memcpy(copy->data(), data(), sizeInBytes());
  return copy;
}

double Tensor::at(int64_t index) const {
  return visitElementType(element, [&](auto tag) {
    return double(values<decltype(tag)>()[index]);
  });
}

static void printElement(raw_ostream &os, const Tensor &tensor, int64_t index) {
  visitElementType(tensor.type(), [&](auto tag) {
    using T = decltype(tag);
    T value = tensor.values<T>()[index];
    if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
      os << int64_t(value);
    else if constexpr (std::is_integral_v<T>)
      os << uint64_t(value);
    else
      os << format("%.*g", sizeof(T) == 8 ? 15 : 7, double(value));
  });
}

void print(raw_ostream &os, const Tensor &tensor, int64_t maxElements) {
  os << name(tensor.type()) << '[' << shapeToString(tensor.shape()) << "] [";
  int64_t shown = std::min(tensor.size(), maxElements);
  for (int64_t i = 0; i < shown; ++i) {
    os << (i ? ", " : "");
    printElement(os, tensor, i);
  }
  if (shown < tensor.size())
    os << (shown ? ", ..." : "...");
  os << ']';
}

raw_ostream &operator<<(raw_ostream &os, const Tensor &tensor) {
  print(os, tensor);
  return os;
}

/// SplitMix64: one multiply-xor chain per value, the same on every machine.
static uint64_t nextRandom(uint64_t &state) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

/// The number of bits that random integers of this type take: see the header.
static unsigned randomBits(ElementType type) {
  if (type == ElementType::Bool)
    return 1;
  if (type == ElementType::I4 || type == ElementType::U4)
    return 4;
  return byteSize(type) == 1 ? 8 : 3;
}

template <typename T>
static T randomElement(ElementType type, uint64_t random) {
  if constexpr (std::is_integral_v<T>) {
    unsigned bits = randomBits(type);
    if (std::is_signed_v<T> && byteSize(type) == 1)
      return T(SignExtend64(random >> (64 - bits), bits));
    return T(random >> (64 - bits));
  } else {
    // 24 bits are exact in f32, and the narrower types round from there.
    return T(float(int64_t(random >> 40) - (1 << 23)) / float(1 << 23));
  }
}

/// Half of them whatever the bits say, half of them near zero.
template <typename T>
static T wildElement(ElementType type, uint64_t random) {
  if (type == ElementType::Bool || byteSize(type) != sizeof(T))
    return randomElement<T>(type, random);
  T value;
  uint64_t bits = random & 1 ? random >> 1 : 0;
  std::memcpy(&value, &bits, sizeof value);
  return random & 1 ? value : T(int(random >> 60) - 8);
}

/// A tensor of `element(type, random)`.
template <typename Element>
static Expected<Tensor> fill(ElementType type, ArrayRef<int64_t> shape,
                             uint64_t seed, Element element) {
  Expected<Tensor> tensor = Tensor::create(type, shape);
  if (!tensor)
    return tensor;
  visitElementType(type, [&](auto tag) {
    using T = decltype(tag);
    for (T &value : tensor->values<T>())
      value = element(tag, nextRandom(seed));
  });
  return tensor;
}

Expected<Tensor> randomTensor(ElementType type, ArrayRef<int64_t> shape,
                              uint64_t seed) {
  return fill(type, shape, seed, [type](auto tag, uint64_t random) {
    return randomElement<decltype(tag)>(type, random);
  });
}

Expected<Tensor> wildTensor(ElementType type, ArrayRef<int64_t> shape,
                            uint64_t seed) {
  return fill(type, shape, seed, [type](auto tag, uint64_t random) {
    return wildElement<decltype(tag)>(type, random);
  });
}

} // namespace mlc
