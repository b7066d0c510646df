//===- LowerReduction.cpp - Reductions and softmax to kernel ops ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/Build.h"
#include "Conversion/NNToLinalg.h"
#include "Kernel/IR/Kernel.h"
#include "NN/IR/ScalarEmitter.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlc;

namespace {

/// The permutation that brings `axes` to the back, in order.
SmallVector<int64_t> axesLast(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> permutation;
  for (int64_t d = 0; d < rank; ++d)
    if (!llvm::is_contained(axes, d))
      permutation.push_back(d);
  llvm::append_range(permutation, axes);
  return permutation;
}

/// One kernel.reduce: [outer, n, inner] -> [outer, inner].
Value reduceMiddle(TensorBuilder &t, Value slab, kernel::ReduceKind kind,
                   bool isUnsigned) {
  ArrayRef<int64_t> shape = nn::shapeOf(slab);
  Value init = t.empty({shape[0], shape[2]}, nn::elementOf(slab));
  return kernel::ReduceOp::create(t.b, t.loc, init.getType(), slab, init, kind,
                                  isUnsigned)
      .getResult(0);
}

struct Step {
  kernel::ReduceKind kind;
  enum { none, sqrt, log } after;
};

/// How an nn reduction is made of a kernel reduction and a function of its
/// result.
Step stepOf(nn::ReduceKind kind) {
  switch (kind) {
  case nn::ReduceKind::sum:
    return {kernel::ReduceKind::sum, Step::none};
  case nn::ReduceKind::mean:
    return {kernel::ReduceKind::mean, Step::none};
  case nn::ReduceKind::max:
    return {kernel::ReduceKind::max, Step::none};
  case nn::ReduceKind::min:
    return {kernel::ReduceKind::min, Step::none};
  case nn::ReduceKind::prod:
    return {kernel::ReduceKind::prod, Step::none};
  case nn::ReduceKind::l1:
    return {kernel::ReduceKind::sum_abs, Step::none};
  case nn::ReduceKind::l2:
    return {kernel::ReduceKind::sum_square, Step::sqrt};
  case nn::ReduceKind::log_sum:
  case nn::ReduceKind::log_sum_exp:
    return {kernel::ReduceKind::sum, Step::log};
  case nn::ReduceKind::sum_square:
    return {kernel::ReduceKind::sum_square, Step::none};
  }
  llvm_unreachable("all kinds are listed");
}

class LowerReduce : public OpConversionPattern<nn::ReduceOp> {
public:
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(nn::ReduceOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    auto type =
        cast<RankedTensorType>(getTypeConverter()->convertType(op.getType()));
    Type element = op.getInput().getType().getElementType();
    Value x = adaptor.getInput();
    if (op.getAxes().empty() && op.getKind() != nn::ReduceKind::log_sum_exp &&
        op.getInput().getType().getRank() == 0)
      x = t.reshape(x, {1});
    Value slab = toSlab(t, op, x);
    if (nn::shapeOf(slab)[1] == 0) {
      rewriter.replaceOp(op, identityOf(t, op, type, element));
      return success();
    }
    // What a step behind the sum reads may pass the range of 16 bits.
    bool isLogSumExp = op.getKind() == nn::ReduceKind::log_sum_exp;
    bool hasStep = isLogSumExp || stepOf(op.getKind()).after != Step::none;
    bool isWidened = hasStep && (element.isF16() || element.isBF16());
    Type real = isWidened ? Type(t.b.getF32Type()) : element;
    slab = convertTo(t, slab, real);
    Value result = isLogSumExp
                       ? logSumExp(t, slab, real)
                       : reduceAndFinish(t, slab, stepOf(op.getKind()), real);
    result = convertTo(t, result, element);
    rewriter.replaceOp(op, t.reshape(result, type.getShape()));
    return success();
  }

private:
  /// Between floats; the value itself where it is of the type.
  static Value convertTo(TensorBuilder &t, Value v, Type element) {
    Type from = nn::elementOf(v);
    if (from == nn::makeSignless(element))
      return v;
    return t.map(
        v, nn::shapeOf(v), element,
        [&](OpBuilder &b, Location loc, ValueRange x) {
          return nn::ScalarEmitter(b, loc, from).convert(x[0], element);
        });
  }

