//===- ByteProduct.cpp - products of bytes, four by four ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/ByteProduct.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlc;

static Value shiftLeft(Emitter &e, Value v, int64_t by) {
  if (by == 0)
    return v;
  return arith::ShLIOp::create(e.builder, e.loc, v,
                               e.constant(v.getType(), by));
}

static Value shiftRight(Emitter &e, Value v, int64_t by, bool isUnsigned) {
  Value amount = e.constant(v.getType(), by);
  if (isUnsigned)
    return arith::ShRUIOp::create(e.builder, e.loc, v, amount);
  return arith::ShRSIOp::create(e.builder, e.loc, v, amount);
}

Value mlc::fieldOf(Emitter &e, Value vector, int64_t from, int64_t bits,
                   bool isUnsigned) {
  int64_t width = cast<VectorType>(vector.getType()).getElementTypeBitWidth();
  return shiftRight(e, shiftLeft(e, vector, width - bits - from), width - bits,
                    isUnsigned);
}

//===----------------------------------------------------------------------===//
// pmaddwd: bytes 0 and 2 of each quad as words, then bytes 1 and 3
//===----------------------------------------------------------------------===//

Value mlc::wordsOf(Emitter &e, Value bytes, bool odd, bool isUnsigned) {
  Value words = e.bitcast(bytes, 16);
  if (!odd && isUnsigned)
    return arith::AndIOp::create(e.builder, e.loc, words,
                                 e.constant(words.getType(), 0xff));
  return fieldOf(e, words, odd ? 8 : 0, 8, isUnsigned);
}

/// The bytes of each quad, 32 bits each.
static Values bytesOf(Emitter &e, Value dwords, bool isUnsigned) {
  Values result;
  for (int64_t i = 0; i < ByteProduct::quad; ++i)
    result.push_back(fieldOf(e, dwords, 8 * i, 8, isUnsigned));
  return result;
}

Value mlc::multiplyWords(Emitter &e, Value x, Value w) {
  int64_t lanes = lanesOf(x) / 2;
  StringRef name =
      x86Name(32 * lanes, "llvm.x86.sse2.pmadd.wd", "llvm.x86.avx2.pmadd.wd",
              "llvm.x86.avx512.pmaddw.d.512");
  return e.intrinsic(name, e.vectorOf(e.builder.getI32Type(), lanes), {x, w});
}

//===----------------------------------------------------------------------===//
// Instructions that take quads
//===----------------------------------------------------------------------===//

bool mlc::multipliesQuads(ByteUnit unit) {
  return unit == ByteUnit::vpdpbusd || unit == ByteUnit::vpdpbssd ||
         unit == ByteUnit::sdot || unit == ByteUnit::usdot;
}

static Value multiplyQuads(Emitter &e, StringRef name, Value x, Value w,
                           Value sum) {
  return e.intrinsic(name, sum.getType(), {sum, x, w});
}

/// Of x86's instruction that multiplies unsigned or signed bytes by signed
/// ones.
static StringRef vnniName(int64_t bits, bool isUnsigned) {
  if (isUnsigned)
    return x86Name(bits, "llvm.x86.avx512.vpdpbusd.128",
                   "llvm.x86.avx512.vpdpbusd.256",
                   "llvm.x86.avx512.vpdpbusd.512");
  return x86Name(bits, "llvm.x86.avx2.vpdpbssd.128",
                 "llvm.x86.avx2.vpdpbssd.256", "llvm.x86.avx10.vpdpbssd.512");
}

/// By a lane of `x`, if it is one that is repeated: LLVM looks for it in the
/// second factor.
static Value multiplySigned(Emitter &e, Value x, Value w, Value sum) {
  StringRef name = e.target.triple.isAArch64() ? "llvm.aarch64.neon.sdot"
                                               : "llvm.arm.neon.sdot";
  return multiplyQuads(e, name, w, x, sum);
}

//===----------------------------------------------------------------------===//
// smull: pairs of products are summed, two sums a lane
//===----------------------------------------------------------------------===//

