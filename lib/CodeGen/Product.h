//===- Product.h - accumulating a tile of pixels by channels ----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. The inner loop of convolutions and matrix products:
//
//   acc[p][j] += left[leftBase + p * pixelStride + k] *
//                right[rightBase + k * rightStride + vectorOffset[j] ...lanes]
//
// for k in [0, depth), with acc in registers across the loop. Of weights that
// are packed side by side, a step takes several elements of both sides
// (StepProduct.h).
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_PRODUCT_H
#define MLC_CODEGEN_PRODUCT_H

#include "CodeGen/Ahead.h"
#include "CodeGen/StepProduct.h"
#include "llvm/Support/MathExtras.h"

namespace mlc {

/// Two numbers of 16 bits: both products are added.
enum class Pairs { none, words, halves };

/// The two sides of a product and how their elements enter it.
struct Factors {
  View left, right;
  Type accumulator;
  /// Subtracted from each element; not where several are side by side.
  int64_t leftZero = 0, rightZero = 0;
  /// Where the right side has several elements side by side: how these are
  /// multiplied.
  const StepProduct *steps = nullptr;
  /// What elements of both views are, 32 bits each, if they are several
  /// numbers.
  Pairs pairs = Pairs::none;
  /// Where elements of the left side are bytes that stand for others: rows of
  /// what they stand for, one a plane, or one for all.
  std::optional<View> table = std::nullopt;
};

/// The vectors of one tile: lanes of a vector, and where they begin.
struct Columns {
  int64_t lanes;
  /// Lanes of each vector that are there.
  llvm::SmallVector<int64_t> valid;
  /// From the first vector on, in `right`.
  llvm::SmallVector<int64_t> offsets;
  /// Load no more than the valid lanes: beyond them is something else.
  bool exactLoads = false;
  /// No vector is narrower.
  int64_t least = 1;

  unsigned count() const { return valid.size(); }
  /// Lanes of vector `j` that are computed, a power of two: a narrow vector
  /// takes less time where units are narrower than registers.
  int64_t width(unsigned j) const {
    int64_t needed = llvm::PowerOf2Ceil(valid[j]);
    return std::min(lanes, std::max(needed, least));
  }
};

/// One reduction: `depth` steps for the pixels [first, last).
struct Reduction {
  Value left, right;
  int64_t leftOffset = 0, rightOffset = 0;
  int64_t depth;
  int64_t leftStride = 1, rightStride;
  /// Of steps that take several: elements of the left side that are there, and
  /// how far they are apart.
  int64_t elements = 1, elementStride = 1;
  /// Products a step, which take elements of the left side so far apart; on
  /// the right side they are `rightPlane` apart.
  int64_t planes = 1, leftPlane = 0, rightPlane = 0;
  int64_t pixelStride;
  unsigned first, last;
  Ahead ahead = {};
  /// If not 0, elements from the left side's to what is fetched before its
  /// turn.
  int64_t leftAhead = 0;
  /// Steps take turns with so many sets of sums, which are one in the end:
  /// where one is too few to fill the pipelines. Then all pixels take part.
  unsigned sets = 1;
  /// Steps that are written out before the loop goes back.
  int64_t unroll = 4;
};

/// Elements of the left side as they enter the product.
Value convertInput(Emitter &e, const Factors &factors, Value elements);

/// The element of the left side at `at`, of `plane`, repeated, as it enters the
/// product.
Value broadcastInput(Emitter &e, const Factors &factors, Value at,
                     int64_t lanes, int64_t plane = 0);

/// Whether the CPU multiplies by one lane of a vector, so that activations come
/// in vectors and none is broadcast.
bool multipliesByLane(const TargetInfo &target);

/// rows x columns accumulators that are zero.
Values zeros(Emitter &e, const Factors &factors, unsigned rows,
             const Columns &columns);

/// Adds the reduction to the accumulators [row * columns + column].
void accumulate(Emitter &e, const Factors &factors, const Columns &columns,
                const Reduction &reduction, Values &accumulators);

} // namespace mlc

#endif // MLC_CODEGEN_PRODUCT_H
