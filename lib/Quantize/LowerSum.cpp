//===- LowerSum.cpp - Sums, products, quotients of two tensors ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"
#include "Quantize/IntegerIsland.h"
#include "Quantize/Tflite.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

namespace {

/// Whether QLinearAdd takes operands of these shapes as (b, a): `a` is one
/// element along the innermost dimension that is not 1 in both.
bool isSecondFirst(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  if (a.empty())
    return true;
  while (a.size() > 1 && b.size() > 1 && a.back() == 1 && b.back() == 1) {
    a = a.drop_back();
    b = b.drop_back();
  }
  return a.back() == 1;
}

/// A sum, a difference, a product or a quotient of two quantised tensors that
/// ends as stored integers.
struct Binary {
  Operation *core;
  Island island;
  Dequantized a, b;

  bool isProduct() const { return isa<nn::MulOp>(core); }
  bool isQuotient() const { return isa<nn::DivOp>(core); }
  float scale() const { return island.result.parameters.scale(); }
  /// Of the second operand, negative where it is subtracted.
  float signedScale() const {
    return isa<nn::SubOp>(core) ? -b.parameters.scale() : b.parameters.scale();
  }
  double ratioA() const {
    return static_cast<double>(a.parameters.scale()) / scale();
  }
  double ratioB() const { return static_cast<double>(signedScale()) / scale(); }

  /// Whether sums of the operands, or their product, leave 32 bits.
  bool isWide() const {
    return !isByte(a.parameters.stored) || !isByte(b.parameters.stored);
  }
  bool isDefined() const {
    if (isWide() && isQuotient())
      return false;
    return island.result.mode == QuantizeMode::Onnx || isTflite() ||
           isProduct() || isQuotient() || hasSumMultipliers(ratioA(), ratioB());
  }
  bool isOneOperator() const;
  /// Whether TFLite has a kernel of it, and the mode is its.
  bool isTflite() const {
    return island.result.mode == QuantizeMode::Tflite && !isWide() &&
           !isQuotient();
  }