  /// The input as [outer, n, inner] with the reduced axes in the middle,
  /// widened where the kernel has no such type.
  Value toSlab(TensorBuilder &t, nn::ReduceOp op, Value x) const {
    ArrayRef<int64_t> axes = op.getAxes(), shape = nn::shapeOf(op.getInput());
    int64_t rank = shape.size();
    bool isBlock =
        axes.empty() || axes.back() - axes.front() + 1 == (int64_t)axes.size();
    if (axes.empty())
      return t.reshape(x, {computeProduct(shape), 1, 1});
    if (!isBlock) {
      SmallVector<int64_t> permutation = axesLast(axes, rank);
      x = t.transpose(x, permutation);
      int64_t n = 1;
      for (int64_t axis : axes)
        n *= shape[axis];
      return t.reshape(
          x, {n == 0 ? computeProduct(nn::shapeOf(x).drop_back(axes.size()))
                     : computeProduct(shape) / n,
              n, 1});
    }
    return t.reshape(x, {computeProduct(shape.take_front(axes.front())),
                         computeProduct(shape.slice(axes.front(), axes.size())),
                         computeProduct(shape.drop_front(axes.back() + 1))});
  }

  /// kernel.reduce knows floats, i8, i16 and i32: others go through linalg.
  Value reduceSlab(TensorBuilder &t, Value slab, kernel::ReduceKind kind,
                   Type element) const {
    Type storage = nn::makeSignless(element);
    bool isKnown = isa<FloatType>(storage) || storage.isInteger(8) ||
                   storage.isInteger(16) || storage.isInteger(32);
    return isKnown ? reduceMiddle(t, slab, kind, element.isUnsignedInteger())
                   : reduceByLinalg(t, slab, kind, element);
  }

  Value reduceAndFinish(TensorBuilder &t, Value slab, Step step,
                        Type element) const {
    Value v = reduceSlab(t, slab, step.kind, element);
    if (step.after == Step::none)
      return v;
    return t.map(v, nn::shapeOf(v), nn::makeSignless(element),
                 [&](OpBuilder &b, Location loc, ValueRange x) {
                   nn::ScalarEmitter e(b, loc, element);
                   return step.after == Step::sqrt ? real<math::SqrtOp>(e, x[0])
                                                   : real<math::LogOp>(e, x[0]);
                 });
  }

  /// A function of reals; of integers it is cut to an integer.
  template <typename OpTy>
  static Value real(nn::ScalarEmitter &e, Value x) {
    return e.throughReal(
        x, [](nn::ScalarEmitter &wide, Value v) { return wide.op<OpTy>(v); });
  }

  Value reduceByLinalg(TensorBuilder &t, Value slab, kernel::ReduceKind kind,
                       Type element) const {
    ArrayRef<int64_t> shape = nn::shapeOf(slab);
    Type storage = nn::makeSignless(element);
    nn::ScalarEmitter outer(t.b, t.loc, element);
    bool isMax = kind == kernel::ReduceKind::max,
         isMin = kind == kernel::ReduceKind::min;
    Value first = outer.constant(kind == kernel::ReduceKind::prod ? 1 : 0);
    Value init = t.filled({shape[0], shape[2]}, first);
    if (isMax || isMin) {
      Value row = t.slice(slab, {0, 0, 0}, {shape[0], 1, shape[2]});
      init = t.reshape(row, {shape[0], shape[2]});
    }
    MLIRContext *context = t.b.getContext();
    AffineExpr d0, d1, d2;
    bindDims(context, d0, d1, d2);
    SmallVector<AffineMap> maps = {AffineMap::get(3, 0, {d0, d2, d1}, context),
                                   AffineMap::get(3, 0, {d0, d1}, context)};
    using utils::IteratorType;
    Value sum =
        linalg::GenericOp::create(
            t.b, t.loc, init.getType(), slab, init, maps,
            {IteratorType::parallel, IteratorType::parallel,
             IteratorType::reduction},
            [&](OpBuilder &b, Location loc, ValueRange x) {
              nn::ScalarEmitter e(b, loc, element);
              linalg::YieldOp::create(b, loc, combine(e, kind, x[0], x[1]));
            })
            .getResult(0);
    if (kind != kernel::ReduceKind::mean)
      return sum;
    return t.map(sum, nn::shapeOf(sum), storage,
                 [&](OpBuilder &b, Location loc, ValueRange x) {
                   nn::ScalarEmitter e(b, loc, element);
                   return e.div(x[0], e.constant(shape[1]));
                 });
  }

  static Value combine(nn::ScalarEmitter &e, kernel::ReduceKind kind, Value x,
                       Value acc) {
    switch (kind) {
    case kernel::ReduceKind::max:
      return e.max(x, acc);
    case kernel::ReduceKind::min:
      return e.min(x, acc);
    case kernel::ReduceKind::prod:
      return e.mul(acc, x);
    case kernel::ReduceKind::sum_square:
      return e.add(acc, e.mul(x, x));
    case kernel::ReduceKind::sum_abs:
      return e.add(acc, e.abs(x));
    case kernel::ReduceKind::sum:
    case kernel::ReduceKind::mean:
      return e.add(acc, x);
    }
    llvm_unreachable("all kinds are listed");
  }

