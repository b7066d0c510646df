//===- MathPatterns.cpp - float functions as arithmetic -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/MathPatterns.h"
#include "Backend/MathBuild.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace mlc {

namespace {

/// Whether upstream's approximations, which know only f32, have to be used.
bool needsF32(Operation *op) {
  return !isa<math::FloorOp, math::CeilOp, math::TruncOp, math::RoundOp,
              math::RoundEvenOp, math::AbsFOp, math::CopySignOp, math::SqrtOp,
              math::FmaOp, math::RsqrtOp, math::IsNaNOp, math::IsInfOp,
              math::IsFiniteOp, math::IsNormalOp>(op);
}

struct ComputeInF32 : RewritePattern {
  explicit ComputeInF32(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/10, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa_and_nonnull<math::MathDialect>(op->getDialect()) ||
        op->getNumOperands() == 0 || op->getNumResults() != 1)
      return failure();
    Type type = getElementTypeOrSelf(op->getOperand(0).getType());
    bool narrow = type.isF16() || type.isBF16();
    if (!narrow && !(type.isF64() && needsF32(op)))
      return rewriter.notifyMatchFailure(op, "type has its own arithmetic");
    Build build{rewriter, op->getLoc()};
    Type f32 = rewriter.getF32Type();
    auto isFloat = [](Type type) {
      return isa<FloatType>(getElementTypeOrSelf(type));
    };
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(isFloat(operand.getType()) ? build.cast(operand, f32)
                                                    : operand);
    Type result = op->getResult(0).getType();
    OperationState state(op->getLoc(), op->getName(), operands,
                         isFloat(result) ? withElement(result, f32) : result,
                         op->getAttrs());
    Value value = rewriter.create(state)->getResult(0);
    rewriter.replaceOp(op, isFloat(result)
                               ? build.cast(value, getElementTypeOrSelf(result))
                               : value);
    return success();
  }
};

/// Half to even, for numbers of any size.
Value roundEven(const Build &build, Value x) {
  Type type = x.getType();
  double big = getElementTypeOrSelf(type).isF64() ? 0x1p52 : 0x1p23;
  Value limit = build.number(type, big);
  Value magnitude = build.op<math::AbsFOp>(x);
  Value sum = build.op<arith::AddFOp>(magnitude, limit);
  Value rounded = build.op<arith::SubFOp>(sum, limit);
  // NaN and what has no fraction stay as they are.
  Value small = build.compare(arith::CmpFPredicate::OLT, magnitude, limit);
  return build.select(small, withSignOf(build, rounded, x), x);
}

/// Steps from the nearest integer towards `x`'s other side if it overshot.
Value adjust(const Build &build, Value x, arith::CmpFPredicate overshot,
             double step) {
  Value rounded = roundEven(build, x);
  Value moved =
      build.op<arith::AddFOp>(rounded, build.number(x.getType(), step));
  Value wrong = build.compare(overshot, rounded, x);
  return withSignOf(build, build.select(wrong, moved, rounded), x);
}

Value floorOf(const Build &build, Value x) {
  // -0.5 rounds to -0, which is above it, and moves to -1: the sign is x's in
  // all cases.
  return adjust(build, x, arith::CmpFPredicate::OGT, -1);
}

Value ceilOf(const Build &build, Value x) {
  return adjust(build, x, arith::CmpFPredicate::OLT, 1);
}

Value truncOf(const Build &build, Value x) {
  return withSignOf(build, floorOf(build, build.op<math::AbsFOp>(x)), x);
}

/// Half away from zero.
Value roundOf(const Build &build, Value x) {
  Type type = x.getType();
  Value magnitude = build.op<math::AbsFOp>(x);
  Value whole = build.op<math::FloorOp>(magnitude);
  Value fraction = build.op<arith::SubFOp>(magnitude, whole);
  Value up = build.op<arith::AddFOp>(whole, build.number(type, 1));
  Value half = build.compare(arith::CmpFPredicate::OGE, fraction,
                             build.number(type, 0.5));
  return withSignOf(build, build.select(half, up, whole), x);
}

