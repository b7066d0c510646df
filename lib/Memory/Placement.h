//===- Placement.h - First fit along an order, for solvers ------*- C++ -*-===//
//
// What all solvers of lib/Memory share: a candidate is an order of buffers and
// a choice of in-place pairs, and first fit turns it into offsets. Each correct
// solution can be pushed down to one that first fit finds for some candidate
// (place its buffers in the order of their offsets), so a search over
// candidates can reach the optimum. Internal to lib/Memory.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_MEMORY_PLACEMENT_H
#define MLC_MEMORY_PLACEMENT_H

#include "Memory/ArenaProblem.h"
#include <optional>

namespace mlc {

/// In-place choices: chains of buffers, each written over the one before it,
/// all at one offset. A buffer has at most one link each way.
class InPlaceLinks {
public:
  static constexpr BufferId none = ~BufferId(0);

  explicit InPlaceLinks(size_t numBuffers)
      : next(numBuffers, none), prev(numBuffers, none) {}

  /// Which pairs createGreedy takes. A chain of very different sizes holds its
  /// place for the largest, which can cost more than the pair saves: hence
  /// `similarSizes`, at most 1 to 2.
  enum class Policy { none, similarSizes, all };

  /// Links as many pairs as possible, those that save most bytes first.
  static InPlaceLinks createGreedy(const ArenaProblem &problem, Policy policy);

  bool isLinked(InPlacePair pair) const { return next[pair.from] == pair.to; }
  /// Links the pair, after unlinking what stands in its way.
  void link(InPlacePair pair);
  void unlink(InPlacePair pair);

  /// The buffers of the chain that `id` is in, in the order of their births.
  void getChain(BufferId id, std::vector<BufferId> &chain) const;

private:
  std::vector<BufferId> next;
  std::vector<BufferId> prev;
};

struct Candidate {
  /// A permutation of all buffers; a chain is placed with its first member.
  std::vector<BufferId> order;
  InPlaceLinks links;
};

/// Places candidates of one problem. Holds one bit for each pair of buffers
/// (128 MB at ArenaProblem::maxBuffers).
class Placer {
public:
  explicit Placer(const ArenaProblem &problem);

  /// First fit: every chain in turn at the lowest offset where none of its
  /// members meets a buffer that is already placed. Returns none as soon as the
  /// arena would exceed `limit`.
  std::optional<ArenaSolution> place(const Candidate &candidate, int64_t limit);

  /// The work of all place() calls so far, in placed neighbours and words of
  /// bits looked at: by this a search is bounded, the same on every machine.
  uint64_t getSteps() const { return steps; }

  /// Whether both are live at some point.
  bool areNeighbours(BufferId a, BufferId b) const {
    return rows[a * words + b / 64] >> (b % 64) & 1;
  }

private:
  /// Offsets x with low < x < high are taken.
  struct Taken {
    int64_t low;
    int64_t high;
  };

  void collectTaken(BufferId id, const std::vector<int64_t> &offsets);
  int64_t findOffset(int64_t alignment);

  const ArenaProblem &problem;
  size_t words;
  std::vector<uint64_t> rows;
  /// The part of each row that is not zero, in words: rows are narrow where
  /// buffers are numbered in program order.
  std::vector<std::pair<uint32_t, uint32_t>> spans;
  uint64_t steps = 0;
  // Kept between calls to spare their allocation.
  std::vector<uint64_t> placed;
  std::vector<Taken> taken;
  std::vector<BufferId> chain;
};

} // namespace mlc

#endif // MLC_MEMORY_PLACEMENT_H
