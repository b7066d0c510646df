//===- NNElementwise.cpp - Elementwise operators --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::nn;

// Each emitScalar below is the definition of its op.
#define SCALAR(Op)                                                             \
  Value Op::emitScalar(OpBuilder &builder, Location loc, ValueRange x)
#define EMITTER                                                                \
  ScalarEmitter e(builder, loc,                                                \
                  getElementTypeOrSelf((*this)->getOperand(0).getType()))
// The same of a float by several steps: `definition` is given `op`, `e` and x.
#define FUNCTION(Op)                                                           \
  static Value definition(Op op, ScalarEmitter &e, Value x);                   \
  SCALAR(Op) {                                                                 \
    EMITTER;                                                                   \
    return e.throughSingle(x[0], [&](ScalarEmitter &wide, Value v) {           \
      return definition(*this, wide, v);                                       \
    });                                                                        \
  }                                                                            \
  static Value definition([[maybe_unused]] Op op, ScalarEmitter &e, Value x)

//===----------------------------------------------------------------------===//
// Unary
//===----------------------------------------------------------------------===//

SCALAR(AbsOp) {
  EMITTER;
  return e.abs(x[0]);
}
SCALAR(NegOp) {
  EMITTER;
  return e.neg(x[0]);
}
SCALAR(CeilOp) {
  EMITTER;
  return e.op<math::CeilOp>(x[0]);
}
SCALAR(FloorOp) {
  EMITTER;
  return e.op<math::FloorOp>(x[0]);
}
SCALAR(RoundOp) {
  EMITTER;
  return e.op<math::RoundEvenOp>(x[0]);
}
SCALAR(SqrtOp) {
  EMITTER;
  return e.op<math::SqrtOp>(x[0]);
}
SCALAR(ReciprocalOp) {
  EMITTER;
  return e.div(e.constant(1), x[0]);
}
SCALAR(ExpOp) {
  EMITTER;
  return e.op<math::ExpOp>(x[0]);
}
SCALAR(LogOp) {
  EMITTER;
  return e.op<math::LogOp>(x[0]);
}
SCALAR(ErfOp) {
  EMITTER;
  return e.op<math::ErfOp>(x[0]);
}
SCALAR(SinOp) {
  EMITTER;
  return e.op<math::SinOp>(x[0]);
}
SCALAR(CosOp) {
  EMITTER;
  return e.op<math::CosOp>(x[0]);
}
SCALAR(AtanOp) {
  EMITTER;
  return e.op<math::AtanOp>(x[0]);
}
SCALAR(TanhOp) {
  EMITTER;
  return e.op<math::TanhOp>(x[0]);
}
SCALAR(AsinOp) {
  EMITTER;
  return e.op<math::AsinOp>(x[0]);
}
SCALAR(AcosOp) {
  EMITTER;
  return e.op<math::AcosOp>(x[0]);
}
FUNCTION(SigmoidOp) { return e.sigmoid(x); }
SCALAR(BitwiseNotOp) {
  EMITTER;
  return e.op<arith::XOrIOp>(x[0], e.constant(-1));
}
SCALAR(NotOp) {
  EMITTER;
  return e.op<arith::XOrIOp>(x[0], e.constant(1));
}

SCALAR(SignOp) {
  EMITTER;
  Value zero = e.constant(0);
  Value negative =
      e.select(e.less(x[0], zero), e.constant(e.isUnsigned() ? 0 : -1), x[0]);
  // NaN and zero stay what they are: neither comparison holds.
  return e.select(e.greater(x[0], zero), e.constant(1), negative);
}

FUNCTION(TanOp) { return e.div(e.op<math::SinOp>(x), e.op<math::CosOp>(x)); }

FUNCTION(SinhOp) {
  // (u + u / (u + 1)) / 2 with u = e^|x| - 1 keeps its digits near zero and,
  // as u + 1 is no small difference, everywhere; large |x| overflow no earlier
  // than the function itself but for the last binade. Infinity over infinity
  // would be NaN.
  Value u = e.op<math::ExpM1Op>(e.abs(x));
  Value limited = e.min(u, e.constant(0x1p60));
  Value sum = e.add(u, e.div(limited, e.add(limited, e.constant(1))));
  return e.op<math::CopySignOp>(e.mul(e.constant(0.5), sum), x);
}

