//===- ConvertGrid.cpp - Sampling at coordinates --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An image or volume is a matrix with a row of channels for each of its pixels:
// a sample is a weighted sum of rows. Coordinates are [N, P], one tensor a
// dimension.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/Windows.h"

using namespace mlir;
using namespace mlc;

namespace {

using Dims = llvm::SmallVector<int64_t>;
using Coordinates = llvm::SmallVector<Value, 3>;

//===----------------------------------------------------------------------===//
// Samples
//===----------------------------------------------------------------------===//

/// Sampling of an image or volume [N, C, sizes...] at real coordinates.
class Sampler {
public:
  Sampler(Node &node, Value x, std::string padding, bool alignCorners)
      : node(node), shape(nn::shapeOf(x)),
        sizes(shape.begin() + 2, shape.end()), padding(std::move(padding)),
        alignCorners(alignCorners) {
    Dims last = {0};
    llvm::append_range(last, llvm::seq<int64_t>(2, shape.size()));
    last.push_back(1);
    rows = node.reshape(node.transpose(x, last),
                        {shape[0] * dimProduct(sizes), shape[1]});
  }

  /// Grid coordinates in [-1, 1] as pixels of dimension `d`.
  Value toPixels(Value v, size_t d) {
    double scale = alignCorners ? (sizes[d] - 1) / 2.0 : sizes[d] / 2.0;
    return withScalar<nn::AddOp>(node, withScalar<nn::MulOp>(node, v, scale),
                                 (sizes[d] - 1) / 2.0);
  }

  /// A coordinate folded into the image; as it is with zeros around.
  Value fold(Value v, size_t d) {
    int64_t size = sizes[d];
    if (padding == "border")
      return clamp(v, 0, size - 1);
    if (padding != "reflection")
      return v;
    double low = alignCorners ? 0 : -0.5,
           high = alignCorners ? size - 1 : size - 0.5, span = high - low;
    if (span <= 0)
      return withScalar<nn::MulOp>(node, v, 0);
    // A triangle wave of period 2 * span.
    Value from = withScalar<nn::SubOp>(node, v, low);
    Value periods =
        node.create<nn::FloorOp>(withScalar<nn::DivOp>(node, from, 2 * span));
    Value rest = node.create<nn::SubOp>(
        from, withScalar<nn::MulOp>(node, periods, 2 * span));
    if (!rest)
      return {};
    Value mirrored =
        node.create<nn::SubOp>(node.scalar(nn::elementOf(v), 2 * span), rest);
    Value folded = withScalar<nn::AddOp>(
        node, node.create<nn::MinOp>(rest, mirrored), low);
    return clamp(folded, 0, size - 1);
  }

  /// The sum of the rows around, or the nearest one: [N, P, C].
  Value sample(const Coordinates &at, llvm::StringRef mode);

private:
  /// Rows of C at whole coordinates; zero outside where padding says so.
  Value pixel(const Coordinates &at) {
    Type i64 = node.builder.getI64Type();
    Value inside, row;
    int64_t stride = dimProduct(sizes);
    for (auto [d, raw] : llvm::enumerate(at)) {
      Value v = fold(raw, d);
      if (!v)
        return {};
      if (padding == "zeros") {
        Value own = isInside(v, sizes[d]);
        inside = inside ? node.create<nn::AndOp>(inside, own) : own;
      }
      stride /= sizes[d];
      Value place = node.cast(clamp(v, 0, sizes[d] - 1), i64);
      place = withScalar<nn::MulOp>(node, place, stride);
      row = row ? node.create<nn::AddOp>(row, place) : place;
    }
    row = node.create<nn::AddOp>(
        row, iota(node, shape[0], i64, 0, 2, 0, dimProduct(sizes)));
    Value v = gatherRows(node, rows, row);
    if (!inside || !v)
      return v;
    return node.create<nn::SelectOp>(asColumn(inside), v,
                                     node.scalar(nn::elementOf(v), 0));
  }

  /// [N, P] as [N, P, 1], to go with rows.
  Value asColumn(Value v) {
    if (!v)
      return {};
    Dims column(nn::shapeOf(v));
    column.push_back(1);
    return node.reshape(v, column);
  }

