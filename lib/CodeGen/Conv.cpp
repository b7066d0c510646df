//===- Conv.cpp - dense and grouped convolution ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops: group, chunk of output channels, image, row, tile of pixels (or, with
// rows outside, image, row, chunk, tile); then, with the accumulators in
// registers, kernel row, kernel column, input channel. Which of them, and all
// else that is a choice, says the op's schedule.
// Rows of padding are skipped by the bounds of the kernel row. Kernel columns
// are unrolled, and each is computed for those pixels of the tile only that it
// does not take into the padding: they are known when the code is emitted.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/ConvEmitter.h"
#include "CodeGen/Emitters.h"
#include "CodeGen/WindowProduct.h"
#include "CodeGen/WindowRows.h"

using namespace mlir;
using namespace mlc;

LogicalResult ConvEmitter::initialize() {
  FailureOr<ConvOperands> operands = ConvOperands::create(
      e, op, op.getInputUnsigned(), op.getWeightsUnsigned());
  if (failed(operands) ||
      !operands->weights.isContiguous(0, operands->weights.sizes.size() - 1))
    return failure();
  View &in = operands->in, &w = operands->weights;
  if (op.getInputChannelsFirst())
    in.makeChannelsLast();
  f = {in, w, op.getAccumulatorType(),
       kernel::zeroPointOf(op.getInputZeroPoint()), 0};
  if (Value table = op.getTable()) {
    FailureOr<View> view = e.view(table);
    if (failed(view))
      return failure();
    f.table = *view;
  }
  out = operands->out;
  epilogue = operands->epilogue;
  auto pads = op.getPads(), strides = op.getStrides(),
       dilations = op.getDilations();
  height = {in.sizes[1], out.sizes[1], w.sizes[2],
            strides[0],  dilations[0], pads[0]};
  if (firstRow)
    height.count = height.fitting(pads[2]);
  width = {in.sizes[2], out.sizes[2], w.sizes[3],
           strides[1],  dilations[1], pads[1]};
  images = in.sizes[0];
  groups = op.getGroups();
  blocks = w.sizes[1];
  groupIn = op.getGroupIn();
  block = w.sizes[5];
  groupOut = out.sizes[3] / groups;
  lanes = schedule.getLanes();
  if (op.getNibbles()) {
    f.steps = &nibbles.emplace(e.target, in.isUnsigned);
    zeroPoint = f.leftZero + nibbles->shift();
  } else if (op.hasOctets()) {
    f.steps = &octets.emplace(e.target, in.isUnsigned);
    zeroPoint = f.leftZero;
  } else if (op.hasQuads()) {
    bytes.emplace(e.target, in.isUnsigned, op.hasPairs());
    f.steps = &*bytes;
    zeroPoint = f.leftZero + bytes->shift();
  } else if (op.hasSteps()) {
    f.steps = &halves.emplace(e.target);
  }
  if (schedule.getTerms())
    f.accumulator = e.builder.getF16Type();
  depth = height.kernel * width.kernel * groupIn;
  keepsPixels = schedule.getDivide() == kernel::Division::pixels;
  return success();
}

/// Whether f16 can be summed as the schedule says.
LogicalResult ConvEmitter::checkTerms() {
  if (failed(checkF16(e, op, f)))
    return failure();
  if (schedule.getWindowRegisters())
    return e.builder.notifyMatchFailure(
        op, "the schedule sums products of f16 of inputs that are shared");
  return success();
}

/// What is said by hand may be what this op cannot have.
LogicalResult ConvEmitter::checkSchedule() {
  if (!schedule.getTile())
    return e.builder.notifyMatchFailure(op, "the schedule has no tile");
  if (block % lanes != 0)
    return e.builder.notifyMatchFailure(
        op, "the schedule's lanes do not divide the packed blocks");
  if (f.steps &&
      (lanes < StepProduct::leastLanes || schedule.getWindowRegisters() != 0))
    return e.builder.notifyMatchFailure(
        op, "weights side by side need vectors of 4 lanes or more and no "
            "shared inputs");
  if (octets && lanes != OctetProduct::lanes)
    return e.builder.notifyMatchFailure(op, "octets need vectors of 4 lanes");
  int64_t vectors = llvm::divideCeil(groupOut, lanes);
  int64_t width = schedule.getTile()[1], size = width * lanes;
  int64_t looped = loopedChunks() * width, rest = 0;
  if (op.hasPairs() && failed(checkPairs()))
    return failure();
  if (schedule.getTerms() && failed(checkTerms()))
    return failure();
  if (loopedChunks() && block % size != 0 && size % block != 0)
    return e.builder.notifyMatchFailure(
        op, "the schedule's tiles begin at different places of packed blocks");
  for (GemmTile tile : restTilesOf(schedule))
    rest += tile.vectors;
  if (looped + rest != vectors)
    return e.builder.notifyMatchFailure(
        op, "the schedule's tiles are for " + Twine(looped + rest) +
                " vectors of channels, the op has " + Twine(vectors));
  if (schedule.getMerge() != kernel::Merge::none && !canMergePixels())
    return e.builder.notifyMatchFailure(
        op, "the schedule merges pixels that are not one row");
  if (keepsRows() && groups != 1)
    return e.builder.notifyMatchFailure(
        op, "the schedule has rows outside of groups");
  if (schedule.getWindowRegisters() && (f.left.strides[3] != 1 || f.table))
    return e.builder.notifyMatchFailure(
        op, "the schedule shares inputs whose channels are not side by side, "
            "or bytes that a table is for");
  return success();
}

