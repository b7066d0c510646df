//===- LowerResample.cpp - Interpolation of quantised tensors -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Spells out what Arithmetic.h defines: one nn.gather a tap, and a sum of their
// products with integer weights. In mode onnx an interpolation stays in floats.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"
#include "Quantize/IntegerIsland.h"
#include "Quantize/TfliteFunctions.h"

#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

namespace {

/// What one nn.resample does, with constants.
struct Taps {
  nn::ResampleOp op;
  SmallVector<int64_t> indices;
  SmallVector<double> weights;

  static std::optional<Taps> match(nn::ResampleOp op);
  int64_t size() const { return indices.size() / count(); }
  int64_t count() const {
    nn::ResampleOp each = op;
    return nn::shapeOf(each.getIndices())[1];
  }
  /// Elements there are to interpolate.
  int64_t sizeIn() const {
    nn::ResampleOp each = op;
    return nn::shapeOf(each.getInput())[each.getAxis()];
  }
  /// Where result `o` is among them.
  double place(int64_t o) const {
    double sum = 0;
    for (int64_t t = 0; t < count(); ++t)
      sum += weights[o * count() + t] * indices[o * count() + t];
    return sum;
  }
  /// The greatest factor by which it makes numbers larger.
  double gain() const;
};

class ResampleBuilder {
public:
  ResampleBuilder(PatternRewriter &rewriter, Location loc,
                  const Dequantized &input, const ResultQuantization &result)
      : rewriter(rewriter), loc(loc), input(input), result(result) {}

  Value build(ArrayRef<Taps> dimensions) {
    if (std::optional<TfliteCoordinates> coordinates = matchTflite(dimensions))
      return interpolate(dimensions, *coordinates);
    Value v = widen();
    for (const Taps &taps : dimensions)
      v = resample(v, taps);
    return requantize(v);
  }

  std::optional<TfliteCoordinates> matchTflite(ArrayRef<Taps> dimensions) const;

private:
  Value interpolate(ArrayRef<Taps> dimensions, TfliteCoordinates coordinates);
  Value widen();
  Value resample(Value v, const Taps &taps);
  Value requantize(Value v);

  PatternRewriter &rewriter;
  Location loc;
  const Dequantized &input;
  const ResultQuantization &result;
};

} // namespace

std::optional<Taps> Taps::match(nn::ResampleOp op) {
  Attribute indices, weights;
  if (!matchPattern(op.getIndices(), m_Constant(&indices)) ||
      !matchPattern(op.getWeights(), m_Constant(&weights)))
    return std::nullopt;
  std::optional<SmallVector<int64_t>> places = nn::constantIntegers(indices);
  std::optional<SmallVector<double>> factors = nn::constantDoubles(weights);
  if (!places || !factors || places->empty())
    return std::nullopt;
  return Taps{op, std::move(*places), std::move(*factors)};
}

double Taps::gain() const {
  double most = 1;
  for (int64_t o = 0; o < size(); ++o) {
    double sum = 0;
    for (int64_t t = 0; t < count(); ++t)
      sum += std::fabs(weights[o * count() + t]);
    most = std::max(most, sum);
  }
  return most;
}

/// Whether results are where TFLite has them, up to its rounding of places.
static bool isAt(const Taps &taps, TfliteCoordinates coordinates) {
  auto in = static_cast<double>(taps.sizeIn()),
       out = static_cast<double>(taps.size());
  bool isAligned = coordinates == TfliteCoordinates::AlignedCorners && out > 1;
  double shift = coordinates == TfliteCoordinates::HalfPixel ? 0.5 : 0;
  if (taps.count() > 2) // as cubic ones, whose middle is the same
    return false;
  for (int64_t o = 0; o < taps.size(); ++o) {
    auto position = static_cast<double>(o);
    double at = isAligned ? position * (in - 1) / (out - 1)
                          : (position + shift) * in / out - shift;
    if (std::fabs(std::clamp(at, 0.0, in - 1) - taps.place(o)) > 1e-4)
      return false;
  }
  return true;
}

