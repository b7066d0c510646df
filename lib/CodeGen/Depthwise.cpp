//===- Depthwise.cpp - convolution of each channel by itself --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Vectors are of channels, tiles of neighbouring output pixels, so that an
// input vector is loaded once for all windows of the tile that hold it. Small
// kernels are unrolled as a whole, on tiles of several rows; of larger ones the
// rows are a loop. Either way no padding is computed.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/ConvOperands.h"
#include "CodeGen/Emitters.h"
#include "CodeGen/WindowRows.h"
#include "Kernel/IR/Kernel.h"
#include <map>

using namespace mlir;
using namespace mlc;

namespace {

class DepthwiseEmitter {
public:
  DepthwiseEmitter(kernel::DepthwiseOp op, const TargetInfo &target,
                   RewriterBase &rewriter)
      : op(op), schedule(kernel::scheduleOf(op)),
        e(rewriter, op.getLoc(), target) {}

  LogicalResult run();

private:
  /// Output pixels at (oh, ow) + [0, rows.rows) x [0, columns.rows), channels
  /// from `channel` on.
  struct Tile {
    PixelRun rows, columns;
    Value n, oh, ow, channel;
    int64_t lanes;

    unsigned at(unsigned row, unsigned column) const {
      return row * columns.rows + column;
    }
    unsigned size() const { return rows.rows * columns.rows; }
  };

  LogicalResult initialize();
  void emitTiles(Value n);
  void emitTile(const Tile &tile);
  void addRow(const Tile &tile, Value left, Value right, int64_t leftOffset,
              int64_t rightOffset, unsigned row,
              std::map<int64_t, Value> &loaded, Values &sums);
  void addUnrolled(const Tile &tile, Values &sums);
  Values addLooped(const Tile &tile, ValueRange sums);
  Value loadFactor(const View &view, Value at, int64_t lanes, int64_t zero);

  kernel::DepthwiseOp op;
  kernel::ScheduleAttr schedule;
  Emitter e;
  View in, weights, out;
  Epilogue epilogue;
  Window height, width;
  Type accumulator;
  int64_t lanes;
  bool unrolled;
};

} // namespace

LogicalResult DepthwiseEmitter::initialize() {
  FailureOr<ConvOperands> operands = ConvOperands::create(
      e, op, op.getInputUnsigned(), op.getWeightsUnsigned());
  if (failed(operands))
    return failure();
  in = operands->in;
  weights = operands->weights;
  out = operands->out;
  epilogue = operands->epilogue;
  accumulator = op.getAccumulatorType();
  height = {in.sizes[1],        out.sizes[1],         weights.sizes[0],
            op.getStrides()[0], op.getDilations()[0], op.getPads()[0]};
  width = {in.sizes[2],        out.sizes[2],         weights.sizes[1],
           op.getStrides()[1], op.getDilations()[1], op.getPads()[1]};
  lanes = schedule.getLanes();
  unrolled = height.kernel * width.kernel <= schedule.getUnroll();
  return success();
}

LogicalResult DepthwiseEmitter::run() {
  if (failed(initialize()))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1");
  if (!schedule.getTile() || (!unrolled && schedule.getTile()[0] != 1))
    return e.builder.notifyMatchFailure(
        op, "the schedule needs a tile, of one row where windows are not "
            "written out");
  e.parallelLoop(0, in.sizes[0], 1, [&](Value n) { emitTiles(n); });
  e.builder.eraseOp(op);
  return success();
}

void DepthwiseEmitter::emitTiles(Value n) {
  int64_t tileRows = schedule.getTile()[0];
  int64_t tileColumns = schedule.getTile()[1];
  // Without unrolling any row may be the border: one row a tile, all alike.
  SmallVector<PixelRun> rowRuns;
  if (unrolled)
    rowRuns = coverApart(height, tileRows);
  else
    rowRuns.push_back({0, 1, height.count});
  for (PixelRun rows : rowRuns)
    e.parallelLoop(
        rows.start, rows.start + rows.count * rows.rows, rows.rows,
        [&](Value oh) {
          for (PixelRun columns : coverApart(width, tileColumns))
            e.parallelLoop(
                columns.start, columns.start + columns.count * columns.rows,
                columns.rows, [&](Value ow) {
                  forEachVector(
                      e, in.sizes[3], lanes, [&](Value c, int64_t vectorLanes) {
                        emitTile({rows, columns, n, oh, ow, c, vectorLanes});
                      });
                });
        });
}