  Value clamp(Value v, double low, double high) {
    if (!v)
      return {};
    Type element = nn::elementOf(v);
    return node.create<nn::ClampOp>(v, node.scalar(element, low),
                                    node.scalar(element, high));
  }
  Value isInside(Value v, int64_t size) {
    return node.create<nn::AndOp>(
        withScalar<nn::GreaterOrEqualOp>(node, v, 0),
        withScalar<nn::LessOrEqualOp>(node, v, size - 1));
  }

  Node &node;
  Dims shape, sizes;
  std::string padding;
  bool alignCorners;
  Value rows;
};

/// Weights of the taps around a coordinate with the fraction `f`.
llvm::SmallVector<Value> tapWeights(Node &node, Value f, bool isCubic) {
  auto one = [&] { return node.scalar(nn::elementOf(f), 1); };
  Value g = node.create<nn::SubOp>(one(), f);
  if (!isCubic)
    return {g, f};
  constexpr double a = -0.75;
  auto near = [&](Value x) { // ((a + 2) x - (a + 3)) x x + 1
    Value v = withScalar<nn::SubOp>(node, withScalar<nn::MulOp>(node, x, a + 2),
                                    a + 3);
    v = node.create<nn::MulOp>(node.create<nn::MulOp>(v, x), x);
    return withScalar<nn::AddOp>(node, v, 1);
  };
  auto far = [&](Value x) { // ((a x - 5 a) x + 8 a) x - 4 a, of x + 1
    x = withScalar<nn::AddOp>(node, x, 1);
    Value v =
        withScalar<nn::SubOp>(node, withScalar<nn::MulOp>(node, x, a), 5 * a);
    v = withScalar<nn::AddOp>(node, node.create<nn::MulOp>(v, x), 8 * a);
    return withScalar<nn::SubOp>(node, node.create<nn::MulOp>(v, x), 4 * a);
  };
  return {far(f), near(f), near(g), far(g)};
}

Value Sampler::sample(const Coordinates &at, llvm::StringRef mode) {
  Coordinates floors;
  llvm::SmallVector<llvm::SmallVector<Value>> weights;
  bool isCubic = mode == "cubic";
  for (Value v : at) {
    if (mode == "nearest") {
      floors.push_back(node.create<nn::RoundOp>(v));
      continue;
    }
    floors.push_back(node.create<nn::FloorOp>(v));
    Value fraction =
        floors.back() ? node.create<nn::SubOp>(v, floors.back()) : Value();
    if (!fraction)
      return {};
    weights.push_back(tapWeights(node, fraction, isCubic));
  }
  if (mode == "nearest")
    return pixel(floors);
  int64_t taps = isCubic ? 4 : 2, first = isCubic ? -1 : 0, all = 1;
  for (size_t d = 0; d < at.size(); ++d)
    all *= taps;
  Value sum;
  for (int64_t i = 0; i < all; ++i) {
    Coordinates place;
    Value weight;
    int64_t left = i, stride = all;
    for (size_t d = 0; d < at.size(); ++d) {
      stride /= taps;
      int64_t tap = left / stride;
      left %= stride;
      place.push_back(withScalar<nn::AddOp>(node, floors[d], first + tap));
      Value own = weights[d][tap];
      weight = weight ? node.create<nn::MulOp>(weight, own) : own;
    }
    Value tap = node.create<nn::MulOp>(pixel(place), asColumn(weight));
    sum = sum ? node.create<nn::AddOp>(sum, tap) : tap;
  }
  return sum;
}

/// Coordinates need more than the precision of narrow floats.
Type realType(Node &node, Value x) {
  return nn::elementOf(x).isF64() ? nn::elementOf(x)
                                  : Type(node.builder.getF32Type());
}

/// [N, P, C] as [N, C, sizes...].
Value channelsFirst(Node &node, Value rows, ArrayRef<int64_t> sizes) {
  if (!rows)
    return {};
  Dims shape = {nn::shapeOf(rows)[0], nn::shapeOf(rows)[2]};
  llvm::append_range(shape, sizes);
  return node.reshape(node.transpose(rows, {0, 2, 1}), shape);
}

//===----------------------------------------------------------------------===//
// Grids
//===----------------------------------------------------------------------===//

Values gridSample(Node &node) {
  Value x = node.input(0), grid = node.input(1);
  if (!x || !grid)
    return {};
  Dims s(nn::shapeOf(x)), g(nn::shapeOf(grid));
  int64_t rank = static_cast<int64_t>(s.size()) - 2;
  std::string mode = node.stringAttr("mode", "linear"),
              padding = node.stringAttr("padding_mode", "zeros");
  mode = mode == "bilinear" ? "linear" : mode == "bicubic" ? "cubic" : mode;
  bool isKnown = mode == "linear" || mode == "cubic" || mode == "nearest";
  if ((rank != 2 && rank != 3) || g.size() != s.size() || g[0] != s[0] ||
      g.back() != rank || !isKnown || dimProduct(s) == 0) {
    node.error() << "input is " << x.getType() << ", grid " << grid.getType()
                 << " and mode '" << mode
                 << "'; images with a grid of pairs, or volumes with one of "
                    "triples, are supported";
    return {};
  }
  Type element = nn::elementOf(x);
  if (!isa<FloatType>(element)) {
    node.error() << "samples " << element << ", floats are supported";
    return {};
  }
  Type real = realType(node, x);
  x = node.cast(x, real);
  Dims places(g.begin() + 1, g.end() - 1);
  int64_t count = dimProduct(places);
  Value flat = node.reshape(node.cast(grid, real), {g[0], count, rank});
  Sampler sampler(node, x, padding, node.intAttr("align_corners", 0));
  Coordinates at;
  for (int64_t d = 0; d < rank; ++d) {
    // A grid has the innermost dimension first.
    Value own =
        node.reshape(node.slice(flat, 2, rank - 1 - d, 1), {g[0], count});
    own = sampler.toPixels(own, d);
    if (padding != "zeros" && mode != "cubic")
      own = sampler.fold(own, d);
    at.push_back(own);
  }
  if (node.failed())
    return {};
  return {node.cast(channelsFirst(node, sampler.sample(at, mode), places),
                    element)};
}

/// Place `i` of a dimension from -1 to 1: pixel centres, or corners on its
/// ends.
double gridPlace(int64_t i, int64_t size, bool alignCorners) {
  if (alignCorners)
    return size == 1 ? 0 : -1 + 2.0 * i / (size - 1);
  return -1 + (2.0 * i + 1) / size;
}

/// A product of theta [N, rank, rank + 1] and all places, with a 1 below them.
Values affineGrid(Node &node) {
  Value theta = node.input(0);
  FailureOr<Dims> size = node.constantInts(1);
  if (!theta || failed(size))
    return {};
  Dims t(nn::shapeOf(theta));
  int64_t rank = static_cast<int64_t>(size->size()) - 2;
  if ((rank != 2 && rank != 3) || t != Dims{size->front(), rank, rank + 1} ||
      failed(node.tensorType(*size, nn::elementOf(theta)))) {
    if (!node.failed())
      node.error() << "theta is " << theta.getType() << " for a size of "
                   << size->size()
                   << " dimensions; [N, 2, 3] with 4 or [N, 3, 4] with 5 are "
                      "required";
    return {};
  }
  Dims sizes(size->begin() + 2, size->end()),
      strides = nn::rowMajorStrides(sizes);
  int64_t count = dimProduct(sizes);
  bool alignCorners = node.intAttr("align_corners", 0);
  if (!node.affords(static_cast<double>(rank + 1) * count))
    return {};
  llvm::SmallVector<double> places;
  for (int64_t d = rank - 1; d >= 0; --d)
    for (int64_t p = 0; p < count; ++p)
      places.push_back(
          gridPlace(p / strides[d] % sizes[d], sizes[d], alignCorners));
  places.append(count, 1);
  Value base =
      floatConstant(node, places, {rank + 1, count}, nn::elementOf(theta));
  if (!base)
    return {};
  Value y = node.finish(
      nn::MatmulOp::create(node.builder, node.loc, theta.getType(), theta, base,
                           Value(), ValueRange(), UnitAttr()));
  Dims shape = {t[0]};
  llvm::append_range(shape, sizes);
  shape.push_back(rank);
  return {node.reshape(node.transpose(y, {0, 2, 1}), shape)};
}

//===----------------------------------------------------------------------===//
// Deformable convolution
//===----------------------------------------------------------------------===//

/// What a DeformConv reads, checked.
struct Deformable {
  Value x, weights, offset, bias, mask;
  WindowAttributes window;
  Dims kernel, sizes; ///< of the window, and of the result
  int64_t images, channels, groups, offsetGroups, taps, places;
};

FailureOr<Deformable> readDeformable(Node &node) {
  Deformable d;
  d.x = node.input(0);
  d.weights = node.input(1);
  d.offset = node.input(2);
  if (node.failed())
    return failure();
  d.bias = node.hasInput(3) ? node.inputs()[3] : Value();
  d.mask = node.hasInput(4) ? node.inputs()[4] : Value();
  Dims x(nn::shapeOf(d.x)), w(nn::shapeOf(d.weights));
  d.groups = node.intAttr("group", 1);
  d.offsetGroups = node.intAttr("offset_group", 1);
  if (x.size() != 4 || w.size() != 4 || dimProduct(x) == 0 || d.groups < 1 ||
      d.offsetGroups < 1 || x[1] % d.offsetGroups != 0 ||
      w[1] * d.groups != x[1] || w[0] % d.groups != 0)
    return node.fail("input, weights and groups do not fit; images are "
                     "supported");
  FailureOr<WindowAttributes> window =
      readWindow(node, ArrayRef(x).drop_front(2), ArrayRef(w).drop_front(2));
  if (failed(window))
    return failure();
  d.window = *window;
  d.kernel = {w[2], w[3]};
  d.images = x[0];
  d.channels = x[1];
  d.taps = w[2] * w[3];
  for (int i : {0, 1})
    d.sizes.push_back(window->along(i, x[2 + i]).count);
  if (d.sizes[0] < 1 || d.sizes[1] < 1)
    return node.fail("the window is larger than the padded input");
  d.places = dimProduct(d.sizes);
  Dims wanted = {x[0], d.offsetGroups * d.taps * 2, d.sizes[0], d.sizes[1]};
  bool fits = nn::shapeOf(d.offset) == ArrayRef(wanted);
  wanted[1] /= 2;
  fits &= !d.mask || nn::shapeOf(d.mask) == ArrayRef(wanted);
  fits &= !d.bias || nn::shapeOf(d.bias) == ArrayRef{w[0]};
  if (!fits)
    return node.fail("offset, mask and bias do not have the shapes that input "
                     "and window ask for");
  return d;
}

/// Where dimension `i` of each tap and place is without offset: [1, taps *
/// places].
Value regularPlaces(Node &node, const Deformable &d, int i, Type real) {
  if (!node.affords(static_cast<double>(d.taps) * d.places))
    return {};
  llvm::SmallVector<double> places;
  for (int64_t tap = 0; tap < d.taps; ++tap)
    for (int64_t place = 0; place < d.places; ++place) {
      int64_t at = i == 0 ? place / d.sizes[1] : place % d.sizes[1],
              step = i == 0 ? tap / d.kernel[1] : tap % d.kernel[1];
      places.push_back(at * d.window.strides[i] - d.window.pads[i] +
                       step * d.window.dilations[i]);
    }
  return floatConstant(node, places, {1, d.taps * d.places}, real);
}

/// The samples of channel group `group`: [N, channels, taps, places].
Value sampleGroup(Node &node, const Deformable &d, int64_t group, Type real) {
  int64_t channels = d.channels / d.offsetGroups, all = d.taps * d.places;
  Value part = node.slice(d.x, 1, group * channels, channels);
  if (!part)
    return {};
  Sampler sampler(node, part, "zeros", false);
  Value own = node.slice(
      node.reshape(d.offset, {d.images, d.offsetGroups, d.taps, 2, d.places}),
      1, group, 1);
  Coordinates at;
  for (int i : {0, 1}) {
    Value shift = node.slice(own, 3, i, 1);
    shift = node.cast(node.reshape(shift, {d.images, all}), real);
    at.push_back(
        node.create<nn::AddOp>(shift, regularPlaces(node, d, i, real)));
  }
  if (node.failed())
    return {};
  Value rows = sampler.sample(at, "linear");
  if (d.mask) {
    Value weight = node.slice(
        node.reshape(d.mask, {d.images, d.offsetGroups, d.taps, d.places}), 1,
        group, 1);
    weight = node.cast(node.reshape(weight, {d.images, all, 1}), real);
    rows = node.create<nn::MulOp>(rows, weight);
  }
  return node.reshape(node.transpose(rows, {0, 2, 1}),
                      {d.images, channels, d.taps, d.places});
}

/// A convolution of single pixels, whose channels are a channel's taps.
Values deformConv(Node &node) {
  FailureOr<Deformable> d = readDeformable(node);
  if (failed(d))
    return {};
  Type element = nn::elementOf(d->x), real = realType(node, d->x);
  d->x = node.cast(d->x, real);
  llvm::SmallVector<Value> groups;
  for (int64_t g = 0; g < d->offsetGroups; ++g)
    groups.push_back(sampleGroup(node, *d, g, real));
  Value samples =
      node.reshape(concat(node, groups, 1), {d->images, d->channels * d->taps,
                                             d->sizes[0], d->sizes[1]});
  Dims w(nn::shapeOf(d->weights));
  Value weights =
      node.cast(node.reshape(d->weights, {w[0], w[1] * d->taps, 1, 1}), real);
  Value bias = d->bias ? node.cast(d->bias, real) : Value();
  if (node.failed())
    return {};
  int64_t ones[] = {1, 1}, none[] = {0, 0, 0, 0};
  Value y = node.finish(nn::ConvOp::create(
      node.builder, node.loc, samples.getType(), samples, weights, bias,
      ValueRange(), ones, none, ones, static_cast<uint64_t>(d->groups),
      nn::Layout::channels_first));
  return {y ? node.cast(y, element) : Value()};
}

//===----------------------------------------------------------------------===//
// Regions
//===----------------------------------------------------------------------===//

Values roiAlign(Node &node) {
  Value x = node.input(0), regions = node.input(1), images = node.input(2);
  if (!x || !regions || !images)
    return {};
  std::string mode = node.stringAttr("mode", "avg"),
              transformation = node.stringAttr(
                  "coordinate_transformation_mode",
                  node.opset() < 16 ? "output_half_pixel" : "half_pixel");
  if (nn::shapeOf(x).size() != 4 || (mode != "avg" && mode != "max")) {
    node.error() << "input is " << x.getType() << " and mode '" << mode
                 << "'; images with 'avg' or 'max' are supported";
    return {};
  }
  // Along either side of each element; a run of more would never end.
  constexpr int64_t mostSamples = 1024;
  int64_t samples = node.intAttr("sampling_ratio", 0);
  if (samples < 0 || samples > mostSamples) {
    node.error() << "sampling_ratio is " << samples << ", 0 to " << mostSamples
                 << " is required";
    return {};
  }
  Builder &b = node.builder;
  Type element = nn::elementOf(x), real = realType(node, x);
  x = node.transpose(node.cast(x, real), {0, 2, 3, 1});
  auto flag = [&](bool isSet) { return isSet ? b.getUnitAttr() : UnitAttr(); };
  Value y = node.create<nn::RoiAlignOp>(
      x, node.cast(regions, real), images,
      b.getI64IntegerAttr(node.intAttr("output_height", 1)),
      b.getI64IntegerAttr(node.intAttr("output_width", 1)),
      b.getI64IntegerAttr(samples),
      b.getF64FloatAttr(node.floatAttr("spatial_scale", 1)),
      flag(transformation == "half_pixel"), flag(mode == "max"));
  y = node.transpose(y, {0, 3, 1, 2});
  return {y ? node.cast(y, element) : Value()};
}

} // namespace

llvm::ArrayRef<Converter> mlc::gridConverters() {
  static const Converter table[] = {
      {"AffineGrid", affineGrid},
      {"DeformConv", deformConv},
      {"GridSample", gridSample},
      {"RoiAlign", roiAlign},
  };
  return table;
}
