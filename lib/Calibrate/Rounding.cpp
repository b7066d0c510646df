//===- Rounding.cpp - Which integers weights become -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Rounding.h"
#include "Calibrate/DenseHessian.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace llvm;

namespace mlc::calibrate {

static int roundTo(double value, int low, int high) {
  return int(std::clamp(std::nearbyint(value), double(low), double(high)));
}

//===----------------------------------------------------------------------===//
// Scales
//===----------------------------------------------------------------------===//

std::vector<float> maxRowScales(ArrayRef<float> w, int64_t rows, int64_t cols,
                                int low, int high) {
  std::vector<float> scales(rows);
  for (int64_t r = 0; r != rows; ++r) {
    float least = 0, most = 0;
    for (float value : w.slice(r * cols, cols)) {
      least = std::min(least, value);
      most = std::max(most, value);
    }
    // Where there are no negative integers, negative weights become 0.
    scales[r] = std::max(most / float(high), low ? least / float(low) : 0.0f);
  }
  return scales;
}

/// sum of d (w - scale * round(w / scale))^2.
static double nearestError(ArrayRef<float> w, ArrayRef<float> d, float scale,
                           float low, float high) {
  // Adding this leaves no bits behind the point, which is rounding to nearest;
  // unlike a call, it can be done for several at once.
  constexpr float round = 12582912; // 1.5 * 2^23
  constexpr size_t lanes = 16;
  float sums[lanes] = {}, inverse = 1 / scale;
  size_t whole = w.size() / lanes * lanes;
  auto add = [&](float &sum, size_t i) {
    float x = w[i] * inverse;
    x = x < low ? low : x;
    x = x > high ? high : x;
    float q = (x + round) - round;
    float e = w[i] - scale * q;
    sum += d[i] * e * e;
  };
  for (size_t i = 0; i != whole; i += lanes)
    for (size_t l = 0; l != lanes; ++l)
      add(sums[l], i + l);
  for (size_t i = whole; i != w.size(); ++i)
    add(sums[i - whole], i);
  double sum = 0;
  for (float each : sums)
    sum += each;
  return sum;
}

/// The best scale for the integers that `scale` rounds to; 0 where there is no
/// positive one.
static float leastSquaresScale(ArrayRef<float> w, ArrayRef<float> d,
                               float scale, int low, int high) {
  double wq = 0, qq = 0;
  for (auto [value, weight] : zip(w, d)) {
    double q = roundTo(value / scale, low, high);
    wq += weight * double(value) * q;
    qq += weight * q * q;
  }
  return qq > 0 && wq > 0 ? float(wq / qq) : 0;
}

static float searchScale(ArrayRef<float> w, ArrayRef<float> d, float start,
                         int low, int high) {
  constexpr int steps = 100, most = 120; // hundredths of the start
  float best = start;
  double least = nearestError(w, d, start, low, high);
  auto consider = [&](float scale) {
    if (!(scale > 0) || !std::isfinite(1 / scale))
      return false;
    double error = nearestError(w, d, scale, low, high);
    if (!(error < least))
      return false;
    least = error;
    best = scale;
    return true;
  };
  for (int i = most; i >= 10; --i)
    consider(start * (float(i) / steps));
  for (int i = 0; i != 4; ++i)
    if (!consider(leastSquaresScale(w, d, best, low, high)))
      break;
  return best;
}

std::vector<float> searchRowScales(ArrayRef<float> w, int64_t rows,
                                   int64_t cols, int low, int high,
                                   const Hessian *h) {
  std::vector<float> scales = maxRowScales(w, rows, cols, low, high);
  std::vector<float> d(cols, 1);
  if (h) {
    std::vector<double> diagonal = h->diagonal();
    double largest = *std::max_element(diagonal.begin(), diagonal.end());
    // Columns that were always 0 count a little: there may be other data.
    if (largest > 0 && std::isfinite(largest))
      for (int64_t c = 0; c != cols; ++c)
        d[c] = float(std::max(diagonal[c] / largest, 1e-6));
  }
  for (int64_t r = 0; r != rows; ++r)
    if (scales[r] > 0 && std::isfinite(1 / scales[r]))
      scales[r] = searchScale(w.slice(r * cols, cols), d, scales[r], low, high);
  return scales;
}

//===----------------------------------------------------------------------===//
// Rounding
//===----------------------------------------------------------------------===//

void roundToNearest(ArrayRef<float> w, int64_t rows, int64_t cols,
                    ArrayRef<float> rowScales, int low, int high,
                    MutableArrayRef<int8_t> q) {
  for (int64_t r = 0; r != rows; ++r)
    for (int64_t i = r * cols; i != (r + 1) * cols; ++i)
      q[i] = rowScales[r] > 0 ? roundTo(w[i] / rowScales[r], low, high) : 0;
}

namespace {

/// A layer on its way: rows by columns, of weights and of what is left of them.
class Layer {
public:
  Layer(ArrayRef<float> w, int64_t rows, int64_t cols, ArrayRef<float> scales,
        int low, int high, MutableArrayRef<int8_t> q)
      : w(w), rows(rows), cols(cols), scales(scales), low(low), high(high),
        q(q) {}

