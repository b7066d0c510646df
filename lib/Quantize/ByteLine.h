//===- ByteLine.h - Functions of one byte as a line -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a scale and an offset make of a byte between dequantize and quantize, in
// floats and rounded, is mostly what one multiplication, one addition and one
// shift of integers give, for all 256 bytes: vectors of it are faster than 256
// entries that are looked up one by one. Whether it is for all of them is
// found out here; there is no error.
//
// The sums that round to the wanted integers are a convex set of (factor,
// offset). For one factor the offsets are an interval whose length is concave
// in the factor; the longest is in the middle of the set. Rectifiers are two
// lines.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_BYTELINE_H
#define MLC_QUANTIZE_BYTELINE_H

#include "Quantize/Arithmetic.h"

#include "llvm/ADT/ArrayRef.h"
#include <optional>

namespace mlc {

/// (x * factor + offset) >> shift, limited. |factor| <= 2^22 and shift <= 21,
/// so that for bytes x, signed or unsigned, nothing leaves 32 bits.
struct ByteLine {
  int32_t factor, offset, shift;
};

/// The stored integer, in [range.low, range.high]; the zero point is in the
/// offset.
int32_t lineAt(int32_t x, ByteLine line, StoredRange range);

/// A line that gives wanted[i], in the range, for x = first + i, bytes all of
/// them, with this shift of at most kMostLineShift; nullopt where there is
/// none.
std::optional<ByteLine> exactLine(llvm::ArrayRef<int32_t> wanted, int32_t first,
                                  StoredRange range, int32_t shift);

inline constexpr int32_t kMostLineShift = 21;
/// With it slopes reach 2^16: beyond, a function of a byte is a step.
inline constexpr int32_t kLeastLineShift = 6;

/// Two lines: `below` for x < start, `above` from there on; one twice where one
/// is enough.
struct BytePieces {
  ByteLine below, above;
  int32_t start;

  bool isOne() const {
    return below.factor == above.factor && below.offset == above.offset;
  }
};

/// The stored integer, as lineAt.
int32_t piecesAt(int32_t x, const BytePieces &pieces, StoredRange range);

/// For each of several functions of x = first ... first + 255 its pieces, of
/// one shift a function, and one for all if that is possible. nullopt where
/// one of them has none.
std::optional<llvm::SmallVector<BytePieces>>
exactPieces(llvm::ArrayRef<llvm::SmallVector<int32_t>> wanted, int32_t first,
            StoredRange range);

} // namespace mlc

#endif // MLC_QUANTIZE_BYTELINE_H
