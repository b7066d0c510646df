//===- SparseConv.cpp - convolutions whose zeros are left out -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each tile of pixels, for each block of input channels: transpose them
// into scratch memory, so that a vector holds pixels of one channel, of each
// element of a window as if it were a channel of its own; then for
// each pair of output channels run over its weights (SparseWeights), the sums
// of all pixels in registers. Sums wait in scratch memory for the next block.
// At last transpose them back, apply the epilogue and store them.
//
// Where there are fewer tiles than threads, these divide the output channels of
// each tile: each transposes all input channels and has some output channels.
//
// Two output channels at once take one load for both where both have a weight:
// CPUs that load as many vectors as they multiply are bound by loads else.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Emitters.h"
#include "CodeGen/Epilogue.h"
#include "CodeGen/SparseTable.h"
#include "CodeGen/Transpose.h"
#include "Kernel/IR/Kernel.h"
#include "Schedule/KernelSchedule.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlc;

namespace {

class SparseEmitter {
public:
  SparseEmitter(kernel::SparseConvOp op, const TargetInfo &target,
                RewriterBase &rewriter)
      : op(op), schedule(kernel::scheduleOf(op)), plan(op.getPlan()),
        e(rewriter, op.getLoc(), target) {}

  LogicalResult run();

private:
  /// `pixels` of a row of the image, from `start` on.
  struct Tile {
    Value image, row, start;
    int64_t pixels;
    SmallVector<int64_t> vectors; ///< lanes of each
    int64_t stride;               ///< floats of a row of scratch memory
    Value block = {};             ///< of input channels
    Value blockAt = {};           ///< where it is in scratch memory
  };
  /// Some output channels: a part, or the last one.
  struct Part {
    Value index, first;
    int64_t outputs;
  };
  /// Where in table and values.
  struct Place {
    Value table, values;
  };

  LogicalResult initialize();
  LogicalResult checkSchedule();
  void emitRow(Value image, Value row, int64_t pixels);
  void forEachTile(Value image, Value row, int64_t pixels, bool isParallel,
                   llvm::function_ref<void(const Tile &)> body);
  void emitTileInParts(const Tile &tile);
  void emitPart(const Tile &tile, const Part &part);
  Tile inBlock(const Tile &tile, Value block);
  void forEachBlock(ValueRange start, Emitter::CarryingBody body);
  void loadBlock(const Tile &tile);
  void loadSquares(const Tile &tile, Value channel, Value to, int64_t count,
                   int64_t lane);
  Values multiplyBlock(const Tile &tile, const Part &part, ValueRange place);
  Values multiplyPair(const Tile &tile, Place at);
  Values startOf(const Tile &tile, ArrayRef<Value> rows);
  Values addShared(const Tile &tile, Place at, Value end, ValueRange sums);
  Values addSingle(const Tile &tile, Place at, Value end, ValueRange sums);
  void addProducts(const Tile &tile, Value channel, Value weight,
                   MutableArrayRef<Value> sums);
  void storePart(const Tile &tile, const Part &part);
  void storeSquare(const Tile &tile, Value channel, int64_t valid, Value lane,
                   int64_t pixels);

  Value numberAt(Value at, int64_t bytes = 1) {
    return loadNumber(e, table, at, bytes);
  }
  /// A channel of the tile's block, or its zeros.
  Value inputRow(const Tile &tile, Value index) {
    return e.add(e.mul(index, tile.stride), tile.blockAt);
  }
  /// The sums of an output channel.
  Value sumsRow(const Tile &tile, Value output) {
    return e.add(e.mul(output, tile.stride), plan.inputRows() * tile.stride);
  }
  Values inputPixels(const Tile &tile, int64_t first, int64_t count);
  void forEachTap(llvm::function_ref<void(Value tap, Value offset)> body);

  kernel::SparseConvOp op;
  kernel::ScheduleAttr schedule;
  kernel::SparsePlan plan;
  Emitter e;
  View in, values, table, out, scratch;
  Epilogue epilogue;
  int64_t lanes;
};

} // namespace

