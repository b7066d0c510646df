//===- ArenaVerifier.cpp - Checks an arena plan ---------------------------===//

#include "Memory/ArenaVerifier.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mlc;

static llvm::Error refuse(const llvm::Twine &message) {
  return llvm::createStringError(message);
}

static llvm::Error verifyBounds(const ArenaProblem &problem,
                                const ArenaSolution &solution, BufferId id) {
  const ArenaBuffer &buffer = problem.getBuffers()[id];
  int64_t offset = solution.offsets[id], end;
  if (offset < 0 || offset % buffer.alignment != 0)
    return refuse(problem.describe(id) + ": found offset " +
                  llvm::Twine(offset) + ", required is a multiple of " +
                  llvm::Twine(buffer.alignment) + " from 0 on [M1]");
  if (llvm::AddOverflow(offset, buffer.size, end) || end > solution.arenaSize)
    return refuse(problem.describe(id) + ": found offset " +
                  llvm::Twine(offset) + " and size " +
                  llvm::Twine(buffer.size) +
                  ", required is an end within the arena of " +
                  llvm::Twine(solution.arenaSize) + " bytes [M2]");
  return llvm::Error::success();
}

/// Both buffers are live at a common point and within bounds; `a` was not born
/// after `b`, so that of an in-place pair it is the first.
static llvm::Error verifyPair(const ArenaProblem &problem,
                              const ArenaSolution &solution,
                              llvm::ArrayRef<InPlacePair> inPlace, BufferId a,
                              BufferId b) {
  llvm::ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  int64_t startA = solution.offsets[a], startB = solution.offsets[b];
  int64_t endA = startA + buffers[a].size, endB = startB + buffers[b].size;
  if (std::max(startA, startB) >= std::min(endA, endB))
    return llvm::Error::success();
  bool isPair =
      std::binary_search(inPlace.begin(), inPlace.end(), InPlacePair{a, b});
  if (isPair && startA == startB)
    return llvm::Error::success();
  auto range = [&](BufferId id, int64_t start, int64_t end) {
    return (problem.describe(id) + " at bytes " + llvm::Twine(start) + " to " +
            llvm::Twine(end))
        .str();
  };
  std::string found = range(a, startA, endA) + " and " + range(b, startB, endB);
  if (isPair)
    return refuse(found + ": found a partial overlap of an in-place pair, "
                          "required is one offset or none in common [M5]");
  int64_t point = std::max(buffers[a].first, buffers[b].first);
  return refuse(found + ": found an overlap of two buffers live at point " +
                llvm::Twine(point) + ", required is none [M4]");
}

llvm::Error mlc::verifyArena(const ArenaProblem &problem,
                             const ArenaSolution &solution) {
  llvm::ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  if (solution.offsets.size() != buffers.size())
    return refuse("arena solution: found " +
                  llvm::Twine(solution.offsets.size()) +
                  " offsets, required is one for each of " +
                  llvm::Twine(buffers.size()) + " buffers");
  int64_t alignment = problem.getArenaAlignment();
  if (solution.arenaSize < 0 || solution.arenaSize % alignment != 0)
    return refuse("arena solution: found arena size " +
                  llvm::Twine(solution.arenaSize) +
                  ", required is a multiple of " + llvm::Twine(alignment) +
                  " from 0 on [M3]");

  std::vector<InPlacePair> inPlace = problem.getInPlacePairs().vec();
  llvm::sort(inPlace);
  std::vector<BufferId> births(buffers.size());
  for (BufferId id = 0, e = buffers.size(); id != e; ++id) {
    if (llvm::Error error = verifyBounds(problem, solution, id))
      return error;
    births[id] = id;
  }
  llvm::sort(births, [&](BufferId a, BufferId b) {
    return std::make_pair(buffers[a].first, a) <
           std::make_pair(buffers[b].first, b);
  });
  for (size_t i = 0; i != births.size(); ++i)
    for (size_t j = i + 1; j != births.size() &&
                           buffers[births[j]].first <= buffers[births[i]].last;
         ++j)
      if (llvm::Error error =
              verifyPair(problem, solution, inPlace, births[i], births[j]))
        return error;
  return llvm::Error::success();
}
