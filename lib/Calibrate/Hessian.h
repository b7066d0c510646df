//===- Hessian.h - How errors of weights show in a layer --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// H = sum of x x^T over the vectors x that a layer's rows of weights are
// multiplied with: where a row is off by e, the squares of its outputs' errors
// add up to e^T H e.
//
//   Hessian h(n);
//   h.add(vectors, count);               // count x n, as often as there are
//   double loss = h.quadraticForm(error);
//
// Products of 64 vectors are added up in float, and those sums in double: the
// result depends on the vectors and their order, neither on how they are
// spread over calls nor on the CPU. Half of the matrix is stored, 4 n^2 bytes
// (85 MB for n = 4608); one vector takes n^2 / 2 multiplications.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_HESSIAN_H
#define MLC_CALIBRATE_HESSIAN_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace mlc::calibrate {

class Hessian {
public:
  /// n is positive.
  explicit Hessian(int64_t n);

  int64_t size() const { return n; }
  /// How many vectors were added.
  int64_t count() const { return added; }

  /// Adds `count` vectors, one after the other in memory.
  void add(const float *vectors, int64_t count);

  /// Elements of the diagonal.
  std::vector<double> diagonal() const;
  /// All n x n elements, row by row.
  std::vector<double> dense() const;

  /// e^T H e; `error` has n elements.
  double quadraticForm(llvm::ArrayRef<double> error) const;

private:
  /// Side of the square tiles that the lower triangle is stored in, and the
  /// vectors that are added up in float.
  static constexpr int64_t tile = 64, batch = 64;

  int64_t tiles() const { return (n + tile - 1) / tile; }
  /// Adds the products of the waiting vectors to `sums`, tiles as in `lower`.
  void flushTo(std::vector<double> &sums) const;
  /// `lower` and what waits.
  std::vector<double> sums() const;

  int64_t n, added = 0;
  /// Tile (i, j), j <= i, begins at (i (i + 1) / 2 + j) tile^2.
  std::vector<double> lower;
  /// Vectors that are not in `lower` yet: for each column of tiles, `tile`
  /// elements of each of `batch` vectors, padded with zeros.
  std::vector<float> waiting;
  int64_t waitingCount = 0;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_HESSIAN_H
