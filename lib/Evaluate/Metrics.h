//===- Metrics.h - How good outputs are -------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Outputs of a run against labels, targets, or the outputs of another model.
// What is counted is added up run by run.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EVALUATE_METRICS_H
#define MLC_EVALUATE_METRICS_H

#include "TensorIO/Tensor.h"

#include <optional>

namespace mlc {

/// An output that has a score for each of some classes, in each of its rows.
struct ScoreShape {
  int64_t rows = 1, classes = 0;
};

/// The rows and classes of a shape with at most one dimension above 1 behind
/// the first, which counts rows; of a shape of one dimension, that counts
/// classes. None where there are not two classes at least.
std::optional<ScoreShape> scoreShapeOf(llvm::ArrayRef<int64_t> shape);

/// The class with the largest score in a row, the first of equal ones; -1 where
/// a score is NaN.
int64_t bestClass(const Tensor &scores, const ScoreShape &shape, int64_t row);

/// Whether fewer than `k` classes are before `label`: with a larger score, or
/// with an equal one and a lower number. Never where a score is NaN.
bool isAmongBest(const Tensor &scores, const ScoreShape &shape, int64_t row,
                 int64_t label, int64_t k);

/// A share of rows.
struct Count {
  int64_t right = 0, rows = 0;

  void add(bool isRight) {
    right += isRight;
    ++rows;
  }
  double percent() const { return rows ? 100.0 * right / rows : 0; }
};

/// How far tensors are from those that they stand for.
class Difference {
public:
  /// Both have one type and shape. Equal infinities are equal.
  void add(const Tensor &actual, const Tensor &wanted);

  double largest() const { return most; }
  double meanSquared() const { return elements ? errors / elements : 0; }
  double rootMeanSquared() const;
  /// Signal to noise in dB: what is wanted, over the difference. Infinite where
  /// there is none.
  double sqnr() const;

private:
  int64_t elements = 0;
  double most = 0, errors = 0, signal = 0; ///< sums of squares
};

} // namespace mlc

#endif // MLC_EVALUATE_METRICS_H
