//===- ConvQuads.cpp - convolution by weights in quads --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The products are of bytes as the CPU's instruction takes them, zero points
// included. What these add is known before: the zero point times the sum of the
// weights, which lies behind the weights of each element of the window. It is
// taken off when a tile's accumulators begin: for all pixels of a row alike,
// apart from those whose windows reach into the padding.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/ConvEmitter.h"
#include "CodeGen/WindowRows.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <map>

using namespace mlir;
using namespace mlc;

/// The first word of each of `lanes` lanes.
Value ConvEmitter::sumOf(Value words, int64_t lanes) {
  if (lanesOf(words) == lanes)
    return words;
  SmallVector<int64_t> order;
  for (int64_t lane = 0; lane < lanes; ++lane)
    order.push_back(lane * (lanesOf(words) / lanes));
  return vector::ShuffleOp::create(e.builder, e.loc, words, words, order);
}

/// What the zero point adds to the sums of the window at row `oh`, of the
/// kernel columns that are `isIn`, to be subtracted: nothing for rows of
/// padding.
Values ConvEmitter::correction(Value oh,
                               llvm::function_ref<bool(int64_t)> isIn) {
  Type i32 = e.builder.getI32Type();
  Values zero;
  for (unsigned j = 0; j < columns->count(); ++j)
    zero.push_back(e.constant(e.vectorOf(i32, columns->width(j)), 0));
  Value window = firstRow ? e.add(firstRow, oh) : oh;
  Values sums = forEachKernelRow(
      e, height, window, zero, [&](Value kh, ValueRange carried) {
        Values result(carried);
        Value row = e.add(weights, e.mul(kh, width.kernel * tap()));
        for (int64_t kw = 0; kw < width.kernel; ++kw) {
          if (!isIn(kw))
            continue;
          int64_t last = (kw + 1) * tap() - stepSize();
          for (unsigned j = 0; j < columns->count(); ++j) {
            Value bytes =
                e.load(f.right, e.add(row, last + columns->offsets[j]),
                       columns->width(j) * laneSize());
            result[j] = e.plus(result[j],
                               sumOf(e.bitcast(bytes, 32), columns->width(j)));
          }
        }
        return result;
      });
  for (Value &sum : sums)
    sum = e.times(sum, e.constant(sum.getType(), -zeroPoint));
  return sums;
}

/// The accumulators of a tile, with what the zero point adds taken off. Pixels
/// whose windows reach into the padding have their own.
Values ConvEmitter::startOfTile(Value oh, PixelRun run) {
  Values result;
  std::map<std::vector<bool>, Values> starts;
  for (unsigned p = 0; p < run.rows; ++p) {
    std::vector<bool> inside;
    for (int64_t kw = 0; kw < width.kernel; ++kw)
      inside.push_back(width.inside(run.start + p, kw));
    Values &start = starts[inside];
    if (start.empty()) {
      bool areAll = llvm::all_of(inside, [](bool is) { return is; });
      start =
          areAll ? rowCorrection
                 : correction(oh, [&](int64_t kw) { return bool(inside[kw]); });
    }
    llvm::append_range(result, start);
  }
  return f.steps->tileOf(e, result, columns->count());
}
