//===- Pictures.h - Files of pictures that tests write ----------*- C++ -*-===//

#ifndef MLC_TEST_SAMPLES_PICTURES_H
#define MLC_TEST_SAMPLES_PICTURES_H

#include "Samples/Image.h"

#include <cstdio>

#include <jpeglib.h>
#include <png.h>

namespace mlc {

/// Numbers that look random, the same everywhere.
inline Image noise(int64_t height, int64_t width, int64_t channels) {
  Image image = {height, width, channels, {}};
  uint32_t state = uint32_t(height * width);
  for (int64_t i = 0; i != height * width * channels; ++i) {
    state = state * 1664525 + 1013904223;
    image.pixels.push_back(uint8_t(state >> 24));
  }
  return image;
}

/// An image of one colour.
inline Image plain(int64_t height, int64_t width,
                   std::initializer_list<uint8_t> colour) {
  Image image = {height, width, int64_t(colour.size()), {}};
  for (int64_t i = 0; i != height * width; ++i)
    image.pixels.insert(image.pixels.end(), colour);
  return image;
}

/// What a PNG file has besides its rows.
struct PngForm {
  int colour = PNG_COLOR_TYPE_RGB, depth = 8;
  int interlace = PNG_INTERLACE_NONE;
  std::string exif = {};
  std::vector<png_color> palette = {};
  std::vector<png_byte> transparent = {}; ///< of the palette's colours
};

inline void appendBytes(png_structp png, png_bytep bytes, png_size_t size) {
  static_cast<std::string *>(png_get_io_ptr(png))
      ->append(reinterpret_cast<char *>(bytes), size);
}

/// A file of rows of bytes, as many as the form wants.
inline std::string pngOf(int64_t height, int64_t width,
                         std::vector<uint8_t> rows, const PngForm &form = {}) {
  std::string file;
  png_structp png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &file, appendBytes, nullptr);
  png_set_IHDR(png, info, png_uint_32(width), png_uint_32(height), form.depth,
               form.colour, form.interlace, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (!form.palette.empty())
    png_set_PLTE(png, info, form.palette.data(), int(form.palette.size()));
  if (!form.transparent.empty())
    png_set_tRNS(png, info, form.transparent.data(),
                 int(form.transparent.size()), nullptr);
  std::string exif = form.exif;
  if (!exif.empty())
    png_set_eXIf_1(png, info, png_uint_32(exif.size()),
                   reinterpret_cast<png_bytep>(exif.data()));
  std::vector<png_bytep> pointers;
  for (int64_t row = 0; row != height; ++row)
    pointers.push_back(&rows[row * (int64_t(rows.size()) / height)]);
  png_set_rows(png, info, pointers.data());
  png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
  png_destroy_write_struct(&png, &info);
  return file;
}

inline std::string pngOf(const Image &image) {
  PngForm form;
  form.colour = image.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;
  return pngOf(image.height, image.width, image.pixels, form);
}

/// Of 1 channel, 3 or 4 inks; the best quality, all channels at full size.
inline std::string jpegOf(Image image, const std::string &exif = "") {
  jpeg_compress_struct jpeg;
  jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char *bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_width = JDIMENSION(image.width);
  jpeg.image_height = JDIMENSION(image.height);
  jpeg.input_components = int(image.channels);
  jpeg.in_color_space = image.channels == 1   ? JCS_GRAYSCALE
                        : image.channels == 3 ? JCS_RGB
                                              : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(&jpeg, TRUE);
  if (!exif.empty()) {
    std::string marker = std::string("Exif\0\0", 6) + exif;
    jpeg_write_marker(&jpeg, JPEG_APP0 + 1,
                      reinterpret_cast<const JOCTET *>(marker.data()),
                      unsigned(marker.size()));
  }
  for (int64_t row = 0; row != image.height; ++row) {
    JSAMPROW line = image.at(row, 0);
    jpeg_write_scanlines(&jpeg, &line, 1);
  }
  jpeg_finish_compress(&jpeg);
  std::string file(reinterpret_cast<char *>(bytes), size);
  jpeg_destroy_compress(&jpeg);
  free(bytes);
  return file;
}

/// What a camera adds that was held so; bytes of both orders.
inline std::string exifOf(int orientation, bool isLittle = false) {
  std::string big("MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0",
                  23),
      little("II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0", 22);
  big[19] = little[18] = char(orientation);
  return isLittle ? little : big;
}

} // namespace mlc

#endif // MLC_TEST_SAMPLES_PICTURES_H
