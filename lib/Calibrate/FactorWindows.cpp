//===- FactorWindows.cpp - Where a first layer stands ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/FactorWindows.h"

#include <Eigen/Eigenvalues>

using namespace llvm;

namespace mlc::calibrate {

Spectrum::Spectrum(const Matrix &symmetric) {
  Eigen::SelfAdjointEigenSolver<Matrix> solver(symmetric);
  values = solver.eigenvalues().reverse().cwiseMax(0);
  vectors = solver.eigenvectors().rowwise().reverse();
}

int64_t Spectrum::countWithin(double share) const {
  double most = share * values.sum(), left = 0;
  int64_t count = values.size();
  while (count > 1 && left + values[count - 1] <= most)
    left += values[--count];
  return count;
}

//===----------------------------------------------------------------------===//
// Covariances
//===----------------------------------------------------------------------===//

Matrix InputCovariance::State::after(const Matrix &t) const {
  Matrix result(t.rows(), columns());
  for (const Block &block : blocks) {
    auto part = t.middleCols(block.first, block.size);
    if (block.h.size() == 0)
      result.middleCols(block.first, block.size) = part;
    else
      result.middleCols(block.first, block.size).noalias() = part * block.h;
  }
  return result;
}

Matrix InputCovariance::State::rows(ArrayRef<int64_t> which) const {
  Matrix result = Matrix::Zero(int64_t(which.size()), columns());
  for (size_t i = 0; i != which.size(); ++i)
    for (const Block &block : blocks) {
      int64_t row = which[i] - block.first;
      if (row < 0 || row >= block.size)
        continue;
      if (block.h.size() == 0)
        result(i, which[i]) = 1;
      else
        result.row(i).segment(block.first, block.size) = block.h.row(row);
    }
  return result;
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

/// By set and group, the columns that they see.
static std::vector<std::vector<std::vector<int64_t>>>
columnsOf(FactorKind kind, const FactorShape &shape) {
  int64_t taps = shape.taps();
  std::vector<std::vector<std::vector<int64_t>>> sets;
  if (kind == FactorKind::Depthwise) {
    for (int64_t c = 0; c != shape.channels; ++c) {
      auto &columns = sets.emplace_back().emplace_back();
      for (int64_t tap = 0; tap != taps; ++tap)
        columns.push_back(c * taps + tap);
    }
    return sets;
  }
  // Of spatial factors the taps of a column of the window go together.
  int64_t groups = kind == FactorKind::Spatial ? shape.kernel.back() : taps;
  auto &all = sets.emplace_back();
  for (int64_t group = 0; group != groups; ++group) {
    auto &columns = all.emplace_back();
    for (int64_t c = 0; c != shape.channels; ++c)
      for (int64_t tap = group; tap < taps; tap += groups)
        columns.push_back(c * taps + tap);
  }
  return sets;
}

FactorWindows::FactorWindows(FactorKind kind, const FactorShape &shape,
                             const Matrix &w,
                             const InputCovariance::State &covariance)
    : columns(shape.columns()) {
  for (auto &groups : columnsOf(kind, shape)) {
    auto size = static_cast<int64_t>(groups.front().size());
    Matrix average = Matrix::Zero(size, size), squares = average;
    std::vector<Group> made;
    for (std::vector<int64_t> &each : groups) {
      Matrix h = covariance.rows(each), part = w(Eigen::all, each);
      average += Matrix(h(Eigen::all, each));
      squares.noalias() += part.transpose() * part;
      made.push_back({std::move(each), std::move(h)});
    }
    perSet = static_cast<int64_t>(made.size());
    // With L L^T = H, the eigenvectors U of L^T W^T W L give the best W of a
    // rank as W L U U^T L^-1.
    Eigen::LLT<Matrix> factor(average / double(perSet));
    Matrix lower = factor.matrixL();
    Matrix inverse = Matrix::Identity(size, size);
    factor.matrixL().solveInPlace(inverse);
    sets.push_back({std::move(made),
                    Spectrum(lower.transpose() * squares * lower),
                    std::move(inverse)});
  }
}

template <typename Visit>
void FactorWindows::forEachGroup(int64_t rank, Visit visit) const {
  for (size_t s = 0; s != sets.size(); ++s)
    for (int64_t g = 0; g != perSet; ++g)
      visit(sets[s].groups[g], int64_t(s) * rank,
            Eigen::seqN(int64_t(s) * rank * perSet + g, rank, perSet));
}

int64_t FactorWindows::countWithin(double share) const {
  double all = 0;
  for (const Set &set : sets)
    all += set.begin.values.sum();
  int64_t rank = mostRank();
  double left = 0;
  for (; rank > 1; --rank) {
    for (const Set &set : sets)
      left += set.begin.values[rank - 1];
    if (left > share * all)
      break;
  }
  return rank;
}

double FactorWindows::cost(int64_t rank) const {
  return double(features(rank)) * double(mostRank()) * double(columns);
}

Matrix FactorWindows::start(int64_t rank) const {
  Matrix v(int64_t(sets.size()) * rank, mostRank());
  for (size_t s = 0; s != sets.size(); ++s)
    v.middleRows(int64_t(s) * rank, rank).noalias() =
        sets[s].begin.vectors.leftCols(rank).transpose() * sets[s].back;
  return v;
}

Matrix FactorWindows::afterCovariance(const Matrix &v) const {
  int64_t rank = rankOf(v);
  Matrix result(features(rank), columns);
  forEachGroup(rank, [&](const Group &group, int64_t first, auto rows) {
    result(rows, Eigen::all) = v.middleRows(first, rank) * group.h;
  });
  return result;
}

// A choice of rows or columns is copied: products take whole matrices.

Matrix FactorWindows::timesSpread(const Matrix &x, const Matrix &v) const {
  int64_t rank = rankOf(v);
  Matrix result(x.rows(), features(rank));
  forEachGroup(rank, [&](const Group &group, int64_t first, auto rows) {
    Matrix seen = x(Eigen::all, group.columns);
    result(Eigen::all, rows) = seen * v.middleRows(first, rank).transpose();
  });
  return result;
}

Matrix FactorWindows::product(const Matrix &a, const Matrix &v) const {
  int64_t rank = rankOf(v);
  Matrix result = Matrix::Zero(a.rows(), columns);
  forEachGroup(rank, [&](const Group &group, int64_t first, auto rows) {
    Matrix of = a(Eigen::all, rows);
    result(Eigen::all, group.columns) += of * v.middleRows(first, rank);
  });
  return result;
}

Matrix FactorWindows::gather(const Matrix &x, const Matrix &y) const {
  int64_t rank = x.rows() / (int64_t(sets.size()) * perSet);
  Matrix result = Matrix::Zero(int64_t(sets.size()) * rank, mostRank());
  forEachGroup(rank, [&](const Group &group, int64_t first, auto rows) {
    Matrix of = x(rows, Eigen::all), seen = y(Eigen::all, group.columns);
    result.middleRows(first, rank).noalias() += of * seen;
  });
  return result;
}

} // namespace mlc::calibrate
