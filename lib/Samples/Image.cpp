//===- Image.cpp - Pictures in files --------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples/Image.h"

#include "Samples/Decode.h"

#include "llvm/Support/Endian.h"

#include <algorithm>
#include <optional>

using namespace llvm;

namespace mlc {

std::string makeImage(int64_t height, int64_t width, int64_t channels,
                      Image &image) {
  if (height > kMostPixels / std::max<int64_t>(width, 1))
    return ("has " + Twine(height) + "x" + Twine(width) +
            " pixels, more than 2^27")
        .str();
  image.height = height;
  image.width = width;
  image.channels = channels;
  image.pixels.resize(height * width * channels);
  return "";
}

//===----------------------------------------------------------------------===//
// Orientation
//===----------------------------------------------------------------------===//

namespace {
/// Numbers of a TIFF file.
struct TiffBytes {
  StringRef bytes;
  endianness order;

  template <typename T>
  std::optional<T> at(uint64_t offset) const {
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T))
      return std::nullopt;
    return support::endian::read<T>(bytes.data() + offset, order);
  }
};
} // namespace

int orientationIn(StringRef exif) {
  exif.consume_front(StringRef("Exif\0\0", 6)); // in some PNG files, too
  bool isLittle = exif.starts_with("II");
  if (!isLittle && !exif.starts_with("MM"))
    return 1;
  TiffBytes tiff{exif, isLittle ? endianness::little : endianness::big};
  std::optional<uint32_t> directory = tiff.at<uint32_t>(4);
  if (!directory)
    return 1;
  uint16_t count = tiff.at<uint16_t>(*directory).value_or(0);
  for (uint64_t i = 0; i != count; ++i) {
    uint64_t entry = uint64_t(*directory) + 2 + 12 * i;
    if (tiff.at<uint16_t>(entry) != 0x0112)
      continue;
    uint16_t value = tiff.at<uint16_t>(entry + 8).value_or(1);
    bool isShort = tiff.at<uint16_t>(entry + 2) == 3;
    return isShort && value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

Image upright(Image image, int orientation) {
  if (orientation == 1)
    return image;
  bool isLying = orientation >= 5;
  Image result = image; // the same number of pixels
  if (isLying)
    std::swap(result.height, result.width);
  bool turnsRows = is_contained({3, 4, 6, 7}, orientation);
  bool turnsColumns = is_contained({2, 3, 7, 8}, orientation);
  for (int64_t row = 0; row != result.height; ++row)
    for (int64_t column = 0; column != result.width; ++column) {
      int64_t r = isLying ? column : row, c = isLying ? row : column;
      r = turnsRows ? image.height - 1 - r : r;
      c = turnsColumns ? image.width - 1 - c : c;
      std::copy_n(image.at(r, c), image.channels, result.at(row, column));
    }
  return result;
}

//===----------------------------------------------------------------------===//
// Channels
//===----------------------------------------------------------------------===//

static Image withChannels(Image image, int64_t channels) {
  if (image.channels == channels)
    return image;
  Image result = {image.height, image.width, channels, {}};
  result.pixels.reserve(image.height * image.width * channels);
  if (channels == 1) {
    for (size_t i = 0; i != image.pixels.size(); i += 3) {
      const uint8_t *p = &image.pixels[i];
      int sum = 19595 * p[0] + 38470 * p[1] + 7471 * p[2] + (1 << 15);
      result.pixels.push_back(uint8_t(sum >> 16));
    }
    return result;
  }
  for (uint8_t value : image.pixels)
    result.pixels.insert(result.pixels.end(), 3, value);
  return result;
}

Expected<Image> decodeImage(StringRef bytes, int64_t channels) {
  bool isPng = bytes.starts_with("\x89PNG\r\n\x1a\n");
  if (!isPng && !bytes.starts_with("\xff\xd8\xff"))
    return createStringError(bytes.empty() ? "is empty"
                                           : "is neither PNG nor JPEG");
  Expected<StoredImage> stored = isPng ? decodePng(bytes) : decodeJpeg(bytes);
  if (!stored)
    return stored.takeError();
  return withChannels(
      upright(std::move(stored->image), orientationIn(stored->exif)), channels);
}

} // namespace mlc
