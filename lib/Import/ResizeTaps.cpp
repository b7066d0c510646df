//===- ResizeTaps.cpp - Interpolation along one axis ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/ResizeTaps.h"

#include "llvm/ADT/StringSwitch.h"

#include <algorithm>
#include <cmath>

using namespace mlc;

/// Where output element `x` lies in the input, computed in Real.
template <typename Real>
static Real coordinate(const AxisResize &a, Real x) {
  constexpr Real half(0.5);
  Real scale(a.scale), size(a.size), resized(a.resized);
  switch (a.coordinates) {
  case ResizeCoordinates::halfPixel:
    return (x + half) / scale - half;
  case ResizeCoordinates::halfPixelSymmetric: {
    Real adjustment = resized / (scale * size);
    Real offset = size / 2 * (1 - adjustment);
    return Real(offset + (double(x) + 0.5) / double(scale) - 0.5);
  }
  case ResizeCoordinates::pytorchHalfPixel:
    return a.resized == 1 ? 0 : (x + half) / scale - half;
  case ResizeCoordinates::alignCorners:
    return a.resized == 1 ? 0 : x * (size - 1) / (resized - 1);
  case ResizeCoordinates::asymmetric:
    return x / scale;
  case ResizeCoordinates::tfHalfPixelForNN:
    return (x + half) / scale;
  case ResizeCoordinates::tfCropAndResize: {
    Real begin(a.roiBegin), end(a.roiEnd);
    if (a.resized == 1)
      return half * (begin + end) * (size - 1);
    return begin * (size - 1) + x * (end - begin) * (size - 1) / (resized - 1);
  }
  }
  return 0;
}

/// Scales come as f32 or as quotients of sizes: what is that close to a
/// multiple of one half is meant to be one.
static double snapped(double x) {
  double half = std::round(2 * x) / 2;
  return std::fabs(x - half) < 1e-6 * std::max(1.0, std::fabs(x)) ? half : x;
}

static double cubicWeight(double distance, double a) {
  double x = std::fabs(distance);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

static double linearWeight(double distance) {
  return std::max(0.0, 1 - std::fabs(distance));
}

/// What is within a millionth of halfway is halfway, as in onnxruntime.
static float nearestElement(NearestMode mode, float x) {
  constexpr float halfway = 1e-6f;
  float left = std::floor(x), distance = x - left - 0.5f;
  switch (mode) {
  case NearestMode::preferFloor:
    return left + (distance >= halfway);
  case NearestMode::preferCeil:
    return left + (distance > -halfway);
  case NearestMode::floor:
    return left;
  case NearestMode::ceil:
    return std::ceil(x);
  }
  return left;
}

namespace {
/// The filter: taps from base + first on, and their weights.
struct Filter {
  int64_t first, taps;
  double stretch; ///< distances are multiplied by this
};
} // namespace

static double stretchOf(const AxisResize &a) {
  bool isWide = a.antialias && a.mode != Interpolation::nearest;
  return isWide ? std::min(a.scale, 1.0) : 1.0;
}

static double radiusOf(const AxisResize &a) {
  return a.mode == Interpolation::cubic ? 2 : 1;
}

double mlc::tapCount(const AxisResize &a) {
  double taps = a.mode == Interpolation::nearest
                    ? 1
                    : 2 * std::ceil(radiusOf(a) / stretchOf(a));
  return taps * static_cast<double>(a.resized);
}

static Filter filterOf(const AxisResize &a) {
  double stretch = stretchOf(a), radius = radiusOf(a);
  int64_t first = static_cast<int64_t>(std::floor(-radius / stretch)) + 1;
  return {first, 2 - 2 * first, stretch};
}

static void appendElement(AxisTaps &result, const AxisResize &a,
                          const Filter &filter, double x) {
  double base = std::ceil(x) - 1, ratio = x - base;
  size_t start = result.weights.size();
  double sum = 0;
  for (int64_t t = 0; t < filter.taps; ++t) {
    double distance = (filter.first + t - ratio) * filter.stretch;
    double weight = a.mode == Interpolation::cubic
                        ? cubicWeight(distance, a.cubicA)
                        : linearWeight(distance);
    int64_t index = static_cast<int64_t>(base) + filter.first + t;
    if (a.excludeOutside && (index < 0 || index >= a.size))
      weight = 0;
    sum += weight;
    result.weights.push_back(weight);
    result.indices.push_back(std::clamp<int64_t>(index, 0, a.size - 1));
  }
  if (!a.excludeOutside && !a.antialias)
    return;
  for (size_t i = start; sum != 0 && i < result.weights.size(); ++i)
    result.weights[i] /= sum;
}

AxisTaps mlc::resizeTaps(const AxisResize &a) {
  AxisTaps result;
  if (a.resized == 0)
    return result;
  bool isNearest = a.mode == Interpolation::nearest;
  Filter filter = filterOf(a);
  result.taps = isNearest ? 1 : filter.taps;
  for (int64_t o = 0; o < a.resized; ++o) {
    // Which is nearest depends on the last bit: f32, as in onnxruntime.
    double x = isNearest ? coordinate<float>(a, float(o))
                         : snapped(coordinate<double>(a, double(o)));
    if (std::isnan(x)) // of a region that is none
      x = 0;
    if (a.coordinates == ResizeCoordinates::tfCropAndResize)
      result.inside.push_back(x >= 0 && x <= a.size - 1);
    // A coordinate far outside means the edge; it must not overflow.
    x = std::clamp(x, -2.0 - filter.taps, a.size + 2.0 + filter.taps);
    if (!isNearest) {
      appendElement(result, a, filter, x);
      continue;
    }
    int64_t index = static_cast<int64_t>(nearestElement(a.nearest, float(x)));
    result.indices.push_back(std::clamp<int64_t>(index, 0, a.size - 1));
    result.weights.push_back(1);
  }
  return result;
}

std::optional<Interpolation> mlc::parseInterpolation(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<Interpolation>>(name)
      .Case("nearest", Interpolation::nearest)
      .Cases({"linear", "bilinear"}, Interpolation::linear)
      .Case("cubic", Interpolation::cubic)
      .Default(std::nullopt);
}

std::optional<ResizeCoordinates> mlc::parseCoordinates(llvm::StringRef name) {
  using C = ResizeCoordinates;
  return llvm::StringSwitch<std::optional<C>>(name)
      .Case("half_pixel", C::halfPixel)
      .Case("half_pixel_symmetric", C::halfPixelSymmetric)
      .Case("pytorch_half_pixel", C::pytorchHalfPixel)
      .Case("align_corners", C::alignCorners)
      .Case("asymmetric", C::asymmetric)
      .Case("tf_half_pixel_for_nn", C::tfHalfPixelForNN)
      .Case("tf_crop_and_resize", C::tfCropAndResize)
      .Default(std::nullopt);
}

std::optional<NearestMode> mlc::parseNearestMode(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<NearestMode>>(name)
      .Case("round_prefer_floor", NearestMode::preferFloor)
      .Case("round_prefer_ceil", NearestMode::preferCeil)
      .Case("floor", NearestMode::floor)
      .Case("ceil", NearestMode::ceil)
      .Default(std::nullopt);
}
