//===- VerifierTest.cpp - The verifier rejects what is wrong --------------===//

#include "Memory/ArenaPlanner.h"
#include "Memory/ArenaVerifier.h"
#include "Networks.h"
#include "gtest/gtest.h"
#include <random>

using namespace mlc;

namespace {
/// a and b are live together, b dies where c is born and c may replace it.
class VerifierTest : public testing::Test {
protected:
  VerifierTest() {
    problem.addBuffer({"a", 64, 64, 0, 2});
    problem.addBuffer({"b", 32, 16, 0, 1});
    problem.addBuffer({"c", 32, 16, 1, 2});
    problem.addBuffer({"d", 96, 16, 3, 3});
    problem.addBuffer({"empty", 0, 1, 0, 3});
    problem.allowInPlace(1, 2);
    solution = {{0, 64, 64, 0, 10}, 128};
  }

  std::string message() const {
    return llvm::toString(verifyArena(problem, solution));
  }

  ArenaProblem problem;
  ArenaSolution solution;
};
} // namespace

TEST_F(VerifierTest, AcceptsInPlaceAndApart) {
  EXPECT_EQ(message(), "");
  solution.offsets[2] = 96;
  EXPECT_EQ(message(), "");
}

TEST_F(VerifierTest, RefusesWrongCount) {
  solution.offsets.pop_back();
  EXPECT_EQ(message(), "arena solution: found 4 offsets, required is one for "
                       "each of 5 buffers");
}

TEST_F(VerifierTest, RefusesOffset) {
  solution.offsets[0] = 32;
  EXPECT_EQ(message(), "buffer 0 'a': found offset 32, required is a multiple "
                       "of 64 from 0 on [M1]");
  solution.offsets[0] = -64;
  EXPECT_EQ(message(), "buffer 0 'a': found offset -64, required is a "
                       "multiple of 64 from 0 on [M1]");
}

TEST_F(VerifierTest, RefusesEndBeyondArena) {
  solution.offsets[2] = 112;
  EXPECT_EQ(message(), "buffer 2 'c': found offset 112 and size 32, required "
                       "is an end within the arena of 128 bytes [M2]");
  solution.offsets[2] = INT64_MAX - 15;
  EXPECT_EQ(message(),
            "buffer 2 'c': found offset 9223372036854775792 and size 32, "
            "required is an end within the arena of 128 bytes [M2]");
}

TEST_F(VerifierTest, RefusesArenaSize) {
  for (int64_t size : {96, -64}) {
    solution.arenaSize = size;
    EXPECT_EQ(message(), "arena solution: found arena size " +
                             std::to_string(size) +
                             ", required is a multiple of 64 from 0 on [M3]");
  }
}

TEST_F(VerifierTest, RefusesOverlap) {
  solution.offsets[1] = 48;
  EXPECT_EQ(message(),
            "buffer 0 'a' at bytes 0 to 64 and buffer 1 'b' at bytes 48 to "
            "80: found an overlap of two buffers live at point 0, required is "
            "none [M4]");
}

TEST_F(VerifierTest, RefusesTouchingLifetimesInOnePlace) {
  ArenaProblem plain;
  plain.addBuffer({"b", 32, 16, 0, 1});
  plain.addBuffer({"c", 32, 16, 1, 2});
  EXPECT_EQ(llvm::toString(verifyArena(plain, {{0, 0}, 32})),
            "buffer 0 'b' at bytes 0 to 32 and buffer 1 'c' at bytes 0 to 32: "
            "found an overlap of two buffers live at point 1, required is "
            "none [M4]");
}

TEST_F(VerifierTest, RefusesPartialOverlapInPlace) {
  solution.offsets[2] = 80;
  EXPECT_EQ(message(),
            "buffer 1 'b' at bytes 64 to 96 and buffer 2 'c' at bytes 80 to "
            "112: found a partial overlap of an in-place pair, required is one "
            "offset or none in common [M5]");
}

/// Moves one buffer of a correct plan by its alignment at a time, and compares
/// the verifier with a byte-by-byte account of who owns what at each point.
static bool isCorrectByBytes(const ArenaProblem &problem,
                             const ArenaSolution &solution) {
  llvm::ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  for (BufferId a = 0; a != buffers.size(); ++a)
    for (int64_t byte = 0; byte != buffers[a].size; ++byte)
      for (BufferId b = 0; b != a; ++b) {
        int64_t inB = solution.offsets[a] + byte - solution.offsets[b];
        if (inB < 0 || inB >= buffers[b].size ||
            !buffers[a].isLiveWith(buffers[b]))
          continue;
        bool isPair = false;
        for (InPlacePair pair : problem.getInPlacePairs())
          isPair |= (pair == InPlacePair{a, b} || pair == InPlacePair{b, a});
        if (!isPair || solution.offsets[a] != solution.offsets[b])
          return false;
      }
  return true;
}

TEST(VerifierMutationTest, AgreesWithBytesOnEveryShift) {
  unsigned numWrong = 0, numRight = 0;
  for (uint64_t seed = 0; seed != 10; ++seed) {
    ArenaProblem problem = test::makeRandom({12, 8, 5, 200}, seed);
    ArenaPlan plan = llvm::cantFail(planArena(problem));
    ASSERT_TRUE(isCorrectByBytes(problem, plan));
    for (BufferId id = 0; id != 12; ++id) {
      const ArenaBuffer &buffer = problem.getBuffers()[id];
      ArenaSolution mutant = plan;
      for (int64_t offset = 0; offset + buffer.size <= plan.arenaSize;
           offset += buffer.alignment) {
        mutant.offsets[id] = offset;
        bool right = isCorrectByBytes(problem, mutant);
        ++(right ? numRight : numWrong);
        ASSERT_EQ(llvm::toString(verifyArena(problem, mutant)).empty(), right)
            << "seed " << seed << ", buffer " << id << ", offset " << offset;
      }
    }
  }
  EXPECT_GT(numWrong, 1000u);
  EXPECT_GT(numRight, 100u);
}
