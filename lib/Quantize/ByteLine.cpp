//===- ByteLine.cpp - Functions of one byte as a line ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/ByteLine.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <limits>

using namespace mlc;

static constexpr int64_t kMostFactor = int64_t(1) << 22;

int32_t mlc::lineAt(int32_t x, ByteLine line, StoredRange range) {
  return std::clamp((x * line.factor + line.offset) >> line.shift, range.low,
                    range.high);
}

namespace {

/// The offsets, first to last, with which a factor gives all that is wanted.
struct Offsets {
  int64_t first, last;
  int64_t length() const { return last - first; }
};

class LineSearch {
public:
  LineSearch(llvm::ArrayRef<int32_t> wanted, int32_t first, StoredRange range,
             int32_t shift)
      : wanted(wanted), first(first), range(range), shift(shift) {}

  std::optional<ByteLine> run() const;

private:
  Offsets offsetsOf(int64_t factor) const;

  llvm::ArrayRef<int32_t> wanted;
  int32_t first;
  StoredRange range;
  int32_t shift;
};

} // namespace

Offsets LineSearch::offsetsOf(int64_t factor) const {
  // Beyond what any constraint asks; far enough from the ends of 64 bits.
  Offsets offsets = {-(int64_t(1) << 60), int64_t(1) << 60};
  int64_t one = int64_t(1) << shift;
  for (auto [i, y] : llvm::enumerate(wanted)) {
    int64_t product = factor * (first + static_cast<int64_t>(i));
    // What is limited may be any further out.
    if (y > range.low)
      offsets.first = std::max(offsets.first, y * one - product);
    if (y < range.high)
      offsets.last = std::min(offsets.last, (y + 1) * one - 1 - product);
  }
  return offsets;
}

std::optional<ByteLine> LineSearch::run() const {
  if (llvm::all_equal(wanted))
    return ByteLine{0, static_cast<int32_t>(wanted.front() * (1LL << shift)),
                    shift};
  // The least factor from which on the interval grows no longer.
  int64_t low = -kMostFactor, high = kMostFactor;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    bool grows = offsetsOf(middle + 1).length() > offsetsOf(middle).length();
    (grows ? low : high) = grows ? middle + 1 : middle;
  }
  Offsets offsets = offsetsOf(low);
  if (offsets.length() < 0)
    return std::nullopt;
  int64_t offset = offsets.first + offsets.length() / 2;
  return ByteLine{static_cast<int32_t>(low), static_cast<int32_t>(offset),
                  shift};
}

std::optional<ByteLine> mlc::exactLine(llvm::ArrayRef<int32_t> wanted,
                                       int32_t first, StoredRange range,
                                       int32_t shift) {
  return LineSearch(wanted, first, range, shift).run();
}

int32_t mlc::piecesAt(int32_t x, const BytePieces &pieces, StoredRange range) {
  return lineAt(x, x < pieces.start ? pieces.below : pieces.above, range);
}

/// The line with the greatest shift.
static std::optional<ByteLine> finestLine(llvm::ArrayRef<int32_t> wanted,
                                          int32_t first, StoredRange range) {
  for (int32_t shift = kMostLineShift; shift >= kLeastLineShift; --shift)
    if (std::optional<ByteLine> line = exactLine(wanted, first, range, shift))
      return line;
  return std::nullopt;
}

/// The pieces of one function with this shift, which meet at `start`.
static std::optional<BytePieces> piecesOf(llvm::ArrayRef<int32_t> wanted,
                                          int32_t first, StoredRange range,
                                          int32_t start, int32_t shift) {
  int32_t size = start - first;
  std::optional<ByteLine> above =
      exactLine(wanted.drop_front(size), start, range, shift);
  std::optional<ByteLine> below = above;
  if (size > 0)
    below = exactLine(wanted.take_front(size), first, range, shift);
  if (!above || !below)
    return std::nullopt;
  return BytePieces{*below, *above, start};
}

/// The pieces of one function, with the greatest shift that both have. The
/// lower one is as long as it can be, as more bytes only ask for more.
static std::optional<BytePieces>
finestPieces(llvm::ArrayRef<int32_t> wanted, int32_t first, StoredRange range) {
  if (std::optional<ByteLine> line = finestLine(wanted, first, range))
    return BytePieces{*line, *line, first};
  size_t longest = 1, tooLong = wanted.size();
  while (tooLong - longest > 1) {
    size_t middle = (longest + tooLong) / 2;
    bool isLine =
        finestLine(wanted.take_front(middle), first, range).has_value();
    (isLine ? longest : tooLong) = middle;
  }
  int32_t start = first + static_cast<int32_t>(longest);
  for (int32_t shift = kMostLineShift; shift >= kLeastLineShift; --shift)
    if (std::optional<BytePieces> pieces =
            piecesOf(wanted, first, range, start, shift))
      return pieces;
  return std::nullopt;
}

std::optional<llvm::SmallVector<BytePieces>>
mlc::exactPieces(llvm::ArrayRef<llvm::SmallVector<int32_t>> wanted,
                 int32_t first, StoredRange range) {
  llvm::SmallVector<BytePieces> own, common;
  int32_t shift = kMostLineShift;
  for (llvm::ArrayRef<int32_t> each : wanted) {
    std::optional<BytePieces> pieces = finestPieces(each, first, range);
    if (!pieces)
      return std::nullopt;
    shift = std::min(shift, pieces->above.shift);
    own.push_back(*pieces);
  }
  for (auto [each, pieces] : llvm::zip(wanted, own)) {
    std::optional<BytePieces> refitted =
        piecesOf(each, first, range, pieces.start, shift);
    if (!refitted)
      return own;
    common.push_back(*refitted);
  }
  return common;
}
