//===- MatrixConv.cpp - convolution by a matrix unit ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops: group, image, band of rows, chunk of output channels, tile of pixels;
// then, with the sums in matrix registers, kernel row, kernel column, input
// channels. A register has pixels of one row. Where windows reach into the
// padding, a band's input is copied with its padding first, so that all windows
// are alike: padding of bytes is the zero point, which the sums of the weights
// take off for all pixels. Of few channels, the columns of a window are one
// run: the copy has as many words a pixel as the weights have, those of their
// sums being zero. Sums go through the stack to the epilogue, which is that of
// vectors.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Emitters.h"
#include "CodeGen/MatrixConvEmitter.h"

using namespace mlir;
using namespace mlc;

MatrixRegisters::Shapes RegisterPlan::shapes(const PixelRegisters &run,
                                             int64_t words) const {
  MatrixRegisters::Shapes result;
  for (unsigned i = 0; i < pixels; ++i) {
    int64_t rows = i + 1 == pixels ? run.last : run.pixels;
    for (unsigned j = 0; j < vectors; ++j)
      result[sums(i, j)] = {rows, MatrixUnit::rowBytes};
    result[inputs(i)] = {rows, 4 * words};
  }
  for (unsigned j = 0; j < vectors; ++j)
    result[weights(j)] = {words, MatrixUnit::rowBytes};
  return result;
}

LogicalResult MatrixConvEmitter::initialize() {
  FailureOr<ConvOperands> operands =
      ConvOperands::create(e, op, op.getInputUnsigned());
  if (failed(operands) ||
      !operands->weights.isContiguous(0, operands->weights.sizes.size() - 1))
    return failure();
  in = operands->in;
  if (op.getInputChannelsFirst())
    in.makeChannelsLast();
  weights = operands->weights;
  out = operands->out;
  epilogue = operands->epilogue;
  auto pads = op.getPads(), strides = op.getStrides(),
       dilations = op.getDilations();
  height = {in.sizes[1], out.sizes[1], op.getKernelHeight(),
            strides[0],  dilations[0], pads[0]};
  width = {in.sizes[2], out.sizes[2], op.getKernelWidth(),
           strides[1],  dilations[1], pads[1]};
  if (firstRow)
    height.count = height.fitting(pads[2]);
  images = in.sizes[0];
  groupIn = op.getGroupIn();
  groupOut = out.sizes[3] / op.getGroups();
  words = groupIn / op.getStep();
  zeroPoint = kernel::zeroPointOf(op.getInputZeroPoint());
  return success();
}

/// Whether no window reaches into the padding.
bool MatrixConvEmitter::readsInPlace() const {
  return height.interior(0, height.count - 1) &&
         width.interior(0, width.count - 1);
}

/// What is said by hand may be what this op cannot have.
LogicalResult MatrixConvEmitter::checkSchedule() {
  auto refuse = [&](const Twine &why) {
    return e.builder.notifyMatchFailure(op, why);
  };
  if (!hasMatrices(op, e.target))
    return refuse("matrices need a unit for the elements, and weights by quads "
                  "or halves");
  if (failed(checkSteps()))
    return failure();
  if (lanes() * 4 != MatrixUnit::rowBytes || op.getBlock() % lanes() != 0)
    return refuse("matrices need 16 lanes, which divide the packed blocks");
  int64_t covered = loopedChunks() * tileOf(schedule).vectors;
  bool arePossible = RegisterPlan::isPossible(tileOf(schedule));
  for (GemmTile tile : restTilesOf(schedule)) {
    covered += tile.vectors;
    arePossible &= RegisterPlan::isPossible(tile);
  }
  if (!arePossible)
    return refuse("the schedule's tiles take more than 8 matrix registers");
  if (!keepsRows() && covered != int64_t(llvm::divideCeil(groupOut, lanes())))
    return refuse("the schedule's tiles are for " + Twine(covered) +
                  " vectors of channels, the op has " +
                  Twine(llvm::divideCeil(groupOut, lanes())));
  if (keepsRows() &&
      (op.getGroups() != 1 ||
       llvm::divideCeil(groupOut, lanes()) % tileOf(schedule).vectors != 0))
    return refuse("rows outside of chunks need chunks that are alike, of one "
                  "group");
  if (schedule.getBand() == 0 && !readsInPlace())
    return refuse("windows that reach into the padding need a band");
  if (schedule.getBand() > rowCount())
    return refuse("the schedule's band has more rows than the result");
  if (schedule.getBand() != 0 && !isZeroPointElement(op))
    return refuse("padding cannot be filled with a zero point that is no "
                  "element of the input");
  unsigned first = schedule.getMerge() == kernel::Merge::images ? 0 : 1;
  if (schedule.getMerge() != kernel::Merge::none &&
      (schedule.getBand() != 0 || firstRow || !height.isPlain() ||
       !width.isPlain() || !in.isContiguous(first, 2) ||
       !epilogue.isContiguous(first, 2)))
    return refuse("the schedule merges pixels that are not one row");
  return success();
}

