//===- ByteProduct.h - products of bytes, four by four ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. What a CPU's ByteUnit does with quads, four bytes of
// one pixel and four of each lane's channel:
//
//   acc[lane] += x[0] * w[lane][0] + ... + x[3] * w[lane][3]     in i32,
//   exactly
//
// Weights are signed. An instruction that wants activations of the other sign
// gets them with the highest bit flipped, which adds `shift` to each; what that
// adds to the sum, shift * (sum of the weights), is the caller's to subtract.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_BYTEPRODUCT_H
#define MLC_CODEGEN_BYTEPRODUCT_H

#include "CodeGen/StepProduct.h"

namespace mlc {

/// Of each element of `vector` the number that its `bits` bits from bit `from`
/// on are.
Value fieldOf(Emitter &e, Value vector, int64_t from, int64_t bits,
              bool isUnsigned);

/// Whether an instruction takes quads as they are, and adds what all of a quad
/// gives at once.
bool multipliesQuads(ByteUnit unit);

/// Bytes `odd` and `odd` + 2 of each quad as words, which are its `odd`-th 32
/// bits.
Value wordsOf(Emitter &e, Value bytes, bool odd, bool isUnsigned);

/// Words by words, pairs of products summed in i32: x86's pmaddwd.
Value multiplyWords(Emitter &e, Value x, Value w);

class ByteProduct : public StepProduct {
public:
  /// `ofPairs`: by the functions on pairs below.
  ByteProduct(const TargetInfo &target, bool isUnsigned, bool ofPairs = false)
      : unit(target.byteUnit), isUnsigned(isUnsigned), ofPairs(ofPairs) {}

  /// Bytes of a quad.
  static constexpr int64_t quad = 4;
  int64_t elements() const override { return quad; }

  /// What is added to each activation on its way in: 0, 128 or -128.
  int64_t shift() const;

  Value accumulators(Emitter &e, Value start) const override;
  Value sums(Emitter &e, Value accumulators) const override;

  Values activation(Emitter &e, ValueRange words, int64_t lanes) const override;
  /// The same of `bytes`, a quad of its own for each lane.
  Values spread(Emitter &e, Value bytes) const;
  Values weights(Emitter &e, Value bytes) const override;
  /// Of ByteUnit::smull there may be several of both: products of these are
  /// added in 16 bits, which hold them.
  Value multiplyAdd(Emitter &e, ValueRange activation, ValueRange weights,
                    Value accumulators) const override;

  // Weights in pairs whose products fit 16 bits (Kernel/IR/Pairs.h).

  /// 16 bytes for each 128 bits of `lanes` lanes.
  Value repeat(Emitter &e, Value bytes, int64_t lanes) const;
  /// `pool`, 16 bytes, repeated and in `order`, which is so.
  Value shuffle(Emitter &e, Value pool, Value order) const;
  /// Of a shuffled pool a quad, for all lanes.
  Value quadOf(Emitter &e, Value shuffled, int64_t quad) const;
  Value multiplyAddPairs(Emitter &e, Value x, Value weights, Value sums) const;
  /// Sums of pairs of products, 16 bits each.
  Value multiplyPairs(Emitter &e, Value x, Value weights) const;
  /// Neighbours of such sums added to `sums`.
  Value addPairs(Emitter &e, Value pairs, Value sums) const;

private:
  bool wantsUnsigned() const;
  Value flipSign(Emitter &e, Value dwords) const;

  ByteUnit unit;
  bool isUnsigned, ofPairs;
};

} // namespace mlc

#endif // MLC_CODEGEN_BYTEPRODUCT_H
