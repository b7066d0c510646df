//===- ArenaSolvers.cpp - Greedy orders and the search over them ----------===//

#include "Memory/ArenaSolvers.h"
#include "Memory/Placement.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

using namespace mlc;

static constexpr int64_t noLimit = std::numeric_limits<int64_t>::max();

//===----------------------------------------------------------------------===//
// Orders
//===----------------------------------------------------------------------===//

static std::vector<BufferId> orderById(const ArenaProblem &problem) {
  std::vector<BufferId> order(problem.getBuffers().size());
  std::iota(order.begin(), order.end(), 0);
  return order;
}

/// Smallest key first, ties by id.
template <typename Key>
static std::vector<BufferId> orderByKey(const ArenaProblem &problem, Key key) {
  std::vector<BufferId> order = orderById(problem);
  auto rank = [&](BufferId id) {
    return std::make_pair(key(problem.getBuffers()[id]), id);
  };
  llvm::sort(order, [&](BufferId a, BufferId b) { return rank(a) < rank(b); });
  return order;
}

static std::vector<BufferId> orderBySize(const ArenaProblem &problem) {
  return orderByKey(problem, [](const ArenaBuffer &buffer) {
    return std::make_pair(-buffer.size, buffer.first - buffer.last);
  });
}

static std::vector<BufferId> orderByDuration(const ArenaProblem &problem) {
  return orderByKey(problem, [](const ArenaBuffer &buffer) {
    return std::make_pair(buffer.first - buffer.last, -buffer.size);
  });
}

static std::vector<BufferId> orderByArea(const ArenaProblem &problem) {
  // As a double because size times duration need not fit 64 bits.
  return orderByKey(problem, [](const ArenaBuffer &buffer) {
    return -double(buffer.size) * (double(buffer.last - buffer.first) + 1);
  });
}

static std::vector<BufferId> orderByBirth(const ArenaProblem &problem) {
  return orderByKey(problem, [](const ArenaBuffer &buffer) {
    return std::make_pair(buffer.first, -buffer.size);
  });
}

static std::vector<BufferId> orderByBreadth(const ArenaProblem &problem) {
  llvm::ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  // The breadth at each birth; between births the live set only shrinks.
  std::vector<int64_t> points;
  for (const ArenaBuffer &buffer : buffers)
    points.push_back(buffer.first);
  llvm::sort(points);
  points.erase(std::unique(points.begin(), points.end()), points.end());
  auto pointRange = [&](const ArenaBuffer &buffer) {
    return std::make_pair(
        llvm::lower_bound(points, buffer.first) - points.begin(),
        llvm::upper_bound(points, buffer.last) - points.begin());
  };
  std::vector<int64_t> breadth(points.size() + 1);
  for (const ArenaBuffer &buffer : buffers) {
    auto [begin, end] = pointRange(buffer);
    breadth[begin] += buffer.size;
    breadth[end] -= buffer.size;
  }
  std::partial_sum(breadth.begin(), breadth.end(), breadth.begin());

  // Each buffer belongs to the broadest point that it is live at.
  std::vector<size_t> ranking(points.size()), rank(points.size());
  std::iota(ranking.begin(), ranking.end(), 0);
  llvm::sort(ranking, [&](size_t a, size_t b) {
    return std::make_pair(-breadth[a], a) < std::make_pair(-breadth[b], b);
  });
  for (size_t i = 0; i != ranking.size(); ++i)
    rank[ranking[i]] = i;
  return orderByKey(problem, [&](const ArenaBuffer &buffer) {
    auto [begin, end] = pointRange(buffer);
    return std::make_pair(
        *std::min_element(rank.begin() + begin, rank.begin() + end),
        -buffer.size);
  });
}

//===----------------------------------------------------------------------===//
// Greedy solvers
//===----------------------------------------------------------------------===//

using OrderFn = std::vector<BufferId> (*)(const ArenaProblem &);

static llvm::Expected<ArenaSolution> solveGreedy(const ArenaProblem &problem,
                                                 OrderFn order) {
  if (llvm::Error error = problem.check())
    return std::move(error);
  return *Placer(problem).place(
      {order(problem),
       InPlaceLinks::createGreedy(problem, InPlaceLinks::Policy::similarSizes)},
      noLimit);
}

llvm::Expected<ArenaSolution>
mlc::solveGreedyBySize(const ArenaProblem &problem, const ArenaOptions &) {
  return solveGreedy(problem, orderBySize);
}

llvm::Expected<ArenaSolution>
mlc::solveGreedyByBreadth(const ArenaProblem &problem, const ArenaOptions &) {
  return solveGreedy(problem, orderByBreadth);
}

//===----------------------------------------------------------------------===//
// Search
//===----------------------------------------------------------------------===//

namespace {
struct Placed {
  Candidate candidate;
  ArenaSolution solution;
};

class Search {
public:
  Search(const ArenaProblem &problem, const ArenaOptions &options)
      : problem(problem), options(options), placer(problem),
        lowerBound(problem.getLowerBound()), random(options.seed) {}

  ArenaSolution run();

private:
  /// Each start gets at least one climb; more of them from the best starts do
  /// better than one long climb.
  static constexpr unsigned numClimbs = 16;
  /// A climb accepts arenas this much larger than its best at its beginning,
  /// and none at its end.
  static constexpr double slack = 0.04;

  void collectStarts();
  void climb(Placed current, uint64_t endStep);
  void move(Placed &current);
  void lowerPeak(Placed &current);
  void swapTwo(Candidate &candidate);
  void togglePair(Candidate &candidate);
  void keepIfBest(const ArenaSolution &solution);