FUNCTION(CoshOp) {
  Value sum = e.add(e.op<math::ExpOp>(x), e.op<math::ExpOp>(e.neg(x)));
  return e.mul(e.constant(0.5), sum);
}

FUNCTION(AsinhOp) {
  // sign(x) * log1p(|x| + |x| * q), q = |x| / (1 + sqrt(x^2 + 1)), which is 1
  // long before x^2 overflows.
  Value a = e.abs(x), one = e.constant(1);
  Value limited = e.min(a, e.constant(0x1p60));
  Value root = e.op<math::SqrtOp>(e.add(e.mul(limited, limited), one));
  Value q = e.div(limited, e.add(one, root));
  return e.op<math::CopySignOp>(e.op<math::Log1pOp>(e.add(a, e.mul(a, q))), x);
}

FUNCTION(AcoshOp) {
  // log1p(t + sqrt(t) * sqrt(t + 2)) with t = x - 1: no square overflows, and
  // near 1 no digits are lost.
  Value t = e.sub(x, e.constant(1));
  Value root =
      e.mul(e.op<math::SqrtOp>(t), e.op<math::SqrtOp>(e.add(t, e.constant(2))));
  return e.op<math::Log1pOp>(e.add(t, root));
}

FUNCTION(AtanhOp) {
  Value difference =
      e.sub(e.op<math::Log1pOp>(x), e.op<math::Log1pOp>(e.neg(x)));
  return e.mul(e.constant(0.5), difference);
}

SCALAR(ReluOp) {
  EMITTER;
  return e.max(x[0], e.constant(0));
}

SCALAR(LeakyReluOp) {
  EMITTER;
  Value scaled = e.mul(x[0], e.constant(getAlpha().convertToDouble()));
  return e.select(e.less(x[0], e.constant(0)), scaled, x[0]);
}

FUNCTION(EluOp) {
  Value tail = e.mul(e.constant(op.getAlpha().convertToDouble()),
                     e.op<math::ExpM1Op>(x));
  return e.select(e.greater(x, e.constant(0)), x, tail);
}

FUNCTION(SeluOp) {
  Value tail = e.mul(e.constant(op.getAlpha().convertToDouble()),
                     e.op<math::ExpM1Op>(x));
  Value core = e.select(e.greater(x, e.constant(0)), x, tail);
  return e.mul(e.constant(op.getGamma().convertToDouble()), core);
}

FUNCTION(CeluOp) {
  Value alpha = e.constant(op.getAlpha().convertToDouble()),
        zero = e.constant(0);
  Value tail = e.mul(alpha, e.op<math::ExpM1Op>(e.div(x, alpha)));
  return e.select(e.greater(x, zero), x, e.min(zero, tail));
}

SCALAR(ThresholdedReluOp) {
  EMITTER;
  Value inside = e.greater(x[0], e.constant(getAlpha().convertToDouble()));
  return e.select(inside, x[0], e.constant(0));
}

FUNCTION(HardSigmoidOp) {
  return e.hardSigmoid(x, op.getAlpha().convertToDouble(),
                       op.getBeta().convertToDouble());
}

FUNCTION(HardSwishOp) { return e.mul(x, e.hardSigmoid(x, 1.0 / 6, 0.5)); }

FUNCTION(SoftplusOp) { return e.softplus(x); }

FUNCTION(SoftsignOp) { return e.div(x, e.add(e.constant(1), e.abs(x))); }

