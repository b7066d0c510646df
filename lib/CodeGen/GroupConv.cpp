//===- GroupConv.cpp - convolution in many small groups -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A packed block holds the output channels of several groups, and a vector may:
// its lanes then need different input channels. The input channels of the same
// groups are one vector too, and step k repeats channel k of each group over
// the group's lanes: a shuffle, which serves all windows that hold the pixel.
//
// Where a group fills a vector, activations are broadcast as in any other
// convolution.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/ConvOperands.h"
#include "CodeGen/Emitters.h"
#include "CodeGen/WindowProduct.h"
#include "CodeGen/WindowRows.h"
#include "Kernel/IR/Kernel.h"
#include "Schedule/KernelSchedule.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlc;

namespace {

class GroupConvEmitter {
public:
  GroupConvEmitter(kernel::ConvOp op, const TargetInfo &target,
                   RewriterBase &rewriter)
      : op(op), schedule(kernel::scheduleOf(op)),
        e(rewriter, op.getLoc(), target) {}

  LogicalResult run();

private:
  /// Pixels from `ow` on, channels from `channel` on.
  struct Tile {
    Value n, oh, ow, channel;
    /// Of the channels' lanes in the first kernel row.
    Value weights;
    PixelRun run;
  };

  /// How vectors of one width are computed.
  struct Level {
    int64_t lanes;
    unsigned pixels; ///< of a tile
    int64_t steps;   ///< input channels of a group at once
  };

  LogicalResult initialize();
  SmallVector<Level> levels() const;
  LogicalResult checkSchedule() const;
  void
  forEachLevel(llvm::function_ref<void(Value channel, const Level &)> body);
  void forEachRow(llvm::function_ref<void(Value n, Value oh)> body);
  void emitRow(Value n, Value oh, Value channel, const Level &level);
  void emitTile(const Tile &tile);
  Ahead weightsAhead(const Tile &tile);
  bool isSpread() const;
  Values addSpread(const Tile &tile, Values sums);
  Values addBroadcast(const Tile &tile, ValueRange sums);
  void addSteps(const Tile &tile, Value kh, Value channel, Value k,
                llvm::function_ref<Values(Value)> activations, Values &sums);
  Values spread(Value at, int64_t k);
  int64_t panel() const {
    return height.kernel * width.kernel * groupSize * block;
  }

  bool fetches(kernel::Prefetch what) const {
    return bitEnumContainsAny(schedule.getPrefetch(), what);
  }

  kernel::ConvOp op;
  kernel::ScheduleAttr schedule;
  Emitter e;
  Factors f;
  View out;
  Epilogue epilogue;
  Window height, width;
  int64_t groupSize, block;

  // Of the vector that is being emitted.
  Columns columns;
  /// Input channels of a group at once.
  int64_t steps;
  Ahead ahead; ///< of the tile that is being emitted
};

} // namespace

LogicalResult GroupConvEmitter::initialize() {
  FailureOr<ConvOperands> operands = ConvOperands::create(
      e, op, op.getInputUnsigned(), op.getWeightsUnsigned());
  if (failed(operands) ||
      !operands->weights.isContiguous(0, operands->weights.sizes.size() - 1))
    return failure();
  View &in = operands->in, &w = operands->weights;
  f = {in, w, op.getAccumulatorType(),
       kernel::zeroPointOf(op.getInputZeroPoint()), 0};
  out = operands->out;
  epilogue = operands->epilogue;
  auto window = [&](unsigned d) {
    return Window{in.sizes[d + 1],    out.sizes[d + 1],     w.sizes[d + 2],
                  op.getStrides()[d], op.getDilations()[d], op.getPads()[d]};
  };
  height = window(0);
  width = window(1);
  groupSize = w.sizes[4];
  block = w.sizes[5];
  return success();
}

LogicalResult GroupConvEmitter::run() {
  if (failed(initialize()))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1, and "
            "packed weights contiguous");
  if (failed(checkSchedule()))
    return e.builder.notifyMatchFailure(
        op, "the schedule's lanes, tiles and steps are not for these groups");
  if (schedule.getOrder() == kernel::LoopOrder::rows)
    forEachRow([&](Value n, Value oh) {
      forEachLevel(
          [&](Value c, const Level &level) { emitRow(n, oh, c, level); });
    });
  else
    forEachLevel([&](Value c, const Level &level) {
      forEachRow([&](Value n, Value oh) { emitRow(n, oh, c, level); });
    });
  e.builder.eraseOp(op);
  return success();
}

/// Full vectors, then narrower ones: groups are powers of two.
SmallVector<GroupConvEmitter::Level> GroupConvEmitter::levels() const {
  SmallVector<Level> result;
  auto add = [&](GemmTile tile) {
    size_t i = result.size();
    result.push_back(
        {schedule.getLanes() >> i, tile.rows, schedule.getSteps()[i]});
  };
  add(tileOf(schedule));
  llvm::for_each(restTilesOf(schedule), add);
  return result;
}

/// What is said by hand may be what this op cannot have.
LogicalResult GroupConvEmitter::checkSchedule() const {
  auto tile = schedule.getTile(), rest = schedule.getRest(),
       steps = schedule.getSteps();
  if (!tile || !steps || block % schedule.getLanes() != 0 ||
      steps.size() != 1 + (rest ? rest.size() / 2 : 0))
    return failure();
  int64_t left = out.sizes[3];
  for (const Level &level : levels()) {
    bool isOneGroup = level.lanes < groupSize;
    if (level.lanes < 1 || groupSize % level.steps != 0 ||
        (isOneGroup && level.steps != 1))
      return failure();
    left %= level.lanes;
  }
  return success(left == 0);
}

