//===- JpegImage.cpp - JPEG by libjpeg-turbo ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples/Decode.h"

#include <cstdio> // jpeglib.h needs its FILE

#include <jpeglib.h>

#include <jerror.h>

#include <csetjmp>

using namespace llvm;

namespace mlc {

namespace {

/// What libjpeg works on. It leaves by longjmp, past no destructor: all that
/// owns memory is here.
struct JpegReader {
  JpegReader();
  ~JpegReader() { jpeg_destroy_decompress(&jpeg); }

  /// Whether it came to the end; `problem` says why not.
  bool read(StringRef bytes);

  jpeg_decompress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg_progress_mgr progress = {};
  std::jmp_buf back;
  std::string problem;
  StoredImage result;
  std::vector<uint8_t> line; ///< of four inks

private:
  void readHeader();
  void readPixels();
  void printLine(uint8_t *into) const;
};

} // namespace

static JpegReader &readerOf(j_common_ptr jpeg) {
  return *static_cast<JpegReader *>(jpeg->client_data);
}

static void failJpeg(j_common_ptr jpeg) {
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  readerOf(jpeg).problem = text;
  std::longjmp(readerOf(jpeg).back, 1);
}

/// Of what libjpeg only warns of, an end that is missing is an error: the rest
/// of the picture would be grey.
static void hear(j_common_ptr jpeg, int) {
  if (jpeg->err->msg_code != JWRN_JPEG_EOF)
    return;
  readerOf(jpeg).problem = "the file ends early";
  std::longjmp(readerOf(jpeg).back, 1);
}

/// A file of a few kilobytes can have any number of scans over a large picture.
static void countScans(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= 200)
    return;
  readerOf(jpeg).problem = "has more than 200 scans";
  std::longjmp(readerOf(jpeg).back, 1);
}

JpegReader::JpegReader() {
  jpeg.err = jpeg_std_error(&errors);
  errors.error_exit = failJpeg;
  errors.emit_message = hear;
  progress.progress_monitor = countScans;
}

/// "Exif", two zeros, and the same as in other files.
static void takeExif(const jpeg_decompress_struct &jpeg, std::string &exif) {
  for (jpeg_saved_marker_ptr m = jpeg.marker_list; m; m = m->next) {
    StringRef data(reinterpret_cast<const char *>(m->data), m->data_length);
    if (m->marker == JPEG_APP0 + 1 &&
        data.consume_front(StringRef("Exif\0\0", 6))) {
      exif = data.str();
      return;
    }
  }
}

void JpegReader::readHeader() {
  jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&jpeg, TRUE);
  takeExif(jpeg, result.exif);
  bool isGrey = jpeg.num_components == 1, isInk = jpeg.num_components == 4;
  jpeg.out_color_space = isGrey ? JCS_GRAYSCALE : isInk ? JCS_CMYK : JCS_RGB;
  problem = makeImage(jpeg.image_height, jpeg.image_width, isGrey ? 1 : 3,
                      result.image);
  if (!problem.empty())
    std::longjmp(back, 1);
  if (isInk)
    line.resize(4 * size_t(jpeg.image_width));
}

/// a * b / 255, rounded.
static int parts(int a, int b) {
  int product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

/// Four inks on white paper. Files that say they are Adobe's have what the inks
/// leave.
void JpegReader::printLine(uint8_t *into) const {
  int inverse = jpeg.saw_Adobe_marker ? 255 : 0;
  for (size_t i = 0; i != line.size(); i += 4) {
    int light = 255 - (line[i + 3] ^ inverse);
    for (int channel = 0; channel != 3; ++channel)
      *into++ = uint8_t(
          std::max(light - parts(line[i + channel] ^ inverse, light), 0));
  }
}

void JpegReader::readPixels() {
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    uint8_t *row = result.image.at(jpeg.output_scanline, 0);
    JSAMPROW into = line.empty() ? row : line.data();
    jpeg_read_scanlines(&jpeg, &into, 1);
    if (!line.empty())
      printLine(row);
  }
  jpeg_finish_decompress(&jpeg);
}

bool JpegReader::read(StringRef bytes) {
  if (setjmp(back))
    return false;
  jpeg_create_decompress(&jpeg);
  jpeg.client_data = this;
  jpeg.progress = &progress;
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char *>(bytes.data()),
               bytes.size());
  readHeader();
  readPixels();
  return true;
}

Expected<StoredImage> decodeJpeg(StringRef bytes) {
  JpegReader reader;
  if (!reader.read(bytes))
    return createStringError(reader.problem);
  return std::move(reader.result);
}

} // namespace mlc
