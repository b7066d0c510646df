//===- Pack.cpp - Weights in kernel.conv's order --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Pack.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::kernel;

namespace {

/// Weights as convolution weights [O, I, KH, KW], with the strides they have.
struct Source {
  int64_t size[4];   // O, I, KH, KW
  int64_t stride[4]; // in elements
};

} // namespace

/// A vector of one small group would leave most lanes empty. Groups of a
/// quarter of a block fill half a vector or less.
static bool shareBlocks(ArrayRef<int64_t> weights, int64_t groups,
                        int64_t block) {
  int64_t size = weights[1];
  return groups > 1 && size == weights[0] / groups && size > 1 &&
         size <= block / 4 && llvm::isPowerOf2_64(size) &&
         llvm::isPowerOf2_64(block);
}

SmallVector<int64_t, 6> kernel::packedConvShape(ArrayRef<int64_t> weights,
                                                int64_t groups, int64_t block) {
  int64_t filters = weights[0];
  if (shareBlocks(weights, groups, block))
    return {int64_t(llvm::divideCeil(filters, block / 2)),
            1,
            weights[2],
            weights[3],
            weights[1],
            block / 2};
  if (groups > 1)
    block = std::min<int64_t>(block, llvm::PowerOf2Ceil(filters / groups));
  int64_t blocks = llvm::divideCeil(filters / groups, block);
  return {groups, blocks, weights[2], weights[3], weights[1], block};
}

int64_t kernel::packedFilter(ArrayRef<int64_t> packed, int64_t filters,
                             int64_t groups, int64_t row, int64_t column,
                             int64_t lane) {
  int64_t block = packed[5];
  int64_t inRow = packed[0] == groups ? filters / groups : block;
  int64_t at = column * block + lane;
  int64_t filter = row * inRow + at;
  return at < inRow && filter < filters ? filter : -1;
}

/// `width` bytes an element; `to` is zeroed.
static void pack(const char *from, const Source &source, int64_t groups,
                 char *to, ArrayRef<int64_t> shape, size_t width) {
  int64_t block = shape[5];
  for (int64_t r = 0; r < shape[0]; ++r)
    for (int64_t b = 0; b < shape[1]; ++b)
      for (int64_t y = 0; y < shape[2]; ++y)
        for (int64_t x = 0; x < shape[3]; ++x)
          for (int64_t i = 0; i < shape[4]; ++i)
            for (int64_t lane = 0; lane < block; ++lane, to += width) {
              int64_t o =
                  packedFilter(shape, source.size[0], groups, r, b, lane);
              int64_t at = o * source.stride[0] + i * source.stride[1] +
                           y * source.stride[2] + x * source.stride[3];
              if (o >= 0)
                std::memcpy(to, from + at * width, width);
            }
}

static DenseElementsAttr packSource(DenseElementsAttr weights, Source source,
                                    int64_t groups, int64_t block) {
  SmallVector<int64_t, 6> shape = packedConvShape(source.size, groups, block);
  auto type = RankedTensorType::get(shape, weights.getElementType());
  if (weights.isSplat()) {
    if (shape[0] * shape[1] * shape[5] == source.size[0])
      return weights.resizeSplat(type);
    for (int64_t &stride : source.stride)
      stride = 0;
  }
  size_t width = weights.getElementType().getIntOrFloatBitWidth() / 8;
  std::vector<char> bytes(type.getNumElements() * width, 0);
  pack(weights.getRawData().data(), source, groups, bytes.data(), shape, width);
  return DenseElementsAttr::getFromRawBuffer(type, bytes);
}

DenseElementsAttr kernel::packConvWeights(DenseElementsAttr weights,
                                          int64_t groups, int64_t block) {
  ArrayRef<int64_t> s = weights.getType().getShape();
  return packSource(
      weights,
      {{s[0], s[1], s[2], s[3]}, {s[1] * s[2] * s[3], s[2] * s[3], s[3], 1}},
      groups, block);
}

DenseElementsAttr kernel::packMatmulWeights(DenseElementsAttr rhs,
                                            bool transposed, int64_t block) {
  ArrayRef<int64_t> s = rhs.getType().getShape();
  if (transposed)
    return packSource(rhs, {{s[0], s[1], 1, 1}, {s[1], 1, 0, 0}}, 1, block);
  return packSource(rhs, {{s[1], s[0], 1, 1}, {1, s[1], 0, 0}}, 1, block);
}

DenseElementsAttr kernel::packDepthwiseWeights(DenseElementsAttr weights) {
  ArrayRef<int64_t> s = weights.getType().getShape();
  auto type =
      RankedTensorType::get({s[2], s[3], s[0]}, weights.getElementType());
  if (weights.isSplat())
    return weights.resizeSplat(type);
  size_t width = weights.getElementType().getIntOrFloatBitWidth() / 8;
  std::vector<char> bytes(type.getNumElements() * width);
  int64_t pixels = s[2] * s[3];
  for (int64_t c = 0; c < s[0]; ++c)
    for (int64_t p = 0; p < pixels; ++p)
      std::memcpy(&bytes[(p * s[0] + c) * width],
                  weights.getRawData().data() + (c * pixels + p) * width,
                  width);
  return DenseElementsAttr::getFromRawBuffer(type, bytes);
}
