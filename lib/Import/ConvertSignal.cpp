//===- ConvertSignal.cpp - Fourier transforms of ONNX ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A transform of a length that is known is a product with a constant matrix of
// cosines and sines: for the lengths that audio models use it runs at the speed
// of a matrix product.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/Fourier.h"
#include "Import/TensorImport.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

namespace {

/// The axis is an input since opset 20, an attribute before.
FailureOr<int64_t> dftAxis(Node &node, int64_t rank) {
  int64_t axis = node.opset() < 20 ? node.intAttr("axis", 1) : -2;
  if (node.opset() >= 20 && node.hasInput(2)) {
    FailureOr<llvm::SmallVector<int64_t>> given = node.constantInts(2);
    if (failed(given))
      return failure();
    if (given->size() != 1)
      return node.fail("has " + llvm::Twine(given->size()) +
                       " axes, 1 is required");
    axis = given->front();
  }
  FailureOr<int64_t> normal = node.normalizeAxis(axis, rank);
  if (succeeded(normal) && *normal == rank - 1)
    return node.fail("axis is that of the real and imaginary parts");
  return normal;
}

FailureOr<Transform> readDft(Node &node, int64_t size, bool isReal) {
  Transform t;
  t.isReal = isReal;
  t.isInverse = node.intAttr("inverse", 0);
  bool isOneSided = node.intAttr("onesided", 0);
  t.givesReal = t.isInverse && isOneSided;
  t.period = t.givesReal ? 2 * (size - 1) : size;
  if (node.hasInput(1)) {
    FailureOr<llvm::SmallVector<int64_t>> given = node.constantInts(1);
    if (failed(given))
      return failure();
    if (given->size() != 1)
      return node.fail("has " + llvm::Twine(given->size()) +
                       " lengths, 1 is required");
    t.period = given->front();
  }
  int64_t oneSide = t.period / 2 + 1;
  t.length = std::min(size, t.givesReal ? oneSide : t.period);
  if (isOneSided && !isReal && !t.isInverse)
    return node.fail("one side of a transform is supported for real input");
  t.bins = isOneSided && !t.isInverse ? oneSide : t.period;
  if (failed(checkTransform(node, t)))
    return failure();
  return t;
}

Values dft(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(x));
  int64_t rank = shape.size();
  if (rank < 2 || (shape.back() != 1 && shape.back() != 2) ||
      dimProduct(shape) == 0) {
    node.error() << "input is " << x.getType()
                 << ", a last dimension of 1 or 2 is required";
    return {};
  }
  FailureOr<int64_t> axis = dftAxis(node, rank);
  if (failed(axis))
    return {};
  FailureOr<Transform> t = readDft(node, shape[*axis], shape.back() == 1);
  if (failed(t))
    return {};
  // The axis goes next to the parts, and back.
  llvm::SmallVector<int64_t> there, back(rank), joined;
  for (int64_t d = 0; d < rank - 1; ++d)
    if (d != *axis) {
      there.push_back(d);
      joined.push_back(shape[d]);
    }
  llvm::append_values(there, *axis, rank - 1);
  for (auto [i, d] : llvm::enumerate(there))
    back[d] = i;
  x = node.slice(x, *axis, 0, t->length);
  int64_t rows = dimProduct(joined);
  Value y = applyTransform(
      node,
      node.reshape(node.transpose(x, there), {rows, t->length * shape.back()}),
      *t);
  llvm::append_values(joined, t->bins, t->partsOut());
  return {node.transpose(node.reshape(y, joined), back)};
}

