//===- Compare.cpp - How far two tensors are apart ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorIO/Compare.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

#include <cmath>
#include <limits>

using namespace llvm;

namespace mlc {

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// |a - b|, exact for every pair of integers up to the f64 it is returned in.
template <typename T>
static double difference(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using U = std::make_unsigned_t<T>;
    return double(a > b ? U(U(a) - U(b)) : U(U(b) - U(a)));
  } else {
    double x = a, y = b;
    if (x == y || (std::isnan(x) && std::isnan(y)))
      return 0;
    double distance = std::abs(x - y);
    return std::isfinite(distance) ? distance : kInfinity;
  }
}

/// Two units in the last place. References of 16 bits round after each
/// operator, sums that are rounded once are nearer to the exact result.
static double leastTolerance(ElementType type) {
  if (type == ElementType::BF16)
    return 1.0 / 64;
  return type == ElementType::F16 ? 1.0 / 512 : 0;
}

/// How far an element of this expected value may be off.
static double allowance(const Tensor &expected, double value,
                        const Tolerance &tolerance, double scale) {
  if (expected.type() == ElementType::Bool)
    return 0;
  if (!isFloat(expected.type()))
    return double(tolerance.units);
  double atol = tolerance.atol * (tolerance.atolOfScale ? scale : 1);
  double rtol = tolerance.rtol;
  if (rtol > 0)
    rtol = std::max(rtol, leastTolerance(expected.type()));
  return std::isfinite(value) ? atol + rtol * std::abs(value) : 0;
}

static double largestMagnitude(const Tensor &tensor) {
  double scale = 0;
  for (int64_t i = 0; i < tensor.size(); ++i)
    if (double value = std::abs(tensor.at(i)); std::isfinite(value))
      scale = std::max(scale, value);
  return scale;
}

template <typename T>
static void compareElements(Comparison &result, const Tensor &actual,
                            const Tensor &expected,
                            const Tolerance &tolerance) {
  ArrayRef<T> found = actual.values<T>(), wanted = expected.values<T>();
  double worstExcess = -kInfinity;
  for (int64_t i = 0; i < result.elements; ++i) {
    double error = difference(found[i], wanted[i]);
    if (error == 0)
      continue;
    double value = double(wanted[i]);
    double excess = error - allowance(expected, value, tolerance, result.scale);
    result.mismatches += excess > 0;
    result.maxAbsError = std::max(result.maxAbsError, error);
    if (value != 0)
      result.maxRelError =
          std::max(result.maxRelError,
                   std::isfinite(value) ? error / std::abs(value) : kInfinity);
    if (result.worst >= 0 && excess <= worstExcess)
      continue;
    worstExcess = excess;
    result.worst = i;
    result.worstActual = double(found[i]);
    result.worstExpected = value;
  }
}

static std::string describe(const Tensor &tensor) {
  return typeToString(tensor.type(), tensor.shape());
}

Comparison compare(const Tensor &actual, const Tensor &expected,
                   const Tolerance &tolerance) {
  Comparison result;
  result.shape.assign(expected.shape().begin(), expected.shape().end());
  if (actual.type() != expected.type() || actual.shape() != expected.shape()) {
    result.shapeError =
        "found " + describe(actual) + ", required: " + describe(expected);
    return result;
  }
  result.elements = expected.size();
  result.scale = largestMagnitude(expected);
  visitElementType(expected.type(), [&](auto tag) {
    compareElements<decltype(tag)>(result, actual, expected, tolerance);
  });
  return result;
}

/// `[1,0,3]` for a linear index.
static std::string indexToString(int64_t linear, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> index(shape.size());
  for (size_t axis = shape.size(); axis-- > 0; linear /= shape[axis])
    index[axis] = linear % shape[axis];
  std::string text;
  raw_string_ostream os(text);
  os << '[';
  llvm::interleave(index, os, ",");
  os << ']';
  return text;
}

std::string Comparison::str() const {
  if (!shapeError.empty())
    return shapeError;
  std::string text;
  raw_string_ostream os(text);
  if (worst < 0) {
    os << "all " << elements << " elements are equal";
    return text;
  }
  os << mismatches << " of " << elements
     << " elements differ too much, worst at " << indexToString(worst, shape)
     << format(": found %.9g, required %.9g; max error %.3g absolute, %.3g "
               "relative, scale %.3g",
               worstActual, worstExpected, maxAbsError, maxRelError, scale);
  return text;
}

} // namespace mlc
