//===- DepthwiseQuads.cpp - depthwise convolution of bytes in quads -------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Four neighbouring pixels, a vector of bytes each, interleave to four vectors
// whose lanes are quads: of a channel the bytes of four columns, which a byte
// unit multiplies by four columns of the window. Where windows move by one, a
// quad serves all windows of the tile that it reaches into, against weights
// that are shifted as far. Padding is read as the zero point, so that what zero
// points add is the same for every window.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/ByteProduct.h"
#include "CodeGen/ConvOperands.h"
#include "CodeGen/Emitters.h"
#include "CodeGen/Tile.h"
#include "Kernel/IR/Pack.h"
#include "Schedule/KernelSchedule.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <map>

using namespace mlir;
using namespace mlc;

namespace {

constexpr int64_t quad = ByteProduct::quad;

class DepthwiseQuadsEmitter {
public:
  DepthwiseQuadsEmitter(kernel::DepthwiseOp op, const TargetInfo &target,
                        RewriterBase &rewriter)
      : op(op), schedule(kernel::scheduleOf(op)),
        e(rewriter, op.getLoc(), target),
        product(target, op.getInputUnsigned()) {}

  LogicalResult run();

private:
  /// Output pixels at (oh, ow) + [0, rows.rows) x [0, columns.rows), `valid`
  /// channels from `channel` on, in vectors of `bytes`.
  struct Tile {
    PixelRun rows, columns;
    Value n, oh, ow, channel;
    int64_t valid, bytes;
  };

  LogicalResult initialize();
  void emitTiles(Value n);
  void emitChannels(Tile tile);
  void emitTile(const Tile &tile);
  void addInputRow(const Tile &tile, int64_t inRow, Values &sums);
  void addQuad(const Tile &tile, const Values &quads, int64_t firstTap,
               int64_t kh, Value *sums);
  Values quadsAt(const Tile &tile, int64_t inRow, bool isInside, int64_t column,
                 int64_t columns);
  Value pixel(const Tile &tile, int64_t inRow, int64_t column);
  Value weightsAt(const Tile &tile, int64_t row, int64_t quadOfRow, int64_t v);
  Value shiftedWeights(const Tile &tile, int64_t kh, int64_t firstTap,
                       int64_t v);
  Value zeroBytes(int64_t count) const;
  void storeTile(const Tile &tile, ValueRange sums);
  /// Where the window of output column `o` of a tile begins, among the columns
  /// that the tile reads.
  int64_t startOf(int64_t o) const { return o * width.stride; }
  bool sharesQuads() const { return width.stride == 1 && width.dilation == 1; }

  kernel::DepthwiseOp op;
  kernel::ScheduleAttr schedule;
  Emitter e;
  ByteProduct product;
  View in, weights, out;
  Epilogue epilogue;
  Window height, width;
  int64_t zeroPoint, storedZero;
};

} // namespace

LogicalResult DepthwiseQuadsEmitter::initialize() {
  FailureOr<ConvOperands> operands =
      ConvOperands::create(e, op, op.getInputUnsigned(), false);
  if (failed(operands) ||
      !operands->weights.isContiguous(0, operands->weights.sizes.size() - 1))
    return failure();
  in = operands->in;
  weights = operands->weights;
  out = operands->out;
  epilogue = operands->epilogue;
  height = {in.sizes[1],        out.sizes[1],         op.getKernelHeight(),
            op.getStrides()[0], op.getDilations()[0], op.getPads()[0]};
  width = {in.sizes[2],        out.sizes[2],         op.getKernelWidth(),
           op.getStrides()[1], op.getDilations()[1], op.getPads()[1]};
  storedZero = kernel::zeroPointOf(op.getInputZeroPoint());
  zeroPoint = storedZero + product.shift();
  return success();
}

LogicalResult DepthwiseQuadsEmitter::run() {
  if (failed(initialize()))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1, and "
            "packed weights contiguous");
  int64_t lanes = schedule.getLanes();
  if (!schedule.getTile() || lanes < ByteProduct::leastLanes || lanes > 16 ||
      !llvm::isPowerOf2_64(lanes))
    return e.builder.notifyMatchFailure(
        op, "weights in quads need a tile and vectors of 4, 8 or 16 lanes");
  e.parallelLoop(0, in.sizes[0], 1, [&](Value n) { emitTiles(n); });
  e.builder.eraseOp(op);
  return success();
}

