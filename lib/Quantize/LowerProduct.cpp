//===- LowerProduct.cpp - Convolutions and matrix products on integers ----===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"
#include "Quantize/Islands.h"
#include "Quantize/Tflite.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlc;

namespace {

/// A product of dequantised operands, and what it is in integers.
class Product {
public:
  /// The product that `v` is, perhaps with a constant added to each channel.
  static std::optional<Product> match(Value v);

  int64_t channels() const { return filters; }
  /// Scale of the accumulator of channel c, as onnxruntime rounds it.
  float scale(int64_t c) const {
    return left.parameters.scale() * rightScale(c);
  }
  float leftScale() const { return left.parameters.scale(); }
  float rightScale(int64_t c) const { return right.scale(c); }

  /// The same op on integers, with result type `type` and an epilogue whose
  /// block takes the accumulator and one scalar for each of `operands`.
  Operation *create(PatternRewriter &rewriter, Location loc, Type type,
                    ValueRange operands, ArrayRef<Type> scalarTypes,
                    llvm::function_ref<Value(Location, ValueRange)> body) const;
  Location getLoc() const { return op->getLoc(); }
  /// Of every accumulator, whatever is computed.
  int64_t greatest() const;
  /// Whether TFLite's kernel multiplies the scales of operands in f32: of two
  /// computed ones, and of convolutions of unsigned bytes.
  bool multipliesScalesInSingle() const {
    return !weights ||
           (!isFullyConnected() && left.parameters.stored.isUnsignedInteger());
  }
  /// What TFLite has a kernel of its own for, with other roundings.
  bool isFullyConnected() const {
    return isa<nn::MatmulOp>(op.getOperation()) && weights;
  }

private:
  bool matchOperands();
  bool matchRight(Value v);
  bool matchBias(Value own, Value added);
  bool addBias(Value v);
  bool isChannelwise(Value v) const;
  std::optional<int64_t> centredWeights(SmallVectorImpl<int64_t> &values) const;
  Value makeWeights(PatternRewriter &rewriter, Location loc) const;

  mutable nn::LinearOpInterface op; // its methods are not const
  int64_t filters = 0;
  nn::WeightChannels weightChannels;
  Dequantized left;
  Parameters right;
  Value rightStored;
  std::optional<SmallVector<int64_t>> weights; // stored, where constant
  SmallVector<int64_t> bias;                   // empty without one
};

} // namespace

bool Product::matchRight(Value v) {
  auto dequantize = v.getDefiningOp<nn::DequantizeOp>();
  std::optional<Parameters> p;
  if (!dequantize || !(p = parametersOf(dequantize)) || !isByte(p->stored))
    return false;
  rightStored = dequantize.getInput();
  right = *p;
  if (!right.isPerTensor() && right.axis != op.getWeightsResultDim())
    return false;
  if (std::optional<DequantizedConstant> constant = matchDequantizedConstant(v))
    weights = std::move(constant->values);
  // The zero point of computed weights must be one attribute of the op.
  return weights || (op.canHaveWeightsZero() && right.isPerTensor());
}

/// Whether `v` has one value for each channel of the result, or one for all.
bool Product::isChannelwise(Value v) const {
  ArrayRef<int64_t> shape = nn::shapeOf(v), full = nn::shapeOf(op.getResult());
  int64_t count = cast<RankedTensorType>(v.getType()).getNumElements();
  if (shape.size() > full.size())
    return false;
  if (count == 1)
    return true;
  int64_t position = op.getResultChannelDim() -
                     static_cast<int64_t>(full.size() - shape.size());
  return count == filters && position >= 0 && shape[position] == filters;
}

/// Adds the constant `v` to the bias, in units of the accumulator.
bool Product::addBias(Value v) {
  std::optional<SmallVector<double>> numbers = knownValues(v);
  if (!numbers)
    return false;
  bias.resize(filters, 0);
  std::optional<DequantizedConstant> stored = matchDequantizedConstant(v);
  for (int64_t c = 0; c < filters; ++c) {
    int64_t i = numbers->size() == 1 ? 0 : c;
    double unit = static_cast<double>(leftScale()) * rightScale(c);
    // Exporters round the bias' scale; its integers are what is meant.
    bool isInUnits = stored && stored->parameters.stored.isInteger(32) &&
                     stored->parameters.zeroPoint(i) == 0 &&
                     std::fabs(stored->parameters.scale(i) / unit - 1) < 1e-3;
    double value = isInUnits ? static_cast<double>(stored->values[i])
                             : std::nearbyint((*numbers)[i] / unit);
    if (!(std::fabs(value) < std::ldexp(1, 31)))
      return false;
    bias[c] += static_cast<int64_t>(value);
  }
  return true;
}