/// Chunks of channels that are a loop: a single one is a rest.
int64_t ConvEmitter::loopedChunks() const {
  int64_t chunks = groupOut / lanes / schedule.getTile()[1];
  return chunks > 1 ? chunks : 0;
}

/// Of all tiles.
int64_t ConvEmitter::mostSums() const {
  int64_t most = tileOf(schedule).rows * tileOf(schedule).vectors;
  for (GemmTile tile : restTilesOf(schedule))
    most = std::max<int64_t>(most, tile.rows * tile.vectors);
  return most;
}

/// Without a window, all pixels are one row, or one row per image.
bool ConvEmitter::canMergePixels() const {
  unsigned first = schedule.getMerge() == kernel::Merge::images ? 0 : 1;
  return !firstRow && !keepsRows() && height.isPlain() && width.isPlain() &&
         f.left.isContiguous(first, 2) && epilogue.isContiguous(first, 2);
}

LogicalResult ConvEmitter::run() {
  if (failed(initialize()))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1, and "
            "packed weights contiguous");
  if (failed(checkSchedule()))
    return failure();
  mergePixels(schedule.getMerge(), height, width, images);
  if (schedule.getTerms() && schedule.getTerms() < depth)
    pieceMemory = PieceMemory::create(e, op, mostSums(), lanes);
  if (keepsRows())
    e.parallelLoop(0, images, 1, [&](Value n) {
      e.parallelLoop(0, rowCount(), 1, [&](Value oh) {
        outerRow = {n, oh};
        emitGroup(e.index(0));
      });
    });
  else
    e.loopOver(!keepsPixels, 0, groups, 1, [&](Value g) { emitGroup(g); });
  e.builder.eraseOp(op);
  return success();
}

/// Full chunks in a loop where each begins at the same place of a block, then
/// the vectors that remain.
void ConvEmitter::emitGroup(Value g) {
  group = g;
  GemmTile tile = tileOf(schedule);
  int64_t chunks = loopedChunks();
  e.loopOver(keepsRows() || !keepsPixels, 0, chunks, 1,
             [&](Value chunk) { emitLoopedChunk(chunk, tile); });
  int64_t done = chunks * tile.vectors;
  for (GemmTile rest : restTilesOf(schedule)) {
    int64_t start = done * lanes;
    Columns c = columnsOf(start, rest.vectors);
    Value w = e.add(e.mul(group, blocks * panel()),
                    start / block * panel() + start % block * laneSize());
    if (op.hasPairs())
      blockStart =
          e.add(e.mul(group, blocks * panel()), start / block * panel());
    emitChunk(e.add(e.mul(group, groupOut), start), w, c, rest.rows);
    done += rest.vectors;
  }
}

Columns ConvEmitter::columnsOf(int64_t start, unsigned vectors) const {
  Columns result{lanes, {}, {}};
  if (f.steps)
    result.least = StepProduct::leastLanes;
  auto offset = [&](int64_t channel) {
    return channel / block * panel() + channel % block * laneSize();
  };
  for (unsigned j = 0; j < vectors; ++j) {
    int64_t at = start + j * lanes;
    result.valid.push_back(std::min(lanes, groupOut - at));
    result.offsets.push_back(offset(at) - offset(start));
  }
  return result;
}

void ConvEmitter::emitLoopedChunk(Value chunk, GemmTile tile) {
  Columns c = columnsOf(0, tile.vectors);
  int64_t size = tile.vectors * lanes;
  Value w;
  if (size % block == 0) {
    w = e.mul(chunk, size / block * panel());
  } else {
    int64_t perBlock = block / size;
    w = e.add(e.mul(e.div(chunk, perBlock), panel()),
              e.mul(e.rem(chunk, perBlock), size * laneSize()));
  }
  w = e.add(w, e.mul(group, blocks * panel()));
  if (op.hasPairs())
    blockStart = e.add(e.mul(e.div(chunk, block / size), panel()),
                       e.mul(group, blocks * panel()));
  emitChunk(e.add(e.mul(group, groupOut), e.mul(chunk, size)), w, c, tile.rows);
}

