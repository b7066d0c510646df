//===- ApproximatePatterns.cpp - beyond upstream's approximations ---------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/MathBuild.h"
#include "Backend/MathPatterns.h"

using namespace mlir;

namespace mlc {

namespace {

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

/// The logarithm of a subnormal number, which upstream's approximation takes
/// for the smallest normal one.
struct LogOfSubnormals : OpRewritePattern<math::LogOp> {
  explicit LogOfSubnormals(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/5) {}

  LogicalResult matchAndRewrite(math::LogOp op,
                                PatternRewriter &rewriter) const override {
    constexpr StringLiteral done = "mlc.normal";
    if (op->hasAttr(done) || !getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "is of normal numbers already");
    Build build{rewriter, op.getLoc()};
    Value x = op.getOperand();
    Type type = x.getType();
    Value isTiny = build.compare(arith::CmpFPredicate::OLT, x,
                                 build.number(type, 0x1p-126));
    Value scaled = build.op<arith::MulFOp>(x, build.number(type, 0x1p24));
    auto inner = math::LogOp::create(rewriter, op.getLoc(),
                                     build.select(isTiny, scaled, x));
    inner->setAttr(done, rewriter.getUnitAttr());
    Value back = build.op<arith::SubFOp>(
        inner.getResult(), build.number(type, 24 * 0.69314718055994530942));
    rewriter.replaceOp(op, build.select(isTiny, back, inner.getResult()));
    return success();
  }
};

/// An angle less the nearest multiple of a quarter turn.
struct Angle {
  Value rest;    ///< in f32, at most pi / 4 in size
  Value quarter; ///< which multiple, modulo 4: a float from 0 to 3
};

/// In f64, as musl's __rem_pio2f: a quarter turn in two parts, of which the
/// first has so few bits that its multiples are exact. Upstream subtracts a
/// multiple of f32's pi, which costs an angle of 50 five digits and leaves
/// angles above 1e5 anywhere.
Angle reduceAngle(const Build &build, Value x) {
  Type f64 = build.rewriter.getF64Type(), f32 = build.rewriter.getF32Type();
  Value wide = build.cast(x, f64);
  Type type = wide.getType();
  auto number = [&](double value) { return build.number(type, value); };
  auto times = [&](Value v, double by) {
    return build.op<arith::MulFOp>(v, number(by));
  };
  Value turns =
      build.op<math::RoundEvenOp>(times(wide, 0.63661977236758134308));
  Value rest =
      build.op<arith::SubFOp>(wide, times(turns, 1.57079631090164184570));
  rest = build.op<arith::SubFOp>(rest, times(turns, 1.58932547735281966916e-8));
  // Keeps a zero's sign.
  Value none = build.compare(arith::CmpFPredicate::OEQ, turns, number(0));
  rest = build.select(none, wide, rest);
  // From here on floats are 32 apart, and the sum above has no digits left. An
  // infinity becomes NaN.
  Value hasDigits = build.compare(arith::CmpFPredicate::OLT,
                                  build.op<math::AbsFOp>(wide), number(0x1p28));
  rest = build.select(hasDigits, rest, times(wide, 0));
  turns = build.select(hasDigits, turns, number(0));
  Value whole = build.op<math::FloorOp>(times(turns, 0.25));
  Value quarter = build.op<arith::SubFOp>(turns, times(whole, 4));
  return {build.cast(rest, f32), build.cast(quarter, f32)};
}

Value polynomial(const Build &build, Value x, ArrayRef<double> coefficients) {
  Value sum = build.number(x.getType(), coefficients.front());
  for (double next : coefficients.drop_front())
    sum = build.op<arith::AddFOp>(build.op<arith::MulFOp>(sum, x),
                                  build.number(x.getType(), next));
  return sum;
}

/// Up to pi / 4, by the coefficients of Cephes' sinf and cosf.
Value sineNearZero(const Build &build, Value x, Value square) {
  Value tail = polynomial(
      build, square, {-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1});
  Value cube = build.op<arith::MulFOp>(square, x);
  Value sum = build.op<arith::AddFOp>(x, build.op<arith::MulFOp>(cube, tail));
  return withSignOf(build, sum, x); // of a zero, too
}

Value cosineNearZero(const Build &build, Value square) {
  Value tail = polynomial(
      build, square,
      {2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2});
  tail = build.op<arith::MulFOp>(tail, build.op<arith::MulFOp>(square, square));
  Value half =
      build.op<arith::MulFOp>(square, build.number(square.getType(), 0.5));
  Value head = build.op<arith::SubFOp>(build.number(square.getType(), 1), half);
  return build.op<arith::AddFOp>(head, tail);
}

/// Without a branch, so that loops stay vectors.
template <typename Op, bool isCosine>
struct CircularFunction : OpRewritePattern<Op> {
  explicit CircularFunction(MLIRContext *context)
      : OpRewritePattern<Op>(context, /*benefit=*/5) {}

  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getOperand();
    if (!getElementTypeOrSelf(x.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "only f32 is expanded");
    Build build{rewriter, op.getLoc()};
    Angle angle = reduceAngle(build, x);
    Value square = build.op<arith::MulFOp>(angle.rest, angle.rest);
    Value sine = sineNearZero(build, angle.rest, square);
    Value cosine = cosineNearZero(build, square);
    auto is = [&](double q) -> Value {
      return build.compare(arith::CmpFPredicate::OEQ, angle.quarter,
                           build.number(x.getType(), q));
    };
    // Quarter by quarter sines are s, c, -s, -c and cosines c, -s, -c, s.
    Value odd = build.op<arith::OrIOp>(is(1), is(3));
    Value value = isCosine ? build.select(odd, sine, cosine)
                           : build.select(odd, cosine, sine);
    Value negative = build.op<arith::OrIOp>(is(2), is(isCosine ? 1 : 3));
    rewriter.replaceOp(
        op, build.select(negative, build.op<arith::NegFOp>(value), value));
    return success();
  }
};

} // namespace

void populateTanhPatterns(RewritePatternSet &patterns) {
  patterns.add<SaturateTanh>(patterns.getContext());
}

void populateRangePatterns(RewritePatternSet &patterns) {
  patterns
      .add<CircularFunction<math::SinOp, /*isCosine=*/false>,
           CircularFunction<math::CosOp, /*isCosine=*/true>, LogOfSubnormals>(
          patterns.getContext());
}

} // namespace mlc
