//===- Winograd.cpp - convolution with fewer products ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each block of tiles: transform its inputs once, then for each block of
// output channels: transform weights, some input channels at a time, multiply
// frequency by frequency, adding to products in memory, and transform those
// back. Between the three lies the scratch memory of the plan.
//
// Columns of tiles are known when the code is emitted, so that what lies in the
// padding is not loaded; rows that may lie in it are tested.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/ConvOperands.h"
#include "CodeGen/Emitters.h"
#include "CodeGen/Product.h"
#include "CodeGen/Tile.h"
#include "CodeGen/WinogradElements.h"
#include "CodeGen/WinogradTransform.h"
#include "Kernel/IR/Kernel.h"
#include "Schedule/KernelSchedule.h"

using namespace mlir;
using namespace mlc;

namespace {

class WinogradEmitter {
public:
  /// `firstRow`: of the result that the out begins with; null for 0.
  WinogradEmitter(kernel::WinogradOp op, const kernel::WinogradPlan &plan,
                  Value firstRow, const TargetInfo &target,
                  RewriterBase &rewriter)
      : op(op), schedule(kernel::scheduleOf(op)),
        e(rewriter, op.getLoc(), target), plan(plan), f(plan.algorithm),
        elements(op), transforms(elements.transforms()), firstRow(firstRow) {}

  LogicalResult run();

private:
  /// A block of tiles, for one group of channels.
  struct Block {
    Value group, image, index;
  };

  /// Output channels of one block of weights: `valid` of its lanes are there.
  struct Chunk {
    Value index;
    int64_t valid;
  };

  /// Of a tile whose first output row is `top`, elements of `part` of the
  /// channels from `channel` on.
  struct InputTile {
    Value image, top, column;
    int64_t firstColumn; ///< a column that looks like `column`
    Value channel;
    int64_t lanes, part;
  };

  LogicalResult initialize();
  void forEachChannelBlock(
      llvm::function_ref<void(Value channel, int64_t count)> body);
  void emitBlock(const Block &block);
  void forEachTile(
      const Window &columns,
      llvm::function_ref<void(Value row, Value column, int64_t firstColumn)>
          body);

  void transformInputs(const Block &block);
  Values inputRowFrequencies(const InputTile &tile, int64_t r);
  void storeInputFrequencies(const InputTile &tile, Value to);
  void emitChunk(const Block &block, const Chunk &chunk);
  void transformWeights(const Block &block, const Chunk &chunk, Value channel,
                        int64_t count);
  void transformWindow(Value start, int64_t part, Value quad, Value to);
  void clearProducts();
  void multiply(const Chunk &chunk, Value channel, int64_t count);
  void multiplyTiles(const Columns &columns, Value left, Value right,
                     Value product, unsigned rows, int64_t count);
  void transformOutputs(const Block &block, const Chunk &chunk);
  void storeRow(ValueRange results, Value image, Value row, Value column,
                int64_t columns, Value channel, int64_t valid);

  /// Whether threads may share the work, each with scratch memory of its own.
  bool isShared() { return bool(e.part()); }
  void loop(int64_t from, int64_t to, llvm::function_ref<void(Value)> body) {
    e.loopOver(isShared(), from, to, 1, body);
  }
  /// Whether all channels are transformed and multiplied in one go.
  bool isWhole() const { return plan.channelBlock == plan.channels; }
  Value at(int64_t offset) { return e.index(offset); }
  /// What tiles read along dimension `d` of the image.
  Window tileInputs(unsigned d) {
    return {in.sizes[d + 1], d ? plan.columns : plan.rows, f.reach(), f.tile, 1,
            op.getPads()[d]};
  }

  kernel::WinogradOp op;
  kernel::ScheduleAttr schedule;
  Emitter e;
  kernel::WinogradPlan plan;
  kernel::Winograd f;
  WinogradElements elements;
  const kernel::WinogradTransforms &transforms;
  Value firstRow;
  View in, weights, out, scratch;
  Epilogue epilogue;
  int64_t groupOut, lanes;
};

} // namespace

