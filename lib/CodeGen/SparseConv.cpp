//===- SparseConv.cpp - convolutions whose zeros are left out -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each tile of pixels, for each block of input channels: transpose them
// into scratch memory, so that a vector holds pixels of one channel; then for
// each pair of output channels run over its weights (SparseWeights), the sums
// of all pixels in registers. Sums wait in scratch memory for the next block.
// At last transpose them back, apply the epilogue and store them.
//
// Two output channels at once take one load for both where both have a weight:
// CPUs that load as many vectors as they multiply are bound by loads else.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Emitters.h"
#include "CodeGen/Epilogue.h"
#include "CodeGen/Transpose.h"
#include "Kernel/IR/Kernel.h"
#include "Kernel/IR/Window.h"
#include "Schedule/KernelSchedule.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
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
  };
  /// Where in table and values.
  struct Place {
    Value table, values;
  };

  LogicalResult initialize();
  LogicalResult checkSchedule();
  void emitRow(Value image, Value row, int64_t pixels);
  void emitTile(Tile tile);
  void loadBlock(const Tile &tile, Value block);
  void loadSquare(const Tile &tile, Value channel, Value to, int64_t count,
                  int64_t lane);
  Values multiplyBlock(const Tile &tile, Value block, ValueRange place);
  Values multiplyPair(const Tile &tile, Value block, Place at);
  Values startOf(const Tile &tile, Value block, ArrayRef<Value> rows);
  Values addShared(const Tile &tile, Place at, Value end, ValueRange sums);
  Values addSingle(const Tile &tile, Place at, Value end, ValueRange sums);
  void addProducts(const Tile &tile, Value channel, Value weight,
                   MutableArrayRef<Value> sums);
  void storeTile(const Tile &tile);
  void storeSquare(const Tile &tile, Value channel, int64_t valid, Value lane,
                   int64_t pixels);

  Value byteAt(Value at);
  Value rowOf(const Tile &tile, Value index, int64_t first = 0) {
    return e.add(e.mul(index, tile.stride), first);
  }
  /// Of a pixel of the tile, channel 0.
  Value inputAt(const Tile &tile, int64_t pixel) {
    Value at =
        e.add(e.mul(tile.image, in.strides[0]), e.mul(tile.row, in.strides[1]));
    return e.add(at, e.mul(e.add(tile.start, pixel), in.strides[2]));
  }

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
      std::min(plan.block, plan.lastBlock()) < lanes)
    return e.builder.notifyMatchFailure(
        op, "the schedule's lanes are more than the channels of a block");
  unsigned first = schedule.getMerge() == kernel::Merge::images ? 0 : 1;
  if (schedule.getMerge() != kernel::Merge::none &&
      !(in.isContiguous(first, 2) && epilogue.isContiguous(first, 2)))
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
  int64_t images = in.sizes[0], rows = in.sizes[1], pixels = in.sizes[2];
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

void SparseEmitter::emitRow(Value image, Value row, int64_t pixels) {
  int64_t size = schedule.getTile()[0] * lanes;
  int64_t whole = pixels / size * size, rest = pixels - whole;
  Tile tile{image, row, {}, size, {}, size};
  tile.vectors.assign(schedule.getTile()[0], lanes);
  e.parallelLoop(0, whole, size, [&](Value start) {
    tile.start = start;
    emitTile(tile);
  });
  if (rest == 0)
    return;
  tile.pixels = rest;
  tile.vectors.assign(rest / lanes, lanes);
  // Narrow vectors take no more units than they need.
  if (rest % lanes)
    tile.vectors.push_back(llvm::PowerOf2Ceil(rest % lanes));
  tile.stride = tile.vectors.size() * lanes;
  e.parallelLoop(whole, pixels, rest, [&](Value start) {
    tile.start = start;
    emitTile(tile);
  });
}

