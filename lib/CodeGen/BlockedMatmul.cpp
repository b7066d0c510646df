//===- BlockedMatmul.cpp - products with a scale a block ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops: chunk of output channels, tile of rows; then, with two sets of
// accumulators in registers, block of K, eight rows of weights. These become
// floats as they are loaded, once for all rows of a tile, and their sum over a
// block is multiplied by the block's scale: the inner loop knows no scale.
//
// A vector of weights then takes a load, two operations of 4 bits (a shift and
// a mask) or one of 8, a conversion, and perhaps a subtraction. Where few rows
// share these they take longer than the products; the shift and the subtraction
// are spared by what is computed before, once for all channels, into scratch
// memory: inputs divided by where the mask leaves their weights, and sums of
// blocks that zero points multiply.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Emitters.h"
#include "CodeGen/Epilogue.h"
#include "CodeGen/Product.h"
#include "Kernel/IR/Kernel.h"
#include "Schedule/KernelSchedule.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlc;

using kernel::BlockedWeights;

namespace {

/// Neighbouring vectors of output channels, from `start` on. Those of a loop
/// begin at the same places of each packed block.
struct Chunk {
  Value start;
  SmallVector<int64_t> valid;
  /// Of each vector from the chunk's first one on: packed blocks, and lanes.
  SmallVector<int64_t> panels, lanes;
  /// The packed block and the lane that the first one begins at.
  Value panel, lane;
  unsigned rows;

  unsigned count() const { return valid.size(); }
};

class BlockedMatmulEmitter {
public:
  BlockedMatmulEmitter(kernel::BlockedMatmulOp op, const TargetInfo &target,
                       RewriterBase &rewriter)
      : op(op), schedule(kernel::scheduleOf(op)),
        e(rewriter, op.getLoc(), target), layout(op.getLayout()) {}

  LogicalResult run();

private:
  LogicalResult initialize();
  LogicalResult checkSchedule() const;
  int64_t loopedChunks() const;
  Chunk chunkAt(int64_t start, unsigned vectors, unsigned rows) const;

  // Scratch memory.
  bool hasSums() { return bool(op.getScratch()); }
  void prepareInput();
  void prepareBlock(Value row, Value b, int64_t depth);
  Value prepareRows(Value row, Value at, int64_t count, Value sum);

  void emitChunk(const Chunk &chunk);
  void emitTile(const Chunk &chunk, Value row, unsigned rows);
  Values addBlock(Value b, int64_t depth, ValueRange totals);
  Values startOfBlock(Value b);
  Values sumOfBlock(Value b, int64_t depth);
  void addRows(Value at, unsigned count, Values &sums);
  void loadWords(Value at, unsigned count);
  Values weightsAt(unsigned i);
  Value nibbleOf(Value word, unsigned i);
  SmallVector<Values> activationsAt(Value at, unsigned count);
  /// Of `vector` at `row` of its packed block, which has `panelRows` rows of
  /// `laneSize` elements a lane.
  Value placeOf(unsigned vector, int64_t panelRows, int64_t laneSize,
                Value row);
  /// One element a lane.
  Value loadLanes(const View &view, Value row, unsigned vector,
                  int64_t panelRows, int64_t further = 0);
  Value zeros(unsigned count) {
    return e.constant(e.vectorOf(in.element, count), 0);
  }

  kernel::BlockedMatmulOp op;
  kernel::ScheduleAttr schedule;
  Emitter e;
  BlockedWeights layout;
  View in, weights, scales, points, scratch, out;
  Epilogue epilogue;
  int64_t m, lanes;
  bool hasNibbles;

  // Of the tile that is being emitted.
  const Chunk *chunk = nullptr;
  Value firstRow;
  unsigned rows = 0;
  /// Of the block: zero points, as i32. Of eight rows: what holds the weights.
  Values zeroPoints, words;
};

} // namespace

