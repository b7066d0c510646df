//===- Fourier.cpp - discrete Fourier transforms as products --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Fourier.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

/// Elements of a transform's matrix above which its period is divided, and a
/// quarter of the elements of a period that is divided.
static constexpr int64_t kMaxMatrix = int64_t(1) << 24;

static bool isOneMatrix(const Transform &t) {
  return t.length <= kMaxMatrix && t.bins <= kMaxMatrix &&
         4 * t.length * t.bins <= kMaxMatrix;
}

/// The larger of two factors of `period` that are as near as they can be.
static int64_t largerFactor(int64_t period) {
  int64_t smaller = std::sqrt(static_cast<double>(period));
  while (period % smaller != 0)
    --smaller;
  return period / smaller;
}

LogicalResult mlc::checkTransform(Node &node, const Transform &t) {
  if (t.length >= 1 && t.period >= t.length && t.bins >= 1 &&
      (isOneMatrix(t) ||
       (4 * t.period <= kMaxMatrix && t.bins <= t.period &&
        4 * largerFactor(t.period) * largerFactor(t.period) <= kMaxMatrix)))
    return success();
  return node.fail("transforms " + llvm::Twine(t.length) + " elements to " +
                   llvm::Twine(t.bins) +
                   " frequencies; matrices of up to 2^24, or two factors of "
                   "up to 2048, are supported");
}

/// What element `i` counts for: back to real numbers from one side, each
/// frequency that has a mirror image stands for both.
static double weightOf(const Transform &t, int64_t i) {
  if (!t.isInverse)
    return 1;
  bool hasImage = t.givesReal && i != 0 && 2 * i != t.period;
  return (hasImage ? 2.0 : 1.0) / t.period;
}

/// [length * parts, bins * parts]: input (element, part) by result (bin, part).
static Value transformMatrix(Node &node, const Transform &t, Type element) {
  llvm::SmallVector<double> values;
  values.reserve(t.length * t.partsIn() * t.bins * t.partsOut());
  for (int64_t i = 0; i < t.length; ++i)
    for (int64_t part = 0; part < t.partsIn(); ++part)
      for (int64_t bin = 0; bin < t.bins; ++bin) {
        // The product is reduced first: the angle stays exact.
        double angle = 2 * M_PI * ((i * bin) % t.period) / t.period;
        double weight = weightOf(t, i), c = weight * std::cos(angle),
               s = (t.isInverse ? weight : -weight) * std::sin(angle);
        values.push_back(part ? -s : c);
        if (!t.givesReal)
          values.push_back(part ? c : s);
      }
  return floatConstant(
      node, values, {t.length * t.partsIn(), t.bins * t.partsOut()}, element);
}

/// By one matrix.
static Value multiply(Node &node, Value rows, const Transform &t) {
  if (!rows || !node.affords(2.0 * static_cast<double>(t.length * t.bins) *
                             (t.isReal ? 1 : 2)))
    return {};
  Value matrix = transformMatrix(node, t, nn::elementOf(rows));
  if (!matrix)
    return {};
  return node.finish(nn::MatmulOp::create(node.builder, node.loc,
                                          rows.getType(), rows, matrix, Value(),
                                          ValueRange(), UnitAttr()));
}

/// Turns complex v [R, a, b, 2] at (i, j) by i * j parts of a period of a * b.
static Value turn(Node &node, Value v, bool isInverse) {
  if (!v)
    return {};
  int64_t a = nn::shapeOf(v)[1], b = nn::shapeOf(v)[2];
  if (!node.affords(2.0 * static_cast<double>(a * b)))
    return {};
  llvm::SmallVector<double> cosines, sines;
  for (int64_t i = 0; i < a; ++i)
    for (int64_t j = 0; j < b; ++j) {
      double angle = 2 * M_PI * ((i * j) % (a * b)) / (a * b);
      cosines.push_back(std::cos(angle));
      sines.push_back(isInverse ? std::sin(angle) : -std::sin(angle));
    }
  Type element = nn::elementOf(v);
  Value c = floatConstant(node, cosines, {a, b, 1}, element);
  Value s = floatConstant(node, sines, {a, b, 1}, element);
  Value real = node.slice(v, 3, 0, 1), imaginary = node.slice(v, 3, 1, 1);
  Value parts[] = {
      node.create<nn::SubOp>(node.create<nn::MulOp>(real, c),
                             node.create<nn::MulOp>(imaginary, s)),
      node.create<nn::AddOp>(node.create<nn::MulOp>(real, s),
                             node.create<nn::MulOp>(imaginary, c))};
  return concat(node, parts, 3);
}

/// All frequencies of whole periods: [R, period * parts] to [R, period * 2].
/// Element `second * i + j` has frequency `k + first * l`.
static Value inTwoSteps(Node &node, Value rows, bool isReal, bool isInverse,
                        int64_t period) {
  if (!rows)
    return {};
  int64_t first = largerFactor(period), second = period / first;
  int64_t count = nn::shapeOf(rows)[0], parts = isReal ? 1 : 2;
  auto step = [&](Value v, int64_t size, bool real) {
    Transform t;
    t.length = t.bins = t.period = size;
    t.isReal = real;
    t.isInverse = isInverse;
    return multiply(node, v, t);
  };
  Value v = node.reshape(rows, {count, first, second, parts});
  v = node.transpose(v, {0, 2, 1, 3});
  v = step(node.reshape(v, {count * second, first * parts}), first, isReal);
  v = turn(node, node.reshape(v, {count, second, first, 2}), isInverse);
  v = node.transpose(v, {0, 2, 1, 3});
  v = step(node.reshape(v, {count * first, second * 2}), second, false);
  v = node.transpose(node.reshape(v, {count, first, second, 2}), {0, 2, 1, 3});
  return node.reshape(v, {count, period * 2});
}

Value mlc::applyTransform(Node &node, Value rows, const Transform &t) {
  if (!rows || isOneMatrix(t))
    return multiply(node, rows, t);
  int64_t count = nn::shapeOf(rows)[0], parts = t.partsIn();
  Value v = node.reshape(rows, {count, t.length, parts});
  if (t.givesReal) {
    // Frequencies whose mirror images are absent, so that they count twice.
    llvm::SmallVector<double> weights;
    for (int64_t i = 0; i < t.length; ++i)
      weights.push_back(weightOf(t, i) * t.period);
    v = node.create<nn::MulOp>(
        v, floatConstant(node, weights, {t.length, 1}, nn::elementOf(rows)));
  }
  v = padWithZeros(node, v, {0, 0, 0, 0, t.period - t.length, 0});
  v = inTwoSteps(node, node.reshape(v, {count, t.period * parts}), t.isReal,
                 t.isInverse, t.period);
  v = node.slice(node.reshape(v, {count, t.period, 2}), 1, 0, t.bins);
  v = node.slice(v, 2, 0, t.partsOut());
  return node.reshape(v, {count, t.bins * t.partsOut()});
}
