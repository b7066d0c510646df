//===- Pack.cpp - Weights in the order that kernels read ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Pack.h"

#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir::kernel;
using llvm::ArrayRef;

/// A vector of one small group would leave most lanes empty. Groups of a
/// quarter of a block fill half a vector or less.
static bool shareBlocks(ArrayRef<int64_t> weights, int64_t groups,
                        int64_t block) {
  int64_t size = weights[1];
  return groups > 1 && size == weights[0] / groups && size > 1 &&
         size <= block / 4 && llvm::isPowerOf2_64(size) &&
         llvm::isPowerOf2_64(block);
}

PackedWeights PackedWeights::conv(ArrayRef<int64_t> weights, int64_t groups,
                                  int64_t block) {
  int64_t filters = weights[0], rows = groups, blocks = 1;
  if (shareBlocks(weights, groups, block)) {
    block /= 2;
    rows = llvm::divideCeil(filters, block);
  } else {
    if (groups > 1)
      block = std::min<int64_t>(block, llvm::PowerOf2Ceil(filters / groups));
    blocks = llvm::divideCeil(filters / groups, block);
  }
  PackedWeights packed;
  packed.size = {rows, blocks, weights[2], weights[3], weights[1], block};
  packed.packedShape.assign(packed.size.begin(), packed.size.end());
  packed.filters = filters;
  packed.groups = groups;
  packed.inputStride = weights[2] * weights[3];
  packed.filterStride = weights[1] * packed.inputStride;
  packed.rowStride = weights[3];
  packed.columnStride = 1;
  return packed;
}

PackedWeights PackedWeights::matmul(ArrayRef<int64_t> rhs, bool transposed,
                                    int64_t block) {
  int64_t n = rhs[transposed ? 0 : 1], k = rhs[transposed ? 1 : 0];
  PackedWeights packed = conv({n, k, 1, 1}, /*groups=*/1, block);
  packed.filterStride = transposed ? k : 1;
  packed.inputStride = transposed ? 1 : n;
  return packed;
}

PackedWeights PackedWeights::depthwise(ArrayRef<int64_t> weights) {
  // One block of all channels.
  PackedWeights packed = conv(weights, /*groups=*/1, weights[0]);
  packed.packedShape = {weights[2], weights[3], weights[0]};
  return packed;
}

int64_t PackedWeights::filterAt(int64_t row, int64_t column,
                                int64_t lane) const {
  int64_t block = size[5];
  int64_t inRow = size[0] == groups ? filters / groups : block;
  int64_t at = column * block + lane;
  int64_t filter = row * inRow + at;
  return at < inRow && filter < filters ? filter : -1;
}

llvm::SmallVector<char> PackedWeights::pack(ArrayRef<char> from,
                                            int64_t width) const {
  int64_t count = width;
  for (int64_t extent : size)
    count *= extent;
  llvm::SmallVector<char> result(count, 0);
  char *to = result.data();
  for (int64_t row = 0; row < size[0]; ++row)
    for (int64_t column = 0; column < size[1]; ++column)
      for (int64_t y = 0; y < size[2]; ++y)
        for (int64_t x = 0; x < size[3]; ++x)
          for (int64_t i = 0; i < size[4]; ++i)
            for (int64_t lane = 0; lane < size[5]; ++lane, to += width) {
              int64_t filter = filterAt(row, column, lane);
              if (filter < 0)
                continue;
              int64_t at = filter * filterStride + y * rowStride +
                           x * columnStride + i * inputStride;
              std::memcpy(to, from.data() + at * width, width);
            }
  return result;
}
