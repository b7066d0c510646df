//===- WinogradElements.cpp - floats, bf16, or words of bytes -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/WinogradElements.h"

#include "CodeGen/ByteProduct.h"

using namespace mlir;
using namespace mlc;

static kernel::WinogradTransforms transformsOf(kernel::WinogradOp op) {
  if (op.hasQuads())
    return kernel::WinogradTransforms::getExact();
  return kernel::WinogradTransforms::get(op.getPlan().algorithm);
}

WinogradElements::WinogradElements(kernel::WinogradOp op)
    : kind(!op.hasSteps()  ? Pairs::none
           : op.hasQuads() ? Pairs::words
                           : Pairs::halves),
      isUnsigned(op.getInputUnsigned()), hasNibbles(op.getNibbles()),
      zeroPoint(kernel::zeroPointOf(op.getInputZeroPoint())),
      matrices(transformsOf(op)) {}

Type WinogradElements::vectorOf(Emitter &e, int64_t lanes) const {
  if (areWords())
    return e.vectorOf(e.builder.getI16Type(), channels() * lanes);
  return e.vectorOf(e.builder.getF32Type(), channels() * lanes);
}

Value WinogradElements::input(Emitter &e, const View &in, Value at,
                              int64_t lanes, int64_t part) const {
  if (!areWords())
    return e.convert(e.load(in, at, lanes * channels()),
                     e.builder.getF32Type());
  Value bytes = e.load(in, at, lanes * ByteProduct::quad);
  Value words = wordsOf(e, bytes, part != 0, isUnsigned);
  if (zeroPoint == 0)
    return words;
  return arith::SubIOp::create(e.builder, e.loc, words,
                               e.constant(words.getType(), zeroPoint));
}

/// Of each word of `bytes` a number of 4 bits: those of `part`'s byte that
/// `quad` has. Where it is in the word is known at run time only.
static Value nibblesOf(Emitter &e, Value bytes, int64_t part, Value quad) {
  constexpr int64_t most = 12; // bits above a number of 4
  Value words = e.bitcast(bytes, 16);
  Value isFirst = e.sub(e.index(1), e.rem(quad, 2));
  Value above = e.add(e.mul(isFirst, 4), part ? 0 : 8);
  Value shift = arith::IndexCastOp::create(e.builder, e.loc,
                                           e.builder.getI16Type(), above);
  Value top = arith::ShLIOp::create(e.builder, e.loc, words,
                                    e.splat(shift, lanesOf(words)));
  return arith::ShRSIOp::create(e.builder, e.loc, top,
                                e.constant(top.getType(), most));
}

Value WinogradElements::weights(Emitter &e, const View &weights, Value at,
                                int64_t lanes, int64_t part, Value quad) const {
  Value loaded = e.load(weights, at, lanes * laneSize());
  if (hasNibbles)
    return nibblesOf(e, loaded, part, quad);
  return areWords() ? wordsOf(e, loaded, part != 0, false)
                    : e.convert(loaded, e.builder.getF32Type());
}

void WinogradElements::store(Emitter &e, const View &scratch, Value at,
                             Value vector) const {
  if (areWords())
    vector = e.bitcast(vector, 32);
  if (kind == Pairs::halves) {
    Value rounded = e.convert(vector, e.builder.getBF16Type());
    vector = e.bitcast(rounded, scratch.element);
  }
  e.store(scratch, at, vector);
}

/// Modulo 2^32, a multiple of 9 divided by it is multiplied by the inverse.
Value WinogradElements::result(Emitter &e, Value transformed, int64_t y,
                               int64_t x) const {
  if (!areWords())
    return transformed;
  constexpr int64_t inverseOfNine = 954437177;
  static_assert(uint32_t(9 * inverseOfNine) == 1, "it is no inverse");
  Type type = transformed.getType();
  Value product = e.times(transformed, e.constant(type, inverseOfNine));
  return arith::ShRSIOp::create(
      e.builder, e.loc, product,
      e.constant(type, matrices.shifts[y] + matrices.shifts[x]));
}