void ConvEmitter::emitChunk(Value c, Value w, const Columns &cols,
                            unsigned rows) {
  channel = c;
  weights = w;
  columns = &cols;
  if (keepsRows())
    return emitRow(outerRow[0], outerRow[1], rows);
  e.parallelLoop(0, images, 1, [&](Value n) {
    e.parallelLoop(0, rowCount(), 1, [&](Value oh) { emitRow(n, oh, rows); });
  });
}

void ConvEmitter::emitRow(Value n, Value oh, unsigned rows) {
  Value image = e.add(e.mul(n, f.left.strides[0]), e.mul(group, groupIn));
  if (isCorrected())
    rowCorrection = correction(oh, [](int64_t) { return true; });
  for (PixelRun run : cover(width, rows)) {
    int64_t step = run.rows;
    e.parallelLoop(run.start, run.start + run.count * step, step,
                   [&](Value ow) { emitTile({n, oh, ow}, image, ow, run); });
  }
}

void ConvEmitter::emitTile(ValueRange position, Value image, Value column,
                           PixelRun run) {
  Value n = position[0], oh = position[1];
  pieces.emplace(e, f, *columns, schedule.getTerms(), depth, pieceMemory);
  Values sums = isCorrected() ? startOfTile(oh, run) : pieces->zeros(run.rows);
  Value window = firstRow ? e.add(firstRow, oh) : oh;
  prefetchTile(n, oh, column, run.rows);
  ahead = weightsAhead({n, oh, column}, run.rows);
  sums = forEachKernelRow(
      e, height, window, sums, [&](Value kh, ValueRange carried) {
        Values result(carried);
        Value ih = inputRow(e, height, window, kh);
        Value row = e.add(image, e.mul(ih, f.left.strides[1]));
        addKernelRow(kh, row, column, run, result);
        pieces->close();
        return result;
      });
  if (f.steps)
    sums = f.steps->sumsOf(e, sums, columns->count());
  if (octets)
    sums.truncate(run.rows * columns->count());
  sums = pieces->finish(sums);
  epilogue.storeTile(e, sums, run.rows, pieces->valid,
                     [&](Value pixel, unsigned vector) {
                       return placeOf(n, oh, e.add(column, pixel), vector);
                     });
}

/// From the block or chunk behind, whichever is larger.
Ahead ConvEmitter::weightsAhead(ValueRange position, unsigned rows) {
  if (!fetches(kernel::Prefetch::weights))
    return {};
  Value pixel = e.add(e.mul(position[0], height.count * width.count),
                      e.add(e.mul(position[1], width.count), position[2]));
  int64_t size = columns->count() * lanes;
  return Ahead::ofTile(e, f.right, pixel, pixelCount(), rows,
                       llvm::divideCeil(size, block) * panel());
}

/// From the next group.
Ahead ConvEmitter::inputsAhead(Value k) {
  if (!fetches(kernel::Prefetch::inputs))
    return {};
  return {k, std::min(groupIn, f.left.lineElements()), groupIn};
}

void ConvEmitter::prefetchTile(Value n, Value oh, Value column, unsigned rows) {
  if (!fetches(kernel::Prefetch::outputs))
    return;
  unsigned vectors = pieces->valid.size();
  for (unsigned i = 0; i < rows * vectors; ++i)
    epilogue.prefetch(e,
                      placeOf(n, oh, e.add(column, i / vectors), i % vectors));
}

Epilogue::Place ConvEmitter::placeOf(Value n, Value oh, Value ow, unsigned j) {
  return {{n, oh, ow}, e.add(channel, j * pieces->lanes)};
}

/// Whether a step takes all kernel columns at once: where their weights fit
/// the registers too.
bool ConvEmitter::sharesInputs(unsigned rows, unsigned vectors) const {
  return rows * vectors + width.kernel * vectors <=
         schedule.getWindowRegisters();
}

void ConvEmitter::addShared(Value left, Value right, PixelRun run,
                            Values &sums) {
  WindowSteps steps{width, run, f.left.strides[2], groupIn * block, block};
  steps.ahead = ahead;
  sums = e.loop(
      e.index(0), e.index(groupIn), 1, sums, [&](Value k, ValueRange carried) {
        Values result(carried);
        steps.inputsAhead = inputsAhead(k);
        accumulateWindow(
            e, f, *columns, steps, e.add(left, k),
            e.add(right, e.mul(k, block)),
            [&](Value at) { return Values{broadcastInput(e, f, at, lanes)}; },
            result);
        return result;
      });
}

