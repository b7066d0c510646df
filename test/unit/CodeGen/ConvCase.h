//===- ConvCase.h - convolutions of all kinds -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Convolutions as data: what the numeric tests of their emitters vary.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TEST_UNIT_CODEGEN_CONVCASE_H
#define MLC_TEST_UNIT_CODEGEN_CONVCASE_H

#include "KernelCase.h"

namespace mlc {

enum class Tail { none, bias, residual, silu };

struct Conv {
  int64_t n = 1, h = 5, w = 5, c = 3, o = 8, groups = 1, kh = 3, kw = 3;
  Shape strides{1, 1}, pads{0, 0, 0, 0}, dilations{1, 1};
  Tail tail = Tail::none;
  std::string type = "f32", weightType = "f32", outType = "f32";
  int64_t zero = 0;
  int64_t block = 32;
  bool depthwise = false;
  /// Groups share blocks.
  bool shared = false;
  /// Weights are packed by four input channels.
  bool quads = false;
  /// By eight instead.
  bool octets = false;
  /// These are -8 to 7, two quads a row.
  bool nibbles = false;
  /// Weights are packed by two input channels.
  bool halves = false;
  /// These are in pairs that fit 16 bits: most weights small, some as large as
  /// they can be.
  bool pairs = false;
  /// Bytes are the least or the largest that there are.
  bool extreme = false;
  /// Rows of the table that says what bytes stand for; 0: they are numbers.
  int64_t tables = 0;
  /// The input is [N, C, H, W].
  bool channelsFirst = false;
  /// Elements between pixels beyond the channels, of input and out.
  int64_t gap = 0;
  /// Of Winograd's F(tile, kh), 0 for a direct convolution.
  int64_t tile = 0;

  int64_t outSize(unsigned d) const {
    int64_t in = d ? w : h, k = d ? kw : kh;
    int64_t room = in + pads[d] + pads[d + 2] - dilations[d] * (k - 1) - 1;
    return room < 0 ? 0 : room / strides[d] + 1;
  }
};

/// The kernel op, its data from `seed` and what a loop over the definition
/// gives.
Case makeCase(const Conv &conv, unsigned seed);

/// Runs all of them on the tested targets.
void runAll(const std::vector<Conv> &convs);

/// Counts of channels around those of vectors.
constexpr int64_t channels[] = {1, 3, 4, 7, 8, 16, 17, 31, 32, 33, 64, 100};

/// The shape of the `i`-th of many convolutions whose weights lie side by side:
/// groups, windows, pads, strides and blocks of all kinds, on images of `sizes`
/// and groups of `in` channels.
Conv sideBySide(size_t i, const int64_t (&in)[9], const int64_t (&sizes)[5]);

/// Depthwise convolutions of many shapes.
std::vector<Conv> depthwise();

} // namespace mlc

#endif // MLC_TEST_UNIT_CODEGEN_CONVCASE_H
