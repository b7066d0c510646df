//===- Pool.cpp - maximum and average pooling -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Emitters.h"
#include "CodeGen/Numeric.h"
#include "CodeGen/Rows.h"
#include "CodeGen/WindowRows.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlc;

namespace {

class PoolEmitter {
public:
  PoolEmitter(kernel::PoolOp op, const TargetInfo &target,
              RewriterBase &rewriter)
      : op(op), schedule(kernel::scheduleOf(op)),
        e(rewriter, op.getLoc(), target) {}

  LogicalResult run();

private:
  struct Pixel {
    Value n, oh, ow;
    PixelRun run;
  };
  void emitPixel(const Pixel &pixel);
  void emitVectors(const Pixel &pixel, Value channel, unsigned vectors,
                   int64_t lanes);
  Values addRow(const Pixel &pixel, Value kh, Value channel, unsigned vectors,
                int64_t lanes, Values sums);
  Value element(Value at, int64_t lanes);
  Value count(const Pixel &pixel);
  Value finish(Value sum, Value count, int64_t lanes);

  kernel::PoolOp op;
  kernel::ScheduleAttr schedule;
  Emitter e;
  View in, out;
  Window height, width, paddedHeight, paddedWidth;
  Type accumulator;
  bool average;
  Fold fold;
};

} // namespace

LogicalResult PoolEmitter::run() {
  FailureOr<View> i = e.view(op.getInput(), op.getInputUnsigned());
  FailureOr<View> o = e.view(op.getInit());
  if (failed(i) || failed(o))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1");
  if (!schedule.getTile())
    return e.builder.notifyMatchFailure(op, "the schedule has no tile");
  in = *i;
  out = *o;
  average = op.getKind() == kernel::PoolKind::average;
  fold = average ? Fold::sum : Fold::max;
  accumulator = op.getAccumulatorType();
  auto window = [&](unsigned d) {
    return Window{in.sizes[d + 1],    out.sizes[d + 1],     op.getKernel()[d],
                  op.getStrides()[d], op.getDilations()[d], op.getPads()[d]};
  };
  height = paddedHeight = window(0);
  width = paddedWidth = window(1);
  // As seen from the padded input, whose padding counts.
  paddedHeight.extent += op.getPads()[0] + op.getPads()[2];
  paddedWidth.extent += op.getPads()[1] + op.getPads()[3];
  paddedHeight.padBegin = paddedWidth.padBegin = 0;
  e.parallelLoop(0, out.sizes[0], 1, [&](Value n) {
    e.parallelLoop(0, height.count, 1, [&](Value oh) {
      for (PixelRun run : cover(width, 1))
        e.parallelLoop(run.start, run.start + run.count, 1,
                       [&](Value ow) { emitPixel({n, oh, ow, run}); });
    });
  });
  e.builder.eraseOp(op);
  return success();
}

/// Channels by the vectors of a tile, then by fewer, then by a narrower one.
void PoolEmitter::emitPixel(const Pixel &pixel) {
  int64_t channels = in.sizes[3];
  int64_t lanes = schedule.getLanes();
  int64_t done = 0;
  for (int64_t vectors = schedule.getTile()[1]; vectors > 0; vectors /= 2) {
    int64_t step = vectors * lanes;
    int64_t end = done + (channels - done) / step * step;
    e.parallelLoop(done, end, step,
                   [&](Value c) { emitVectors(pixel, c, vectors, lanes); });
    done = end;
  }
  e.parallelLoop(done, channels, lanes,
                 [&](Value c) { emitVectors(pixel, c, 1, channels - done); });
}

