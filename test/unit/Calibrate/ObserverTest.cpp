//===- ObserverTest.cpp - Ranges against brute force ----------------------===//

#include "Calibrate/Observer.h"
#include "RandomValues.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <limits>

using namespace llvm;
using namespace mlc::calibrate;

static Observer observe(ArrayRef<float> values) {
  Observer observer;
  observer.add(values);
  return observer;
}

/// The mean squared error of a grid over the values themselves.
static double errorOf(ArrayRef<float> values, const Grid &grid) {
  double sum = 0;
  for (float value : values)
    sum += std::pow(value - grid.round(value), 2);
  return sum / double(values.size());
}

/// Half zeros, as behind a Relu, and a few values far out.
static std::vector<float> rectified(uint64_t seed, double outlier) {
  Random random(seed);
  std::vector<float> values = random.normals(20000);
  for (float &value : values)
    value = std::max(value, 0.0f);
  for (int i = 0; i != 5; ++i)
    values[i * 1000] = float(outlier * (1 + random.uniform()));
  return values;
}

static std::vector<float> twoSided(uint64_t seed) {
  Random random(seed);
  std::vector<float> values = random.normals(20000, 0.3);
  for (int i = 0; i != 40; ++i)
    values[i * 400] *= 7;
  for (int i = 0; i != 10; ++i)
    values[i * 900 + 1] = float(-4 * random.uniform());
  return values;
}

TEST(GridTest, ZeroIsExact) {
  Grid grid = Grid::of({-1, 3}, 256);
  EXPECT_EQ(grid.zeroPoint, 64);
  EXPECT_EQ(grid.round(0), 0);
  EXPECT_NEAR(grid.low(), -1, grid.step / 2);
  EXPECT_NEAR(grid.high(), 3, grid.step / 2);
  EXPECT_EQ(grid.round(100), grid.high());
  EXPECT_EQ(grid.round(-100), grid.low());
}

TEST(GridTest, RangesWithoutZeroAreWidened) {
  EXPECT_EQ(Grid::of({2, 5}, 16).zeroPoint, 0);
  EXPECT_EQ(Grid::of({2, 5}, 16).high(), 5);
  EXPECT_EQ(Grid::of({-5, -2}, 16).zeroPoint, 15);
  EXPECT_EQ(Grid::of({0, 0}, 16).round(7), 0);
}

TEST(ObserverTest, Empty) {
  Observer observer;
  observer.add({});
  EXPECT_EQ(observer.count(), 0);
  for (Range range :
       {observer.minMax(), observer.percentile(99), observer.percentile(0),
        observer.leastSquares(256, false), observer.leastSquares(255, true),
        observer.entropy(256, false), observer.entropy(256, true)})
    EXPECT_EQ(range, (Range{0, 0}));
  EXPECT_EQ(observer.meanSquaredError({-1, 1}, 256), 0);
}

TEST(ObserverTest, Zeros) {
  Observer observer = observe(std::vector<float>(1000, 0.0f));
  EXPECT_EQ(observer.count(), 1000);
  for (Range range :
       {observer.minMax(), observer.percentile(99), observer.percentile(0),
        observer.leastSquares(256, false), observer.entropy(256, true)})
    EXPECT_EQ(range, (Range{0, 0}));
  EXPECT_EQ(observer.meanSquare(), 0);
}

TEST(ObserverTest, ConstantsAreRepresented) {
  for (float value : {3.0f, -3.0f, 1e-30f, -1e-42f, 3e38f}) {
    Observer observer = observe(std::vector<float>(100, value));
    EXPECT_EQ(observer.minMax(), (Range{value, value}));
    EXPECT_EQ(observer.percentile(99.9), (Range{value, value}));
    for (bool symmetric : {false, true})
      for (Range range : {observer.leastSquares(256, symmetric),
                          observer.entropy(256, symmetric)}) {
        int64_t levels = symmetric ? 255 : 256;
        Grid grid = Grid::of(range, levels);
        EXPECT_LE(std::fabs(grid.round(value) - value), 0.01 * std::fabs(value))
            << value << " in " << range.low << " .. " << range.high;
      }
  }
}

