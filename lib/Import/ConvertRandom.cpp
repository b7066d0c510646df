//===- ConvertRandom.cpp - Random numbers of ONNX -------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compiled model has no state and gives the same results for the same inputs,
// so random numbers are drawn when it is compiled: every run sees the same
// ones. They come from Philox 4x32-10, a generator of a key and a counter
// (Salmon and others, "Parallel random numbers: as easy as 1, 2, 3"). The key
// is the node's seed, or without one a hash of its result's name; the counter
// is the place among the numbers.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/TensorImport.h"
#include "Support/Philox.h"

#include <cstring>

using namespace mlir;
using namespace mlc;

namespace {

/// Numbers above which a tensor of them is refused: they are constants.
constexpr int64_t kMostNumbers = int64_t(1) << 26;

Philox generatorOf(Node &node) {
  if (node.hasAttr("seed")) {
    float seed = static_cast<float>(node.floatAttr("seed", 0));
    uint32_t bits;
    std::memcpy(&bits, &seed, sizeof bits);
    return Philox(bits);
  }
  uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char c : node.proto.output(0))
    hash = (hash ^ c) * 0x100000001b3;
  return Philox(hash);
}

/// The type of attribute `dtype`, or `otherwise` without one; null is refused.
FloatType floatTypeOf(Node &node, Type otherwise) {
  Type element = otherwise;
  if (node.hasAttr("dtype"))
    element =
        importElementType(node.intAttr("dtype", 1), node.builder.getContext());
  auto real = dyn_cast_or_null<FloatType>(element);
  if (!real)
    node.error() << "draws numbers of a type that is not supported; floats are";
  return real;
}

Value draw(Node &node, ArrayRef<int64_t> shape, FloatType element,
           llvm::function_ref<double(Philox &)> next) {
  if (!element || failed(node.tensorType(shape, element)))
    return {};
  int64_t count = dimProduct(shape);
  if (count > kMostNumbers) {
    node.error() << "draws " << count << " numbers, at most " << kMostNumbers
                 << " are supported; give them to the model as an input";
    return {};
  }
  Philox generator = generatorOf(node);
  llvm::SmallVector<double> values;
  values.reserve(count);
  for (int64_t i = 0; i < count; ++i)
    values.push_back(next(generator));
  return floatConstant(node, values, shape, element);
}

Value drawUniform(Node &node, ArrayRef<int64_t> shape, FloatType element) {
  double low = node.floatAttr("low", 0), high = node.floatAttr("high", 1);
  return draw(node, shape, element,
              [&](Philox &g) { return low + (high - low) * g.uniform(); });
}

Value drawNormal(Node &node, ArrayRef<int64_t> shape, FloatType element) {
  double mean = node.floatAttr("mean", 0), scale = node.floatAttr("scale", 1);
  return draw(node, shape, element,
              [&](Philox &g) { return mean + scale * g.normal(); });
}

using Draw = Value (*)(Node &, ArrayRef<int64_t>, FloatType);

template <Draw numbers>
Values random(Node &node) {
  Type f32 = node.builder.getF32Type();
  return {numbers(node, node.intsAttr("shape"), floatTypeOf(node, f32))};
}

/// The input's shape, and its type where it is one of floats.
template <Draw numbers>
Values randomLike(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  return {numbers(node, nn::shapeOf(x), floatTypeOf(node, nn::elementOf(x)))};
}

/// A class for each number in [0, 1): how many classes lie below it by their
/// summed probabilities.
Values multinomial(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(x));
  int64_t samples = node.intAttr("sample_size", 1);
  Type to =
      importElementType(node.intAttr("dtype", 6), node.builder.getContext());
  if (shape.size() != 2 || shape[1] < 1 || samples < 1 || !to) {
    node.error() << "input is " << x.getType() << " for " << samples
                 << " samples; [batch, classes] and at least one are required";
    return {};
  }
  int64_t batch = shape[0], classes = shape[1];
  Builder &b = node.builder;
  auto real = cast<FloatType>(Type(b.getF32Type()));
  Value p = node.create<nn::SoftmaxOp>(node.cast(x, real),
                                       b.getI64IntegerAttr(1), UnitAttr());
  // A product with a triangle sums what comes before and the class itself.
  if (!node.affords(static_cast<double>(classes) * classes))
    return {};
  llvm::SmallVector<double> triangle;
  for (int64_t i = 0; i < classes; ++i)
    for (int64_t j = 0; j < classes; ++j)
      triangle.push_back(i <= j);
  Value ones = floatConstant(node, triangle, {classes, classes}, real);
  if (!p || !ones)
    return {};
  Value sums = node.finish(nn::MatmulOp::create(node.builder, node.loc,
                                                p.getType(), p, ones, Value(),
                                                ValueRange(), UnitAttr()));
  Value drawn = draw(node, {batch, samples, 1}, real,
                     [](Philox &g) { return g.uniform(); });
  Value isBelow = node.create<nn::LessOrEqualOp>(
      node.reshape(sums, {batch, 1, classes}), drawn);
  if (!isBelow)
    return {};
  Value place = reduce(node, node.cast(isBelow, b.getI64Type()),
                       nn::ReduceKind::sum, {2}, false);
  place = withScalar<nn::MinOp>(node, place, classes - 1);
  return {place ? node.cast(place, to) : Value()};
}

} // namespace

llvm::ArrayRef<Converter> mlc::randomConverters() {
  static const Converter table[] = {
      {"Multinomial", multinomial},
      {"RandomNormal", random<drawNormal>},
      {"RandomNormalLike", randomLike<drawNormal>},
      {"RandomUniform", random<drawUniform>},
      {"RandomUniformLike", randomLike<drawUniform>},
  };
  return table;
}
