//===- ColumnFit.cpp - Weights without some of their columns --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/ColumnFit.h"
#include "Calibrate/DenseHessian.h"

#include <algorithm>
#include <cmath>

using namespace llvm;

namespace mlc::calibrate {

using RowMajor =
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

FitSums::FitSums(ArrayRef<float> w, int64_t rows, int64_t columns,
                 bool hasTargets, bool hasMeans)
    : weights(w), rows(rows), columns(columns), hasTargets(hasTargets),
      hasMeans(hasMeans), products(columns + 1 + (hasTargets ? rows : 0)),
      scratch(products.size()) {
  fixEigenBlocking();
}

void FitSums::takeTarget(const float *original, float *to) const {
  Eigen::Map<const RowMajor> w(weights.data(), rows, columns);
  Eigen::Map<Eigen::VectorXf>(to, rows).noalias() =
      w * Eigen::Map<const Eigen::VectorXf>(original, columns);
}

void FitSums::add(const float *x) {
  std::copy_n(x, columns, scratch.begin());
  scratch[columns] = 1;
  products.add(scratch.data(), 1);
}

void FitSums::add(const float *x, const float *original) {
  takeTarget(original, scratch.data() + columns + 1);
  add(x);
}

void FitSums::addTest(const float *x, const float *original) {
  size_t each = columns + rows;
  if (tests.size() >= mostTests * each)
    return;
  tests.insert(tests.end(), x, x + columns);
  tests.resize(tests.size() + rows);
  takeTarget(original, &*tests.end() - rows);
}

std::vector<double> FitSums::means() const {
  std::vector<double> all = products.dense(), result(columns);
  for (int64_t i = 0; i != columns; ++i)
    result[i] = all[columns * products.size() + i] /
                double(std::max<int64_t>(count(), 1));
  return result;
}

/// The sums as matrices, about the means where there are any.
class FitMatrices {
public:
  explicit FitMatrices(const FitSums &sums);

  Matrix w;     ///< columns x rows: a row of the layer is contiguous
  Matrix h;     ///< columns x columns
  Matrix cross; ///< columns x rows, of vectors and targets
  Eigen::VectorXd mean, targetMean;
};

FitMatrices::FitMatrices(const FitSums &sums) {
  int64_t n = sums.columns, rows = sums.rows;
  w.resize(n, rows);
  for (int64_t r = 0; r != rows; ++r)
    for (int64_t c = 0; c != n; ++c)
      w(c, r) = sums.weights[r * n + c];
  Matrix all = denseOf(sums.products);
  h = all.topLeftCorner(n, n);
  mean = Eigen::VectorXd::Zero(n);
  targetMean = Eigen::VectorXd::Zero(rows);
  double count = double(std::max<int64_t>(sums.count(), 1));
  if (sums.hasMeans) {
    mean = all.col(n).head(n) / count;
    h -= count * mean * mean.transpose();
  }
  if (!sums.hasTargets) {
    targetMean = w.transpose() * mean;
    cross = h * w;
    return;
  }
  cross = all.block(0, n + 1, n, rows);
  if (sums.hasMeans) {
    targetMean = all.col(n).tail(rows) / count;
    cross -= count * mean * targetMean.transpose();
  }
}

/// A little is added to the diagonal, in units of its mean: what is a sum of
/// others has no inverse else, and vectors are few.
static double dampingOf(const FitSums &sums) {
  return 1e-5 + 1e-3 * double(sums.columns) /
                    double(std::max<int64_t>(1, sums.count()));
}

/// Whether there was anything to damp; the matrix becomes the identity else.
static bool damp(Matrix &h, const FitSums &sums) {
  double mean = h.trace() / double(sums.columns);
  if (mean > 0 && std::isfinite(mean)) {
    h.diagonal().array() += dampingOf(sums) * mean;
    return true;
  }
  h.setIdentity();
  return false;
}

std::vector<double> dampedCovariance(const FitSums &sums) {
  FitMatrices of(sums);
  damp(of.h, sums);
  return {of.h.data(), of.h.data() + of.h.size()};
}

//===----------------------------------------------------------------------===//
// Elimination
//===----------------------------------------------------------------------===//

class ColumnElimination::State {
public:
  explicit State(const FitSums &sums);

  Matrix take(const Matrix &from, ArrayRef<int64_t> columns) const {
    Matrix result(from.rows(), columns.size());
    for (size_t i = 0; i != columns.size(); ++i)
      result.col(i) = from.col(columns[i]);
    return result;
  }
  Matrix square(ArrayRef<int64_t> columns) const {
    Matrix result(columns.size(), columns.size());
    for (size_t i = 0; i != columns.size(); ++i)
      for (size_t j = 0; j != columns.size(); ++j)
        result(i, j) = inverse(columns[i], columns[j]);
    return result;
  }

