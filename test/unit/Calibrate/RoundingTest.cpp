//===- RoundingTest.cpp - Weights as integers -----------------------------===//

#include "Calibrate/Rounding.h"
#include "RandomLayer.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

using namespace llvm;
using namespace mlc::calibrate;

static std::vector<int8_t> nearest(const RandomLayer &layer,
                                   ArrayRef<float> scales, int low, int high) {
  std::vector<int8_t> q(layer.w.size(), 99);
  roundToNearest(layer.w, layer.rows, layer.cols, scales, low, high, q);
  return q;
}

static std::vector<int8_t> withHessian(const RandomLayer &layer,
                                       ArrayRef<float> scales, int low,
                                       int high) {
  std::vector<int8_t> q(layer.w.size(), 99);
  roundWithHessian(layer.w, layer.rows, layer.cols, scales, layer.h, low, high,
                   q);
  return q;
}

static std::vector<double>
errorsOf(const RandomLayer &layer, ArrayRef<float> scales, ArrayRef<int8_t> q) {
  return quadraticErrors(layer.w, layer.rows, layer.cols, scales, q, layer.h);
}

TEST(RoundingTest, NearestTiesToEvenAndClips) {
  std::vector<float> w = {0.5f, 1.5f, -2.5f, 9, -9, 0.2f, 7, 7};
  std::vector<int8_t> q(8, 99);
  roundToNearest(w, 2, 4, {1, 0}, -7, 7, q);
  EXPECT_EQ(q, (std::vector<int8_t>{0, 2, -2, 7, 0, 0, 0, 0}));
  roundToNearest(w, 2, 4, {0.1f, 2}, -8, 7, q);
  EXPECT_EQ(q, (std::vector<int8_t>{5, 7, -8, 7, -4, 0, 4, 4}));
}

TEST(RoundingTest, MaxScalesJustFit) {
  std::vector<float> w = {1, -14, 0, 0, 3, 1};
  EXPECT_EQ(maxRowScales(w, 3, 2, -7, 7), (std::vector<float>{2, 0, 3.0f / 7}));
  EXPECT_EQ(maxRowScales(w, 3, 2, -14, 7),
            (std::vector<float>{1, 0, 3.0f / 7}));
}

TEST(RoundingTest, QuadraticErrorsAreThoseOfTheHessian) {
  RandomLayer layer = makeLayer(3, 10, 40, 1);
  std::vector<float> scales = maxRowScales(layer.w, 3, 10, -3, 3);
  std::vector<int8_t> q = nearest(layer, scales, -3, 3);
  std::vector<double> found = errorsOf(layer, scales, q);
  for (int64_t r = 0; r != 3; ++r) {
    std::vector<double> e(10);
    for (int64_t c = 0; c != 10; ++c)
      e[c] = layer.w[r * 10 + c] - double(scales[r]) * q[r * 10 + c];
    EXPECT_NEAR(found[r], layer.h.quadraticForm(e), 1e-5 * found[r]);
  }
}

/// The least quadratic error of a row, all integers tried.
static double bruteForce(const RandomLayer &layer, int64_t row, float scale,
                         int low, int high) {
  double least = std::numeric_limits<double>::infinity();
  std::vector<double> h = layer.h.dense(), e(layer.cols);
  std::function<void(int64_t, double)> descend = [&](int64_t c, double sum) {
    if (c == layer.cols) {
      least = std::min(least, sum);
      return;
    }
    for (int q = low; q <= high; ++q) {
      e[c] = layer.w[row * layer.cols + c] - double(scale) * q;
      double more = h[c * layer.cols + c] * e[c] * e[c];
      for (int64_t i = 0; i != c; ++i)
        more += 2 * h[c * layer.cols + i] * e[i] * e[c];
      descend(c + 1, sum + more);
    }
  };
  descend(0, 0);
  return least;
}