FUNCTION(GeluOp) {
  Value half = e.constant(0.5), one = e.constant(1);
  if (!op.getApproximate()) {
    Value phi = e.op<math::ErfOp>(e.mul(x, e.constant(0.70710678118654752440)));
    return e.mul(e.mul(half, x), e.add(one, phi));
  }
  Value cube = e.mul(e.mul(x, x), x);
  Value inner = e.add(x, e.mul(e.constant(0.044715), cube));
  Value t =
      e.op<math::TanhOp>(e.mul(e.constant(0.79788456080286535588), inner));
  return e.mul(e.mul(half, x), e.add(one, t));
}

FUNCTION(MishOp) { return e.mul(x, e.op<math::TanhOp>(e.softplus(x))); }

FUNCTION(SwishOp) {
  double alpha = op.getAlpha().convertToDouble();
  Value inner = alpha == 1.0 ? Value(x) : e.mul(x, e.constant(alpha));
  return e.mul(x, e.sigmoid(inner));
}

static Value shrink(ShrinkOp op, ScalarEmitter &e, Value x) {
  double lambda = op.getLambda().convertToDouble();
  Value bias = e.constant(op.getBias().convertToDouble());
  Value above =
      e.select(e.greater(x, e.constant(lambda)), e.sub(x, bias), e.constant(0));
  return e.select(e.less(x, e.constant(-lambda)), e.add(x, bias), above);
}

SCALAR(ShrinkOp) {
  // Lambda and bias are f32, whatever x is.
  EMITTER;
  if (e.isFloat())
    return e.throughSingle(x[0], [&](ScalarEmitter &wide, Value v) {
      return shrink(*this, wide, v);
    });
  ScalarEmitter real(builder, loc, builder.getF32Type());
  Value y = shrink(*this, real, e.convert(x[0], builder.getF32Type()));
  return real.convert(y, getElementTypeOrSelf(getType()), /*saturate=*/true);
}

SCALAR(IsNaNOp) {
  EMITTER;
  return builder.createOrFold<arith::CmpFOp>(loc, arith::CmpFPredicate::UNO,
                                             x[0], x[0]);
}

SCALAR(IsInfOp) {
  EMITTER;
  double infinity = std::numeric_limits<double>::infinity();
  Value positive =
      getPositive() ? e.equal(x[0], e.constant(infinity)) : e.boolean(false);
  Value negative =
      getNegative() ? e.equal(x[0], e.constant(-infinity)) : e.boolean(false);
  return e.op<arith::OrIOp>(positive, negative);
}

//===----------------------------------------------------------------------===//
// Binary and ternary
//===----------------------------------------------------------------------===//

SCALAR(AddOp) {
  EMITTER;
  return e.add(x[0], x[1]);
}
SCALAR(SubOp) {
  EMITTER;
  return e.sub(x[0], x[1]);
}
SCALAR(MulOp) {
  EMITTER;
  return e.mul(x[0], x[1]);
}
SCALAR(DivOp) {
  EMITTER;
  return e.div(x[0], x[1]);
}
SCALAR(MinOp) {
  EMITTER;
  return e.min(x[0], x[1]);
}
SCALAR(MaxOp) {
  EMITTER;
  return e.max(x[0], x[1]);
}
SCALAR(ModOp) {
  EMITTER;
  return e.mod(x[0], x[1], getFmod());
}
SCALAR(BitwiseAndOp) {
  EMITTER;
  return e.op<arith::AndIOp>(x[0], x[1]);
}
SCALAR(BitwiseOrOp) {
  EMITTER;
  return e.op<arith::OrIOp>(x[0], x[1]);
}
SCALAR(BitwiseXorOp) {
  EMITTER;
  return e.op<arith::XOrIOp>(x[0], x[1]);
}
SCALAR(AndOp) {
  EMITTER;
  return e.op<arith::AndIOp>(x[0], x[1]);
}
SCALAR(OrOp) {
  EMITTER;
  return e.op<arith::OrIOp>(x[0], x[1]);
}
SCALAR(XorOp) {
  EMITTER;
  return e.op<arith::XOrIOp>(x[0], x[1]);
}
SCALAR(EqualOp) {
  EMITTER;
  return e.equal(x[0], x[1]);
}
SCALAR(GreaterOp) {
  EMITTER;
  return e.greater(x[0], x[1]);
}
SCALAR(GreaterOrEqualOp) {
  EMITTER;
  return e.greaterOrEqual(x[0], x[1]);
}
SCALAR(LessOp) {
  EMITTER;
  return e.less(x[0], x[1]);
}
SCALAR(LessOrEqualOp) {
  EMITTER;
  return e.greaterOrEqual(x[1], x[0]);
}
SCALAR(ShiftLeftOp) {
  EMITTER;
  return e.shiftLeft(x[0], x[1]);
}
SCALAR(ShiftRightOp) {
  EMITTER;
  return e.shiftRight(x[0], x[1]);
}
SCALAR(ClampOp) {
  EMITTER;
  return e.min(e.max(x[0], x[1]), x[2]);
}