/// Two lanes' quads at a time: eight words, of which pairs are added. Each of
/// `xs` is as long as its `ws`, or eight bytes for all of it.
static Value multiplyLong(Emitter &e, ValueRange xs, ValueRange ws,
                          Value sums) {
  bool isArm64 = e.target.triple.isAArch64();
  Type words = e.vectorOf(e.builder.getI16Type(), 8);
  Type pairs = e.vectorOf(e.builder.getI32Type(), 4);
  Value result = sums;
  for (int64_t from = 0; from < lanesOf(ws[0]); from += 8) {
    Value product;
    for (auto [x, w] : llvm::zip(xs, ws)) {
      Value next = e.intrinsic(
          isArm64 ? "llvm.aarch64.neon.smull" : "llvm.arm.neon.vmulls", words,
          {e.slice(x, lanesOf(x) == 8 ? 0 : from, 8), e.slice(w, from, 8)});
      product = product ? e.plus(product, next) : next;
    }
    Value sum = e.slice(sums, from / 2, 4);
    if (isArm64)
      sum =
          e.plus(sum, e.intrinsic("llvm.aarch64.neon.saddlp", pairs, product));
    else
      sum = e.intrinsic("llvm.arm.neon.vpadals", pairs, {sum, product});
    if (lanesOf(sums) == 4)
      return sum;
    result = e.insert(sum, result, from / 2);
  }
  return result;
}

/// Every second element, from `first` on.
static Value everySecond(Emitter &e, Value vector, int64_t first) {
  SmallVector<int64_t> lanes;
  for (int64_t i = first; i < lanesOf(vector); i += 2)
    lanes.push_back(i);
  return vector::ShuffleOp::create(e.builder, e.loc, vector, vector, lanes);
}

/// `sums` beside zeros, element by element.
static Value interleaveZeros(Emitter &e, Value sums) {
  SmallVector<int64_t> lanes;
  for (int64_t i = 0; i < lanesOf(sums); ++i)
    lanes.append({i, lanesOf(sums)});
  Value zeros = e.constant(sums.getType(), 0);
  return vector::ShuffleOp::create(e.builder, e.loc, sums, zeros, lanes);
}

//===----------------------------------------------------------------------===//
// All units
//===----------------------------------------------------------------------===//

bool ByteProduct::wantsUnsigned() const {
  if (ofPairs)
    return true;
  switch (unit) {
  case ByteUnit::vpdpbusd:
    return true;
  case ByteUnit::smull:
  case ByteUnit::sdot:
    return false;
  default:
    return isUnsigned;
  }
}

int64_t ByteProduct::shift() const {
  if (wantsUnsigned() == isUnsigned)
    return 0;
  return isUnsigned ? -128 : 128;
}

Value ByteProduct::flipSign(Emitter &e, Value dwords) const {
  if (shift() == 0)
    return dwords;
  auto type = cast<VectorType>(dwords.getType());
  auto bits = DenseElementsAttr::get(type, APInt(32, 0x80808080u));
  Value mask = arith::ConstantOp::create(e.builder, e.loc, bits);
  return arith::XOrIOp::create(e.builder, e.loc, dwords, mask);
}

Value ByteProduct::accumulators(Emitter &e, Value start) const {
  return unit == ByteUnit::smull ? interleaveZeros(e, start) : start;
}

Value ByteProduct::sums(Emitter &e, Value accumulators) const {
  if (unit != ByteUnit::smull)
    return accumulators;
  return e.plus(everySecond(e, accumulators, 0),
                everySecond(e, accumulators, 1));
}

Values ByteProduct::activation(Emitter &e, ValueRange words,
                               int64_t lanes) const {
  return spread(e, e.splat(words.front(), unit == ByteUnit::smull ? 2 : lanes));
}

Values ByteProduct::spread(Emitter &e, Value bytes) const {
  Value dwords = flipSign(e, e.bitcast(bytes, 32));
  if (ofPairs)
    return {e.bitcast(dwords, 8)};
  switch (unit) {
  case ByteUnit::widen:
    return bytesOf(e, dwords, isUnsigned);
  case ByteUnit::pmaddwd:
    return {wordsOf(e, dwords, false, isUnsigned),
            wordsOf(e, dwords, true, isUnsigned)};
  default:
    return {e.bitcast(dwords, 8)};
  }
}

