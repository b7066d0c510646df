//===- TensorText.cpp - Tensors written by hand ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorIO/TensorText.h"

#include "llvm/ADT/APInt.h"

#include <cmath>
#include <limits>
#include <type_traits>

using namespace llvm;

namespace mlc {

/// The range of the type: narrower than that of its storage for 4 bits.
template <typename T>
static std::pair<int64_t, uint64_t> integerRange(ElementType type) {
  if (type == ElementType::I4)
    return {-8, 7};
  if (type == ElementType::U4)
    return {0, 15};
  return {int64_t(std::numeric_limits<T>::min()),
          uint64_t(std::numeric_limits<T>::max())};
}

static Error outside(StringRef text, ElementType type) {
  return createStringError("'" + text + "' is outside the range of " +
                           name(type));
}

template <typename T>
static Error parseInteger(StringRef text, ElementType type, T &result) {
  auto [least, most] = integerRange<T>(type);
  APInt value;
  bool isNegative = text.consume_front("-");
  if (text.empty() || text.getAsInteger(10, value))
    return createStringError("'" + Twine(isNegative ? "-" : "") + text +
                             "' is no integer, as " + name(type) + " requires");
  // Magnitudes above 64 bits are no number of any type.
  bool isHuge = value.getActiveBits() > 64;
  uint64_t magnitude = isHuge ? 0 : value.getZExtValue();
  uint64_t lowest = 0 - uint64_t(least);
  if (isHuge || (isNegative ? magnitude > lowest : magnitude > most))
    return outside((Twine(isNegative ? "-" : "") + text).str(), type);
  result = T(isNegative ? 0 - magnitude : magnitude);
  return Error::success();
}

template <typename T>
static Error parseFloat(StringRef text, ElementType type, T &result) {
  double value;
  if (text.getAsDouble(value, /*AllowInexact=*/true))
    return createStringError("'" + text + "' is no number");
  result = T(float(value));
  if constexpr (std::is_same_v<T, double>)
    result = value;
  if (std::isfinite(value) && !std::isfinite(double(result)))
    return outside(text, type);
  return Error::success();
}

static Error parseBool(StringRef text, uint8_t &result) {
  bool isTrue = text == "1" || text.equals_insensitive("true");
  if (!isTrue && text != "0" && !text.equals_insensitive("false"))
    return createStringError("'" + text +
                             "' is no bool, one of true, false, 1, 0 is "
                             "required");
  result = isTrue;
  return Error::success();
}

template <typename T>
static Error parseElement(StringRef text, ElementType type, T &result) {
  if constexpr (std::is_same_v<T, uint8_t>)
    if (type == ElementType::Bool)
      return parseBool(text, result);
  if constexpr (std::is_integral_v<T>)
    return parseInteger(text, type, result);
  else
    return parseFloat(text, type, result);
}

int64_t countElements(StringRef text) {
  return text.trim().empty() ? 0 : int64_t(text.count(',')) + 1;
}

Expected<Tensor> parseTensor(StringRef text, ElementType type,
                             ArrayRef<int64_t> shape) {
  Expected<Tensor> tensor = Tensor::create(type, shape);
  if (!tensor)
    return tensor;
  if (countElements(text) != tensor->size())
    return createStringError("has " + Twine(countElements(text)) +
                             " elements, " + Twine(tensor->size()) +
                             " are required for " + typeToString(type, shape));
  Error error = visitElementType(type, [&](auto tag) -> Error {
    for (auto &element : tensor->values<decltype(tag)>()) {
      auto [head, tail] = text.split(',');
      if (Error problem = parseElement(head.trim(), type, element))
        return problem;
      text = tail;
    }
    return Error::success();
  });
  if (error)
    return std::move(error);
  return tensor;
}

} // namespace mlc
