//===- OctetProduct.h - bytes of two pixels, eight by eight -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. AArch64's smmla and usmmla multiply two rows of eight
// bytes by two others, which gives four sums of i32: here two pixels by two
// channels. So the accumulators of two pixels, of four channels each, are
// these:
//
//   first   pixel 0: channels 0, 1   pixel 1: channels 0, 1
//   second  pixel 0: channels 2, 3   pixel 1: channels 2, 3
//
// Activations are of either sign as they are. Other CPUs multiply in 32 bits:
// weights are packed like that only for CPUs that all have the instruction.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_OCTETPRODUCT_H
#define MLC_CODEGEN_OCTETPRODUCT_H

#include "CodeGen/StepProduct.h"

namespace mlc {

class OctetProduct : public StepProduct {
public:
  OctetProduct(const TargetInfo &target, bool isUnsigned)
      : isNative(target.byteUnit == ByteUnit::usdot), isUnsigned(isUnsigned) {}

  int64_t elements() const override { return 8; }
  int64_t words() const override { return 2; }
  int64_t pixels() const override { return 2; }
  /// Of each vector.
  static constexpr int64_t lanes = 4;

  Values tileOf(Emitter &e, Values starts, unsigned vectors) const override;
  Values sumsOf(Emitter &e, Values tile, unsigned vectors) const override;

  Values activation(Emitter &, ValueRange, int64_t) const override {
    llvm_unreachable("pixels are multiplied two by two");
  }
  /// Two channels each.
  Values weights(Emitter &e, Value bytes) const override;
  Value multiplyAdd(Emitter &, ValueRange, ValueRange, Value) const override {
    llvm_unreachable("pixels are multiplied two by two");
  }
  void multiplyPair(Emitter &e, Value x, ValueRange weights, Value &first,
                    Value &second) const override;

private:
  Value multiply(Emitter &e, Value x, Value w, Value sums) const;

  bool isNative, isUnsigned;
};

} // namespace mlc

#endif // MLC_CODEGEN_OCTETPRODUCT_H
