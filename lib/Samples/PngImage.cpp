//===- PngImage.cpp - PNG by libpng ---------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples/Decode.h"

#include <png.h>

#include <csetjmp>
#include <cstring>

using namespace llvm;

namespace mlc {

namespace {

/// What libpng works on. It leaves by longjmp, past no destructor: all that
/// owns memory is here.
struct PngReader {
  explicit PngReader(StringRef bytes) : bytes(bytes) {}
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }

  /// Whether it came to the end; `problem` says why not.
  bool read();

  StringRef bytes;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string problem;
  StoredImage result;
  std::vector<png_bytep> rows;

private:
  void readHeader();
  void readPixels();
};

} // namespace

static void failPng(png_structp png, png_const_charp text) {
  static_cast<PngReader *>(png_get_error_ptr(png))->problem = text;
  png_longjmp(png, 1);
}

static void ignoreWarning(png_structp, png_const_charp) {}

static void takeBytes(png_structp png, png_bytep into, png_size_t size) {
  auto *reader = static_cast<PngReader *>(png_get_io_ptr(png));
  if (size > reader->bytes.size())
    png_error(png, "the file ends early");
  std::memcpy(into, reader->bytes.data(), size);
  reader->bytes = reader->bytes.drop_front(size);
}

void PngReader::readHeader() {
  png_read_info(png, info);
  png_uint_32 width, height;
  int depth, colour;
  png_get_IHDR(png, info, &width, &height, &depth, &colour, nullptr, nullptr,
               nullptr);
  bool isGrey = !(colour & PNG_COLOR_MASK_COLOR);
  problem = makeImage(height, width, isGrey ? 1 : 3, result.image);
  if (!problem.empty())
    png_longjmp(png, 1);
  if (depth == 16)
    png_set_strip_16(png);
  if (colour == PNG_COLOR_TYPE_PALETTE)
    png_set_palette_to_rgb(png);
  else if (isGrey && depth < 8)
    png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != width * png_size_t(isGrey ? 1 : 3))
    png_error(png, "its pixels are of a form that is not known");
}

void PngReader::readPixels() {
  Image &image = result.image;
  rows.resize(image.height);
  for (int64_t row = 0; row != image.height; ++row)
    rows[row] = image.at(row, 0);
  png_read_image(png, rows.data());
  png_read_end(png, info);
  png_bytep exif;
  png_uint_32 size;
  if (png_get_eXIf_1(png, info, &size, &exif))
    result.exif.assign(reinterpret_cast<char *>(exif), size);
}

bool PngReader::read() {
  png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, failPng,
                               ignoreWarning);
  info = png ? png_create_info_struct(png) : nullptr;
  if (!info) {
    problem = "no memory";
    return false;
  }
  if (setjmp(png_jmpbuf(png)))
    return false;
  png_set_read_fn(png, this, takeBytes);
  png_set_user_limits(png, 1 << 24, 1 << 24); // makeImage has the real one
  readHeader();
  readPixels();
  return true;
}

Expected<StoredImage> decodePng(StringRef bytes) {
  PngReader reader(bytes);
  if (!reader.read())
    return createStringError(reader.problem);
  return std::move(reader.result);
}

} // namespace mlc