template <typename Op, Value (*expand)(const Build &, Value)>
struct Unary : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if (!isWideFloat(op.getOperand().getType()))
      return rewriter.notifyMatchFailure(op, "only f32 and f64 are expanded");
    rewriter.replaceOp(op,
                       expand(Build{rewriter, op.getLoc()}, op.getOperand()));
    return success();
  }
};

Value log10Of(const Build &build, Value x) {
  Value natural = build.op<math::LogOp>(x);
  return build.op<arith::MulFOp>(
      natural, build.number(x.getType(), 0.43429448190325182765));
}

/// x^y with C's special cases: y = 0, x = 1, zeros and infinities of both
/// signs, negative x.
Value powOf(const Build &build, Value x, Value y) {
  Type type = x.getType();
  Value zero = build.number(type, 0), one = build.number(type, 1);
  Value base = build.op<math::AbsFOp>(x);
  Value logarithm = build.op<math::LogOp>(base);
  Value magnitude =
      build.op<math::ExpOp>(build.op<arith::MulFOp>(y, logarithm));
  // Of an infinite y, 0 * infinity would be NaN.
  Value isUnit = build.compare(arith::CmpFPredicate::OEQ, base, one);
  magnitude = build.select(isUnit, one, magnitude);
  Value half = build.op<arith::MulFOp>(y, build.number(type, 0.5));
  Value whole =
      build.compare(arith::CmpFPredicate::OEQ, y, build.op<math::FloorOp>(y));
  // An odd y keeps x's sign, that of a zero too.
  Value odd = build.op<arith::AndIOp>(
      whole, build.compare(arith::CmpFPredicate::ONE, half,
                           build.op<math::FloorOp>(half)));
  Value power = build.select(odd, withSignOf(build, magnitude, x), magnitude);
  Value nan = build.number(type, std::numeric_limits<double>::quiet_NaN());
  Value infinity = build.number(type, std::numeric_limits<double>::infinity());
  Value isNegative = build.op<arith::AndIOp>(
      build.compare(arith::CmpFPredicate::OLT, x, zero),
      build.compare(arith::CmpFPredicate::OLT, base, infinity));
  power = build.select(isNegative, build.select(whole, power, nan), power);
  Value isOne = build.compare(arith::CmpFPredicate::OEQ, x, one);
  Value isZeroth = build.compare(arith::CmpFPredicate::OEQ, y, zero);
  return build.select(build.op<arith::OrIOp>(isOne, isZeroth), one, power);
}

/// What a * b loses when it is rounded to `product`, exactly (Dekker 1971):
/// each factor is cut in halves of 26 bits.
Value productError(const Build &build, Value a, Value b, Value product) {
  auto high = [&](Value v) {
    Value scaled =
        build.op<arith::MulFOp>(v, build.number(v.getType(), 0x1p27 + 1));
    return build.op<arith::SubFOp>(scaled, build.op<arith::SubFOp>(scaled, v));
  };
  auto times = [&](Value v, Value w) { return build.op<arith::MulFOp>(v, w); };
  Value aHigh = high(a), bHigh = high(b);
  Value aLow = build.op<arith::SubFOp>(a, aHigh);
  Value bLow = build.op<arith::SubFOp>(b, bHigh);
  Value rest = build.op<arith::SubFOp>(times(aHigh, bHigh), product);
  rest = build.op<arith::AddFOp>(rest, times(aHigh, bLow));
  rest = build.op<arith::AddFOp>(rest, times(aLow, bHigh));
  return build.op<arith::AddFOp>(rest, times(aLow, bLow));
}

/// x - y * trunc(x / y) in f64, exact for quotients below 2^53: where x / y was
/// rounded up to an integer, the rest is less than zero by part of one y.
Value remOf(const Build &build, Value x, Value y) {
  Type type = x.getType(), wide = build.rewriter.getF64Type();
  Value a = build.op<math::AbsFOp>(build.cast(x, wide));
  Value b = build.op<math::AbsFOp>(build.cast(y, wide));
  Value quotient = build.op<math::TruncOp>(build.op<arith::DivFOp>(a, b));
  Value product = build.op<arith::MulFOp>(quotient, b);
  Value rest =
      build.op<arith::SubFOp>(build.op<arith::SubFOp>(a, product),
                              productError(build, quotient, b, product));
  Value over = build.compare(arith::CmpFPredicate::OLT, rest,
                             build.number(a.getType(), 0));
  rest = build.select(over, build.op<arith::AddFOp>(rest, b), rest);
  // Of a larger quotient too few digits are known to leave any.
  Value unknown = build.compare(arith::CmpFPredicate::OGE, rest, b);
  rest = build.select(unknown, build.number(a.getType(), 0), rest);
  // Also where y is infinite.
  Value keep = build.compare(arith::CmpFPredicate::OLT, a, b);
  rest = build.select(keep, a, rest);
  return withSignOf(build, build.cast(rest, getElementTypeOrSelf(type)), x);
}

