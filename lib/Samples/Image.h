//===- Image.h - Pictures in files ------------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any bytes give an image or an error, without the file's name. What Pillow
// makes of a file is the measure, so that the Python module's samples are the
// same: colours as they are stored (no gamma, no profiles), transparency left
// out, grey as (19595 R + 38470 G + 7471 B) / 2^16, upright as the camera's
// orientation says.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SAMPLES_IMAGE_H
#define MLC_SAMPLES_IMAGE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace mlc {

/// Rows of pixels, a pixel's channels side by side.
struct Image {
  int64_t height = 0, width = 0, channels = 0;
  std::vector<uint8_t> pixels;

  const uint8_t *at(int64_t row, int64_t column) const {
    return &pixels[(row * width + column) * channels];
  }
  uint8_t *at(int64_t row, int64_t column) {
    return &pixels[(row * width + column) * channels];
  }
};

/// A PNG or JPEG file, by its content, upright, of 1 channel (grey) or 3 (red
/// first). Errors: another file, one that is broken or ends early, more than
/// 2^27 pixels.
llvm::Expected<Image> decodeImage(llvm::StringRef bytes, int64_t channels);

/// The largest part of `image` with the ratio of `height` and `width`, from its
/// middle, resized to them as Pillow's BILINEAR does, to the bit, rows before
/// columns. Where an image shrinks each pixel is a mean of those that it
/// covers.
Image fitImage(const Image &image, int64_t height, int64_t width);

} // namespace mlc

#endif // MLC_SAMPLES_IMAGE_H