void DepthwiseEmitter::emitTile(const Tile &tile) {
  Value zero = e.constant(e.vectorOf(accumulator, tile.lanes), 0);
  Values sums(tile.size(), zero);
  if (unrolled)
    addUnrolled(tile, sums);
  else
    sums = addLooped(tile, sums);
  SmallVector<Epilogue::Place> places;
  for (unsigned r = 0; r < tile.rows.rows; ++r)
    for (unsigned c = 0; c < tile.columns.rows; ++c)
      places.push_back(
          {{tile.n, e.add(tile.oh, r), e.add(tile.ow, c)}, tile.channel});
  epilogue.store(e, sums, places, tile.lanes);
}

Value DepthwiseEmitter::loadFactor(const View &view, Value at, int64_t count,
                                   int64_t zero) {
  Value v = e.convert(e.load(view, at, count), accumulator, view.isUnsigned);
  if (zero == 0)
    return v;
  return arith::SubIOp::create(e.builder, e.loc, v,
                               e.constant(v.getType(), zero));
}

/// One kernel row for one row of the tile. `loaded` keeps input vectors by
/// offset.
void DepthwiseEmitter::addRow(const Tile &tile, Value left, Value right,
                              int64_t leftOffset, int64_t rightOffset,
                              unsigned row, std::map<int64_t, Value> &loaded,
                              Values &sums) {
  int64_t zero = kernel::zeroPointOf(op.getInputZeroPoint());
  for (int64_t kw = 0; kw < width.kernel; ++kw) {
    Value w;
    for (unsigned c = 0; c < tile.columns.rows; ++c) {
      if (!width.inside(tile.columns.start + c, kw))
        continue;
      int64_t offset = leftOffset + (c * width.stride + kw * width.dilation -
                                     width.padBegin) *
                                        in.strides[2];
      Value &x = loaded[offset];
      if (!x)
        x = loadFactor(in, e.add(left, offset), tile.lanes, zero);
      if (!w)
        w = loadFactor(weights,
                       e.add(right, rightOffset + kw * weights.strides[1]),
                       tile.lanes, 0);
      Value &sum = sums[tile.at(row, c)];
      sum = e.multiplyAdd(x, w, sum);
    }
  }
}

/// Input rows one after the other, each for all rows of the tile whose windows
/// hold it. Weights are loaded where they are used; LLVM keeps what fits.
void DepthwiseEmitter::addUnrolled(const Tile &tile, Values &sums) {
  Value left = e.add(e.mul(tile.n, in.strides[0]), tile.channel);
  left = e.add(left, e.mul(tile.oh, height.stride * in.strides[1]));
  left = e.add(left, e.mul(tile.ow, width.stride * in.strides[2]));
  int64_t reach = (tile.rows.rows - 1) * height.stride +
                  (height.kernel - 1) * height.dilation;
  for (int64_t inRow = 0; inRow <= reach; ++inRow) {
    std::map<int64_t, Value> loaded;
    for (unsigned r = 0; r < tile.rows.rows; ++r) {
      int64_t distance = inRow - r * height.stride;
      int64_t kh = distance / height.dilation;
      if (distance < 0 || distance % height.dilation || kh >= height.kernel ||
          !height.inside(tile.rows.start + r, kh))
        continue;
      addRow(tile, left, tile.channel,
             (inRow - height.padBegin) * in.strides[1], kh * weights.strides[0],
             r, loaded, sums);
    }
  }
}

Values DepthwiseEmitter::addLooped(const Tile &tile, ValueRange start) {
  Value image = e.add(e.mul(tile.n, in.strides[0]), tile.channel);
  image = e.add(image, e.mul(tile.ow, width.stride * in.strides[2]));
  return forEachKernelRow(
      e, height, tile.oh, start, [&](Value kh, ValueRange carried) {
        Values sums(carried);
        Value row = inputRow(e, height, tile.oh, kh);
        std::map<int64_t, Value> loaded;
        addRow(tile, e.add(image, e.mul(row, in.strides[1])),
               e.add(tile.channel, e.mul(kh, weights.strides[0])), 0, 0, 0,
               loaded, sums);
        return sums;
      });
}

namespace {
struct EmitDepthwise
    : KernelEmitOpInterface::ExternalModel<EmitDepthwise, kernel::DepthwiseOp> {
  LogicalResult emit(Operation *op, RewriterBase &rewriter,
                     const TargetInfo &target) const {
    auto depthwise = cast<kernel::DepthwiseOp>(op);
    if (depthwise.hasQuads())
      return emitDepthwiseQuads(depthwise, target, rewriter);
    return DepthwiseEmitter(depthwise, target, rewriter).run();
  }
};
} // namespace

template <>
void mlc::attachEmitter<kernel::DepthwiseOp>(MLIRContext *context) {
  kernel::DepthwiseOp::attachInterface<EmitDepthwise>(*context);
}