Values ByteProduct::weights(Emitter &e, Value bytes) const {
  switch (unit) {
  case ByteUnit::widen:
    return bytesOf(e, e.bitcast(bytes, 32), false);
  case ByteUnit::pmaddwd:
    return {wordsOf(e, bytes, false, false), wordsOf(e, bytes, true, false)};
  default:
    return {bytes};
  }
}

Value ByteProduct::multiplyAdd(Emitter &e, ValueRange x, ValueRange w,
                               Value sum) const {
  int64_t bytes = lanesOf(w[0]);
  switch (unit) {
  case ByteUnit::widen:
  case ByteUnit::pmaddwd:
    for (auto [a, b] : llvm::zip(x, w)) {
      Value narrow = e.narrow(a, bytes);
      sum = e.plus(sum, unit == ByteUnit::widen ? e.times(narrow, b)
                                                : multiplyWords(e, narrow, b));
    }
    return sum;
  case ByteUnit::smull:
    return multiplyLong(e, x, w, sum);
  case ByteUnit::vpdpbusd:
  case ByteUnit::vpdpbssd:
    return multiplyQuads(
        e, vnniName(8 * bytes, unit == ByteUnit::vpdpbusd || isUnsigned),
        e.narrow(x[0], bytes), w[0], sum);
  case ByteUnit::sdot:
    return multiplySigned(e, e.narrow(x[0], bytes), w[0], sum);
  case ByteUnit::usdot:
    // Its first factor is the unsigned one.
    if (isUnsigned)
      return multiplyQuads(e, "llvm.aarch64.neon.usdot", e.narrow(x[0], bytes),
                           w[0], sum);
    return multiplySigned(e, e.narrow(x[0], bytes), w[0], sum);
  }
  llvm_unreachable("a byte unit without a product");
}

//===----------------------------------------------------------------------===//
// pmaddubsw: pairs that fit 16 bits
//===----------------------------------------------------------------------===//

Value ByteProduct::repeat(Emitter &e, Value bytes, int64_t lanes) const {
  SmallVector<int64_t> order;
  for (int64_t i = 0; i < lanes * quad; ++i)
    order.push_back(i % lanesOf(bytes));
  return vector::ShuffleOp::create(e.builder, e.loc, bytes, bytes, order);
}

Value ByteProduct::shuffle(Emitter &e, Value pool, Value order) const {
  int64_t bytes = lanesOf(order);
  Value repeated = repeat(e, pool, bytes / quad);
  if (shift() != 0)
    repeated = e.bitcast(flipSign(e, e.bitcast(repeated, 32)), 8);
  return e.intrinsic(x86Name(8 * bytes, "llvm.x86.ssse3.pshuf.b.128",
                             "llvm.x86.avx2.pshuf.b",
                             "llvm.x86.avx512.pshuf.b.512"),
                     order.getType(), {repeated, order});
}

Value ByteProduct::quadOf(Emitter &e, Value shuffled, int64_t which) const {
  Value dwords = e.bitcast(shuffled, 32);
  SmallVector<int64_t> order;
  for (int64_t i = 0; i < lanesOf(dwords); ++i)
    order.push_back(i / quad * quad + which);
  return e.bitcast(
      vector::ShuffleOp::create(e.builder, e.loc, dwords, dwords, order), 8);
}

Value ByteProduct::multiplyPairs(Emitter &e, Value x, Value weights) const {
  int64_t bytes = lanesOf(weights);
  Type words = e.vectorOf(e.builder.getI16Type(), bytes / 2);
  return e.intrinsic(x86Name(8 * bytes, "llvm.x86.ssse3.pmadd.ub.sw.128",
                             "llvm.x86.avx2.pmadd.ub.sw",
                             "llvm.x86.avx512.pmaddubs.w.512"),
                     words, {e.narrow(x, bytes), weights});
}

Value ByteProduct::addPairs(Emitter &e, Value pairs, Value sums) const {
  return e.plus(sums, multiplyWords(e, pairs, e.constant(pairs.getType(), 1)));
}

Value ByteProduct::multiplyAddPairs(Emitter &e, Value x, Value weights,
                                    Value sums) const {
  return addPairs(e, multiplyPairs(e, x, weights), sums);
}
