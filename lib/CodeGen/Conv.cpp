//===- Conv.cpp - dense and grouped convolution ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops: group, chunk of output channels, image, row, tile of pixels (or, for
// large images, image, row, chunk, tile); then, with the accumulators in
// registers, kernel row, kernel column, input channel.
// Rows of padding are skipped by the bounds of the kernel row. Kernel columns
// are unrolled, and each is computed for those pixels of the tile only that it
// does not take into the padding: they are known when the code is emitted.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/ConvOperands.h"
#include "CodeGen/Emitters.h"
#include "CodeGen/Product.h"
#include "CodeGen/Tile.h"
#include "CodeGen/WindowProduct.h"
#include "CodeGen/WindowRows.h"
#include "Kernel/IR/Kernel.h"
#include "Schedule/Decision.h"
#include "Schedule/RegisterTile.h"

using namespace mlir;
using namespace mlc;

namespace {

class ConvEmitter {
public:
  ConvEmitter(kernel::ConvOp op, const TargetInfo &target,
              RewriterBase &rewriter, Value firstRow)
      : op(op), e(rewriter, op.getLoc(), target), firstRow(firstRow) {}

  LogicalResult run();

private:
  LogicalResult initialize();
  bool shouldKeepRows() const;
  bool skipsPixels() const;
  void mergePixels();
  int64_t pixelCount() const { return images * height.count * width.count; }
  /// Weights of a block of channels.
  int64_t panel() const {
    return height.kernel * width.kernel * groupIn * block;
  }
  /// That are computed: some of the image's where `firstRow` is there.
  int64_t rowCount() const { return firstRow ? out.sizes[1] : height.count; }
  int64_t vectorLanes() const;
  void emitGroup(Value group);
  Columns columnsOf(int64_t channel, unsigned vectors) const;
  void emitLoopedChunk(Value chunk, unsigned vectors);
  void emitChunk(Value channel, Value weights, const Columns &columns,
                 unsigned rows);
  void emitRow(Value n, Value oh, unsigned rows);
  void emitTile(ValueRange position, Value row, Value column, PixelRun run);
  Ahead weightsAhead(ValueRange position, unsigned rows);
  Ahead inputsAhead(Value k);
  void prefetchTile(Value n, Value oh, Value column, unsigned rows);
  Epilogue::Place placeOf(Value n, Value oh, Value ow, unsigned vector);
  bool sharesInputs(unsigned rows, unsigned vectors) const;
  GemmTile chooseConvTile(int64_t vectors,
                          llvm::function_ref<bool(unsigned)> allowed,
                          unsigned spare = 0) const;
  void addKernelRow(Value kh, Value row, Value column, PixelRun run,
                    Values &sums);
  void addShared(Value left, Value right, PixelRun run, Values &sums);
  void addSegment(Value left, Value right, PixelRun run, int64_t from,
                  int64_t to, unsigned first, unsigned last, Values &sums);

  kernel::ConvOp op;
  Emitter e;
  Value firstRow; ///< of the result that the out begins with; null for 0
  Factors f;
  View out;
  Epilogue epilogue;
  Window height, width;
  int64_t images, groups, groupIn, groupOut, block, blocks, lanes;
  bool keepsPixels;                   ///< threads do, see dividesPixels
  bool keepsRows;                     ///< see shouldKeepRows
  bool fetchesWeights, fetchesInputs; ///< before their turn

  Values row; ///< that is being emitted, if rows are outside: image and row
  // Of the chunk that is being emitted.
  Value group, channel, weights;
  const Columns *columns = nullptr;
  GemmTile tile;
  Ahead ahead; ///< of the tile that is being emitted
};

} // namespace

/// [N, C, H, W] as [N, H, W, C]: the channels' stride is not 1.
static View channelsLast(View image) {
  for (auto *dims : {&image.sizes, &image.strides})
    std::rotate(dims->begin() + 1, dims->begin() + 2, dims->end());
  if (image.sizes.back() == 1)
    image.strides.back() = 1;
  return image;
}

static int64_t byteSize(const View &view) {
  return view.sizes[0] * view.strides[0] * kernel::elementBytes(view.element);
}

