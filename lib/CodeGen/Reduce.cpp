//===- Reduce.cpp - reductions of the middle dimension --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rows (inner = 1) are folded by vectors of the row, all else by vectors of the
// inner dimension.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Emitters.h"
#include "CodeGen/Numeric.h"
#include "CodeGen/Rows.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlc;
using kernel::ReduceKind;

namespace {

class ReduceEmitter {
public:
  ReduceEmitter(kernel::ReduceOp op, const TargetInfo &target,
                RewriterBase &rewriter)
      : op(op), schedule(kernel::scheduleOf(op)),
        e(rewriter, op.getLoc(), target) {}

  LogicalResult run();

private:
  Value element(Value at, int64_t lanes);
  Value finish(Value folded);
  void emitRow(Value outer);
  void emitColumns(Value outer, Value inner, unsigned vectors, int64_t lanes);

  kernel::ReduceOp op;
  kernel::ScheduleAttr schedule;
  Emitter e;
  View in, out;
  Type accumulator;
  Fold fold;
};

} // namespace

static Fold foldOf(ReduceKind kind) {
  switch (kind) {
  case ReduceKind::max:
    return Fold::max;
  case ReduceKind::min:
    return Fold::min;
  case ReduceKind::prod:
    return Fold::prod;
  case ReduceKind::sum:
  case ReduceKind::mean:
  case ReduceKind::sum_square:
  case ReduceKind::sum_abs:
    return Fold::sum;
  }
  llvm_unreachable("all kinds are handled");
}

LogicalResult ReduceEmitter::run() {
  FailureOr<View> i = e.view(op.getInput(), op.getInputUnsigned());
  FailureOr<View> o = e.view(op.getInit(), op.getInputUnsigned());
  if (failed(i) || failed(o))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1");
  if (!schedule.getTile())
    return e.builder.notifyMatchFailure(op, "the schedule has no tile");
  in = *i;
  out = *o;
  fold = foldOf(op.getKind());
  accumulator = kernel::accumulatorType(in.element);
  int64_t inner = in.sizes[2];
  int64_t lanes = schedule.getLanes();
  e.parallelLoop(0, in.sizes[0], 1, [&](Value outer) {
    if (inner == 1 && (in.strides[1] == 1 || in.sizes[1] == 1))
      return emitRow(outer);
    int64_t done = 0;
    for (int64_t vectors : {schedule.getTile()[1], int64_t(1)}) {
      int64_t step = vectors * lanes, end = done + (inner - done) / step * step;
      e.parallelLoop(done, end, step,
                     [&](Value c) { emitColumns(outer, c, vectors, lanes); });
      done = end;
    }
    e.parallelLoop(done, inner, lanes,
                   [&](Value c) { emitColumns(outer, c, 1, inner - done); });
  });
  e.builder.eraseOp(op);
  return success();
}

/// A vector of the input, as it enters the fold.
Value ReduceEmitter::element(Value at, int64_t lanes) {
  Value x = e.convert(e.load(in, at, lanes), accumulator, in.isUnsigned);
  if (op.getKind() == ReduceKind::sum_square)
    return e.times(x, x);
  if (op.getKind() != ReduceKind::sum_abs || in.isUnsigned)
    return x;
  if (isa<FloatType>(accumulator))
    return math::AbsFOp::create(e.builder, e.loc, x);
  return math::AbsIOp::create(e.builder, e.loc, x);
}

/// `folded` is a vector of accumulators.
Value ReduceEmitter::finish(Value folded) {
  if (op.getKind() != ReduceKind::mean)
    return e.convert(folded, out.element);
  double count = in.sizes[1];
  if (isa<IntegerType>(accumulator)) {
    // Of 32 bits, a sum may have used the sign of an unsigned one.
    Value divisor = e.constant(folded.getType(), count), quotient;
    if (in.isUnsigned)
      quotient = arith::DivUIOp::create(e.builder, e.loc, folded, divisor);
    else
      quotient = arith::DivSIOp::create(e.builder, e.loc, folded, divisor);
    return e.convert(quotient, out.element);
  }
  Value scale = e.constant(folded.getType(), 1 / count);
  return e.convert(e.times(folded, scale), out.element);
}

void ReduceEmitter::emitRow(Value outer) {
  Value left = e.mul(outer, in.strides[0]);
  int64_t n = in.sizes[1];
  Row row{n, schedule.getLanes(), accumulator, in.isUnsigned};
  row.mostSums = schedule.getTile()[1];
  Value folded = reduceRow(e, row, fold, [&](Value i, int64_t lanes) {
    return element(e.add(left, i), lanes);
  });
  e.store(out, e.mul(outer, out.strides[0]), finish(e.splat(folded, 1)));
}

void ReduceEmitter::emitColumns(Value outer, Value inner, unsigned vectors,
                                int64_t lanes) {
  Value left = e.add(e.mul(outer, in.strides[0]), inner);
  Type type = e.vectorOf(accumulator, lanes);
  Values sums(vectors, foldIdentity(e, fold, type, in.isUnsigned));
  auto addRows = [&](Value i, int64_t rows, ValueRange carried) {
    Value at = e.add(left, e.mul(i, in.strides[1]));
    Values next;
    for (unsigned j = 0; j < vectors; ++j) {
      Values elements;
      for (int64_t row = 0; row < rows; ++row)
        elements.push_back(
            element(e.add(at, row * in.strides[1] + j * lanes), lanes));
      next.push_back(foldAll(e, fold, carried[j], elements, in.isUnsigned));
    }
    return next;
  };
  int64_t rows = in.sizes[1], atOnce = foldedAtOnce(e, fold, accumulator);
  int64_t looped = rows / atOnce * atOnce;
  sums = e.loop(
      e.index(0), e.index(looped), atOnce, sums,
      [&](Value i, ValueRange carried) { return addRows(i, atOnce, carried); });
  if (looped < rows)
    sums = addRows(e.index(looped), rows - looped, sums);
  Value to = e.add(e.mul(outer, out.strides[0]), inner);
  for (unsigned j = 0; j < vectors; ++j)
    e.store(out, e.add(to, j * lanes), finish(sums[j]));
}

namespace {
struct EmitReduce
    : KernelEmitOpInterface::ExternalModel<EmitReduce, kernel::ReduceOp> {
  LogicalResult emit(Operation *op, RewriterBase &rewriter,
                     const TargetInfo &target) const {
    return ReduceEmitter(cast<kernel::ReduceOp>(op), target, rewriter).run();
  }
};
} // namespace

template <>
void mlc::attachEmitter<kernel::ReduceOp>(MLIRContext *context) {
  kernel::ReduceOp::attachInterface<EmitReduce>(*context);
}