SCALAR(PReluOp) {
  EMITTER;
  return e.select(e.less(x[0], e.constant(0)), e.mul(x[0], x[1]), x[0]);
}

static Value swiglu(SwigluOp op, ScalarEmitter &e, Value gate, Value linear,
                    llvm::function_ref<Value(Value)> rounded) {
  double limit = op.getLimit().convertToDouble();
  if (std::isfinite(limit)) {
    gate = e.min(gate, e.constant(limit));
    linear = e.max(e.min(linear, e.constant(limit)), e.constant(-limit));
  }
  double alpha = op.getAlpha().convertToDouble();
  double beta = op.getBeta().convertToDouble();
  Value inner = alpha == 1.0 ? gate : e.mul(gate, e.constant(alpha));
  Value swish = e.mul(gate, e.sigmoid(inner));
  if (op.getRounds())
    swish = rounded(swish);
  if (beta != 0)
    linear = e.add(linear, e.constant(beta));
  return e.mul(swish, linear);
}

SCALAR(SwigluOp) {
  EMITTER;
  return e.throughSingle(x[0], [&](ScalarEmitter &wide, Value gate) {
    auto rounded = [&](Value v) {
      Type element = elementOf(getResult());
      return e.convert(wide.convert(v, element), v.getType());
    };
    return swiglu(*this, wide, gate, e.convert(x[1], gate.getType()), rounded);
  });
}

SCALAR(SelectOp) {
  return builder.createOrFold<arith::SelectOp>(loc, x[0], x[1], x[2]);
}

LogicalResult SelectOp::verify() {
  Type a = getElementTypeOrSelf(getOnTrue().getType());
  Type b = getElementTypeOrSelf(getOnFalse().getType());
  if (a != b) // select_c1
    return emitOpError() << "(C1) chooses between element types " << a
                         << " and " << b << ", they must be the same";
  return success();
}

SCALAR(PowOp) {
  EMITTER;
  Type from = getElementTypeOrSelf(getExponent().getType());
  return e.pow(x[0], x[1], from);
}

SCALAR(CastOp) {
  EMITTER;
  return e.convert(x[0], getElementTypeOrSelf(getType()), getSaturate());
}

OpFoldResult CastOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? getInput() : OpFoldResult();
}

LogicalResult BitcastOp::verify() {
  Type from = elementOf(getInput()), to = elementOf(getResult());
  if (bytesPerElement(from) == bytesPerElement(to)) // bitcast_c1
    return success();
  return emitOpError() << "(C1) takes " << from << " as " << to
                       << ", as many bytes are required";
}

SCALAR(BitcastOp) {
  EMITTER;
  Type from = x[0].getType(),
       to = makeSignless(getElementTypeOrSelf(getType()));
  if (from == to)
    return x[0];
  if (from.isInteger(1))
    return e.op<arith::ExtUIOp>(to, x[0]);
  if (to.isInteger(1))
    return e.op<arith::CmpIOp>(arith::CmpIPredicate::ne, x[0], e.constant(0));
  return e.op<arith::BitcastOp>(to, x[0]);
}

void NNDialect::addElementwiseOps() {
  addOperations<
#define GET_OP_LIST
#include "NN/IR/NNElementwise.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "NN/IR/NNElementwise.cpp.inc"
