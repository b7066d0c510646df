//===- NibbleProduct.cpp - products of bytes by 4 bits --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/NibbleProduct.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlc;

static constexpr int64_t bits = 4;

static bool multipliesPairs(const TargetInfo &target) {
  return target.byteUnit == ByteUnit::pmaddwd && target.bytePairs;
}

NibbleProduct::NibbleProduct(const TargetInfo &target, bool isUnsigned)
    : unit(target.byteUnit), ofPairs(multipliesPairs(target)),
      bytes(target, isUnsigned, ofPairs) {}

Value NibbleProduct::accumulators(Emitter &e, Value start) const {
  if (staysAbove())
    start = arith::ShLIOp::create(e.builder, e.loc, start,
                                  e.constant(start.getType(), bits));
  return bytes.accumulators(e, start);
}

Value NibbleProduct::sums(Emitter &e, Value accumulators) const {
  Value sums = bytes.sums(e, accumulators);
  if (!staysAbove())
    return sums;
  return arith::ShRSIOp::create(e.builder, e.loc, sums,
                                e.constant(sums.getType(), bits));
}

Values NibbleProduct::activation(Emitter &e, ValueRange words,
                                 int64_t lanes) const {
  Values result;
  for (Value word : words)
    llvm::append_range(result, bytes.activation(e, word, lanes));
  return result;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

static Value mask(Emitter &e, Value vector, int64_t which) {
  return arith::AndIOp::create(e.builder, e.loc, vector,
                               e.constant(vector.getType(), which));
}

/// In the upper 4 bits of bytes, the lower ones zero.
static Value above(Emitter &e, Value stored, bool isSecond) {
  if (isSecond)
    return mask(e, stored, -16);
  return arith::ShLIOp::create(e.builder, e.loc, stored,
                               e.constant(stored.getType(), bits));
}

/// As bytes, by a table of what 4 bits are: shifts of x86 are of words at
/// least, and fill with zeros.
static Value lookUp(Emitter &e, Value stored, bool isSecond) {
  Value entry =
      isSecond
          ? Value(arith::ShRUIOp::create(e.builder, e.loc, stored,
                                         e.constant(stored.getType(), bits)))
          : mask(e, stored, 15);
  int64_t count = lanesOf(stored);
  SmallVector<int8_t> table;
  for (int64_t i = 0; i < count; ++i)
    table.push_back(i % 16 < 8 ? i % 16 : i % 16 - 16);
  Value values = arith::ConstantOp::create(
      e.builder, e.loc,
      DenseElementsAttr::get(cast<VectorType>(stored.getType()),
                             ArrayRef(table)));
  return e.intrinsic(x86Name(8 * count, "llvm.x86.ssse3.pshuf.b.128",
                             "llvm.x86.avx2.pshuf.b",
                             "llvm.x86.avx512.pshuf.b.512"),
                     stored.getType(), {values, entry});
}

/// As elements of `width` bits, of which there are as many as bytes begin in.
static Values widen(Emitter &e, Value stored, unsigned width, bool isSecond) {
  Value whole = e.bitcast(stored, width);
  Values result;
  for (int64_t from = isSecond ? bits : 0; from < width; from += 2 * bits)
    result.push_back(fieldOf(e, whole, from, bits, /*isUnsigned=*/false));
  return result;
}

Values NibbleProduct::weightsOf(Emitter &e, Value stored, bool isSecond) const {
  if (staysAbove())
    return {above(e, stored, isSecond)};
  if (ofPairs)
    return {lookUp(e, stored, isSecond)};
  switch (unit) {
  case ByteUnit::widen:
    return widen(e, stored, 32, isSecond);
  case ByteUnit::pmaddwd:
    return widen(e, stored, 16, isSecond);
  default:
    return widen(e, stored, 8, isSecond);
  }
}

Values NibbleProduct::weights(Emitter &e, Value stored) const {
  Values result;
  for (bool isSecond : {false, true})
    llvm::append_range(result, weightsOf(e, stored, isSecond));
  return result;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

Value NibbleProduct::multiplyAdd(Emitter &e, ValueRange x, ValueRange w,
                                 Value sum) const {
  if (ofPairs) {
    Value pairs = bytes.multiplyPairs(e, x[0], w[0]);
    if (x.size() > 1)
      pairs = e.plus(pairs, bytes.multiplyPairs(e, x[1], w[1]));
    return bytes.addPairs(e, pairs, sum);
  }
  if (unit == ByteUnit::smull)
    return bytes.multiplyAdd(e, x, w.take_front(x.size()), sum);
  size_t size = w.size() / words();
  for (size_t from = 0; from < x.size(); from += size)
    sum = bytes.multiplyAdd(e, x.slice(from, size), w.slice(from, size), sum);
  return sum;
}
