//===- Synthetic.cpp - Samples of inputs that nobody has seen -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples/Synthetic.h"

#include "Samples/Source.h"
#include "Support/Philox.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace llvm;
using namespace mlc;

StringRef mlc::name(SyntheticInput::Look look) {
  switch (look) {
  case SyntheticInput::Look::Images:
    return "images";
  case SyntheticInput::Look::Noise:
    return "noise";
  case SyntheticInput::Look::Integers:
    return "integers";
  }
  llvm_unreachable("no such look");
}

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

namespace {

/// Planes of pixels from 0 to 1.
class Picture {
public:
  Picture(int64_t channels, int64_t height, int64_t width)
      : channels(channels), height(height), width(width),
        pixels(channels * height * width) {}

  float &at(int64_t c, int64_t y, int64_t x) {
    return pixels[(c * height + y) * width + x];
  }
  void fill(Philox &random);
  void addShape(Philox &random);
  /// A slope of brightness, and the noise of a sensor.
  void light(Philox &random);

  const int64_t channels, height, width;

private:
  /// A brightness, and channels about it: most colours are nearly grey.
  std::vector<float> color(Philox &random) const;

  std::vector<float> pixels;
};

} // namespace

std::vector<float> Picture::color(Philox &random) const {
  double brightness = random.uniform(), spread = random.uniform();
  std::vector<float> result(channels);
  for (float &value : result)
    value = static_cast<float>(
        std::clamp(brightness + (random.uniform() - 0.5) * spread, 0.0, 1.0));
  return result;
}

void Picture::fill(Philox &random) {
  std::vector<float> background = color(random);
  for (int64_t c = 0; c < channels; ++c)
    std::fill_n(&at(c, 0, 0), height * width, background[c]);
}

/// A disc or an upright rectangle. Small ones are more frequent, by a cube.
void Picture::addShape(Philox &random) {
  double u = random.uniform();
  double radius = 0.5 * std::min(height, width) * (0.06 + u * u * u);
  double cy = random.uniform() * height, cx = random.uniform() * width;
  bool isDisc = random.uniform() < 0.5;
  double half = isDisc ? radius : 2 * radius * random.uniform();
  std::vector<float> fill = color(random);
  auto clip = [](double at, int64_t size) {
    return std::clamp<int64_t>(static_cast<int64_t>(std::ceil(at)), 0, size);
  };
  for (int64_t y = clip(cy - radius, height), end = clip(cy + radius, height);
       y < end; ++y) {
    double dy = y - cy;
    double reach =
        isDisc ? std::sqrt(std::max(0.0, radius * radius - dy * dy)) : half;
    int64_t from = clip(cx - reach, width), to = clip(cx + reach, width);
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t x = from; x < to; ++x)
        at(c, y, x) = fill[c];
  }
}

void Picture::light(Philox &random) {
  constexpr double steepest = 0.4, noise = 0.02;
  double slopeX = (random.uniform() - 0.5) * steepest / width;
  double slopeY = (random.uniform() - 0.5) * steepest / height;
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t y = 0; y < height; ++y)
      for (int64_t x = 0; x < width; ++x) {
        double lit = at(c, y, x) + slopeX * (x - 0.5 * width) +
                     slopeY * (y - 0.5 * height) + noise * random.normal();
        at(c, y, x) = static_cast<float>(std::clamp(lit, 0.0, 1.0));
      }
}

static Picture drawPicture(Philox &random, int64_t channels, int64_t height,
                           int64_t width) {
  constexpr int shapes = 40;
  Picture picture(channels, height, width);
  picture.fill(random);
  for (int i = 0; i < shapes; ++i)
    picture.addShape(random);
  picture.light(random);
  return picture;
}

/// Of each image of a sample of rank 4.
template <typename Set>
static void drawImages(Philox &random, const SyntheticInput &input,
                       ArrayRef<int64_t> shape, Set set) {
  int64_t rows = shape[0];
  bool last = input.channelsLast;
  int64_t channels = shape[last ? 3 : 1];
  int64_t height = shape[last ? 1 : 2], width = shape[last ? 2 : 3];
  int64_t place = 0;
  for (int64_t row = 0; row < rows; ++row) {
    Picture picture = drawPicture(random, channels, height, width);
    int64_t outer = last ? 1 : channels, inner = last ? channels : 1;
    for (int64_t c = 0; c < outer; ++c)
      for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x)
          for (int64_t i = 0; i < inner; ++i)
            set(place++, input.low + (input.high - input.low) *
                                         picture.at(last ? i : c, y, x));
  }
}