/// The product is exact in f64. What the sum loses there makes its last bit
/// odd, which keeps it off the ties of f32.
struct ExactFma : OpRewritePattern<math::FmaOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::FmaOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "only f32 is expanded");
    Build build{rewriter, op.getLoc()};
    Type f64 = rewriter.getF64Type();
    Value product = build.op<arith::MulFOp>(build.cast(op.getA(), f64),
                                            build.cast(op.getB(), f64));
    Value addend = build.cast(op.getC(), f64);
    Value sum = build.op<arith::AddFOp>(product, addend);
    // Knuth's TwoSum: the error is exact.
    Value back = build.op<arith::SubFOp>(sum, product);
    Value error = build.op<arith::AddFOp>(
        build.op<arith::SubFOp>(product, build.op<arith::SubFOp>(sum, back)),
        build.op<arith::SubFOp>(addend, back));
    Value odd = roundedToOdd(build, sum, error);
    rewriter.replaceOp(op, build.cast(odd, rewriter.getF32Type()));
    return success();
  }

private:
  /// `sum` moved by one unit towards `sum + error` where it is even and there
  /// is an error.
  static Value roundedToOdd(const Build &build, Value sum, Value error) {
    Type i64 = withElement(sum.getType(), build.rewriter.getI64Type());
    Value zero = build.number(sum.getType(), 0);
    Value bits = build.op<arith::BitcastOp>(i64, sum);
    Value one = build.integer(i64, 1), none = build.integer(i64, 0);
    Value isEven = build.compare(arith::CmpIPredicate::eq,
                                 build.op<arith::AndIOp>(bits, one), none);
    Value isInexact = build.compare(arith::CmpFPredicate::ONE, error, zero);
    Value isAway =
        build.compare(arith::CmpIPredicate::eq,
                      build.compare(arith::CmpFPredicate::OGT, error, zero),
                      build.compare(arith::CmpFPredicate::OGT, sum, zero));
    Value step = build.select(isAway, one, build.integer(i64, -1));
    Value moves = build.op<arith::AndIOp>(isEven, isInexact);
    Value moved =
        build.op<arith::AddIOp>(bits, build.select(moves, step, none));
    return build.op<arith::BitcastOp>(sum.getType(), moved);
  }
};

template <arith::CmpFPredicate predicate>
Value extremeNumber(const Build &build, Value a, Value b) {
  Value first = build.compare(predicate, a, b);
  Value bIsNan = build.compare(arith::CmpFPredicate::UNO, b, b);
  return build.select(build.op<arith::OrIOp>(first, bIsNan), a, b);
}

template <typename Op, Value (*expand)(const Build &, Value, Value)>
struct Binary : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if (!isWideFloat(op.getLhs().getType()))
      return rewriter.notifyMatchFailure(op, "only f32 and f64 are expanded");
    rewriter.replaceOp(
        op, expand(Build{rewriter, op.getLoc()}, op.getLhs(), op.getRhs()));
    return success();
  }
};

/// NaN if either is; of zeros of both signs the second.
template <arith::CmpFPredicate predicate>
Value extreme(const Build &build, Value a, Value b) {
  Value first = build.compare(predicate, a, b);
  Value aIsNan = build.compare(arith::CmpFPredicate::UNO, a, a);
  return build.select(build.op<arith::OrIOp>(first, aIsNan), a, b);
}

