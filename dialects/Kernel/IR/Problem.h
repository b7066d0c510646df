//===- Problem.h - a kernel, as far as its schedule goes --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a convolution's algorithm and tile depend on, as a key of tables:
// kernels with equal problems get equal decisions, in every model.
// KernelOpInterface::getProblem makes it from an op. Its text is stable:
//
//   conv 1x56x56x64 -> 1x28x28x128 3x3 f32 stride=2x2 pad=1x1
//   conv 1x3x224x224 -> 1x112x112x32 3x3 f32 stride=2x2 layout=nchw
//   depthwise 1x14x14x512 -> 1x14x14x512 5x5 f32 pad=2x2
//
// A matrix product with constant weights is a convolution of one row by 1x1.
// Images are [N, H, W, C]; with layout=nchw the input is [N, C, H, W]. Words
// after the type come in the order of `str` and are left out where they say 1
// (stride, dilation, groups) or 0 (pad, of the first row and column).
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_PROBLEM_H
#define KERNEL_IR_PROBLEM_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <array>

namespace mlir {
namespace kernel {

struct Problem {
  using Pair = std::array<int64_t, 2>; ///< of rows, of columns

  bool isDepthwise = false;
  llvm::SmallVector<int64_t, 4> in, out;
  Pair window = {1, 1}, stride = {1, 1}, pad = {0, 0}, dilation = {1, 1};
  int64_t groups = 1; ///< of a depthwise convolution 1
  bool isChannelsFirst = false;
  /// Of the input, "f32"; where the weights' is another one, "f32*f16".
  std::string type = "f32";

  /// Channels of the input that a group has.
  int64_t groupIn() const { return in[isChannelsFirst ? 1 : 3] / groups; }
  int64_t groupOut() const { return out[3] / groups; }
  /// Neighbouring pixels that a tile can have: of a row, and of the whole image
  /// where there is no window.
  int64_t pixels() const;

  /// The text above.
  std::string str() const;
  /// The inverse of `str`, and of nothing else. Errors say what was found.
  static llvm::Expected<Problem> parse(llvm::StringRef text);
};

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_PROBLEM_H
