//===- ProblemTest.cpp - Input checks and the lower bound -----------------===//

#include "Memory/ArenaPlanner.h"
#include "gtest/gtest.h"
#include <functional>

using namespace mlc;

static std::string checkMessage(const ArenaProblem &problem) {
  return llvm::toString(problem.check());
}

/// The message for a correct problem whose second buffer was changed.
static std::string
checkWithChange(const std::function<void(ArenaBuffer &)> &change) {
  ArenaBuffer buffer{"relu", 64, 64, 1, 2};
  change(buffer);
  ArenaProblem problem;
  problem.addBuffer({"conv", 64, 64, 0, 1});
  problem.addBuffer(buffer);
  return checkMessage(problem);
}

TEST(ProblemTest, AcceptsLimits) {
  ArenaProblem problem;
  problem.addBuffer({"empty", 0, 1, 0, 0});
  problem.addBuffer({"huge", ArenaProblem::maxSize, ArenaProblem::maxAlignment,
                     0, INT64_MAX});
  EXPECT_EQ(checkMessage(problem), "");
  EXPECT_EQ(checkMessage(ArenaProblem()), "");
}

TEST(ProblemTest, RefusesSize) {
  EXPECT_EQ(checkWithChange([](ArenaBuffer &b) { b.size = -1; }),
            "buffer 1 'relu': found size -1, required is 0 to 1099511627776 "
            "bytes");
  EXPECT_EQ(checkWithChange(
                [](ArenaBuffer &b) { b.size = ArenaProblem::maxSize + 1; }),
            "buffer 1 'relu': found size 1099511627777, required is 0 to "
            "1099511627776 bytes");
}

TEST(ProblemTest, RefusesAlignment) {
  for (int64_t alignment : {int64_t(0), int64_t(-64), int64_t(48),
                            2 * ArenaProblem::maxAlignment, INT64_MIN})
    EXPECT_EQ(checkWithChange([=](ArenaBuffer &b) { b.alignment = alignment; }),
              "buffer 1 'relu': found alignment " + std::to_string(alignment) +
                  ", required is a power of two from 1 to 1048576");
}

TEST(ProblemTest, RefusesLifetime) {
  EXPECT_EQ(checkWithChange([](ArenaBuffer &b) { b.first = -1; }),
            "buffer 1 'relu': found first point -1, required is 0 or more");
  EXPECT_EQ(checkWithChange([](ArenaBuffer &b) { b.last = 0; }),
            "buffer 1 'relu': found last point 0, required is the first "
            "point, 1, or later");
}

TEST(ProblemTest, RefusesTooManyBuffers) {
  ArenaProblem problem;
  for (int64_t i = 0; i <= ArenaProblem::maxBuffers; ++i)
    problem.addBuffer({"", 1, 1, 0, 0});
  EXPECT_EQ(checkMessage(problem), "arena problem: found 32769 buffers, "
                                   "required is at most 32768");
}

TEST(ProblemTest, RefusesInPlacePairs) {
  ArenaProblem base;
  base.addBuffer({"a", 8, 1, 0, 2});
  base.addBuffer({"b", 8, 1, 2, 4});
  base.addBuffer({"c", 8, 1, 3, 4});
  base.addBuffer({"d", 8, 1, 2, 2});
  auto message = [&](BufferId from, BufferId to) {
    ArenaProblem problem = base;
    problem.allowInPlace(from, to);
    return checkMessage(problem);
  };
  EXPECT_EQ(message(0, 1), "");
  EXPECT_EQ(message(0, 9), "in-place pair (0, 9): found buffer 9, required is "
                           "an id below 4");
  EXPECT_EQ(message(0, 2),
            "in-place pair of buffer 0 'a' and buffer 2 'c': found the first "
            "dying at point 2 and the second born at point 3, required is one "
            "point");
  EXPECT_EQ(message(3, 1),
            "in-place pair of buffer 3 'd' and buffer 1 'b': found both born "
            "at point 2, required is that the first is born earlier");
  EXPECT_EQ(message(3, 3),
            "in-place pair of buffer 3 'd' and buffer 3 'd': found both born "
            "at point 2, required is that the first is born earlier");
}

TEST(ProblemTest, SolversAndPlannerCheckTheirInput) {
  ArenaProblem problem;
  problem.addBuffer({"a", -1, 1, 0, 2});
  EXPECT_EQ(llvm::toString(planArena(problem).takeError()),
            checkMessage(problem));
  for (const ArenaSolver &solver : getArenaSolvers())
    EXPECT_EQ(llvm::toString(solver.solve(problem, {}).takeError()),
              checkMessage(problem))
        << solver.name.str();
}

TEST(LowerBoundTest, Empty) {
  EXPECT_EQ(ArenaProblem().getLowerBound(), 0);
  EXPECT_EQ(ArenaProblem().getArenaAlignment(), 1);
}

TEST(LowerBoundTest, TouchingLifetimesAreLiveTogether) {
  ArenaProblem problem;
  problem.addBuffer({"a", 10, 1, 0, 1});
  problem.addBuffer({"b", 20, 1, 1, 2});
  problem.addBuffer({"c", 25, 1, 3, 4});
  EXPECT_EQ(problem.getLowerBound(), 30);
}

TEST(LowerBoundTest, PadsToTheSmallestAlignment) {
  ArenaProblem problem;
  problem.addBuffer({"a", 10, 16, 0, 1});
  problem.addBuffer({"b", 20, 64, 1, 2});
  EXPECT_EQ(problem.getLowerBound(), 64); // 16 + 32, up to the arena's 64
}

TEST(LowerBoundTest, InPlaceSavesTheLesserSize) {
  ArenaProblem problem;
  BufferId a = problem.addBuffer({"a", 10, 1, 0, 1});
  BufferId b = problem.addBuffer({"b", 20, 1, 0, 1});
  BufferId c = problem.addBuffer({"c", 25, 1, 1, 2});
  EXPECT_EQ(problem.getLowerBound(), 55);
  problem.allowInPlace(a, c);
  EXPECT_EQ(problem.getLowerBound(), 45);
  problem.allowInPlace(b, c); // c takes one of them only
  problem.allowInPlace(b, c);
  EXPECT_EQ(problem.getLowerBound(), 35);
}

TEST(LowerBoundTest, OneDyingBufferIsReusedOnce) {
  ArenaProblem problem;
  BufferId a = problem.addBuffer({"a", 20, 1, 0, 1});
  BufferId b = problem.addBuffer({"b", 15, 1, 1, 2});
  BufferId c = problem.addBuffer({"c", 10, 1, 1, 2});
  problem.allowInPlace(a, b);
  problem.allowInPlace(a, c);
  EXPECT_EQ(problem.getLowerBound(), 30);
}
