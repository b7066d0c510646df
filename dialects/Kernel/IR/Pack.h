//===- Pack.h - Weights in the order that kernels read ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that knows how packed weights lie: lowering asks it for shapes,
// laying out the library's constants for bytes, tests for both. Bytes are
// moved, so that any element type of whole bytes packs; only of steps of bytes
// sums are made:
//
//   auto packed = PackedWeights::get({WeightsKind::conv, PackStep::single,
//                                     /*groups=*/1, /*block=*/16},
//                                    {64, 32, 3, 3});
//   packed.shape()                       // [1, 4, 3, 3, 32, 16]
//   packed.pack(bytes, /*width=*/4)
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_PACK_H
#define KERNEL_IR_PACK_H

#include "Kernel/IR/Enums.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <array>
#include <cstdint>

namespace mlir {
namespace kernel {

/// In which order weights are packed, whatever their shape: #kernel.layout.
struct WeightLayout {
  WeightsKind kind;
  PackStep step = PackStep::single;
  int64_t groups = 1; ///< of a convolution; they divide its output channels
  int64_t block = 0;  ///< output channels at most; none of depthwise weights
};

/// Of kernel.conv, [O, I, KH, KW] in G groups:
///
///   single   [G, ceil((O / G) / block), KH, KW, I, block]. Blocks of groups
///   are
///            no wider than a group needs. Small groups of as many output as
///            input channels share blocks of block / 2:
///            [ceil(O / (block / 2)), 1, KH, KW, I, block / 2].
///   halves   of bf16, by two input channels:
///            [G, ceil((O / G) / block), KH, KW, ceil(I / 2), block, 2]. A
///            second channel that is not there is zero. Blocks are at least
///            four lanes wide and never shared.
///   quads    of signed bytes, by four input channels, blocks as of halves:
///            [G, ceil((O / G) / block), KH, KW, ceil(I / 4) + 1, block, 4].
///            The last row of a window's element is each lane's sum of its
///            weights, a little-endian i32.
///   octets   the same by eight, [G, ceil((O / G) / block), KH, KW,
///            ceil(I / 8) + 1, block, 8]; of the last row, the first four bytes
///            of a lane are its sum.
///   nibbles  quads of numbers from -8 to 7, two a row: those of the first are
///            the lower 4 bits of each byte, [G, ceil((O / G) / block), KH, KW,
///            ceil(I / 8) + 1, block, 4].
///
/// The right side of a product, [K, N], or [N, K] of matmul_transposed, is
/// packed as the weights of a 1x1 convolution. Of kernel.depthwise,
/// [C, 1, KH, KW]:
///
///   single   [KH, KW, C]
///   quads    of signed bytes, by four columns of the window:
///            [ceil(C / 64), KH + 1, ceil(KW / 4), 4, 16, 4], the channels of a
///            block in the order in which vectors of pixels interleave. The
///            last row is each lane's sum of its weights.
class PackedWeights {
public:
  /// Of weights of `shape`.
  static PackedWeights get(const WeightLayout &layout,
                           llvm::ArrayRef<int64_t> shape);

  /// Input channels of a quad, and bytes of a sum; channels of an octet, and of
  /// halves.
  static constexpr int64_t quad = 4, octet = 8, half = 2;
  /// Whether all `weights`, signed bytes, are numbers that nibbles hold.
  static bool areNibbles(llvm::ArrayRef<char> weights);
  /// What sums of products of nibbles are less than, by magnitude: some CPUs
  /// add them 16-fold.
  static constexpr int64_t nibbleLimit = int64_t(1) << 27;
  /// Rows of a window's element of so many input channels, its sums included.
  static int64_t quadRows(int64_t channels, bool inNibbles);
  /// The fewest lanes of a block of quads or halves, and of their vectors.
  static constexpr int64_t leastLanes = 4;
  /// Whether small groups would share blocks of single elements.
  static bool sharesBlocks(llvm::ArrayRef<int64_t> weights, int64_t groups,
                           int64_t block);
  /// Channels of a block of depthwise quads.
  static constexpr int64_t depthwiseBlock = 64;

  llvm::ArrayRef<int64_t> shape() const { return packedShape; }

  int64_t elements() const;

  /// Elements of `width` bytes, of quads 1; lanes that no channel has are
  /// zeros.
  llvm::SmallVector<char> pack(llvm::ArrayRef<char> from, int64_t width) const;
  /// The same to where elements() * width bytes are zeros.
  void pack(llvm::ArrayRef<char> from, int64_t width, char *to) const;

private:
  /// Of weights [O, I, KH, KW].
  static PackedWeights conv(const WeightLayout &layout,
                            llvm::ArrayRef<int64_t> weights);
  static PackedWeights singles(llvm::ArrayRef<int64_t> weights, int64_t groups,
                               int64_t block);
  static PackedWeights steps(llvm::ArrayRef<int64_t> weights, int64_t groups,
                             int64_t block, PackStep step);
  static PackedWeights depthwise(llvm::ArrayRef<int64_t> weights, bool inQuads);

  /// The output channel at `lane` of the block [row, column], or -1.
  int64_t filterAt(int64_t row, int64_t column, int64_t lane) const;
  bool hasSums() const { return step == quad || step == octet; }
  void packDepthwise(llvm::ArrayRef<char> from, char *to) const;
  /// Of input channel 0 of an output channel at an element of the window.
  int64_t offsetOf(int64_t filter, int64_t y, int64_t x) const {
    return filter * filterStride + y * rowStride + x * columnStride;
  }
  void packWindow(llvm::ArrayRef<char> from, int64_t width, int64_t at,
                  int64_t lane, char *to) const;
  void packBytes(llvm::ArrayRef<char> from, int64_t at, int64_t lane,
                 char *to) const;

  llvm::SmallVector<int64_t, 7> packedShape;
  /// [rows of blocks, blocks of a row, KH, KW, I, lanes].
  std::array<int64_t, 6> size;
  int64_t filters, groups;
  bool isDepthwise = false; ///< in quads
  bool inNibbles = false;
  int64_t step = 1; ///< input channels side by side
  /// Elements between output channels, rows, columns and input channels of what
  /// is packed.
  int64_t filterStride, rowStride, columnStride, inputStride;
};

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_PACK_H
