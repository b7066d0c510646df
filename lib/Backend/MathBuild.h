//===- MathBuild.h - scalar arithmetic in few words -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Short names for the arith ops, of scalars and vectors alike, that patterns on
// float functions are made of:
//
//   Build build{rewriter, loc};
//   Value twice = build.op<arith::MulFOp>(x, build.number(x.getType(), 2));
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_MATHBUILD_H
#define MLC_BACKEND_MATHBUILD_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlc {

/// `type`, a scalar or a vector, with other elements.
inline mlir::Type withElement(mlir::Type type, mlir::Type element) {
  if (auto vector = llvm::dyn_cast<mlir::VectorType>(type))
    return vector.clone(element);
  return element;
}

/// Whether `type` is `f32` or `f64` or a vector of these.
inline bool isWideFloat(mlir::Type type) {
  mlir::Type element = mlir::getElementTypeOrSelf(type);
  return element.isF32() || element.isF64();
}

/// Where ops are built.
struct Build {
  mlir::PatternRewriter &rewriter;
  mlir::Location loc;

  template <typename Op, typename... Args>
  mlir::Value op(Args... args) const {
    return Op::create(rewriter, loc, args...);
  }
  /// `attribute` as a value of `type`: a scalar, or a vector full of it.
  mlir::Value constant(mlir::Type type, mlir::TypedAttr attribute) const {
    if (auto shaped = llvm::dyn_cast<mlir::ShapedType>(type))
      attribute =
          mlir::DenseElementsAttr::get(shaped, mlir::Attribute(attribute));
    return mlir::arith::ConstantOp::create(rewriter, loc, attribute);
  }
  mlir::Value number(mlir::Type type, double value) const {
    return constant(
        type, rewriter.getFloatAttr(mlir::getElementTypeOrSelf(type), value));
  }
  mlir::Value integer(mlir::Type type, int64_t value) const {
    return constant(
        type, rewriter.getIntegerAttr(mlir::getElementTypeOrSelf(type), value));
  }
  mlir::Value compare(mlir::arith::CmpFPredicate predicate, mlir::Value a,
                      mlir::Value b) const {
    return op<mlir::arith::CmpFOp>(predicate, a, b);
  }
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, mlir::Value a,
                      mlir::Value b) const {
    return op<mlir::arith::CmpIOp>(predicate, a, b);
  }
  mlir::Value select(mlir::Value condition, mlir::Value a,
                     mlir::Value b) const {
    return op<mlir::arith::SelectOp>(condition, a, b);
  }
  /// `value` in floats of type `element`.
  mlir::Value cast(mlir::Value value, mlir::Type element) const {
    mlir::Type from = mlir::getElementTypeOrSelf(value.getType());
    if (from == element)
      return value;
    mlir::Type type = withElement(value.getType(), element);
    if (from.getIntOrFloatBitWidth() < element.getIntOrFloatBitWidth())
      return op<mlir::arith::ExtFOp>(type, value);
    return op<mlir::arith::TruncFOp>(type, value);
  }
};

/// |x| with x's sign put back.
inline mlir::Value withSignOf(const Build &build, mlir::Value magnitude,
                              mlir::Value sign) {
  return build.op<mlir::math::CopySignOp>(magnitude, sign);
}

} // namespace mlc

#endif // MLC_BACKEND_MATHBUILD_H
