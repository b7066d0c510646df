//===- LowerBounded.cpp - Results of as many rows as the data say ---------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is found goes behind what was found before, always: what is not wanted
// is overwritten by the next, or lies behind the count in the end. A row more
// than the bound takes what is beyond it.
//
//===----------------------------------------------------------------------===//

#include "Conversion/LoopBuilder.h"
#include "Conversion/NNToLinalg.h"
#include "NN/IR/ScalarEmitter.h"

using namespace mlir;
using namespace mlc;

namespace {

/// The first `bound` rows of `rows`, with `fill` from `count` (an index) on.
Value cutRows(TensorBuilder &t, Value rows, Value count, int64_t bound,
              int64_t fill) {
  SmallVector<int64_t> shape(nn::shapeOf(rows)), starts(shape.size(), 0);
  shape[0] = bound;
  Type i64 = t.b.getI64Type();
  SmallVector<int64_t> along(shape.size(), 1);
  along[0] = bound;
  Value places = t.generate(
      along, i64, [&](OpBuilder &b, Location loc, ValueRange at) -> Value {
        return arith::IndexCastOp::create(b, loc, i64, at[0]);
      });
  Value limit = arith::IndexCastOp::create(t.b, t.loc, i64, count);
  limit = tensor::FromElementsOp::create(t.b, t.loc,
                                         RankedTensorType::get({}, i64), limit);
  return t.map({t.slice(rows, starts, shape), places, limit}, shape, i64,
               [&](OpBuilder &b, Location loc, ValueRange x) -> Value {
                 Value isFound = arith::CmpIOp::create(
                     b, loc, arith::CmpIPredicate::slt, x[1], x[2]);
                 Value other = arith::ConstantIntOp::create(b, loc, i64, fill);
                 return arith::SelectOp::create(b, loc, isFound, x[0], other);
               });
}

Value countTensor(LoopBuilder &l, Value count) {
  return tensor::FromElementsOp::create(
      l.b, l.loc, RankedTensorType::get({}, l.b.getI64Type()), l.asI64(count));
}

struct LowerCompact : OpConversionPattern<nn::CompactOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(nn::CompactOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoopBuilder l(rewriter, op.getLoc());
    TensorBuilder t(rewriter, op.getLoc());
    int64_t size = nn::shapeOf(op.getMask())[0],
            bound = nn::shapeOf(op.getPlaces())[0];
    Value end = l.index(bound);
    ResultRange found = l.loop(
        l.index(0), l.index(size), {l.zeros({bound + 1}), l.index(0)},
        [&](Value i, ValueRange v) -> SmallVector<Value> {
          Value flag = l.asIndex(l.load(adaptor.getMask(), i));
          return {l.storeIndex(i, v[0], v[1]), l.least(l.add(v[1], flag), end)};
        });
    rewriter.replaceOp(op, {cutRows(t, found[0], found[1], bound, 0),
                            countTensor(l, found[1])});
    return success();
  }
};

/// Emits the loops of one nn.nms.
class Suppression : LoopBuilder {
public:
  Suppression(nn::NmsOp op, nn::NmsOp::Adaptor in, OpBuilder &b)
      : LoopBuilder(b, op.getLoc()), op(op), in(in),
        e(b, op.getLoc(), nn::elementOf(op.getBoxes())),
        images(nn::shapeOf(op.getScores())[0]),
        classes(nn::shapeOf(op.getScores())[1]),
        size(nn::shapeOf(op.getScores())[2]),
        bound(nn::shapeOf(op.getSelected())[0]) {
    TensorBuilder t(b, loc);
    boxCount =
        in.getBoxCount() ? t.boundedIndex(in.getBoxCount(), size) : index(size);
    most = t.boundedIndex(in.getMaxOutput(), size);
    iouThreshold = load(in.getIouThreshold(), {});
    if (in.getScoreThreshold())
      scoreThreshold = load(in.getScoreThreshold(), {});
  }

  SmallVector<Value> run() {
    // Selected rows, how many these are, and candidates.
    SmallVector<Value> inits = {zeros({bound + 1, 3}), index(0), zeros({size})};
    ResultRange all =
        loop(index(0), index(images), inits,
             [&](Value image, ValueRange v) -> SmallVector<Value> {
               ResultRange some =
                   loop(index(0), index(classes), v,
                        [&](Value group, ValueRange w) -> SmallVector<Value> {
                          return selectFrom(image, group, w);
                        });
               return SmallVector<Value>(some.begin(), some.end());
             });
    TensorBuilder t(b, loc);
    return {cutRows(t, all[0], all[1], bound, -1), countTensor(*this, all[1])};
  }

private:
  struct Box {
    Value y1, x1, y2, x2, area;
  };

