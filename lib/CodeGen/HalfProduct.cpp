//===- HalfProduct.cpp - products of bf16, two by two ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/HalfProduct.h"

using namespace mlir;
using namespace mlc;

HalfProduct::HalfProduct(const TargetInfo &target)
    : hasDot(target.dotsBf16()) {}

StringRef HalfProduct::instruction(const Emitter &e, int64_t lanes) const {
  if (e.target.triple.isX86())
    return x86Name(32 * lanes, "llvm.x86.avx512bf16.dpbf16ps.128",
                   "llvm.x86.avx512bf16.dpbf16ps.256",
                   "llvm.x86.avx512bf16.dpbf16ps.512");
  return e.target.triple.isAArch64() ? "llvm.aarch64.neon.bfdot"
                                     : "llvm.arm.neon.bfdot";
}

/// Of each two bf16 the first and the second as f32: their bits are the upper
/// ones.
Values HalfProduct::split(Emitter &e, Value halves) const {
  Value bits = e.bitcast(halves, 32);
  auto constant = [&](uint32_t value) -> Value {
    auto type = cast<VectorType>(bits.getType());
    return arith::ConstantOp::create(
        e.builder, e.loc, DenseElementsAttr::get(type, APInt(32, value)));
  };
  Value first = arith::ShLIOp::create(e.builder, e.loc, bits, constant(16));
  Value second =
      arith::AndIOp::create(e.builder, e.loc, bits, constant(0xffff0000));
  Type f32 = e.builder.getF32Type();
  return {e.bitcast(first, f32), e.bitcast(second, f32)};
}

Values HalfProduct::activation(Emitter &e, ValueRange words,
                               int64_t lanes) const {
  return weights(e, e.splat(words.front(), lanes));
}

Values HalfProduct::weights(Emitter &e, Value elements) const {
  if (!hasDot)
    return split(e, elements);
  return {e.bitcast(elements, e.builder.getBF16Type())};
}

Value HalfProduct::multiplyAdd(Emitter &e, ValueRange x, ValueRange w,
                               Value sum) const {
  if (!hasDot) {
    for (auto [a, b] : llvm::zip(x, w))
      sum = e.multiplyAdd(e.narrow(a, lanesOf(b)), b, sum);
    return sum;
  }
  return e.intrinsic(instruction(e, lanesOf(sum)), sum.getType(),
                     {sum, e.narrow(x[0], lanesOf(w[0])), w[0]});
}
