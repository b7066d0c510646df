//===- PieceSums.cpp - sums of f16 by pieces ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/PieceSums.h"

using namespace mlir;
using namespace mlc;

LogicalResult mlc::checkF16(Emitter &e, Operation *op, const Factors &f) {
  if (!f.left.element.isF16() || !f.right.element.isF16() || f.steps)
    return e.builder.notifyMatchFailure(
        op, "the schedule sums products of f16, the op's are others");
  if (!e.target.multipliesF16())
    return e.builder.notifyMatchFailure(
        op, "the schedule sums products of f16, which the CPU does not");
  return success();
}

PieceMemory PieceMemory::create(Emitter &e, Operation *op, int64_t vectors,
                                int64_t lanes) {
  return {e.onStack(op, vectors * lanes, e.builder.getF32Type()),
          e.onStack(op, vectors * lanes, e.builder.getF16Type())};
}

PieceSums::PieceSums(Emitter &e, const Factors &factors, const Columns &columns,
                     int64_t terms, int64_t depth, const PieceMemory &memory)
    : lanes(columns.lanes), parts(1), e(e), f(factors), c(columns),
      memory(memory), terms(terms), isOne(terms == 0 || depth <= terms) {
  if (terms != 0) {
    lanes = std::min<int64_t>(lanes, e.target.lanes(32));
    parts = columns.lanes / lanes;
  }
  for (int64_t channels : columns.valid)
    for (; channels > 0; channels -= lanes)
      valid.push_back(std::min(channels, lanes));
}

Values PieceSums::zeros(unsigned pixels) {
  rows = pixels;
  if (isOne)
    return mlc::zeros(e, f, rows, c);
  Value zero = e.constant(e.vectorOf(e.builder.getF32Type(), lanes), 0);
  e.loop(0, rows * c.count() * c.lanes, lanes,
         [&](Value at) { e.store(memory.sums, at, zero); });
  return {};
}

Value PieceSums::widened(Value part) {
  return e.convert(part, e.builder.getF32Type());
}

Values PieceSums::finish(Values sums) {
  close();
  if (terms == 0)
    return sums;
  Values result;
  for (unsigned p = 0; p < rows; ++p)
    for (size_t i = 0; i < valid.size(); ++i) {
      int64_t vector = p * c.count() + i / parts, from = i % parts * lanes;
      int64_t width = std::min(lanes, c.width(i / parts));
      result.push_back(
          isOne ? widened(e.slice(sums[vector], from, width))
                : e.load(memory.sums, e.index(vector * c.lanes + from), width));
    }
  return result;
}

/// Of f16 that lie at `at`. Where one instruction multiplies them and adds what
/// that gives to f32, they are multiplied by 1.
void PieceSums::addVector(Value at) {
  constexpr int64_t lanesOfF32 = 4;
  if (e.target.f16Widening && lanes == lanesOfF32 && parts == 2) {
    Value more = e.load(memory.piece, at, c.lanes);
    Value one = e.constant(more.getType(), 1);
    for (int64_t part : {0, 1}) {
      StringRef name =
          part ? "llvm.aarch64.neon.fmlal2" : "llvm.aarch64.neon.fmlal";
      Value place = e.add(at, part * lanes);
      Value sum = e.load(memory.sums, place, lanes);
      e.store(memory.sums, place,
              e.intrinsic(name, sum.getType(), {sum, more, one}));
    }
    return;
  }
  for (int64_t part = 0; part < parts; ++part) {
    Value place = e.add(at, part * lanes);
    Value more = widened(e.load(memory.piece, place, lanes));
    e.store(memory.sums, place,
            e.plus(e.load(memory.sums, place, lanes), more));
  }
}

/// A loop over what registers had: so LLVM keeps no sums in registers, which it
/// would store and load again around the products.
void PieceSums::addPiece(ValueRange piece, unsigned first, unsigned last) {
  int64_t from = first * c.count(), to = last * c.count();
  for (int64_t i = from; i < to; ++i) {
    Value vector = piece[i];
    if (lanesOf(vector) != c.lanes)
      vector =
          e.insert(vector, e.constant(e.vectorOf(f.accumulator, c.lanes), 0));
    e.store(memory.piece, e.index(i * c.lanes), vector);
  }
  e.loop(from * c.lanes, to * c.lanes, c.lanes,
         [&](Value at) { addVector(at); });
}

void PieceSums::close() {
  if (pending != 0)
    addPiece(piece, 0, rows);
  pending = 0;
}

/// `count` pieces of `size` steps each.
void PieceSums::addPieces(const Reduction &r, int64_t size, int64_t count) {
  e.loop(0, count * size, size, [&](Value step) {
    Reduction part = r;
    part.left = e.add(r.left, e.mul(step, r.leftStride));
    part.right = e.add(r.right, e.mul(step, r.rightStride));
    part.depth = size;
    Values products = mlc::zeros(e, f, rows, c);
    accumulate(e, f, c, part, products);
    addPiece(products, r.first, r.last);
  });
}

void PieceSums::add(const Reduction &reduction, Values &sums) {
  if (isOne)
    return accumulate(e, f, c, reduction, sums);
  Reduction r = reduction;
  int64_t size = r.depth * r.planes;
  if (pending + size > terms)
    close();
  if (size > terms && r.planes == 1) {
    // Pieces of equal size, and whole turns of the loop.
    int64_t count = llvm::divideCeil(size, terms);
    int64_t each = std::min<int64_t>(
        terms, llvm::alignTo(llvm::divideCeil(size, count), r.unroll));
    count = size / each;
    addPieces(r, each, count);
    r.left = e.add(r.left, count * each * r.leftStride);
    r.right = e.add(r.right, count * each * r.rightStride);
    r.depth = size = size - count * each;
  }
  if (size == 0)
    return;
  if (pending == 0)
    piece = mlc::zeros(e, f, rows, c);
  accumulate(e, f, c, r, piece);
  pending += size;
}
