//===- Sparse.h - Weights without their zeros -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that knows how the weights of kernel.sparse_conv lie.
//
// Output channels are in parts, which threads divide. Of each part input
// channels are in blocks, which kernels bring into the order [channel][pixel],
// output channels in pairs: of the pixels of a channel that both have a weight
// for, one load serves both. The table begins with the place of each part in
// table and values, four bytes each. All parts follow each other, in each all
// blocks, in each all pairs. A pair is:
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

struct SparsePlan;

struct SparseWeights {
  /// Of a part in the table: its place there and in the values.
  static constexpr int64_t partHead = 8;
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
  /// `channelsFirst`, divided as `plan` says. There is always a value.
  static SparseWeights pack(llvm::ArrayRef<float> weights,
                            const SparsePlan &plan, bool channelsFirst);

private:
  /// The channels of the block for which an output channel has weights.
  struct Row {
    int64_t output;
    llvm::SmallVector<uint8_t> channels;
    llvm::SmallVector<float> weights;
  };
  void setPlace(int64_t part);
  void addPair(const Row &first, const Row &second, int64_t block);
};

/// What a kernel needs in memory for weights in blocks, and tiles of pixels.
struct SparsePlan {
  int64_t channels, outputs;
  int64_t block;  ///< input channels of all blocks but the last
  int64_t pixels; ///< of a tile, at most
  int64_t parts;  ///< of the output channels
  /// Elements of the window: each is a channel of its own above,
  /// [channel][tap].
  int64_t taps = 1;

  /// Blocks of about the same size, no more than `most`, so that the last one
  /// has whole vectors too.
  static int64_t chooseBlock(int64_t channels, int64_t most);

  /// Output channels of all parts but the last, in whole vectors.
  int64_t partOutputs() const {
    constexpr int64_t vector = 16;
    int64_t each = (outputs + parts - 1) / parts;
    return parts == 1 ? outputs : (each + vector - 1) / vector * vector;
  }
  int64_t lastPart() const { return outputs - (parts - 1) * partOutputs(); }

  int64_t blocks() const { return (channels + block - 1) / block; }
  int64_t lastBlock() const { return channels - (blocks() - 1) * block; }
  int64_t pairs() const { return (outputs + 1) / 2; }

  // Scratch memory is [row][pixel]: the channels of a block and a row of zeros,
  // or those of all blocks one behind the other where there are several parts,
  // then the sums of all output channels.
  int64_t blockRows() const { return block + 1; }
  int64_t inputRows() const {
    return (parts == 1 ? 1 : blocks()) * blockRows();
  }
  /// Floats of one thread.
  int64_t scratch() const { return (inputRows() + 2 * pairs()) * pixels; }
};

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_SPARSE_H
