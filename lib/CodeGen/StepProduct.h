//===- StepProduct.h - products of several elements a step ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. What a CPU does with elements that are packed side by
// side, one or two words of 32 bits of one pixel and as many elements of each
// lane's channel:
//
//   acc[lane] += x[0] * w[lane][0] + ... + x[n - 1] * w[lane][n - 1]
//
// ByteProduct.h has those of bytes, by four; OctetProduct.h by eight, of two
// pixels at a time; NibbleProduct.h those of bytes by numbers of 4 bits, by
// eight; HalfProduct.h those of bf16, by two.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_STEPPRODUCT_H
#define MLC_CODEGEN_STEPPRODUCT_H

#include "CodeGen/Emitter.h"
#include "Kernel/IR/Pack.h"

namespace mlc {

class StepProduct {
public:
  virtual ~StepProduct() = default;

  /// Of a pixel, and the words of 32 bits that these are together.
  virtual int64_t elements() const = 0;
  virtual int64_t words() const { return 1; }
  /// Elements of the packed weights that a lane has in a step.
  virtual int64_t stored() const { return elements(); }
  /// The fewest lanes of a vector.
  static constexpr int64_t leastLanes = mlir::kernel::PackedWeights::leastLanes;

  /// Pixels that are multiplied at once, of which accumulators are shared.
  virtual int64_t pixels() const { return 1; }

  /// Accumulators that hold `start`, a sum each. Their type is the product's
  /// own; `sums` makes sums of them.
  virtual Value accumulators(Emitter &, Value start) const { return start; }
  virtual Value sums(Emitter &, Value accumulators) const {
    return accumulators;
  }

  /// Those of a tile, [pixel * vectors + vector], whole pairs of pixels where
  /// these share them.
  virtual Values tileOf(Emitter &e, Values starts, unsigned vectors) const {
    for (Value &start : starts)
      start = accumulators(e, start);
    return starts;
  }
  virtual Values sumsOf(Emitter &e, Values tile, unsigned vectors) const {
    for (Value &sum : tile)
      sum = sums(e, sum);
    return tile;
  }

  /// `words`, a pixel's elements as i32, repeated as the product takes them: of
  /// the last step there may be fewer, where nothing follows but zeros.
  virtual Values activation(Emitter &e, ValueRange words,
                            int64_t lanes) const = 0;
  /// `elements`, what is stored of all lanes, as the product takes them.
  virtual Values weights(Emitter &e, Value elements) const = 0;
  /// `activation` of as many lanes or more.
  virtual Value multiplyAdd(Emitter &e, ValueRange activation,
                            ValueRange weights, Value accumulators) const = 0;
  /// Of two pixels, whose words are one vector: their accumulators in turn.
  virtual void multiplyPair(Emitter &, Value, ValueRange, Value &,
                            Value &) const {
    llvm_unreachable("pixels are multiplied one by one");
  }
};

} // namespace mlc

#endif // MLC_CODEGEN_STEPPRODUCT_H