void GroupConvEmitter::forEachLevel(
    llvm::function_ref<void(Value, const Level &)> body) {
  int64_t channels = out.sizes[3], done = 0;
  bool keepsPixels = schedule.getDivide() == kernel::Division::pixels;
  for (const Level &level : levels()) {
    int64_t end = done + (channels - done) / level.lanes * level.lanes;
    e.loopOver(!keepsPixels, done, end, level.lanes,
               [&](Value c) { body(c, level); });
    done = end;
  }
}

void GroupConvEmitter::forEachRow(llvm::function_ref<void(Value, Value)> body) {
  e.parallelLoop(0, out.sizes[0], 1, [&](Value n) {
    e.parallelLoop(0, height.count, 1, [&](Value oh) { body(n, oh); });
  });
}

void GroupConvEmitter::emitRow(Value n, Value oh, Value channel,
                               const Level &level) {
  columns = {level.lanes, {level.lanes}, {0}};
  steps = level.steps;
  Value weights =
      e.add(e.mul(e.div(channel, block), panel()), e.rem(channel, block));
  for (PixelRun run : cover(width, level.pixels))
    e.parallelLoop(
        run.start, run.start + run.count * run.rows, run.rows,
        [&](Value ow) { emitTile({n, oh, ow, channel, weights, run}); });
}

bool GroupConvEmitter::isSpread() const {
  if (multipliesByLane(e.target))
    return columns.lanes >= groupSize;
  return columns.lanes > groupSize;
}

void GroupConvEmitter::emitTile(const Tile &tile) {
  Values sums = zeros(e, f, tile.run.rows, columns);
  ahead = fetches(kernel::Prefetch::weights) ? weightsAhead(tile) : Ahead();
  sums = isSpread() ? addSpread(tile, sums) : addBroadcast(tile, sums);
  epilogue.storeTile(
      e, sums, tile.run.rows, columns.lanes, [&](Value pixel, unsigned) {
        return Epilogue::Place{{tile.n, tile.oh, e.add(tile.ow, pixel)},
                               tile.channel};
      });
}

/// From the block behind.
Ahead GroupConvEmitter::weightsAhead(const Tile &tile) {
  Value pixel = e.add(e.mul(tile.n, height.count * width.count),
                      e.add(e.mul(tile.oh, width.count), tile.ow));
  return Ahead::ofTile(e, f.right, pixel,
                       out.sizes[0] * height.count * width.count, tile.run.rows,
                       panel());
}

/// Kernel rows are the inner loop: in one piece of code LLVM would keep the
/// inputs for all of the group's channels, until it runs out of registers.
Values GroupConvEmitter::addSpread(const Tile &tile, Values sums) {
  for (int64_t k = 0; k < groupSize; k += steps)
    sums = forEachKernelRow(
        e, height, tile.oh, sums, [&](Value kh, ValueRange carried) {
          Values result(carried);
          addSteps(
              tile, kh, tile.channel, e.index(k),
              [&](Value at) { return spread(at, k); }, result);
          return result;
        });
  return sums;
}

Values GroupConvEmitter::addBroadcast(const Tile &tile, ValueRange start) {
  Value group = e.mul(e.div(tile.channel, groupSize), groupSize);
  auto splat = [&](Value at) {
    return Values{broadcastInput(e, f, at, columns.lanes)};
  };
  return forEachKernelRow(
      e, height, tile.oh, start, [&](Value kh, ValueRange outer) {
        return e.loop(e.index(0), e.index(groupSize), 1, outer,
                      [&](Value k, ValueRange carried) {
                        Values result(carried);
                        addSteps(tile, kh, e.add(group, k), k, splat, result);
                        return result;
                      });
      });
}

void GroupConvEmitter::addSteps(const Tile &tile, Value kh, Value channel,
                                Value k,
                                llvm::function_ref<Values(Value)> activations,
                                Values &sums) {
  int64_t column = f.left.strides[2], kernelColumn = groupSize * block;
  Value left = e.add(e.mul(tile.n, f.left.strides[0]), channel);
  left =
      e.add(left, e.mul(inputRow(e, height, tile.oh, kh), f.left.strides[1]));
  left = e.add(left, e.mul(tile.ow, width.stride * column));
  Value right = e.add(tile.weights, e.mul(k, block));
  right = e.add(right, e.mul(kh, width.kernel * kernelColumn));
  WindowSteps window{width, tile.run, column, kernelColumn, block};
  window.count = steps;
  window.ahead = ahead;
  if (fetches(kernel::Prefetch::inputs))
    window.inputsAhead = {
        e.div(k, steps), groupSize / steps,
        std::max({columns.lanes, groupSize, f.left.lineElements()})};
  accumulateWindow(e, f, columns, window, left, right, activations, sums);
}

/// Input channels from `k` on of all the vector's groups.
Values GroupConvEmitter::spread(Value at, int64_t k) {
  Value inputs = convertInput(e, f, e.load(f.left, at, columns.lanes));
  Values result;
  for (int64_t step = k; step < k + steps; ++step) {
    SmallVector<int64_t> lanes;
    for (int64_t lane = 0; lane < columns.lanes; ++lane)
      lanes.push_back(lane / groupSize * groupSize + step);
    result.push_back(
        vector::ShuffleOp::create(e.builder, e.loc, inputs, inputs, lanes));
  }
  return result;
}

LogicalResult mlc::emitGroupConv(kernel::ConvOp op, const TargetInfo &target,
                                 RewriterBase &rewriter) {
  return GroupConvEmitter(op, target, rewriter).run();
}
