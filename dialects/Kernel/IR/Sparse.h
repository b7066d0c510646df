//===- Sparse.h - Weights without their zeros -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that knows how the weights of kernel.sparse_conv lie.
//
// Input channels are in blocks, which kernels bring into the order [channel]
// [pixel], output channels in pairs: of the pixels of a channel that both have
// a weight for, one load serves both. All blocks follow each other, in each all
// pairs. A pair is:
//
//   table    head: the two output channels, 16 bits each, then how many shared
//            and how many single steps follow;
//            a channel of the block for each shared step;
//            two channels of the block for each single step
//   values   two weights for each step, of the first output channel and the
//            second
//
// A shared step multiplies one input channel for both output channels, a single
// one an input channel for each. Where one of them has fewer, it is given the
// channel `block` and a weight of 0: kernels keep zeros there. So that both
// have about as many, output channels of like counts are paired, in each block
// anew; an odd one is paired with the channel behind the last.
//
// Everything in the table is little-endian. Blocks of at most 255 channels make
// positions bytes.
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_SPARSE_H
#define KERNEL_IR_SPARSE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace mlir {
namespace kernel {

struct SparseWeights {
  /// Of a pair in the table: two output channels of two bytes, two counts.
  static constexpr int64_t head = 6;
  /// Channels of a block.
  static constexpr int64_t mostChannels = 255;
  static constexpr int64_t mostOutputs = 1 << 16;

  llvm::SmallVector<float> values;
  llvm::SmallVector<uint8_t> table;
  int64_t nonZeros = 0;
  int64_t sharedSteps = 0, singleSteps = 0;

  /// `weights` are [outputs, channels], or [channels, outputs] with
  /// `channelsFirst`, in blocks of `block` channels. There is always a value.
  static SparseWeights pack(llvm::ArrayRef<float> weights, int64_t outputs,
                            int64_t channels, bool channelsFirst,
                            int64_t block);

private:
  /// The channels of the block for which an output channel has weights.
  struct Row {
    int64_t output;
    llvm::SmallVector<uint8_t> channels;
    llvm::SmallVector<float> weights;
  };
  void addPair(const Row &first, const Row &second, int64_t block);
};

/// What a kernel needs in memory for weights in blocks, and tiles of pixels.
struct SparsePlan {
  int64_t channels, outputs;
  int64_t block;  ///< input channels of all blocks but the last
  int64_t pixels; ///< of a tile, at most

  /// Blocks of about the same size, no more than `most`, so that the last one
  /// has whole vectors too.
  static int64_t chooseBlock(int64_t channels, int64_t most);

  int64_t blocks() const { return (channels + block - 1) / block; }
  int64_t lastBlock() const { return channels - (blocks() - 1) * block; }
  int64_t pairs() const { return (outputs + 1) / 2; }

  // Scratch memory is [row][pixel]: the channels of a block, the zeros, and the
  // sums of all output channels. Where these begin, for rows of so many pixels:
  int64_t zerosAt(int64_t rowPixels) const { return block * rowPixels; }
  int64_t sumsAt(int64_t rowPixels) const { return (block + 1) * rowPixels; }
  /// Floats of one thread.
  int64_t scratch() const { return (block + 1 + 2 * pairs()) * pixels; }
};

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_SPARSE_H
