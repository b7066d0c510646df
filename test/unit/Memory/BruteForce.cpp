//===- BruteForce.cpp - The optimal arena of a tiny problem ---------------===//

#include "BruteForce.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <limits>
#include <set>

using namespace mlc;

namespace {
/// Depth first over "which buffer next, where", lowest free offset or that of
/// an in-place partner, cut off at the best arena so far.
class BruteForce {
public:
  explicit BruteForce(const ArenaProblem &problem)
      : problem(problem), buffers(problem.getBuffers()),
        offsets(buffers.size(), -1) {}

  int64_t run() {
    descend(0, 0);
    return llvm::alignTo(best, problem.getArenaAlignment());
  }

private:
  bool isPair(BufferId a, BufferId b) const {
    for (InPlacePair pair : problem.getInPlacePairs())
      if ((pair.from == a && pair.to == b) || (pair.from == b && pair.to == a))
        return true;
    return false;
  }

  bool isFree(BufferId id, int64_t offset) const {
    for (BufferId other = 0; other != buffers.size(); ++other) {
      if (offsets[other] < 0 || !buffers[id].isLiveWith(buffers[other]))
        continue;
      if (offset == offsets[other] && isPair(id, other))
        continue;
      if (offset < offsets[other] + buffers[other].size &&
          offsets[other] < offset + buffers[id].size)
        return false;
    }
    return true;
  }

  /// In an optimal solution that is pushed down, a buffer lies at 0, at the
  /// aligned end of one below it, or where its in-place partner does.
  std::set<int64_t> getOffsets(BufferId id) const {
    std::set<int64_t> result = {0};
    for (BufferId other = 0; other != buffers.size(); ++other)
      if (offsets[other] >= 0) {
        result.insert(llvm::alignTo(offsets[other] + buffers[other].size,
                                    buffers[id].alignment));
        if (offsets[other] % buffers[id].alignment == 0)
          result.insert(offsets[other]);
      }
    return result;
  }

  void descend(size_t numPlaced, int64_t arena) {
    if (arena >= best)
      return;
    if (numPlaced == buffers.size()) {
      best = arena;
      return;
    }
    for (BufferId id = 0; id != buffers.size(); ++id) {
      if (offsets[id] >= 0)
        continue;
      for (int64_t offset : getOffsets(id)) {
        if (!isFree(id, offset))
          continue;
        offsets[id] = offset;
        descend(numPlaced + 1, std::max(arena, offset + buffers[id].size));
        offsets[id] = -1;
      }
    }
  }

  const ArenaProblem &problem;
  llvm::ArrayRef<ArenaBuffer> buffers;
  std::vector<int64_t> offsets;
  int64_t best = std::numeric_limits<int64_t>::max() / 2;
};
} // namespace

int64_t mlc::test::findOptimalArena(const ArenaProblem &problem) {
  return BruteForce(problem).run();
}
