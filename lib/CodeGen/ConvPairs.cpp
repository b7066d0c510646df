//===- ConvPairs.cpp - convolution by weights in pairs --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A step takes a pool of 16 input channels: of each pixel one load and one
// shuffle put them in the order of the block's pairs (Kernel/IR/Pairs.h), of
// which four quads are multiplied. Then come the extra quads of this element of
// the window, as many as the block has there.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/ConvEmitter.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlc;

using kernel::PairRows;

LogicalResult ConvEmitter::checkPairs() {
  if (!e.target.triple.isX86() || !e.target.bytePairs ||
      e.target.byteUnit == ByteUnit::widen)
    return e.builder.notifyMatchFailure(
        op, "weights in pairs need pmaddubsw and pshufb");
  int64_t inBlock = block / lanes, at = loopedChunks() * schedule.getTile()[1];
  bool isWithin = at == 0 || inBlock % schedule.getTile()[1] == 0;
  for (GemmTile tile : restTilesOf(schedule)) {
    isWithin &= at % inBlock + tile.vectors <= inBlock;
    at += tile.vectors;
  }
  if (isWithin && f.left.strides[3] == 1)
    return success();
  return e.builder.notifyMatchFailure(
      op, "weights in pairs need channels side by side, and tiles within their "
          "blocks");
}

/// An i32 of the tables, as an index.
static Value tableEntry(Emitter &e, const View &weights, Value at) {
  Value number = vector::ExtractOp::create(
      e.builder, e.loc, e.bitcast(e.load(weights, at, 4), 32),
      ArrayRef<int64_t>{0});
  return arith::IndexCastOp::create(e.builder, e.loc, e.builder.getIndexType(),
                                    number);
}

void ConvEmitter::addPairs(const Reduction &r, Values &sums) {
  PairRows rows = op.getPairRows();
  Value left = e.add(r.left, r.leftOffset);
  Value right = e.add(r.right, r.rightOffset);
  Value table = e.add(tableRow, r.rightOffset);
  Value orders = e.add(table, rows.ordersAt());
  int64_t full = rows.channels / PairRows::pool;
  int64_t step = PairRows::pool / PairRows::quad * stepSize();
  auto add = [&](Value p, Value start, int64_t quads, Values carried) {
    Value order = e.load(f.right, e.add(orders, e.mul(p, PairRows::pool)),
                         PairRows::pool);
    addPool(r, e.add(left, start), e.add(right, e.mul(p, step)), order, quads,
            carried);
    return carried;
  };
  sums = e.loop(e.index(0), e.index(full), 1, sums,
                [&](Value p, ValueRange carried) {
                  fetchAhead(e, f.right, r.ahead, e.add(right, e.mul(p, step)),
                             {PairRows::pool / PairRows::quad, stepSize()},
                             columns->offsets);
                  return add(p, e.mul(p, PairRows::pool), PairRows::quad,
                             Values(carried));
                });
  if (full < rows.pools())
    sums = add(e.index(full), e.index(rows.poolStart(full)),
               rows.poolQuads(full), sums);
  if (rows.extras)
    sums = addExtras(r, e.add(right, rows.quads() * stepSize()), table, sums);
}

/// The first `quads` quads of 16 channels from `left` on, in `order`.
void ConvEmitter::addPool(const Reduction &r, Value left, Value right,
                          Value order, int64_t quads, Values &sums) {
  const ByteProduct &product = *bytes;
  Value orders = product.repeat(e, order, columns->lanes);
  Values pools;
  for (unsigned p = r.first; p < r.last; ++p) {
    Value at = e.add(left, p * r.pixelStride);
    pools.push_back(
        product.shuffle(e, e.load(f.left, at, PairRows::pool), orders));
  }
  for (int64_t u = 0; u < quads; ++u) {
    Values loaded;
    for (unsigned j = 0; j < columns->count(); ++j)
      loaded.push_back(
          e.load(f.right, e.add(right, u * stepSize() + columns->offsets[j]),
                 columns->width(j) * ByteProduct::quad));
    for (unsigned p = r.first; p < r.last; ++p) {
      Value x = product.quadOf(e, pools[p - r.first], u);
      for (unsigned j = 0; j < columns->count(); ++j) {
        Value &sum = sums[p * columns->count() + j];
        sum = product.multiplyAddPairs(e, x, loaded[j], sum);
      }
    }
  }
}

Values ConvEmitter::addExtras(const Reduction &r, Value right, Value table,
                              Values sums) {
  PairRows rows = op.getPairRows();
  Value count = tableEntry(e, f.right, e.add(table, rows.countAt()));
  return e.loop(e.index(0), count, 1, sums, [&](Value i, ValueRange carried) {
    Values result(carried);
    Value start = tableEntry(
        e, f.right,
        e.add(e.add(table, rows.startsAt()), e.mul(i, PairRows::quad)));
    Value order = e.load(
        f.right,
        e.add(e.add(table, rows.extraOrdersAt()), e.mul(i, PairRows::pool)),
        PairRows::pool);
    addPool(r, e.add(e.add(r.left, r.leftOffset), start),
            e.add(right, e.mul(i, stepSize())), order, /*quads=*/1, result);
    return result;
  });
}
