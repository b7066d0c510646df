//===- Factors.cpp - Weights as a product of smaller ones -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Factors.h"
#include "Calibrate/FactorWindows.h"

#include "llvm/ADT/STLExtras.h"

#include <array>
#include <cmath>

using namespace llvm;

namespace mlc::calibrate {

using RowMajor =
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

//===----------------------------------------------------------------------===//
// Covariances
//===----------------------------------------------------------------------===//

InputCovariance::InputCovariance() : state(std::make_unique<State>()) {}
InputCovariance::~InputCovariance() = default;
InputCovariance::InputCovariance(InputCovariance &&) = default;

InputCovariance InputCovariance::identity(int64_t columns) {
  InputCovariance result;
  result.state->blocks.push_back({0, columns, {}});
  return result;
}

void InputCovariance::add(const FitSums &sums) {
  std::vector<double> h = dampedCovariance(sums);
  int64_t n = sums.columns;
  state->blocks.push_back(
      {state->columns(), n, Eigen::Map<Matrix>(h.data(), n, n)});
}

//===----------------------------------------------------------------------===//
// Forms
//===----------------------------------------------------------------------===//

bool canBe(FactorKind kind, const FactorShape &shape) {
  // All but a low rank need H as a whole: half a gigabyte here.
  constexpr int64_t mostColumns = 8192;
  if (kind != FactorKind::LowRank && shape.columns() > mostColumns)
    return false;
  switch (kind) {
  case FactorKind::LowRank:
    return shape.rows > 1 && shape.columns() > 1;
  case FactorKind::Spatial:
    return shape.kernel.size() == 2 && shape.kernel[0] > 1 &&
           shape.kernel[1] > 1;
  case FactorKind::Tucker:
    return shape.taps() > 1 && shape.channels > 1 && shape.rows > 1;
  case FactorKind::Depthwise:
    return shape.taps() > 1 && shape.channels > 1;
  }
  return false;
}

std::vector<FactorStage> stagesOf(const FactorForm &form,
                                  const FactorShape &shape) {
  const std::vector<int64_t> &kernel = shape.kernel;
  std::vector<int64_t> ones(kernel.size(), 1);
  std::vector<bool> all(kernel.size(), true), none(kernel.size(), false);
  int64_t rank = form.rank;
  switch (form.kind) {
  case FactorKind::LowRank:
    return {{rank, shape.channels, kernel, all},
            {shape.rows, rank, ones, none}};
  case FactorKind::Spatial:
    return {{rank, shape.channels, {kernel[0], 1}, {true, false}},
            {shape.rows, rank, {1, kernel[1]}, {false, true}}};
  case FactorKind::Tucker:
    return {{rank, shape.channels, ones, none},
            {form.outer, rank, kernel, all},
            {shape.rows, form.outer, ones, none}};
  case FactorKind::Depthwise:
    return {{shape.channels * rank, 1, kernel, all, shape.channels},
            {shape.rows, shape.channels * rank, ones, none}};
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Fits
//===----------------------------------------------------------------------===//

namespace {

/// The layers behind the first one: the best for it.
struct Outer {
  Matrix all; ///< rows x features
  /// Of tucker, two whose product it is.
  Matrix middle, last;
  double error = 0; ///< squared
};

} // namespace

class LayerFactors::State {
public:
  State(ArrayRef<float> w, FactorShape shape, InputCovariance covariance);

  FactorForm within(FactorKind kind, double share);
  Factors fit(const FactorForm &form, double flops);

private:
  const Spectrum &results();
  const FactorWindows &windowsOf(FactorKind kind);
  Outer outerOf(const FactorWindows &windows, const Matrix &v,
                const FactorForm &form) const;
  Matrix improved(const FactorWindows &windows, Matrix v,
                  const Matrix &a) const;
  Factors lowRank(int64_t rank);
  Factors finish(std::vector<Matrix> stages, const FactorWindows *windows,
                 double error) const;

  FactorShape shape;
  InputCovariance covariance;
  Matrix w, wh; ///< rows x columns; W H
  double signal = 0;
  std::optional<Spectrum> outer; ///< of W H W^T
  std::array<std::unique_ptr<FactorWindows>, std::size(allFactorKinds)> windows;
};

LayerFactors::State::State(ArrayRef<float> weights, FactorShape of,
                           InputCovariance covariance)
    : shape(std::move(of)), covariance(std::move(covariance)) {
  fixEigenBlocking();
  w = Eigen::Map<const RowMajor>(weights.data(), shape.rows, shape.columns())
          .cast<double>();
  wh = this->covariance.get().after(w);
  signal = wh.cwiseProduct(w).sum();
}

const Spectrum &LayerFactors::State::results() {
  if (!outer)
    outer.emplace(wh * w.transpose());
  return *outer;
}

const FactorWindows &LayerFactors::State::windowsOf(FactorKind kind) {
  auto &made = windows[size_t(kind)];
  if (!made)
    made = std::make_unique<FactorWindows>(kind, shape, w, covariance.get());
  return *made;
}

FactorForm LayerFactors::State::within(FactorKind kind, double share) {
  switch (kind) {
  case FactorKind::LowRank:
    return {kind, results().countWithin(share)};
  case FactorKind::Tucker:
    return {kind, windowsOf(kind).countWithin(share),
            results().countWithin(share)};
  case FactorKind::Spatial:
  case FactorKind::Depthwise:
    return {kind, windowsOf(kind).countWithin(share)};
  }
  return {};
}

/// Least squares, by the normal equations.
Outer LayerFactors::State::outerOf(const FactorWindows &windows,
                                   const Matrix &v,
                                   const FactorForm &form) const {
  Matrix squares = windows.timesSpread(windows.afterCovariance(v), v);
  Matrix cross = windows.timesSpread(wh, v); // rows x features
  // A little more than rounding, where V has more rows than it needs.
  squares.diagonal().array() +=
      1e-13 * squares.trace() / double(squares.rows());
  Outer result;
  result.all = Eigen::LLT<Matrix>(squares).solve(cross.transpose()).transpose();
  if (form.kind != FactorKind::Tucker) {
    result.error = signal - result.all.cwiseProduct(cross).sum();
    return result;
  }
  Spectrum best(result.all * cross.transpose());
  result.last = best.vectors.leftCols(form.outer);
  result.middle = result.last.transpose() * result.all;
  result.all = result.last * result.middle;
  result.error = signal - best.values.head(form.outer).sum();
  return result;
}

/// A V that is better for A, by some steps of conjugate gradients on
/// tr((W - A T(V)) H (W - A T(V))^T) / 2.
Matrix LayerFactors::State::improved(const FactorWindows &windows, Matrix v,
                                     const Matrix &a) const {
  Matrix squares = a.transpose() * a;
  auto apply = [&](const Matrix &to) -> Matrix {
    return windows.gather(squares, windows.afterCovariance(to));
  };
  Matrix rest = windows.gather(a.transpose(), wh) - apply(v);
  Matrix direction = rest;
  double square = rest.squaredNorm();
  constexpr int steps = 6;
  for (int step = 0; step != steps && square > 0; ++step) {
    Matrix applied = apply(direction);
    double curvature = direction.cwiseProduct(applied).sum();
    if (!(curvature > 0))
      break;
    v += square / curvature * direction;
    rest -= square / curvature * applied;
    double next = rest.squaredNorm();
    direction = rest + next / square * direction;
    square = next;
  }
  return v;
}

Factors LayerFactors::State::lowRank(int64_t rank) {
  const Spectrum &of = results();
  Matrix last = of.vectors.leftCols(rank);
  double error = of.values.tail(of.values.size() - rank).sum();
  return finish({last.transpose() * w, last}, nullptr, error);
}

Factors LayerFactors::State::fit(const FactorForm &form, double flops) {
  if (form.kind == FactorKind::LowRank)
    return lowRank(form.rank);
  const FactorWindows &of = windowsOf(form.kind);
  Matrix v = of.start(form.rank);
  Outer best = outerOf(of, v, form);
  // Eight products with the covariance a turn.
  constexpr double most = 12, products = 8;
  double turns = std::min(most, flops / (2 * products * of.cost(form.rank)));
  for (int turn = 0; turn < int(turns); ++turn) {
    Matrix next = improved(of, v, best.all);
    Outer other = outerOf(of, next, form);
    if (!(other.error < best.error))
      break;
    bool isDone = other.error > 0.995 * best.error;
    best = std::move(other);
    v = std::move(next);
    if (isDone)
      break;
  }
  std::vector<Matrix> stages = {std::move(v)};
  if (form.kind == FactorKind::Tucker)
    stages.insert(stages.end(), {best.middle, best.last});
  else
    stages.push_back(best.all);
  return finish(std::move(stages), &of, best.error);
}

/// Makes rows of `first` as long as what they are multiplied by in `second`,
/// so that neither has larger numbers than the other.
static void balance(Matrix &first, Matrix &second) {
  int64_t each = second.cols() / first.rows();
  for (int64_t row = 0; row != first.rows(); ++row) {
    auto beside = second.middleCols(row * each, each);
    double factor = std::sqrt(beside.norm() / first.row(row).norm());
    if (!(factor > 0) || !std::isfinite(factor))
      continue;
    first.row(row) *= factor;
    beside /= factor;
  }
}

Factors LayerFactors::State::finish(std::vector<Matrix> stages,
                                    const FactorWindows *of,
                                    double error) const {
  for (size_t i = 0; i + 1 < stages.size(); ++i)
    balance(stages[i], stages[i + 1]);
  Factors result;
  for (Matrix &stage : stages) {
    RowMajor rounded = stage.cast<float>();
    result.stages.emplace_back(rounded.data(), rounded.data() + rounded.size());
    stage = rounded.cast<double>();
  }
  Matrix a = stages.back();
  for (size_t i = stages.size() - 2; i > 0; --i)
    a = (a * stages[i]).eval();
  Matrix product = of ? of->product(a, stages.front()) : a * stages.front();
  // What is left of two nearly equal sums is rounding.
  if (error < 1e-6 * signal) {
    Matrix off = w - product;
    error = covariance.get().after(off).cwiseProduct(off).sum();
  }
  RowMajor rounded = product.cast<float>();
  result.product.assign(rounded.data(), rounded.data() + rounded.size());
  if (!std::isfinite(signal) || !std::isfinite(error))
    result.error = HUGE_VAL;
  else
    result.error = signal > 0 ? std::max(0.0, error) / signal : 0;
  return result;
}

LayerFactors::LayerFactors(ArrayRef<float> w, FactorShape shape,
                           InputCovariance covariance)
    : state(std::make_unique<State>(w, std::move(shape),
                                    std::move(covariance))) {}
LayerFactors::~LayerFactors() = default;
LayerFactors::LayerFactors(LayerFactors &&) = default;

FactorForm LayerFactors::within(FactorKind kind, double share) const {
  return state->within(kind, share);
}

Factors LayerFactors::fit(const FactorForm &form, double flops) const {
  return state->fit(form, flops);
}

} // namespace mlc::calibrate
