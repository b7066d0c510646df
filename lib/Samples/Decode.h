//===- Decode.h - Files of pictures as they are stored ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SAMPLES_DECODE_H
#define MLC_SAMPLES_DECODE_H

#include "Samples/Image.h"

namespace mlc {

/// As Pillow's default, a bomb's size.
constexpr int64_t kMostPixels = int64_t(1) << 27;

/// A picture as it lies in its file.
struct StoredImage {
  Image image;      ///< of 1 or 3 channels
  std::string exif; ///< a TIFF header and what follows; empty: none
};

llvm::Expected<StoredImage> decodePng(llvm::StringRef bytes);
llvm::Expected<StoredImage> decodeJpeg(llvm::StringRef bytes);

/// Makes room. Returns what is wrong, nothing where there is.
std::string makeImage(int64_t height, int64_t width, int64_t channels,
                      Image &image);

/// The orientation that a TIFF header's first directory says, 1 to 8; 1 where
/// it says none. Any bytes will do.
int orientationIn(llvm::StringRef exif);

/// An image that lies as `orientation` says, upright.
Image upright(Image image, int orientation);

} // namespace mlc

#endif // MLC_SAMPLES_DECODE_H