void SparseEmitter::emitTile(Tile tile) {
  Value zero = e.constant(e.vectorOf(scratch.element, lanes), 0);
  int64_t zerosAt = plan.zerosAt(tile.stride);
  for (int64_t at = 0; at < tile.stride; at += lanes)
    e.store(scratch, e.index(zerosAt + at), zero);
  Values start = {e.index(0), e.index(0)};
  auto body = [&](Value block, ValueRange place) {
    loadBlock(tile, block);
    return multiplyBlock(tile, block, place);
  };
  if (plan.blocks() == 1)
    body(e.index(0), start);
  else
    e.loop(e.index(0), e.index(plan.blocks()), 1, start, body);
  storeTile(tile);
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

/// Where lanes do not divide the channels, the last vectors take some again.
void SparseEmitter::loadBlock(const Tile &tile, Value block) {
  Value first = e.mul(block, plan.block);
  Value count = e.index(plan.block);
  if (plan.lastBlock() != plan.block)
    count = e.builder.createOrFold<arith::MinSIOp>(
        e.loc, count, e.sub(e.index(plan.channels), first));
  Value last = e.sub(count, e.index(lanes));
  e.loop(e.index(0), count, lanes, {}, [&](Value c, ValueRange) {
    Value row = e.builder.createOrFold<arith::MinSIOp>(e.loc, c, last);
    Value channel = e.add(first, row);
    Value to = rowOf(tile, row);
    int64_t full = tile.pixels / lanes * lanes;
    e.loop(0, full, lanes, [&](Value pixel) {
      Tile at = tile;
      at.start = e.add(tile.start, pixel);
      loadSquare(at, channel, e.add(to, pixel), lanes, 0);
    });
    if (full < tile.pixels)
      loadSquare(tile, channel, e.add(to, full), tile.pixels - full, full);
    return Values();
  });
}

/// `count` pixels from `lane` of the tile on, as many channels as lanes.
void SparseEmitter::loadSquare(const Tile &tile, Value channel, Value to,
                               int64_t count, int64_t lane) {
  Values rows;
  for (int64_t p = 0; p < count; ++p)
    rows.push_back(e.load(in, e.add(inputAt(tile, lane + p), channel), lanes));
  rows.resize(lanes, e.constant(e.vectorOf(scratch.element, lanes), 0));
  for (auto [c, row] : llvm::enumerate(transposeSquare(e, rows)))
    e.store(scratch, e.add(to, c * tile.stride), row);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

Value SparseEmitter::byteAt(Value at) {
  Value byte = memref::LoadOp::create(e.builder, e.loc, table.flat, at);
  return arith::IndexCastUIOp::create(e.builder, e.loc,
                                      e.builder.getIndexType(), byte);
}

Values SparseEmitter::multiplyBlock(const Tile &tile, Value block,
                                    ValueRange place) {
  return e.loop(e.index(0), e.index(plan.pairs()), 1, place,
                [&](Value, ValueRange at) {
                  return multiplyPair(tile, block, {at[0], at[1]});
                });
}

/// Returns where the next pair is.
Values SparseEmitter::multiplyPair(const Tile &tile, Value block, Place at) {
  constexpr int64_t byteValues = 1 << 8;
  int64_t sumsAt = plan.sumsAt(tile.stride);
  Value rows[2];
  for (int64_t i : {0, 1}) {
    Value low = byteAt(e.add(at.table, 2 * i));
    Value high = byteAt(e.add(at.table, 2 * i + 1));
    rows[i] = rowOf(tile, e.add(low, e.mul(high, byteValues)), sumsAt);
  }
  Value shared = byteAt(e.add(at.table, 4)),
        single = byteAt(e.add(at.table, 5));
  Value begin = e.add(at.table, kernel::SparseWeights::head);
  Value middle = e.add(begin, shared);
  Value end = e.add(middle, e.mul(single, 2));
  Values sums = startOf(tile, block, rows);
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
Values SparseEmitter::startOf(const Tile &tile, Value block,
                              ArrayRef<Value> rows) {
  Values zeros;
  for (unsigned i = 0; i < rows.size(); ++i)
    for (int64_t width : tile.vectors)
      zeros.push_back(e.constant(e.vectorOf(scratch.element, width), 0));
  if (plan.blocks() == 1)
    return zeros;
  Value isFirst = arith::CmpIOp::create(
      e.builder, e.loc, arith::CmpIPredicate::eq, block, e.index(0));
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
  Value row = rowOf(tile, channel);
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
    Value row = rowOf(tile, byteAt(step));
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
  return e.loop(at.table, end, 2, carried, [&](Value step, ValueRange now) {
    Values result(now);
    for (int64_t i : {0, 1})
      addProducts(
          tile, byteAt(e.add(step, i)),
          e.loadSplat(values, e.add(now.back(), i), lanes, values.element),
          MutableArrayRef<Value>(result).slice(i * count, count));
    result.back() = e.add(now.back(), 2);
    return result;
  });
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

void SparseEmitter::storeTile(const Tile &tile) {
  forEachVector(e, plan.outputs, lanes, [&](Value channel, int64_t valid) {
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
  Value from = e.add(rowOf(tile, channel, plan.sumsAt(tile.stride)), lane);
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