/// By squaring, one step for each bit of the exponent.
struct ExpandIPow : OpRewritePattern<math::IPowIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::IPowIOp op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!type.isInteger())
      return rewriter.notifyMatchFailure(op, "only scalars are expanded");
    Build build{rewriter, op.getLoc()};
    Value zero = build.integer(type, 0), one = build.integer(type, 1);
    Value base = op.getLhs(), exponent = op.getRhs();
    auto index = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(rewriter, op.getLoc(), value);
    };
    auto loop = scf::ForOp::create(
        rewriter, op.getLoc(), index(0), index(type.getIntOrFloatBitWidth()),
        index(1), ValueRange{one, base, exponent},
        [&](OpBuilder &, Location loc, Value, ValueRange values) {
          Build inner{rewriter, loc};
          Value bit = inner.op<arith::AndIOp>(values[2], one);
          Value isSet = inner.compare(arith::CmpIPredicate::ne, bit, zero);
          Value product = inner.op<arith::MulIOp>(values[0], values[1]);
          Value power = inner.select(isSet, product, values[0]);
          Value square = inner.op<arith::MulIOp>(values[1], values[1]);
          Value rest = inner.op<arith::ShRUIOp>(values[2], one);
          scf::YieldOp::create(rewriter, loc, ValueRange{power, square, rest});
        });
    // 1 / base^n is 0 but for 1 and -1, whose powers are their own inverses.
    Value power = loop.getResult(0);
    Value isNegative = build.compare(arith::CmpIPredicate::slt, exponent, zero);
    Value square = build.op<arith::MulIOp>(base, base);
    Value isUnit = build.compare(arith::CmpIPredicate::eq, square, one);
    Value inverse = build.select(isUnit, power, zero);
    rewriter.replaceOp(op, build.select(isNegative, inverse, power));
    return success();
  }
};

/// f16 to f32: exponent and fraction moved into place, then scaled so that
/// subnormals come out right.
struct ExtendF16 : OpRewritePattern<arith::ExtFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &rewriter) const override {
    Type from = op.getIn().getType(), f32 = op.getType();
    if (!getElementTypeOrSelf(from).isF16() ||
        !getElementTypeOrSelf(f32).isF32())
      return rewriter.notifyMatchFailure(op, "not from f16 to f32");
    Build build{rewriter, op.getLoc()};
    Type i16 = withElement(from, rewriter.getI16Type());
    Type i32 = withElement(from, rewriter.getI32Type());
    Value bits = build.op<arith::ExtUIOp>(
        i32, build.op<arith::BitcastOp>(i16, op.getIn()));
    Value body = build.op<arith::AndIOp>(bits, build.integer(i32, 0x7fff));
    Value moved = build.op<arith::ShLIOp>(body, build.integer(i32, 13));
    Value scaled = build.op<arith::MulFOp>(
        build.op<arith::BitcastOp>(f32, moved), build.number(f32, 0x1p112));
    Value special = build.compare(arith::CmpIPredicate::uge, body,
                                  build.integer(i32, 0x7c00));
    Value infinite =
        build.op<arith::OrIOp>(moved, build.integer(i32, 0x7f800000));
    Value magnitude = build.select(special, infinite,
                                   build.op<arith::BitcastOp>(i32, scaled));
    Value sign = build.op<arith::ShLIOp>(
        build.op<arith::AndIOp>(bits, build.integer(i32, 0x8000)),
        build.integer(i32, 16));
    Value result = build.op<arith::OrIOp>(magnitude, sign);
    rewriter.replaceOp(op, build.op<arith::BitcastOp>(f32, result));
    return success();
  }
};