LogicalResult SparseEmitter::initialize() {
  FailureOr<View> views[] = {e.view(op.getInput()), e.view(op.getValues()),
                             e.view(op.getTable()), e.view(op.getInit()),
                             e.view(op.getScratch())};
  if (llvm::any_of(views, [](const FailureOr<View> &v) { return failed(v); }))
    return failure();
  in = *views[0];
  values = *views[1];
  table = *views[2];
  out = *views[3];
  scratch = *views[4];
  FailureOr<Epilogue> created = Epilogue::create(e, op, out);
  if (failed(created))
    return failure();
  epilogue = *created;
  lanes = schedule.getLanes();
  return success();
}

LogicalResult SparseEmitter::checkSchedule() {
  if (!schedule.getTile() || schedule.getTile()[1] != 2 ||
      schedule.getTile()[0] * lanes > plan.pixels)
    return e.builder.notifyMatchFailure(
        op, "the schedule needs a tile of vectors of pixels by two channels, "
            "of no more pixels than the op's");
  if (!llvm::isPowerOf2_64(lanes) ||
      std::min(plan.block, plan.lastBlock()) < lanes * plan.taps)
    return e.builder.notifyMatchFailure(
        op, "the schedule's lanes are more than the channels of a block");
  bool mergesImages = schedule.getMerge() == kernel::Merge::images;
  unsigned first = mergesImages ? 0 : 1;
  bool isRow = op.isPointwise() ? in.isContiguous(first, 2) : !mergesImages;
  if (schedule.getMerge() != kernel::Merge::none &&
      !(isRow && epilogue.isContiguous(first, 2)))
    return e.builder.notifyMatchFailure(
        op, "the schedule merges pixels that are not one row");
  return success();
}

LogicalResult SparseEmitter::run() {
  if (failed(initialize()))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1");
  if (failed(checkSchedule()))
    return failure();
  int64_t images = out.sizes[0], rows = out.sizes[1], pixels = out.sizes[2];
  if (schedule.getMerge() != kernel::Merge::none) {
    pixels *= rows;
    rows = 1;
  }
  if (schedule.getMerge() == kernel::Merge::images) {
    pixels *= images;
    images = 1;
  }
  e.parallelLoop(0, images, 1, [&](Value image) {
    e.parallelLoop(0, rows, 1, [&](Value row) { emitRow(image, row, pixels); });
  });
  e.builder.eraseOp(op);
  return success();
}

void SparseEmitter::forEachTile(Value image, Value row, int64_t pixels,
                                bool isParallel,
                                llvm::function_ref<void(const Tile &)> body) {
  int64_t size = schedule.getTile()[0] * lanes;
  int64_t whole = pixels / size * size, rest = pixels - whole;
  Tile tile{image, row, {}, size, {}, size};
  tile.vectors.assign(schedule.getTile()[0], lanes);
  auto emit = [&](Value start) {
    tile.start = start;
    body(tile);
  };
  e.loopOver(isParallel, 0, whole, size, emit);
  if (rest == 0)
    return;
  tile.pixels = rest;
  tile.vectors.assign(rest / lanes, lanes);
  // Narrow vectors take no more units than they need.
  if (rest % lanes)
    tile.vectors.push_back(llvm::PowerOf2Ceil(rest % lanes));
  tile.stride = tile.vectors.size() * lanes;
  e.loopOver(isParallel, whole, pixels, rest, emit);
}

void SparseEmitter::emitRow(Value image, Value row, int64_t pixels) {
  bool isWhole = plan.parts == 1;
  forEachTile(image, row, pixels, /*isParallel=*/isWhole,
              [&](const Tile &tile) {
                isWhole ? emitPart(tile, {e.index(0), e.index(0), plan.outputs})
                        : emitTileInParts(tile);
              });
}

/// Of several parts all blocks are kept.
SparseEmitter::Tile SparseEmitter::inBlock(const Tile &tile, Value block) {
  Tile result = tile;
  result.block = block;
  result.blockAt = plan.parts == 1
                       ? e.index(0)
                       : e.mul(block, plan.blockRows() * tile.stride);
  return result;
}