/// Kernel columns that touch the same pixels are one segment.
void ConvEmitter::addKernelRow(Value kh, Value row, Value column, PixelRun run,
                               Values &sums) {
  int64_t shift = width.stride * f.left.strides[2];
  Value left = e.add(row, e.mul(column, shift));
  Value right = e.add(weights, e.mul(kh, width.kernel * tap()));
  if (op.hasPairs())
    tableRow = e.add(blockStart, e.mul(kh, width.kernel * tap()));
  if (sharesInputs(run.rows, columns->count()))
    return addShared(left, right, run, sums);
  auto active = [&](int64_t kw) {
    unsigned first = 0, last = run.rows;
    while (first < last && !width.inside(run.start + first, kw))
      ++first;
    while (last > first && !width.inside(run.start + last - 1, kw))
      --last;
    return std::make_pair(first, last);
  };
  for (int64_t from = 0, to; from < width.kernel; from = to) {
    auto pixels = active(from);
    for (to = from + 1; to < width.kernel && active(to) == pixels;)
      ++to;
    if (pixels.first < pixels.second)
      addSegment(left, right, run, from, to, pixels.first, pixels.second, sums);
  }
}

/// Whether neighbouring kernel columns follow each other in memory on both
/// sides, without the sums that lie behind quads.
bool ConvEmitter::areColumnsSideBySide() const {
  return width.dilation == 1 && f.left.strides[2] == groupIn &&
         f.left.strides[3] == 1 && !bytes && !nibbles && !octets &&
         groupIn % laneSize() == 0;
}

/// Kernel columns [from, to), which touch the same pixels.
void ConvEmitter::addSegment(Value left, Value right, PixelRun run,
                             int64_t from, int64_t to, unsigned first,
                             unsigned last, Values &sums) {
  int64_t channel = f.left.strides[3], column = f.left.strides[2];
  Reduction r;
  r.left = left;
  r.right = right;
  r.pixelStride = width.stride * column;
  r.first = first;
  r.last = last;
  r.ahead = ahead;
  r.unroll = schedule.getUnroll();
  if (fetches(kernel::Prefetch::rows))
    r.leftAhead = height.stride * f.left.strides[1];
  int64_t fused = 1; // kernel columns at once
  auto add = [&](int64_t kw) {
    r.leftOffset = (kw * width.dilation - width.padBegin) * column;
    r.rightOffset = kw * tap();
    if (f.steps)
      addSteps(r, fused, sums);
    else
      pieces->add(r, sums);
  };
  bool areAll = first == 0 && last == run.rows;
  if (areAll && last * columns->count() < schedule.getLeastSums())
    r.sets = 2;
  if ((channel != 1 || f.table) && !f.steps) {
    r.depth = to - from;
    r.leftStride = width.dilation * column;
    r.rightStride = groupIn * block;
    r.planes = groupIn;
    r.ahead = {};
    r.leftPlane = channel;
    r.rightPlane = block;
    return add(from);
  }
  if (areColumnsSideBySide())
    fused = to - from;
  r.depth = groupIn * fused;
  r.rightStride = block;
  for (int64_t kw = from; kw < to; kw += fused)
    add(kw);
}

namespace {
struct EmitConv
    : KernelEmitOpInterface::ExternalModel<EmitConv, kernel::ConvOp> {
  LogicalResult emit(Operation *op, RewriterBase &rewriter,
                     const TargetInfo &target) const {
    return emitFrom(cast<kernel::ConvOp>(op), rewriter, target, {});
  }
  LogicalResult emitRows(Operation *op, RewriterBase &rewriter,
                         const TargetInfo &target, Value firstRow,
                         Operation *) const {
    return emitFrom(cast<kernel::ConvOp>(op), rewriter, target, firstRow);
  }

private:
  static LogicalResult emitFrom(kernel::ConvOp op, RewriterBase &rewriter,
                                const TargetInfo &target, Value firstRow) {
    if (kernel::scheduleOf(op).getUnit() == kernel::Unit::matrices)
      return emitMatrixConv(op, target, rewriter, firstRow);
    if (op.getGroupsInBlock() > 1 && !firstRow)
      return emitGroupConv(op, target, rewriter);
    return ConvEmitter(op, target, rewriter, firstRow).run();
  }
};
} // namespace

template <>
void mlc::attachEmitter<kernel::ConvOp>(MLIRContext *context) {
  kernel::ConvOp::attachInterface<EmitConv>(*context);
}
