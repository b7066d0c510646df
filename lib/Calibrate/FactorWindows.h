//===- FactorWindows.h - Where a first layer stands -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For .cpp files that compute with Eigen; other headers stay without it.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_FACTORWINDOWS_H
#define MLC_CALIBRATE_FACTORWINDOWS_H

#include "Calibrate/DenseHessian.h"
#include "Calibrate/Factors.h"

namespace mlc::calibrate {

/// Eigenvectors of a symmetric matrix as columns, that of the largest value
/// first, none of which is negative.
struct Spectrum {
  explicit Spectrum(const Matrix &symmetric);

  /// How many are needed for the others to be no more than `share` of all; one
  /// at least.
  int64_t countWithin(double share) const;

  Eigen::VectorXd values;
  Matrix vectors;
};

class InputCovariance::State {
public:
  struct Block {
    int64_t first, size;
    Matrix h; ///< empty: the identity
  };

  /// t H
  Matrix after(const Matrix &t) const;
  /// Some rows of it.
  Matrix rows(llvm::ArrayRef<int64_t> which) const;
  int64_t columns() const {
    return blocks.empty() ? 0 : blocks.back().first + blocks.back().size;
  }

  std::vector<Block> blocks;
};

/// T(V): groups of columns, each of which a set of rows of V stands in. All
/// groups of a set see the same rows. With `rank` rows a set, row i of a set
/// makes one result for each of its groups; these are neighbours.
class FactorWindows {
public:
  /// Not of low rank.
  FactorWindows(FactorKind kind, const FactorShape &shape, const Matrix &w,
                const InputCovariance::State &covariance);

  int64_t features(int64_t rank) const { return sets.size() * rank * perSet; }
  int64_t mostRank() const { return sets.front().begin.values.size(); }
  int64_t groupsPerSet() const { return perSet; }
  int64_t countWithin(double share) const;
  /// Multiplications of afterCovariance.
  double cost(int64_t rank) const;

  /// The V to begin with.
  Matrix start(int64_t rank) const;
  /// T(V) H
  Matrix afterCovariance(const Matrix &v) const;
  /// x T(V)^T
  Matrix timesSpread(const Matrix &x, const Matrix &v) const;
  /// a T(V)
  Matrix product(const Matrix &a, const Matrix &v) const;
  /// What T is the adjoint of, for x y: where V has one number, the sum over
  /// its places.
  Matrix gather(const Matrix &x, const Matrix &y) const;

private:
  struct Group {
    std::vector<int64_t> columns;
    Matrix h; ///< the rows of H of these columns
  };
  struct Set {
    std::vector<Group> groups;
    Spectrum begin; ///< right factors are its vectors, mapped by `back`
    Matrix back;
  };

  int64_t rankOf(const Matrix &v) const { return v.rows() / sets.size(); }
  /// Calls `visit` with a group, the first of its set's rows and its features.
  template <typename Visit>
  void forEachGroup(int64_t rank, Visit visit) const;

  int64_t columns, perSet = 1;
  std::vector<Set> sets;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_FACTORWINDOWS_H
