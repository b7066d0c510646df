//===- ArenaPlanner.h - Arena problem to verified plan ----------*- C++ -*-===//
//
// The door to this library: checks the problem, runs the solvers, verifies
// every answer and keeps the smallest.
//
// Example:
//   llvm::Expected<mlc::ArenaPlan> plan = mlc::planArena(problem);
//   if (!plan)
//     return plan.takeError();
//   use(plan->offsets[conv], plan->arenaSize, plan->alignment);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_MEMORY_ARENAPLANNER_H
#define MLC_MEMORY_ARENAPLANNER_H

#include "Memory/ArenaSolvers.h"

namespace mlc {

/// A solution that obeys rules M1 to M5 of ArenaProblem.h, and how good it is.
struct ArenaPlan : ArenaSolution {
  /// Of the arena's first byte.
  int64_t alignment = 1;
  /// ArenaProblem::getLowerBound(): no plan is smaller.
  int64_t lowerBound = 0;
  /// The solver whose solution this is: of several equal ones, the first.
  llvm::StringRef solver;

  /// Arena over lower bound: 1 is optimal; 1 for an empty arena.
  double getRatio() const {
    return lowerBound == 0 ? 1.0 : double(arenaSize) / double(lowerBound);
  }
};

/// Errors: those of ArenaProblem::check(), an unknown `options.solver`, and a
/// solver's answer that the verifier rejects (a defect of that solver).
llvm::Expected<ArenaPlan> planArena(const ArenaProblem &problem,
                                    const ArenaOptions &options = {});

} // namespace mlc

#endif // MLC_MEMORY_ARENAPLANNER_H
