//===- Blocked.cpp - Integer weights with a scale a block -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Blocked.h"

#include <cstring>

using namespace mlir::kernel;
using llvm::ArrayRef;
using llvm::SmallVector;

int64_t BlockedWeights::lanesFor(int64_t n, int64_t most) {
  return std::min<int64_t>(most, llvm::PowerOf2Ceil(n));
}

SmallVector<int64_t> BlockedWeights::weightsShape() const {
  if (bits == 8)
    return {panels(), k, lanes};
  return {panels(), int64_t(llvm::divideCeil(k, nibbles)), lanes, wordBytes};
}

SmallVector<char> BlockedWeights::pack(ArrayRef<char> stored,
                                       int64_t offset) const {
  int64_t rows = bits == 8 ? k : llvm::divideCeil(k, nibbles) * wordBytes;
  SmallVector<char> packed(panels() * lanes * rows, 0);
  for (int64_t channel = 0; channel < n; ++channel) {
    const char *from = stored.data() + channel * k;
    char *panel = packed.data() + channel / lanes * lanes * rows;
    int64_t lane = channel % lanes;
    for (int64_t row = 0; row < k; ++row) {
      if (bits == 8) {
        panel[row * lanes + lane] = static_cast<char>(from[row] + offset);
        continue;
      }
      int64_t word = row / nibbles * lanes + lane, at = row % nibbles;
      panel[word * wordBytes + at / 2] |= ((from[row] + offset) & 15)
                                          << (at % 2 * 4);
    }
  }
  return packed;
}

SmallVector<char> BlockedWeights::packParameters(ArrayRef<char> parameters,
                                                 int64_t width) const {
  SmallVector<char> packed(panels() * blocks() * lanes * width, 0);
  for (int64_t channel = 0; channel < n; ++channel)
    for (int64_t b = 0; b < blocks(); ++b) {
      int64_t to = (channel / lanes * blocks() + b) * lanes + channel % lanes;
      std::memcpy(packed.data() + to * width,
                  parameters.data() + (channel * blocks() + b) * width, width);
    }
  return packed;
}
