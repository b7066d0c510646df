//===- ColumnFit.h - Weights without some of their columns ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer's weights W, rows x columns, are multiplied with vectors x. Where
// some columns are no more, the others make up for them, by least squares:
//
//   FitSums sums(w, rows, columns, /*hasTargets=*/false, /*hasMeans=*/true);
//   sums.add(x);                              // as often as there are vectors
//   ColumnElimination left(sums);
//   left.lossOf(some); left.drop(some);       // which go, one after the other
//
// where H is the covariance of x and S some columns, their loss behind the best
// change of all others is tr(W_S [H^-1]_SS^-1 W_S^T), and what is left goes on
// from W - W_S [H^-1]_SS^-1 [H^-1]_S: (Hassibi and Stork, Optimal Brain
// Surgeon, 1992, for groups; Kwon et al., A Fast Post-Training Pruning
// Framework for Transformers, 2022, Frantar and Alistarh, Optimal Brain
// Compression, 2022). With means, results may be shifted by a bias, and H is
// about them.
//
//   FitSums sums(w, rows, columns, /*hasTargets=*/true, hasMeans);
//   sums.add(x, original);                    // x now, and what it was at
//   first FittedColumns fitted = fitColumns(sums, kept);
//
// gives the W and bias that bring W x nearest to what the first weights gave of
// the first vectors, whatever became of the layers before.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_COLUMNFIT_H
#define MLC_CALIBRATE_COLUMNFIT_H

#include "Calibrate/Hessian.h"

#include <memory>

namespace mlc::calibrate {

/// Sums over vectors; deterministic, on every CPU.
class FitSums {
public:
  /// `w` must outlive this. `hasMeans`: the layer can have a bias.
  FitSums(llvm::ArrayRef<float> w, int64_t rows, int64_t columns,
          bool hasTargets, bool hasMeans);

  /// A vector, where there are no targets.
  void add(const float *x);
  /// A vector, and the one whose product with the weights is the target.
  void add(const float *x, const float *original);
  /// The same, to choose among fits by: at most so many count.
  void addTest(const float *x, const float *original);
  static constexpr size_t mostTests = 1024;

  int64_t count() const { return products.count(); }
  /// Of vectors.
  std::vector<double> means() const;
  /// Vectors with their targets, one after the other.
  llvm::ArrayRef<float> testsOf() const { return tests; }

  const llvm::ArrayRef<float> weights;
  const int64_t rows, columns;
  const bool hasTargets, hasMeans;

private:
  friend class FitMatrices;
  void takeTarget(const float *original, float *to) const;

  Hessian products;           ///< of x, 1 and the targets
  std::vector<float> scratch; ///< a vector of them
  std::vector<float> tests;
};

/// Products of columns, columns x columns, about the means where there are any,
/// with a little on the diagonal, in units of its mean: what no vector shows
/// weighs something as well, and there is an inverse. The identity where there
/// are no vectors but zeros.
std::vector<double> dampedCovariance(const FitSums &sums);

/// Which columns go: each of their sets with its loss.
class ColumnElimination {
public:
  explicit ColumnElimination(const FitSums &sums);
  ~ColumnElimination();
  ColumnElimination(ColumnElimination &&);

  /// Squares of the results, about their means where there are means.
  double signal() const;
  /// By how much the squared error grows where these go next.
  double lossOf(llvm::ArrayRef<int64_t> columns) const;
  void drop(llvm::ArrayRef<int64_t> columns);
  /// rows x columns, zero where they are gone.
  std::vector<float> weights() const;

private:
  class State;
  std::unique_ptr<State> state;
};

struct FittedColumns {
  std::vector<float> weights; ///< rows x columns, zero where none is kept
  std::vector<double> shift;  ///< to add to the bias, by row; 0 without means
};

/// Columns that are `kept` fitted to the targets. They stay nearer to what they
/// were the less the vectors say, as far as that helps on the tests.
FittedColumns fitColumns(const FitSums &sums, llvm::ArrayRef<int64_t> kept);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_COLUMNFIT_H