LogicalResult WinogradEmitter::initialize() {
  FailureOr<ConvOperands> operands = ConvOperands::create(e, op);
  FailureOr<View> s = e.view(op.getScratch());
  if (failed(operands) || failed(s) ||
      !operands->weights.isContiguous(0, operands->weights.sizes.size() - 1) ||
      !s->isContiguous(0, 0))
    return failure();
  in = operands->in;
  weights = operands->weights;
  out = operands->out;
  epilogue = operands->epilogue;
  scratch = *s;
  groupOut = out.sizes[3] / weights.sizes[0];
  lanes = schedule.getLanes();
  return success();
}

LogicalResult WinogradEmitter::run() {
  if (failed(initialize()))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1, and "
            "packed weights and scratch memory contiguous");
  if (elements.areWords() &&
      (!e.target.triple.isX86() || e.target.byteUnit == ByteUnit::widen ||
       lanes < StepProduct::leastLanes))
    return e.builder.notifyMatchFailure(
        op, "bytes need vectors of 4 lanes or more and an instruction that "
            "adds products of words");
  if (elements.pairs() == Pairs::halves && lanes < StepProduct::leastLanes)
    return e.builder.notifyMatchFailure(op,
                                        "bf16 need vectors of 4 lanes or more");
  if (!schedule.getTile() || plan.block % lanes != 0)
    return e.builder.notifyMatchFailure(
        op, "the schedule needs a tile, and lanes that divide the blocks");
  loop(0, weights.sizes[0], [&](Value group) {
    loop(0, in.sizes[0], [&](Value image) {
      int64_t rows = firstRow ? out.sizes[1] / f.tile : plan.rows;
      loop(0, rows / plan.blockRows,
           [&](Value index) { emitBlock({group, image, index}); });
    });
  });
  e.builder.eraseOp(op);
  return success();
}

void WinogradEmitter::emitBlock(const Block &block) {
  e.perPart([&] { transformInputs(block); });
  int64_t full = groupOut / plan.block, rest = groupOut % plan.block;
  loop(0, full, [&](Value c) { emitChunk(block, {c, plan.block}); });
  loop(full, full + (rest != 0), [&](Value c) { emitChunk(block, {c, rest}); });
}

void WinogradEmitter::emitChunk(const Block &block, const Chunk &chunk) {
  if (!isWhole())
    clearProducts();
  forEachChannelBlock([&](Value channel, int64_t count) {
    transformWeights(block, chunk, channel, count);
    multiply(chunk, channel, count);
  });
  transformOutputs(block, chunk);
}

void WinogradEmitter::forEachChannelBlock(
    llvm::function_ref<void(Value, int64_t)> body) {
  int64_t size = plan.channelBlock, full = plan.channels / size * size;
  e.loop(0, full, size, [&](Value channel) { body(channel, size); });
  if (full < plan.channels)
    body(e.index(full), plan.channels - full);
}