LogicalResult BlockedMatmulEmitter::initialize() {
  auto read = [&](Value v, View &view, bool isPacked) {
    if (!v)
      return true;
    FailureOr<View> made = e.view(v);
    if (failed(made))
      return false;
    view = *made;
    return !isPacked || view.isContiguous(0, view.sizes.size() - 1);
  };
  if (!read(op.getInput(), in, false) || !read(op.getInit(), out, false) ||
      !read(op.getWeights(), weights, true) ||
      !read(op.getScales(), scales, true) ||
      !read(op.getZeroPoints(), points, true) ||
      !read(op.getScratch(), scratch, true))
    return failure();
  FailureOr<Epilogue> made = Epilogue::create(e, op, out);
  if (failed(made))
    return failure();
  epilogue = *made;
  hasNibbles = op.hasNibbles();
  m = in.sizes[0];
  lanes = schedule.getLanes();
  return success();
}

/// Chunks of channels that are a loop: a single one is a rest.
int64_t BlockedMatmulEmitter::loopedChunks() const {
  int64_t chunks = layout.n / lanes / schedule.getTile()[1];
  return chunks > 1 ? chunks : 0;
}

/// What is said by hand may be what this op cannot have.
LogicalResult BlockedMatmulEmitter::checkSchedule() const {
  if (!schedule.getTile() || layout.lanes % lanes != 0)
    return failure();
  int64_t width = schedule.getTile()[1], size = width * lanes;
  if (loopedChunks() && layout.lanes % size != 0 && size % layout.lanes != 0)
    return failure();
  int64_t covered = loopedChunks() * width;
  for (GemmTile tile : restTilesOf(schedule))
    covered += tile.vectors;
  return success(covered == int64_t(llvm::divideCeil(layout.n, lanes)));
}

LogicalResult BlockedMatmulEmitter::run() {
  if (failed(initialize()))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1, and packed "
            "weights contiguous");
  if (failed(checkSchedule()))
    return e.builder.notifyMatchFailure(
        op, "the schedule's tiles do not cover the channels of the product, or "
            "begin at different places of packed blocks");
  if (hasSums())
    e.perPart([&] { prepareInput(); });
  GemmTile tile = tileOf(schedule);
  int64_t size = tile.vectors * lanes, chunks = loopedChunks();
  e.parallelLoop(0, chunks, 1, [&](Value at) {
    Chunk each = chunkAt(0, tile.vectors, tile.rows);
    each.start = e.mul(at, size);
    each.panel = e.div(each.start, layout.lanes);
    each.lane =
        size % layout.lanes == 0 ? e.index(0) : e.rem(each.start, layout.lanes);
    emitChunk(each);
  });
  int64_t start = chunks * size;
  for (GemmTile rest : restTilesOf(schedule)) {
    Chunk each = chunkAt(start, rest.vectors, rest.rows);
    each.start = e.index(start);
    each.panel = e.index(start / layout.lanes);
    each.lane = e.index(start % layout.lanes);
    emitChunk(each);
    start += rest.vectors * lanes;
  }
  e.builder.eraseOp(op);
  return success();
}

/// Without what depends on the place in a loop.
Chunk BlockedMatmulEmitter::chunkAt(int64_t start, unsigned vectors,
                                    unsigned tileRows) const {
  Chunk result;
  for (unsigned j = 0; j < vectors; ++j) {
    int64_t at = start + j * lanes;
    result.valid.push_back(std::min(lanes, layout.n - at));
    result.panels.push_back(at / layout.lanes - start / layout.lanes);
    result.lanes.push_back(at % layout.lanes - start % layout.lanes);
  }
  result.rows = tileRows;
  return result;
}

//===----------------------------------------------------------------------===//
// Scratch memory
//===----------------------------------------------------------------------===//

void BlockedMatmulEmitter::prepareInput() {
  int64_t full = layout.k / layout.block, last = layout.k % layout.block;
  e.loop(0, m, 1, [&](Value row) {
    e.loop(0, full, 1, [&](Value b) { prepareBlock(row, b, layout.block); });
    if (last)
      prepareBlock(row, e.index(full), last);
  });
}

