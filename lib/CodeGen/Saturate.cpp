//===- Saturate.cpp - numbers to bytes that saturate ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Saturate.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlc;

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

static std::optional<double> floatOf(Value v) {
  FloatAttr attr;
  if (!matchPattern(v, m_Constant(&attr)))
    return std::nullopt;
  return attr.getValueAsDouble();
}

/// `select` as the greater, or the lesser, of a value and a constant.
struct Limit {
  Value value;
  double bound;
};
static std::optional<Limit> matchLimit(Value v, bool isMaximum) {
  auto select = v.getDefiningOp<arith::SelectOp>();
  auto compare =
      select ? select.getCondition().getDefiningOp<arith::CmpFOp>() : nullptr;
  std::optional<double> bound;
  if (!compare || !(bound = floatOf(select.getFalseValue())))
    return std::nullopt;
  Value greater = compare.getLhs(), less = compare.getRhs();
  if (compare.getPredicate() == arith::CmpFPredicate::OLT)
    std::swap(greater, less);
  else if (compare.getPredicate() != arith::CmpFPredicate::OGT)
    return std::nullopt;
  if (!isMaximum)
    std::swap(greater, less);
  if (greater != select.getTrueValue() || less != select.getFalseValue())
    return std::nullopt;
  return Limit{select.getTrueValue(), *bound};
}

/// min(max(number, low), high), by compare and select.
bool Saturation::matchLimits(Value limited) {
  std::optional<Limit> upper = matchLimit(limited, /*isMaximum=*/false);
  std::optional<Limit> lower;
  if (!upper || !(lower = matchLimit(upper->value, /*isMaximum=*/true)))
    return false;
  low = lower->bound;
  high = upper->bound;
  value = lower->value;
  for (Value v : {limited, upper->value}) {
    steps.insert(v.getDefiningOp());
    steps.insert(v.getDefiningOp()->getOperand(0).getDefiningOp());
  }
  return true;
}

