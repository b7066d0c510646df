//===- Windows.h - Sliding-window attributes of ONNX ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_WINDOWS_H
#define MLC_IMPORT_WINDOWS_H

#include "Import/Node.h"
#include "Support/Window.h"

namespace mlc {

/// kernel_shape, strides, pads and dilations with auto_pad resolved; one entry
/// a spatial dimension, pads all begins, then all ends.
struct WindowAttributes {
  llvm::SmallVector<int64_t> kernel, strides, pads, dilations;

  /// Along spatial dimension `i`, of `extent` elements: `count` windows or,
  /// where that is not told, as many as fit.
  Window along(size_t i, int64_t extent,
               std::optional<int64_t> count = std::nullopt) const {
    Window window{extent, 0, kernel[i], strides[i], dilations[i], pads[i]};
    window.count = count ? *count : window.fitting(pads[kernel.size() + i]);
    return window;
  }
  /// The same with the count rounded up.
  Window alongRoundedUp(size_t i, int64_t extent) const {
    Window window = along(i, extent, 0);
    window.count = window.fittingRoundedUp(pads[kernel.size() + i]);
    return window;
  }
};

/// Reads them for an input of spatial shape `input` and a window of shape
/// `kernel`; reports lengths and values that do not fit.
mlir::FailureOr<WindowAttributes> readWindow(Node &node,
                                             llvm::ArrayRef<int64_t> input,
                                             llvm::ArrayRef<int64_t> kernel);

} // namespace mlc

#endif // MLC_IMPORT_WINDOWS_H