/// f32 to f16, half to even: normal results by integer rounding, subnormal ones
/// by adding a number whose last bit is worth 2^-24.
struct TruncateF16 : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    Type f32 = op.getIn().getType();
    if (!getElementTypeOrSelf(f32).isF32() ||
        !getElementTypeOrSelf(op.getType()).isF16())
      return rewriter.notifyMatchFailure(op, "not from f32 to f16");
    Build build{rewriter, op.getLoc()};
    Type i16 = withElement(f32, rewriter.getI16Type());
    Type i32 = withElement(f32, rewriter.getI32Type());
    auto constant = [&](int64_t value) { return build.integer(i32, value); };
    Value bits = build.op<arith::BitcastOp>(i32, op.getIn());
    Value body = build.op<arith::AndIOp>(bits, constant(0x7fffffff));

    Value odd = build.op<arith::AndIOp>(
        build.op<arith::ShRUIOp>(body, constant(13)), constant(1));
    Value biased = build.op<arith::AddIOp>(
        body, constant(int32_t(0xc8000fffu))); // exponent - 112, + half - 1
    Value normal = build.op<arith::ShRUIOp>(
        build.op<arith::AddIOp>(biased, odd), constant(13));

    Value magic = build.number(f32, 0.5);
    Value sum =
        build.op<arith::AddFOp>(build.op<arith::BitcastOp>(f32, body), magic);
    Value tiny = build.op<arith::SubIOp>(build.op<arith::BitcastOp>(i32, sum),
                                         constant(0x3f000000));

    Value isTiny = build.compare(arith::CmpIPredicate::ult, body,
                                 constant(0x38800000)); // 2^-14
    Value isLarge = build.compare(arith::CmpIPredicate::uge, body,
                                  constant(0x47800000)); // 2^16
    Value isNan =
        build.compare(arith::CmpIPredicate::ugt, body, constant(0x7f800000));
    Value large = build.select(isNan, constant(0x7e00), constant(0x7c00));
    Value magnitude =
        build.select(isLarge, large, build.select(isTiny, tiny, normal));
    Value sign = build.op<arith::AndIOp>(
        build.op<arith::ShRUIOp>(bits, constant(16)), constant(0x8000));
    Value result =
        build.op<arith::TruncIOp>(i16, build.op<arith::OrIOp>(magnitude, sign));
    rewriter.replaceOp(op, build.op<arith::BitcastOp>(op.getType(), result));
    return success();
  }
};

/// Between f16 and f64 by way of f32.
template <typename Op>
struct ByWayOfF32 : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    Type from = getElementTypeOrSelf(op.getIn().getType());
    Type to = getElementTypeOrSelf(op.getType());
    auto isNarrow = [](Type type) { return type.isF16() || type.isBF16(); };
    if (!(isNarrow(from) && to.isF64()) && !(from.isF64() && isNarrow(to)))
      return rewriter.notifyMatchFailure(op, "not between 16 and 64 bits");
    Type f32 = withElement(op.getType(), rewriter.getF32Type());
    Value middle = Op::create(rewriter, op.getLoc(), f32, op.getIn());
    rewriter.replaceOpWithNewOp<Op>(op, op.getType(), middle);
    return success();
  }
};

} // namespace

void populateMathTypePatterns(RewritePatternSet &patterns) {
  patterns.add<ComputeInF32>(patterns.getContext());
}

void populateRoundingPatterns(RewritePatternSet &patterns, bool native) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Unary<math::RoundOp, roundOf>>(context);
  if (!native)
    patterns.add<Unary<math::FloorOp, floorOf>, Unary<math::CeilOp, ceilOf>,
                 Unary<math::TruncOp, truncOf>,
                 Unary<math::RoundEvenOp, roundEven>>(context);
}

void populateFloatPatterns(RewritePatternSet &patterns) {
  patterns
      .add<Unary<math::Log10Op, log10Of>, Binary<math::PowFOp, powOf>,
           Binary<arith::RemFOp, remOf>,
           Binary<arith::MaxNumFOp, extremeNumber<arith::CmpFPredicate::OGT>>,
           Binary<arith::MinNumFOp, extremeNumber<arith::CmpFPredicate::OLT>>,
           ExpandIPow>(patterns.getContext());
}

void populateExtremumPatterns(RewritePatternSet &patterns) {
  patterns.add<Binary<arith::MaximumFOp, extreme<arith::CmpFPredicate::OGT>>,
               Binary<arith::MinimumFOp, extreme<arith::CmpFPredicate::OLT>>>(
      patterns.getContext());
}

void populateExactFmaPatterns(RewritePatternSet &patterns) {
  patterns.add<ExactFma>(patterns.getContext());
}

void populateF16Patterns(RewritePatternSet &patterns, bool native) {
  MLIRContext *context = patterns.getContext();
  patterns.add<ByWayOfF32<arith::ExtFOp>, ByWayOfF32<arith::TruncFOp>>(context);
  if (!native)
    patterns.add<ExtendF16, TruncateF16>(context);
}

} // namespace mlc
