//===- ConvertSampling.cpp - Blocks, windows and sampling grids of ONNX ---===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/Windows.h"

using namespace mlir;
using namespace mlc;

namespace {

using Dims = llvm::SmallVector<int64_t>;

//===----------------------------------------------------------------------===//
// Channels and pixels
//===----------------------------------------------------------------------===//

Values depthToSpace(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  Dims s(nn::shapeOf(x));
  int64_t b = node.intAttr("blocksize", 0);
  if (s.size() != 4 || b < 1 || b > (1 << 15) || s[1] % (b * b) != 0) {
    node.error() << "input is " << x.getType() << " and blocksize " << b;
    return {};
  }
  int64_t channels = s[1] / (b * b);
  bool isColumnFirst = node.stringAttr("mode", "DCR") == "CRD";
  Value y = isColumnFirst ? node.reshape(x, {s[0], channels, b, b, s[2], s[3]})
                          : node.reshape(x, {s[0], b, b, channels, s[2], s[3]});
  y = isColumnFirst ? node.transpose(y, {0, 1, 4, 2, 5, 3})
                    : node.transpose(y, {0, 3, 4, 1, 5, 2});
  return {node.reshape(y, {s[0], channels, s[2] * b, s[3] * b})};
}

Values spaceToDepth(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  Dims s(nn::shapeOf(x));
  int64_t b = node.intAttr("blocksize", 0);
  if (s.size() != 4 || b < 1 || b > (1 << 15) || s[2] % b != 0 ||
      s[3] % b != 0) {
    node.error() << "input is " << x.getType() << " and blocksize " << b;
    return {};
  }
  bool isColumnFirst = node.stringAttr("mode", "DCR") == "CRD";
  Value y = node.reshape(x, {s[0], s[1], s[2] / b, b, s[3] / b, b});
  y = isColumnFirst ? node.transpose(y, {0, 1, 3, 5, 2, 4})
                    : node.transpose(y, {0, 3, 5, 1, 2, 4});
  return {node.reshape(y, {s[0], s[1] * b * b, s[2] / b, s[3] / b})};
}

//===----------------------------------------------------------------------===//
// Pooling of powers
//===----------------------------------------------------------------------===//

Value rootOf(Node &node, Value v, double p) {
  return p == 2 ? node.create<nn::SqrtOp>(v)
                : withScalar<nn::PowOp>(node, v, 1 / p);
}

Value powerOf(Node &node, Value v, double p) {
  Value size = node.create<nn::AbsOp>(v);
  if (p == 1)
    return size;
  return p == 2 ? node.create<nn::MulOp>(v, v)
                : withScalar<nn::PowOp>(node, size, p);
}

/// A window average over zeros around the input, times the window's size. All
/// that windows reach over is put in beforehand: a pool only takes pads less
/// than its window, and does not count what lies beyond them.
Values lpPool(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  Dims kernel = node.intsAttr("kernel_shape"), input(nn::shapeOf(x));
  if (input.size() < 3 || kernel.size() != input.size() - 2) {
    node.error() << "input has rank " << input.size() << " and the kernel "
                 << kernel.size() << " dimensions";
    return {};
  }
  FailureOr<WindowAttributes> window =
      readWindow(node, ArrayRef(input).drop_front(2), kernel);
  if (failed(window))
    return {};
  double p = node.intAttr("p", 2);
  Value powers = powerOf(node, x, p);
  Builder &b = node.builder;
  size_t rank = kernel.size();
  Dims pads(2 * input.size(), 0), none(2 * rank, 0);
  for (size_t i = 0; i < rank; ++i) {
    int64_t begin = window->pads[i], end = window->pads[rank + i];
    int64_t stride = window->strides[i], dilation = window->dilations[i];
    nn::Window along{kernel[i], stride,   begin,
                     end,       dilation, node.intAttr("ceil_mode", 0) != 0};
    int64_t reach = (along.positions(input[2 + i]) - 1) * stride +
                    (kernel[i] - 1) * dilation + 1;
    pads[2 + i] = begin;
    pads[input.size() + 2 + i] = std::max(end, reach - begin - input[2 + i]);
  }
  Value mean = node.create<nn::PoolOp>(
      padWithZeros(node, powers, pads),
      nn::PoolKindAttr::get(b.getContext(), nn::PoolKind::average),
      b.getDenseI64ArrayAttr(window->kernel),
      b.getDenseI64ArrayAttr(window->strides), b.getDenseI64ArrayAttr(none),
      b.getDenseI64ArrayAttr(window->dilations), b.getUnitAttr(), UnitAttr(),
      nn::LayoutAttr::get(b.getContext(), nn::Layout::channels_first));
  Value sum = withScalar<nn::MulOp>(node, mean, dimProduct(kernel));
  return {rootOf(node, sum, p)};
}

Values globalLpPool(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  Dims axes = axesFrom(2, nn::shapeOf(x).size());
  if (axes.empty()) {
    node.error() << "input has rank " << nn::shapeOf(x).size()
                 << ", at least 3 is required";
    return {};
  }
  double p = node.intAttr("p", 2);
  Value sum =
      reduce(node, powerOf(node, x, p), nn::ReduceKind::sum, axes, true);
  return {rootOf(node, sum, p)};
}

//===----------------------------------------------------------------------===//
// Windows by their elements
//===----------------------------------------------------------------------===//

/// MaxUnpool: each value goes to where it came from, among zeros.
Values maxUnpool(Node &node) {
  Value x = node.input(0), indices = node.input(1);
  if (!x || !indices)
    return {};
  Dims input(nn::shapeOf(x)), kernel = node.intsAttr("kernel_shape");
  if (input.size() < 3 || kernel.size() != input.size() - 2 ||
      nn::shapeOf(indices) != ArrayRef(input)) {
    node.error() << "input is " << x.getType() << ", indices "
                 << indices.getType() << " and the kernel has " << kernel.size()
                 << " dimensions";
    return {};
  }
  FailureOr<WindowAttributes> window =
      readWindow(node, ArrayRef(input).drop_front(2), kernel);
  if (failed(window))
    return {};
  size_t rank = kernel.size();
  Dims natural(input), shape;
  for (size_t i = 0; i < rank; ++i)
    natural[2 + i] = (input[2 + i] - 1) * window->strides[i] + kernel[i] -
                     window->pads[i] - window->pads[rank + i];
  shape = natural;
  if (node.hasInput(2)) {
    FailureOr<Dims> given = node.constantInts(2);
    if (failed(given))
      return {};
    shape = *given;
  }
  FailureOr<RankedTensorType> type = node.tensorType(shape, nn::elementOf(x));
  if (failed(type) || shape.size() != input.size() ||
      dimProduct(shape) < dimProduct(natural)) {
    if (!node.failed())
      node.error() << "output_shape is smaller than the natural one";
    return {};
  }
  // Indices count in the natural shape: bring them to the wanted one.
  Value place = node.cast(indices, node.builder.getI64Type());
  Dims from = nn::rowMajorStrides(natural), to = nn::rowMajorStrides(shape);
  Value position;
  for (size_t d = 0; d < natural.size() && place; ++d) {
    Value own = withScalar<nn::DivOp>(node, place, from[d]);
    place = node.create<nn::SubOp>(place,
                                   withScalar<nn::MulOp>(node, own, from[d]));
    own = withScalar<nn::MulOp>(node, own, to[d]);
    position = position ? node.create<nn::AddOp>(position, own) : own;
  }
  if (!position)
    return {};
  int64_t count = dimProduct(input);
  Value zeros =
      broadcast(node, node.scalar(nn::elementOf(x), 0), {dimProduct(shape), 1});
  auto assign = nn::ScatterKindAttr::get(node.builder.getContext(),
                                         nn::ScatterKind::assign);
  Value y = node.create<nn::ScatterOp>(zeros, node.reshape(position, {count}),
                                       node.reshape(x, {count, 1}), assign);
  return {node.reshape(y, shape)};
}

/// A dimension of Col2Im's image.
struct ColumnDim {
  int64_t padded, block, stride, dilation, pad, windows;
};

FailureOr<llvm::SmallVector<ColumnDim>> readColumns(Node &node, Dims &image) {
  FailureOr<Dims> size = node.constantInts(1), block = node.constantInts(2);
  if (failed(size) || failed(block))
    return failure();
  size_t rank = size->size();
  Dims ones(rank, 1), zeros(2 * rank, 0);
  Dims strides = node.intsAttr("strides", ones),
       dilations = node.intsAttr("dilations", ones),
       pads = node.intsAttr("pads", zeros);
  if (block->size() != rank || strides.size() != rank ||
      dilations.size() != rank || pads.size() != 2 * rank)
    return node.fail("image, block, strides, dilations and pads have different "
                     "ranks");
  constexpr int64_t limit = 1 << 20;
  auto isIn = [](int64_t v, int64_t least) { return v >= least && v <= limit; };
  llvm::SmallVector<ColumnDim> dims;
  for (size_t i = 0; i < rank; ++i) {
    int64_t step = strides[i], apart = dilations[i], end = pads[rank + i];
    if (!isIn((*size)[i], 1) || !isIn((*block)[i], 1) || !isIn(step, 1) ||
        !isIn(apart, 1) || !isIn(pads[i], 0) || !isIn(end, 0))
      return node.fail("a size, stride, dilation or pad of dimension " +
                       llvm::Twine(i) + " is out of range");
    int64_t padded = (*size)[i] + pads[i] + end,
            span = ((*block)[i] - 1) * apart + 1;
    if (span > padded)
      return node.fail("the block is larger than dimension " + llvm::Twine(i) +
                       " of the image");
    dims.push_back({padded, (*block)[i], step, apart, pads[i],
                    (padded - span) / step + 1});
  }
  image = *size;
  return dims;
}

/// Sums of what overlapping blocks have for each pixel: pixels are the rows
/// that meet, images and channels their columns.
Values columnsToImage(Node &node) {
  Value x = node.input(0);
  Dims image;
  FailureOr<llvm::SmallVector<ColumnDim>> dims = readColumns(node, image);
  if (!x || failed(dims))
    return {};
  Dims shape(nn::shapeOf(x)), padded, whole;
  int64_t rank = dims->size(), block = 1, windows = 1;
  for (const ColumnDim &d : *dims) {
    padded.push_back(d.padded);
    block *= d.block;
    windows *= d.windows;
  }
  if (shape.size() != 3 || shape[1] % block != 0 || shape[2] != windows ||
      failed(node.tensorType(padded, nn::elementOf(x)))) {
    if (!node.failed())
      node.error() << "input is " << x.getType() << ", " << windows
                   << " blocks of " << block << " are required";
    return {};
  }
  int64_t images = shape[0], channels = shape[1] / block;
  Dims strides = nn::rowMajorStrides(padded);
  Type i64 = node.builder.getI64Type();
  Value place = node.scalar(i64, 0);
  for (auto [i, d] : llvm::enumerate(*dims)) {
    int64_t at = i, both = 2 * rank;
    place = node.create<nn::AddOp>(
        place, iota(node, d.block, i64, at, both, 0, d.dilation * strides[i]));
    place = node.create<nn::AddOp>(place, iota(node, d.windows, i64, rank + at,
                                               both, 0, d.stride * strides[i]));
  }
  int64_t pixels = dimProduct(padded), columns = images * channels;
  x = node.reshape(x, {columns, block * windows});
  Value zeros =
      broadcast(node, node.scalar(nn::elementOf(x), 0), {pixels, columns});
  Value y = node.create<nn::ScatterOp>(
      zeros, node.reshape(place, {block * windows}), node.transpose(x, {1, 0}),
      nn::ScatterKindAttr::get(node.builder.getContext(),
                               nn::ScatterKind::add));
  whole = {images, channels};
  llvm::append_range(whole, padded);
  y = node.reshape(node.transpose(y, {1, 0}), whole);
  Dims starts(2, 0), sizes = {images, channels}, steps(2 + rank, 1);
  for (auto [d, size] : llvm::zip(*dims, image)) {
    starts.push_back(d.pad);
    sizes.push_back(size);
  }
  return {node.create<nn::SliceOp>(y, starts, sizes, steps)};
}

//===----------------------------------------------------------------------===//
// Sampling grids
//===----------------------------------------------------------------------===//

/// Sampling of an image [N * H * W, C] at real coordinates.
class Sampler {
public:
  Sampler(Node &node, Value x, std::string padding, bool alignCorners)
      : node(node), shape(nn::shapeOf(x)), padding(std::move(padding)),
        alignCorners(alignCorners) {
    rows = node.reshape(node.transpose(x, {0, 2, 3, 1}),
                        {shape[0] * shape[2] * shape[3], shape[1]});
  }

