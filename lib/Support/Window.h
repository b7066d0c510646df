//===- Window.h - A sliding window along one dimension ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_WINDOW_H
#define MLC_SUPPORT_WINDOW_H

#include <algorithm>
#include <cstdint>
#include <utility>

namespace mlc {

/// The elements of a window that begins at `start`, perhaps before the first,
/// which lie in [0, extent): the first of them, and the one behind the last.
inline std::pair<int64_t, int64_t> elementsInside(int64_t start, int64_t extent,
                                                  int64_t kernel,
                                                  int64_t dilation) {
  auto elementsBefore = [&](int64_t place) -> int64_t {
    int64_t distance = std::max<int64_t>(0, place - start);
    return std::min<int64_t>(kernel, (distance + dilation - 1) / dilation);
  };
  int64_t from = elementsBefore(0);
  return {from, std::max(from, elementsBefore(extent))};
}

/// How many these are.
inline int64_t countInside(int64_t start, int64_t extent, int64_t kernel,
                           int64_t dilation) {
  auto [from, to] = elementsInside(start, extent, kernel, dilation);
  return to - from;
}

/// Elements from the first to behind the last that a window spans.
inline int64_t windowReach(int64_t kernel, int64_t dilation) {
  return dilation * (kernel - 1) + 1;
}

/// Along one dimension of a sliding window.
struct Window {
  int64_t extent; ///< of the input
  int64_t count;  ///< windows: extent of the out
  int64_t kernel;
  int64_t stride, dilation, padBegin;

  /// How often it fits: the count, rounded down, with so much padding behind.
  int64_t fitting(int64_t padEnd) const {
    int64_t room = extent + padBegin + padEnd - reach();
    return room < 0 ? 0 : room / stride + 1;
  }
  /// The count rounded up, where a further window begins inside of the input or
  /// of the padding before it.
  int64_t fittingRoundedUp(int64_t padEnd) const {
    int64_t whole = fitting(padEnd);
    bool fills = (extent + padBegin + padEnd - reach()) % stride == 0;
    bool isInside = whole * stride < extent + padBegin;
    return whole > 0 && !fills && isInside ? whole + 1 : whole;
  }
  int64_t reach() const { return windowReach(kernel, dilation); }
  /// The same of all `count` windows.
  int64_t reachOfAll() const { return (count - 1) * stride + reach(); }
  /// Where in the input the window at `out` reads its element `k`.
  int64_t at(int64_t out, int64_t k) const {
    return out * stride - padBegin + k * dilation;
  }
  bool inside(int64_t out, int64_t k) const {
    return at(out, k) >= 0 && at(out, k) < extent;
  }
  /// The elements of the window at `out` that lie inside, as elementsInside.
  std::pair<int64_t, int64_t> insideAt(int64_t out) const {
    return elementsInside(at(out, 0), extent, kernel, dilation);
  }
  /// Whether all windows from `first` to `last` lie inside the input.
  bool interior(int64_t first, int64_t last) const {
    return at(first, 0) >= 0 && at(last, kernel - 1) < extent;
  }
  /// Elements of all windows that lie inside the input.
  int64_t tapsInside() const {
    int64_t taps = 0;
    // Either may be a hostile model's.
    if (count <= kernel) {
      for (int64_t out = 0; out < count; ++out)
        taps += countInside(at(out, 0), extent, kernel, dilation);
      return taps;
    }
    for (int64_t k = 0; k < kernel; ++k)
      taps += countInside(at(0, k), extent, count, stride);
    return taps;
  }
  /// Whether it reads each element once, in order: nothing slides.
  bool isPlain() const {
    return kernel == 1 && stride == 1 && padBegin == 0 && extent == count;
  }
};

} // namespace mlc

#endif // MLC_SUPPORT_WINDOW_H
