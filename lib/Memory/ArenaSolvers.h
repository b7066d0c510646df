//===- ArenaSolvers.h - Interchangeable arena solvers -----------*- C++ -*-===//
//
// Each solver takes an ArenaProblem and returns a solution or the error of
// ArenaProblem::check(). All are deterministic: the same problem and options
// give the same offsets on every machine. None checks its own answer; that is
// the verifier's work (ArenaVerifier.h).
//
//===----------------------------------------------------------------------===//

#ifndef MLC_MEMORY_ARENASOLVERS_H
#define MLC_MEMORY_ARENASOLVERS_H

#include "Memory/ArenaProblem.h"
#include "llvm/ADT/StringRef.h"

namespace mlc {

struct ArenaOptions {
  /// The solver to use, by its name in getArenaSolvers(); if empty, all of
  /// them, in that order, until one meets the lower bound.
  std::string solver;
  /// How much work the search may do, in steps: one for each placed neighbour
  /// (and each word of the conflict matrix) that first fit looks at. The
  /// default takes well under a second.
  uint64_t searchSteps = 20'000'000;
  /// Of the search's random numbers.
  uint64_t seed = 1;
};

/// Places the largest buffers first, each at the lowest offset that is free
/// over its whole lifetime (TFLite's GREEDY_BY_SIZE). Takes in-place pairs of
/// similar sizes, at most 1 to 2.
llvm::Expected<ArenaSolution> solveGreedyBySize(const ArenaProblem &problem,
                                                const ArenaOptions &options);

/// Places the buffers of the program point with the most live bytes first,
/// those of the next such point after them, and so on; of one point the largest
/// first. Packs the peak tightly, which by-size does not if many of its buffers
/// are small. In-place pairs as above.
llvm::Expected<ArenaSolution> solveGreedyByBreadth(const ArenaProblem &problem,
                                                   const ArenaOptions &options);

/// Starts from several greedy orders, with all, some and no in-place pairs, and
/// improves them by threshold accepting: mostly, a buffer at the arena's top is
/// placed before one that it conflicts with; sometimes, two random buffers
/// trade places or an in-place pair is made or unmade. Never worse than the two
/// greedy solvers. Stops at the lower bound or after `options.searchSteps`.
llvm::Expected<ArenaSolution> solveSearch(const ArenaProblem &problem,
                                          const ArenaOptions &options);

struct ArenaSolver {
  llvm::StringLiteral name;
  llvm::StringLiteral description;
  llvm::Expected<ArenaSolution> (*solve)(const ArenaProblem &,
                                         const ArenaOptions &);
};

/// All solvers, the cheapest first.
llvm::ArrayRef<ArenaSolver> getArenaSolvers();

} // namespace mlc

#endif // MLC_MEMORY_ARENASOLVERS_H