void BlockedMatmulEmitter::prepareBlock(Value row, Value b, int64_t depth) {
  constexpr int64_t step = BlockedWeights::nibbles;
  Value first = e.mul(b, layout.block), sum = zeros(step);
  int64_t full = depth / step * step;
  sum = e.loop(
      e.index(0), e.index(full), step, sum, [&](Value at, ValueRange carried) {
        return Values{prepareRows(row, e.add(first, at), step, carried[0])};
      })[0];
  if (full < depth)
    sum = prepareRows(row, e.add(first, full), depth - full, sum);
  Value all =
      vector::ReductionOp::create(e.builder, e.loc, vector::CombiningKind::ADD,
                                  sum, arith::FastMathFlags::reassoc);
  Value at = e.add(e.mul(row, layout.blocks()), layout.sumsAt(m));
  memref::StoreOp::create(e.builder, e.loc,
                          arith::NegFOp::create(e.builder, e.loc, all),
                          scratch.flat, e.add(at, b));
}

/// `sum` and the `count` <= 8 elements of the input at `at`.
Value BlockedMatmulEmitter::prepareRows(Value row, Value at, int64_t count,
                                        Value sum) {
  constexpr int64_t step = BlockedWeights::nibbles;
  Value x = e.load(in, e.add(e.mul(row, in.strides[0]), at), count);
  if (count < step)
    x = e.insert(x, zeros(step));
  if (hasNibbles) {
    float powers[step];
    for (int64_t i = 0; i < step; ++i)
      powers[i] = i + 1 == step ? 1.0f : 1.0f / float(int64_t(1) << (4 * i));
    Value scale = arith::ConstantOp::create(
        e.builder, e.loc,
        DenseElementsAttr::get(cast<VectorType>(x.getType()),
                               ArrayRef<float>(powers)));
    e.store(scratch, e.add(e.mul(row, layout.inputRow()), at),
            e.times(x, scale));
  }
  return e.plus(sum, x);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

void BlockedMatmulEmitter::emitChunk(const Chunk &each) {
  int64_t most = each.rows, full = m / most * most;
  e.parallelLoop(0, full, most, [&](Value row) { emitTile(each, row, most); });
  e.parallelLoop(full, m, most,
                 [&](Value row) { emitTile(each, row, m - full); });
}

void BlockedMatmulEmitter::emitTile(const Chunk &each, Value row,
                                    unsigned count) {
  chunk = &each;
  rows = count;
  firstRow = row;
  int64_t full = layout.k / layout.block, last = layout.k % layout.block;
  Values totals(rows * each.count(), zeros(lanes));
  if (full > 1)
    totals = e.loop(e.index(0), e.index(full), 1, totals,
                    [&](Value b, ValueRange carried) {
                      return addBlock(b, layout.block, carried);
                    });
  else if (full == 1)
    totals = addBlock(e.index(0), layout.block, totals);
  if (last)
    totals = addBlock(e.index(full), last, totals);
  epilogue.storeTile(e, totals, rows, each.valid, [&](Value p, unsigned j) {
    return Epilogue::Place{Values{e.add(row, p)}, e.add(each.start, j * lanes)};
  });
}

Value BlockedMatmulEmitter::placeOf(unsigned vector, int64_t panelRows,
                                    int64_t laneSize, Value row) {
  int64_t rowSize = layout.lanes * laneSize;
  Value at = e.add(e.mul(chunk->panel, panelRows * rowSize),
                   e.mul(chunk->lane, laneSize));
  at = e.add(at, e.mul(row, rowSize));
  return e.add(at, chunk->panels[vector] * panelRows * rowSize +
                       chunk->lanes[vector] * laneSize);
}

Value BlockedMatmulEmitter::loadLanes(const View &view, Value row,
                                      unsigned vector, int64_t panelRows,
                                      int64_t further) {
  Value at = placeOf(vector, panelRows, 1, row);
  return e.load(view, e.add(at, further * layout.lanes), lanes);
}

/// `totals` and the block, which has `depth` rows of weights.
Values BlockedMatmulEmitter::addBlock(Value b, int64_t depth,
                                      ValueRange totals) {
  int64_t blocks = layout.blocks();
  zeroPoints.clear();
  for (unsigned j = 0; op.getZeroPoints() && j < chunk->count(); ++j)
    zeroPoints.push_back(
        e.convert(loadLanes(points, b, j, blocks), e.builder.getI32Type()));
  Values sums = sumOfBlock(b, depth), result(totals);
  for (unsigned j = 0; j < chunk->count(); ++j) {
    Value scale = loadLanes(scales, b, j, blocks);
    for (unsigned p = 0; p < rows; ++p) {
      unsigned i = p * chunk->count() + j;
      result[i] = blocks == 1 ? e.times(sums[i], scale)
                              : e.multiplyAdd(sums[i], scale, result[i]);
    }
  }
  return result;
}

/// What the block's sums begin with: zero points times the negated sum of the
/// input.
Values BlockedMatmulEmitter::startOfBlock(Value b) {
  if (!hasSums())
    return Values(rows * chunk->count(), zeros(lanes));
  Value centre =
      e.constant(e.vectorOf(in.element, lanes), double(BlockedWeights::centre));
  Values result;
  for (unsigned p = 0; p < rows; ++p) {
    Value at =
        e.add(e.mul(e.add(firstRow, p), layout.blocks()), layout.sumsAt(m));
    Value sum = e.loadSplat(scratch, e.add(at, b), lanes, in.element);
    for (unsigned j = 0; j < chunk->count(); ++j)
      result.push_back(e.times(
          sum,
          zeroPoints.empty() ? centre : e.convert(zeroPoints[j], in.element)));
  }
  return result;
}

Values BlockedMatmulEmitter::sumOfBlock(Value b, int64_t depth) {
  constexpr int64_t step = BlockedWeights::nibbles;
  Value first = e.mul(b, layout.block);
  Values sums = startOfBlock(b);
  int64_t full = depth / step * step;
  auto add = [&](Value at, unsigned count, Values partial) {
    addRows(e.add(first, at), count, partial);
    return partial;
  };
  if (full > step)
    sums = e.loop(e.index(0), e.index(full), step, sums,
                  [&](Value at, ValueRange carried) {
                    return add(at, step, Values(carried));
                  });
  else if (full)
    sums = add(e.index(0), step, sums);
  if (full < depth)
    sums = add(e.index(full), depth - full, sums);
  return sums;
}

/// `count` rows of weights from `at` on, which is a multiple of 8.
void BlockedMatmulEmitter::addRows(Value at, unsigned count, Values &sums) {
  loadWords(at, count);
  SmallVector<Values> activations = activationsAt(at, count);
  for (unsigned i = 0; i < count; ++i) {
    Values w = weightsAt(i);
    for (unsigned p = 0; p < rows; ++p)
      for (unsigned j = 0; j < chunk->count(); ++j) {
        Value &sum = sums[p * chunk->count() + j];
        sum = e.multiplyAdd(activations[p][i], w[j], sum);
      }
  }
}

/// Of 4 bits one a vector, of 8 bits one a vector and row.
void BlockedMatmulEmitter::loadWords(Value at, unsigned count) {
  constexpr int64_t bytes = BlockedWeights::wordBytes;
  words.clear();
  if (!hasNibbles) {
    for (unsigned i = 0; i < count; ++i)
      for (unsigned j = 0; j < chunk->count(); ++j)
        words.push_back(loadLanes(weights, at, j, weights.sizes[1], i));
    return;
  }
  Value row = e.div(at, BlockedWeights::nibbles);
  for (unsigned j = 0; j < chunk->count(); ++j) {
    Value place = placeOf(j, weights.sizes[1], bytes, row);
    Value word = e.bitcast(e.load(weights, place, lanes * bytes), 32);
    constexpr int64_t signs = -0x77777778; // 8 in each 4 bits
    if (!hasSums() && zeroPoints.empty())
      word = arith::XOrIOp::create(e.builder, e.loc, word,
                                   e.constant(word.getType(), signs));
    words.push_back(word);
  }
}

/// Row `i` of those in `words`, as floats without scales.
Values BlockedMatmulEmitter::weightsAt(unsigned i) {
  Values result;
  for (unsigned j = 0; j < chunk->count(); ++j) {
    Value w = hasNibbles ? nibbleOf(words[j], i)
                         : e.convert(words[i * chunk->count() + j],
                                     e.builder.getI32Type());
    if (!hasSums() && !zeroPoints.empty())
      w = arith::SubIOp::create(e.builder, e.loc, w, zeroPoints[j]);
    result.push_back(e.convert(w, in.element));
  }
  return result;
}

/// The `i`-th 4 bits of each lane: where they are, for an input that is
/// divided; else as numbers, which have a sign where there are no zero points.
Value BlockedMatmulEmitter::nibbleOf(Value word, unsigned i) {
  constexpr int64_t bits = 4, mask = 15, most = 32 - bits;
  auto constant = [&](int64_t value) {
    return e.constant(word.getType(), value);
  };
  int64_t below = bits * i, above = most - below;
  if (hasSums() && above)
    return arith::AndIOp::create(e.builder, e.loc, word,
                                 constant(mask << below));
  if (hasSums() || !zeroPoints.empty()) {
    if (below)
      word = arith::ShRUIOp::create(e.builder, e.loc, word, constant(below));
    return above ? Value(arith::AndIOp::create(e.builder, e.loc, word,
                                               constant(mask)))
                 : word;
  }
  if (above)
    word = arith::ShLIOp::create(e.builder, e.loc, word, constant(above));
  return arith::ShRSIOp::create(e.builder, e.loc, word, constant(most));
}

/// Of each row of the tile `count` elements from `at` on, repeated. Where the
/// CPU multiplies by a lane they come in vectors.
SmallVector<Values> BlockedMatmulEmitter::activationsAt(Value at,
                                                        unsigned count) {
  constexpr unsigned atOnce = 4;
  bool isPrepared = hasSums() && hasNibbles;
  const View &from = isPrepared ? scratch : in;
  int64_t stride = isPrepared ? layout.inputRow() : in.strides[0];
  bool byLane = multipliesByLane(e.target) && count % atOnce == 0;
  SmallVector<Values> result;
  for (unsigned p = 0; p < rows; ++p) {
    Values &row = result.emplace_back();
    Value start = e.add(e.mul(firstRow, stride), e.add(at, p * stride));
    Value loaded;
    for (unsigned i = 0; i < count; ++i) {
      if (!byLane) {
        row.push_back(e.loadSplat(from, e.add(start, i), lanes, in.element));
        continue;
      }
      if (i % atOnce == 0)
        loaded = e.load(from, e.add(start, i), atOnce);
      Value lane = vector::ExtractOp::create(e.builder, e.loc, loaded,
                                             ArrayRef<int64_t>{i % atOnce});
      row.push_back(e.splat(lane, lanes));
    }
  }
  return result;
}

namespace {
struct EmitBlockedMatmul
    : KernelEmitOpInterface::ExternalModel<EmitBlockedMatmul,
                                           kernel::BlockedMatmulOp> {
  LogicalResult emit(Operation *op, RewriterBase &rewriter,
                     const TargetInfo &target) const {
    return BlockedMatmulEmitter(cast<kernel::BlockedMatmulOp>(op), target,
                                rewriter)
        .run();
  }
};
} // namespace

template <>
void mlc::attachEmitter<kernel::BlockedMatmulOp>(MLIRContext *context) {
  kernel::BlockedMatmulOp::attachInterface<EmitBlockedMatmul>(*context);
}