  void compensate(const Matrix &factor, ArrayRef<int64_t> order);
  void improve(const Matrix &h, ArrayRef<int64_t> order, int sweeps);
  void keepBetter(const Matrix &h, ArrayRef<int8_t> nearest);

private:
  double weight(int64_t r, int64_t c) const { return w[r * cols + c]; }
  /// w - scale q.
  Matrix errors(ArrayRef<int8_t> of) const;
  bool improveRow(int64_t r, const Matrix &h, ArrayRef<int64_t> order,
                  Eigen::VectorXd &error, Eigen::VectorXd &gradient);

  ArrayRef<float> w;
  int64_t rows, cols;
  ArrayRef<float> scales;
  int low, high;
  MutableArrayRef<int8_t> q;
};

} // namespace

Matrix Layer::errors(ArrayRef<int8_t> of) const {
  Matrix result(rows, cols);
  for (int64_t c = 0; c != cols; ++c)
    for (int64_t r = 0; r != rows; ++r)
      result(r, c) = weight(r, c) - double(scales[r]) * of[r * cols + c];
  return result;
}

/// `factor` is the lower Cholesky factor of H in this order, and the last
/// column of the order is rounded first. With e the errors, e^T H e is the sum
/// over columns k of the squares of factor(k, k) e(k) + sum over i > k of
/// factor(i, k) e(i): each column is rounded so that its own is smallest.
void Layer::compensate(const Matrix &factor, ArrayRef<int64_t> order) {
  constexpr int64_t block = 64;
  Matrix error = Matrix::Zero(rows, cols), owed;
  Eigen::VectorXd each;
  for (int64_t end = cols; end > 0; end -= std::min(block, end)) {
    int64_t begin = std::max<int64_t>(end - block, 0), done = cols - end;
    owed.noalias() =
        error.rightCols(done) * factor.block(end, begin, done, end - begin);
    for (int64_t k = end; k-- != begin;) {
      int64_t inside = end - k - 1, c = order[k];
      each.noalias() = error.middleCols(k + 1, inside) *
                       factor.col(k).segment(k + 1, inside);
      each += owed.col(k - begin);
      for (int64_t r = 0; r != rows; ++r) {
        double scale = scales[r],
               wanted = weight(r, c) + each[r] / factor(k, k);
        int rounded = scale > 0 ? roundTo(wanted / scale, low, high) : 0;
        q[r * cols + c] = int8_t(rounded);
        error(r, k) = weight(r, c) - scale * rounded;
      }
    }
  }
}

/// Changes each integer to the best while the others stay; whether any changed.
bool Layer::improveRow(int64_t r, const Matrix &h, ArrayRef<int64_t> order,
                       Eigen::VectorXd &error, Eigen::VectorXd &gradient) {
  bool changed = false;
  double scale = scales[r];
  for (int64_t c : order) {
    double diagonal = h(c, c);
    if (!(diagonal > 0))
      continue;
    double wanted = weight(r, c) - error[c] + gradient[c] / diagonal;
    int next = roundTo(wanted / scale, low, high);
    double change = weight(r, c) - scale * next - error[c];
    double gain = -change * (2 * gradient[c] + diagonal * change);
    // By more than what rounding of the sums may feign.
    if (next == q[r * cols + c] || !(gain > 1e-9 * diagonal * scale * scale))
      continue;
    q[r * cols + c] = int8_t(next);
    error[c] += change;
    gradient += change * h.col(c);
    changed = true;
  }
  return changed;
}

void Layer::improve(const Matrix &h, ArrayRef<int64_t> order, int sweeps) {
  Matrix error = errors(q), gradients = error * h;
  for (int64_t r = 0; r != rows; ++r) {
    if (!(scales[r] > 0))
      continue;
    Eigen::VectorXd mine = error.row(r), gradient = gradients.row(r);
    for (int sweep = 0; sweep != sweeps; ++sweep)
      if (!improveRow(r, h, order, mine, gradient))
        break;
  }
}

void Layer::keepBetter(const Matrix &h, ArrayRef<int8_t> nearest) {
  Eigen::VectorXd mine = rowForms(errors(q), h);
  Eigen::VectorXd theirs = rowForms(errors(nearest), h);
  for (int64_t r = 0; r != rows; ++r)
    if (!(mine[r] <= theirs[r]))
      copy(nearest.slice(r * cols, cols), q.slice(r * cols, cols).begin());
}

/// The Cholesky factor of `h` in this order; false where there is none.
static bool factorise(const Matrix &h, ArrayRef<int64_t> order,
                      Matrix &factor) {
  int64_t n = h.rows();
  factor.resize(n, n);
  for (int64_t j = 0; j != n; ++j)
    for (int64_t i = j; i != n; ++i)
      factor(i, j) = h(order[i], order[j]);
  Eigen::LLT<Eigen::Ref<Matrix>> decomposition(factor);
  return decomposition.info() == Eigen::Success &&
         std::isfinite(factor.diagonal().sum());
}

void roundWithHessian(ArrayRef<float> w, int64_t rows, int64_t cols,
                      ArrayRef<float> rowScales, const Hessian &hessian,
                      int low, int high, MutableArrayRef<int8_t> q,
                      const HessianRounding &options) {
  fixEigenBlocking();
  roundToNearest(w, rows, cols, rowScales, low, high, q);
  Matrix h = denseOf(hessian);
  double mean = h.trace() / double(cols);
  // Nothing is known, or nothing that fits into numbers.
  if (!(mean > 0) || !std::isfinite(mean))
    return;
  std::vector<int8_t> nearest(q.begin(), q.end());
  Eigen::VectorXd diagonal = h.diagonal();
  std::vector<int64_t> order(cols);
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return std::pair(diagonal[a], a) < std::pair(diagonal[b], b);
  });
  Layer layer(w, rows, cols, rowScales, low, high, q);
  // Vectors that all lie in few dimensions may take more than what is asked.
  double damping = options.damping;
  for (int tries = 0; tries != 4; ++tries, damping = 10 * damping + 1e-6) {
    Matrix factor;
    h.diagonal() = diagonal.array() + damping * mean;
    if (!factorise(h, order, factor))
      continue;
    layer.compensate(factor, order);
    break;
  }
  std::reverse(order.begin(), order.end());
  layer.improve(h, order, options.sweeps);
  h.diagonal() = diagonal;
  layer.keepBetter(h, nearest);
}