LogicalResult MatrixConvEmitter::checkSteps() {
  auto refuse = [&](const Twine &why) {
    return e.builder.notifyMatchFailure(op, why);
  };
  auto steps = schedule.getSteps();
  if (!schedule.getTile() || !steps || steps.size() > 2)
    return refuse("matrices need a tile and one or two steps");
  if (steps[0] > MatrixUnit::rows || wordsInRow() % steps[0] != 0)
    return refuse("matrices need steps of 1 to 16 words that divide those of "
                  "the input");
  bool areSideBySide = in.strides[3] == 1 && groupIn % op.getStep() == 0;
  if (!joinsColumns())
    return areSideBySide ? success()
                         : refuse("matrices need whole words of channels side "
                                  "by side, or joined columns");
  if (steps[1] != width.kernel || width.dilation != 1 ||
      schedule.getBand() == 0 || (in.strides[3] != 1 && !canJoinPlanes(op)))
    return refuse("joined columns are all of a window without gaps, in a band");
  return success();
}

/// Chunks of channels that are a loop: a single one is a rest.
int64_t MatrixConvEmitter::loopedChunks() const {
  int64_t chunks = groupOut / lanes() / tileOf(schedule).vectors;
  return chunks > 1 ? chunks : 0;
}

LogicalResult MatrixConvEmitter::run() {
  if (failed(initialize()))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1, and "
            "packed weights contiguous");
  if (failed(checkSchedule()))
    return failure();
  mergePixels(schedule.getMerge(), height, width, images);
  registers = MatrixRegisters::create(e, op);
  int64_t most = 0;
  for (GemmTile tile : restTilesOf(schedule))
    most = std::max<int64_t>(most, tile.rows * tile.vectors);
  GemmTile tile = tileOf(schedule);
  most = std::max<int64_t>(most, tile.rows * tile.vectors);
  sums =
      e.onStack(op, most * MatrixUnit::rows * lanes(), op.getAccumulatorType());
  if (schedule.getBand()) {
    // Pixels of a register fall into other sets of L1.
    constexpr int64_t collision = 1024;
    int64_t bytes = kernel::elementBytes(in.element);
    sourceColumn = joinsColumns() ? weights.sizes[4] * op.getStep() : groupIn;
    if (!joinsColumns() && sourceColumn * width.stride * bytes % collision == 0)
      sourceColumn += MatrixUnit::rowBytes / bytes;
    sourceRow = width.reachOfAll() * sourceColumn;
    source = e.onStack(op, bandRows() * sourceRow, in.element);
    source.isUnsigned = in.isUnsigned;
  } else {
    source = in;
    sourceRow = in.strides[1];
    sourceColumn = in.strides[2];
  }
  e.loopOver(!dividesPixels(), 0, op.getGroups(), 1, [&](Value g) {
    group = g;
    e.loopOver(dividesPixels(), 0, images, 1, [&](Value n) { emitImage(n); });
  });
  e.perPart([&] { registers.release(e); });
  e.builder.eraseOp(op);
  return success();
}

void MatrixConvEmitter::emitImage(Value n) {
  image = n;
  int64_t band = schedule.getBand();
  if (band == 0) {
    bandRow = e.index(0);
    sourceStart = e.add(e.add(e.mul(n, in.strides[0]), e.mul(group, groupIn)),
                        e.mul(windowAt(bandRow), sourceRow));
    return emitChunks(rowCount());
  }
  sourceStart = e.index(0);
  int64_t full = rowCount() / band * band;
  e.loopOver(dividesPixels(), 0, full, band,
             [&](Value row) { emitBand(row, band); });
  if (full < rowCount())
    emitBand(e.index(full), rowCount() - full);
}

