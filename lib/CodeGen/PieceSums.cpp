//===- PieceSums.cpp - sums of f16 by pieces
//---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/PieceSums.h"

using namespace mlir;
using namespace mlc;

PieceSums::PieceSums(Emitter &e, const Factors &factors, const Columns &columns,
                     int64_t terms, int64_t depth)
    : lanes(columns.lanes), parts(1), e(e), f(factors), c(columns),
      terms(terms), isOne(terms == 0 || depth <= terms) {
  if (terms != 0) {
    lanes = std::min<int64_t>(lanes, e.target.lanes(32));
    parts = columns.lanes / lanes;
  }
  for (int64_t channels : columns.valid)
    for (; channels > 0; channels -= lanes)
      valid.push_back(std::min(channels, lanes));
}

Values PieceSums::zeros(unsigned rows) {
  if (isOne)
    return mlc::zeros(e, f, rows, c);
  Values sums;
  for (unsigned p = 0; p < rows; ++p)
    for (auto [i, channels] : llvm::enumerate(valid)) {
      int64_t width = std::min(lanes, c.width(i / parts));
      sums.push_back(e.constant(e.vectorOf(e.builder.getF32Type(), width), 0));
    }
  return sums;
}

/// Of the pixels [first, last) what f16 are as f32, in parts.
Values PieceSums::widened(ValueRange piece, unsigned first, unsigned last) {
  Values result;
  for (unsigned p = first; p < last; ++p)
    for (size_t i = 0; i < valid.size(); ++i) {
      unsigned j = i / parts;
      int64_t width = std::min(lanes, c.width(j));
      Value part = e.slice(piece[p * c.count() + j], i % parts * lanes, width);
      result.push_back(e.convert(part, e.builder.getF32Type()));
    }
  return result;
}

Values PieceSums::finish(Values sums) {
  close(sums);
  if (terms == 0 || !isOne)
    return sums;
  return widened(sums, 0, sums.size() / c.count());
}

void PieceSums::close(Values &sums) {
  if (pending == 0)
    return;
  pending = 0;
  Values added = widened(piece, 0, piece.size() / c.count());
  for (auto [sum, more] : llvm::zip(sums, added))
    sum = e.plus(sum, more);
}

/// `count` pieces of `size` steps each.
void PieceSums::addPieces(const Reduction &r, int64_t size, int64_t count,
                          Values &sums) {
  size_t from = r.first * valid.size(), to = r.last * valid.size();
  unsigned rows = sums.size() / valid.size();
  Values results =
      e.loop(e.index(0), e.index(count * size), size,
             ValueRange(sums).slice(from, to - from),
             [&](Value step, ValueRange carried) {
               Reduction part = r;
               part.left = e.add(r.left, e.mul(step, r.leftStride));
               part.right = e.add(r.right, e.mul(step, r.rightStride));
               part.depth = size;
               Values products = mlc::zeros(e, f, rows, c);
               accumulate(e, f, c, part, products);
               Values next = widened(products, r.first, r.last);
               for (auto [sum, before] : llvm::zip(next, carried))
                 sum = e.plus(before, sum);
               return next;
             });
  llvm::copy(results, sums.begin() + from);
}

void PieceSums::add(const Reduction &reduction, Values &sums) {
  if (isOne)
    return accumulate(e, f, c, reduction, sums);
  Reduction r = reduction;
  int64_t size = r.depth * r.planes;
  if (pending + size > terms)
    close(sums);
  if (size > terms && r.planes == 1) {
    // Pieces of equal size, and whole turns of the loop.
    int64_t count = llvm::divideCeil(size, terms);
    int64_t each = std::min<int64_t>(
        terms, llvm::alignTo(llvm::divideCeil(size, count), r.unroll));
    count = size / each;
    addPieces(r, each, count, sums);
    r.left = e.add(r.left, count * each * r.leftStride);
    r.right = e.add(r.right, count * each * r.rightStride);
    r.depth = size = size - count * each;
  }
  if (size == 0)
    return;
  if (pending == 0)
    piece = mlc::zeros(e, f, sums.size() / valid.size(), c);
  accumulate(e, f, c, r, piece);
  pending += size;
}
