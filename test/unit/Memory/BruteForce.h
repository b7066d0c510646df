//===- BruteForce.h - The optimal arena of a tiny problem -------*- C++ -*-===//
//
// An oracle for tests. It shares nothing with lib/Memory but the problem: it
// tries all orders of buffers and, in each, all offsets that can matter.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TEST_MEMORY_BRUTEFORCE_H
#define MLC_TEST_MEMORY_BRUTEFORCE_H

#include "Memory/ArenaProblem.h"

namespace mlc::test {

/// The smallest arena of any correct solution. For up to 7 buffers.
int64_t findOptimalArena(const ArenaProblem &problem);

} // namespace mlc::test

#endif // MLC_TEST_MEMORY_BRUTEFORCE_H
