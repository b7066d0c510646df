//===- ResizeTaps.h - Interpolation along one axis --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX Resize is separable, and all that it depends on is known at compile
// time: along each axis every output element is a weighted sum of a few input
// elements. This computes which and how much, in double; which element is
// nearest in f32, step by step as onnxruntime does, for its last bit decides.
//
// The size of the result, not scale * size, is what align_corners aligns: the
// text of the operator and onnxruntime agree on that, ONNX's reference does not
// where the scale is fractional.
//
// Example: size 2, resized 4, scale 2, half_pixel, linear gives for element 1
// (at 0.25 of the input) the indices 0, 1 with the weights 0.75, 0.25.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_RESIZETAPS_H
#define MLC_IMPORT_RESIZETAPS_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace mlc {

enum class Interpolation { nearest, linear, cubic };

enum class ResizeCoordinates {
  halfPixel,
  halfPixelSymmetric,
  pytorchHalfPixel,
  alignCorners,
  asymmetric,
  tfHalfPixelForNN,
  tfCropAndResize
};

enum class NearestMode { preferFloor, preferCeil, floor, ceil };

struct AxisResize {
  int64_t size = 1, resized = 1;
  double scale = 1; ///< resized elements per input element, as the model has it
  Interpolation mode = Interpolation::nearest;
  ResizeCoordinates coordinates = ResizeCoordinates::halfPixel;
  NearestMode nearest = NearestMode::preferFloor;
  double cubicA = -0.75;
  bool excludeOutside = false, antialias = false;
  double roiBegin = 0, roiEnd = 1;
};

/// `taps` indices, in [0, size), and weights per output element, row-major.
struct AxisTaps {
  int64_t taps = 1;
  llvm::SmallVector<int64_t> indices;
  llvm::SmallVector<double> weights;
  /// For tfCropAndResize: whether the element lies in the input.
  llvm::SmallVector<bool> inside;
};

AxisTaps resizeTaps(const AxisResize &axis);

/// How many taps these are, without them: scales next to 0 make filters without
/// end.
double tapCount(const AxisResize &axis);

/// Names as ONNX has them; nullopt for others.
std::optional<Interpolation> parseInterpolation(llvm::StringRef name);
std::optional<ResizeCoordinates> parseCoordinates(llvm::StringRef name);
std::optional<NearestMode> parseNearestMode(llvm::StringRef name);

} // namespace mlc

#endif // MLC_IMPORT_RESIZETAPS_H
