//===- LowerRegions.cpp - Sampling of regions -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a sample lies and what it weighs is computed once for all channels,
// which are the innermost loop.
//
//===----------------------------------------------------------------------===//

#include "Conversion/LoopBuilder.h"
#include "Conversion/NNToLinalg.h"
#include "NN/IR/ScalarEmitter.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlc;

namespace {

/// Emits the loops of one nn.roi_align.
class RegionSampler : LoopBuilder {
public:
  RegionSampler(nn::RoiAlignOp op, nn::RoiAlignOp::Adaptor in, OpBuilder &b)
      : LoopBuilder(b, op.getLoc()), op(op), in(in),
        element(op.getType().getElementType()), e(b, op.getLoc(), element) {}

  Value run() {
    ArrayRef<int64_t> shape = op.getType().getShape();
    TensorBuilder t(b, loc);
    Value init = t.filled(shape, t.zero(element));
    return loop(index(0), index(shape[0]), init,
                [&](Value region, ValueRange v) -> SmallVector<Value> {
                  return {sampleRegion(region, v[0])};
                })[0];
  }

private:
  /// A dimension of a region.
  struct Side {
    Value start, bin; ///< in pixels
    Value samples;    ///< index
    int64_t size;     ///< of the image
  };
  /// The two pixels around a sample in one dimension, and what they weigh.
  struct Taps {
    Value place[2], weight[2];
    Value isInside;
  };

  Side sideOf(Value region, unsigned coordinate, int64_t bins, int64_t size) {
    Value scale = e.constant(op.getSpatialScale().convertToDouble());
    auto pixel = [&](unsigned i) {
      Value v = load(in.getRois(), {region, index(i)});
      v = e.mul(v, scale);
      return op.getHalfPixel() ? e.sub(v, e.constant(0.5)) : v;
    };
    Value start = pixel(coordinate);
    Value length = e.sub(pixel(coordinate + 2), start);
    if (!op.getHalfPixel())
      length = e.max(length, e.constant(1));
    Value bin = e.div(length, e.constant(static_cast<double>(bins)));
    if (int64_t ratio = op.getSamplingRatio())
      return {start, bin, index(ratio), size};
    // No more samples than a region of 2^20 pixels has: the data are not
    // trusted.
    Value count = e.max(e.min(bin, e.constant(1 << 20)), e.constant(0));
    count = math::CeilOp::create(b, loc, count);
    count = arith::FPToSIOp::create(b, loc, b.getI64Type(), count);
    return {start, bin,
            arith::IndexCastOp::create(b, loc, b.getIndexType(), count), size};
  }

  Value asFloat(Value i) {
    return arith::SIToFPOp::create(b, loc, element, asI64(i));
  }

  Taps tapsOf(const Side &side, Value bin, Value sample) {
    Value step = e.div(e.mul(e.add(asFloat(sample), e.constant(0.5)), side.bin),
                       asFloat(side.samples));
    Value v = e.add(e.add(side.start, e.mul(asFloat(bin), side.bin)), step);
    Value size = e.constant(static_cast<double>(side.size)),
          last = e.constant(static_cast<double>(side.size - 1));
    Taps taps;
    taps.isInside =
        both(e.greaterOrEqual(v, e.constant(-1)), e.greaterOrEqual(size, v));
    v = e.min(e.max(v, e.constant(0)), last);
    // NaN is inside of nothing, but is an index still.
    v = e.select(taps.isInside, v, e.constant(0));
    Value low = arith::FPToSIOp::create(b, loc, b.getI64Type(), v);
    taps.place[0] = arith::IndexCastOp::create(b, loc, b.getIndexType(), low);
    taps.place[1] = least(add(taps.place[0], index(1)), index(side.size - 1));
    taps.weight[1] = e.sub(v, asFloat(taps.place[0]));
    taps.weight[0] = e.sub(e.constant(1), taps.weight[1]);
    return taps;
  }

