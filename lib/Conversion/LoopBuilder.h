//===- LoopBuilder.h - Sequential loops over elements -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Short names for what lowerings of sorting and selecting are made of: loops
// that carry tensors, which are written in place, and scalars beside them.
//
//   b.loop(b.index(0), n, {list, b.index(0)},
//          [&](Value i, ValueRange v) -> SmallVector<Value> {
//            return {b.storeIndex(i, v[0], v[1]), b.add(v[1], flag)};
//          });
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CONVERSION_LOOPBUILDER_H
#define MLC_CONVERSION_LOOPBUILDER_H

#include "Conversion/Build.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlc {

class LoopBuilder {
public:
  using Value = mlir::Value;
  /// From the number of the step and what is carried to what is carried on.
  using Body = llvm::function_ref<llvm::SmallVector<Value>(Value step,
                                                           mlir::ValueRange)>;

  LoopBuilder(mlir::OpBuilder &b, mlir::Location loc) : b(b), loc(loc) {}

  mlir::ResultRange loop(Value from, Value to, Value step,
                         mlir::ValueRange inits, Body body) {
    auto op = mlir::scf::ForOp::create(b, loc, from, to, step, inits);
    mlir::OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(op.getBody());
    mlir::scf::YieldOp::create(
        b, loc, body(op.getInductionVar(), op.getRegionIterArgs()));
    return op.getResults();
  }
  /// The same in steps of 1.
  mlir::ResultRange loop(Value from, Value to, mlir::ValueRange inits,
                         Body body) {
    return loop(from, to, index(1), inits, body);
  }

  Value index(int64_t v) {
    return mlir::arith::ConstantIndexOp::create(b, loc, v);
  }
  /// A new tensor of i64, all 0.
  Value zeros(llvm::ArrayRef<int64_t> shape) {
    TensorBuilder t(b, loc);
    return t.filled(shape, t.zero(b.getI64Type()));
  }

  Value add(Value x, Value y) {
    return mlir::arith::AddIOp::create(b, loc, x, y);
  }
  Value least(Value x, Value y) {
    return mlir::arith::MinUIOp::create(b, loc, x, y);
  }
  Value isLess(Value x, Value y) {
    return mlir::arith::CmpIOp::create(b, loc, mlir::arith::CmpIPredicate::ult,
                                       x, y);
  }
  Value isEqual(Value x, Value y) {
    return mlir::arith::CmpIOp::create(b, loc, mlir::arith::CmpIPredicate::eq,
                                       x, y);
  }
  Value choose(Value condition, Value x, Value y) {
    return mlir::arith::SelectOp::create(b, loc, condition, x, y);
  }
  Value either(Value x, Value y) {
    return mlir::arith::OrIOp::create(b, loc, x, y);
  }
  Value both(Value x, Value y) {
    return mlir::arith::AndIOp::create(b, loc, x, y);
  }
  Value negation(Value x) {
    Value one = mlir::arith::ConstantIntOp::create(b, loc, 1, 1);
    return mlir::arith::XOrIOp::create(b, loc, x, one);
  }
  /// A flag as 0 or 1.
  Value asIndex(Value flag) {
    return mlir::arith::IndexCastUIOp::create(b, loc, b.getIndexType(), flag);
  }

  Value load(Value v, mlir::ValueRange at) {
    return mlir::tensor::ExtractOp::create(b, loc, v, at);
  }
  Value store(Value x, Value v, mlir::ValueRange at) {
    return mlir::tensor::InsertOp::create(b, loc, x, v, at);
  }
  /// An element of a tensor of i64 that is an index into another one.
  Value loadIndex(Value v, mlir::ValueRange at) {
    return mlir::arith::IndexCastOp::create(b, loc, b.getIndexType(),
                                            load(v, at));
  }
  Value asI64(Value i) {
    return mlir::arith::IndexCastOp::create(b, loc, b.getI64Type(), i);
  }
  Value storeIndex(Value i, Value v, mlir::ValueRange at) {
    return store(asI64(i), v, at);
  }

  mlir::OpBuilder &b;
  mlir::Location loc;
};

/// Puts what `Loops(op, operands, builder).run()` gives in an op's place.
template <typename OpTy, typename Loops>
struct LowerByLoops : mlir::OpConversionPattern<OpTy> {
  using mlir::OpConversionPattern<OpTy>::OpConversionPattern;
  mlir::LogicalResult
  matchAndRewrite(OpTy op, typename OpTy::Adaptor adaptor,
                  mlir::ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, Loops(op, adaptor, rewriter).run());
    return mlir::success();
  }
};

} // namespace mlc

#endif // MLC_CONVERSION_LOOPBUILDER_H
