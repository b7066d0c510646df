//===- Matmul.cpp - products of two matrices, neither packed --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With the right side as [K, N], tiles and inner loop are the convolution's,
// the weights being rows of the right side. With [N, K] both sides run along K:
// an accumulator is a vector of partial sums, added up at the end.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Emitters.h"
#include "CodeGen/Epilogue.h"
#include "CodeGen/Product.h"
#include "CodeGen/Rows.h"
#include "Kernel/IR/Kernel.h"
#include "Schedule/KernelSchedule.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlc;

namespace {

class MatmulEmitter {
public:
  MatmulEmitter(kernel::MatmulOp op, const TargetInfo &target,
                RewriterBase &rewriter)
      : op(op), schedule(kernel::scheduleOf(op)),
        e(rewriter, op.getLoc(), target) {}

  LogicalResult run();

private:
  LogicalResult initialize();
  LogicalResult checkSchedule();
  void emitBatch(ValueRange batch);
  Value batchOffset(const View &view, ValueRange batch);
  /// `body` for tiles of rows of the left side.
  void forEachRows(unsigned rows,
                   llvm::function_ref<void(Value m, unsigned rows)> body);
  void emitColumns(Value n, const Columns &columns, unsigned rows);
  void emitTransposed();
  void emitDots(Value m, Value n, unsigned rows, unsigned columns);
  Values dotStep(Value m, Value n, Value k, unsigned rows, unsigned columns,
                 int64_t valid, ValueRange sums);
  Value loadAlongK(const View &view, Value at, int64_t valid, int64_t zero);
  void storeTile(ValueRange vectors, Value m, Value n, unsigned rows,
                 const Columns &columns);

  kernel::MatmulOp op;
  kernel::ScheduleAttr schedule;
  Emitter e;
  Factors f;
  View out;
  Epilogue epilogue;
  int64_t m, n, k, leftRow, rightRow, lanes;

  // Of the batch that is being emitted.
  Values position;
  Value left, right;
};

} // namespace

LogicalResult MatmulEmitter::initialize() {
  FailureOr<View> l = e.view(op.getLhs(), op.getLhsUnsigned());
  FailureOr<View> r = e.view(op.getRhs(), op.getRhsUnsigned());
  FailureOr<View> o = e.view(op.getInit());
  if (failed(l) || failed(r) || failed(o))
    return failure();
  FailureOr<Epilogue> made = Epilogue::create(e, op, *o);
  if (failed(made))
    return failure();
  f = {*l, *r, op.getAccumulatorType(),
       kernel::zeroPointOf(op.getLhsZeroPoint()),
       kernel::zeroPointOf(op.getRhsZeroPoint())};
  out = *o;
  epilogue = *made;
  auto last = [](const View &view, unsigned i) {
    return view.sizes.size() - i;
  };
  m = out.sizes[last(out, 2)];
  n = out.sizes[last(out, 1)];
  k = f.left.sizes[last(f.left, 1)];
  leftRow = f.left.strides[last(f.left, 2)];
  rightRow = f.right.strides[last(f.right, 2)];
  lanes = schedule.getLanes();
  return success();
}

LogicalResult MatmulEmitter::run() {
  if (failed(initialize()))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1");
  if (failed(checkSchedule()))
    return e.builder.notifyMatchFailure(
        op, "the schedule's tiles do not cover the columns of the product");
  forEachPosition(e, ArrayRef(out.sizes).drop_back(2),
                  [&](ValueRange batch) { emitBatch(batch); });
  e.builder.eraseOp(op);
  return success();
}

Value MatmulEmitter::batchOffset(const View &view, ValueRange batch) {
  Value at = e.index(0);
  unsigned count = view.sizes.size() - 2;
  for (auto [i, index] : llvm::enumerate(batch.take_back(count)))
    if (view.sizes[i] != 1)
      at = e.add(at, e.mul(index, view.strides[i]));
  return at;
}

void MatmulEmitter::emitBatch(ValueRange batch) {
  position.assign(batch.begin(), batch.end());
  left = batchOffset(f.left, batch);
  right = batchOffset(f.right, batch);
  if (op.getTransposeRhs())
    return emitTransposed();
  int64_t width = schedule.getTile()[1];
  int64_t size = width * lanes, full = n / size * size;
  auto columnsFrom = [&](int64_t start, unsigned count) {
    Columns c{lanes, {}, {}, /*exactLoads=*/true};
    for (unsigned j = 0; j < count; ++j) {
      c.valid.push_back(std::min(lanes, n - start - j * lanes));
      c.offsets.push_back(j * lanes);
    }
    return c;
  };
  e.parallelLoop(0, full, size, [&](Value at) {
    emitColumns(at, columnsFrom(0, width), schedule.getTile()[0]);
  });
  int64_t start = full;
  for (GemmTile rest : restTilesOf(schedule)) {
    emitColumns(e.index(start), columnsFrom(start, rest.vectors), rest.rows);
    start += rest.vectors * lanes;
  }
}

/// What is said by hand may be what this op cannot have.
LogicalResult MatmulEmitter::checkSchedule() {
  if (!schedule.getTile())
    return failure();
  if (op.getTransposeRhs())
    return success();
  int64_t size = schedule.getTile()[1] * lanes, covered = n / size * size;
  for (GemmTile rest : restTilesOf(schedule))
    covered += rest.vectors * lanes;
  return success(covered == int64_t(llvm::alignTo(n, lanes)));
}