TEST(RoundingTest, IsCloseToTheBestOfAllIntegers) {
  double best = 0, found = 0, rounded = 0;
  for (uint64_t seed = 0; seed != 20; ++seed) {
    RandomLayer layer = makeLayer(4, 7, 100, seed);
    std::vector<float> scales = maxRowScales(layer.w, 4, 7, -2, 2);
    auto mine = errorsOf(layer, scales, withHessian(layer, scales, -2, 2));
    auto theirs = errorsOf(layer, scales, nearest(layer, scales, -2, 2));
    for (int64_t r = 0; r != 4; ++r) {
      double least = bruteForce(layer, r, scales[r], -2, 2);
      EXPECT_GE(mine[r], least * (1 - 1e-9));
      EXPECT_LE(mine[r], theirs[r]);
      best += least, found += mine[r], rounded += theirs[r];
    }
  }
  // Most of what is to be gained over rounding to nearest.
  EXPECT_LT(best, 0.6 * rounded);
  EXPECT_LT(found - best, 0.2 * (rounded - best));
}

TEST(RoundingTest, GainsOnLargeLayersAndNeverLoses) {
  for (auto [low, high] :
       {std::pair(-3, 3), std::pair(-8, 7), std::pair(-127, 127)}) {
    RandomLayer layer = makeLayer(16, 150, 400, 5);
    auto scales = maxRowScales(layer.w, 16, 150, low, high);
    auto q = withHessian(layer, scales, low, high);
    EXPECT_GE(*std::min_element(q.begin(), q.end()), low);
    EXPECT_LE(*std::max_element(q.begin(), q.end()), high);
    auto mine = errorsOf(layer, scales, q);
    auto theirs = errorsOf(layer, scales, nearest(layer, scales, low, high));
    for (int64_t r = 0; r != 16; ++r)
      EXPECT_LE(mine[r], theirs[r]);
    double sum = std::accumulate(mine.begin(), mine.end(), 0.0);
    EXPECT_LT(sum, 0.5 * std::accumulate(theirs.begin(), theirs.end(), 0.0));
  }
}

TEST(RoundingTest, FewVectorsAreEnough) {
  // H has rank 3: almost every error is invisible, and must not be used up.
  RandomLayer layer = makeLayer(8, 60, 3, 6);
  auto scales = maxRowScales(layer.w, 8, 60, -7, 7);
  auto q = withHessian(layer, scales, -7, 7);
  auto mine = errorsOf(layer, scales, q);
  auto rounded = nearest(layer, scales, -7, 7);
  auto theirs = errorsOf(layer, scales, rounded);
  for (int64_t r = 0; r != 8; ++r)
    EXPECT_LE(mine[r], theirs[r]);
  for (size_t i = 0; i != q.size(); ++i)
    EXPECT_LE(std::abs(q[i] - rounded[i]), 3);
}

TEST(RoundingTest, UselessHessiansGiveNearest) {
  RandomLayer layer = makeLayer(4, 20, 0, 7);
  auto scales = maxRowScales(layer.w, 4, 20, -7, 7);
  EXPECT_EQ(withHessian(layer, scales, -7, 7), nearest(layer, scales, -7, 7));
  std::vector<float> zeros(20), huge(20, 3e38f);
  layer.h.add(zeros.data(), 1);
  EXPECT_EQ(withHessian(layer, scales, -7, 7), nearest(layer, scales, -7, 7));
  layer.h.add(huge.data(), 1);
  EXPECT_EQ(withHessian(layer, scales, -7, 7), nearest(layer, scales, -7, 7));
}