void PoolEmitter::emitVectors(const Pixel &pixel, Value channel,
                              unsigned vectors, int64_t lanes) {
  Type type = e.vectorOf(accumulator, lanes);
  Values sums(vectors, foldIdentity(e, fold, type, in.isUnsigned));
  sums = forEachKernelRow(
      e, height, pixel.oh, sums, [&](Value kh, ValueRange carried) {
        return addRow(pixel, kh, channel, vectors, lanes, Values(carried));
      });
  Value at =
      e.add(e.mul(pixel.n, out.strides[0]), e.mul(pixel.oh, out.strides[1]));
  at = e.add(e.add(at, e.mul(pixel.ow, out.strides[2])), channel);
  Value number = average ? count(pixel) : Value();
  for (unsigned j = 0; j < vectors; ++j)
    e.store(out, e.add(at, j * lanes),
            average ? finish(sums[j], number, lanes)
                    : e.convert(sums[j], in.element));
}

Values PoolEmitter::addRow(const Pixel &pixel, Value kh, Value channel,
                           unsigned vectors, int64_t lanes, Values sums) {
  Value row = e.add(e.mul(pixel.n, in.strides[0]),
                    e.mul(inputRow(e, height, pixel.oh, kh), in.strides[1]));
  Value left =
      e.add(e.add(row, e.mul(pixel.ow, width.stride * in.strides[2])), channel);
  int64_t step = width.dilation * in.strides[2];
  int64_t first = -width.padBegin * in.strides[2];
  auto addElements = [&](Value at, int64_t count, ValueRange carried) {
    Values result;
    for (unsigned j = 0; j < vectors; ++j) {
      Values elements;
      for (int64_t kw = 0; kw < count; ++kw)
        elements.push_back(element(e.add(at, kw * step + j * lanes), lanes));
      result.push_back(foldAll(e, fold, carried[j], elements, in.isUnsigned));
    }
    return result;
  };
  auto [from, to] = width.insideAt(pixel.run.start);
  if (to - from > schedule.getUnroll())
    return e.loop(e.index(from), e.index(to), 1, sums,
                  [&](Value kw, ValueRange carried) {
                    Value at = e.add(e.add(left, e.mul(kw, step)), first);
                    return addElements(at, 1, carried);
                  });
  int64_t atOnce = foldedAtOnce(e, fold, accumulator);
  for (int64_t kw = from; kw < to; kw += atOnce)
    sums = addElements(e.add(left, first + kw * step),
                       std::min(atOnce, to - kw), sums);
  return sums;
}

Value PoolEmitter::element(Value at, int64_t lanes) {
  return e.convert(e.load(in, at, lanes), accumulator, in.isUnsigned);
}

/// Elements that an average divides by, as a float.
Value PoolEmitter::count(const Pixel &pixel) {
  bool padded = op.getCountIncludePad();
  const Window &rows = padded ? paddedHeight : height;
  const Window &columns = padded ? paddedWidth : width;
  Bounds bounds = boundsInside(e, rows, pixel.oh);
  auto [from, to] = columns.insideAt(pixel.run.start);
  int64_t inRow = to - from;
  Value elements = e.max(e.mul(e.sub(bounds.to, bounds.from), inRow), 1);
  Value integer = arith::IndexCastOp::create(e.builder, e.loc,
                                             e.builder.getI32Type(), elements);
  return e.convert(integer,
                   accumulator.isF64() ? accumulator : e.builder.getF32Type());
}

Value PoolEmitter::finish(Value sum, Value count, int64_t lanes) {
  if (isa<IntegerType>(accumulator))
    return roundedQuotient(e, sum, count, in.element);
  Value one = e.constant(count.getType(), 1);
  Value scale = arith::DivFOp::create(e.builder, e.loc, one, count);
  return e.convert(e.times(sum, e.splat(scale, lanes)), in.element);
}

namespace {
struct EmitPool
    : KernelEmitOpInterface::ExternalModel<EmitPool, kernel::PoolOp> {
  LogicalResult emit(Operation *op, RewriterBase &rewriter,
                     const TargetInfo &target) const {
    return PoolEmitter(cast<kernel::PoolOp>(op), target, rewriter).run();
  }
};
} // namespace

template <>
void mlc::attachEmitter<kernel::PoolOp>(MLIRContext *context) {
  kernel::PoolOp::attachInterface<EmitPool>(*context);
}