void SparseEmitter::emitTileInParts(const Tile &tile) {
  e.perPart([&] {
    e.loop(0, plan.blocks(), 1,
           [&](Value block) { loadBlock(inBlock(tile, block)); });
  });
  int64_t size = plan.partOutputs();
  int64_t full = plan.lastPart() == size ? plan.parts : plan.parts - 1;
  e.parallelLoop(0, full, 1, [&](Value index) {
    emitPart(tile, {index, e.mul(index, size), size});
  });
  e.parallelLoop(full, plan.parts, 1, [&](Value index) {
    emitPart(tile, {index, e.mul(index, size), plan.lastPart()});
  });
}

void SparseEmitter::emitPart(const Tile &tile, const Part &part) {
  constexpr int64_t bytes = 4;
  Value head = e.mul(part.index, kernel::SparseWeights::partHead);
  Values start = {numberAt(head, bytes), numberAt(e.add(head, bytes), bytes)};
  forEachBlock(start, [&](Value block, ValueRange place) {
    Tile in = inBlock(tile, block);
    if (plan.parts == 1)
      loadBlock(in);
    return multiplyBlock(in, part, place);
  });
  storePart(tile, part);
}

/// Carries the place in table and values.
void SparseEmitter::forEachBlock(ValueRange start, Emitter::CarryingBody body) {
  if (plan.blocks() == 1)
    body(e.index(0), start);
  else
    e.loop(e.index(0), e.index(plan.blocks()), 1, start, body);
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

/// Where lanes do not divide the channels, the last vectors take some again.
void SparseEmitter::loadBlock(const Tile &tile) {
  Value zero = e.constant(e.vectorOf(scratch.element, lanes), 0);
  Value zeros = inputRow(tile, e.index(plan.block));
  for (int64_t at = 0; at < tile.stride; at += lanes)
    e.store(scratch, e.add(zeros, at), zero);
  int64_t size = plan.block / plan.taps, all = plan.channels / plan.taps;
  Value first = e.mul(tile.block, size);
  Value count = e.index(size);
  if (plan.lastBlock() != plan.block)
    count = e.builder.createOrFold<arith::MinSIOp>(e.loc, count,
                                                   e.sub(e.index(all), first));
  Value last = e.sub(count, e.index(lanes));
  e.loop(e.index(0), count, lanes, {}, [&](Value c, ValueRange) {
    Value row = e.builder.createOrFold<arith::MinSIOp>(e.loc, c, last);
    Value channel = e.add(first, row);
    Value to = inputRow(tile, e.mul(row, plan.taps));
    int64_t full = tile.pixels / lanes * lanes;
    e.loop(0, full, lanes, [&](Value pixel) {
      Tile at = tile;
      at.start = e.add(tile.start, pixel);
      loadSquares(at, channel, e.add(to, pixel), lanes, 0);
    });
    if (full < tile.pixels)
      loadSquares(tile, channel, e.add(to, full), tile.pixels - full, full);
    return Values();
  });
}

/// Where `count` pixels of the tile begin in the input, from `first` on.
Values SparseEmitter::inputPixels(const Tile &tile, int64_t first,
                                  int64_t count) {
  Value image = e.mul(tile.image, in.strides[0]);
  bool isMerged = schedule.getMerge() != kernel::Merge::none;
  Values result;
  for (int64_t p = 0; p < count; ++p) {
    Value row = tile.row, column = e.add(tile.start, first + p);
    if (isMerged && !op.isPointwise()) {
      row = e.div(column, out.sizes[2]);
      column = e.rem(column, out.sizes[2]);
    }
    Value at = e.add(image, e.mul(row, op.getStride(0) * in.strides[1]));
    result.push_back(e.add(at, e.mul(column, op.getStride(1) * in.strides[2])));
  }
  return result;
}

/// `offset`: from the first element of the window, in the input.
void SparseEmitter::forEachTap(llvm::function_ref<void(Value, Value)> body) {
  int64_t width = op.getWindowSize(1);
  e.loop(0, op.getWindowSize(0), 1, [&](Value kh) {
    e.loop(0, width, 1, [&](Value kw) {
      body(e.add(e.mul(kh, width), kw),
           e.add(e.mul(kh, in.strides[1]), e.mul(kw, in.strides[2])));
    });
  });
}

/// `count` pixels from `lane` of the tile on, as many channels as lanes.
void SparseEmitter::loadSquares(const Tile &tile, Value channel, Value to,
                                int64_t count, int64_t lane) {
  Values pixels = inputPixels(tile, lane, count);
  forEachTap([&](Value tap, Value offset) {
    Value from = e.add(channel, offset);
    Value toTap = e.add(to, e.mul(tap, tile.stride));
    Values rows;
    for (Value pixel : pixels)
      rows.push_back(e.load(in, e.add(pixel, from), lanes));
    rows.resize(lanes, e.constant(e.vectorOf(scratch.element, lanes), 0));
    for (auto [c, row] : llvm::enumerate(transposeSquare(e, rows)))
      e.store(scratch, e.add(toTap, c * plan.taps * tile.stride), row);
  });
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

Values SparseEmitter::multiplyBlock(const Tile &tile, const Part &part,
                                    ValueRange place) {
  int64_t pairs = llvm::divideCeil(part.outputs, 2);
  return e.loop(
      e.index(0), e.index(pairs), 1, place,
      [&](Value, ValueRange at) { return multiplyPair(tile, {at[0], at[1]}); });
}

/// Returns where the next pair is.
Values SparseEmitter::multiplyPair(const Tile &tile, Place at) {
  Value rows[2];
  for (int64_t i : {0, 1})
    rows[i] = sumsRow(tile, numberAt(e.add(at.table, 2 * i), 2));
  Value shared = numberAt(e.add(at.table, 4)),
        single = numberAt(e.add(at.table, 5));
  Value begin = e.add(at.table, kernel::SparseWeights::head);
  Value middle = e.add(begin, shared);
  Value end = e.add(middle, e.mul(single, 2));
  Values sums = startOf(tile, rows);
  sums = addShared(tile, {begin, at.values}, middle, sums);
  Value next = sums.pop_back_val();
  sums = addSingle(tile, {middle, next}, end, sums);
  next = sums.pop_back_val();
  for (auto [i, sum] : llvm::enumerate(sums)) {
    int64_t count = tile.vectors.size();
    e.store(scratch, e.add(rows[i / count], i % count * lanes), sum);
  }
  return {end, next};
}

/// Zeros in the first block, else what the blocks before have left.
Values SparseEmitter::startOf(const Tile &tile, ArrayRef<Value> rows) {
  Values zeros;
  for (unsigned i = 0; i < rows.size(); ++i)
    for (int64_t width : tile.vectors)
      zeros.push_back(e.constant(e.vectorOf(scratch.element, width), 0));
  if (plan.blocks() == 1)
    return zeros;
  Value isFirst = arith::CmpIOp::create(
      e.builder, e.loc, arith::CmpIPredicate::eq, tile.block, e.index(0));
  auto choice =
      scf::IfOp::create(e.builder, e.loc, ValueRange(zeros).getTypes(), isFirst,
                        /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(e.builder);
  e.builder.setInsertionPointToStart(choice.thenBlock());
  scf::YieldOp::create(e.builder, e.loc, zeros);
  e.builder.setInsertionPointToStart(choice.elseBlock());
  Values loaded;
  for (Value row : rows)
    for (auto [j, width] : llvm::enumerate(tile.vectors))
      loaded.push_back(e.load(scratch, e.add(row, j * lanes), width));
  scf::YieldOp::create(e.builder, e.loc, loaded);
  return Values(choice.getResults());
}

void SparseEmitter::addProducts(const Tile &tile, Value channel, Value weight,
                                MutableArrayRef<Value> sums) {
  Value row = inputRow(tile, channel);
  for (auto [j, width] : llvm::enumerate(tile.vectors))
    sums[j] =
        e.multiplyAdd(e.narrow(weight, width),
                      e.load(scratch, e.add(row, j * lanes), width), sums[j]);
}

/// One input channel for both output channels. The place in the values is
/// carried behind the sums.
Values SparseEmitter::addShared(const Tile &tile, Place at, Value end,
                                ValueRange sums) {
  Values carried(sums);
  carried.push_back(at.values);
  int64_t count = tile.vectors.size();
  return e.loop(at.table, end, 1, carried, [&](Value step, ValueRange now) {
    Values result(now);
    Value row = inputRow(tile, numberAt(step));
    Value weights[2];
    for (int64_t i : {0, 1})
      weights[i] =
          e.loadSplat(values, e.add(now.back(), i), lanes, values.element);
    for (auto [j, width] : llvm::enumerate(tile.vectors)) {
      Value input = e.load(scratch, e.add(row, j * lanes), width);
      for (int64_t i : {0, 1})
        result[i * count + j] = e.multiplyAdd(e.narrow(weights[i], width),
                                              input, result[i * count + j]);
    }
    result.back() = e.add(now.back(), 2);
    return result;
  });
}

/// An input channel for each of them.
Values SparseEmitter::addSingle(const Tile &tile, Place at, Value end,
                                ValueRange sums) {
  Values carried(sums);
  carried.push_back(at.values);
  int64_t count = tile.vectors.size();
  auto body = [&](Value step, ValueRange now) {
    Values result(now);
    for (int64_t i : {0, 1})
      addProducts(
          tile, numberAt(e.add(step, i)),
          e.loadSplat(values, e.add(now.back(), i), lanes, values.element),
          MutableArrayRef<Value>(result).slice(i * count, count));
    result.back() = e.add(now.back(), 2);
    return result;
  };
  Values results = e.loop(at.table, end, 2, carried, body);
  // Most steps are single ones.
  int64_t steps = values.sizes[0] / 2 / (plan.pairs() * plan.blocks());
  results.front().getDefiningOp()->setAttr(attrs::trips,
                                           e.builder.getI64IntegerAttr(steps));
  return results;
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

void SparseEmitter::storePart(const Tile &tile, const Part &part) {
  forEachVector(e, part.outputs, lanes, [&](Value c, int64_t valid) {
    Value channel = e.add(part.first, c);
    int64_t full = tile.pixels / lanes * lanes;
    e.loop(0, full, lanes, [&](Value pixel) {
      storeSquare(tile, channel, valid, pixel, lanes);
    });
    if (full < tile.pixels)
      storeSquare(tile, channel, valid, e.index(full), tile.pixels - full);
  });
}

/// `valid` channels of `pixels` pixels from `lane` of the tile on.
void SparseEmitter::storeSquare(const Tile &tile, Value channel, int64_t valid,
                                Value lane, int64_t pixels) {
  Value from = e.add(sumsRow(tile, channel), lane);
  Values rows;
  for (int64_t c = 0; c < valid; ++c)
    rows.push_back(e.load(scratch, e.add(from, c * tile.stride), lanes));
  rows.resize(lanes, e.constant(e.vectorOf(scratch.element, lanes), 0));
  Values sums = transposeSquare(e, rows);
  epilogue.storeTile(e, ValueRange(sums).take_front(pixels), pixels, valid,
                     [&](Value pixel, unsigned) {
                       Value at = e.add(e.add(tile.start, lane), pixel);
                       return Epilogue::Place{{tile.image, tile.row, at},
                                              channel};
                     });
}

namespace {
struct EmitSparseConv
    : KernelEmitOpInterface::ExternalModel<EmitSparseConv,
                                           kernel::SparseConvOp> {
  LogicalResult emit(Operation *op, RewriterBase &rewriter,
                     const TargetInfo &target) const {
    return SparseEmitter(cast<kernel::SparseConvOp>(op), target, rewriter)
        .run();
  }
};
} // namespace

template <>
void mlc::attachEmitter<kernel::SparseConvOp>(MLIRContext *context) {
  kernel::SparseConvOp::attachInterface<EmitSparseConv>(*context);
}
