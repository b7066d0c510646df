//===- ByteTable.h - Images of bytes that are read by table -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program hands over bytes, and what a convolution multiplies is a function
// of each, as (byte - mean) / std of its channel. A byte has 256 values: the
// convolution looks them up as it reads, and no image of floats is made.
// Padding stays what it is behind the function, and each float has the bits
// that the function's own loop would give it.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CONVERSION_BYTETABLE_H
#define MLC_CONVERSION_BYTETABLE_H

#include "NN/IR/NN.h"

#include <optional>

namespace mlc {

struct ByteTable {
  mlir::Value bytes;    ///< [N, H, W, C] or [N, C, H, W], of 8 bits
  bool isChannelsFirst; ///< the latter
  int64_t rows;         ///< 1 if all channels have the same function, or C
  std::vector<float> entries; ///< rows x 256, by the byte without a sign
};

/// The table by which `conv` can read its input, if that is such a function and
/// an image of few channels.
std::optional<ByteTable> matchByteTable(mlir::nn::ConvOp conv);

} // namespace mlc

#endif // MLC_CONVERSION_BYTETABLE_H
