//===- Pack.cpp - Weights in the order that kernels read ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Pack.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir::kernel;
using llvm::ArrayRef;

/// A vector of one small group would leave most lanes empty. Groups of a
/// quarter of a block fill half a vector or less.
bool PackedWeights::sharesBlocks(ArrayRef<int64_t> weights, int64_t groups,
                                 int64_t block) {
  int64_t size = weights[1];
  return groups > 1 && size == weights[0] / groups && size > 1 &&
         size <= block / 4 && llvm::isPowerOf2_64(size) &&
         llvm::isPowerOf2_64(block);
}

PackedWeights PackedWeights::conv(ArrayRef<int64_t> weights, int64_t groups,
                                  int64_t block) {
  int64_t filters = weights[0], rows = groups, blocks = 1;
  if (sharesBlocks(weights, groups, block)) {
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
  packed.layOutMatrix(n, k, transposed);
  return packed;
}

void PackedWeights::layOutMatrix(int64_t n, int64_t k, bool transposed) {
  filterStride = transposed ? k : 1;
  inputStride = transposed ? 1 : n;
}

PackedWeights PackedWeights::convSteps(ArrayRef<int64_t> weights,
                                       int64_t groups, int64_t block,
                                       int64_t step) {
  int64_t filters = weights[0] / groups;
  if (groups > 1)
    block = std::min<int64_t>(block, llvm::PowerOf2Ceil(filters));
  block = std::max(block, leastLanes);
  PackedWeights packed = conv(weights, /*groups=*/1, block);
  packed.step = step;
  packed.groups = groups;
  packed.size[0] = groups;
  packed.size[1] = llvm::divideCeil(filters, block);
  packed.packedShape.assign(packed.size.begin(), packed.size.end());
  packed.packedShape[4] = llvm::divideCeil(weights[1], step);
  packed.packedShape.push_back(step);
  return packed;
}

PackedWeights PackedWeights::convQuads(ArrayRef<int64_t> weights,
                                       int64_t groups, int64_t block) {
  PackedWeights packed = convSteps(weights, groups, block, quad);
  packed.packedShape[4] = quadRows(weights[1], /*inNibbles=*/false);
  return packed;
}

PackedWeights PackedWeights::convOctets(ArrayRef<int64_t> weights,
                                        int64_t groups, int64_t block) {
  PackedWeights packed = convSteps(weights, groups, block, octet);
  ++packed.packedShape[4];
  return packed;
}

PackedWeights PackedWeights::matmulOctets(ArrayRef<int64_t> rhs,
                                          bool transposed, int64_t block) {
  int64_t n = rhs[transposed ? 0 : 1], k = rhs[transposed ? 1 : 0];
  PackedWeights packed = convOctets({n, k, 1, 1}, /*groups=*/1, block);
  packed.layOutMatrix(n, k, transposed);
  return packed;
}

PackedWeights PackedWeights::convNibbles(ArrayRef<int64_t> weights,
                                         int64_t groups, int64_t block) {
  PackedWeights packed = convSteps(weights, groups, block, quad);
  packed.inNibbles = true;
  packed.packedShape[4] = quadRows(weights[1], /*inNibbles=*/true);
  return packed;
}

int64_t PackedWeights::quadRows(int64_t channels, bool inNibbles) {
  return llvm::divideCeil(channels, inNibbles ? 2 * quad : quad) + 1;
}

bool PackedWeights::areNibbles(ArrayRef<char> weights) {
  return llvm::all_of(weights, [](char weight) {
    return llvm::isInt<4>(static_cast<signed char>(weight));
  });
}

PackedWeights PackedWeights::convHalves(ArrayRef<int64_t> weights,
                                        int64_t groups, int64_t block) {
  return convSteps(weights, groups, block, half);
}

PackedWeights PackedWeights::matmulHalves(ArrayRef<int64_t> rhs,
                                          bool transposed, int64_t block) {
  int64_t n = rhs[transposed ? 0 : 1], k = rhs[transposed ? 1 : 0];
  PackedWeights packed = convHalves({n, k, 1, 1}, /*groups=*/1, block);
  packed.layOutMatrix(n, k, transposed);
  return packed;
}

PackedWeights PackedWeights::matmulQuads(ArrayRef<int64_t> rhs, bool transposed,
                                         int64_t block) {
  int64_t n = rhs[transposed ? 0 : 1], k = rhs[transposed ? 1 : 0];
  PackedWeights packed = convQuads({n, k, 1, 1}, /*groups=*/1, block);
  packed.layOutMatrix(n, k, transposed);
  return packed;
}

PackedWeights PackedWeights::matmulNibbles(ArrayRef<int64_t> rhs,
                                           bool transposed, int64_t block) {
  int64_t n = rhs[transposed ? 0 : 1], k = rhs[transposed ? 1 : 0];
  PackedWeights packed = convNibbles({n, k, 1, 1}, /*groups=*/1, block);
  packed.layOutMatrix(n, k, transposed);
  return packed;
}

PackedWeights PackedWeights::depthwise(ArrayRef<int64_t> weights) {
  // One block of all channels.
  PackedWeights packed = conv(weights, /*groups=*/1, weights[0]);
  packed.packedShape = {weights[2], weights[3], weights[0]};
  return packed;
}

PackedWeights PackedWeights::depthwiseQuads(ArrayRef<int64_t> weights) {
  PackedWeights packed = conv(weights, /*groups=*/1, weights[0]);
  constexpr int64_t lanes = depthwiseBlock / quad;
  packed.isDepthwise = true;
  packed.packedShape = {int64_t(llvm::divideCeil(weights[0], depthwiseBlock)),
                        weights[2] + 1,
                        int64_t(llvm::divideCeil(weights[3], quad)),
                        quad,
                        lanes,
                        quad};
  return packed;
}

llvm::SmallVector<char>
PackedWeights::packDepthwise(ArrayRef<char> from) const {
  int64_t quads = packedShape[2], step = depthwiseBlock * quad;
  int64_t row = quads * step, block = packedShape[1] * row;
  llvm::SmallVector<char> result(packedShape[0] * block, 0);
  for (int64_t c = 0; c < filters; ++c) {
    int64_t i = c % depthwiseBlock / 16, v = c % 16 / quad, j = c % quad;
    char *to = result.data() + c / depthwiseBlock * block +
               (v * (depthwiseBlock / quad) + quad * i + j) * quad;
    uint32_t sum = 0;
    for (int64_t y = 0; y < size[2]; ++y)
      for (int64_t x = 0; x < size[3]; ++x) {
        char weight = from[offsetOf(c, y, x)];
        to[y * row + x / quad * step + x % quad] = weight;
        sum += static_cast<int32_t>(static_cast<signed char>(weight));
      }
    llvm::support::endian::write32le(to + size[2] * row, sum);
  }
  return result;
}

int64_t PackedWeights::filterAt(int64_t row, int64_t column,
                                int64_t lane) const {
  int64_t block = size[5];
  int64_t inRow = size[0] == groups ? filters / groups : block;
  int64_t at = column * block + lane;
  int64_t filter = row * inRow + at;
  return at < inRow && filter < filters ? filter : -1;
}

/// One quad or octet a row, of nibbles two quads, and behind the rows the sum
/// of all.
void PackedWeights::packBytes(ArrayRef<char> from, int64_t at, int64_t lane,
                              char *to) const {
  int64_t row = size[5] * step;
  to += lane * step;
  uint32_t sum = 0;
  for (int64_t i = 0; i < size[4]; ++i) {
    char weight = from[at + i * inputStride];
    int64_t q = i / step;
    if (inNibbles)
      to[q / 2 * row + i % quad] |= (weight & 15) << q % 2 * 4;
    else
      to[q * row + i % step] = weight;
    sum += static_cast<int32_t>(static_cast<signed char>(weight));
  }
  llvm::support::endian::write32le(to + (packedShape[4] - 1) * row, sum);
}

/// The input channels of one element of the window, for one lane of a block.
void PackedWeights::packWindow(ArrayRef<char> from, int64_t width, int64_t at,
                               int64_t lane, char *to) const {
  if (hasSums())
    return packBytes(from, at, lane, to);
  for (int64_t i = 0; i < size[4]; ++i) {
    int64_t element = (i / step * size[5] + lane) * step + i % step;
    std::memcpy(to + element * width,
                from.data() + (at + i * inputStride) * width, width);
  }
}

llvm::SmallVector<char> PackedWeights::pack(ArrayRef<char> from,
                                            int64_t width) const {
  if (isDepthwise)
    return packDepthwise(from);
  int64_t window = width * size[4] * size[5];
  if (step > 1)
    window = width * packedShape[4] * packedShape[5] * step;
  llvm::SmallVector<char> result(size[0] * size[1] * size[2] * size[3] * window,
                                 0);
  char *to = result.data();
  for (int64_t row = 0; row < size[0]; ++row)
    for (int64_t column = 0; column < size[1]; ++column)
      for (int64_t y = 0; y < size[2]; ++y)
        for (int64_t x = 0; x < size[3]; ++x, to += window)
          for (int64_t lane = 0; lane < size[5]; ++lane)
            if (int64_t filter = filterAt(row, column, lane); filter >= 0)
              packWindow(from, width, offsetOf(filter, y, x), lane, to);
  return result;
}