bool Product::matchBias(Value own, Value added) {
  if (own && !addBias(own))
    return false;
  return !added || (isChannelwise(added) && addBias(added));
}

bool Product::matchOperands() {
  std::optional<Dequantized> lhs = matchDequantized(op.getInput());
  if (!lhs || !isByte(lhs->parameters.stored) ||
      !nn::elementOf(op.getResult()).isF32())
    return false;
  left = *lhs;
  return matchRight(op.getWeights());
}

/// The greatest magnitude that a stored integer has without its zero point.
static int64_t greatestMagnitude(const Parameters &p) {
  StoredRange range = p.range();
  int64_t greatest = 0;
  for (int64_t zeroPoint : p.zeroPoints)
    greatest =
        std::max({greatest, range.high - zeroPoint, zeroPoint - range.low});
  return greatest;
}

int64_t Product::greatest() const {
  SmallVector<int64_t> sums(filters, 0);
  if (weights)
    for (auto [i, w] : llvm::enumerate(*weights))
      sums[weightChannels.result(i)] +=
          std::abs(w - right.zeroPoint(weightChannels.result(i)));
  else
    sums.assign(filters, op.getReductionSize() * greatestMagnitude(right));
  int64_t most = greatestMagnitude(left.parameters), greatest = 0;
  for (int64_t c = 0; c < filters; ++c)
    greatest = std::max(greatest, sums[c] * most +
                                      (bias.empty() ? 0 : std::abs(bias[c])));
  return greatest;
}

std::optional<Product> Product::match(Value v) {
  auto asProduct = [](Value x) {
    auto linear = x.getDefiningOp<nn::LinearOpInterface>();
    return linear && linear.getEpilogue().empty() ? linear
                                                  : nn::LinearOpInterface();
  };
  Product product;
  Value added;
  product.op = asProduct(v);
  if (auto add = v.getDefiningOp<nn::AddOp>()) {
    for (int side : {0, 1}) {
      Value x = add->getOperand(side);
      if (!asProduct(x) || !x.hasOneUse() || x.getType() != v.getType())
        continue;
      product.op = asProduct(x);
      added = add->getOperand(1 - side);
      break;
    }
  }
  if (!product.op)
    return std::nullopt;
  product.filters = product.op.getResultChannels();
  product.weightChannels = product.op.getWeightChannels();
  if (!product.matchOperands() ||
      !product.matchBias(product.op.getBias(), added) ||
      product.greatest() > std::numeric_limits<int32_t>::max())
    return std::nullopt;
  return product;
}

/// Weights without their zero points, of which the greatest magnitude is
/// returned; nullopt where they are stored like that already.
std::optional<int64_t>
Product::centredWeights(SmallVectorImpl<int64_t> &values) const {
  bool isSymmetric =
      llvm::all_of(right.zeroPoints, [](int32_t z) { return z == 0; });
  if (isSymmetric && right.stored.isSignlessInteger())
    return std::nullopt;
  int64_t low = 0, high = 0;
  for (auto [i, w] : llvm::enumerate(*weights)) {
    values.push_back(w - right.zeroPoint(weightChannels.result(i)));
    low = std::min(low, values.back());
    high = std::max(high, values.back());
  }
  return std::max(high, -1 - low);
}

Value Product::makeWeights(PatternRewriter &rewriter, Location loc) const {
  SmallVector<int64_t> values;
  std::optional<int64_t> most;
  if (!weights || !(most = centredWeights(values)))
    return rightStored;
  Type element = rewriter.getIntegerType(*most <= 127 ? 8 : 16);
  return makeInts(rewriter, loc, element, values, nn::shapeOf(rightStored));
}

Operation *
Product::create(PatternRewriter &rewriter, Location loc, Type type,
                ValueRange operands, ArrayRef<Type> scalarTypes,
                llvm::function_ref<Value(Location, ValueRange)> body) const {
  Value w = makeWeights(rewriter, loc), b;
  Type i32 = rewriter.getI32Type();
  if (llvm::any_of(bias, [](int64_t v) { return v != 0; }))
    b = makeInts(rewriter, loc, i32, bias, {filters});
  auto zeroPoint = [&](int32_t z) {
    return z == 0 ? IntegerAttr() : rewriter.getI32IntegerAttr(z);
  };
  IntegerAttr leftZero = zeroPoint(left.parameters.zeroPoint());
  nn::LinearOpInterface result =
      op.createWith(rewriter, loc, type,
                    {left.stored, w, b, operands, leftZero,
                     weights ? IntegerAttr() : zeroPoint(right.zeroPoint())});
  OpBuilder::InsertionGuard guard(rewriter);
  SmallVector<Type> types = {i32};
  llvm::append_range(types, scalarTypes);
  Block *block = rewriter.createBlock(&result.getEpilogue(), {}, types,
                                      SmallVector<Location>(types.size(), loc));
  nn::YieldOp::create(rewriter, loc, body(loc, block->getArguments()));
  return result;
}

