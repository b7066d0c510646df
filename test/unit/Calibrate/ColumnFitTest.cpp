//===- ColumnFitTest.cpp - Weights without some of their columns ----------===//

#include "Calibrate/ColumnFit.h"
#include "RandomValues.h"
#include "gtest/gtest.h"

using namespace mlc::calibrate;

namespace {

constexpr int64_t kRows = 5, kColumns = 8, kVectors = 600;

/// Vectors of which 5 is twice 1 less 3, 6 is always 2.5, and 7 always 0.
std::vector<float> makeVectors() {
  Random random(1);
  std::vector<float> all;
  for (int64_t v = 0; v != kVectors; ++v) {
    std::vector<float> x = random.normals(kColumns);
    x[2] += 0.3f * x[0];
    x[5] = 2 * x[1] - x[3];
    x[6] = 2.5f;
    x[7] = 0;
    all.insert(all.end(), x.begin(), x.end());
  }
  return all;
}

std::vector<float> makeWeights() { return Random(2).normals(kRows * kColumns); }

/// The sum of squares of what weights with a shift give, less what `w` gives.
double errorOf(llvm::ArrayRef<float> vectors, llvm::ArrayRef<float> w,
               llvm::ArrayRef<float> other, llvm::ArrayRef<double> shift) {
  double sum = 0;
  for (size_t v = 0; v != vectors.size(); v += kColumns)
    for (int64_t r = 0; r != kRows; ++r) {
      double off = shift[r];
      for (int64_t c = 0; c != kColumns; ++c)
        off += (double(other[r * kColumns + c]) - w[r * kColumns + c]) *
               vectors[v + c];
      sum += off * off;
    }
  return sum;
}

/// The best weights without column `gone` and any shift, by many steps of
/// coordinate descent: an independent solution.
double leastError(llvm::ArrayRef<float> vectors, llvm::ArrayRef<float> w,
                  llvm::ArrayRef<int64_t> gone) {
  double sum = 0;
  size_t count = vectors.size() / kColumns;
  for (int64_t r = 0; r != kRows; ++r) {
    std::vector<double> off(count);
    for (size_t v = 0; v != count; ++v)
      for (int64_t c : gone)
        off[v] += double(w[r * kColumns + c]) * vectors[v * kColumns + c];
    for (int sweep = 0; sweep != 300; ++sweep)
      for (int64_t c = -1; c != kColumns; ++c) {
        if (c >= 0 && llvm::is_contained(gone, c))
          continue;
        double xx = 0, xy = 0;
        auto at = [&](size_t v) {
          return c < 0 ? 1.0 : double(vectors[v * kColumns + c]);
        };
        for (size_t v = 0; v != count; ++v) {
          xx += at(v) * at(v);
          xy += at(v) * off[v];
        }
        if (xx > 0)
          for (size_t v = 0; v != count; ++v)
            off[v] -= xy / xx * at(v);
      }
    for (double each : off)
      sum += each * each;
  }
  return sum;
}

TEST(ColumnElimination, LossesAreThoseOfTheBestRest) {
  std::vector<float> vectors = makeVectors(), w = makeWeights();
  FitSums sums(w, kRows, kColumns, false, true);
  for (size_t v = 0; v != vectors.size(); v += kColumns)
    sums.add(&vectors[v]);
  ColumnElimination left(sums);
  // A sum of others, what never changes, and what is never there: nothing.
  for (int64_t column : {1, 3, 5, 6, 7})
    EXPECT_LT(left.lossOf(column), 1e-4 * left.signal());
  double one = leastError(vectors, w, {0}),
         two = leastError(vectors, w, {0, 2});
  EXPECT_GT(one, 0.01 * left.signal());
  EXPECT_NEAR(left.lossOf(0), one, 1e-3 * one);
  EXPECT_NEAR(left.lossOf({0, 2}), two, 1e-3 * two);
  left.drop(0);
  EXPECT_NEAR(left.lossOf(2), two - one, 1e-3 * two);
  left.drop(2);
  std::vector<float> rest = left.weights();
  std::vector<double> means = sums.means(), shift(kRows);
  for (int64_t r = 0; r != kRows; ++r) {
    EXPECT_EQ(rest[r * kColumns], 0);
    EXPECT_EQ(rest[r * kColumns + 2], 0);
    for (int64_t c = 0; c != kColumns; ++c)
      shift[r] += (w[r * kColumns + c] - rest[r * kColumns + c]) * means[c];
  }
  EXPECT_NEAR(errorOf(vectors, w, rest, shift), two, 1e-3 * two);
}

TEST(ColumnElimination, OneOfSeveralThatAreTheSameStays) {
  std::vector<float> vectors = makeVectors(), w = makeWeights();
  FitSums sums(w, kRows, kColumns, false, true);
  for (size_t v = 0; v != vectors.size(); v += kColumns)
    sums.add(&vectors[v]);
  ColumnElimination left(sums);
  left.drop(5);
  EXPECT_GT(left.lossOf(1), 0.01 * left.signal());
  EXPECT_GT(left.lossOf(3), 0.01 * left.signal());
}

TEST(ColumnElimination, WithoutMeansConstantsAreWorthSomething) {
  std::vector<float> vectors = makeVectors(), w = makeWeights();
  FitSums sums(w, kRows, kColumns, false, false);
  for (size_t v = 0; v != vectors.size(); v += kColumns)
    sums.add(&vectors[v]);
  ColumnElimination left(sums);
  EXPECT_GT(left.lossOf(6), 0.01 * left.signal());
  EXPECT_LT(left.lossOf(7), 1e-4 * left.signal());
}

TEST(FitColumns, FindsWhatOthersHave) {
  std::vector<float> vectors = makeVectors(), w = makeWeights();
  // The layer before is off: each vector is a mixture, and shifted.
  FitSums sums(w, kRows, kColumns, true, true);
  std::vector<float> now = vectors;
  for (size_t v = 0; v != vectors.size(); v += kColumns) {
    for (int64_t c = 0; c != kColumns; ++c)
      now[v + c] = 0.5f * vectors[v + c] + (c == 2 ? vectors[v] : 0) + 1;
    if (v / kColumns % 4 == 3)
      sums.addTest(&now[v], &vectors[v]);
    else
      sums.add(&now[v], &vectors[v]);
  }
  FittedColumns fitted = fitColumns(sums, {0, 1, 2, 3, 4});
  double error = 0, signal = 0;
  for (size_t v = 0; v != vectors.size(); v += kColumns)
    for (int64_t r = 0; r != kRows; ++r) {
      double wanted = 0, found = fitted.shift[r];
      for (int64_t c = 0; c != kColumns; ++c) {
        wanted += double(w[r * kColumns + c]) * vectors[v + c];
        found += double(fitted.weights[r * kColumns + c]) * now[v + c];
      }
      error += (wanted - found) * (wanted - found);
      signal += wanted * wanted;
    }
  EXPECT_LT(error, 1e-9 * signal);
  for (int64_t r = 0; r != kRows; ++r)
    for (int64_t c = 5; c != kColumns; ++c)
      EXPECT_EQ(fitted.weights[r * kColumns + c], 0);
}

TEST(FitColumns, FewVectorsDoNotBendWeights) {
  // As many vectors as columns: any targets could be met, by noise.
  Random random(4);
  std::vector<float> w = makeWeights();
  FitSums sums(w, kRows, kColumns, true, true);
  for (int v = 0; v != 12; ++v) {
    std::vector<float> x = random.normals(kColumns),
                       noise = random.normals(kColumns, 0.5);
    for (int64_t c = 0; c != kColumns; ++c)
      noise[c] += x[c];
    if (v % 4 == 3)
      sums.addTest(noise.data(), x.data());
    else
      sums.add(noise.data(), x.data());
  }
  FittedColumns fitted = fitColumns(sums, {0, 1, 2, 3, 4, 5, 6, 7});
  double change = 0, size = 0;
  for (size_t i = 0; i != w.size(); ++i) {
    change += (fitted.weights[i] - w[i]) * (fitted.weights[i] - w[i]);
    size += w[i] * w[i];
  }
  EXPECT_LT(change, size);
}

TEST(FitColumns, NothingKnownLeavesWeights) {
  std::vector<float> w = makeWeights();
  FitSums sums(w, kRows, kColumns, true, true);
  FittedColumns fitted = fitColumns(sums, {0, 3});
  EXPECT_EQ(fitted.weights[3], w[3]);
  EXPECT_EQ(fitted.weights[1], 0);
  EXPECT_EQ(fitted.shift, std::vector<double>(kRows, 0));
}

} // namespace
