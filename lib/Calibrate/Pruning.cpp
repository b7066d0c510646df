//===- Pruning.cpp - Which weights become zero ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Pruning.h"
#include "Calibrate/DenseHessian.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace llvm;

namespace mlc::calibrate {

/// Added to the diagonal, in units of its mean: keeps what the vectors say
/// little about from being bent to their noise, of which there is the more the
/// fewer there are.
static double dampingFor(const Hessian &h) {
  return 0.01 +
         0.2 * double(h.size()) / double(std::max<int64_t>(1, h.count()));
}
/// Of the weights that are left, the share that goes at a time.
static constexpr double kStep = 1.0 / 12;
/// How often each weight is looked at again behind a step.
static constexpr int kSweeps = 3;

class GradualPruning::State {
public:
  State(ArrayRef<float> w, int64_t rows, int64_t cols, const Hessian &hessian,
        PrunePattern pattern);

  void pruneTo(int64_t zeros);

  ArrayRef<float> original;
  int64_t rows, cols, zeros = 0;
  Matrix h, damped;         ///< cols x cols
  Matrix weights;           ///< cols x rows: a row of the layer is contiguous
  std::vector<bool> isKept; ///< row by row

private:
  void take(int64_t count);
  void takeGroups(int64_t count);
  double saliency(int64_t r, int64_t c) const {
    return weights(c, r) * weights(c, r) * inverse[c];
  }
  void drop(int64_t r, int64_t c) {
    isKept[r * cols + c] = false;
    weights(c, r) = 0;
    ++zeros;
  }
  void refit(int64_t r);

  PrunePattern pattern;
  Eigen::VectorXd inverse; ///< 1 / [H^-1]_cc
  bool isKnown = false;    ///< H says something
};

GradualPruning::State::State(ArrayRef<float> w, int64_t rows, int64_t cols,
                             const Hessian &hessian, PrunePattern pattern)
    : original(w), rows(rows), cols(cols), weights(cols, rows),
      isKept(rows * cols, true), pattern(pattern),
      inverse(Eigen::VectorXd::Ones(cols)) {
  fixEigenBlocking();
  for (int64_t r = 0; r != rows; ++r)
    for (int64_t c = 0; c != cols; ++c) {
      weights(c, r) = w[r * cols + c];
      if (w[r * cols + c] == 0)
        drop(r, c);
    }
  h = denseOf(hessian);
  damped = h;
  double mean = h.trace() / double(cols);
  if (!(mean > 0) || !std::isfinite(mean))
    return; // by magnitude, then
  damped.diagonal().array() += dampingFor(hessian) * mean;
  Eigen::LLT<Matrix> factor(damped);
  if (factor.info() != Eigen::Success)
    return;
  // [H^-1]_cc is the square of column c of L^-1.
  Matrix lower = Matrix::Identity(cols, cols);
  factor.matrixL().solveInPlace(lower);
  inverse = lower.colwise().squaredNorm().cwiseInverse();
  isKnown = std::isfinite(inverse.sum());
  if (!isKnown)
    inverse.setOnes();
}

/// The `count` weights that are least worth, wherever they are.
void GradualPruning::State::take(int64_t count) {
  std::vector<std::pair<double, int64_t>> all;
  for (int64_t r = 0; r != rows; ++r)
    for (int64_t c = 0; c != cols; ++c)
      if (isKept[r * cols + c])
        all.emplace_back(saliency(r, c), r * cols + c);
  count = std::min<int64_t>(count, int64_t(all.size()));
  std::nth_element(all.begin(), all.begin() + count, all.end());
  for (int64_t i = 0; i != count; ++i)
    drop(all[i].second / cols, all[i].second % cols);
}

/// Of the groups that have more weights than may stay, those that lose least by
/// it, until `count` weights are gone.
void GradualPruning::State::takeGroups(int64_t count) {
  struct Group {
    double loss;
    int64_t row, begin;
    SmallVector<int64_t, 4> gone;
  };
  std::vector<Group> groups;
  for (int64_t r = 0; r != rows; ++r)
    for (int64_t begin = 0; begin < cols; begin += pattern.of) {
      Group group{0, r, begin, {}};
      for (int64_t c = begin; c < std::min(begin + pattern.of, cols); ++c)
        if (isKept[r * cols + c])
          group.gone.push_back(c);
      llvm::sort(group.gone, [&](int64_t a, int64_t b) {
        return std::pair(saliency(r, a), a) < std::pair(saliency(r, b), b);
      });
      if (int64_t(group.gone.size()) <= pattern.keep)
        continue;
      group.gone.truncate(group.gone.size() - pattern.keep);
      for (int64_t c : group.gone)
        group.loss += saliency(r, c);
      groups.push_back(std::move(group));
    }
  llvm::sort(groups, [](const Group &a, const Group &b) {
    return std::tuple(a.loss, a.row, a.begin) <
           std::tuple(b.loss, b.row, b.begin);
  });
  for (const Group &group : groups) {
    if (count <= 0)
      return;
    count -= int64_t(group.gone.size());
    for (int64_t c : group.gone)
      drop(group.row, c);
  }
}

/// Makes each weight that is left the best while the others stay, again and
/// again.
void GradualPruning::State::refit(int64_t r) {
  Eigen::VectorXd error(cols);
  for (int64_t c = 0; c != cols; ++c)
    error[c] = original[r * cols + c] - weights(c, r);
  Eigen::VectorXd gradient = damped * error;
  for (int sweep = 0; sweep != kSweeps; ++sweep)
    for (int64_t c = 0; c != cols; ++c) {
      if (!isKept[r * cols + c])
        continue;
      double change = gradient[c] / damped(c, c);
      weights(c, r) += change;
      gradient -= change * damped.col(c);
    }
}

void GradualPruning::State::pruneTo(int64_t wanted) {
  while (zeros < wanted) {
    int64_t before = zeros;
    int64_t left = rows * cols - zeros;
    int64_t step = std::max<int64_t>(1, std::ceil(double(left) * kStep));
    int64_t count = std::min(step, wanted - zeros);
    if (pattern.of)
      takeGroups(count);
    else
      take(count);
    if (zeros == before)
      return; // all groups are whole patterns
    if (isKnown)
      for (int64_t r = 0; r != rows; ++r)
        refit(r);
  }
}

GradualPruning::GradualPruning(ArrayRef<float> w, int64_t rows, int64_t cols,
                               const Hessian &h, PrunePattern pattern)
    : state(std::make_unique<State>(w, rows, cols, h, pattern)) {}

GradualPruning::~GradualPruning() = default;

void GradualPruning::pruneTo(int64_t zeros) { state->pruneTo(zeros); }

int64_t GradualPruning::zeros() const { return state->zeros; }

std::vector<float> GradualPruning::weights() const {
  std::vector<float> result(state->rows * state->cols);
  for (int64_t i = 0; i != int64_t(result.size()); ++i)
    if (state->isKept[i])
      result[i] = float(state->weights(i % state->cols, i / state->cols));
  return result;
}

double GradualPruning::error() const {
  Matrix errors(state->rows, state->cols);
  for (int64_t r = 0; r != state->rows; ++r)
    for (int64_t c = 0; c != state->cols; ++c)
      errors(r, c) =
          state->original[r * state->cols + c] - state->weights(c, r);
  return rowForms(errors, state->h).sum();
}

} // namespace mlc::calibrate