LogicalResult ConvEmitter::initialize() {
  FailureOr<ConvOperands> operands = ConvOperands::create(
      e, op, op.getInputUnsigned(), op.getWeightsUnsigned());
  if (failed(operands) ||
      !operands->weights.isContiguous(0, operands->weights.sizes.size() - 1))
    return failure();
  View &in = operands->in, &w = operands->weights;
  if (op.getInputChannelsFirst())
    in = channelsLast(in);
  f = {in, w, op.getAccumulatorType(), op.getInputZeroPoint().value_or(0), 0};
  out = operands->out;
  epilogue = operands->epilogue;
  auto pads = op.getPads(), strides = op.getStrides(),
       dilations = op.getDilations();
  height = {in.sizes[1], out.sizes[1], w.sizes[2],
            strides[0],  dilations[0], pads[0]};
  if (firstRow)
    height.count = kernel::windowCount(in.sizes[1], pads[0], pads[2],
                                       w.sizes[2], strides[0], dilations[0]);
  width = {in.sizes[2], out.sizes[2], w.sizes[3],
           strides[1],  dilations[1], pads[1]};
  images = in.sizes[0];
  groups = op.getGroups();
  blocks = w.sizes[1];
  groupIn = w.sizes[4];
  block = w.sizes[5];
  groupOut = out.sizes[3] / groups;
  lanes = vectorLanes();
  keepsPixels = dividesPixels(f.left, f.right, out);
  keepsRows = shouldKeepRows();
  fetchesInputs = groups > 1 && Ahead::isWorth(e, op, f.left);
  fetchesWeights =
      !keepsRows && groups * blocks > 1 && Ahead::isWorth(e, op, pixelCount());
  if (!keepsRows)
    mergePixels();
  return success();
}

/// A power of two that divides the block, no wider than a vector or than what
/// there are channels.
int64_t ConvEmitter::vectorLanes() const {
  int64_t most = e.target.lanes(f.accumulator.getIntOrFloatBitWidth());
  most = std::min<int64_t>(most, llvm::PowerOf2Ceil(groupOut));
  return std::min<int64_t>(most, block & -block);
}

/// Whether rows are outside of chunks: where each chunk would read the input
/// from beyond the second cache, while that holds the weights of all chunks.
bool ConvEmitter::shouldKeepRows() const {
  unsigned widest = 1;
  for (GemmTile tile : e.target.gemmTiles)
    widest = std::max(widest, tile.vectors);
  return groups == 1 && f.left.strides[3] == 1 && groupOut > widest * lanes &&
         byteSize(f.left) > e.target.l2 / 2 &&
         byteSize(f.right) <= e.target.l2 / 2;
}

/// Whether the input of the next row, from beyond the second cache, has gaps
/// that the CPU does not foresee.
bool ConvEmitter::skipsPixels() const {
  return keepsRows && width.kernel < width.stride &&
         e.target.triple.isArch64Bit();
}

/// Without a window, all pixels are one row (or one row an image).
void ConvEmitter::mergePixels() {
  auto isPlain = [](const Window &w) {
    return w.kernel == 1 && w.stride == 1 && w.padBegin == 0 &&
           w.extent == w.count;
  };
  if (firstRow || !isPlain(height) || !isPlain(width) ||
      !f.left.isContiguous(1, 2) || !epilogue.isContiguous(1, 2))
    return;
  width.extent *= height.extent;
  height.extent = 1;
  if (f.left.isContiguous(0, 2) && epilogue.isContiguous(0, 2)) {
    width.extent *= images;
    images = 1;
  }
  width.count = width.extent;
  height.count = 1;
}

