//===- Metrics.cpp - How good outputs are ---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluate/Metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace llvm;

namespace mlc {

std::optional<ScoreShape> scoreShapeOf(ArrayRef<int64_t> shape) {
  ScoreShape result;
  if (shape.empty())
    return std::nullopt;
  if (shape.size() > 1) {
    result.rows = shape.front();
    shape = shape.drop_front();
  }
  result.classes = 1;
  for (int64_t size : shape) {
    if (size != 1 && result.classes != 1)
      return std::nullopt;
    result.classes *= size;
  }
  if (result.classes < 2)
    return std::nullopt;
  return result;
}

/// Calls `fn` with the scores of a row as their own type, and with -1 as what
/// it gives where one of them is NaN.
template <typename Fn>
static int64_t visitRow(const Tensor &scores, const ScoreShape &shape,
                        int64_t row, Fn &&fn) {
  return visitElementType(scores.type(), [&](auto zero) -> int64_t {
    auto values = scores.values<decltype(zero)>().slice(row * shape.classes,
                                                        shape.classes);
    for (auto value : values)
      if (std::isnan(double(value)))
        return -1;
    return fn(values);
  });
}

int64_t bestClass(const Tensor &scores, const ScoreShape &shape, int64_t row) {
  return visitRow(scores, shape, row, [](auto values) {
    return int64_t(std::max_element(values.begin(), values.end()) -
                   values.begin());
  });
}

bool isAmongBest(const Tensor &scores, const ScoreShape &shape, int64_t row,
                 int64_t label, int64_t k) {
  int64_t before = visitRow(scores, shape, row, [&](auto values) {
    auto mine = values[label];
    int64_t count = 0;
    for (int64_t i = 0; i != shape.classes; ++i)
      count += values[i] > mine || (values[i] == mine && i < label);
    return count;
  });
  return before >= 0 && before < k;
}

void Difference::add(const Tensor &actual, const Tensor &wanted) {
  elements += wanted.size();
  visitElementType(wanted.type(), [&](auto zero) {
    using T = decltype(zero);
    ArrayRef<T> found = actual.values<T>(), right = wanted.values<T>();
    for (size_t i = 0; i != right.size(); ++i) {
      double a = double(found[i]), b = double(right[i]);
      double error = a == b ? 0 : std::fabs(a - b);
      // NaN is as far off as can be, but from NaN.
      if (std::isnan(error))
        error = std::isnan(a) && std::isnan(b)
                    ? 0
                    : std::numeric_limits<double>::infinity();
      most = std::max(most, error);
      errors += error * error;
      if (std::isfinite(b))
        signal += b * b;
    }
  });
}

double Difference::rootMeanSquared() const { return std::sqrt(meanSquared()); }

double Difference::sqnr() const {
  if (errors == 0)
    return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / errors);
}

} // namespace mlc
