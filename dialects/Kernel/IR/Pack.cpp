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

SmallVector<int64_t, 6> kernel::packedConvShape(ArrayRef<int64_t> weights,
                                                int64_t groups, int64_t block) {
  int64_t blocks = llvm::divideCeil(weights[0] / groups, block);
  return {groups, blocks, weights[2], weights[3], weights[1], block};
}

/// `width` bytes an element; `to` is zeroed.
static void pack(const char *from, const Source &source, char *to,
                 ArrayRef<int64_t> shape, size_t width) {
  int64_t perGroup = source.size[0] / shape[0], block = shape[5];
  for (int64_t g = 0; g < shape[0]; ++g)
    for (int64_t b = 0; b < shape[1]; ++b)
      for (int64_t y = 0; y < shape[2]; ++y)
        for (int64_t x = 0; x < shape[3]; ++x)
          for (int64_t i = 0; i < shape[4]; ++i, to += block * width)
            for (int64_t lane = 0; lane < std::min(block, perGroup - b * block);
                 ++lane) {
              int64_t o = g * perGroup + b * block + lane;
              int64_t at = o * source.stride[0] + i * source.stride[1] +
                           y * source.stride[2] + x * source.stride[3];
              std::memcpy(to + lane * width, from + at * width, width);
            }
}

static DenseElementsAttr packSource(DenseElementsAttr weights, Source source,
                                    int64_t groups, int64_t block) {
  SmallVector<int64_t, 6> shape = packedConvShape(source.size, groups, block);
  auto type = RankedTensorType::get(shape, weights.getElementType());
  if (weights.isSplat()) {
    if ((source.size[0] / groups) % block == 0)
      return weights.resizeSplat(type);
    for (int64_t &stride : source.stride)
      stride = 0;
  }
  size_t width = weights.getElementType().getIntOrFloatBitWidth() / 8;
  std::vector<char> bytes(type.getNumElements() * width, 0);
  pack(weights.getRawData().data(), source, bytes.data(), shape, width);
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
