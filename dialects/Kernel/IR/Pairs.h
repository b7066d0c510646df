//===- Pairs.h - Weights whose products fit 16 bits in pairs ----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// x86's pmaddubsw adds the products of two unsigned bytes by two signed ones in
// 16 bits, and saturates: it is exact where the two weights' sum is no larger
// than 128 by magnitude, 255 * 128 being less than 2^15. Few pairs of weights
// are not so, and which input channels are a pair is free, as long as all lanes
// of a block agree. So a block of lanes pairs the channels anew: of each pool
// of 16 input channels, which one shuffle puts in order, such that no lane's
// pair is too large. Where that cannot be, the second weight of the pair moves
// to an extra quad, which a block has few of.
//
//   std::optional<PairedWeights> w =
//       PairedWeights::get(bytes, {64, 32, 3, 3}, /*groups=*/1, /*block=*/16);
//   w->shape, w->bytes, w->rows.extras
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_PAIRS_H
#define KERNEL_IR_PAIRS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"
#include <cstdint>
#include <optional>

namespace mlir {
namespace kernel {

/// The rows [block, 4] of one element of the window: quads pool by pool, extra
/// quads, tables, and the sums of weights as in quads.
struct PairRows {
  int64_t channels; ///< of the input, in a group, at least a pool's
  int64_t block;
  int64_t extras; ///< that there is room for

  static constexpr int64_t pool = 16, quad = 4;

  int64_t pools() const { return llvm::divideCeil(channels, pool); }
  int64_t quads() const { return llvm::divideCeil(channels, quad); }
  /// The last pool overlaps the one before, of which it uses nothing.
  int64_t poolStart(int64_t p) const {
    return std::min(p * pool, channels - pool);
  }
  int64_t poolQuads(int64_t p) const {
    return llvm::divideCeil(std::min(pool, channels - p * pool), quad);
  }

  // Bytes from the first row on: of each pool the order of its channels (of 16
  // bytes, 128 for none), of each extra quad the same, four times its own four,
  // then an i32 each: where its channels begin, and how many extra quads there
  // are.
  int64_t ordersAt() const { return (quads() + extras) * block * quad; }
  int64_t extraOrdersAt() const { return ordersAt() + pools() * pool; }
  int64_t startsAt() const { return extraOrdersAt() + extras * pool; }
  int64_t countAt() const { return startsAt() + extras * quad; }

  int64_t count() const {
    return llvm::divideCeil(countAt() + quad, block * quad) + 1;
  }
};

struct PairedWeights {
  PairRows rows;
  llvm::SmallVector<int64_t, 7> shape; ///< [G, blocks, KH, KW, rows, block, 4]
  llvm::SmallVector<char> bytes;

  /// Weights [O, I, KH, KW] of signed bytes in `groups` groups; nullopt where a
  /// group has less than a pool of channels, or extra quads would take as long
  /// as is gained. There is room for `extras` of these at least.
  static std::optional<PairedWeights> get(llvm::ArrayRef<char> weights,
                                          llvm::ArrayRef<int64_t> shape,
                                          int64_t groups, int64_t block,
                                          int64_t extras = 0);
};

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_PAIRS_H