  Matrix w;       ///< rows x columns
  Matrix inverse; ///< of what is left; rows and columns that are gone are zero
  double signal = 0;
};

ColumnElimination::State::State(const FitSums &sums) {
  FitMatrices of(sums);
  w = of.w.transpose();
  signal = std::max(0.0, of.w.cwiseProduct(of.h * of.w).sum());
  inverse = Matrix::Identity(sums.columns, sums.columns);
  if (!damp(of.h, sums))
    return; // by magnitude, then
  Eigen::LLT<Matrix> factor(of.h);
  if (factor.info() == Eigen::Success)
    factor.solveInPlace(inverse);
}

ColumnElimination::ColumnElimination(const FitSums &sums)
    : state(std::make_unique<State>(sums)) {}
ColumnElimination::~ColumnElimination() = default;
ColumnElimination::ColumnElimination(ColumnElimination &&) = default;

double ColumnElimination::signal() const { return state->signal; }

double ColumnElimination::lossOf(ArrayRef<int64_t> columns) const {
  Matrix some = state->take(state->w, columns).transpose();
  Eigen::LLT<Matrix> factor(state->square(columns));
  return some.cwiseProduct(factor.solve(some)).sum();
}

void ColumnElimination::drop(ArrayRef<int64_t> columns) {
  Matrix some = state->take(state->w, columns);
  Matrix beside = state->take(state->inverse, columns);
  Eigen::LLT<Matrix> factor(state->square(columns));
  Matrix solved = factor.solve(beside.transpose()); // |S| x columns
  state->w.noalias() -= some * solved;
  state->inverse.noalias() -= beside * solved;
  for (int64_t column : columns) {
    state->w.col(column).setZero();
    state->inverse.row(column).setZero();
    state->inverse.col(column).setZero();
  }
}

std::vector<float> ColumnElimination::weights() const {
  std::vector<float> result(state->w.size());
  Eigen::Map<RowMajor>(result.data(), state->w.rows(), state->w.cols()) =
      state->w.cast<float>();
  return result;
}

//===----------------------------------------------------------------------===//
// Fits
//===----------------------------------------------------------------------===//

/// Squared errors of weights, kept columns x rows, with the best shift, on the
/// tests.
static double testError(ArrayRef<float> tests, const FitSums &sums,
                        ArrayRef<int64_t> kept, const Matrix &w,
                        const Eigen::VectorXd &shift) {
  int64_t each = sums.columns + sums.rows, count = tests.size() / each;
  Eigen::Map<const Eigen::MatrixXf> all(tests.data(), each, count);
  Matrix x(count, kept.size());
  for (size_t i = 0; i != kept.size(); ++i)
    x.col(i) = all.row(kept[i]).transpose().cast<double>();
  Matrix off = x * w - all.bottomRows(sums.rows).transpose().cast<double>();
  off.rowwise() += shift.transpose();
  return off.squaredNorm();
}

FittedColumns fitColumns(const FitSums &sums, ArrayRef<int64_t> kept) {
  FitMatrices of(sums);
  auto count = static_cast<int64_t>(kept.size());
  Matrix h(count, count), first(count, sums.rows), wanted(count, sums.rows);
  Eigen::VectorXd mean(count);
  for (int64_t i = 0; i != count; ++i) {
    for (int64_t j = 0; j != count; ++j)
      h(i, j) = of.h(kept[i], kept[j]);
    first.row(i) = of.w.row(kept[i]);
    wanted.row(i) = of.cross.row(kept[i]);
    mean[i] = of.mean[kept[i]];
  }
  auto shiftOf = [&](const Matrix &w) -> Eigen::VectorXd {
    return of.targetMean - w.transpose() * mean;
  };
  Matrix best = first;
  double scale = h.trace() / double(std::max<int64_t>(count, 1));
  if (sums.count() > 0 && scale > 0 && std::isfinite(scale)) {
    bool isTested = !sums.testsOf().empty();
    double least =
        isTested ? testError(sums.testsOf(), sums, kept, first, shiftOf(first))
                 : HUGE_VAL;
    Matrix change = wanted - h * first;
    // In units of the mean square of a column. Without tests, one that hardly
    // any number of vectors makes too small.
    static constexpr double dampings[] = {1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1};
    for (double damping : ArrayRef(dampings).drop_front(isTested ? 0 : 4)) {
      Matrix damped = h;
      damped.diagonal().array() += damping * scale;
      Eigen::LLT<Matrix> factor(damped);
      if (factor.info() != Eigen::Success)
        continue;
      Matrix w = first + factor.solve(change);
      double error =
          isTested ? testError(sums.testsOf(), sums, kept, w, shiftOf(w)) : 0;
      if (error < least) {
        least = error;
        best = std::move(w);
      }
    }
  }
  FittedColumns result;
  result.weights.resize(sums.rows * sums.columns);
  for (int64_t i = 0; i != count; ++i)
    for (int64_t r = 0; r != sums.rows; ++r)
      result.weights[r * sums.columns + kept[i]] = float(best(i, r));
  Eigen::VectorXd shift = shiftOf(best);
  result.shift.assign(shift.data(), shift.data() + shift.size());
  return result;
}

} // namespace mlc::calibrate
