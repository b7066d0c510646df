//===- SyntheticTest.cpp - Samples that are made up -----------------------===//

#include "Samples/Synthetic.h"

#include "gtest/gtest.h"

#include <cmath>
#include <set>

using namespace llvm;
using namespace mlc;
using Look = SyntheticInput::Look;

static std::vector<Tensor> readAll(Samples &samples) {
  std::vector<Tensor> tensors;
  cantFail(samples.read(0, samples.count(), tensors));
  return tensors;
}

/// Samples of one input, one after the other.
static std::vector<double> drawn(const Samples::Wanted &wanted,
                                 const SyntheticInput &input, int64_t count) {
  Samples samples = Samples::synthetic(wanted, input, count);
  std::vector<Tensor> tensors = readAll(samples);
  return visitElementType(wanted.type, [&](auto zero) {
    auto values = tensors[0].values<decltype(zero)>();
    return std::vector<double>(values.begin(), values.end());
  });
}

/// Correlation of neighbours in rows of `columns`.
static double smoothness(ArrayRef<double> values, int64_t columns) {
  double mean = 0, variance = 0, product = 0;
  for (double value : values)
    mean += value / values.size();
  for (size_t i = 0; i < values.size(); ++i) {
    variance += (values[i] - mean) * (values[i] - mean);
    if ((i + 1) % columns)
      product += (values[i] - mean) * (values[i + 1] - mean);
  }
  return product / variance * columns / std::max<int64_t>(columns - 1, 1);
}

TEST(Synthetic, ImagesFillTheirRangeAndAreSmooth) {
  std::vector<double> pixels = drawn({"x", ElementType::F32, {1, 3, 17, 31}},
                                     {Look::Images, false, -1, 1}, 64);
  EXPECT_GE(*min_element(pixels), -1);
  EXPECT_LT(*min_element(pixels), -0.95);
  EXPECT_LE(*max_element(pixels), 1);
  EXPECT_GT(*max_element(pixels), 0.95);
  EXPECT_GT(smoothness(pixels, 31), 0.7);
  EXPECT_LT(smoothness(pixels, 31), 0.999);
}

TEST(Synthetic, LayoutsHaveTheSameImages) {
  std::vector<double> planes = drawn({"x", ElementType::F32, {2, 3, 9, 11}},
                                     {Look::Images, false, 0, 1}, 2);
  std::vector<double> pixels = drawn({"x", ElementType::F32, {2, 9, 11, 3}},
                                     {Look::Images, true, 0, 1}, 2);
  ASSERT_EQ(planes.size(), pixels.size());
  for (int64_t n = 0; n < 4; ++n)
    for (int64_t c = 0; c < 3; ++c)
      for (int64_t p = 0; p < 99; ++p)
        ASSERT_EQ(planes[(n * 3 + c) * 99 + p], pixels[(n * 99 + p) * 3 + c]);
}

TEST(Synthetic, SamplesDependOnTheirNumberOnly) {
  Samples::Wanted wanted = {"x", ElementType::F32, {1, 1, 8, 8}};
  SyntheticInput input = {Look::Images, false, 0, 255};
  Samples some = Samples::synthetic(wanted, input, 5);
  std::vector<double> all = drawn(wanted, input, 9);
  std::vector<Tensor> part;
  cantFail(some.read(3, 2, part));
  for (int64_t i = 0; i < 128; ++i)
    ASSERT_EQ(part[0].values<float>()[i], all[3 * 64 + i]);
  EXPECT_NE(std::vector<double>(all.begin(), all.begin() + 64),
            std::vector<double>(all.begin() + 64, all.begin() + 128));
}

TEST(Synthetic, InputsDiffer) {
  Samples::Wanted wanted = {"x", ElementType::F32, {7}};
  Samples samples =
      Samples::synthetic({wanted, wanted}, {SyntheticInput(), {}}, 1);
  std::vector<Tensor> tensors = readAll(samples);
  EXPECT_NE(tensors[0].values<float>(), tensors[1].values<float>());
}

TEST(Synthetic, NoiseHasItsDeviationAndIsSmooth) {
  const SmallVector<int64_t> shapes[] = {
      {1, 490}, {1, 2, 13, 37}, {5, 1, 64, 1}};
  for (const SmallVector<int64_t> &shape : shapes) {
    std::vector<double> noise = drawn({"x", ElementType::F32, shape},
                                      {Look::Noise, false, -190, 210, 2}, 2000);
    double mean = 0, square = 0;
    for (double value : noise) {
      mean += value / noise.size();
      square += value * value / noise.size();
      ASSERT_GE(value, -190);
      ASSERT_LE(value, 210);
    }
    EXPECT_NEAR(mean, 10, 0.3);
    // Loudness is log-normal: exp(0.7^2) times the deviation of the middle one.
    EXPECT_NEAR(std::sqrt(square - mean * mean), 2 * std::exp(0.49), 0.5);
    EXPECT_GT(smoothness(noise, shape.back() == 1 ? 64 : shape.back()), 0.4);
  }
}

TEST(Synthetic, NoiseKeepsWithinItsRange) {
  std::vector<double> noise =
      drawn({"x", ElementType::F64, {}}, {Look::Noise, false, -1, 3, 4}, 500);
  EXPECT_EQ(*min_element(noise), -1);
  EXPECT_EQ(*max_element(noise), 3);
}

TEST(Synthetic, IntegersHaveAllValues) {
  std::vector<double> drawnIntegers = drawn({"x", ElementType::I64, {1, 10}},
                                            {Look::Integers, false, -2, 4}, 50);
  EXPECT_EQ(std::set<double>(drawnIntegers.begin(), drawnIntegers.end()),
            std::set<double>({-2, -1, 0, 1, 2, 3, 4}));
}