  Value sampleRegion(Value region, Value whole) {
    ArrayRef<int64_t> input = nn::shapeOf(op.getInput());
    int64_t height = op.getHeight(), width = op.getWidth();
    Side down = sideOf(region, 1, height, input[1]),
         along = sideOf(region, 0, width, input[2]);
    Value raw = load(in.getImageIndices(), region);
    bool isUnsigned = nn::elementOf(op.getImageIndices()).isUnsignedInteger();
    Value image = TensorBuilder::safeIndex(b, loc, raw, input[0], isUnsigned);
    return loop(
        index(0), index(height), whole,
        [&](Value y, ValueRange v) -> SmallVector<Value> {
          return {loop(index(0), index(width), v,
                       [&](Value x, ValueRange w) -> SmallVector<Value> {
                         Value place[] = {region, y, x};
                         return {sampleBin(place, image, down, along, w[0])};
                       })[0]};
        })[0];
  }

  Value sampleBin(ArrayRef<Value> bin, Value image, const Side &down,
                  const Side &along, Value whole) {
    Value sum =
        loop(index(0), down.samples, whole,
             [&](Value i, ValueRange v) -> SmallVector<Value> {
               Taps rows = tapsOf(down, bin[1], i);
               return {loop(index(0), along.samples, v,
                            [&](Value j, ValueRange w) -> SmallVector<Value> {
                              Taps columns = tapsOf(along, bin[2], j);
                              Value isFirst = both(isEqual(i, index(0)),
                                                   isEqual(j, index(0)));
                              return {addSample(bin, image, rows, columns,
                                                isFirst, w[0])};
                            })[0]};
             })[0];
    if (op.getMax())
      return sum;
    Value count = arith::MulIOp::create(b, loc, down.samples, along.samples);
    count = asFloat(arith::MaxUIOp::create(b, loc, count, index(1)));
    return eachChannel(bin, sum,
                       [&](Value, Value old) { return e.div(old, count); });
  }

  /// The channels of a bin replaced by `body` of channel and value.
  Value eachChannel(ArrayRef<Value> bin, Value whole,
                    llvm::function_ref<Value(Value, Value)> body) {
    return loop(index(0), index(op.getType().getShape()[3]), whole,
                [&](Value channel, ValueRange v) -> SmallVector<Value> {
                  Value at[] = {bin[0], bin[1], bin[2], channel};
                  return {store(body(channel, load(v[0], at)), v[0], at)};
                })[0];
  }

  Value addSample(ArrayRef<Value> bin, Value image, const Taps &rows,
                  const Taps &columns, Value isFirst, Value whole) {
    Value isInside = both(rows.isInside, columns.isInside);
    Value weights[2][2];
    for (int i : {0, 1})
      for (int j : {0, 1})
        weights[i][j] = e.select(
            isInside, e.mul(rows.weight[i], columns.weight[j]), e.constant(0));
    return eachChannel(bin, whole, [&](Value channel, Value old) -> Value {
      Value all;
      for (int i : {0, 1})
        for (int j : {0, 1}) {
          Value pixel = load(in.getInput(),
                             {image, rows.place[i], columns.place[j], channel});
          Value part = e.mul(weights[i][j], pixel);
          if (!all)
            all = part;
          else
            all = op.getMax() ? e.max(all, part) : e.add(all, part);
        }
      if (!op.getMax())
        return e.add(old, all);
      return e.select(isFirst, all, e.max(old, all));
    });
  }

  nn::RoiAlignOp op;
  nn::RoiAlignOp::Adaptor in;
  Type element;
  nn::ScalarEmitter e;
};

} // namespace

void mlc::populateRegionsLowering(SignlessConverter &types,
                                  RewritePatternSet &patterns) {
  patterns.add<LowerByLoops<nn::RoiAlignOp, RegionSampler>>(
      types, patterns.getContext());
}