//===----------------------------------------------------------------------===//
// Noise
//===----------------------------------------------------------------------===//

/// Adds noise that is linear between points `cell` apart, of mean 0 and
/// variance 1 at these, and returns its mean variance.
static double addOctave(Philox &random, int64_t rows, int64_t columns,
                        int64_t cell, MutableArrayRef<double> noise) {
  int64_t down = (rows - 1) / cell + 2, across = (columns - 1) / cell + 2;
  std::vector<double> points(down * across);
  for (double &point : points)
    point = random.normal();
  double squares = 0;
  for (int64_t y = 0; y < rows; ++y)
    for (int64_t x = 0; x < columns; ++x) {
      double v = static_cast<double>(y % cell) / cell;
      double u = static_cast<double>(x % cell) / cell;
      const double *p = &points[(y / cell) * across + x / cell];
      double weights[] = {(1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u};
      noise[y * columns + x] += weights[0] * p[0] + weights[1] * p[1] +
                                weights[2] * p[across] +
                                weights[3] * p[across + 1];
      for (double weight : weights)
        squares += weight * weight;
    }
  return squares / static_cast<double>(rows * columns);
}

template <typename Set>
static void drawNoise(Philox &random, const SyntheticInput &input,
                      ArrayRef<int64_t> shape, Set set) {
  int64_t columns = 1, rows = 1, planes = 1;
  for (int64_t size : reverse(shape))
    (size == 1 || columns == 1 ? columns : rows == 1 ? rows : planes) *= size;
  double middle = 0.5 * (input.low + input.high);
  double loudness = input.deviation * std::exp(0.7 * random.normal());
  std::vector<double> noise(rows * columns);
  for (int64_t plane = 0; plane < planes; ++plane) {
    fill(noise, 0);
    double variance = 0;
    for (int64_t cell = 1; cell == 1 || cell < std::max(rows, columns);
         cell *= 2)
      variance += addOctave(random, rows, columns, cell, noise);
    for (int64_t i = 0; i < rows * columns; ++i)
      set(plane * rows * columns + i,
          std::clamp(middle + loudness * noise[i] / std::sqrt(variance),
                     input.low, input.high));
  }
}

//===----------------------------------------------------------------------===//
// Samples
//===----------------------------------------------------------------------===//

template <typename Set>
static void drawIntegers(Philox &random, const SyntheticInput &input,
                         int64_t count, Set set) {
  for (int64_t i = 0; i < count; ++i)
    set(i, std::min(input.high,
                    std::floor(input.low + random.uniform() *
                                               (input.high - input.low + 1))));
}

class Samples::Synthetic : public Source {
public:
  Synthetic(ArrayRef<Wanted> wanted, ArrayRef<SyntheticInput> inputs,
            int64_t count)
      : Source(wanted), inputs(inputs) {
    samples = count;
  }

  Error read(int64_t first, int64_t count,
             MutableArrayRef<Tensor> tensors) override;
  std::string place(size_t, int64_t sample) const override {
    return "synthetic sample " + std::to_string(sample) + ":";
  }

private:
  template <typename T>
  void draw(size_t i, int64_t sample, T *into) const;

  std::vector<SyntheticInput> inputs;
};

template <typename T>
void Samples::Synthetic::draw(size_t i, int64_t sample, T *into) const {
  // Inputs have keys of their own, as far apart as samples are many.
  Philox random((uint64_t(i) << 48) ^ uint64_t(sample));
  ArrayRef<int64_t> shape = infos[i].shape;
  auto set = [&](int64_t at, double value) {
    into[at] = static_cast<T>(value);
  };
  switch (inputs[i].look) {
  case SyntheticInput::Look::Images:
    return drawImages(random, inputs[i], shape, set);
  case SyntheticInput::Look::Noise:
    return drawNoise(random, inputs[i], shape, set);
  case SyntheticInput::Look::Integers:
    return drawIntegers(random, inputs[i], cantFail(elementCount(shape)), set);
  }
}

Error Samples::Synthetic::read(int64_t first, int64_t count,
                               MutableArrayRef<Tensor> tensors) {
  for (size_t i = 0; i != tensors.size(); ++i)
    visitElementType(infos[i].type, [&](auto zero) {
      auto values = tensors[i].values<decltype(zero)>();
      for (int64_t k = 0; k != count; ++k)
        draw(i, first + k, values.data() + k * int64_t(values.size()) / count);
    });
  return Error::success();
}

Samples Samples::synthetic(ArrayRef<Wanted> wanted,
                           ArrayRef<SyntheticInput> inputs, int64_t count) {
  return Samples(std::make_unique<Synthetic>(wanted, inputs, count));
}