  Value emit(OpBuilder &builder, Location loc, Value x, Value y) const;
  Value emitFusedSum(OpBuilder &builder, Location loc, Value x, Value y) const;
  Value emitSumLine(OpBuilder &builder, Location loc, Value x, Value y) const;
  Value emitTfliteSum(OpBuilder &builder, Location loc, Value x, Value y) const;
  Value emitTfliteOperand(OpBuilder &builder, Location loc, Value v,
                          const Parameters &parameters,
                          FixedMultiplier m) const;
  Value emitProduct(OpBuilder &builder, Location loc, Value x, Value y) const;
  Value emitFloats(OpBuilder &builder, Location loc, Value x, Value y) const;
  Value emitInteger(OpBuilder &builder, Location loc, Value x, Value y) const;
  Value emitQuotient(OpBuilder &builder, Location loc, Value x, Value y) const;
  Value emitWideProduct(OpBuilder &builder, Location loc, Value x,
                        Value y) const;
};

/// Whether onnxruntime has an operator for all of it, QLinearAdd or QLinearMul:
/// of one type, with nothing between it and nn.quantize that limits the result.
/// It computes the rest in floats.
bool Binary::isOneOperator() const {
  const ResultQuantization &result = island.result;
  StoredRange all = result.parameters.range();
  Type stored = result.parameters.stored;
  return !isa<nn::SubOp, nn::DivOp>(core) && a.parameters.stored == stored &&
         b.parameters.stored == stored && result.range.low == all.low &&
         result.range.high == all.high;
}

Value Binary::emit(OpBuilder &builder, Location loc, Value x, Value y) const {
  bool isOnnx = island.result.mode == QuantizeMode::Onnx;
  if (isOnnx && !isOneOperator())
    return emitFloats(builder, loc, x, y);
  if (isProduct() && isWide())
    return emitWideProduct(builder, loc, x, y);
  if (isProduct())
    return emitProduct(builder, loc, x, y);
  if (isQuotient())
    return emitQuotient(builder, loc, x, y);
  if (isTflite())
    return emitTfliteSum(builder, loc, x, y);
  return isOnnx ? emitFusedSum(builder, loc, x, y)
                : emitInteger(builder, loc, x, y);
}

/// addOnnx.
Value Binary::emitFusedSum(OpBuilder &builder, Location loc, Value x,
                           Value y) const {
  const Dequantized *first = &a, *second = &b;
  if (isSecondFirst(nn::shapeOf(a.stored), nn::shapeOf(b.stored))) {
    std::swap(first, second);
    std::swap(x, y);
  }
  auto scaling = [](const Parameters &p) {
    return Scaling{p.scale(), p.zeroPoint()};
  };
  const ResultQuantization &result = island.result;
  FusedSum sum =
      fusedSum(scaling(first->parameters), scaling(second->parameters),
               scaling(result.parameters));
  nn::ScalarEmitter e(builder, loc, builder.getF32Type());
  auto stored = [&](Value v, const Dequantized &from) {
    nn::ScalarEmitter bytes(builder, loc, from.parameters.stored);
    return e.op<arith::SIToFPOp>(builder.getF32Type(),
                                 bytes.convert(v, builder.getI32Type()));
  };
  Value p = stored(x, *first), q = stored(y, *second);
  Value ratioA = e.constant(sum.ratioA), ratioB = e.constant(sum.ratioB),
        rest = e.constant(sum.rest);
  // Where it makes no difference, CPUs without an instruction need not fuse.
  bool isOpen = isSameUnfused(
      sum, !first->parameters.stored.isUnsignedInteger(),
      !second->parameters.stored.isUnsignedInteger(), result.range);
  auto multiplyAdd = [&](Value x, Value factor, Value addend) {
    if (!isOpen)
      return e.op<math::FmaOp>(x, factor, addend);
    constexpr auto fusible = arith::FastMathFlags::contract;
    return e.op<arith::AddFOp>(e.op<arith::MulFOp>(x, factor, fusible), addend,
                               fusible);
  };
  Value v = multiplyAdd(p, ratioA, multiplyAdd(q, ratioB, rest));
  return emitStoreFloat(builder, loc, v, result.withoutZeroPoint());
}

/// multiplyDoubleRounding of x * 2^20, x of 9 bits: the product has 40 bits, of
/// which 11 are rounded off, so that its two parts fit 32.
Value Binary::emitTfliteOperand(OpBuilder &builder, Location loc, Value v,
                                const Parameters &parameters,
                                FixedMultiplier m) const {
  constexpr int32_t places = 11, low = (1 << places) - 1;
  nn::ScalarEmitter e(builder, loc, builder.getI32Type());
  Value x = emitCentred(builder, loc, v, parameters);
  Value product = e.mul(x, e.constant(m.multiplier >> places));
  if ((m.multiplier & low) != 0) {
    Value rest = e.mul(x, e.constant(m.multiplier & low));
    rest = e.add(rest, e.constant(1 << (places - 1)));
    product = e.add(product, e.op<arith::ShRSIOp>(rest, e.constant(places)));
  }
  return emitShiftAwayFromZero(builder, loc, product, -m.shift);
}

/// addByLine, in two parts of 32 bits; null where there is no line.
Value Binary::emitSumLine(OpBuilder &builder, Location loc, Value x,
                          Value y) const {
  auto isSigned = [](const Dequantized &operand) {
    return !operand.parameters.stored.isUnsignedInteger();
  };
  auto scaling = [](const Parameters &p) {
    return Scaling{p.scale(), p.zeroPoint()};
  };
  std::optional<SumLine> line =
      sumLine({scaling(a.parameters), scaling(b.parameters), isSigned(a),
               isSigned(b), isa<nn::SubOp>(core)},
              scale(), island.result.range);
  if (!line)
    return {};
  Type i32 = builder.getI32Type();
  nn::ScalarEmitter e(builder, loc, i32);
  x = nn::ScalarEmitter(builder, loc, a.parameters.stored).convert(x, i32);
  y = nn::ScalarEmitter(builder, loc, b.parameters.stored).convert(y, i32);
  auto part = [&](llvm::function_ref<int64_t(int64_t)> of) {
    auto number = [&](int64_t v) {
      return e.constant(static_cast<double>(of(v)));
    };
    Value sum =
        e.add(e.mul(x, number(line->slopeA)), e.mul(y, number(line->slopeB)));
    return e.add(sum, number(line->offset));
  };
  constexpr int64_t low = (1 << kSumLineLowPlaces) - 1;
  Value rest = part([](int64_t v) { return v & low; });
  rest = e.op<arith::ShRSIOp>(rest, e.constant(kSumLineLowPlaces));
  Value v = e.add(part([](int64_t v) { return v >> kSumLineLowPlaces; }), rest);
  v = e.op<arith::ShRSIOp>(v, e.constant(line->places - kSumLineLowPlaces));
  return emitStoreInteger(builder, loc, v, island.result.withoutZeroPoint());
}

/// addTflite, subtractTflite.
Value Binary::emitTfliteSum(OpBuilder &builder, Location loc, Value x,
                            Value y) const {
  if (Value v = emitSumLine(builder, loc, x, y))
    return v;
  nn::ScalarEmitter e(builder, loc, builder.getI32Type());
  TfliteSum sum =
      tfliteSum(a.parameters.scale(), b.parameters.scale(), scale());
  x = emitTfliteOperand(builder, loc, x, a.parameters, sum.a);
  y = emitTfliteOperand(builder, loc, y, b.parameters, sum.b);
  Value v = isa<nn::SubOp>(core) ? e.sub(x, y) : e.add(x, y);
  // Each operand is less than 2^8 * 2^20 / 2.
  v = emitDoubleRounding(builder, loc, v, sum.result, int64_t(1) << 28);
  return emitStoreInteger(builder, loc, v, island.result);
}

/// Onnx: multiplyOnnx. Others: an accumulator.
Value Binary::emitProduct(OpBuilder &builder, Location loc, Value x,
                          Value y) const {
  float sa = a.parameters.scale(), sb = b.parameters.scale();
  const ResultQuantization &result = island.result;
  nn::ScalarEmitter integer(builder, loc, builder.getI32Type());
  Value product = integer.mul(emitCentred(builder, loc, x, a.parameters),
                              emitCentred(builder, loc, y, b.parameters));
  float factor = onnxScale(sa, sb, scale());
  if (isTflite())
    return Requantization::twice(result, productTflite(sa, sb, scale()),
                                 1 << 17)
        .emit(builder, loc, product, {});
  if (result.mode == QuantizeMode::Integer)
    return Requantization(result, factor,
                          static_cast<double>(sa) * sb / scale())
        .emit(builder, loc, product, {});
  nn::ScalarEmitter e(builder, loc, builder.getF32Type());
  Value v = e.op<arith::SIToFPOp>(builder.getF32Type(), product);
  v = e.add(e.mul(v, e.constant(factor)), e.constant(result.range.zeroPoint));
  return emitStoreFloat(builder, loc, v, result.withoutZeroPoint());
}

/// quantizeValue of what `core` makes of dequantizeValue.
Value Binary::emitFloats(OpBuilder &builder, Location loc, Value x,
                         Value y) const {
  nn::ScalarEmitter e(builder, loc, builder.getF32Type());
  auto number = [&](Value v, const Parameters &p) {
    Value centred = emitCentred(builder, loc, v, p);
    return e.mul(e.op<arith::SIToFPOp>(builder.getF32Type(), centred),
                 e.constant(p.scale()));
  };
  Value numbers[2] = {number(x, a.parameters), number(y, b.parameters)};
  Value v =
      cast<nn::ElementwiseOpInterface>(core).emitScalar(builder, loc, numbers);
  return emitStoreFloat(builder, loc, e.div(v, e.constant(scale())),
                        island.result);
}

/// A stored scalar apart from its zero point, of `type`.
static Value emitWide(OpBuilder &builder, Location loc, Value stored,
                      const Parameters &parameters, Type type) {
  Value v = emitCentred(builder, loc, stored, parameters);
  return type.isInteger(32)
             ? v
             : builder.createOrFold<arith::ExtSIOp>(loc, type, v);
}

/// requantizeWide.
Value Binary::emitWideProduct(OpBuilder &builder, Location loc, Value x,
                              Value y) const {
  Type i64 = builder.getI64Type();
  WideEmitter e(builder, loc);
  double real = static_cast<double>(a.parameters.scale()) *
                b.parameters.scale() / scale();
  WideMultiplier m = wideMultiplier(fixedMultiplier(real));
  Value v = e.mul(emitWide(builder, loc, x, a.parameters, i64),
                  emitWide(builder, loc, y, b.parameters, i64));
  v = e.add(e.mul(v, e.number(m.multiplier)),
            e.number(int64_t(1) << (m.places - 1)));
  v = e.right(v, m.places);
  return emitStoreInteger(builder, loc, v, island.result);
}

/// addInteger.
Value Binary::emitInteger(OpBuilder &builder, Location loc, Value x,
                          Value y) const {
  Type type = isWide() ? builder.getI64Type() : builder.getI32Type();
  nn::ScalarEmitter e(builder, loc, type);
  x = emitWide(builder, loc, x, a.parameters, type);
  y = emitWide(builder, loc, y, b.parameters, type);
  SumMultipliers m = sumMultipliers(ratioA(), ratioB());
  Value sum = e.add(e.mul(x, e.constant(m.a)), e.mul(y, e.constant(m.b)));
  sum = e.add(sum, e.constant(int64_t(1) << (m.shift - 1)));
  Value v = e.op<arith::ShRSIOp>(sum, e.constant(m.shift));
  return emitStoreInteger(builder, loc, v, island.result);
}

/// divideInteger.
Value Binary::emitQuotient(OpBuilder &builder, Location loc, Value x,
                           Value y) const {
  FixedMultiplier m =
      fixedMultiplier(static_cast<double>(a.parameters.scale()) /
                      (static_cast<double>(b.parameters.scale()) * scale()));
  int64_t places = std::min(51 - m.shift, 62);
  Type i64 = builder.getI64Type();
  nn::ScalarEmitter e(builder, loc, i64);
  auto wide = [&](Value v, const Parameters &p) {
    return e.op<arith::ExtSIOp>(i64, emitCentred(builder, loc, v, p));
  };
  x = wide(x, a.parameters);
  y = wide(y, b.parameters);
  Value zero = e.constant(0), one = e.constant(1);
  Value scaled = e.mul(x, e.constant(static_cast<double>(m.multiplier)));
  scaled = e.op<arith::ShLIOp>(scaled, e.constant(20));
  Value isZero = e.equal(y, zero);
  Value v = e.op<arith::DivSIOp>(scaled, e.select(isZero, one, y));
  v = e.add(v, e.constant(std::ldexp(1.0, places - 1)));
  v = e.op<arith::ShRSIOp>(v, e.constant(places));
  Value most = e.constant(512), least = e.constant(-512);
  Value limit = e.select(e.greater(x, zero), most, least);
  return emitStoreInteger(builder, loc, e.select(isZero, limit, v),
                          island.result);
}

class LowerSum : public OpRewritePattern<nn::QuantizeOp> {
public:
  LowerSum(MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/2), islands(islands) {}

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Island> island = matchIsland(op, islands.mode);
    Operation *core = island ? island->value.getDefiningOp() : nullptr;
    if (!isa_and_nonnull<nn::AddOp, nn::SubOp, nn::MulOp, nn::DivOp>(core))
      return rewriter.notifyMatchFailure(op,
                                         "ends no sum, product or quotient");
    // It is computed as a number all the same, as in onnxruntime.
    if (islands.mode == QuantizeMode::Onnx && !core->getResult(0).hasOneUse())
      return rewriter.notifyMatchFailure(op, "is one of several uses");
    std::optional<Dequantized> a = matchDequantized(core->getOperand(0));
    std::optional<Dequantized> b = matchDequantized(core->getOperand(1));
    auto isKnown = [&](const std::optional<Dequantized> &operand) {
      return operand && (isByte(operand->parameters.stored) ||
                         isShort(operand->parameters.stored, islands.mode));
    };
    if (!isKnown(a) || !isKnown(b))
      return rewriter.notifyMatchFailure(op, "operands are no such integers");
    Binary binary{core, *island, *a, *b};
    if (!binary.isDefined())
      return rewriter.notifyMatchFailure(op, "scales are too far apart");
    if (!binary.isTflite())
      islands.takesIntegerForm(core);
    auto map = nn::MapOp::create(
        rewriter, rewriter.getFusedLoc({core->getLoc(), op.getLoc()}),
        op.getType(), ValueRange{a->stored, b->stored});
    Type typeA = nn::makeSignless(nn::elementOf(a->stored));
    Type typeB = nn::makeSignless(nn::elementOf(b->stored));
    OpBuilder::InsertionGuard guard(rewriter);
    Location loc = map.getLoc();
    Block *block =
        rewriter.createBlock(&map.getBody(), {}, {typeA, typeB}, {loc, loc});
    nn::YieldOp::create(rewriter, loc,
                        binary.emit(rewriter, loc, block->getArgument(0),
                                    block->getArgument(1)));
    rewriter.replaceOp(op, map);
    ++islands.elementwise;
    return success();
  }

private:
  IslandContext &islands;
};

} // namespace

void mlc::populateSumPatterns(RewritePatternSet &patterns,
                              IslandContext &context) {
  patterns.add<LowerSum>(patterns.getContext(), context);
}
