//===- Softmax.cpp - softmax and its logarithm ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three passes over a row: its maximum; exponentials, stored, and their sum; a
// scaling. The logarithm stores nothing in the second.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Emitters.h"
#include "CodeGen/Numeric.h"
#include "CodeGen/Rows.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlc;

namespace {

class SoftmaxEmitter {
public:
  SoftmaxEmitter(kernel::SoftmaxOp op, const TargetInfo &target,
                 RewriterBase &rewriter)
      : op(op), schedule(kernel::scheduleOf(op)),
        e(rewriter, op.getLoc(), target) {}

  LogicalResult run();

private:
  void emitRow(Value input, Value output);
  Value loadConverted(const View &from, Value at, int64_t lanes) {
    return e.convert(e.load(from, at, lanes), accumulator);
  }

  kernel::SoftmaxOp op;
  kernel::ScheduleAttr schedule;
  Emitter e;
  View in, out;
  Type accumulator;
};

} // namespace

LogicalResult SoftmaxEmitter::run() {
  FailureOr<View> i = e.view(op.getInput()), o = e.view(op.getInit());
  if (failed(i) || failed(o))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1");
  if (!schedule.getTile())
    return e.builder.notifyMatchFailure(op, "the schedule has no tile");
  in = *i;
  out = *o;
  accumulator = kernel::accumulatorType(in.element);
  unsigned outer = in.sizes.size() - 1;
  forEachPosition(
      e, ArrayRef(in.sizes).take_front(outer), [&](ValueRange position) {
        emitRow(linearIndex(e, in, position), linearIndex(e, out, position));
      });
  e.builder.eraseOp(op);
  return success();
}

void SoftmaxEmitter::emitRow(Value input, Value output) {
  int64_t n = in.sizes.back();
  Row row{n, schedule.getLanes(), accumulator};
  row.mostSums = schedule.getTile()[1];
  auto at = [&](Value i) { return e.add(input, i); };
  auto to = [&](Value i) { return e.add(output, i); };
  // A NaN that is no part of it is in the sum.
  Value most = reduceRow(e, row, Fold::maxNumber, [&](Value i, int64_t lanes) {
    return loadConverted(in, at(i), lanes);
  });
  // f16 and bf16 are not rounded between: their exponentials are made twice.
  bool keep = !op.getLog() && in.element == accumulator;
  auto exponentialAt = [&](Value i, int64_t lanes) {
    Value x = loadConverted(in, at(i), lanes);
    x = arith::SubFOp::create(e.builder, e.loc, x, e.splat(most, lanes));
    return exponential(e, x);
  };
  Value sum = reduceRow(e, row, Fold::sum, [&](Value i, int64_t lanes) {
    Value y = exponentialAt(i, lanes);
    if (keep)
      e.store(out, to(i), y);
    return y;
  });
  if (op.getLog()) {
    Value shift = e.plus(most, math::LogOp::create(e.builder, e.loc, sum));
    forEachVector(e, n, row.lanes, [&](Value i, int64_t lanes) {
      Value x = loadConverted(in, at(i), lanes);
      x = arith::SubFOp::create(e.builder, e.loc, x, e.splat(shift, lanes));
      e.store(out, to(i), e.convert(x, out.element));
    });
    return;
  }
  Value one = e.constant(accumulator, 1);
  Value scale = arith::DivFOp::create(e.builder, e.loc, one, sum);
  forEachVector(e, n, row.lanes, [&](Value i, int64_t lanes) {
    Value y = keep ? e.load(out, to(i), lanes) : exponentialAt(i, lanes);
    y = e.times(y, e.splat(scale, lanes));
    e.store(out, to(i), e.convert(y, out.element));
  });
}

namespace {
struct EmitSoftmax
    : KernelEmitOpInterface::ExternalModel<EmitSoftmax, kernel::SoftmaxOp> {
  LogicalResult emit(Operation *op, RewriterBase &rewriter,
                     const TargetInfo &target) const {
    return SoftmaxEmitter(cast<kernel::SoftmaxOp>(op), target, rewriter).run();
  }
};
} // namespace

template <>
void mlc::attachEmitter<kernel::SoftmaxOp>(MLIRContext *context) {
  kernel::SoftmaxOp::attachInterface<EmitSoftmax>(*context);
}
