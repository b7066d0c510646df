//===- Window.h - A sliding window along one dimension ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_WINDOW_H
#define KERNEL_IR_WINDOW_H

#include <cstdint>

namespace mlir {
namespace kernel {

/// Along one dimension of a sliding window.
struct Window {
  int64_t extent; ///< of the input
  int64_t count;  ///< windows: extent of the out
  int64_t kernel;
  int64_t stride, dilation, padBegin;

  /// Where in the input the window at `out` reads its element `k`.
  int64_t at(int64_t out, int64_t k) const {
    return out * stride - padBegin + k * dilation;
  }
  bool inside(int64_t out, int64_t k) const {
    return at(out, k) >= 0 && at(out, k) < extent;
  }
  /// Whether all windows from `first` to `last` lie inside the input.
  bool interior(int64_t first, int64_t last) const {
    return at(first, 0) >= 0 && at(last, kernel - 1) < extent;
  }
};

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_WINDOW_H