void DepthwiseQuadsEmitter::emitTiles(Value n) {
  for (PixelRun rows : coverApart(height, schedule.getTile()[0]))
    e.parallelLoop(
        rows.start, rows.start + rows.count * rows.rows, rows.rows,
        [&](Value oh) {
          for (PixelRun columns : coverApart(width, schedule.getTile()[1]))
            e.parallelLoop(columns.start,
                           columns.start + columns.count * columns.rows,
                           columns.rows, [&](Value ow) {
                             emitChannels({rows, columns, n, oh, ow, {}, 0, 0});
                           });
        });
}

/// Full vectors of bytes in a loop, then narrower ones, none of which lies in
/// two blocks.
void DepthwiseQuadsEmitter::emitChannels(Tile tile) {
  constexpr int64_t least = quad * ByteProduct::leastLanes;
  int64_t channels = in.sizes[3], done = 0;
  for (int64_t bytes = quad * schedule.getLanes(); bytes >= least; bytes /= 2) {
    int64_t to = done + (channels - done) / bytes * bytes;
    tile.bytes = tile.valid = bytes;
    e.loop(done, to, bytes, [&](Value channel) {
      tile.channel = channel;
      emitTile(tile);
    });
    done = to;
  }
  if (done == channels)
    return;
  tile.channel = e.index(done);
  tile.bytes = least;
  tile.valid = channels - done;
  emitTile(tile);
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Vector `v` of the quads of a row of the window, or of the sums behind.
Value DepthwiseQuadsEmitter::weightsAt(const Tile &tile, int64_t row,
                                       int64_t quadOfRow, int64_t v) {
  constexpr int64_t block = kernel::PackedWeights::depthwiseBlock;
  Value at = e.mul(e.div(tile.channel, block), weights.strides[0]);
  // Of 16 channels a vector has four lanes, that is 16 bytes.
  at = e.add(at, e.rem(tile.channel, block));
  int64_t offset = row * weights.strides[1] + quadOfRow * weights.strides[2] +
                   v * weights.strides[3];
  return e.load(weights, e.add(at, offset), tile.bytes);
}

/// The columns [firstTap, firstTap + 4) of a row of the window, zeros where
/// there are none.
Value DepthwiseQuadsEmitter::shiftedWeights(const Tile &tile, int64_t kh,
                                            int64_t firstTap, int64_t v) {
  Type dwords = e.vectorOf(e.builder.getI32Type(), tile.bytes / quad);
  auto load = [&](int64_t quadOfRow) {
    return e.bitcast(weightsAt(tile, kh, quadOfRow, v), 32);
  };
  auto bits = [&](int64_t taps) { return e.constant(dwords, 8 * taps); };
  Value result;
  if (firstTap < 0) {
    result = arith::ShLIOp::create(e.builder, e.loc, load(0), bits(-firstTap));
  } else {
    int64_t first = firstTap / quad, shift = firstTap % quad;
    if (shift == 0)
      return weightsAt(tile, kh, first, v);
    result = arith::ShRUIOp::create(e.builder, e.loc, load(first), bits(shift));
    if ((first + 1) * quad < width.kernel)
      result = arith::OrIOp::create(e.builder, e.loc, result,
                                    arith::ShLIOp::create(e.builder, e.loc,
                                                          load(first + 1),
                                                          bits(quad - shift)));
  }
  return e.bitcast(result, 8);
}

//===----------------------------------------------------------------------===//
// Pixels
//===----------------------------------------------------------------------===//

Value DepthwiseQuadsEmitter::zeroBytes(int64_t count) const {
  auto type = VectorType::get({count}, e.builder.getI8Type());
  auto bytes = DenseElementsAttr::get(
      type, APInt(64, storedZero, /*isSigned=*/true).trunc(8));
  return arith::ConstantOp::create(e.builder, e.loc, bytes);
}

/// A vector of channels at row `inRow` and column `column` of what the tile
/// reads: inside of the image.
Value DepthwiseQuadsEmitter::pixel(const Tile &tile, int64_t inRow,
                                   int64_t column) {
  Value at = e.add(e.mul(tile.n, in.strides[0]), tile.channel);
  at = e.add(at, e.mul(tile.oh, height.stride * in.strides[1]));
  at = e.add(at, e.mul(tile.ow, width.stride * in.strides[2]));
  at = e.add(at, (inRow - height.padBegin) * in.strides[1] +
                     (column - width.padBegin) * in.strides[2]);
  Value bytes = e.load(in, at, tile.valid);
  if (tile.valid == tile.bytes)
    return bytes;
  return e.insert(bytes, zeroBytes(tile.bytes));
}

/// Elements of `bits` bits of a and b in turns, of the low or high half of each
/// 128 bits.
static Value interleave(Emitter &e, Value a, Value b, unsigned bits,
                        bool isHigh) {
  a = e.bitcast(a, bits);
  b = e.bitcast(b, bits);
  int64_t lanes = lanesOf(a), part = 128 / bits;
  SmallVector<int64_t> order;
  for (int64_t from = 0; from < lanes; from += part)
    for (int64_t i = 0; i < part / 2; ++i) {
      int64_t at = from + (isHigh ? part / 2 : 0) + i;
      order.append({at, lanes + at});
    }
  return e.bitcast(vector::ShuffleOp::create(e.builder, e.loc, a, b, order), 8);
}

/// Four vectors of quads of the columns from `column` on, of which `columns`
/// are needed; they are `width.dilation` apart.
Values DepthwiseQuadsEmitter::quadsAt(const Tile &tile, int64_t inRow,
                                      bool isInside, int64_t column,
                                      int64_t columns) {
  Value pixels[quad];
  bool isAnyInside = false;
  for (int64_t i = 0; i < quad; ++i) {
    int64_t at = column + std::min(i, columns - 1) * width.dilation;
    int64_t inImage = tile.columns.start * width.stride - width.padBegin + at;
    bool isThere = isInside && inImage >= 0 && inImage < width.extent;
    isAnyInside |= isThere;
    pixels[i] = i > 0 && i >= columns ? pixels[i - 1]
                : isThere             ? pixel(tile, inRow, at)
                                      : zeroBytes(tile.bytes);
  }
  // Nothing but zero points: what they add is the same everywhere.
  if (!isAnyInside && zeroPoint == 0)
    return {};
  Values result;
  for (bool half : {false, true}) {
    Value first = interleave(e, pixels[0], pixels[1], 8, half);
    Value second = interleave(e, pixels[2], pixels[3], 8, half);
    result.push_back(interleave(e, first, second, 16, false));
    result.push_back(interleave(e, first, second, 16, true));
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Adds quads of pixels, the first of which is column `firstTap` of the window.
void DepthwiseQuadsEmitter::addQuad(const Tile &tile, const Values &quads,
                                    int64_t firstTap, int64_t kh, Value *sums) {
  if (firstTap <= -quad || firstTap >= width.kernel || quads.empty())
    return;
  for (int64_t v = 0; v < quad; ++v) {
    Value w = shiftedWeights(tile, kh, firstTap, v);
    sums[v] = product.multiplyAdd(e, product.spread(e, quads[v]),
                                  product.weights(e, w), sums[v]);
  }
}

/// What row `inRow` of those that the tile reads adds to all its windows.
void DepthwiseQuadsEmitter::addInputRow(const Tile &tile, int64_t inRow,
                                        Values &sums) {
  int64_t inImage = tile.rows.start * height.stride - height.padBegin + inRow;
  bool isInside = inImage >= 0 && inImage < height.extent;
  int64_t count = tile.columns.rows, taps = width.kernel;
  std::map<int64_t, Values> made;
  auto quadsOf = [&](int64_t column, int64_t columns) -> const Values & {
    auto [found, isNew] = made.try_emplace(column);
    if (isNew)
      found->second = quadsAt(tile, inRow, isInside, column, columns);
    return found->second;
  };
  int64_t span = startOf(count - 1) + taps;
  for (int64_t r = 0; r < tile.rows.rows; ++r) {
    int64_t distance = inRow - r * height.stride;
    int64_t kh = distance / height.dilation;
    if (distance < 0 || distance % height.dilation || kh >= height.kernel)
      continue;
    for (int64_t o = 0; o < count; ++o) {
      Value *own = &sums[(r * count + o) * quad];
      if (sharesQuads())
        for (int64_t column = 0; column < span; column += quad)
          addQuad(tile, quadsOf(column, span - column), column - o, kh, own);
      else
        for (int64_t tap = 0; tap < taps; tap += quad)
          addQuad(tile, quadsOf(startOf(o) + tap * width.dilation, taps - tap),
                  tap, kh, own);
    }
  }
}

void DepthwiseQuadsEmitter::emitTile(const Tile &tile) {
  Type i32 = e.vectorOf(e.builder.getI32Type(), tile.bytes / quad);
  Values starts;
  for (int64_t v = 0; v < quad; ++v) {
    Value start = e.constant(i32, 0);
    if (zeroPoint != 0) {
      Value sum = e.bitcast(weightsAt(tile, height.kernel, 0, v), 32);
      start = e.times(sum, e.constant(i32, -zeroPoint));
    }
    starts.push_back(product.accumulators(e, start));
  }
  Values sums;
  for (int64_t i = 0; i < tile.rows.rows * tile.columns.rows; ++i)
    llvm::append_range(sums, starts);
  int64_t reach = (tile.rows.rows - 1) * height.stride +
                  (height.kernel - 1) * height.dilation;
  for (int64_t inRow = 0; inRow <= reach; ++inRow)
    addInputRow(tile, inRow, sums);
  for (Value &sum : sums)
    sum = product.sums(e, sum);
  storeTile(tile, sums);
}

/// Four vectors of sums as the channels follow each other.
static Values inOrder(Emitter &e, ValueRange sums) {
  int64_t lanes = lanesOf(sums[0]);
  if (lanes == quad)
    return Values(sums);
  SmallVector<int64_t> whole =
      llvm::to_vector(llvm::seq<int64_t>(0, 2 * lanes));
  Value low =
      vector::ShuffleOp::create(e.builder, e.loc, sums[0], sums[1], whole);
  Value high =
      vector::ShuffleOp::create(e.builder, e.loc, sums[2], sums[3], whole);
  Values result;
  for (int64_t part = 0; part < quad; ++part) {
    SmallVector<int64_t> order;
    for (int64_t at = 0; at < lanes; ++at) {
      int64_t channel = part * lanes + at;
      int64_t i = channel / 16, v = channel % 16 / quad, j = channel % quad;
      order.push_back(v * lanes + quad * i + j);
    }
    result.push_back(
        vector::ShuffleOp::create(e.builder, e.loc, low, high, order));
  }
  return result;
}

void DepthwiseQuadsEmitter::storeTile(const Tile &tile, ValueRange sums) {
  int64_t lanes = tile.bytes / quad;
  for (int64_t i = 0; i < tile.rows.rows * tile.columns.rows; ++i) {
    Values ordered = inOrder(e, sums.slice(i * quad, quad));
    Values position = {tile.n, e.add(tile.oh, i / tile.columns.rows),
                       e.add(tile.ow, i % tile.columns.rows)};
    auto place = [&](int64_t v) {
      return Epilogue::Place{position, e.add(tile.channel, v * lanes)};
    };
    if (tile.valid == tile.bytes) {
      SmallVector<Epilogue::Place> places;
      for (int64_t v = 0; v < quad; ++v)
        places.push_back(place(v));
      epilogue.store(e, ordered, places, lanes, quad);
      continue;
    }
    for (int64_t v = 0; v * lanes < tile.valid; ++v)
      epilogue.store(e, ordered[v], place(v),
                     std::min(lanes, tile.valid - v * lanes));
  }
}

LogicalResult mlc::emitDepthwiseQuads(kernel::DepthwiseOp op,
                                      const TargetInfo &target,
                                      RewriterBase &rewriter) {
  return DepthwiseQuadsEmitter(op, target, rewriter).run();
}
