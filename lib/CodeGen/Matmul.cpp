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
#include "CodeGen/PieceSums.h"
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
  int64_t mostSums();
  void emitBatch(ValueRange batch);
  Value batchOffset(const View &view, ValueRange batch);
  /// `body` for tiles of rows of the left side.
  void forEachRows(unsigned rows,
                   llvm::function_ref<void(Value m, unsigned rows)> body);
  void emitColumns(Value n, const Columns &columns, unsigned rows);
  void emitTransposed();
  void emitDots(Value m, Value n, unsigned rows, unsigned columns);
  Values dots(Value l, Value r, unsigned rows, unsigned columns);
  Values dotsOfPieces(Value l, Value r, unsigned rows, unsigned columns);
  Values dotsOfPiece(Value l, Value r, int64_t depth, unsigned rows,
                     unsigned columns);
  Values dotStep(Value m, Value n, Value k, unsigned rows, unsigned columns,
                 int64_t valid, ValueRange sums);
  Value loadAlongK(const View &view, Value at, int64_t valid, int64_t zero);
  /// `width`: from one of the vectors to the next.
  void storeTile(ValueRange vectors, Value m, Value n, unsigned rows,
                 int64_t width, ArrayRef<int64_t> valid);

  kernel::MatmulOp op;
  kernel::ScheduleAttr schedule;
  Emitter e;
  Factors f;
  PieceMemory pieceMemory;
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
  Type f16 = e.builder.getF16Type();
  f = {*l, *r, schedule.getTerms() ? f16 : op.getAccumulatorType(),
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
  if (schedule.getTerms() && failed(checkF16(e, op, f)))
    return failure();
  if (schedule.getTerms() && k > schedule.getTerms() && !op.getTransposeRhs())
    pieceMemory = PieceMemory::create(e, op, mostSums(), lanes);
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

/// Of a tile.
int64_t MatmulEmitter::mostSums() {
  int64_t most = schedule.getTile()[0] * schedule.getTile()[1];
  for (GemmTile rest : restTilesOf(schedule))
    most = std::max<int64_t>(most, rest.rows * rest.vectors);
  return most;
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
    PieceSums pieces(e, f, columns, schedule.getTerms(), k, pieceMemory);
    Values sums = pieces.zeros(rows);
    pieces.add(r, sums);
    storeTile(pieces.finish(sums), row, at, rows, pieces.lanes, pieces.valid);
  });
}

void MatmulEmitter::storeTile(ValueRange vectors, Value row, Value at,
                              unsigned rows, int64_t width,
                              ArrayRef<int64_t> valid) {
  epilogue.storeTile(e, vectors, rows, valid, [&](Value p, unsigned j) {
    Values where = position;
    where.push_back(e.add(row, p));
    return Epilogue::Place{where, e.add(at, j * width)};
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
  Values sums = dots(l, r, rows, columns);
  Type accumulator = op.getAccumulatorType();
  // Partial sums in any order: the fold is a tree.
  auto fastMath = isa<FloatType>(accumulator) ? arith::FastMathFlags::reassoc
                                              : arith::FastMathFlags::none;
  Values vectors;
  for (unsigned p = 0; p < rows; ++p) {
    Values scalars;
    for (unsigned j = 0; j < columns; ++j)
      scalars.push_back(vector::ReductionOp::create(
          e.builder, e.loc, vector::CombiningKind::ADD, sums[p * columns + j],
          fastMath));
    vectors.push_back(vector::FromElementsOp::create(
        e.builder, e.loc, cast<VectorType>(e.vectorOf(accumulator, columns)),
        scalars));
  }
  storeTile(vectors, row, at, rows, columns, {columns});
}

/// Vectors of partial sums, of the op's accumulators.
Values MatmulEmitter::dots(Value l, Value r, unsigned rows, unsigned columns) {
  // Each lane of a piece has its terms.
  int64_t piece = schedule.getTerms() * lanes;
  if (piece != 0 && piece < k)
    return dotsOfPieces(l, r, rows, columns);
  Values sums = dotsOfPiece(l, r, k, rows, columns);
  for (Value &sum : sums)
    sum = e.convert(sum, op.getAccumulatorType());
  return sums;
}

Values MatmulEmitter::dotsOfPieces(Value l, Value r, unsigned rows,
                                   unsigned columns) {
  int64_t piece = schedule.getTerms() * lanes, full = k / piece * piece;
  Type accumulator = op.getAccumulatorType();
  auto addPiece = [&](Value step, int64_t depth, ValueRange sums) {
    Values products =
        dotsOfPiece(e.add(l, step), e.add(r, step), depth, rows, columns);
    for (auto [product, sum] : llvm::zip(products, sums))
      product = e.plus(sum, e.convert(product, accumulator));
    return products;
  };
  Value zero = e.constant(e.vectorOf(accumulator, lanes), 0);
  Values sums =
      e.loop(e.index(0), e.index(full), piece, Values(rows * columns, zero),
             [&](Value step, ValueRange carried) {
               return addPiece(step, piece, carried);
             });
  return full < k ? addPiece(e.index(full), k - full, sums) : sums;
}

Values MatmulEmitter::dotsOfPiece(Value l, Value r, int64_t depth,
                                  unsigned rows, unsigned columns) {
  Value zero = e.constant(e.vectorOf(f.accumulator, lanes), 0);
  int64_t full = depth / lanes * lanes;
  Values sums =
      e.loop(e.index(0), e.index(full), lanes, Values(rows * columns, zero),
             [&](Value step, ValueRange carried) {
               return dotStep(l, r, step, rows, columns, lanes, carried);
             });
  if (full < depth)
    sums = dotStep(l, r, e.index(full), rows, columns, depth - full, sums);
  return sums;
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
