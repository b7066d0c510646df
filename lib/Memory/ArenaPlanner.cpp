//===- ArenaPlanner.cpp - From an arena problem to a verified plan --------===//

#include "Memory/ArenaPlanner.h"
#include "Memory/ArenaVerifier.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlc;

static llvm::Expected<llvm::ArrayRef<ArenaSolver>>
selectSolvers(llvm::StringRef name) {
  llvm::ArrayRef<ArenaSolver> solvers = getArenaSolvers();
  if (name.empty())
    return solvers;
  const ArenaSolver *it = llvm::find_if(
      solvers, [&](const ArenaSolver &solver) { return solver.name == name; });
  if (it != solvers.end())
    return llvm::ArrayRef<ArenaSolver>(*it);
  std::string known =
      llvm::join(llvm::map_range(solvers,
                                 [](const ArenaSolver &solver) {
                                   return std::string(solver.name);
                                 }),
                 ", ");
  return llvm::createStringError("arena planner: found solver '" + name +
                                 "', required is one of " + known);
}

llvm::Expected<ArenaPlan> mlc::planArena(const ArenaProblem &problem,
                                         const ArenaOptions &options) {
  if (llvm::Error error = problem.check())
    return std::move(error);
  llvm::Expected<llvm::ArrayRef<ArenaSolver>> solvers =
      selectSolvers(options.solver);
  if (!solvers)
    return solvers.takeError();

  ArenaPlan plan;
  plan.alignment = problem.getArenaAlignment();
  plan.lowerBound = problem.getLowerBound();
  for (const ArenaSolver &solver : *solvers) {
    llvm::Expected<ArenaSolution> solution = solver.solve(problem, options);
    if (!solution)
      return solution.takeError();
    if (llvm::Error error = verifyArena(problem, *solution))
      return llvm::createStringError("arena solver '" + solver.name +
                                     "': " + llvm::toString(std::move(error)));
    if (plan.solver.empty() || solution->arenaSize < plan.arenaSize) {
      static_cast<ArenaSolution &>(plan) = std::move(*solution);
      plan.solver = solver.name;
    }
    if (plan.arenaSize == plan.lowerBound)
      break;
  }
  return plan;
}
