//===- Pack.cpp - Weights in the order that kernels read ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Pack.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <functional>
#include <numeric>

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

PackedWeights PackedWeights::singles(ArrayRef<int64_t> weights, int64_t groups,
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

/// Input channels side by side; of nibbles those of a quad, of which two share
/// a row.
static int64_t channelsOf(PackStep step) {
  switch (step) {
  case PackStep::single:
    return 1;
  case PackStep::halves:
    return PackedWeights::half;
  case PackStep::octets:
    return PackedWeights::octet;
  case PackStep::quads:
  case PackStep::nibbles:
    return PackedWeights::quad;
  }
  llvm_unreachable("all steps are above");
}

PackedWeights PackedWeights::steps(ArrayRef<int64_t> weights, int64_t groups,
                                   int64_t block, PackStep step) {
  int64_t filters = weights[0] / groups;
  if (groups > 1)
    block = std::min<int64_t>(block, llvm::PowerOf2Ceil(filters));
  block = std::max(block, leastLanes);
  PackedWeights packed = singles(weights, /*groups=*/1, block);
  packed.step = channelsOf(step);
  packed.inNibbles = step == PackStep::nibbles;
  packed.groups = groups;
  packed.size[0] = groups;
  packed.size[1] = llvm::divideCeil(filters, block);
  packed.packedShape.assign(packed.size.begin(), packed.size.end());
  packed.packedShape[4] =
      packed.step == quad ? quadRows(weights[1], packed.inNibbles)
                          : int64_t(llvm::divideCeil(weights[1], packed.step)) +
                                packed.hasSums();
  packed.packedShape.push_back(packed.step);
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

PackedWeights PackedWeights::depthwise(ArrayRef<int64_t> weights,
                                       bool inQuads) {
  // One block of all channels.
  PackedWeights packed = singles(weights, /*groups=*/1, weights[0]);
  packed.packedShape = {weights[2], weights[3], weights[0]};
  if (!inQuads)
    return packed;
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

PackedWeights PackedWeights::conv(const WeightLayout &layout,
                                  ArrayRef<int64_t> weights) {
  return layout.step == PackStep::single
             ? singles(weights, layout.groups, layout.block)
             : steps(weights, layout.groups, layout.block, layout.step);
}

PackedWeights PackedWeights::get(const WeightLayout &layout,
                                 ArrayRef<int64_t> shape) {
  if (layout.kind == WeightsKind::conv)
    return conv(layout, shape);
  if (layout.kind == WeightsKind::depthwise)
    return depthwise(shape, layout.step == PackStep::quads);
  bool isTransposed = layout.kind == WeightsKind::matmul_transposed;
  int64_t n = shape[isTransposed ? 0 : 1], k = shape[isTransposed ? 1 : 0];
  PackedWeights packed = conv(layout, {n, k, 1, 1});
  packed.filterStride = isTransposed ? k : 1;
  packed.inputStride = isTransposed ? 1 : n;
  return packed;
}

int64_t PackedWeights::elements() const {
  return std::accumulate(packedShape.begin(), packedShape.end(), int64_t(1),
                         std::multiplies<int64_t>());
}

void PackedWeights::packDepthwise(ArrayRef<char> from, char *result) const {
  int64_t quads = packedShape[2], step = depthwiseBlock * quad;
  int64_t row = quads * step, block = packedShape[1] * row;
  for (int64_t c = 0; c < filters; ++c) {
    int64_t i = c % depthwiseBlock / 16, v = c % 16 / quad, j = c % quad;
    char *to = result + c / depthwiseBlock * block +
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

void PackedWeights::pack(ArrayRef<char> from, int64_t width, char *to) const {
  if (isDepthwise)
    return packDepthwise(from, to);
  int64_t window = width * size[4] * size[5];
  if (step > 1)
    window = width * packedShape[4] * packedShape[5] * step;
  for (int64_t row = 0; row < size[0]; ++row)
    for (int64_t column = 0; column < size[1]; ++column)
      for (int64_t y = 0; y < size[2]; ++y)
        for (int64_t x = 0; x < size[3]; ++x, to += window)
          for (int64_t lane = 0; lane < size[5]; ++lane)
            if (int64_t filter = filterAt(row, column, lane); filter >= 0)
              packWindow(from, width, offsetOf(filter, y, x), lane, to);
}

llvm::SmallVector<char> PackedWeights::pack(ArrayRef<char> from,
                                            int64_t width) const {
  llvm::SmallVector<char> result(elements() * width, 0);
  pack(from, width, result.data());
  return result;
}
