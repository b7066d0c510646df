//===- Normalize.cpp - rows and columns of mean 0 and variance 1 ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three passes over a row, or over some columns side by side: their means, the
// means of squared differences, the result. What they read again is in a cache.
// Differences are squared, not numbers: no digits are lost where the mean is
// large.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Emitters.h"
#include "CodeGen/Epilogue.h"
#include "CodeGen/Rows.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlc;

namespace {

/// Vectors of columns side by side.
struct Columns {
  Value outer, first; ///< the image, and the first of the columns
  int64_t vectors, lanes;
};

class NormalizeEmitter {
public:
  NormalizeEmitter(kernel::NormalizeOp op, const TargetInfo &target,
                   RewriterBase &rewriter)
      : op(op), schedule(kernel::scheduleOf(op)),
        e(rewriter, op.getLoc(), target) {}

  LogicalResult run();

private:
  void emitRow(Value row);
  void emitImage(Value outer);
  void emitColumns(const Columns &columns);
  using Term = llvm::function_ref<Value(Value v, int64_t vector)>;
  Values sumColumns(const Columns &columns, Term term);
  Value loadColumns(const Columns &columns, Value row, int64_t vector);
  Value load(Value at, int64_t lanes) {
    return e.convert(e.load(in, at, lanes), accumulator);
  }
  Value minus(Value a, Value b) {
    return b ? Value(arith::SubFOp::create(e.builder, e.loc, a, b)) : a;
  }
  Value square(Value v) { return e.times(v, v); }
  /// The mean, of a sum.
  Value meanOf(Value sum) {
    return e.times(sum, e.constant(sum.getType(), 1.0 / double(in.sizes[1])));
  }
  /// One over the deviation, of the sum of squares.
  Value inverseOf(Value squares) {
    Type type = squares.getType();
    Value sum = e.plus(meanOf(squares),
                       e.constant(type, op.getEpsilon().convertToDouble()));
    Value root = math::SqrtOp::create(e.builder, e.loc, sum);
    return arith::DivFOp::create(e.builder, e.loc, e.constant(type, 1), root);
  }

  kernel::NormalizeOp op;
  kernel::ScheduleAttr schedule;
  Emitter e;
  View in, out;
  Epilogue epilogue;
  Type accumulator;
};

} // namespace

LogicalResult NormalizeEmitter::run() {
  FailureOr<View> i = e.view(op.getInput()), o = e.view(op.getInit());
  FailureOr<Epilogue> made = failure();
  if (succeeded(o))
    made = Epilogue::create(e, op, *o);
  if (failed(i) || failed(made))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1");
  if (!schedule.getTile())
    return e.builder.notifyMatchFailure(op, "the schedule has no tile");
  in = *i;
  out = *o;
  epilogue = *made;
  accumulator = op.getAccumulatorType();
  bool areRows = in.sizes.size() == 2;
  e.parallelLoop(0, in.sizes[0], 1, [&](Value outer) {
    if (areRows)
      emitRow(outer);
    else
      emitImage(outer);
  });
  e.builder.eraseOp(op);
  return success();
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

void NormalizeEmitter::emitRow(Value outer) {
  Value left = e.mul(outer, in.strides[0]), mean;
  Row row{in.sizes[1], schedule.getLanes(), accumulator};
  row.mostSums = schedule.getTile()[1];
  auto difference = [&](Value i, int64_t lanes) {
    Value v = load(e.add(left, i), lanes);
    return mean ? minus(v, e.splat(mean, lanes)) : v;
  };
  if (!op.getSquares())
    mean = meanOf(reduceRow(e, row, Fold::sum, difference));
  Value inverse =
      inverseOf(reduceRow(e, row, Fold::sum, [&](Value i, int64_t lanes) {
        return square(difference(i, lanes));
      }));
  forEachVector(e, row.count, row.lanes, [&](Value i, int64_t lanes) {
    Value v = e.times(difference(i, lanes), e.splat(inverse, lanes));
    epilogue.store(e, v, outer, i, lanes);
  });
}

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

void NormalizeEmitter::emitImage(Value outer) {
  int64_t inner = in.sizes[2], lanes = schedule.getLanes(), done = 0;
  for (int64_t vectors : {schedule.getTile()[1], int64_t(1)}) {
    int64_t step = vectors * lanes, end = done + (inner - done) / step * step;
    e.parallelLoop(done, end, step, [&](Value first) {
      emitColumns({outer, first, vectors, lanes});
    });
    done = end;
  }
  e.parallelLoop(done, inner, lanes, [&](Value first) {
    emitColumns({outer, first, 1, inner - done});
  });
}

Value NormalizeEmitter::loadColumns(const Columns &c, Value row,
                                    int64_t vector) {
  Value left = e.add(e.mul(c.outer, in.strides[0]), c.first);
  return load(e.add(e.add(left, e.mul(row, in.strides[1])), vector * c.lanes),
              c.lanes);
}

/// Of each vector; some rows at a time have sums of their own.
Values NormalizeEmitter::sumColumns(const Columns &c, Term term) {
  int64_t n = in.sizes[1], sets = schedule.getTile()[0];
  int64_t looped = n / sets * sets;
  Value zero = e.constant(e.vectorOf(accumulator, c.lanes), 0);
  auto addRows = [&](Value row, int64_t rows, ValueRange carried) {
    Values sums(carried);
    for (int64_t s = 0; s < rows; ++s)
      for (int64_t j = 0; j < c.vectors; ++j) {
        Value &sum = sums[s * c.vectors + j];
        sum = e.plus(sum, term(loadColumns(c, e.add(row, s), j), j));
      }
    return sums;
  };
  Values sums =
      e.loop(e.index(0), e.index(looped), sets, Values(sets * c.vectors, zero),
             [&](Value row, ValueRange carried) {
               return addRows(row, sets, carried);
             });
  sums = addRows(e.index(looped), n - looped, sums);
  for (int64_t i = c.vectors; i < sets * c.vectors; ++i)
    sums[i % c.vectors] = e.plus(sums[i % c.vectors], sums[i]);
  sums.resize(c.vectors);
  return sums;
}

void NormalizeEmitter::emitColumns(const Columns &c) {
  Values means(c.vectors, Value());
  auto difference = [&](Value v, int64_t j) { return minus(v, means[j]); };
  if (!op.getSquares()) {
    means = sumColumns(c, difference);
    for (Value &mean : means)
      mean = meanOf(mean);
  }
  Values inverses = sumColumns(
      c, [&](Value v, int64_t j) { return square(difference(v, j)); });
  for (Value &inverse : inverses)
    inverse = inverseOf(inverse);
  e.loop(0, in.sizes[1], 1, [&](Value row) {
    Values results;
    SmallVector<Epilogue::Place> places;
    for (int64_t j = 0; j < c.vectors; ++j) {
      results.push_back(
          e.times(difference(loadColumns(c, row, j), j), inverses[j]));
      places.push_back({{c.outer, row}, e.add(c.first, j * c.lanes)});
    }
    epilogue.store(e, results, places, c.lanes, c.vectors);
  });
}

namespace {
struct EmitNormalize
    : KernelEmitOpInterface::ExternalModel<EmitNormalize, kernel::NormalizeOp> {
  LogicalResult emit(Operation *op, RewriterBase &rewriter,
                     const TargetInfo &target) const {
    return NormalizeEmitter(cast<kernel::NormalizeOp>(op), target, rewriter)
        .run();
  }
};
} // namespace

template <>
void mlc::attachEmitter<kernel::NormalizeOp>(MLIRContext *context) {
  kernel::NormalizeOp::attachInterface<EmitNormalize>(*context);
}
