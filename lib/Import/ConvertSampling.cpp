//===- ConvertSampling.cpp - Blocks and windows of ONNX -------------------===//
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
    node.error() << "input is " << x.getType() << " and blocksize " << b
                 << "; rank 4 and channels of whole blocks are required";
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
    node.error()
        << "input is " << x.getType() << " and blocksize " << b
        << "; rank 4 and rows and columns of whole blocks are required";
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
  bool isRoundedUp = node.intAttr("ceil_mode", 0) != 0;
  Value powers = powerOf(node, x, p);
  Builder &b = node.builder;
  size_t rank = kernel.size();
  Dims pads(2 * input.size(), 0), none(2 * rank, 0);
  for (size_t i = 0; i < rank; ++i) {
    int64_t begin = window->pads[i], size = input[2 + i];
    Window along =
        isRoundedUp ? window->alongRoundedUp(i, size) : window->along(i, size);
    pads[2 + i] = begin;
    pads[input.size() + 2 + i] =
        std::max(window->pads[rank + i], along.reachOfAll() - begin - size);
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

} // namespace

llvm::ArrayRef<Converter> mlc::samplingConverters() {
  static const Converter table[] = {
      {"Col2Im", columnsToImage},     {"DepthToSpace", depthToSpace},
      {"GlobalLpPool", globalLpPool}, {"LpPool", lpPool},
      {"MaxUnpool", maxUnpool},       {"SpaceToDepth", spaceToDepth},
  };
  return table;
}