  /// Grid coordinates in [-1, 1] as pixels of a dimension of `size`.
  Value toPixels(Value v, int64_t size) {
    double scale = alignCorners ? (size - 1) / 2.0 : size / 2.0;
    return withScalar<nn::AddOp>(node, withScalar<nn::MulOp>(node, v, scale),
                                 (size - 1) / 2.0);
  }

  /// A coordinate folded into the image; as it is with zeros around.
  Value fold(Value v, int64_t size) {
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
    Value mirrored =
        node.create<nn::SubOp>(node.scalar(nn::elementOf(v), 2 * span), rest);
    Value folded = withScalar<nn::AddOp>(
        node, node.create<nn::MinOp>(rest, mirrored), low);
    return clamp(folded, 0, size - 1);
  }

  /// Rows of C at whole coordinates [N, P]; zero outside where padding says so.
  Value at(Value y, Value x) {
    Value ry = fold(y, shape[2]), rx = fold(x, shape[3]);
    Value inside;
    if (padding == "zeros")
      inside = node.create<nn::AndOp>(isInside(ry, shape[2]),
                                      isInside(rx, shape[3]));
    ry = clamp(ry, 0, shape[2] - 1);
    rx = clamp(rx, 0, shape[3] - 1);
    if (!ry || !rx)
      return {};
    Type i64 = node.builder.getI64Type();
    Value row = withScalar<nn::MulOp>(node, node.cast(ry, i64), shape[3]);
    row = node.create<nn::AddOp>(row, node.cast(rx, i64));
    row = node.create<nn::AddOp>(
        row, iota(node, shape[0], i64, 0, 2, 0, shape[2] * shape[3]));
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

private:
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
  Dims shape;
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

Value sampleGrid(Node &node, Sampler &sampler, llvm::StringRef mode, Value y,
                 Value x) {
  if (mode == "nearest")
    return sampler.at(node.create<nn::RoundOp>(y), node.create<nn::RoundOp>(x));
  bool isCubic = mode == "cubic";
  Value y0 = node.create<nn::FloorOp>(y), x0 = node.create<nn::FloorOp>(x);
  if (!y0 || !x0)
    return {};
  auto wy = tapWeights(node, node.create<nn::SubOp>(y, y0), isCubic);
  auto wx = tapWeights(node, node.create<nn::SubOp>(x, x0), isCubic);
  int first = isCubic ? -1 : 0;
  Value sum;
  for (auto [i, v] : llvm::enumerate(wy))
    for (auto [j, h] : llvm::enumerate(wx)) {
      int64_t dy = first + static_cast<int64_t>(i),
              dx = first + static_cast<int64_t>(j);
      Value tap = sampler.at(withScalar<nn::AddOp>(node, y0, dy),
                             withScalar<nn::AddOp>(node, x0, dx));
      Value weight = sampler.asColumn(node.create<nn::MulOp>(v, h));
      tap = node.create<nn::MulOp>(tap, weight);
      sum = sum ? node.create<nn::AddOp>(sum, tap) : tap;
    }
  return sum;
}

Values gridSample(Node &node) {
  Value x = node.input(0), grid = node.input(1);
  if (!x || !grid)
    return {};
  Dims s(nn::shapeOf(x)), g(nn::shapeOf(grid));
  std::string mode = node.stringAttr("mode", "linear"),
              padding = node.stringAttr("padding_mode", "zeros");
  mode = mode == "bilinear" ? "linear" : mode == "bicubic" ? "cubic" : mode;
  bool isKnown = mode == "linear" || mode == "cubic" || mode == "nearest";
  if (s.size() != 4 || g.size() != 4 || g[0] != s[0] || g[3] != 2 || !isKnown ||
      dimProduct(s) == 0) {
    node.error() << "input is " << x.getType() << ", grid " << grid.getType()
                 << " and mode '" << mode
                 << "'; images with a grid of pairs are supported";
    return {};
  }
  Type element = nn::elementOf(x);
  if (!isa<FloatType>(element)) {
    node.error() << "samples " << element << ", floats are supported";
    return {};
  }
  // Coordinates need more than the precision of narrow floats.
  Type real = element.isF64() ? element : node.builder.getF32Type();
  x = node.cast(x, real);
  bool alignCorners = node.intAttr("align_corners", 0);
  Value flat = node.reshape(node.cast(grid, real), {g[0], g[1] * g[2], 2});
  Value gx = node.reshape(node.slice(flat, 2, 0, 1), {g[0], g[1] * g[2]});
  Value gy = node.reshape(node.slice(flat, 2, 1, 1), {g[0], g[1] * g[2]});
  Sampler sampler(node, x, padding, alignCorners);
  Value px = sampler.toPixels(gx, s[3]), py = sampler.toPixels(gy, s[2]);
  if (padding != "zeros" && mode != "cubic") {
    px = sampler.fold(px, s[3]);
    py = sampler.fold(py, s[2]);
  }
  Value y = sampleGrid(node, sampler, mode, py, px);
  y = node.transpose(node.reshape(y, {g[0], g[1], g[2], s[1]}), {0, 3, 1, 2});
  return {node.cast(y, element)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::samplingConverters() {
  static const Converter table[] = {
      {"Col2Im", columnsToImage},
      {"DepthToSpace", depthToSpace},
      {"GlobalLpPool", globalLpPool},
      {"GridSample", gridSample},
      {"LpPool", lpPool},
      {"MaxUnpool", maxUnpool},
      {"SpaceToDepth", spaceToDepth},
  };
  return table;
}
