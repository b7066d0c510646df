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

/// |x| with x's sign put back.
Value withSignOf(const Build &build, Value magnitude, Value sign) {
  return build.op<math::CopySignOp>(magnitude, sign);
}

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

/// x^y with C's special cases that models meet: y = 0, x = 0, x < 0.
Value powOf(const Build &build, Value x, Value y) {
  Type type = x.getType();
  Value zero = build.number(type, 0), one = build.number(type, 1);
  Value logarithm = build.op<math::LogOp>(build.op<math::AbsFOp>(x));
  Value magnitude =
      build.op<math::ExpOp>(build.op<arith::MulFOp>(y, logarithm));
  Value half = build.op<arith::MulFOp>(y, build.number(type, 0.5));
  Value whole =
      build.compare(arith::CmpFPredicate::OEQ, y, build.op<math::FloorOp>(y));
  Value even = build.compare(arith::CmpFPredicate::OEQ, half,
                             build.op<math::FloorOp>(half));
  Value negated =
      build.select(even, magnitude, build.op<arith::NegFOp>(magnitude));
  Value nan = build.number(type, std::numeric_limits<double>::quiet_NaN());
  Value ofNegative = build.select(whole, negated, nan);
  Value isNegative = build.compare(arith::CmpFPredicate::OLT, x, zero);
  Value power = build.select(isNegative, ofNegative, magnitude);
  Value isOne = build.compare(arith::CmpFPredicate::OEQ, x, one);
  Value isZeroth = build.compare(arith::CmpFPredicate::OEQ, y, zero);
  power = build.select(isOne, one, power);
  return build.select(isZeroth, one, power);
}

/// x - y * trunc(x / y); f32 in f64, where the quotient's fraction is exact
/// enough to be cut off at the right integer.
Value remOf(const Build &build, Value x, Value y) {
  Type type = x.getType(), wide = build.rewriter.getF64Type();
  Value a = build.cast(x, wide), b = build.cast(y, wide);
  Value quotient = build.op<math::TruncOp>(build.op<arith::DivFOp>(a, b));
  Value rest = build.op<arith::SubFOp>(a, build.op<arith::MulFOp>(quotient, b));
  Value remainder = build.cast(rest, getElementTypeOrSelf(type));
  Value magnitude = build.op<math::AbsFOp>(y);
  Value infinite = build.compare(
      arith::CmpFPredicate::OEQ, magnitude,
      build.number(type, std::numeric_limits<double>::infinity()));
  Value finite = build.compare(arith::CmpFPredicate::OLT,
                               build.op<math::AbsFOp>(x), magnitude);
  Value keep = build.op<arith::AndIOp>(infinite, finite);
  return build.select(keep, x, withSignOf(build, remainder, x));
}

/// What upstream's approximation ends in without fused multiply-adds is
/// 1 - 2^-24, which x * (1 + tanh(x)) does not forgive for large -x.
struct SaturateTanh : OpRewritePattern<math::TanhOp> {
  explicit SaturateTanh(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/5) {}

  LogicalResult matchAndRewrite(math::TanhOp op,
                                PatternRewriter &rewriter) const override {
    constexpr StringLiteral done = "mlc.saturated";
    if (op->hasAttr(done))
      return rewriter.notifyMatchFailure(op, "is within the range already");
    Build build{rewriter, op.getLoc()};
    Value x = op.getOperand(), one = build.number(x.getType(), 1);
    auto inner = math::TanhOp::create(rewriter, op.getLoc(), x);
    inner->setAttr(done, rewriter.getUnitAttr());
    // From here on the nearest float is 1.
    Value isLarge =
        build.compare(arith::CmpFPredicate::OGE, build.op<math::AbsFOp>(x),
                      build.number(x.getType(), 9.1));
    rewriter.replaceOp(op, build.select(isLarge, withSignOf(build, one, x),
                                        inner.getResult()));
    return success();
  }
};

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

void populateTanhPatterns(RewritePatternSet &patterns) {
  patterns.add<SaturateTanh>(patterns.getContext());
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