  bool isDone() const {
    return best.arenaSize == lowerBound ||
           placer.getSteps() >= options.searchSteps;
  }
  // Modulo, as the standard's distributions differ between libraries.
  size_t pick(size_t count) { return random() % count; }

  const ArenaProblem &problem;
  const ArenaOptions &options;
  Placer placer;
  int64_t lowerBound;
  std::mt19937_64 random;
  std::vector<Placed> starts;
  ArenaSolution best;
};
} // namespace

void Search::keepIfBest(const ArenaSolution &solution) {
  if (solution.arenaSize < best.arenaSize)
    best = solution;
}

void Search::collectStarts() {
  using Policy = InPlaceLinks::Policy;
  llvm::SmallVector<Policy> policies = {Policy::similarSizes};
  if (!problem.getInPlacePairs().empty())
    policies.append({Policy::all, Policy::none});
  best.arenaSize = noLimit;
  for (Policy policy : policies)
    for (OrderFn order : {orderBySize, orderByBreadth, orderByArea,
                          orderByDuration, orderByBirth}) {
      // The first two are the greedy solvers: never be worse than they.
      if (starts.size() >= 2 && isDone())
        break;
      Candidate candidate{order(problem),
                          InPlaceLinks::createGreedy(problem, policy)};
      ArenaSolution solution = *placer.place(candidate, noLimit);
      keepIfBest(solution);
      // The best first, of equal ones the earlier.
      auto it = llvm::upper_bound(starts, solution,
                                  [](const ArenaSolution &a, const Placed &b) {
                                    return a.arenaSize < b.solution.arenaSize;
                                  });
      starts.insert(it, {std::move(candidate), std::move(solution)});
    }
}

/// Places a buffer that reaches the top before one that it conflicts with.
void Search::lowerPeak(Placed &current) {
  llvm::ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  std::vector<BufferId> &order = current.candidate.order;
  const std::vector<int64_t> &offsets = current.solution.offsets;
  int64_t top = 0;
  for (BufferId id : order)
    top = std::max(top, offsets[id] + buffers[id].size);
  std::vector<size_t> peaks;
  for (size_t i = 0; i != order.size(); ++i)
    if (offsets[order[i]] + buffers[order[i]].size == top)
      peaks.push_back(i);
  size_t position = peaks[pick(peaks.size())];
  // A neighbour of a neighbour at times: what lies below the peak may be held
  // up by something the peak does not meet.
  if (pick(3) == 0 && position != 0)
    position = pick(position);
  std::vector<size_t> earlier;
  for (size_t i = 0; i != position; ++i)
    if (placer.areNeighbours(order[i], order[position]))
      earlier.push_back(i);
  if (earlier.empty())
    return swapTwo(current.candidate);
  size_t target = earlier[pick(earlier.size())];
  if (pick(2) == 0)
    std::swap(order[target], order[position]);
  else
    std::rotate(order.begin() + target, order.begin() + position,
                order.begin() + position + 1);
}

void Search::swapTwo(Candidate &candidate) {
  size_t count = candidate.order.size();
  std::swap(candidate.order[pick(count)], candidate.order[pick(count)]);
}

void Search::togglePair(Candidate &candidate) {
  llvm::ArrayRef<InPlacePair> pairs = problem.getInPlacePairs();
  InPlacePair pair = pairs[pick(pairs.size())];
  if (candidate.links.isLinked(pair))
    candidate.links.unlink(pair);
  else
    candidate.links.link(pair);
}

void Search::move(Placed &current) {
  size_t kind = pick(16);
  if (kind == 0 && !problem.getInPlacePairs().empty())
    return togglePair(current.candidate);
  if (kind <= 2)
    return swapTwo(current.candidate);
  lowerPeak(current);
}

void Search::climb(Placed current, uint64_t endStep) {
  uint64_t beginStep = placer.getSteps();
  int64_t climbBest = current.solution.arenaSize;
  while (!isDone() && placer.getSteps() < endStep) {
    double left = double(endStep - placer.getSteps()) / (endStep - beginStep);
    int64_t limit = climbBest + int64_t(slack * left * climbBest);
    Placed changed = current;
    move(changed);
    std::optional<ArenaSolution> solution =
        placer.place(changed.candidate, limit);
    if (!solution)
      continue;
    climbBest = std::min(climbBest, solution->arenaSize);
    keepIfBest(*solution);
    current = {std::move(changed.candidate), std::move(*solution)};
  }
}

ArenaSolution Search::run() {
  if (problem.getBuffers().empty())
    return best;
  collectStarts();
  uint64_t begin = placer.getSteps();
  for (unsigned i = 0; i != numClimbs && !isDone(); ++i)
    climb(starts[i % starts.size()],
          begin + (options.searchSteps - begin) * (i + 1) / numClimbs);
  return best;
}

llvm::Expected<ArenaSolution> mlc::solveSearch(const ArenaProblem &problem,
                                               const ArenaOptions &options) {
  if (llvm::Error error = problem.check())
    return std::move(error);
  return Search(problem, options).run();
}

llvm::ArrayRef<ArenaSolver> mlc::getArenaSolvers() {
  static constexpr ArenaSolver solvers[] = {
      {"greedy-by-size", "the largest buffers first", solveGreedyBySize},
      {"greedy-by-breadth", "the point with the most live bytes first",
       solveGreedyByBreadth},
      {"search", "improves several greedy orders within a budget",
       solveSearch}};
  return solvers;
}
