//===- HalfProduct.h - products of bf16, two by two -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. Two bf16 of one pixel by two of each lane's channel,
// summed in f32: by one instruction (vdpbf16ps, bfdot), or by two fused
// multiply-adds of what bf16 become, the first channel first.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_HALFPRODUCT_H
#define MLC_CODEGEN_HALFPRODUCT_H

#include "CodeGen/StepProduct.h"

namespace mlc {

class HalfProduct : public StepProduct {
public:
  explicit HalfProduct(const TargetInfo &target);

  int64_t elements() const override { return 2; }
  Values activation(Emitter &e, ValueRange words, int64_t lanes) const override;
  Values weights(Emitter &e, Value elements) const override;
  Value multiplyAdd(Emitter &e, ValueRange activation, ValueRange weights,
                    Value sums) const override;

private:
  Values split(Emitter &e, Value halves) const;
  /// Where there is one.
  llvm::StringRef instruction(const Emitter &e, int64_t lanes) const;
  bool hasDot;
};

} // namespace mlc

#endif // MLC_CODEGEN_HALFPRODUCT_H
