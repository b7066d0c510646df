//===- OctetProduct.cpp - bytes of two pixels, eight by eight -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/OctetProduct.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlc;

/// Of both vectors the lower halves, then the upper ones: what makes the
/// accumulators of two pixels of their sums, and the other way round.
static void exchangeHalves(Emitter &e, Value &a, Value &b) {
  Value low = vector::ShuffleOp::create(e.builder, e.loc, a, b,
                                        ArrayRef<int64_t>{0, 1, 4, 5});
  b = vector::ShuffleOp::create(e.builder, e.loc, a, b,
                                ArrayRef<int64_t>{2, 3, 6, 7});
  a = low;
}

static void exchangePixels(Emitter &e, Values &tile, unsigned vectors) {
  for (size_t first = 0; first < tile.size(); first += 2 * vectors)
    for (size_t i = first; i < first + vectors; ++i)
      exchangeHalves(e, tile[i], tile[i + vectors]);
}

Values OctetProduct::tileOf(Emitter &e, Values starts, unsigned vectors) const {
  if (starts.size() / vectors % 2)
    starts.append(vectors, e.constant(starts.front().getType(), 0));
  exchangePixels(e, starts, vectors);
  return starts;
}

Values OctetProduct::sumsOf(Emitter &e, Values tile, unsigned vectors) const {
  exchangePixels(e, tile, vectors);
  return tile;
}

Values OctetProduct::weights(Emitter &e, Value bytes) const {
  int64_t half = lanesOf(bytes) / 2;
  return {e.slice(bytes, 0, half), e.slice(bytes, half, half)};
}

/// Two rows of eight by two.
Value OctetProduct::multiply(Emitter &e, Value x, Value w, Value sums) const {
  if (isNative)
    return e.intrinsic(isUnsigned ? "llvm.aarch64.neon.usmmla"
                                  : "llvm.aarch64.neon.smmla",
                       sums.getType(), {sums, x, w});
  Type i32 = e.builder.getI32Type();
  Values result;
  for (int64_t p = 0; p < 2; ++p)
    for (int64_t c = 0; c < 2; ++c) {
      Value a = e.convert(e.slice(x, 8 * p, 8), i32, isUnsigned);
      Value b = e.convert(e.slice(w, 8 * c, 8), i32);
      result.push_back(vector::ReductionOp::create(
          e.builder, e.loc, vector::CombiningKind::ADD, e.times(a, b)));
    }
  Value products = vector::FromElementsOp::create(
      e.builder, e.loc, cast<VectorType>(sums.getType()), result);
  return e.plus(sums, products);
}

void OctetProduct::multiplyPair(Emitter &e, Value x, ValueRange weights,
                                Value &first, Value &second) const {
  Value bytes = e.bitcast(x, 8);
  first = multiply(e, bytes, weights[0], first);
  second = multiply(e, bytes, weights[1], second);
}