/// All tiles of a block: columns that look alike are a loop. `firstColumn` is
/// the column where it is known, else one that looks alike.
void WinogradEmitter::forEachTile(
    const Window &columns,
    llvm::function_ref<void(Value, Value, int64_t)> body) {
  e.loop(0, plan.blockRows, 1, [&](Value row) {
    for (PixelRun run : cover(columns, 1))
      e.loop(run.start, run.start + run.count, 1,
             [&](Value column) { body(row, column, run.start); });
  });
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

/// The row `r` of the tile's inputs, transformed along the row.
Values WinogradEmitter::inputRowFrequencies(const InputTile &tile, int64_t r) {
  Window width = tileInputs(1);
  Window height = tileInputs(0);
  Type type = elements.vectorOf(e, tile.lanes);
  Value row = e.add(tile.top, r - height.padBegin);
  auto transformed = [&] {
    Value start = e.add(e.mul(tile.image, in.strides[0]), tile.channel);
    start = e.add(start, e.mul(row, in.strides[1]));
    start = e.add(start, e.mul(tile.column, f.tile * in.strides[2]));
    Values loaded;
    for (int64_t k = 0; k < width.kernel; ++k)
      loaded.push_back(
          width.inside(tile.firstColumn, k)
              ? elements.input(
                    e, in, e.add(start, (k - width.padBegin) * in.strides[2]),
                    tile.lanes, tile.part)
              : Value());
    return transform(e, transforms.input, loaded, type);
  };
  if (height.inside(0, r) && height.inside(plan.rows - 1, r))
    return transformed();
  return whereInside(e, row, in.sizes[1], f.reach(), type, transformed);
}

void WinogradEmitter::transformInputs(const Block &block) {
  Window width = tileInputs(1);
  int64_t parts = elements.parts(), channelsOf = elements.channels();
  int64_t inputLanes =
      std::min<int64_t>(elements.fitting(e.target.lanes(32)),
                        floorPowerOfTwo(plan.channels / parts));
  Value first = e.mul(block.group, op.getGroupIn());
  forEachTile(width, [&](Value row, Value column, int64_t firstColumn) {
    Value top = e.mul(e.add(e.mul(block.index, plan.blockRows), row), f.tile);
    if (firstRow)
      top = e.add(firstRow, top);
    Value tile = e.add(e.mul(row, plan.columns), column);
    Value to = e.mul(tile, plan.channelBlock);
    forEachChannelBlock([&](Value channel, int64_t count) {
      Value blockTo = e.add(to, e.mul(channel, plan.blockTiles()));
      auto transformVector = [&](Value c, int64_t vectorLanes) {
        Value of = e.add(first, e.add(e.mul(channel, channelsOf),
                                      e.mul(c, channelsOf * parts)));
        for (int64_t part = 0; part < parts; ++part)
          storeInputFrequencies(
              {block.image, top, column, firstColumn, of, vectorLanes, part},
              e.add(e.add(blockTo, c), part * count / parts));
      };
      forEachVector(e, count / parts, inputLanes, transformVector);
    });
  });
}

void WinogradEmitter::storeInputFrequencies(const InputTile &tile, Value to) {
  int64_t reach = f.reach();
  std::vector<Values> rows;
  for (int64_t r = 0; r < reach; ++r)
    rows.push_back(inputRowFrequencies(tile, r));
  for (int64_t j = 0; j < reach; ++j) {
    Values down;
    for (int64_t r = 0; r < reach; ++r)
      down.push_back(rows[r][j]);
    Values result =
        transform(e, transforms.input, down, elements.vectorOf(e, tile.lanes));
    for (int64_t i = 0; i < reach; ++i)
      elements.store(e, scratch,
                     e.add(to, (i * reach + j) * plan.inputStride()),
                     result[i]);
  }
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Of `count` input channels from `channel` on.
void WinogradEmitter::transformWeights(const Block &block, const Chunk &chunk,
                                       Value channel, int64_t count) {
  int64_t parts = elements.parts();
  Value from = e.add(e.mul(block.group, weights.strides[0]),
                     e.mul(chunk.index, weights.strides[1]));
  Value first = e.div(channel, parts);
  if (!elements.areNibbles())
    from = e.add(from, e.mul(first, weights.strides[4]));
  int64_t used = llvm::alignTo(chunk.valid, lanes);
  e.loop(0, count / parts, 1, [&](Value c) {
    Value quad = e.add(first, c);
    Value row = elements.areNibbles() ? e.div(quad, 2) : c;
    Value line = e.mul(row, weights.strides[4]);
    Value toLine = e.add(at(plan.weightsAt()), e.mul(c, plan.block));
    e.loop(0, used, elements.fitting(lanes), [&](Value lane) {
      Value start = e.add(e.add(from, line), e.mul(lane, elements.laneSize()));
      for (int64_t part = 0; part < parts; ++part)
        transformWindow(
            start, part, quad,
            e.add(e.add(toLine, lane), part * count / parts * plan.block));
    });
  });
}

/// The window of a vector of channels whose first weights are at `start`.
/// They are of `quad`, of nibbles.
void WinogradEmitter::transformWindow(Value start, int64_t part, Value quad,
                                      Value to) {
  int64_t count = elements.fitting(lanes);
  Type type = elements.vectorOf(e, count);
  int64_t element = weights.strides[3], reach = f.reach();
  std::vector<Values> columns;
  for (int64_t kw = 0; kw < f.window; ++kw) {
    Values down;
    for (int64_t kh = 0; kh < f.window; ++kh)
      down.push_back(elements.weights(
          e, weights, e.add(start, (kh * f.window + kw) * element), count, part,
          quad));
    columns.push_back(transform(e, transforms.weights, down, type));
  }
  for (int64_t i = 0; i < reach; ++i) {
    Values across;
    for (const Values &column : columns)
      across.push_back(column[i]);
    Values result = transform(e, transforms.weights, across, type);
    for (int64_t j = 0; j < reach; ++j)
      elements.store(e, scratch,
                     e.add(to, (i * reach + j) * plan.weightStride()),
                     result[j]);
  }
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

void WinogradEmitter::clearProducts() {
  Value zero = e.constant(e.vectorOf(scratch.element, lanes), 0);
  e.loop(0, plan.frequencies() * plan.productStride(), lanes, [&](Value i) {
    e.store(scratch, e.add(at(plan.productsAt()), i), zero);
  });
}

void WinogradEmitter::multiply(const Chunk &chunk, Value channel,
                               int64_t count) {
  int64_t vectors = llvm::divideCeil(chunk.valid, lanes);
  int64_t tiles = plan.blockTiles();
  bool isRest = chunk.valid != plan.block && schedule.getRest();
  GemmTile tile = isRest ? restTilesOf(schedule).front() : tileOf(schedule);
  e.loop(0, plan.frequencies(), 1, [&](Value frequency) {
    Value left =
        e.add(e.mul(frequency, plan.inputStride()), e.mul(channel, tiles));
    Value right =
        e.add(at(plan.weightsAt()), e.mul(frequency, plan.weightStride()));
    Value product =
        e.add(at(plan.productsAt()), e.mul(frequency, plan.productStride()));
    for (int64_t done = 0; done < vectors; done += tile.vectors) {
      Columns columns{lanes, {}, {}};
      for (int64_t j = done;
           j < std::min<int64_t>(done + tile.vectors, vectors); ++j) {
        columns.valid.push_back(lanes);
        columns.offsets.push_back((j - done) * lanes);
      }
      Value lane = e.index(done * lanes);
      int64_t full = tiles / tile.rows * tile.rows;
      auto rowsFrom = [&](Value t, unsigned rows) {
        multiplyTiles(columns, e.add(left, e.mul(t, plan.channelBlock)),
                      e.add(right, lane),
                      e.add(e.add(product, lane), e.mul(t, plan.block)), rows,
                      count);
      };
      e.loop(0, full, tile.rows, [&](Value t) { rowsFrom(t, tile.rows); });
      if (full < tiles)
        rowsFrom(e.index(full), tiles - full);
    }
  });
}

void WinogradEmitter::multiplyTiles(const Columns &columns, Value left,
                                    Value right, Value product, unsigned rows,
                                    int64_t count) {
  Factors factors{scratch, scratch, scratch.element};
  factors.pairs = elements.pairs();
  Reduction r;
  r.left = left;
  r.right = right;
  r.depth = count;
  r.rightStride = plan.block;
  r.pixelStride = plan.channelBlock;
  r.first = 0;
  r.last = rows;
  r.unroll = schedule.getUnroll();
  auto place = [&](unsigned p, unsigned j) {
    return e.add(product, p * plan.block + j * lanes);
  };
  Values sums = zeros(e, factors, rows, columns);
  // Other channels add to the same products.
  if (!isWhole())
    for (unsigned p = 0; p < rows; ++p)
      for (unsigned j = 0; j < columns.count(); ++j)
        sums[p * columns.count() + j] = e.load(scratch, place(p, j), lanes);
  accumulate(e, factors, columns, r, sums);
  for (unsigned p = 0; p < rows; ++p)
    for (unsigned j = 0; j < columns.count(); ++j)
      e.store(scratch, place(p, j), sums[p * columns.count() + j]);
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

void WinogradEmitter::transformOutputs(const Block &block, const Chunk &chunk) {
  // The last column of tiles may reach beyond the image.
  Window width = {out.sizes[2], plan.columns, f.tile, f.tile, 1, 0};
  int64_t reach = f.reach();
  Type type = e.vectorOf(scratch.element, lanes);
  Value channel =
      e.add(e.mul(block.group, groupOut), e.mul(chunk.index, plan.block));
  forEachTile(width, [&](Value row, Value column, int64_t firstColumn) {
    Value top = e.mul(e.add(e.mul(block.index, plan.blockRows), row), f.tile);
    Value tile = e.add(e.mul(row, plan.columns), column);
    Value from = e.add(at(plan.productsAt()), e.mul(tile, plan.block));
    int64_t columns = std::min(f.tile, out.sizes[2] - firstColumn * f.tile);
    for (int64_t lane = 0; lane < chunk.valid; lane += lanes) {
      std::vector<Values> rows;
      for (int64_t i = 0; i < reach; ++i) {
        Values across;
        for (int64_t j = 0; j < reach; ++j)
          across.push_back(
              e.load(scratch,
                     e.add(from, lane + (i * reach + j) * plan.productStride()),
                     lanes));
        rows.push_back(transform(e, transforms.output, across, type));
      }
      std::vector<Values> results(f.tile);
      for (int64_t q = 0; q < f.tile; ++q) {
        Values down;
        for (int64_t i = 0; i < reach; ++i)
          down.push_back(rows[i][q]);
        Values result = transform(e, transforms.output, down, type);
        for (int64_t y = 0; y < f.tile; ++y)
          results[y].push_back(elements.result(e, result[y], y, q));
      }
      for (int64_t y = 0; y < f.tile; ++y) {
        auto store = [&] {
          storeRow(results[y], block.image, e.add(top, y),
                   e.mul(column, f.tile), columns, e.add(channel, lane),
                   std::min(lanes, chunk.valid - lane));
          return Values();
        };
        if (firstRow || (plan.rows - 1) * f.tile + y < out.sizes[1])
          store();
        else
          whereInside(e, e.add(top, y), out.sizes[1], 0, type, store);
      }
    }
  });
}

void WinogradEmitter::storeRow(ValueRange results, Value image, Value row,
                               Value column, int64_t columns, Value channel,
                               int64_t valid) {
  epilogue.storeTile(e, results.take_front(columns), columns, valid,
                     [&](Value pixel, unsigned) {
                       return Epilogue::Place{
                           {image, row, e.add(column, pixel)}, channel};
                     });
}

namespace {
struct EmitWinograd
    : KernelEmitOpInterface::ExternalModel<EmitWinograd, kernel::WinogradOp> {
  LogicalResult emit(Operation *op, RewriterBase &rewriter,
                     const TargetInfo &target) const {
    auto winograd = cast<kernel::WinogradOp>(op);
    return WinogradEmitter(winograd, winograd.getPlan(), {}, target, rewriter)
        .run();
  }
  /// Whole blocks of the tiles of the whole op's plan.
  LogicalResult emitRows(Operation *op, RewriterBase &rewriter,
                         const TargetInfo &target, Value firstRow,
                         Operation *whole) const {
    return WinogradEmitter(cast<kernel::WinogradOp>(op),
                           cast<kernel::WinogradOp>(whole).getPlan(), firstRow,
                           target, rewriter)
        .run();
  }
};
} // namespace

template <>
void mlc::attachEmitter<kernel::WinogradOp>(MLIRContext *context) {
  kernel::WinogradOp::attachInterface<EmitWinograd>(*context);
}