TEST(ObserverTest, OthersThanNumbersAreCountedApart) {
  float inf = std::numeric_limits<float>::infinity();
  float nan = std::numeric_limits<float>::quiet_NaN();
  Observer observer = observe({1, inf, -2, nan, -inf, 0});
  EXPECT_EQ(observer.count(), 3);
  EXPECT_EQ(observer.nonFinite(), 3);
  EXPECT_EQ(observer.minMax(), (Range{-2, 1}));
  Observer none = observe({inf, nan});
  EXPECT_EQ(none.count(), 0);
  EXPECT_EQ(none.nonFinite(), 2);
  EXPECT_EQ(none.minMax(), (Range{0, 0}));
}

/// Every result, so that two observers can be compared.
static std::vector<float> resultsOf(const Observer &observer) {
  std::vector<float> results;
  for (Range range :
       {observer.minMax(), observer.percentile(99.9), observer.percentile(50),
        observer.leastSquares(256, false), observer.leastSquares(16, true),
        observer.entropy(256, false), observer.entropy(128, true)}) {
    results.push_back(range.low);
    results.push_back(range.high);
  }
  return results;
}

TEST(ObserverTest, ResultsDependOnTheValuesAlone) {
  std::vector<float> values = twoSided(1);
  // From small to large, so that the bins widen again and again.
  std::vector<float> sorted = values;
  llvm::sort(sorted,
             [](float a, float b) { return std::fabs(a) < std::fabs(b); });
  std::vector<float> whole = resultsOf(observe(values));
  EXPECT_EQ(resultsOf(observe(sorted)), whole);
  Observer single, uneven;
  for (float value : sorted)
    single.add(value);
  size_t at = 0;
  for (size_t size = 1; at < values.size(); size = size * 3 % 977) {
    uneven.add(ArrayRef(values).slice(at, std::min(size, values.size() - at)));
    at += size;
  }
  EXPECT_EQ(resultsOf(single), whole);
  EXPECT_EQ(resultsOf(uneven), whole);
}

TEST(ObserverTest, PercentileIsThatOfSortedValues) {
  for (auto values : {twoSided(2), rectified(3, 20)}) {
    Observer observer = observe(values);
    llvm::sort(values);
    double bin = std::max(-values.front(), values.back()) / 2048;
    for (double percent : {50.0, 90.0, 99.0, 99.9, 99.99}) {
      double cut = double(values.size()) * (100 - percent) / 200;
      Range range = observer.percentile(percent);
      // Interpolated between neighbours, where the values are sparse.
      size_t at = size_t(cut), last = values.size() - 1;
      EXPECT_GE(range.low, values[std::max<size_t>(at, 1) - 1] - bin);
      EXPECT_LE(range.low, values[at + 1] + bin);
      EXPECT_LE(range.high, values[last - std::max<size_t>(at, 1) + 1] + bin);
      EXPECT_GE(range.high, values[last - at - 1] - bin);
    }
    EXPECT_EQ(observer.percentile(100), observer.minMax());
  }
}

TEST(ObserverTest, ErrorIsThatOfTheValues) {
  for (const auto &values : {twoSided(4), rectified(5, 10)}) {
    Observer observer = observe(values);
    for (Range range : {Range{-1, 1}, Range{-3, 9}, Range{0, 2}})
      for (int64_t levels : {8, 16, 256}) {
        double exact = errorOf(values, Grid::of(range, levels));
        EXPECT_NEAR(observer.meanSquaredError(range, levels), exact,
                    0.02 * exact);
      }
  }
  Observer observer = observe(twoSided(4));
  double exact = errorOf(twoSided(4), Grid());
  EXPECT_NEAR(observer.meanSquare(), exact, 1e-3 * exact);
}

/// The least error on the values of any range on a fine mesh.
static double bruteForce(ArrayRef<float> values, Range whole, int64_t levels,
                         bool symmetric) {
  double least = std::numeric_limits<double>::infinity();
  for (int i = 1; i <= 100; ++i)
    for (int j = 1; j <= 100; ++j) {
      Range range{whole.low * float(i) / 100, whole.high * float(j) / 100};
      if (symmetric) {
        float largest = std::max(-whole.low, whole.high);
        range.high = largest * float(i * 100 + j) / 10100;
        range.low = -range.high;
      } else if (whole.low == 0) {
        range.high = whole.high * float(i * 100 + j) / 10100;
      }
      if ((symmetric || whole.low == 0) && j % 10)
        continue;
      least = std::min(least, errorOf(values, Grid::of(range, levels)));
    }
  return least;
}

