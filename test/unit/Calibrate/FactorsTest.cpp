//===- FactorsTest.cpp - Weights as a product of smaller ones -------------===//

#include "Calibrate/FactorForms.h"
#include "RandomValues.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace mlc::calibrate;
using testing::ElementsAre;

namespace {

constexpr double kFlops = 1e12;
using Floats = std::vector<float>;

double squares(const Floats &a, const Floats &b) {
  double sum = 0;
  for (size_t i = 0; i != a.size(); ++i)
    sum += (double(a[i]) - b[i]) * (double(a[i]) - b[i]);
  return sum;
}
double squares(const Floats &a) { return squares(a, Floats(a.size())); }

/// What a layer of these stages computes from a window, as its weights: the
/// plain definition, tap by tap.
Floats composed(const FactorForm &form, const FactorShape &shape,
                const std::vector<Floats> &stages) {
  int64_t taps = shape.taps(),
          wide = shape.kernel.empty() ? 1 : shape.kernel.back();
  Floats result(shape.rows * shape.columns());
  for (int64_t o = 0; o != shape.rows; ++o)
    for (int64_t c = 0; c != shape.channels; ++c)
      for (int64_t tap = 0; tap != taps; ++tap) {
        int64_t y = tap / wide, x = tap % wide, tall = taps / wide;
        double sum = 0;
        for (int64_t q = 0; q != form.rank; ++q)
          switch (form.kind) {
          case FactorKind::LowRank:
            sum += double(stages[1][o * form.rank + q]) *
                   stages[0][(q * shape.channels + c) * taps + tap];
            break;
          case FactorKind::Spatial:
            sum += double(stages[1][(o * form.rank + q) * wide + x]) *
                   stages[0][(q * shape.channels + c) * tall + y];
            break;
          case FactorKind::Tucker:
            for (int64_t p = 0; p != form.outer; ++p)
              sum += double(stages[2][o * form.outer + p]) *
                     stages[1][(p * form.rank + q) * taps + tap] *
                     stages[0][q * shape.channels + c];
            break;
          case FactorKind::Depthwise:
            int64_t f = c * form.rank + q;
            sum += double(stages[1][o * shape.channels * form.rank + f]) *
                   stages[0][f * taps + tap];
            break;
          }
        result[o * shape.columns() + c * taps + tap] = float(sum);
      }
  return result;
}

/// Stages of a form with random weights.
std::vector<Floats> randomStages(const FactorForm &form,
                                 const FactorShape &shape, uint64_t seed) {
  Random random(seed);
  std::vector<Floats> stages;
  for (const FactorStage &stage : stagesOf(form, shape))
    stages.push_back(random.normals(stage.rows * stage.columns()));
  return stages;
}

/// Vectors whose elements have to do with each other, of few directions.
FitSums correlated(const Floats &w, int64_t rows, int64_t columns,
                   uint64_t seed, bool hasMeans) {
  FitSums sums(w, rows, columns, /*hasTargets=*/false, hasMeans);
  Random random(seed);
  Floats mix = random.normals(columns * columns);
  for (int64_t vector = 0; vector != 200 * columns; ++vector) {
    Floats source = random.normals(columns), x(columns);
    for (int64_t i = 0; i != columns; ++i) {
      x[i] = 1;
      for (int64_t j = 0; j != columns; ++j)
        x[i] += mix[i * columns + j] * source[j] / float(j + 1);
    }
    sums.add(x.data());
  }
  return sums;
}

struct Case {
  FactorForm form;
  FactorShape shape;
};

const Case kCases[] = {
    {{FactorKind::LowRank, 3}, {7, 11, {}}},
    {{FactorKind::LowRank, 2}, {5, 3, {3, 3}}},
    {{FactorKind::LowRank, 4}, {6, 5, {3}}},
    {{FactorKind::Spatial, 1}, {6, 5, {3, 3}}},
    {{FactorKind::Spatial, 4}, {7, 3, {5, 3}}},
    {{FactorKind::Spatial, 3}, {9, 1, {4, 7}}},
    {{FactorKind::Tucker, 2, 3}, {7, 5, {3, 3}}},
    {{FactorKind::Tucker, 3, 4}, {6, 7, {2, 3, 2}}},
    {{FactorKind::Depthwise, 1}, {7, 5, {3, 3}}},
    {{FactorKind::Depthwise, 2}, {9, 3, {5, 3}}},
    {{FactorKind::Depthwise, 1}, {6, 4, {5}}},
};

TEST(Factors, ProductsAreFoundExactly) {
  for (const Case &each : kCases) {
    SCOPED_TRACE(name(each.form.kind).str());
    Floats w =
        composed(each.form, each.shape, randomStages(each.form, each.shape, 3));
    for (bool isIdentity : {true, false}) {
      InputCovariance covariance;
      if (!isIdentity)
        covariance.add(correlated(w, each.shape.rows, each.shape.columns(), 5,
                                  /*hasMeans=*/true));
      LayerFactors layer(w, each.shape,
                         isIdentity
                             ? InputCovariance::identity(each.shape.columns())
                             : std::move(covariance));
      if (isIdentity) {
        EXPECT_EQ(layer.within(each.form.kind, exactError), each.form);
      }
      Factors factors = layer.fit(each.form, 0);
      EXPECT_LT(factors.error, exactError);
      EXPECT_LT(squares(w, factors.product), 1e-10 * squares(w));
      Floats product = composed(each.form, each.shape, factors.stages);
      EXPECT_LT(squares(factors.product, product), 1e-12 * squares(w));
    }
  }
}

TEST(Factors, OneLessIsNoLongerExact) {
  for (const Case &each : kCases) {
    if (each.form.rank == 1)
      continue;
    SCOPED_TRACE(name(each.form.kind).str());
    Floats w =
        composed(each.form, each.shape, randomStages(each.form, each.shape, 3));
    LayerFactors layer(w, each.shape,
                       InputCovariance::identity(each.shape.columns()));
    FactorForm less = each.form;
    --less.rank;
    Factors factors = layer.fit(less, kFlops);
    EXPECT_GT(factors.error, 1e-4);
    // What is told is what it is.
    EXPECT_NEAR(factors.error, squares(w, factors.product) / squares(w),
                1e-6 * factors.error);
  }
}

/// The squares that a matrix of that rank cannot hold, by deflation: an
/// independent way to the singular values.
double tailOf(Floats a, int64_t rows, int64_t columns, int64_t rank) {
  for (int64_t r = 0; r != rank; ++r) {
    std::vector<double> v(columns, 1), u(rows);
    double norm = 0;
    for (int step = 0; step != 3000; ++step) {
      norm = 0;
      for (int64_t i = 0; i != rows; ++i) {
        u[i] = 0;
        for (int64_t j = 0; j != columns; ++j)
          u[i] += a[i * columns + j] * v[j];
      }
      std::fill(v.begin(), v.end(), 0);
      for (int64_t i = 0; i != rows; ++i)
        for (int64_t j = 0; j != columns; ++j)
          v[j] += a[i * columns + j] * u[i];
      for (double x : v)
        norm += x * x;
      norm = std::sqrt(norm);
      for (double &x : v)
        x /= norm;
    }
    for (int64_t i = 0; i != rows; ++i) {
      double product = 0;
      for (int64_t j = 0; j != columns; ++j)
        product += a[i * columns + j] * v[j];
      for (int64_t j = 0; j != columns; ++j)
        a[i * columns + j] -= float(product * v[j]);
    }
  }
  return squares(a);
}

TEST(Factors, WithoutSamplesTheyAreTheTruncatedSingularValues) {
  Random random(7);
  FactorShape dense{13, 17, {}}, conv{9, 4, {3, 5}};
  Floats w = random.normals(13 * 17), k = random.normals(9 * 60);
  LayerFactors layer(w, dense, InputCovariance::identity(17));
  Factors factors = layer.fit({FactorKind::LowRank, 5}, kFlops);
  EXPECT_NEAR(factors.error, tailOf(w, 13, 17, 5) / squares(w), 1e-4);
  // Of a spatial one, of the matrix (c, y) x (o, x).
  Floats folded(12 * 45);
  for (int o = 0; o < 9; ++o)
    for (int c = 0; c < 4; ++c)
      for (int y = 0; y < 3; ++y)
        for (int x = 0; x < 5; ++x)
          folded[(c * 3 + y) * 45 + o * 5 + x] =
              k[(o * 4 + c) * 15 + y * 5 + x];
  LayerFactors second(k, conv, InputCovariance::identity(60));
  factors = second.fit({FactorKind::Spatial, 6}, kFlops);
  EXPECT_NEAR(factors.error, tailOf(folded, 12, 45, 6) / squares(k), 1e-4);
}

/// Squares of a layer's results, about their means, on these vectors.
double resultSquares(const Floats &w, int64_t rows, int64_t columns,
                     uint64_t seed) {
  FitSums sums = correlated(w, rows, columns, seed, /*hasMeans=*/true);
  return ColumnElimination(sums).signal();
}

TEST(Factors, TheCovarianceMakesResultsBetter) {
  const Case cases[] = {{{FactorKind::LowRank, 4}, {12, 20, {}}},
                        {{FactorKind::Spatial, 5}, {8, 4, {3, 3}}},
                        {{FactorKind::Tucker, 3, 5}, {9, 6, {3, 3}}},
                        {{FactorKind::Depthwise, 1}, {10, 5, {3, 3}}}};
  for (const Case &each : cases) {
    SCOPED_TRACE(name(each.form.kind).str());
    int64_t rows = each.shape.rows, columns = each.shape.columns();
    Floats w = Random(11).normals(rows * columns);
    InputCovariance covariance;
    covariance.add(correlated(w, rows, columns, 5, true));
    LayerFactors weighted(w, each.shape, std::move(covariance)),
        plain(w, each.shape, InputCovariance::identity(columns));
    auto errorOf = [&](const Factors &factors) {
      Floats off = w;
      for (size_t i = 0; i != off.size(); ++i)
        off[i] -= factors.product[i];
      return resultSquares(off, rows, columns, 5);
    };
    Factors first = weighted.fit(each.form, kFlops),
            begun = weighted.fit(each.form, 0),
            other = plain.fit(each.form, kFlops);
    EXPECT_LT(errorOf(first), 0.7 * errorOf(other));
    // What is told is what it is, but for what is added to the diagonal.
    double signal = resultSquares(w, rows, columns, 5);
    EXPECT_NEAR(first.error, errorOf(first) / signal, 0.05 * first.error);
    // By turns it becomes better than it began.
    if (each.form.kind == FactorKind::LowRank)
      EXPECT_EQ(first.error, begun.error);
    else
      EXPECT_LT(first.error, 0.98 * begun.error);
  }
}

TEST(Factors, BlocksOfColumnsAreOneLayer) {
  // Vectors of two blocks that have nothing to do with each other.
  int64_t rows = 6, columns = 18;
  Floats w = Random(2).normals(rows * columns), left, right;
  for (int64_t r = 0; r != rows; ++r)
    for (int64_t c = 0; c != columns; ++c)
      (c < 8 ? left : right).push_back(w[r * columns + c]);
  InputCovariance covariance;
  covariance.add(correlated(left, rows, 8, 3, true));
  covariance.add(correlated(right, rows, 10, 4, true));
  LayerFactors layer(w, {rows, 2, {3, 3}}, std::move(covariance));
  Factors all = layer.fit({FactorKind::Spatial, 6}, kFlops),
          some = layer.fit({FactorKind::Spatial, 3}, kFlops);
  EXPECT_LT(all.error, exactError);
  EXPECT_GT(some.error, 1e-3);
  double off = 0, signal = 0;
  for (bool isRight : {false, true}) {
    int64_t first = isRight ? 8 : 0, size = isRight ? 10 : 8;
    Floats part, rest;
    for (int64_t r = 0; r != rows; ++r)
      for (int64_t c = first; c != first + size; ++c) {
        part.push_back(w[r * columns + c]);
        rest.push_back(w[r * columns + c] - some.product[r * columns + c]);
      }
    signal += resultSquares(part, rows, size, isRight ? 4 : 3);
    off += resultSquares(rest, rows, size, isRight ? 4 : 3);
  }
  EXPECT_NEAR(some.error, off / signal, 0.05 * some.error);
}

TEST(Factors, NeitherStageHasLargerNumbers) {
  FactorShape shape{16, 8, {3, 3}};
  Floats w = Random(4).normals(16 * 72);
  LayerFactors layer(w, shape, InputCovariance::identity(72));
  for (FactorForm form :
       {FactorForm{FactorKind::LowRank, 6}, FactorForm{FactorKind::Spatial, 6},
        FactorForm{FactorKind::Depthwise, 1}}) {
    Factors factors = layer.fit(form, kFlops);
    EXPECT_NEAR(squares(factors.stages[0]), squares(factors.stages[1]),
                1e-4 * squares(factors.stages[0]));
  }
}

TEST(Factors, OddLayersAreNoTrouble) {
  // Zeros, vectors that are zero, one that is not a number.
  FactorShape shape{4, 3, {3, 3}};
  Floats zero(4 * 27), w = Random(4).normals(4 * 27);
  FitSums sums(w, 4, 27, false, true);
  Floats nothing(27);
  for (int i = 0; i < 50; ++i)
    sums.add(nothing.data());
  for (const Floats *weights : {&zero, &w}) {
    InputCovariance covariance;
    covariance.add(sums);
    LayerFactors layer(*weights, shape, std::move(covariance));
    for (FactorKind kind : allFactorKinds) {
      Factors factors = layer.fit({kind, 1, 1}, kFlops);
      EXPECT_TRUE(std::isfinite(factors.error));
      for (const Floats &stage : factors.stages)
        for (float value : stage)
          EXPECT_TRUE(std::isfinite(value));
    }
  }
}

TEST(Factors, NumbersThatAreNoneComeToAnEnd) {
  FactorShape shape{4, 3, {3, 3}};
  Floats w = Random(4).normals(4 * 27);
  w[5] = NAN;
  w[30] = INFINITY;
  LayerFactors layer(w, shape, InputCovariance::identity(27));
  for (FactorKind kind : allFactorKinds) {
    EXPECT_GE(layer.within(kind, exactError).rank, 1);
    EXPECT_FALSE(layer.fit({kind, 1, 1}, kFlops).error <= exactError);
  }
}

TEST(FactorForms, FillVectorsAndCostLess) {
  FactorShape shape{64, 64, {3, 3}};
  Floats w = Random(4).normals(64 * 576);
  LayerFactors layer(w, shape, InputCovariance::identity(576));
  auto weightsOf = [&](const FactorForm &form) {
    double sum = 0;
    for (const FactorStage &stage : stagesOf(form, shape))
      sum += double(stage.rows * stage.columns());
    return sum / (64 * 576);
  };
  auto forms = formsWithin(layer, shape, allFactorKinds, weightsOf);
  std::vector<int> counts(4);
  for (const FactorForm &form : forms) {
    ++counts[int(form.kind)];
    EXPECT_LT(weightsOf(form), 1);
    if (form.kind == FactorKind::Depthwise)
      continue;
    for (int64_t rank : {form.rank, form.outer})
      EXPECT_EQ(rank % (rank >= 32 ? 8 : rank >= 8 ? 4 : 1), 0) << rank;
  }
  for (int count : counts)
    EXPECT_GE(count, 5);
}

TEST(FactorForms, KindsHaveNames) {
  auto kinds = kindsOf("spatial,low-rank");
  ASSERT_TRUE(bool(kinds));
  EXPECT_THAT(*kinds, ElementsAre(FactorKind::Spatial, FactorKind::LowRank));
  auto wrong = kindsOf("spatial,svd");
  EXPECT_EQ(llvm::toString(wrong.takeError()),
            "--kinds=spatial,svd: 'svd' is not low-rank, spatial, tucker or "
            "depthwise");
}

} // namespace