void MatrixConvEmitter::emitBand(Value row, int64_t rows) {
  bandRow = row;
  e.perPart([&] { copyBand(row, rows); });
  emitChunks(rows);
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Chunks outside of pixels, or the other way round: then all are alike.
void MatrixConvEmitter::emitChunks(int64_t rows) {
  GemmTile tile = tileOf(schedule);
  int64_t size = tile.vectors * lanes();
  if (keepsRows()) {
    int64_t full = groupOut / size * size;
    return emitPixels(
        tile, rows,
        [&](const RegisterPlan &plan, const PixelRegisters &run, Value first) {
          e.loop(0, full, size, [&](Value channel) {
            emitTile(chunkAt(channel, tile.vectors, size), plan, run, first);
          });
          if (full < groupOut)
            emitTile(chunkAt(e.index(full), tile.vectors, groupOut - full),
                     plan, run, first);
        });
  }
  auto emit = [&](Value channel, GemmTile tile, int64_t left) {
    Chunk chunk = chunkAt(channel, tile.vectors, left);
    emitPixels(tile, rows,
               [&](const RegisterPlan &plan, const PixelRegisters &run,
                   Value first) { emitTile(chunk, plan, run, first); });
  };
  int64_t done = loopedChunks() * size;
  e.loopOver(!dividesPixels(), 0, done, size,
             [&](Value channel) { emit(channel, tile, size); });
  for (GemmTile rest : restTilesOf(schedule)) {
    emit(e.index(done), rest, groupOut - done);
    done += rest.vectors * lanes();
  }
}

/// `vectors` from `channel` of the group on, of which `left` are there.
Chunk MatrixConvEmitter::chunkAt(Value channel, unsigned vectors,
                                 int64_t left) {
  Chunk chunk;
  chunk.channel = e.add(e.mul(group, groupOut), channel);
  int64_t block = op.getBlock(), blocks = weights.sizes[1];
  Type i32 = e.builder.getI32Type();
  for (unsigned j = 0; j < vectors; ++j) {
    Value at = e.add(channel, j * lanes());
    chunk.valid.push_back(std::min(lanes(), left - int64_t(j) * lanes()));
    chunk.weights.push_back(
        e.add(e.mul(group, blocks * panel()),
              e.add(e.mul(e.div(at, block), panel()),
                    e.mul(e.rem(at, block), op.getStep()))));
    if (zeroPoint == 0)
      continue;
    Value sum = e.constant(e.vectorOf(i32, lanes()), 0);
    Value last = e.add(chunk.weights.back(), tap() - word());
    sum = e.loop(e.index(0), e.index(height.kernel * width.kernel), 1, sum,
                 [&](Value k, ValueRange carried) {
                   Value bytes = e.load(weights, e.add(last, e.mul(k, tap())),
                                        MatrixUnit::rowBytes);
                   return Values{e.plus(carried[0], e.bitcast(bytes, 32))};
                 })[0];
    chunk.correction.push_back(
        e.times(sum, e.constant(sum.getType(), -zeroPoint)));
  }
  return chunk;
}

/// All pixels of `rows` rows, a tile at a time: registers that are full, then
/// the last of each row. Of one row, both are together.
void MatrixConvEmitter::emitPixels(GemmTile tile, int64_t rows, TileBody body) {
  int64_t perRow = llvm::divideCeil(width.count, MatrixUnit::rows);
  int64_t pixels = llvm::divideCeil(width.count, perRow);
  int64_t full = width.count / pixels, rest = width.count % pixels;
  if (rows == 1)
    return emitRegisters(
        tile, {perRow, perRow, 0, pixels, rest ? rest : pixels}, body);
  emitRegisters(tile, {rows * full, full, 0, pixels, pixels}, body);
  if (rest)
    emitRegisters(tile, {rows, 1, full * pixels, rest, rest}, body);
}

void MatrixConvEmitter::emitRegisters(GemmTile tile, const PixelRegisters &run,
                                      TileBody body) {
  int64_t most = tile.rows, step = schedule.getSteps()[0];
  int64_t full = run.count / most * most;
  if (full == run.count && run.last != run.pixels)
    full -= most;
  auto emit = [&](int64_t from, int64_t to, const PixelRegisters &pixels) {
    RegisterPlan plan(std::min<int64_t>(most, to - from), tile.vectors);
    e.perPart([&] { registers.configure(e, plan.shapes(pixels, step)); });
    e.parallelLoop(from, to, most,
                   [&](Value first) { body(plan, pixels, first); });
  };
  PixelRegisters alike = run;
  alike.last = run.pixels;
  if (full > 0)
    emit(0, full, alike);
  if (full < run.count)
    emit(full, run.count, run);
}

void MatrixConvEmitter::emitTile(const Chunk &chunk, const RegisterPlan &plan,
                                 const PixelRegisters &run, Value first) {
  Values rows, columns, inputs;
  for (unsigned i = 0; i < plan.pixels; ++i) {
    Value at = e.add(first, i);
    bool isRow = run.perRow >= run.count;
    Value row = isRow ? e.index(0) : e.div(at, run.perRow);
    Value inRow = isRow             ? at
                  : run.perRow == 1 ? e.index(0)
                                    : e.rem(at, run.perRow);
    rows.push_back(row);
    columns.push_back(e.add(e.mul(inRow, run.pixels), run.firstColumn));
    inputs.push_back(
        e.add(sourceStart,
              e.add(e.mul(row, height.stride * sourceRow),
                    e.mul(columns.back(), width.stride * sourceColumn))));
  }
  for (unsigned i = 0; i < plan.pixels * plan.vectors; ++i)
    registers.zero(e, i);
  multiply(chunk, plan, inputs);
  for (unsigned i = 0; i < plan.pixels; ++i)
    for (unsigned j = 0; j < plan.vectors; ++j)
      registers.store(
          e, plan.sums(i, j), sums,
          e.index((i * MatrixUnit::rows * plan.vectors + j) * lanes()),
          plan.vectors * lanes());
  for (unsigned i = 0; i < plan.pixels; ++i)
    storeSums(chunk, plan, i, i + 1 == plan.pixels ? run.last : run.pixels,
              e.add(bandRow, rows[i]), columns[i]);
}

void MatrixConvEmitter::multiply(const Chunk &chunk, const RegisterPlan &plan,
                                 ValueRange inputs) {
  int64_t step = schedule.getSteps()[0];
  e.loop(0, height.kernel, 1, [&](Value kh) {
    e.loop(0, joinsColumns() ? 1 : width.kernel, 1, [&](Value kw) {
      Value window = e.add(e.mul(kh, height.dilation * sourceRow),
                           e.mul(kw, width.dilation * sourceColumn));
      Value right = e.add(e.mul(kh, width.kernel * tap()), e.mul(kw, tap()));
      e.loop(0, wordsInRow(), step, [&](Value k) {
        Values at;
        for (Value input : inputs)
          at.push_back(e.add(e.add(input, window), e.mul(k, op.getStep())));
        multiplyWords(chunk, plan, at, e.add(right, e.mul(k, word())));
      });
    });
  });
}

void MatrixConvEmitter::multiplyWords(const Chunk &chunk,
                                      const RegisterPlan &plan,
                                      ValueRange inputs, Value right) {
  auto loadInputs = [&](unsigned i) {
    registers.load(e, plan.inputs(i), source, inputs[i],
                   width.stride * sourceColumn);
  };
  auto loadWeights = [&](unsigned j) {
    registers.load(e, plan.weights(j), weights, e.add(chunk.weights[j], right),
                   word());
  };
  auto add = [&](unsigned i, unsigned j) {
    registers.multiplyAdd(e, plan.sums(i, j), plan.inputs(i), plan.weights(j),
                          source);
  };
  if (plan.holdsWeights) {
    for (unsigned j = 0; j < plan.vectors; ++j)
      loadWeights(j);
    for (unsigned i = 0; i < plan.pixels; ++i) {
      loadInputs(i);
      for (unsigned j = 0; j < plan.vectors; ++j)
        add(i, j);
    }
    return;
  }
  for (unsigned i = 0; i < plan.pixels; ++i)
    loadInputs(i);
  for (unsigned j = 0; j < plan.vectors; ++j) {
    loadWeights(j);
    for (unsigned i = 0; i < plan.pixels; ++i)
      add(i, j);
  }
}

/// Some pixels at a time, as many vectors as an epilogue takes at once.
void MatrixConvEmitter::storeSums(const Chunk &chunk, const RegisterPlan &plan,
                                  unsigned i, int64_t pixels, Value row,
                                  Value column) {
  constexpr int64_t atOnce = 8;
  int64_t some = std::max<int64_t>(1, atOnce / plan.vectors);
  int64_t pixelSums = plan.vectors * lanes();
  auto store = [&](Value first, int64_t count) {
    Value at = e.add(e.mul(first, pixelSums), i * MatrixUnit::rows * pixelSums);
    storePixels(chunk, at, row, e.add(column, first), count);
  };
  int64_t full = pixels / some * some;
  e.loop(0, full, some, [&](Value first) { store(first, some); });
  if (full < pixels)
    store(e.index(full), pixels - full);
}

void MatrixConvEmitter::storePixels(const Chunk &chunk, Value sumsAt, Value row,
                                    Value column, unsigned pixels) {
  unsigned vectors = chunk.valid.size();
  Values tile;
  for (unsigned p = 0; p < pixels; ++p)
    for (unsigned j = 0; j < vectors; ++j) {
      Value sum =
          e.load(sums, e.add(sumsAt, (p * vectors + j) * lanes()), lanes());
      if (!chunk.correction.empty())
        sum = e.plus(sum, chunk.correction[j]);
      tile.push_back(sum);
    }
  epilogue.storeTile(
      e, tile, pixels, chunk.valid, [&](Value pixel, unsigned j) {
        return Epilogue::Place{{image, row, e.add(column, pixel)},
                               e.add(chunk.channel, j * lanes())};
      });
}

LogicalResult mlc::emitMatrixConv(kernel::ConvOp op, const TargetInfo &target,
                                  RewriterBase &rewriter, Value firstRow) {
  return MatrixConvEmitter(op, target, rewriter, firstRow).run();
}
