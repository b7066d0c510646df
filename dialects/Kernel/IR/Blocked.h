//===- Blocked.h - Integer weights with a scale a block ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How the weights of kernel.blocked_matmul lie, the same for all CPUs: whole
// vectors of output channels one row of K after the other, of 4 bits eight rows
// in each 32-bit lane, so that a mask gives whole vectors: of w * 2^(4 i),
// which is as good as w where the input is multiplied by 2^-(4 i).
//
//   BlockedWeights packed{/*n=*/10, /*k=*/64, /*block=*/32, /*bits=*/4,
//                         BlockedWeights::lanesFor(10, 32)};
//   packed.weightsShape()                // [1, 8, 16, 4]
//   packed.pack(stored, BlockedWeights::centre)  // [N, K], one in a byte
//   packed.packParameters(scales, 4)     // of [N, blocks()] of 4 bytes
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_BLOCKED_H
#define KERNEL_IR_BLOCKED_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"
#include <cstdint>

namespace mlir {
namespace kernel {

struct BlockedWeights {
  int64_t n, k;  ///< output and input channels
  int64_t block; ///< of K, that share a scale
  int64_t bits;  ///< 4 or 8
  int64_t lanes; ///< output channels of a packed block

  /// Rows of K in a lane of 4-bit weights, and its bytes.
  static constexpr int64_t nibbles = 8, wordBytes = 4;
  /// What weights of 4 bits without zero points have too much.
  static constexpr int64_t centre = 8;
  /// So many rows of input have scratch memory: with more, what each weight
  /// takes counts less than what each input does.
  static constexpr int64_t fewRows = 3;
  /// Lanes for `n` output channels where the widest CPU would have `most`.
  static int64_t lanesFor(int64_t n, int64_t most);

  int64_t panels() const { return llvm::divideCeil(n, lanes); }
  int64_t blocks() const { return llvm::divideCeil(k, block); }
  llvm::SmallVector<int64_t> weightsShape() const;
  /// Of scales and zero points.
  llvm::SmallVector<int64_t> parametersShape() const {
    return {panels(), blocks(), lanes};
  }

  /// Scratch memory: of each row of input K elements, the i-th of eight times
  /// 2^-(4 i) but for the last, which is as it is, then sums of its blocks,
  /// negated. Of 8 bits sums alone.
  int64_t inputRow() const { return bits == 8 ? 0 : llvm::alignTo(k, nibbles); }
  int64_t sumsAt(int64_t rows) const { return rows * inputRow(); }
  int64_t scratch(int64_t rows) const { return sumsAt(rows) + rows * blocks(); }

  /// Of integers [N, K], one in a byte; `offset` is added to each.
  llvm::SmallVector<char> pack(llvm::ArrayRef<char> stored,
                               int64_t offset = 0) const;
  /// Of [N, blocks()] elements of `width` bytes.
  llvm::SmallVector<char> packParameters(llvm::ArrayRef<char> parameters,
                                         int64_t width) const;
};

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_BLOCKED_H
