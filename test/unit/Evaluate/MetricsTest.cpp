//===- MetricsTest.cpp - How good outputs are -----------------------------===//

#include "Evaluate/Metrics.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace llvm;
using namespace mlc;

static const double kInfinity = std::numeric_limits<double>::infinity();
static const float kNan = std::numeric_limits<float>::quiet_NaN();

static Tensor tensor(ArrayRef<float> values) {
  Tensor result =
      cantFail(Tensor::create(ElementType::F32, {int64_t(values.size())}));
  copy(values, result.values<float>().begin());
  return result;
}

TEST(Metrics, ShapesOfScores) {
  auto check = [](ArrayRef<int64_t> shape, int64_t rows, int64_t classes) {
    std::optional<ScoreShape> found = scoreShapeOf(shape);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->rows, rows);
    EXPECT_EQ(found->classes, classes);
  };
  check({10}, 1, 10);
  check({1, 10}, 1, 10);
  check({4, 10, 1, 1}, 4, 10);
  check({4, 1, 1, 7}, 4, 7);
  EXPECT_FALSE(scoreShapeOf({}));
  EXPECT_FALSE(scoreShapeOf({1}));
  EXPECT_FALSE(scoreShapeOf({4, 1}));
  EXPECT_FALSE(scoreShapeOf({4, 2, 3}));
  EXPECT_FALSE(scoreShapeOf({4, 0}));
}

TEST(Metrics, BestClass) {
  Tensor scores = tensor({1, 3, 2, 5, 5, 4, 0, kNan, 9});
  ScoreShape shape = {3, 3};
  EXPECT_EQ(bestClass(scores, shape, 0), 1);
  EXPECT_EQ(bestClass(scores, shape, 1), 0); // the first of equal ones
  EXPECT_EQ(bestClass(scores, shape, 2), -1);
}

TEST(Metrics, AmongTheBest) {
  Tensor scores = tensor({1, 3, 3, 2, kNan, 0, 0, 0});
  ScoreShape shape = {2, 4};
  for (auto [label, rank] :
       {std::pair(1, 1), std::pair(2, 2), std::pair(3, 3), std::pair(0, 4)})
    for (int64_t k = 1; k != 6; ++k)
      EXPECT_EQ(isAmongBest(scores, shape, 0, label, k), k >= rank)
          << label << " of " << k;
  EXPECT_FALSE(isAmongBest(scores, shape, 1, 1, 4));
}

TEST(Metrics, IntegersAreScoresToo) {
  Tensor scores = cantFail(Tensor::create(ElementType::U8, {1, 3}));
  scores.values<uint8_t>()[1] = 200;
  EXPECT_EQ(bestClass(scores, {1, 3}, 0), 1);
}

TEST(Metrics, Differences) {
  Difference difference;
  EXPECT_EQ(difference.meanSquared(), 0);
  difference.add(tensor({1, 2}), tensor({1, 5}));
  difference.add(tensor({-3, 0}), tensor({-4, 0}));
  EXPECT_EQ(difference.largest(), 3);
  EXPECT_EQ(difference.meanSquared(), 10.0 / 4);
  EXPECT_EQ(difference.rootMeanSquared(), std::sqrt(2.5));
  EXPECT_NEAR(difference.sqnr(), 10 * std::log10((1 + 25 + 16) / 10.0), 1e-12);
}

TEST(Metrics, DifferencesOfWhatIsNoNumber) {
  float inf = std::numeric_limits<float>::infinity();
  Difference equal;
  equal.add(tensor({inf, -inf, kNan}), tensor({inf, -inf, kNan}));
  EXPECT_EQ(equal.largest(), 0);
  EXPECT_EQ(equal.sqnr(), kInfinity);
  for (auto [a, b] : {std::pair(inf, -inf), std::pair(kNan, 1.0f),
                      std::pair(1.0f, kNan), std::pair(0.0f, inf)}) {
    Difference other;
    other.add(tensor({a}), tensor({b}));
    EXPECT_EQ(other.largest(), kInfinity);
  }
}
