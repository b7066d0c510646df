//===- Pack.h - Weights in the order that kernels read ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that knows how packed weights lie. Bytes are moved, never
// interpreted, so that any element type of whole bytes packs:
//
//   PackedWeights packed = PackedWeights::conv({64, 32, 3, 3}, /*groups=*/1,
//                                              /*block=*/16);
//   packed.shape()                       // [1, 4, 3, 3, 32, 16]
//   packed.pack(bytes, /*width=*/4)
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_PACK_H
#define KERNEL_IR_PACK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <array>
#include <cstdint>

namespace mlir {
namespace kernel {

class PackedWeights {
public:
  /// Of kernel.conv: weights [O, I, KH, KW] in `groups` groups, which divide O,
  /// as [G, ceil((O / G) / block), KH, KW, I, block]. Blocks of groups are no
  /// wider than a group needs. Small groups of as many output as input channels
  /// share blocks of block / 2: [ceil(O / (block / 2)), 1, KH, KW, I,
  /// block / 2].
  static PackedWeights conv(llvm::ArrayRef<int64_t> weights, int64_t groups,
                            int64_t block);
  /// The right side of a product, [K, N], or [N, K] with `transposed`, as the
  /// weights of a 1x1 convolution.
  static PackedWeights matmul(llvm::ArrayRef<int64_t> rhs, bool transposed,
                              int64_t block);
  /// Of kernel.depthwise: [C, 1, KH, KW] as [KH, KW, C].
  static PackedWeights depthwise(llvm::ArrayRef<int64_t> weights);

  llvm::ArrayRef<int64_t> shape() const { return packedShape; }

  /// Elements of `width` bytes; lanes that no channel has are zeros.
  llvm::SmallVector<char> pack(llvm::ArrayRef<char> from, int64_t width) const;

private:
  /// The output channel at `lane` of the block [row, column], or -1.
  int64_t filterAt(int64_t row, int64_t column, int64_t lane) const;

  llvm::SmallVector<int64_t, 6> packedShape;
  /// [rows of blocks, blocks of a row, KH, KW, I, lanes]: the shape with all
  /// dims.
  std::array<int64_t, 6> size;
  int64_t filters, groups;
  /// Elements between output channels, rows, columns and input channels of what
  /// is packed.
  int64_t filterStride, rowStride, columnStride, inputStride;
};

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_PACK_H
