//===- PruningTest.cpp - Weights that become zero -------------------------===//

#include "Calibrate/Pruning.h"
#include "RandomLayer.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <numeric>

using namespace llvm;
using namespace mlc::calibrate;

/// e^T H e of all rows.
static double errorOf(const RandomLayer &layer, ArrayRef<float> weights) {
  double sum = 0;
  for (int64_t r = 0; r != layer.rows; ++r) {
    std::vector<double> error(layer.cols);
    for (int64_t c = 0; c != layer.cols; ++c)
      error[c] =
          double(layer.w[r * layer.cols + c]) - weights[r * layer.cols + c];
    sum += layer.h.quadraticForm(error);
  }
  return sum;
}

/// The smallest magnitudes gone, the rest as it was.
static std::vector<float> byMagnitude(const RandomLayer &layer, int64_t zeros) {
  std::vector<int64_t> order(layer.w.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::abs(layer.w[a]) < std::abs(layer.w[b]);
  });
  std::vector<float> weights = layer.w;
  for (int64_t i = 0; i != zeros; ++i)
    weights[order[i]] = 0;
  return weights;
}

static int64_t countZeros(ArrayRef<float> weights) {
  return std::count(weights.begin(), weights.end(), 0.0f);
}

TEST(GradualPruning, LosesMuchLessThanByMagnitude) {
  RandomLayer layer = makeLayer(12, 40, 400, 1);
  for (double share : {0.5, 0.8, 0.9}) {
    auto zeros = int64_t(share * double(layer.w.size()));
    GradualPruning pruning(layer.w, layer.rows, layer.cols, layer.h);
    pruning.pruneTo(zeros);
    std::vector<float> weights = pruning.weights();
    EXPECT_EQ(pruning.zeros(), zeros);
    EXPECT_EQ(countZeros(weights), zeros);
    double mine = errorOf(layer, weights);
    EXPECT_NEAR(pruning.error(), mine, 1e-4 * mine);
    EXPECT_LT(mine, 0.75 * errorOf(layer, byMagnitude(layer, zeros)));
  }
}

TEST(GradualPruning, GoesOnFromWhereItIs) {
  RandomLayer layer = makeLayer(5, 33, 300, 2);
  GradualPruning pruning(layer.w, layer.rows, layer.cols, layer.h);
  pruning.pruneTo(60);
  std::vector<float> some = pruning.weights();
  double before = pruning.error();
  pruning.pruneTo(120);
  std::vector<float> more = pruning.weights();
  EXPECT_EQ(countZeros(more), 120);
  EXPECT_GT(pruning.error(), before);
  for (size_t i = 0; i != some.size(); ++i)
    if (some[i] == 0)
      EXPECT_EQ(more[i], 0);
  pruning.pruneTo(10);
  EXPECT_EQ(pruning.weights(), more);
  pruning.pruneTo(1000);
  EXPECT_EQ(countZeros(pruning.weights()), 5 * 33);
}

TEST(GradualPruning, WeightsThatStayAreNearTheBest) {
  // Of one row, no change of a single weight that stays makes it better.
  RandomLayer layer = makeLayer(1, 17, 200, 3);
  GradualPruning pruning(layer.w, 1, 17, layer.h);
  pruning.pruneTo(8);
  std::vector<float> weights = pruning.weights();
  double least = errorOf(layer, weights);
  for (size_t i = 0; i != weights.size(); ++i)
    for (float change : {-0.02f, 0.02f}) {
      if (weights[i] == 0)
        continue;
      std::vector<float> other = weights;
      other[i] += change;
      EXPECT_GT(errorOf(layer, other), least);
    }
}

TEST(GradualPruning, PatternsHold) {
  RandomLayer layer = makeLayer(6, 22, 300, 4);
  GradualPruning pruning(layer.w, layer.rows, layer.cols, layer.h, {2, 4});
  pruning.pruneTo(6 * 22);
  std::vector<float> weights = pruning.weights();
  for (int64_t r = 0; r != layer.rows; ++r)
    for (int64_t begin = 0; begin < layer.cols; begin += 4) {
      int64_t size = std::min<int64_t>(4, layer.cols - begin);
      int64_t left =
          size - countZeros(ArrayRef(weights).slice(r * 22 + begin, size));
      EXPECT_EQ(left, 2);
    }
}

TEST(GradualPruning, ZerosStayAndNothingKnownIsByMagnitude) {
  RandomLayer layer = makeLayer(3, 20, 0, 5);
  layer.w[7] = 0;
  GradualPruning pruning(layer.w, layer.rows, layer.cols, layer.h);
  EXPECT_EQ(pruning.zeros(), 1);
  pruning.pruneTo(30);
  EXPECT_EQ(pruning.weights(), byMagnitude(layer, 30));
  // A column that is always 0 is worth nothing.
  RandomLayer other = makeLayer(2, 8, 0, 6);
  std::vector<float> x(8, 0);
  Random random(7);
  for (int i = 0; i != 50; ++i) {
    std::vector<float> values = random.normals(7);
    std::copy(values.begin(), values.end(), x.begin());
    other.h.add(x.data(), 1);
  }
  other.w[7] = 0.1f;
  other.w[15] = 0.1f;
  GradualPruning dead(other.w, 2, 8, other.h);
  dead.pruneTo(4);
  EXPECT_EQ(dead.weights()[7], 0);
  EXPECT_EQ(dead.weights()[15], 0);
}
