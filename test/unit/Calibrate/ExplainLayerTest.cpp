//===- ExplainLayerTest.cpp - What makes a layer go wrong is named --------===//

#include "Calibrate/CompareModels.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <limits>

using namespace mlc;
using namespace mlc::calibrate;
using ::testing::HasSubstr;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

ComparedLayer stored(double sqnr, double saturated, double steps) {
  ComparedLayer layer;
  layer.value = "x";
  layer.storedSqnr = sqnr;
  layer.saturated = saturated;
  layer.stepsUsed = steps;
  layer.low = -1;
  layer.high = 2;
  return layer;
}

ComparedLayer made(double own, std::optional<double> weights = std::nullopt) {
  ComparedLayer layer;
  layer.value = "y";
  layer.ownSqnr = own;
  layer.weightsSqnr = weights;
  return layer;
}

std::string whyOf(const ComparedLayer &layer,
                  const ComparedLayer *operand = nullptr) {
  std::vector<const ComparedLayer *> operands;
  if (operand)
    operands.push_back(operand);
  return explain(layer, operands, 20);
}

} // namespace

TEST(ExplainLayer, GoodLayersHaveNoReason) {
  EXPECT_EQ(whyOf(made(20)), "");
  EXPECT_EQ(whyOf(made(200)), "");
  ComparedLayer bad = stored(3, 0.5, 200);
  EXPECT_EQ(whyOf(made(25), &bad), "");
  EXPECT_EQ(whyOf(ComparedLayer()), "");
}

TEST(ExplainLayer, OperandsAreNamed) {
  ComparedLayer saturated = stored(9, 0.25, 200);
  EXPECT_EQ(whyOf(made(8), &saturated),
            "its operand 'x' saturates: 25 % of its elements are beyond -1 to "
            "2, the range of its integers");
  ComparedLayer wide = stored(9, 0, 6.5);
  EXPECT_EQ(whyOf(made(8), &wide),
            "its operand 'x' has too wide a range: its elements spread over 7 "
            "of its steps");
  ComparedLayer noisy = stored(9, 0, 200);
  EXPECT_THAT(whyOf(made(8), &noisy), HasSubstr("loses too much"));
}

TEST(ExplainLayer, WeightsAreNamedWhereTheyAreWorse) {
  ComparedLayer noisy = stored(12, 0, 200);
  EXPECT_EQ(whyOf(made(8, 9.0), &noisy),
            "its weights are off, 9.0 dB are left of them");
  EXPECT_THAT(whyOf(made(8, 30.0), &noisy), HasSubstr("computes something"));
  EXPECT_THAT(whyOf(made(10, 30.0), &noisy), HasSubstr("operand 'x'"));
}

TEST(ExplainLayer, OwnStorageCountsToo) {
  ComparedLayer layer = stored(10, 0.25, 200);
  layer.ownSqnr = 40;
  EXPECT_THAT(whyOf(layer), HasSubstr("'x' saturates"));
}

TEST(ExplainLayer, NaNIsSaidFirst) {
  ComparedLayer noisy = stored(-kInfinity, 0.25, 200);
  EXPECT_THAT(whyOf(made(-kInfinity), &noisy), HasSubstr("NaN"));
}