  /// Of one class: its candidates, and the best of them while any is left.
  SmallVector<Value> selectFrom(Value image, Value group, ValueRange v) {
    ResultRange left = collect(image, group, v[2]);
    SmallVector<Value> inits = {v[0], v[1], left[0], left[1], left[3]};
    ResultRange done = loop(
        index(0), most, inits, [&](Value, ValueRange w) -> SmallVector<Value> {
          Value best = w[4], rows = w[0];
          Value row[3] = {image, group, best};
          for (int i = 0; i < 3; ++i)
            rows = storeIndex(row[i], rows, {w[1], index(i)});
          Value isFound = asIndex(isLess(index(0), w[3]));
          ResultRange rest = suppress(image, group, best, w[2], w[3]);
          return {rows, least(add(w[1], isFound), index(bound)), rest[0],
                  rest[1], rest[3]};
        });
    return {done[0], done[1], done[2]};
  }

  /// The boxes that take part, in order: (list, how many, best score, best).
  ResultRange collect(Value image, Value group, Value list) {
    SmallVector<Value> inits = {list, index(0), e.constant(0), index(0)};
    return loop(index(0), boxCount, inits,
                [&](Value i, ValueRange v) -> SmallVector<Value> {
                  Value score = load(in.getScores(), {image, group, i});
                  Value stays = scoreThreshold
                                    ? e.greater(score, scoreThreshold)
                                    : e.equal(score, score);
                  return keep(i, score, stays, v);
                });
  }

  /// The candidates that `best` leaves, as collect gives them.
  ResultRange suppress(Value image, Value group, Value best, Value list,
                       Value count) {
    Box winner = boxAt(image, best);
    SmallVector<Value> inits = {list, index(0), e.constant(0), index(0)};
    return loop(index(0), count, inits,
                [&](Value place, ValueRange v) -> SmallVector<Value> {
                  Value i = loadIndex(v[0], place);
                  Value score = load(in.getScores(), {image, group, i});
                  Value isOut = either(isEqual(i, best),
                                       overlaps(winner, boxAt(image, i)));
                  return keep(i, score, negation(isOut), v);
                });
  }

  /// Box `i` behind the list where it `stays`; of equal scores the first wins.
  SmallVector<Value> keep(Value i, Value score, Value stays, ValueRange v) {
    Value isFirst = isEqual(v[1], index(0));
    Value isBest = both(stays, either(isFirst, e.greater(score, v[2])));
    return {storeIndex(i, v[0], v[1]), add(v[1], asIndex(stays)),
            choose(isBest, score, v[2]), choose(isBest, i, v[3])};
  }

  Box boxAt(Value image, Value i) {
    Value c[4];
    for (int k = 0; k < 4; ++k)
      c[k] = load(in.getBoxes(), {image, i, index(k)});
    Box box;
    if (op.getCenterPoint()) {
      Value halfWidth = e.div(c[2], e.constant(2)),
            halfHeight = e.div(c[3], e.constant(2));
      box = {e.sub(c[1], halfHeight),
             e.sub(c[0], halfWidth),
             e.add(c[1], halfHeight),
             e.add(c[0], halfWidth),
             {}};
    } else {
      box = {e.min(c[0], c[2]),
             e.min(c[1], c[3]),
             e.max(c[0], c[2]),
             e.max(c[1], c[3]),
             {}};
    }
    box.area = e.mul(e.sub(box.x2, box.x1), e.sub(box.y2, box.y1));
    return box;
  }

  /// Whether intersection over union passes the threshold. Nothing overlaps a
  /// box without area.
  Value overlaps(const Box &p, const Box &q) {
    Value zero = e.constant(0);
    Value width = e.sub(e.min(p.x2, q.x2), e.max(p.x1, q.x1)),
          height = e.sub(e.min(p.y2, q.y2), e.max(p.y1, q.y1));
    Value common = e.mul(width, height);
    Value all = e.sub(e.add(p.area, q.area), common);
    Value isMore = e.greater(e.div(common, all), iouThreshold);
    for (Value positive : {width, height, common, p.area, q.area, all})
      isMore = both(isMore, e.greater(positive, zero));
    return isMore;
  }

  nn::NmsOp op;
  nn::NmsOp::Adaptor in;
  nn::ScalarEmitter e;
  int64_t images, classes, size, bound;
  Value boxCount, most, iouThreshold, scoreThreshold;
};

} // namespace

void mlc::populateBoundedLowering(SignlessConverter &types,
                                  RewritePatternSet &patterns) {
  patterns.add<LowerCompact, LowerByLoops<nn::NmsOp, Suppression>>(
      types, patterns.getContext());
}