TEST(RoundingTest, ColumnsAndRowsOfZeros) {
  RandomLayer layer = makeLayer(4, 20, 100, 8);
  Hessian h(20);
  std::vector<float> x(20);
  for (int v = 0; v != 50; ++v) {
    Random random(v);
    for (int64_t i = 0; i != 20; ++i)
      x[i] = i % 3 ? float(random.normal()) : 0.0f;
    h.add(x.data(), 1);
  }
  layer.h = std::move(h);
  std::fill_n(layer.w.begin() + 20, 20, 0.0f);
  auto scales = searchRowScales(layer.w, 4, 20, -7, 7, &layer.h);
  EXPECT_EQ(scales[1], 0);
  auto q = withHessian(layer, scales, -7, 7);
  auto rounded = nearest(layer, scales, -7, 7);
  for (int64_t i = 0; i != 20; ++i) {
    EXPECT_EQ(q[20 + i], 0);
    if (i % 3 == 0)
      EXPECT_EQ(q[i], rounded[i]); // no other column is correlated with it
  }
}

/// sum of d (w - scale q)^2 with q rounded to nearest.
static double weightedError(ArrayRef<float> w, ArrayRef<double> d, float scale,
                            int low, int high) {
  double sum = 0;
  for (size_t i = 0; i != w.size(); ++i) {
    double q = std::clamp<double>(std::nearbyint(w[i] / scale), low, high);
    sum += d[i] * std::pow(w[i] - scale * q, 2);
  }
  return sum;
}

TEST(RoundingTest, ScalesAreAsGoodAsBruteForce) {
  constexpr int64_t rows = 8, cols = 100;
  RandomLayer layer = makeLayer(rows, cols, 200, 9);
  layer.w[3] = 2; // one weight rules its row
  std::vector<double> diagonal = layer.h.diagonal(), ones(cols, 1);
  for (auto [low, high] :
       {std::pair(-1, 1), std::pair(-3, 3), std::pair(-8, 7)})
    for (bool isWeighted : {false, true}) {
      ArrayRef<double> d = isWeighted ? diagonal : ones;
      auto largest = maxRowScales(layer.w, rows, cols, low, high);
      auto found = searchRowScales(layer.w, rows, cols, low, high,
                                   isWeighted ? &layer.h : nullptr);
      for (int64_t r = 0; r != rows; ++r) {
        ArrayRef<float> w = ArrayRef(layer.w).slice(r * cols, cols);
        double least = std::numeric_limits<double>::infinity();
        for (int i = 1; i <= 2000; ++i)
          least =
              std::min(least, weightedError(w, d, largest[r] * float(i) / 1500,
                                            low, high));
        EXPECT_LE(weightedError(w, d, found[r], low, high), 1.02 * least);
      }
    }
}

TEST(RoundingTest, FittedScalesAreTheBestOfTheirIntegers) {
  RandomLayer layer = makeLayer(6, 40, 100, 10);
  auto scales = maxRowScales(layer.w, 6, 40, -3, 3);
  auto q = withHessian(layer, scales, -3, 3);
  auto fitted = scales;
  std::fill_n(q.begin(), 40, int8_t(0)); // says nothing about its scale
  fitRowScales(layer.w, 6, 40, q, layer.h, fitted);
  EXPECT_EQ(fitted[0], scales[0]);
  auto best = errorsOf(layer, fitted, q);
  for (float factor : {0.9f, 0.99f, 1.01f, 1.1f}) {
    auto other = fitted;
    for (float &scale : other)
      scale *= factor;
    auto errors = errorsOf(layer, other, q);
    for (int64_t r = 1; r != 6; ++r)
      EXPECT_LE(best[r], errors[r]);
  }
}

TEST(RoundingTest, TinyAndHugeWeights) {
  for (float unit : {1e-44f, 1e-38f, 1e30f, 3e37f}) {
    RandomLayer layer = makeLayer(2, 10, 50, 11);
    for (float &value : layer.w)
      value = std::clamp(value, -1.0f, 1.0f) * unit;
    auto scales = searchRowScales(layer.w, 2, 10, -7, 7, &layer.h);
    auto q = withHessian(layer, scales, -7, 7);
    for (float scale : scales)
      EXPECT_TRUE(std::isfinite(scale) && scale >= 0);
    for (int8_t value : q)
      EXPECT_TRUE(value >= -7 && value <= 7);
  }
}
