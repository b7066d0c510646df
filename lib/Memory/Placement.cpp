//===- Placement.cpp - First fit along an order ---------------------------===//

#include "Memory/Placement.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <tuple>

using namespace mlc;

InPlaceLinks InPlaceLinks::createGreedy(const ArenaProblem &problem,
                                        Policy policy) {
  llvm::ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  std::vector<InPlacePair> pairs;
  for (InPlacePair pair : problem.getInPlacePairs()) {
    auto [lesser, greater] =
        std::minmax(buffers[pair.from].size, buffers[pair.to].size);
    if (policy == Policy::all ||
        (policy == Policy::similarSizes && greater <= 2 * lesser))
      pairs.push_back(pair);
  }
  // Of pairs that save the same, one of equal sizes leaves nothing unused.
  auto key = [&](const InPlacePair &pair) {
    int64_t from = buffers[pair.from].size, to = buffers[pair.to].size;
    return std::make_tuple(-std::min(from, to), std::max(from, to), pair);
  };
  llvm::sort(pairs, [&](const InPlacePair &a, const InPlacePair &b) {
    return key(a) < key(b);
  });
  InPlaceLinks links(buffers.size());
  for (InPlacePair pair : pairs)
    if (links.next[pair.from] == none && links.prev[pair.to] == none)
      links.link(pair);
  return links;
}

void InPlaceLinks::unlink(InPlacePair pair) {
  next[pair.from] = none;
  prev[pair.to] = none;
}

void InPlaceLinks::link(InPlacePair pair) {
  if (next[pair.from] != none)
    unlink({pair.from, next[pair.from]});
  if (prev[pair.to] != none)
    unlink({prev[pair.to], pair.to});
  next[pair.from] = pair.to;
  prev[pair.to] = pair.from;
}

void InPlaceLinks::getChain(BufferId id, std::vector<BufferId> &chain) const {
  chain.clear();
  while (prev[id] != none)
    id = prev[id];
  for (; id != none; id = next[id])
    chain.push_back(id);
}

Placer::Placer(const ArenaProblem &problem)
    : problem(problem), words((problem.getBuffers().size() + 63) / 64),
      rows(words * problem.getBuffers().size()),
      spans(problem.getBuffers().size(), {words, 0}) {
  llvm::ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  auto mark = [&](BufferId a, BufferId b) {
    uint32_t word = b / 64;
    rows[a * words + word] |= uint64_t(1) << (b % 64);
    spans[a].first = std::min(spans[a].first, word);
    spans[a].second = std::max(spans[a].second, word + 1);
  };
  for (BufferId a = 0, e = buffers.size(); a != e; ++a)
    for (BufferId b = a + 1; b != e; ++b)
      if (buffers[a].isLiveWith(buffers[b])) {
        mark(a, b);
        mark(b, a);
      }
}

void Placer::collectTaken(BufferId id, const std::vector<int64_t> &offsets) {
  llvm::ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  int64_t size = buffers[id].size;
  if (size == 0)
    return;
  auto [begin, end] = spans[id];
  steps += end - std::min(begin, end);
  for (uint32_t word = begin; word < end; ++word)
    for (uint64_t bits = rows[id * words + word] & placed[word]; bits;
         bits &= bits - 1) {
      BufferId other = word * 64 + llvm::countr_zero(bits);
      if (buffers[other].size != 0)
        taken.push_back(
            {offsets[other] - size, offsets[other] + buffers[other].size});
    }
}

int64_t Placer::findOffset(int64_t alignment) {
  llvm::sort(taken,
             [](const Taken &a, const Taken &b) { return a.low < b.low; });
  int64_t offset = 0;
  for (const Taken &range : taken) {
    if (range.low >= offset)
      break;
    if (range.high > offset)
      offset = llvm::alignTo(range.high, alignment);
  }
  return offset;
}

std::optional<ArenaSolution> Placer::place(const Candidate &candidate,
                                           int64_t limit) {
  llvm::ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  ArenaSolution solution;
  solution.offsets.resize(buffers.size());
  placed.assign(words, 0);
  for (BufferId leader : candidate.order) {
    if (placed[leader / 64] >> (leader % 64) & 1)
      continue;
    candidate.links.getChain(leader, chain);
    int64_t alignment = 1, size = 0;
    taken.clear();
    for (BufferId id : chain) {
      alignment = std::max(alignment, buffers[id].alignment);
      size = std::max(size, buffers[id].size);
      collectTaken(id, solution.offsets);
    }
    steps += taken.size() + chain.size();
    int64_t offset = findOffset(alignment);
    solution.arenaSize = std::max(solution.arenaSize, offset + size);
    if (solution.arenaSize > limit)
      return std::nullopt;
    for (BufferId id : chain) {
      solution.offsets[id] = offset;
      placed[id / 64] |= uint64_t(1) << (id % 64);
    }
  }
  solution.arenaSize =
      llvm::alignTo(solution.arenaSize, problem.getArenaAlignment());
  return solution;
}