/// The coordinates of TFLite's bilinear kernel, which has two dimensions and
/// leaves the scale as it is. That of unsigned bytes computes floats.
std::optional<TfliteCoordinates>
ResampleBuilder::matchTflite(ArrayRef<Taps> dimensions) const {
  if (result.mode != QuantizeMode::Tflite || dimensions.size() > 2 ||
      input.parameters.stored.isUnsignedInteger() ||
      !(input.parameters == result.parameters))
    return std::nullopt;
  for (auto coordinates :
       {TfliteCoordinates::HalfPixel, TfliteCoordinates::Corner,
        TfliteCoordinates::AlignedCorners})
    if (llvm::all_of(dimensions,
                     [&](const Taps &taps) { return isAt(taps, coordinates); }))
      return coordinates;
  return std::nullopt;
}

/// resizeTflite of each result's neighbours: of two in each dimension.
Value ResampleBuilder::interpolate(ArrayRef<Taps> dimensions,
                                   TfliteCoordinates coordinates) {
  Type i32 = rewriter.getI32Type(), i64 = rewriter.getI64Type();
  SmallVector<Value> neighbours = {input.stored}, weights;
  for (const Taps &taps : dimensions) {
    nn::ResampleOp op = taps.op;
    int64_t axis = op.getAxis(), size = taps.size();
    SmallVector<int64_t> first, second, second1024;
    for (int64_t o = 0; o < size; ++o) {
      TfliteTap tap = tfliteTap(o, taps.sizeIn(), size, coordinates);
      first.push_back(tap.first);
      second.push_back(tap.second);
      second1024.push_back(tap.weight);
    }
    SmallVector<Value> gathered;
    for (Value v : neighbours)
      for (ArrayRef<int64_t> places : {first, second}) {
        SmallVector<int64_t> shape(nn::shapeOf(v));
        shape[axis] = size;
        auto type = RankedTensorType::get(shape, input.parameters.stored);
        Value indices = makeInts(rewriter, loc, i64, places, {size});
        gathered.push_back(
            nn::GatherOp::create(rewriter, loc, type, v, indices, axis));
      }
    neighbours = std::move(gathered);
    SmallVector<int64_t> along(nn::shapeOf(input.stored).size() - axis, 1);
    along[0] = size;
    weights.push_back(makeInts(rewriter, loc, i32, second1024, along));
  }
  size_t count = neighbours.size();
  llvm::append_range(neighbours, weights);
  return createMap(
      rewriter, loc, neighbours, result.parameters.stored, [&](ValueRange x) {
        nn::ScalarEmitter e(rewriter, loc, i32);
        SmallVector<Value> numbers;
        nn::ScalarEmitter bytes(rewriter, loc, input.parameters.stored);
        for (Value v : x.take_front(count))
          numbers.push_back(bytes.convert(v, i32));
        // The last dimension's neighbours are next to each other.
        for (Value weight : llvm::reverse(x.drop_front(count))) {
          SmallVector<Value> between;
          for (size_t i = 0; i < numbers.size(); i += 2)
            between.push_back(
                e.add(e.mul(numbers[i], e.sub(e.constant(1 << 10), weight)),
                      e.mul(numbers[i + 1], weight)));
          numbers = std::move(between);
        }
        Value v = emitShiftAwayFromZero(rewriter, loc, numbers.front(),
                                        10 * dimensions.size());
        return emitStoreInteger(rewriter, loc, v, result.withoutZeroPoint());
      });
}

Value ResampleBuilder::widen() {
  Type i32 = rewriter.getI32Type();
  return createMap(rewriter, loc, {input.stored}, i32, [&](ValueRange x) {
    nn::ScalarEmitter e(rewriter, loc, i32);
    Value centred = emitCentred(rewriter, loc, x[0], input.parameters);
    return e.op<arith::ShLIOp>(centred, e.constant(16));
  });
}