TEST(ObserverTest, LeastSquaresIsAsGoodAsBruteForce) {
  for (int64_t levels : {15, 255})
    for (bool symmetric : {false, true})
      for (auto values : {twoSided(6), rectified(7, 30)}) {
        Observer observer = observe(values);
        Range whole = observer.minMax();
        whole.low = std::min(whole.low, 0.0f);
        ArrayRef<float> some = ArrayRef(values).take_front(4000);
        observer = observe(some);
        Range range = observer.leastSquares(levels, symmetric);
        double found = errorOf(some, Grid::of(range, levels));
        EXPECT_LE(found, 1.03 * bruteForce(some, whole, levels, symmetric))
            << levels << " levels, " << range.low << " .. " << range.high;
        if (symmetric)
          EXPECT_EQ(range.low, -range.high);
      }
}

TEST(ObserverTest, SymmetricGridsLeaveALevelUnused) {
  Observer observer = observe(twoSided(8));
  EXPECT_EQ(observer.leastSquares(256, true), observer.leastSquares(255, true));
}

TEST(ObserverTest, EntropyCutsOutliersAndKeepsWhatIsEven) {
  Random random(9);
  std::vector<float> values = random.normals(100000);
  values[5] = 60;
  values[77] = -50;
  Range range = observe(values).entropy(256, true);
  EXPECT_LT(range.high, 15);
  EXPECT_GT(range.high, 2.5);
  for (float &value : values)
    value = float(random.uniform());
  range = observe(values).entropy(256, false);
  EXPECT_EQ(range.low, 0);
  EXPECT_GT(range.high, 0.95);
}

TEST(ObserverTest, EntropyKeepsWhatTheGridHasLevelsFor) {
  std::vector<float> values;
  int counts[] = {50, 50, 30, 30, 10, 10, 2, 2, 1};
  for (int value = 0; value != 9; ++value)
    values.insert(values.end(), counts[value], float(value));
  EXPECT_EQ(observe(values).entropy(256, false), (Range{0, 8}));
}

/// The divergence of a symmetric grid, written out on 4096 bins of [0, 8) of
/// values that are all within.
static double divergence(ArrayRef<float> values, double high, int levels) {
  constexpr int bins = 4096;
  std::vector<double> all(bins), inside(bins), levelSum(levels);
  std::vector<int> used(levels), levelOf(bins, -1);
  double step = high / (levels - 1), total = 0;
  int last = 0;
  std::vector<bool> isUsed(bins);
  for (float value : values)
    isUsed[int(value * bins / 8)] = true;
  for (int bin = 0; bin != bins; ++bin)
    if (isUsed[bin] && (bin + 0.5) * 8 / bins <= high)
      last = bin;
  for (float value : values) {
    int bin = int(value * bins / 8);
    total += bin <= last;
    inside[bin] += bin <= last;
    all[std::min(bin, last)] += 1;
  }
  for (int bin = 0; bin <= last; ++bin)
    if (inside[bin] > 0) {
      levelOf[bin] = int(std::nearbyint((bin + 0.5) * 8 / bins / step));
      levelSum[levelOf[bin]] += inside[bin];
      ++used[levelOf[bin]];
    }
  double sum = 0;
  for (int bin = 0; bin <= last; ++bin)
    if (all[bin] > 0) {
      if (levelOf[bin] < 0)
        return std::numeric_limits<double>::infinity();
      double p = all[bin] / double(values.size());
      sum += p * std::log(
                     p / (levelSum[levelOf[bin]] / used[levelOf[bin]] / total));
    }
  return sum;
}

TEST(ObserverTest, EntropyIsTheLeastDivergence) {
  Random random(10);
  std::vector<float> values = random.normals(50000);
  for (float &value : values)
    value = std::clamp(std::fabs(value), 1e-3f, 7.5f);
  values[0] = 7.5f; // the last of eight
  for (int levels : {16, 64}) {
    double least = std::numeric_limits<double>::infinity();
    for (int i = 1; i <= 1000; ++i)
      least = std::min(least, divergence(values, 7.5 * i / 1000, levels));
    Range range = observe(values).entropy(levels, false);
    EXPECT_LT(range.high, 7.4);
    EXPECT_LE(divergence(values, range.high, levels), 1.05 * least);
  }
}
