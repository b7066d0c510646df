//===- Winograd.h - Convolution in Winograd's domain ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What kernel.winograd computes and the memory that it needs for it. After
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016):
// F(m, r) computes m x m results of an r x r convolution from a tile of
// (m + r - 1) x (m + r - 1) inputs by
//
//   Y = A' [(G g G') * (B' d B)] A
//
// with (m + r - 1)^2 products an input channel instead of m^2 r^2.
//
//   WinogradPlan plan = WinogradPlan::get(out, channels, block, {4, 3});
//   plan.scratch();                             // floats
//
// Of bytes, F(4, 3) is exact. Its transforms are of integers, which fit 16 bits
// (weights at most 49 * 128, inputs 100 * 255); words of two input channels are
// one element of the plan, 32 bits, and products are summed in i32, modulo
// 2^32. A result comes out 9 * 2^s times too large, s <= 6, which an
// exact division mends, where it is less than 2^25.
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_WINOGRAD_H
#define KERNEL_IR_WINOGRAD_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"

namespace mlir {
namespace kernel {

/// F(tile, window): one of F(2, 3), F(4, 3) and F(2, 5).
struct Winograd {
  int64_t tile, window;

  bool isKnown() const;
  /// Inputs of a tile along one dimension.
  int64_t reach() const { return tile + window - 1; }
};

/// The transforms of one algorithm. Rows 2k - 1 and 2k of `input` and `weights`
/// (k >= 1, but for the last row) are of the points +p and -p: they differ by
/// the sign of odd columns only, as do these columns of `output` in odd rows.
struct WinogradTransforms {
  using Matrix = SmallVector<SmallVector<double, 6>, 6>;
  Matrix input;   ///< B', reach x reach
  Matrix weights; ///< G, reach x window
  Matrix output;  ///< A', tile x reach

  /// By interpolation at 0, +-p and infinity (Toom and Cook). Tiles of 6 inputs
  /// take p = sqrt(1/2) and sqrt(2): they lie symmetrically about 1, so that
  /// no coefficient is large, and the error is a fifth of the usual +-1, +-2's.
  /// Factors are with `output`, where they cost nothing.
  static WinogradTransforms get(Winograd algorithm);

  /// F(4, 3) of integers, by interpolation at 0, +-1, +-2 and infinity. Results
  /// are 3 * 2^shifts[i] times too large along a dimension.
  static WinogradTransforms getExact();
  SmallVector<int64_t, 4> shifts; ///< of exact ones: of each row of `output`
};

/// What results of exact transforms must be less than, by magnitude.
constexpr int64_t exactWinogradLimit = 1 << 25;

/// The largest error of a result in units in the last place of the largest
/// result of the layer, with inputs and weights around zero. It grows as the
/// sum over `channels` does. A direct convolution's own is about
/// 0.9 * sqrt(channels).
double winogradErrorBound(Winograd algorithm, int64_t channels);

/// How tiles cover an image. A block of tiles, whole rows of them, is
/// transformed and multiplied at a time, so that what lies between stays in the
/// cache.
struct WinogradPlan {
  Winograd algorithm;
  int64_t rows, columns; ///< tiles of the image
  int64_t blockRows;     ///< rows of tiles a block; divides `rows`
  int64_t channels;      ///< of the input, in a group; of bytes pairs of them
  int64_t channelBlock;  ///< of these, transformed weights at a time
  int64_t block;         ///< output channels at a time

  /// For an out [N, OH, OW, O] from `channels` channels per group, weights
  /// being packed by `block`.
  static WinogradPlan get(ArrayRef<int64_t> out, int64_t channels,
                          int64_t block, Winograd algorithm);

  int64_t blockTiles() const { return blockRows * columns; }
  int64_t frequencies() const { return algorithm.reach() * algorithm.reach(); }

  // Floats from one frequency to the next, of transformed inputs [block of
  // channels, tile, channel], weights [channel, lane] and products [tile,
  // lane]. A line of the cache more than needed: powers of two would share one
  // set of it.
  int64_t inputStride() const {
    return stride(llvm::alignTo(channels, channelBlock) * blockTiles());
  }
  int64_t weightStride() const { return stride(channelBlock * block); }
  int64_t productStride() const { return stride(blockTiles() * block); }

  // Where they begin in the scratch memory of one thread.
  int64_t weightsAt() const { return frequencies() * inputStride(); }
  int64_t productsAt() const {
    return weightsAt() + frequencies() * weightStride();
  }
  /// Floats of one thread.
  int64_t scratch() const {
    return productsAt() + frequencies() * productStride();
  }

private:
  static int64_t stride(int64_t floats) {
    constexpr int64_t line = 16;
    return llvm::alignTo(floats, line) + line;
  }
};

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_WINOGRAD_H
