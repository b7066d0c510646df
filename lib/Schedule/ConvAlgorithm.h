//===- ConvAlgorithm.h - Which kernel computes a convolution ----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cost model over shapes. It knows nothing of the CPU: all CPUs that an
// archive is for share the graph, and with it the choice. Of bytes it may be
// asked only where all of them multiply words.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SCHEDULE_CONVALGORITHM_H
#define MLC_SCHEDULE_CONVALGORITHM_H

#include "Kernel/IR/Problem.h"
#include "Kernel/IR/Sparse.h"
#include "Kernel/IR/Winograd.h"

namespace mlc {

using mlir::kernel::Problem;

/// Whether `algorithm` computes `problem`: a square window that moves by one,
/// in f32, on channels-last images.
bool canUse(mlir::kernel::Winograd algorithm, const Problem &problem);

/// The tile of the F(tile, window) that takes least time among those whose
/// error bound (kernel::winogradErrorBound) is at most `maxUlp`, or 0 if a
/// direct convolution takes less. Weights are packed by `block`.
int64_t chooseWinogradTile(const Problem &problem, int64_t block,
                           double maxUlp);

/// Whether F(4, 3) of words takes less time than a direct convolution of bytes
/// on a CPU that makes words of these (ByteUnit::pmaddwd), or multiplies pairs
/// of them (TargetInfo::bytePairs).
bool isWinogradOfBytesFaster(const Problem &problem, int64_t block,
                             bool byPairs);

/// What the faster of a direct convolution and those by tiles takes, in
/// products, of an f32 convolution.
double leastProducts(const Problem &problem, int64_t block, double maxUlp);

/// A convolution by constant weights, some of which are zero.
struct SparseProblem {
  int64_t pixels;   ///< of the out
  int64_t channels; ///< of the input
  int64_t outputs;
  int64_t taps;    ///< elements of the window
  int64_t block;   ///< by which all weights would be packed
  double products; ///< that all weights would take
  int64_t padded;  ///< elements of the input with its padding; 0 without any
  int64_t nonZeros = 0;

  int64_t rows() const { return channels * taps; }
};

/// How kernel.sparse_conv would compute it; nullopt where it does not take less
/// time however the zeros lie.
std::optional<mlir::kernel::SparsePlan>
planSparse(const SparseProblem &problem);

/// Whether it takes less time than the product of all weights.
bool isSparseFaster(const SparseProblem &problem,
                    const mlir::kernel::SparsePlan &plan,
                    const mlir::kernel::SparseWeights &weights);

} // namespace mlc

#endif // MLC_SCHEDULE_CONVALGORITHM_H
