//===- NibbleProduct.h - products of bytes by 4 bits ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. Two quads of bytes by weights of 4 bits, which a
// vector of bytes holds: the lower 4 bits are the first quad's, the upper ones
// the second's (kernel::PackStep::nibbles). Sums are exactly those of
// ByteProduct on weights that are bytes, while they are less than
// PackedWeights::nibbleLimit. What the CPU's ByteUnit does:
//
//   dot products     weights stay where they are, in the upper 4 bits of bytes:
//                    a mask, and a shift and a mask; products are 16-fold
//   pmaddubsw        a shift, masks and a table of 16 in a register make bytes;
//                    such small products are added in 16 bits
//   smull            two shifts make bytes, whose products are added in 16 bits
//   pmaddwd, none    two shifts make words, or 32 bits, as of bytes
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_NIBBLEPRODUCT_H
#define MLC_CODEGEN_NIBBLEPRODUCT_H

#include "CodeGen/ByteProduct.h"

namespace mlc {

class NibbleProduct : public StepProduct {
public:
  NibbleProduct(const TargetInfo &target, bool isUnsigned);

  int64_t elements() const override { return words() * ByteProduct::quad; }
  int64_t words() const override { return 2; }
  int64_t stored() const override { return ByteProduct::quad; }

  /// As ByteProduct's.
  int64_t shift() const { return bytes.shift(); }

  Value accumulators(Emitter &e, Value start) const override;
  Value sums(Emitter &e, Value accumulators) const override;

  Values activation(Emitter &e, ValueRange words, int64_t lanes) const override;
  Values weights(Emitter &e, Value stored) const override;
  Value multiplyAdd(Emitter &e, ValueRange activation, ValueRange weights,
                    Value accumulators) const override;

private:
  /// Of the first quad or the second.
  Values weightsOf(Emitter &e, Value stored, bool isSecond) const;
  /// Whether products are 16-fold.
  bool staysAbove() const { return multipliesQuads(unit); }

  ByteUnit unit;
  bool ofPairs;
  ByteProduct bytes;
};

} // namespace mlc

#endif // MLC_CODEGEN_NIBBLEPRODUCT_H