/// Frames of the signal, weighed by the window, transformed.
Values stft(Node &node) {
  Value x = node.input(0);
  FailureOr<llvm::SmallVector<int64_t>> step = node.constantInts(1);
  if (!x || failed(step))
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(x));
  Value window = node.hasInput(2) ? node.inputs()[2] : Value();
  Transform t;
  if (window && nn::shapeOf(window).size() == 1)
    t.length = nn::shapeOf(window)[0];
  if (node.hasInput(3)) {
    FailureOr<llvm::SmallVector<int64_t>> length = node.constantInts(3);
    if (failed(length))
      return {};
    t.length = length->size() == 1 ? length->front() : 0;
  }
  t.isReal = shape.size() == 2 || shape.back() == 1;
  bool isOneSided = node.intAttr("onesided", 1);
  t.period = t.length;
  t.bins = isOneSided ? t.length / 2 + 1 : t.length;
  if (shape.size() < 2 || shape.size() > 3 || shape.back() < 1 ||
      step->size() != 1 || step->front() < 1 || t.length > shape[1] ||
      (isOneSided && !t.isReal) ||
      (window && nn::shapeOf(window) != ArrayRef{t.length})) {
    node.error() << "signal is " << x.getType() << " in frames of " << t.length
                 << "; a real signal, or both sides, with a window of the "
                    "frame's length is required";
    return {};
  }
  if (failed(checkTransform(node, t)))
    return {};
  int64_t frames = (shape[1] - t.length) / step->front() + 1,
          parts = t.isReal ? 1 : 2;
  Type i64 = node.builder.getI64Type();
  Value places =
      node.create<nn::AddOp>(iota(node, frames, i64, 0, 2, 0, step->front()),
                             iota(node, t.length, i64, 1, 2));
  x = node.create<nn::GatherOp>(node.reshape(x, {shape[0], shape[1], parts}),
                                places, node.builder.getI64IntegerAttr(1));
  if (window)
    x = node.create<nn::MulOp>(x, node.reshape(window, {t.length, 1}));
  Value y = applyTransform(
      node, node.reshape(x, {shape[0] * frames, t.length * parts}), t);
  return {node.reshape(y, {shape[0], frames, t.bins, 2})};
}

double toMel(double hertz) { return 2595 * std::log1p(hertz / 700) / M_LN10; }
double fromMel(double mel) { return 700 * std::expm1(mel / 2595 * M_LN10); }

/// Triangles between neighbouring centres, equally far apart in mel, in bins of
/// the spectrum.
Values melWeights(Node &node) {
  double given[5];
  for (int i = 0; i < 5; ++i) {
    FailureOr<llvm::SmallVector<double>> value = node.constantDoubles(i);
    if (failed(value))
      return {};
    given[i] = value->size() == 1 ? value->front() : -1;
  }
  auto [count, length, rate, low, high] = given;
  Type element = importElementType(node.intAttr("output_datatype", 1),
                                   node.builder.getContext());
  if (!(count >= 1 && count <= 4096 && length >= 1 && length <= 65536 &&
        rate > 0 && low >= 0 && high > low && high <= 1e9) ||
      !isa_and_nonnull<FloatType>(element)) {
    node.error() << "at least one band, a positive rate, a rising range and a "
                    "float type are required";
    return {};
  }
  int64_t bands = static_cast<int64_t>(count),
          bins = static_cast<int64_t>(length) / 2 + 1;
  llvm::SmallVector<int64_t> edges;
  double first = toMel(low), step = (toMel(high) - first) / (bands + 2);
  for (int64_t i = 0; i < bands + 2; ++i)
    edges.push_back(nn::toInteger(
        std::floor((length + 1) * fromMel(first + step * i) / rate)));
  if (!node.affords(static_cast<double>(bins * bands)))
    return {};
  llvm::SmallVector<double> values(bins * bands, 0);
  for (int64_t band = 0; band < bands; ++band) {
    int64_t begin = edges[band], centre = edges[band + 1],
            end = edges[band + 2];
    if (begin < 0 || centre < begin || end < centre || end > bins ||
        centre >= bins) {
      node.error() << "the highest band ends beyond the spectrum";
      return {};
    }
    if (begin == centre)
      values[centre * bands + band] = 1;
    for (int64_t i = begin; begin != centre && i <= centre && i < bins; ++i)
      values[i * bands + band] = double(i - begin) / (centre - begin);
    for (int64_t i = centre; centre != end && i < end; ++i)
      values[i * bands + band] = double(end - i) / (end - centre);
  }
  return {floatConstant(node, values, {bins, bands}, element)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::signalConverters() {
  static const Converter table[] = {
      {"DFT", dft},
      {"MelWeightMatrix", melWeights},
      {"STFT", stft},
  };
  return table;
}
