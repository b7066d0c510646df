//===- ImageFit.cpp - Pictures of the size that is wanted -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pillow's Resample.c, for bytes: a triangle over the source's pixels as wide
// as two of the result's, of at least two; weights of 22 bits; rows first,
// rounded to bytes, then columns.
//
//===----------------------------------------------------------------------===//

#include "Samples/Image.h"

#include <algorithm>
#include <cmath>

using namespace llvm;

namespace mlc {

namespace {

constexpr int kWeightBits = 22;

/// The pixels of a source's axis that one of the result's is a mean of.
struct Taps {
  int64_t first = 0;
  std::vector<int32_t> weights;
};

/// Part of an axis.
struct Span {
  float from, to;
};

} // namespace

static Taps tapsAt(double centre, double scale, int64_t size) {
  double reach = std::max(scale, 1.0);
  Taps taps;
  taps.first = std::max<int64_t>(int64_t(centre - reach + 0.5), 0);
  int64_t last = std::min<int64_t>(int64_t(centre + reach + 0.5), size);
  std::vector<double> weights;
  double sum = 0;
  for (int64_t i = taps.first; i < last; ++i) {
    double away = std::fabs((double(i) - centre + 0.5) * (1.0 / reach));
    weights.push_back(away < 1 ? 1 - away : 0);
    sum += weights.back();
  }
  for (double weight : weights) {
    double share = sum == 0 ? weight : weight / sum;
    taps.weights.push_back(int32_t(0.5 + share * (1 << kWeightBits)));
  }
  return taps;
}

static std::vector<Taps> tapsOf(Span span, int64_t size, int64_t wanted) {
  double scale = double(span.to - span.from) / double(wanted);
  std::vector<Taps> taps;
  for (int64_t i = 0; i != wanted; ++i)
    taps.push_back(tapsAt(span.from + (double(i) + 0.5) * scale, scale, size));
  return taps;
}

/// Means along one axis, whose pixels are `stride` bytes apart.
static void average(const Taps &taps, const uint8_t *from, int64_t stride,
                    int64_t channels, uint8_t *into) {
  for (int64_t channel = 0; channel != channels; ++channel) {
    int32_t sum = 1 << (kWeightBits - 1);
    const uint8_t *at = from + taps.first * stride + channel;
    for (int32_t weight : taps.weights) {
      sum += weight * *at;
      at += stride;
    }
    into[channel] = uint8_t(std::clamp(sum >> kWeightBits, 0, 255));
  }
}

static Image resizeRows(const Image &image, Span span, int64_t width) {
  if (image.width == width && span.from == 0 && span.to == float(width))
    return image;
  Image result = {image.height, width, image.channels, {}};
  result.pixels.resize(image.height * width * image.channels);
  std::vector<Taps> taps = tapsOf(span, image.width, width);
  for (int64_t row = 0; row != image.height; ++row)
    for (int64_t i = 0; i != width; ++i)
      average(taps[i], image.at(row, 0), image.channels, image.channels,
              result.at(row, i));
  return result;
}

static Image resizeColumns(const Image &image, Span span, int64_t height) {
  if (image.height == height && span.from == 0 && span.to == float(height))
    return image;
  Image result = {height, image.width, image.channels, {}};
  result.pixels.resize(height * image.width * image.channels);
  std::vector<Taps> taps = tapsOf(span, image.height, height);
  for (int64_t i = 0; i != height; ++i)
    for (int64_t column = 0; column != image.width; ++column)
      average(taps[i], image.at(0, column), image.width * image.channels,
              image.channels, result.at(i, column));
  return result;
}

Image fitImage(const Image &image, int64_t height, int64_t width) {
  double ratio = double(image.width) / double(image.height);
  double wanted = double(width) / double(height);
  double partWidth = double(image.width), partHeight = double(image.height);
  if (ratio > wanted)
    partWidth = wanted * partHeight;
  else if (ratio < wanted)
    partHeight = partWidth / wanted;
  double left = (double(image.width) - partWidth) * 0.5;
  double top = (double(image.height) - partHeight) * 0.5;
  Span columns = {float(left), float(left + partWidth)};
  Span rows = {float(top), float(top + partHeight)};
  return resizeColumns(resizeRows(image, columns, width), rows, height);
}

} // namespace mlc
