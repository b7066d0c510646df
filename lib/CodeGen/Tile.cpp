//===- Tile.cpp - how tiles cover an image --------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Tile.h"
#include <algorithm>

using namespace mlc;

static llvm::SmallVector<PixelRun> coverFrom(const Window &window,
                                             int64_t first, unsigned rows) {
  llvm::SmallVector<PixelRun> runs;
  bool wasInterior = false;
  for (int64_t start = first; start < window.count; start += rows) {
    unsigned size = std::min<int64_t>(rows, window.count - start);
    bool interior = window.interior(start, start + size - 1);
    if (interior && wasInterior && size == rows)
      ++runs.back().count;
    else
      runs.push_back({start, size});
    wasInterior = interior;
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