LogicalResult ConvEmitter::run() {
  if (failed(initialize()))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1, and "
            "packed weights contiguous");
  if (keepsRows)
    e.parallelLoop(0, images, 1, [&](Value n) {
      e.parallelLoop(0, rowCount(), 1, [&](Value oh) {
        row = {n, oh};
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
  int64_t vectors = llvm::divideCeil(groupOut, lanes);
  int64_t floats = height.kernel * width.kernel * groupIn * groupOut * groups;
  // LLVM moves no load across what fetches: some wait in registers.
  unsigned spare = fetchesWeights ? 2 : 0;
  tile = chooseConvTile(
      vectors, PackedWidths{lanes, block, pixelCount(), floats}, spare);
  int64_t fullVectors = groupOut / lanes;
  int64_t chunks = fullVectors / tile.vectors;
  if (chunks > 1)
    e.loopOver(keepsRows || !keepsPixels, 0, chunks, 1,
               [&](Value chunk) { emitLoopedChunk(chunk, tile.vectors); });
  int64_t done = chunks > 1 ? chunks * tile.vectors : 0;
  while (done < vectors) {
    unsigned nv = std::min<int64_t>(tile.vectors, vectors - done);
    int64_t start = done * lanes;
    // LLVM makes the narrow half of a broadcast in a register of its own.
    bool isNarrow = columnsOf(start, nv).width(nv - 1) != lanes;
    tile =
        chooseConvTile(nv, [](unsigned) { return true; }, isNarrow ? 4 : spare);
    nv = tile.vectors;
    Columns c = columnsOf(start, nv);
    Value w = e.add(e.mul(group, blocks * panel()),
                    start / block * panel() + start % block);
    emitChunk(e.add(e.mul(group, groupOut), start), w, c, tile.rows);
    done += nv;
  }
}

Columns ConvEmitter::columnsOf(int64_t start, unsigned vectors) const {
  Columns result{lanes, {}, {}};
  auto offset = [&](int64_t channel) {
    return channel / block * panel() + channel % block;
  };
  for (unsigned j = 0; j < vectors; ++j) {
    int64_t at = start + j * lanes;
    result.valid.push_back(std::min(lanes, groupOut - at));
    result.offsets.push_back(offset(at) - offset(start));
  }
  return result;
}

void ConvEmitter::emitLoopedChunk(Value chunk, unsigned vectors) {
  Columns c = columnsOf(0, vectors);
  int64_t size = vectors * lanes;
  Value w;
  if (size % block == 0) {
    w = e.mul(chunk, size / block * panel());
  } else {
    int64_t perBlock = block / size;
    w = e.add(e.mul(e.div(chunk, perBlock), panel()),
              e.mul(e.rem(chunk, perBlock), size));
  }
  w = e.add(w, e.mul(group, blocks * panel()));
  emitChunk(e.add(e.mul(group, groupOut), e.mul(chunk, size)), w, c, tile.rows);
}

void ConvEmitter::emitChunk(Value c, Value w, const Columns &cols,
                            unsigned rows) {
  channel = c;
  weights = w;
  columns = &cols;
  if (keepsRows)
    return emitRow(row[0], row[1], rows);
  e.parallelLoop(0, images, 1, [&](Value n) {
    e.parallelLoop(0, rowCount(), 1, [&](Value oh) { emitRow(n, oh, rows); });
  });
}

void ConvEmitter::emitRow(Value n, Value oh, unsigned rows) {
  Value image = e.add(e.mul(n, f.left.strides[0]), e.mul(group, groupIn));
  for (PixelRun run : cover(width, rows)) {
    int64_t step = run.rows;
    e.parallelLoop(run.start, run.start + run.count * step, step,
                   [&](Value ow) { emitTile({n, oh, ow}, image, ow, run); });
  }
}

void ConvEmitter::emitTile(ValueRange position, Value image, Value column,
                           PixelRun run) {
  Values sums = zeros(e, f, run.rows, *columns);
  Value n = position[0], oh = position[1];
  Value window = firstRow ? e.add(firstRow, oh) : oh;
  prefetchTile(n, oh, column, run.rows);
  ahead = weightsAhead({n, oh, column}, run.rows);
  sums = forEachKernelRow(
      e, height, window, sums, [&](Value kh, ValueRange carried) {
        Values result(carried);
        Value ih = inputRow(e, height, window, kh);
        Value row = e.add(image, e.mul(ih, f.left.strides[1]));
        addKernelRow(kh, row, column, run, result);
        return result;
      });
  epilogue.storeTile(e, sums, run.rows, columns->valid,
                     [&](Value pixel, unsigned vector) {
                       return placeOf(n, oh, e.add(column, pixel), vector);
                     });
}

/// From the block or chunk behind, whichever is larger.
Ahead ConvEmitter::weightsAhead(ValueRange position, unsigned rows) {
  if (!fetchesWeights)
    return {};
  Value pixel = e.add(e.mul(position[0], height.count * width.count),
                      e.add(e.mul(position[1], width.count), position[2]));
  int64_t size = columns->count() * lanes;
  return Ahead::ofTile(e, f.right, pixel, pixelCount(), rows,
                       llvm::divideCeil(size, block) * panel());
}

/// From the next group.
Ahead ConvEmitter::inputsAhead(Value k) {
  if (!fetchesInputs)
    return {};
  return {k, std::min(groupIn, lineElements(f.left)), groupIn};
}

/// What the second cache does not hold would have to come before it is written:
/// it comes while the tile is computed.
void ConvEmitter::prefetchTile(Value n, Value oh, Value column, unsigned rows) {
  constexpr int64_t leastSteps = 32;
  if (byteSize(out) <= e.target.l2 / 2 ||
      groupIn * height.kernel * width.kernel < leastSteps)
    return;
  for (unsigned i = 0; i < rows * columns->count(); ++i)
    epilogue.prefetch(e, placeOf(n, oh, e.add(column, i / columns->count()),
                                 i % columns->count()));
}

Epilogue::Place ConvEmitter::placeOf(Value n, Value oh, Value ow, unsigned j) {
  return {{n, oh, ow}, e.add(channel, j * lanes)};
}

/// Whether a step takes all kernel columns at once: where their weights fit
/// the registers too, and the steps are worth a loop.
bool ConvEmitter::sharesInputs(unsigned rows, unsigned vectors) const {
  constexpr int64_t leastSteps = 8;
  return width.kernel > 1 && groupIn >= leastSteps && f.left.strides[3] == 1 &&
         !multipliesByLane(e.target) &&
         rows <= mostWindowPixels(e.target, width, vectors);
}

GemmTile ConvEmitter::chooseConvTile(int64_t vectors,
                                     llvm::function_ref<bool(unsigned)> allowed,
                                     unsigned spare) const {
  GemmTile result =
      chooseTile(op, e.target, width.count, vectors, allowed, spare);
  auto given = tileOf(op);
  if (given && (*given)[1] == result.vectors)
    return result;
  unsigned most = mostWindowPixels(e.target, width, result.vectors);
  if (result.vectors == 1 && sharesInputs(1, 1))
    result.rows = chooseWindowPixels(width, 1, most);
  return result;
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
  Value right = e.add(weights, e.mul(kh, width.kernel * groupIn * block));
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
  if (skipsPixels())
    r.leftAhead = height.stride * f.left.strides[1];
  auto add = [&](int64_t kw) {
    r.leftOffset = (kw * width.dilation - width.padBegin) * column;
    r.rightOffset = kw * groupIn * block;
    accumulate(e, f, *columns, r, sums);
  };
  if (channel != 1) {
    r.depth = to - from;
    r.leftStride = width.dilation * column;
    r.rightStride = groupIn * block;
    r.planes = groupIn;
    r.ahead = {};
    r.leftPlane = channel;
    r.rightPlane = block;
    return add(from);
  }
  r.depth = groupIn;
  r.rightStride = block;
  // Neighbouring columns follow each other in memory on both sides.
  int64_t fused = 1;
  if (width.dilation == 1 && column == groupIn)
    fused = to - from;
  r.depth *= fused;
  // Of one pixel there are few sums.
  constexpr unsigned enough = 4;
  if (pixelCount() == 1 && columns->count() < enough)
    r.sets = 2;
  for (int64_t kw = from; kw < to; kw += fused)
    add(kw);
}

LogicalResult mlc::emitConv(kernel::ConvOp op, const TargetInfo &target,
                            RewriterBase &rewriter, Value firstRow) {
  return ConvEmitter(op, target, rewriter, firstRow).run();
}
