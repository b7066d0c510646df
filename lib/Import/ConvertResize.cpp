//===- ConvertResize.cpp - Resize and Upsample ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/ResizeTaps.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

namespace {

using Axes = llvm::SmallVector<AxisResize>;

/// The inputs that give scales, sizes and the region of interest; -1 where an
/// opset has none.
struct ResizeInputs {
  int roi = 1, scales = 2, sizes = 3;
};

ResizeInputs inputsOf(const Node &node) {
  if (node.opType() == "Upsample" || node.opset() < 11)
    return {-1, 1, -1};
  return {};
}

bool isGiven(const Node &node, int index) {
  if (index < 0 || !node.hasInput(index))
    return false;
  return cast<RankedTensorType>(node.inputs()[index].getType())
             .getNumElements() > 0;
}

/// Of all modes, the ones that every axis shares.
LogicalResult readModes(Node &node, AxisResize &common) {
  bool isOld = node.opset() < 11 || node.opType() == "Upsample";
  std::string mode = node.stringAttr("mode", "nearest");
  std::string coordinates =
      isOld ? "asymmetric"
            : node.stringAttr("coordinate_transformation_mode", "half_pixel");
  std::string nearest =
      isOld ? "floor" : node.stringAttr("nearest_mode", "round_prefer_floor");
  auto parsedMode = parseInterpolation(mode);
  auto parsedCoordinates = parseCoordinates(coordinates);
  auto parsedNearest = parseNearestMode(nearest);
  if (!parsedMode)
    return node.fail("mode '" + mode + "' is not supported");
  if (!parsedCoordinates)
    return node.fail("coordinate_transformation_mode '" + coordinates +
                     "' is not supported");
  if (!parsedNearest)
    return node.fail("nearest_mode '" + nearest + "' is not supported");
  common.mode = *parsedMode;
  common.coordinates = *parsedCoordinates;
  common.nearest = *parsedNearest;
  common.cubicA = node.floatAttr("cubic_coeff_a", -0.75);
  common.excludeOutside = node.intAttr("exclude_outside", 0);
  common.antialias = node.intAttr("antialias", 0);
  return success();
}

LogicalResult readScales(Node &node, int input, llvm::ArrayRef<int64_t> listed,
                         Axes &axes) {
  llvm::SmallVector<double> scales;
  if (input >= 0 && node.hasInput(input)) {
    FailureOr<llvm::SmallVector<double>> given = node.constantDoubles(input);
    if (failed(given))
      return failure();
    scales = *given;
  } else {
    llvm::append_range(scales, node.floatsAttr("scales"));
  }
  if (scales.size() != listed.size())
    return node.fail("has " + llvm::Twine(scales.size()) + " scales, " +
                     llvm::Twine(listed.size()) + " are required");
  for (auto [axis, scale] : llvm::zip(listed, scales)) {
    // In f32: 10 * 0.7 is 7, which the f32 next to 0.7 is not in double.
    double resized =
        std::floor(static_cast<float>(axes[axis].size) * float(scale));
    if (!(scale > 0) || !(resized <= (int64_t(1) << 31)))
      return node.fail("scale of axis " + llvm::Twine(axis) +
                       " is out of range");
    axes[axis].scale = scale;
    axes[axis].resized = static_cast<int64_t>(resized);
  }
  return success();
}

LogicalResult readSizes(Node &node, int input, llvm::ArrayRef<int64_t> listed,
                        Axes &axes) {
  FailureOr<llvm::SmallVector<int64_t>> sizes = node.constantInts(input);
  if (failed(sizes))
    return failure();
  if (sizes->size() != listed.size())
    return node.fail("has " + llvm::Twine(sizes->size()) + " sizes, " +
                     llvm::Twine(listed.size()) + " are required");
  std::string policy = node.stringAttr("keep_aspect_ratio_policy", "stretch");
  double least = 0, most = 0;
  for (auto [i, axis] : llvm::enumerate(listed)) {
    AxisResize &a = axes[axis];
    if ((*sizes)[i] < 1 || (*sizes)[i] > (int64_t(1) << 31) || a.size == 0)
      return node.fail("size of axis " + llvm::Twine(axis) +
                       " is out of range");
    a.resized = (*sizes)[i];
    a.scale = static_cast<float>(a.resized) / static_cast<float>(a.size);
    least = i == 0 ? a.scale : std::min(least, a.scale);
    most = std::max(most, a.scale);
  }
  if (policy == "stretch")
    return success();
  if (policy != "not_larger" && policy != "not_smaller")
    return node.fail("keep_aspect_ratio_policy '" + policy +
                     "' is not supported");
  for (int64_t axis : listed) {
    axes[axis].scale = policy == "not_larger" ? least : most;
    axes[axis].resized = static_cast<int64_t>(std::round(
        float(axes[axis].scale) * static_cast<float>(axes[axis].size)));
  }
  return success();
}

LogicalResult readRegion(Node &node, int input, llvm::ArrayRef<int64_t> listed,
                         Axes &axes) {
  FailureOr<llvm::SmallVector<double>> roi = node.constantDoubles(input);
  if (failed(roi))
    return failure();
  if (roi->size() != 2 * listed.size())
    return node.fail("has " + llvm::Twine(roi->size()) + " entries of roi, " +
                     llvm::Twine(2 * listed.size()) + " are required");
  for (auto [i, axis] : llvm::enumerate(listed)) {
    axes[axis].roiBegin = (*roi)[i];
    axes[axis].roiEnd = (*roi)[listed.size() + i];
  }
  return success();
}

FailureOr<Axes> readAxes(Node &node, Value x) {
  AxisResize common;
  if (failed(readModes(node, common)))
    return failure();
  Axes axes;
  for (int64_t size : nn::shapeOf(x)) {
    axes.push_back(common);
    axes.back().size = axes.back().resized = size;
  }
  llvm::SmallVector<int64_t> listed = node.intsAttr("axes");
  if (listed.empty())
    listed = llvm::to_vector(llvm::seq<int64_t>(0, axes.size()));
  for (int64_t &axis : listed) {
    FailureOr<int64_t> normal = node.normalizeAxis(axis, axes.size());
    if (failed(normal))
      return failure();
    axis = *normal;
  }
  ResizeInputs at = inputsOf(node);
  if (failed(isGiven(node, at.sizes)
                 ? readSizes(node, at.sizes, listed, axes)
                 : readScales(node, at.scales, listed, axes)))
    return failure();
  if (common.coordinates == ResizeCoordinates::tfCropAndResize &&
      failed(readRegion(node, at.roi, listed, axes)))
    return failure();
  return axes;
}

/// A result of the input's shape is the input, whatever the scales: as in
/// onnxruntime.
bool keepsShape(const Axes &axes) {
  return llvm::all_of(axes, [](const AxisResize &a) {
    return a.size == a.resized &&
           a.coordinates != ResizeCoordinates::tfCropAndResize;
  });
}

bool isIdentity(const AxisResize &a) {
  return a.size == a.resized && a.scale == 1 &&
         a.coordinates != ResizeCoordinates::tfCropAndResize;
}

/// How many times each element is repeated, where that is all there is; or 0.
int64_t repetition(const AxisResize &a, const AxisTaps &taps) {
  if (a.size == 0 || a.resized % a.size != 0)
    return 0;
  int64_t times = a.resized / a.size;
  for (auto [o, i] : llvm::enumerate(taps.indices))
    if (i != static_cast<int64_t>(o) / times)
      return 0;
  return times;
}

/// [..., n, ...] to [..., n * times, ...], all axes at once.
Value repeat(Node &node, Value x, llvm::ArrayRef<int64_t> times) {
  llvm::SmallVector<int64_t> apart, wide, joined;
  for (auto [size, count] : llvm::zip(nn::shapeOf(x), times)) {
    apart.push_back(size);
    wide.push_back(size);
    joined.push_back(size * count);
    if (count == 1)
      continue;
    apart.push_back(1);
    wide.push_back(count);
  }
  Value y = node.reshape(x, apart);
  return node.reshape(broadcast(node, y, wide), joined);
}

Value resizeNearest(Node &node, Value x, const Axes &axes) {
  llvm::SmallVector<int64_t> times(axes.size(), 1);
  llvm::SmallVector<std::pair<size_t, AxisTaps>> rest;
  for (auto [d, a] : llvm::enumerate(axes)) {
    if (isIdentity(a))
      continue;
    if (!node.affords(tapCount(a), 2 * sizeof(double)))
      return {};
    AxisTaps taps = resizeTaps(a);
    if (int64_t count = repetition(a, taps))
      times[d] = count;
    else
      rest.push_back({d, std::move(taps)});
  }
  // What shrinks goes first.
  for (auto &[d, taps] : rest)
    x = node.create<nn::GatherOp>(x, node.constantI64(taps.indices),
                                  node.builder.getI64IntegerAttr(d));
  if (llvm::any_of(times, [](int64_t count) { return count != 1; }) && x)
    x = repeat(node, x, times);
  return x;
}

Value resizeSmooth(Node &node, Value x, const Axes &axes) {
  Type element = nn::elementOf(x);
  Type real = element.isF64() ? element : node.builder.getF32Type();
  if (element != real)
    x = node.cast(x, real);
  // What shrinks most goes first: the others have less to do.
  llvm::SmallVector<size_t> order =
      llvm::to_vector(llvm::seq<size_t>(0, axes.size()));
  llvm::stable_sort(order, [&](size_t a, size_t b) {
    return axes[a].resized * axes[b].size < axes[b].resized * axes[a].size;
  });
  for (size_t d : order) {
    if (isIdentity(axes[d]) || !x)
      continue;
    if (!node.affords(tapCount(axes[d]), 2 * sizeof(double)))
      return {};
    AxisTaps taps = resizeTaps(axes[d]);
    llvm::SmallVector<int64_t> shape = {axes[d].resized, taps.taps};
    Value indices = node.reshape(node.constantI64(taps.indices), shape);
    x = node.create<nn::ResampleOp>(
        x, indices, floatConstant(node, taps.weights, shape, real),
        node.builder.getI64IntegerAttr(d));
  }
  return element == real ? x : node.cast(x, element);
}

/// tf_crop_and_resize puts a constant where it would read outside the input.
Value extrapolate(Node &node, Value y, const Axes &axes) {
  Value outside =
      node.scalar(nn::elementOf(y), node.floatAttr("extrapolation_value", 0));
  for (auto [d, a] : llvm::enumerate(axes)) {
    AxisTaps taps = resizeTaps(a);
    if (llvm::all_of(taps.inside, [](bool inside) { return inside; }))
      continue;
    llvm::SmallVector<int64_t> shape(axes.size() - d, 1);
    shape[0] = a.resized;
    auto type = RankedTensorType::get(shape, node.builder.getI1Type());
    Value mask = node.constant(DenseElementsAttr::get(type, taps.inside));
    y = node.create<nn::SelectOp>(mask, y, outside);
  }
  return y;
}

Values resize(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  FailureOr<Axes> axes = readAxes(node, x);
  if (failed(axes))
    return {};
  if (keepsShape(*axes))
    return {x};
  llvm::SmallVector<int64_t> shape;
  for (const AxisResize &a : *axes) {
    assert((a.size != 0 || a.resized == 0) && "sizes of nothing are refused");
    shape.push_back(a.resized);
  }
  if (failed(node.tensorType(shape, nn::elementOf(x))))
    return {};
  bool isNearest = (*axes)[0].mode == Interpolation::nearest;
  Value y =
      isNearest ? resizeNearest(node, x, *axes) : resizeSmooth(node, x, *axes);
  bool isCrop = (*axes)[0].coordinates == ResizeCoordinates::tfCropAndResize;
  return {isCrop && y ? extrapolate(node, y, *axes) : y};
}

} // namespace

llvm::ArrayRef<Converter> mlc::resizeConverters() {
  static const Converter table[] = {
      {"Resize", resize},
      {"Upsample", resize},
  };
  return table;
}