//===----------------------------------------------------------------------===//
// What became of it
//===----------------------------------------------------------------------===//

void fitRowScales(ArrayRef<float> w, int64_t rows, int64_t cols,
                  ArrayRef<int8_t> q, const Hessian &h,
                  MutableArrayRef<float> rowScales) {
  fixEigenBlocking();
  Matrix weights(rows, cols), integers(rows, cols);
  for (int64_t c = 0; c != cols; ++c) {
    for (int64_t r = 0; r != rows; ++r) {
      weights(r, c) = w[r * cols + c];
      integers(r, c) = q[r * cols + c];
    }
  }
  Matrix products = integers * denseOf(h);
  Eigen::VectorXd qw = products.cwiseProduct(weights).rowwise().sum();
  Eigen::VectorXd qq = products.cwiseProduct(integers).rowwise().sum();
  for (int64_t r = 0; r != rows; ++r) {
    float scale = qq[r] > 0 ? float(qw[r] / qq[r]) : 0;
    if (scale > 0 && std::isfinite(scale))
      rowScales[r] = scale;
  }
}

std::vector<double> quadraticErrors(ArrayRef<float> w, int64_t rows,
                                    int64_t cols, ArrayRef<float> rowScales,
                                    ArrayRef<int8_t> q, const Hessian &h) {
  fixEigenBlocking();
  Matrix error(rows, cols);
  for (int64_t c = 0; c != cols; ++c)
    for (int64_t r = 0; r != rows; ++r)
      error(r, c) = w[r * cols + c] - double(rowScales[r]) * q[r * cols + c];
  Eigen::VectorXd forms = rowForms(error, denseOf(h));
  return {forms.begin(), forms.end()};
}

} // namespace mlc::calibrate
