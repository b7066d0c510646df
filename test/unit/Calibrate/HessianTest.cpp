//===- HessianTest.cpp - Sums of outer products ---------------------------===//

#include "Calibrate/Hessian.h"
#include "RandomValues.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc::calibrate;

static std::vector<double> bruteForce(ArrayRef<float> vectors, int64_t n) {
  std::vector<double> sums(n * n);
  for (; !vectors.empty(); vectors = vectors.drop_front(n))
    for (int64_t i = 0; i != n; ++i)
      for (int64_t j = 0; j != n; ++j)
        sums[i * n + j] += double(vectors[i]) * vectors[j];
  return sums;
}

TEST(HessianTest, IsTheSumOfOuterProducts) {
  for (int64_t n : {1, 2, 9, 63, 64, 65, 200})
    for (int64_t count : {0, 1, 63, 64, 65, 300}) {
      std::vector<float> vectors = Random(n).normals(n * count);
      Hessian h(n);
      h.add(vectors.data(), count);
      EXPECT_EQ(h.size(), n);
      EXPECT_EQ(h.count(), count);
      std::vector<double> wanted = bruteForce(vectors, n), found = h.dense();
      ASSERT_EQ(found.size(), wanted.size());
      for (size_t i = 0; i != wanted.size(); ++i)
        ASSERT_NEAR(found[i], wanted[i], 1e-5 * (double(count) + 1));
      std::vector<double> diagonal = h.diagonal();
      for (int64_t i = 0; i != n; ++i)
        EXPECT_EQ(diagonal[i], found[i * n + i]);
    }
}

TEST(HessianTest, DoesNotDependOnHowVectorsAreSpreadOverCalls) {
  constexpr int64_t n = 70, count = 200;
  std::vector<float> vectors = Random(1).normals(n * count);
  Hessian whole(n), parts(n);
  whole.add(vectors.data(), count);
  for (int64_t at = 0, size = 1; at < count; at += size, size = size * 5 % 37) {
    size = std::min(size, count - at);
    parts.add(vectors.data() + at * n, size);
    parts.diagonal(); // looking at it changes nothing
  }
  EXPECT_EQ(parts.dense(), whole.dense());
}

TEST(HessianTest, QuadraticFormIsTheSumOfSquaredOutputs) {
  constexpr int64_t n = 150, count = 100; // some tiles, some in none yet
  std::vector<float> vectors = Random(2).normals(n * count);
  std::vector<float> error = Random(3).normals(n);
  Hessian h(n);
  h.add(vectors.data(), count);
  double wanted = 0;
  for (int64_t v = 0; v != count; ++v) {
    double output = 0;
    for (int64_t i = 0; i != n; ++i)
      output += double(vectors[v * n + i]) * error[i];
    wanted += output * output;
  }
  std::vector<double> e(error.begin(), error.end());
  EXPECT_NEAR(h.quadraticForm(e), wanted, 1e-5 * wanted);
}