std::optional<Saturation> Saturation::match(Block &block,
                                            const TargetInfo &target) {
  // 1.5 * 2^23 in a float is an integer, in its low bits, plus this.
  constexpr double magic = 12582912.0;
  constexpr int64_t magicBits = 0x4B400000;
  // LLVM's 256-bit vectors without AVX2 are of floats only.
  if (!target.triple.isX86() || target.byteUnit == ByteUnit::widen)
    return std::nullopt;
  Saturation result;
  auto truncation =
      block.getTerminator()->getOperand(0).getDefiningOp<arith::TruncIOp>();
  if (!truncation || !truncation.getType().isInteger(8) ||
      !truncation.getIn().getType().isInteger(32))
    return std::nullopt;
  result.steps.insert(truncation);
  Value v = truncation.getIn();
  int64_t added = magicBits;
  APInt constant;
  while (Operation *op = v.getDefiningOp()) {
    if (!isa<arith::AddIOp, arith::SubIOp>(op) ||
        !matchPattern(op->getOperand(1), m_ConstantInt(&constant)))
      break;
    added += isa<arith::AddIOp>(op) ? constant.getSExtValue()
                                    : -constant.getSExtValue();
    result.steps.insert(op);
    v = op->getOperand(0);
  }
  auto bits = v.getDefiningOp<arith::BitcastOp>();
  auto rounding = bits ? bits.getIn().getDefiningOp<arith::AddFOp>() : nullptr;
  if (!rounding || floatOf(rounding.getRhs()) != magic ||
      std::abs(added) > 255 || !result.matchLimits(rounding.getLhs()))
    return std::nullopt;
  result.steps.insert(bits);
  result.steps.insert(rounding);
  result.zeroPoint = added;
  double least = result.low + added, most = result.high + added;
  result.isUnsigned = most > 127;
  bool isByte = result.isUnsigned ? least >= 0 && most <= 255 : least >= -128;
  bool isWhole = least == std::floor(least) && most == std::floor(most);
  bool areOwn = llvm::all_of(result.steps, [&](Operation *op) {
    return op->getBlock() == &block &&
           llvm::all_of(op->getUsers(), [&](Operation *user) {
             return user == block.getTerminator() ||
                    result.steps.contains(user);
           });
  });
  if (!isByte || !isWhole || !areOwn || least > most)
    return std::nullopt;
  return result;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

/// To nearest, ties to even, in the CPU's usual mode. What is no i32, NaN too,
/// is the least one, as numbers below the least are limited to it.
Value Saturation::round(Emitter &e, Value numbers) const {
  Type f32 = numbers.getType();
  Value limit = e.constant(f32, high);
  Value isGreater = arith::CmpFOp::create(
      e.builder, e.loc, arith::CmpFPredicate::OLT, limit, numbers);
  // This is what the instruction for a minimum does, NaN included.
  Value limited =
      arith::SelectOp::create(e.builder, e.loc, isGreater, limit, numbers);
  int64_t lanes = lanesOf(numbers);
  Type i32 = e.builder.getI32Type(), result = e.vectorOf(i32, lanes);
  if (lanes < 16)
    return e.intrinsic(lanes == 4 ? "llvm.x86.sse2.cvtps2dq"
                                  : "llvm.x86.avx.cvt.ps2dq.256",
                       result, limited);
  constexpr int64_t currentMode = 4;
  return e.intrinsic("llvm.x86.avx512.mask.cvtps2dq.512", result,
                     {limited, e.constant(result, 0),
                      e.constant(e.builder.getI16Type(), -1),
                      e.constant(i32, currentMode)});
}

/// Up to four vectors; of fewer, some are packed twice. A pack takes 128 bits
/// of either side in turns: their order is mended in the end.
Value Saturation::pack(Emitter &e, ValueRange numbers) const {
  size_t count = numbers.size();
  int64_t lanes = lanesOf(numbers.front()), bits = lanes * 32;
  Values rounded;
  for (Value v : numbers)
    rounded.push_back(round(e, v));
  Type words = e.vectorOf(e.builder.getI16Type(), 2 * lanes);
  auto half = [&](size_t first) {
    Value pair = e.intrinsic(
        x86Name(bits, "llvm.x86.sse2.packssdw.128", "llvm.x86.avx2.packssdw",
                "llvm.x86.avx512.packssdw.512"),
        words, {rounded[first % count], rounded[(first + 1) % count]});
    if (zeroPoint == 0)
      return pair;
    return e.intrinsic("llvm.sadd.sat", words,
                       {pair, e.constant(words, zeroPoint)});
  };
  Value low = half(0), high = count > 2 ? half(2) : low;
  Type i8 = e.builder.getI8Type(), bytes = e.vectorOf(i8, 4 * lanes);
  Value packed = isUnsigned
                     ? e.intrinsic(x86Name(bits, "llvm.x86.sse2.packuswb.128",
                                           "llvm.x86.avx2.packuswb",
                                           "llvm.x86.avx512.packuswb.512"),
                                   bytes, {low, high})
                     : e.intrinsic(x86Name(bits, "llvm.x86.sse2.packsswb.128",
                                           "llvm.x86.avx2.packsswb",
                                           "llvm.x86.avx512.packsswb.512"),
                                   bytes, {low, high});
  int64_t least = int64_t(this->low) + zeroPoint;
  if (least != (isUnsigned ? 0 : -128))
    packed = e.maximum(packed, e.constant(bytes, least), isUnsigned);
  Value dwords = e.bitcast(packed, 32);
  SmallVector<int64_t> order;
  for (size_t v = 0; v < count; ++v)
    for (int64_t i = 0; i < lanes / 4; ++i)
      order.push_back(4 * i + v);
  Value ordered =
      vector::ShuffleOp::create(e.builder, e.loc, dwords, dwords, order);
  return e.bitcast(ordered, 8);
}

Value Saturation::emit(Emitter &e, Value numbers, int64_t lanes) const {
  Value result;
  int64_t all = lanesOf(numbers), most = std::min(all, atOnce * lanes);
  for (int64_t from = 0; from < all; from += most) {
    Values vectors;
    for (int64_t at = from; at < from + most; at += lanes)
      vectors.push_back(e.slice(numbers, at, lanes));
    Value bytes = pack(e, vectors);
    if (most == all)
      return bytes;
    if (!result)
      result = e.constant(e.vectorOf(e.builder.getI8Type(), all), 0);
    result = e.insert(bytes, result, from);
  }
  return result;
}
