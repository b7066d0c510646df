//===- ArenaVerifier.h - Checks an arena plan -------------------*- C++ -*-===//
//
// The last word on an arena plan: it knows the problem and the offsets, and
// shares no code with the solvers.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_MEMORY_ARENAVERIFIER_H
#define MLC_MEMORY_ARENAVERIFIER_H

#include "Memory/ArenaProblem.h"

namespace mlc {

/// Checks rules M1 to M5 of ArenaProblem.h. Any solution may be given, also one
/// with the wrong number of offsets or with sums that overflow; of the problem
/// check() must hold. The error names the first buffer or pair of buffers in
/// the order of their births that breaks a rule, and ends in the rule's number.
/// Time is proportional to n log n plus the number of pairs live together.
llvm::Error verifyArena(const ArenaProblem &problem,
                        const ArenaSolution &solution);

} // namespace mlc

#endif // MLC_MEMORY_ARENAVERIFIER_H
