//===- Tile.cpp - how tiles cover an image --------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Tile.h"
#include "llvm/ADT/ArrayRef.h"
#include <algorithm>

using namespace mlc;

static llvm::SmallVector<PixelRun> coverFrom(const Window &window,
                                             int64_t first, unsigned rows) {
  llvm::SmallVector<PixelRun> runs;
  // Behind the last window that ends inside the input.
  int64_t room = window.extent + window.padBegin - window.reach();
  int64_t end = room < 0 ? 0 : std::min(window.count, room / window.stride + 1);
  for (int64_t start = first; start < window.count;) {
    unsigned size = std::min<int64_t>(rows, window.count - start);
    runs.push_back({start, size});
    // The image may be of any size: full tiles are counted, not visited.
    if (size == rows && window.interior(start, start + rows - 1))
      runs.back().count = (end - start) / rows;
    start += runs.back().count * rows;
  }
  return runs;
}

llvm::SmallVector<PixelRun> mlc::cover(const Window &window, unsigned rows) {
  return coverFrom(window, 0, rows);
}

llvm::SmallVector<PixelRun> mlc::coverApart(const Window &window,
                                            unsigned rows) {
  llvm::SmallVector<PixelRun> plain = cover(window, rows);
  int64_t before = 0;
  while (before < window.count && window.at(before, 0) < 0)
    ++before;
  if (before == 0 || before >= rows)
    return plain;
  llvm::SmallVector<PixelRun> apart = coverFrom(window, before, rows);
  apart.insert(apart.begin(), {0, unsigned(before)});
  auto pixels = [](llvm::ArrayRef<PixelRun> runs) {
    unsigned sum = 0;
    for (const PixelRun &run : runs)
      sum += run.rows;
    return sum;
  };
  return pixels(apart) < pixels(plain) ? apart : plain;
}