namespace {

class LowerProduct : public OpRewritePattern<nn::QuantizeOp> {
public:
  LowerProduct(MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/2), islands(islands) {}

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Island> island = matchIsland(op, islands.mode);
    // A product that others read as well would be computed twice.
    if (!island || !island->value.hasOneUse())
      return rewriter.notifyMatchFailure(op, "ends no island of its own");
    std::optional<Product> product = Product::match(island->value);
    if (!product)
      return rewriter.notifyMatchFailure(op, "ends no product of integers");
    std::optional<Requantization> requantization =
        requantizationOf(*product, island->result);
    if (!requantization)
      return rewriter.notifyMatchFailure(op, "no multipliers give the product");
    Location loc = rewriter.getFusedLoc({product->getLoc(), op.getLoc()});
    SmallVector<Value> operands =
        requantization->operands(rewriter, loc, {product->channels()});
    Operation *result = product->create(
        rewriter, loc, op.getType(), operands,
        requantization->scalarTypes(rewriter),
        [&](Location at, ValueRange args) {
          return requantization->emit(rewriter, at, args[0], args.drop_front());
        });
    rewriter.replaceOp(op, result);
    ++islands.products;
    return success();
  }

private:
  static std::optional<Requantization>
  requantizationOf(const Product &product, const ResultQuantization &result) {
    SmallVector<float> scales;
    SmallVector<double> reals;
    float out = result.parameters.scale();
    for (int64_t c = 0; c < product.channels(); ++c) {
      float a = product.leftScale(), b = product.rightScale(c);
      scales.push_back(onnxScale(a, b, out));
      reals.push_back(static_cast<double>(a) * b / out);
      if (result.mode == QuantizeMode::Tflite &&
          product.multipliesScalesInSingle())
        reals.back() = static_cast<double>(a * b) / out;
    }
    int64_t most = product.greatest();
    if (result.mode != QuantizeMode::Tflite || !product.isFullyConnected())
      return Requantization(result, scales, reals, most);
    SmallVector<FixedMultiplier> multipliers;
    for (double real : reals) {
      std::optional<FixedMultiplier> m =
          fullyConnectedMultiplier(real, result.range, most);
      if (!m)
        return std::nullopt;
      multipliers.push_back(*m);
    }
    return Requantization::belowHalf(result, multipliers);
  }

  IslandContext &islands;
};

/// A product that ends in floats: the accumulator times its scale.
struct LowerFloatProduct : OpInterfaceRewritePattern<nn::LinearOpInterface> {
  LowerFloatProduct(MLIRContext *context, IslandContext &islands)
      : OpInterfaceRewritePattern(context), islands(islands) {}

  LogicalResult matchAndRewrite(nn::LinearOpInterface op,
                                PatternRewriter &rewriter) const override {
    std::optional<Product> product = Product::match(op.getResult());
    if (!product)
      return rewriter.notifyMatchFailure(op, "is no product of integers");
    SmallVector<float> scales;
    for (int64_t c = 0; c < product->channels(); ++c)
      scales.push_back(product->scale(c));
    bool isOne = llvm::all_equal(scales);
    SmallVector<Value> operands;
    SmallVector<Type> types;
    if (!isOne) {
      operands.push_back(
          makeFloats(rewriter, op->getLoc(), scales, {product->channels()}));
      types.push_back(rewriter.getF32Type());
    }
    Operation *result = product->create(
        rewriter, op.getLoc(), op.getResult().getType(), operands, types,
        [&](Location at, ValueRange args) {
          nn::ScalarEmitter e(rewriter, at, rewriter.getF32Type());
          Value v = e.op<arith::SIToFPOp>(rewriter.getF32Type(), args[0]);
          return e.mul(v, isOne ? e.constant(scales[0]) : args[1]);
        });
    rewriter.replaceOp(op, result);
    ++islands.products;
    return success();
  }

  IslandContext &islands;
};

} // namespace

void mlc::populateProductPatterns(RewritePatternSet &patterns,
                                  IslandContext &context) {
  patterns.add<LowerProduct>(patterns.getContext(), context);
}

void mlc::populateFloatProductPatterns(RewritePatternSet &patterns,
                                       IslandContext &context) {
  patterns.add<LowerFloatProduct>(patterns.getContext(), context);
}
