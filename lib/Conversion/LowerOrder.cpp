//===- LowerOrder.cpp - Sorted orders -------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both algorithms are stable, so equal elements stay in the order of their
// indices, and both choose by selects, not by branches. A few of many are kept
// in a sorted list, which most elements do not enter; otherwise runs of indices
// are merged.
//
//===----------------------------------------------------------------------===//

#include "Conversion/LoopBuilder.h"
#include "Conversion/NNToLinalg.h"
#include "NN/IR/ScalarEmitter.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlc;

namespace {

/// The most elements that are kept in a list: with them the worst order of the
/// data, in which every element enters, costs about as much as merging.
constexpr int64_t kLongestList = 16;

/// Emits the loops for the rows of a matrix.
class RowSorter : LoopBuilder {
public:
  RowSorter(nn::OrderOp op, Value rows, OpBuilder &b)
      : LoopBuilder(b, op.getLoc()), op(op),
        element(op.getInput().getType().getElementType()), rows(rows),
        size(nn::shapeOf(rows)[1]), count(op.getCount()) {}

  /// [rows, count], i64.
  Value run() {
    Value result = zeros({nn::shapeOf(rows)[0], count});
    if (count <= kLongestList)
      return loop(index(0), index(nn::shapeOf(rows)[0]), result,
                  [&](Value row, ValueRange v) -> SmallVector<Value> {
                    return {select(row, v[0])};
                  })[0];
    // The scratch of all rows is the same.
    SmallVector<Value> inits = {result, zeros({size}), zeros({size})};
    return loop(index(0), index(nn::shapeOf(rows)[0]), inits,
                [&](Value row, ValueRange v) { return merge(row, v); })[0];
  }

private:
  /// Whether x has to come before y, which are not the same element.
  Value comesBefore(Value x, Value y) {
    Value first = op.getDescending() ? x : y,
          second = op.getDescending() ? y : x;
    if (!isa<FloatType>(element))
      return nn::ScalarEmitter(b, loc, element).greater(first, second);
    // first > second, where NaN is larger than all but NaN.
    using P = arith::CmpFPredicate;
    Value isNumber = arith::CmpFOp::create(b, loc, P::ORD, second, second);
    Value isMore = arith::CmpFOp::create(b, loc, P::UGT, first, second);
    return both(isNumber, isMore);
  }

  /// A sorted list of `count` indices, in its place in the result.
  Value select(Value row, Value result) {
    Value last = index(count - 1);
    return loop(index(0), index(size), result,
                [&](Value i, ValueRange v) -> SmallVector<Value> {
                  Value own = load(rows, {row, i});
                  Value isShort = isLess(i, index(count));
                  Value worst = load(rows, {row, loadIndex(v[0], {row, last})});
                  Value enters = either(isShort, comesBefore(own, worst));
                  Value steps = choose(enters, index(count), index(0));
                  return {insert(row, i, own, v[0], steps)};
                })[0];
  }

  /// Puts element `i`, of value `own`, in its place in the list; those that it
  /// comes before move on by one.
  Value insert(Value row, Value i, Value own, Value list, Value steps) {
    return loop(index(0), steps, {list, i},
                [&](Value place, ValueRange v) -> SmallVector<Value> {
                  Value other = loadIndex(v[0], {row, place});
                  // The list has i elements so far.
                  Value isFree = negation(isLess(place, i));
                  Value wins = either(
                      isFree, comesBefore(own, load(rows, {row, other})));
                  Value stays = choose(wins, v[1], other);
                  return {storeIndex(stays, v[0], {row, place}),
                          choose(wins, other, v[1])};
                })[0];
  }

  /// Of (result, order, scratch): sorts a row's indices in `order` and copies
  /// what is wanted.
  SmallVector<Value> merge(Value row, ValueRange v) {
    Value end = index(size), one = index(1);
    Value order = loop(index(0), end, v[1],
                       [&](Value i, ValueRange o) -> SmallVector<Value> {
                         return {storeIndex(i, o[0], i)};
                       })[0];
    // Runs of 1, 4, 16, ...: there and back, so that each buffer keeps its
    // role.
    int64_t passes = llvm::divideCeil(llvm::Log2_64_Ceil(size), 2);
    ResultRange sorted = loop(index(0), index(passes), {order, v[2], one},
                              [&](Value, ValueRange p) -> SmallVector<Value> {
                                Value twice = add(p[2], p[2]);
                                Value there = mergeRuns(row, p[0], p[1], p[2]);
                                Value back = mergeRuns(row, there, p[0], twice);
                                return {back, there, add(twice, twice)};
                              });
    Value result = loop(index(0), index(count), v[0],
                        [&](Value i, ValueRange r) -> SmallVector<Value> {
                          return {store(load(sorted[0], i), r[0], {row, i})};
                        })[0];
    return {result, sorted[0], sorted[1]};
  }

  /// Pairs of sorted runs of `width` indices in `from`, merged into `to`.
  Value mergeRuns(Value row, Value from, Value to, Value width) {
    Value end = index(size), last = index(size - 1);
    return loop(index(0), end, add(width, width), to,
                [&](Value start, ValueRange v) -> SmallVector<Value> {
                  Value middle = least(add(start, width), end);
                  Value stop = least(add(middle, width), end);
                  ResultRange merged = loop(
                      start, stop, {v[0], start, middle},
                      [&](Value place, ValueRange m) -> SmallVector<Value> {
                        Value left = loadIndex(from, least(m[1], last));
                        Value right = loadIndex(from, least(m[2], last));
                        Value goesFirst = comesBefore(load(rows, {row, right}),
                                                      load(rows, {row, left}));
                        Value isRight = both(
                            isLess(m[2], stop),
                            either(negation(isLess(m[1], middle)), goesFirst));
                        Value taken = choose(isRight, right, left);
                        return {storeIndex(taken, m[0], place),
                                add(m[1], asIndex(negation(isRight))),
                                add(m[2], asIndex(isRight))};
                      });
                  return {merged[0]};
                })[0];
  }

  nn::OrderOp op;
  Type element;
  Value rows;
  int64_t size, count;
};

struct LowerOrder : OpConversionPattern<nn::OrderOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(nn::OrderOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    ArrayRef<int64_t> from = nn::shapeOf(op.getInput()),
                      to = op.getType().getShape();
    int64_t axis = op.getAxis(), count = to[axis];
    if (computeProduct(to) == 0) {
      rewriter.replaceOp(op, t.filled(to, t.zero(rewriter.getI64Type())));
      return success();
    }
    int64_t outer = computeProduct(from.take_front(axis)),
            inner = computeProduct(from.drop_front(axis + 1));
    Value rows = adaptor.getInput();
    if (inner > 1)
      rows =
          t.transpose(t.reshape(rows, {outer, from[axis], inner}), {0, 2, 1});
    rows = t.reshape(rows, {outer * inner, from[axis]});
    Value order = RowSorter(op, rows, rewriter).run();
    if (inner > 1)
      order = t.transpose(t.reshape(order, {outer, inner, count}), {0, 2, 1});
    rewriter.replaceOp(op, t.reshape(order, to));
    return success();
  }
};

} // namespace

void mlc::populateOrderLowering(SignlessConverter &types,
                                RewritePatternSet &patterns) {
  patterns.add<LowerOrder>(types, patterns.getContext());
}
