//===- Pruning.h - Which weights become zero --------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer's weights, rows x cols in row-major order, lose some of their number,
// and the others make up for it, so that the squares of the results' errors,
// e^T H e summed over rows (Hessian.h), stay small. All is deterministic, on
// every CPU.
//
//   GradualPruning pruning(w, rows, cols, h);
//   pruning.pruneTo(rows * cols / 2);          // zeros, at least
//   pruning.weights(), pruning.error();
//   pruning.pruneTo(rows * cols * 9 / 10);     // goes on from there
//
// Weights with the least w^2 / [H^-1]_cc go first: by so much the error grows
// where all others make up for it (Hassibi and Stork, Optimal Brain Surgeon,
// 1992). A twelfth of those that are left goes at a time; then each weight that
// is left becomes the best while the others stay, in a few sweeps, which nears
// the least squares of the rows' own supports (Frantar and Alistarh, Optimal
// Brain Compression, 2022, solve for the same; SparseGPT, 2023, only in part).
// Takes n^3 multiplications at first, and for each step rows n^2 times the
// share that is left, n = cols.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_PRUNING_H
#define MLC_CALIBRATE_PRUNING_H

#include "Calibrate/Hessian.h"

#include <memory>

namespace mlc::calibrate {

/// Of `of` neighbours in a row at most `keep` stay; 0 of 0: any do. What is
/// left over at the end of a row is one group of fewer, of which as many stay.
struct PrunePattern {
  int keep = 0, of = 0;
};

class GradualPruning {
public:
  /// `w` and `h` must outlive this. Zeros of `w` stay zeros.
  GradualPruning(llvm::ArrayRef<float> w, int64_t rows, int64_t cols,
                 const Hessian &h, PrunePattern pattern = {});
  ~GradualPruning();

  /// Takes weights until there are `zeros`; with a pattern, as many groups as
  /// have that many, whole patterns only.
  void pruneTo(int64_t zeros);

  int64_t zeros() const;
  /// rows x cols.
  std::vector<float> weights() const;
  /// The sum of e^T H e over rows.
  double error() const;

private:
  class State;
  std::unique_ptr<State> state;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_PRUNING_H