/// resampleInteger.
Value ResampleBuilder::resample(Value v, const Taps &taps) {
  nn::ResampleOp op = taps.op;
  int64_t axis = op.getAxis(), size = taps.size(), count = taps.count();
  Type i32 = rewriter.getI32Type(), i64 = rewriter.getI64Type();
  auto type = RankedTensorType::get(nn::shapeOf(op.getResult()), i32);
  SmallVector<int64_t> along(nn::shapeOf(v).size() - axis, 1);
  along[0] = size;
  SmallVector<Value> inputs, weights;
  for (int64_t t = 0; t < count; ++t) {
    SmallVector<int64_t> places, factors;
    for (int64_t o = 0; o < size; ++o) {
      places.push_back(taps.indices[o * count + t]);
      factors.push_back(
          resampleWeight(static_cast<float>(taps.weights[o * count + t])));
    }
    Value indices = makeInts(rewriter, loc, i64, places, {size});
    inputs.push_back(
        nn::GatherOp::create(rewriter, loc, type, v, indices, axis));
    weights.push_back(makeInts(rewriter, loc, i32, factors, along));
  }
  llvm::append_range(inputs, weights);
  return createMap(rewriter, loc, inputs, i32, [&](ValueRange x) {
    nn::ScalarEmitter e(rewriter, loc, i64);
    auto wide = [&](Value scalar) { return e.op<arith::ExtSIOp>(i64, scalar); };
    Value sum = e.constant(1 << 19);
    for (int64_t t = 0; t < count; ++t)
      sum = e.add(sum, e.mul(wide(x[t]), wide(x[count + t])));
    return e.op<arith::TruncIOp>(i32,
                                 e.op<arith::ShRSIOp>(sum, e.constant(20)));
  });
}

Value ResampleBuilder::requantize(Value v) {
  // resampleMultiplier.
  float in = input.parameters.scale(), out = result.parameters.scale();
  double real = std::ldexp(static_cast<double>(in) / out, -16);
  Requantization requantize(result, static_cast<float>(real), real);
  return createMap(
      rewriter, loc, {v}, result.parameters.stored,
      [&](ValueRange x) { return requantize.emit(rewriter, loc, x[0], {}); });
}

namespace {

class LowerResample : public IntegerIslandPattern {
public:
  using IntegerIslandPattern::IntegerIslandPattern;

private:
  FailureOr<Value> lower(nn::QuantizeOp op, Island &island,
                         PatternRewriter &rewriter) const override {
    SmallVector<Taps> dimensions;
    Value v = island.value;
    double gain = 255;
    while (auto resample = v.getDefiningOp<nn::ResampleOp>()) {
      std::optional<Taps> taps = Taps::match(resample);
      if (!taps || taps->count() > kMaxTaps)
        return rewriter.notifyMatchFailure(op, "taps are computed, or many");
      gain *= taps->gain();
      v = resample.getInput();
      dimensions.insert(dimensions.begin(), std::move(*taps));
    }
    std::optional<Dequantized> input = matchDequantized(v);
    if (dimensions.empty() || !input || !isByte(input->parameters.stored) ||
        gain >= std::ldexp(1, 15))
      return rewriter.notifyMatchFailure(op, "interpolates no quantised bytes");
    Location loc = rewriter.getFusedLoc({island.value.getLoc(), op.getLoc()});
    ResampleBuilder builder(rewriter, loc, *input, island.result);
    if (!builder.matchTflite(dimensions))
      islands.takesIntegerForm(island.value.getDefiningOp());
    return builder.build(dimensions);
  }

  /// As many tensors are gathered.
  static constexpr int64_t kMaxTaps = 8;
};

} // namespace

void mlc::populateResamplePatterns(RewritePatternSet &patterns,
                                   IslandContext &context) {
  patterns.add<LowerResample>(patterns.getContext(), context);
}