  /// max + log(sum(exp(x - max))), which does not overflow; an infinite max is
  /// not subtracted, as infinity less infinity is NaN. Of integers the
  /// exponentials are integers as in onnxruntime, and what follows is not.
  Value logSumExp(TensorBuilder &t, Value slab, Type element) const {
    ArrayRef<int64_t> shape = nn::shapeOf(slab);
    Type storage = nn::makeSignless(element), f64 = t.b.getF64Type();
    Value max = reduceSlab(t, slab, kernel::ReduceKind::max, element);
    if (isa<FloatType>(element))
      max = t.map(max, nn::shapeOf(max), storage,
                  [&](OpBuilder &b, Location loc, ValueRange x) {
                    nn::ScalarEmitter e(b, loc, element);
                    Value infinite = e.equal(
                        e.abs(x[0]),
                        e.constant(std::numeric_limits<double>::infinity()));
                    return e.select(infinite, e.constant(0), x[0]);
                  });
    Value wide = t.reshape(max, {shape[0], 1, shape[2]});
    Value exps = t.map({slab, wide}, shape, storage,
                       [&](OpBuilder &b, Location loc, ValueRange x) {
                         nn::ScalarEmitter e(b, loc, element);
                         return real<math::ExpOp>(e, e.sub(x[0], x[1]));
                       });
    Value sum = reduceSlab(t, exps, kernel::ReduceKind::sum, element);
    return t.map({sum, max}, nn::shapeOf(sum), storage,
                 [&](OpBuilder &b, Location loc, ValueRange x) {
                   nn::ScalarEmitter e(b, loc, element);
                   Value most = e.isFloat() ? x[1] : e.convert(x[1], f64);
                   return e.throughReal(
                       x[0], [&](nn::ScalarEmitter &wide, Value v) {
                         return wide.add(wide.op<math::LogOp>(v), most);
                       });
                 });
  }

  /// What a reduction of no elements gives. What ONNX leaves undefined is as in
  /// onnxruntime: a mean is 0, a logarithm of integers their least one.
  Value identityOf(TensorBuilder &t, nn::ReduceOp op, RankedTensorType type,
                   Type element) const {
    nn::ScalarEmitter e(t.b, t.loc, element);
    double infinity = std::numeric_limits<double>::infinity();
    Value v;
    switch (op.getKind()) {
    case nn::ReduceKind::prod:
      v = e.constant(1);
      break;
    case nn::ReduceKind::log_sum:
    case nn::ReduceKind::log_sum_exp:
    case nn::ReduceKind::max:
    case nn::ReduceKind::min: {
      double sign = op.getKind() == nn::ReduceKind::min ? 1 : -1;
      if (e.isFloat()) {
        v = e.constant(sign * infinity);
        break;
      }
      unsigned width = element.getIntOrFloatBitWidth();
      bool isUnsigned = e.isUnsigned(), low = sign < 0;
      APInt limit = isUnsigned ? (low ? APInt::getMinValue(width)
                                      : APInt::getMaxValue(width))
                               : (low ? APInt::getSignedMinValue(width)
                                      : APInt::getSignedMaxValue(width));
      v = t.constant(t.b.getIntegerAttr(nn::makeSignless(element), limit));
      break;
    }
    default:
      v = e.constant(0);
    }
    return t.filled(type.getShape(), v);
  }
};

struct LowerSoftmax : OpConversionPattern<nn::SoftmaxOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(nn::SoftmaxOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    Value x = adaptor.getInput();
    SmallVector<int64_t> shape(nn::shapeOf(x));
    int64_t rank = shape.size(), axis = op.getAxis();
    SmallVector<int64_t> swap = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    std::swap(swap[axis], swap[rank - 1]);
    bool isLast = axis == rank - 1 ||
                  computeProduct(ArrayRef(shape).drop_front(axis + 1)) == 1;
    Value rows = isLast ? x : t.transpose(x, swap);
    SmallVector<int64_t> rowShape(nn::shapeOf(rows));
    rows = t.reshape(
        rows, {shape[axis] == 0 ? 0 : computeProduct(shape) / shape[axis],
               shape[axis]});
    Value init = t.empty(nn::shapeOf(rows), nn::elementOf(rows));
    Value y = kernel::SoftmaxOp::create(rewriter, op.getLoc(), init.getType(),
                                        rows, init, op.getLog())
                  .getResult(0);
    y = t.reshape(y, rowShape);
    rewriter.replaceOp(op, isLast ? y : t.transpose(y, swap));
    return success();
  }
};

} // namespace

void mlc::populateReductionLowering(SignlessConverter &types,
                                    RewritePatternSet &patterns) {
  patterns.add<LowerReduce, LowerSoftmax>(types, patterns.getContext());
}