void MatmulEmitter::forEachRows(
    unsigned rows, llvm::function_ref<void(Value, unsigned)> body) {
  int64_t full = m / rows * rows;
  e.parallelLoop(0, full, rows, [&](Value at) { body(at, rows); });
  e.parallelLoop(full, m, rows, [&](Value at) { body(at, m - full); });
}

void MatmulEmitter::emitColumns(Value at, const Columns &columns,
                                unsigned tileRows) {
  forEachRows(tileRows, [&](Value row, unsigned rows) {
    Reduction r;
    r.left = e.add(left, e.mul(row, leftRow));
    r.right = e.add(right, at);
    r.depth = k;
    r.rightStride = rightRow;
    r.pixelStride = leftRow;
    r.first = 0;
    r.last = rows;
    r.unroll = schedule.getUnroll();
    Values sums = zeros(e, f, rows, columns);
    accumulate(e, f, columns, r, sums);
    storeTile(sums, row, at, rows, columns);
  });
}

void MatmulEmitter::storeTile(ValueRange vectors, Value row, Value at,
                              unsigned rows, const Columns &columns) {
  epilogue.storeTile(e, vectors, rows, columns.valid, [&](Value p, unsigned j) {
    Values where = position;
    where.push_back(e.add(row, p));
    return Epilogue::Place{where, e.add(at, j * columns.lanes)};
  });
}

//===----------------------------------------------------------------------===//
// Right side as [N, K]
//===----------------------------------------------------------------------===//

void MatmulEmitter::emitTransposed() {
  unsigned tileRows = schedule.getTile()[0], most = schedule.getTile()[1];
  int64_t full = n / most * most;
  forEachRows(tileRows, [&](Value row, unsigned rows) {
    e.parallelLoop(0, full, most,
                   [&](Value at) { emitDots(row, at, rows, most); });
    e.parallelLoop(full, n, most,
                   [&](Value at) { emitDots(row, at, rows, n - full); });
  });
}

void MatmulEmitter::emitDots(Value row, Value at, unsigned rows,
                             unsigned columns) {
  Value l = e.add(left, e.mul(row, leftRow));
  Value r = e.add(right, e.mul(at, rightRow));
  Value zero = e.constant(e.vectorOf(f.accumulator, lanes), 0);
  Values sums(rows * columns, zero);
  int64_t full = k / lanes * lanes;
  sums = e.loop(e.index(0), e.index(full), lanes, sums,
                [&](Value step, ValueRange carried) {
                  return dotStep(l, r, step, rows, columns, lanes, carried);
                });
  if (full < k)
    sums = dotStep(l, r, e.index(full), rows, columns, k - full, sums);
  // Partial sums in any order: the fold is a tree.
  auto fastMath = isa<FloatType>(f.accumulator) ? arith::FastMathFlags::reassoc
                                                : arith::FastMathFlags::none;
  Values vectors;
  for (unsigned p = 0; p < rows; ++p) {
    Values scalars;
    for (unsigned j = 0; j < columns; ++j)
      scalars.push_back(vector::ReductionOp::create(
          e.builder, e.loc, vector::CombiningKind::ADD, sums[p * columns + j],
          fastMath));
    vectors.push_back(vector::FromElementsOp::create(
        e.builder, e.loc, cast<VectorType>(e.vectorOf(f.accumulator, columns)),
        scalars));
  }
  storeTile(vectors, row, at, rows, Columns{columns, {columns}, {0}});
}

Values MatmulEmitter::dotStep(Value l, Value r, Value step, unsigned rows,
                              unsigned columns, int64_t valid,
                              ValueRange sums) {
  Values result(sums), lefts;
  for (unsigned p = 0; p < rows; ++p)
    lefts.push_back(loadAlongK(f.left, e.add(e.add(l, step), p * leftRow),
                               valid, f.leftZero));
  for (unsigned j = 0; j < columns; ++j) {
    Value b = loadAlongK(f.right, e.add(e.add(r, step), j * rightRow), valid,
                         f.rightZero);
    for (unsigned p = 0; p < rows; ++p) {
      Value &sum = result[p * columns + j];
      sum = e.multiplyAdd(lefts[p], b, sum);
    }
  }
  return result;
}

/// Lanes beyond the valid ones are zero.
Value MatmulEmitter::loadAlongK(const View &view, Value at, int64_t valid,
                                int64_t zeroPoint) {
  Value v = e.convert(e.load(view, at, valid), f.accumulator, view.isUnsigned);
  if (zeroPoint)
    v = arith::SubIOp::create(e.builder, e.loc, v,
                              e.constant(v.getType(), zeroPoint));
  if (valid == lanes)
    return v;
  Value zero = e.constant(e.vectorOf(f.accumulator, lanes), 0);
  return e.insert(v, zero);
}

namespace {
struct EmitMatmul
    : KernelEmitOpInterface::ExternalModel<EmitMatmul, kernel::MatmulOp> {
  LogicalResult emit(Operation *op, RewriterBase &rewriter,
                     const TargetInfo &target) const {
    return MatmulEmitter(cast<kernel::MatmulOp>(op), target, rewriter).run();
  }
};
} // namespace

template <>
void mlc::attachEmitter<kernel::MatmulOp>(MLIRContext *context) {
  kernel::MatmulOp::attachInterface<EmitMatmul>(*context);
}
