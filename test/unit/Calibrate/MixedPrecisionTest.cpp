//===- MixedPrecisionTest.cpp - Choices against brute force ---------------===//

#include "Calibrate/MixedPrecision.h"
#include "RandomValues.h"
#include "gtest/gtest.h"

#include <functional>
#include <limits>

using namespace llvm;
using namespace mlc::calibrate;

using Layers = std::vector<std::vector<PrecisionOption>>;

/// Layers with floats, 8 and 4 bits, as those of networks: errors grow with
/// fewer bits, and by another factor in each layer.
static Layers makeLayers(size_t count, uint64_t seed) {
  Random random(seed);
  Layers layers;
  for (size_t i = 0; i != count; ++i) {
    uint64_t weights = 100 + uint64_t(random.uniform() * 10000);
    double error = random.uniform();
    layers.push_back({{4 * weights, 0},
                      {weights + 64, 0.01 * error},
                      {weights / 2 + 64, error * random.uniform()}});
  }
  return layers;
}

/// Calls `visit` with bytes and error of every choice.
static void
visitAll(const Layers &layers,
         const std::function<void(uint64_t bytes, double error)> &visit) {
  std::function<void(size_t, uint64_t, double)> descend =
      [&](size_t at, uint64_t bytes, double error) {
        if (at == layers.size())
          return visit(bytes, error);
        for (const PrecisionOption &option : layers[at])
          descend(at + 1, bytes + option.bytes, error + option.error);
      };
  descend(0, 0, 0);
}

static void expectConsistent(const Layers &layers,
                             const PrecisionChoice &choice) {
  ASSERT_EQ(choice.options.size(), layers.size());
  uint64_t bytes = 0;
  double error = 0;
  for (size_t i = 0; i != layers.size(); ++i) {
    bytes += layers[i][choice.options[i]].bytes;
    error += layers[i][choice.options[i]].error;
  }
  EXPECT_EQ(choice.bytes, bytes);
  EXPECT_EQ(choice.error, error);
}

TEST(MixedPrecisionTest, NothingBeatsTheFront) {
  for (uint64_t seed = 1; seed != 8; ++seed) {
    Layers layers = makeLayers(7, seed);
    PrecisionChoices choices(layers);
    ASSERT_GT(choices.front().size(), 7u);
    EXPECT_EQ(choices.front().front().error, 0);
    for (const PrecisionChoice &choice : choices.front())
      expectConsistent(layers, choice);
    for (size_t i = 1; i != choices.front().size(); ++i)
      EXPECT_LT(choices.front()[i].bytes, choices.front()[i - 1].bytes);
    visitAll(layers, [&](uint64_t bytes, double error) {
      for (const PrecisionChoice &choice : choices.front())
        EXPECT_FALSE(bytes < choice.bytes && error < choice.error - 1e-12);
    });
  }
}

TEST(MixedPrecisionTest, BudgetsOfBytesAreUsedAsWellAsCanBe) {
  for (uint64_t seed = 1; seed != 8; ++seed) {
    Layers layers = makeLayers(7, seed);
    PrecisionChoices choices(layers);
    uint64_t most = choices.front().front().bytes;
    for (uint64_t budget = most / 8; budget <= most; budget += most / 8 + 1) {
      // A part of each layer may be lost.
      uint64_t sparing = budget - 8 * (budget / 4096 + 1);
      double best = std::numeric_limits<double>::infinity(), near = best;
      visitAll(layers, [&](uint64_t bytes, double error) {
        if (bytes <= budget)
          best = std::min(best, error);
        if (bytes <= sparing)
          near = std::min(near, error);
      });
      std::optional<PrecisionChoice> found = choices.within(budget);
      ASSERT_EQ(found.has_value(), best < 1e300);
      if (!found)
        continue;
      expectConsistent(layers, *found);
      EXPECT_LE(found->bytes, budget);
      EXPECT_GE(found->error, best - 1e-12);
      EXPECT_LE(found->error, near + 1e-12);
    }
  }
}

TEST(MixedPrecisionTest, BudgetsThatCannotBeMet) {
  PrecisionChoices choices({{{10, 0}, {5, 1}}, {{20, 0}}});
  EXPECT_FALSE(choices.within(24).has_value());
  EXPECT_FALSE(choices.within(0).has_value());
  EXPECT_EQ(choices.within(25)->options, (std::vector<size_t>{1, 0}));
  EXPECT_EQ(choices.within(30)->options, (std::vector<size_t>{0, 0}));
  EXPECT_EQ(choices.within(UINT64_MAX / 2)->bytes, 30u);
}

TEST(MixedPrecisionTest, FindsTheSmallestThatIsGood) {
  for (uint64_t seed = 1; seed != 8; ++seed) {
    Layers layers = makeLayers(12, seed);
    PrecisionChoices choices(layers);
    for (double most : {0.0, 0.01, 0.1, 0.5, 100.0}) {
      int calls = 0;
      auto found = cantFail(choices.smallest([&](const PrecisionChoice &c) {
        ++calls;
        return Expected<bool>(c.error <= most);
      }));
      ASSERT_TRUE(found.has_value());
      EXPECT_LE(found->error, most);
      EXPECT_LE(calls, 1 + 6 + 16);
      uint64_t hull = choices.front().front().bytes;
      for (const PrecisionChoice &choice : choices.front())
        if (choice.error <= most)
          hull = std::min(hull, choice.bytes);
      EXPECT_LE(found->bytes, hull);
    }
  }
}

TEST(MixedPrecisionTest, SaysWhereNothingIsGood) {
  PrecisionChoices choices(makeLayers(5, 1));
  auto found = cantFail(choices.smallest(
      [](const PrecisionChoice &) { return Expected<bool>(false); }));
  EXPECT_FALSE(found.has_value());
  auto failed = choices.smallest([](const PrecisionChoice &) {
    return Expected<bool>(createStringError("cannot be measured"));
  });
  EXPECT_EQ(toString(failed.takeError()), "cannot be measured");
}

TEST(MixedPrecisionTest, OptionsThatAreWorseInEverything) {
  // The second is larger and worse; the third is smaller and better.
  PrecisionChoices choices({{{10, 1}, {20, 2}, {5, 0.5}}});
  ASSERT_EQ(choices.front().size(), 1u);
  EXPECT_EQ(choices.front()[0].options, std::vector<size_t>{2});
  EXPECT_EQ(choices.within(1000)->options, std::vector<size_t>{2});
  PrecisionChoices none((Layers()));
  EXPECT_EQ(none.front().size(), 1u);
  EXPECT_EQ(none.within(0)->bytes, 0u);
}
