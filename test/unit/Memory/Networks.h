//===- Networks.h - Arena problems as networks pose them --------*- C++ -*-===//
//
// Generators for tests: the buffers of well-known CNN architectures at their
// real sizes (f32, batch 1, alignment 64), and random interval graphs.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TEST_MEMORY_NETWORKS_H
#define MLC_TEST_MEMORY_NETWORKS_H

#include "Memory/ArenaProblem.h"

namespace mlc::test {

ArenaProblem makeVgg16();
/// Bottleneck blocks; the addition may run in place of either operand.
ArenaProblem makeResNet50();
/// One buffer for each block's concat, into which the layers write slices.
ArenaProblem makeDenseNet121();
/// One buffer for each module's concat, four branches writing into it.
ArenaProblem makeInception();
/// Skips from the way down to the way up; each concat is a copy.
ArenaProblem makeUNet();
/// Inverted residuals: expansion, depthwise convolution, projection.
ArenaProblem makeMobileNetV2();

/// Cells that each combine random earlier results by convolutions and in-place
/// additions, as architecture searches find them (NASNet, RandWire).
ArenaProblem makeRandomCells(uint64_t seed);

/// `count` buffers at random points from 0 to `points`, lasting up to
/// `maxDuration`, of random sizes up to `maxSize`;
/// about one in-place pair for every second buffer that can have one.
struct RandomShape {
  unsigned count = 100;
  int64_t points = 100;
  int64_t maxDuration = 10;
  int64_t maxSize = 1000;
  /// The powers of two from 1 on that alignments are drawn from.
  int64_t numAlignments = 7;
};
ArenaProblem makeRandom(RandomShape shape, uint64_t seed);

} // namespace mlc::test

#endif // MLC_TEST_MEMORY_NETWORKS_H
