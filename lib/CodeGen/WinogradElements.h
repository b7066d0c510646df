//===- WinogradElements.h - floats, bf16, or words of bytes -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. What a Winograd kernel transforms and multiplies.
// Elements of its plan are floats, pairs of bf16 of neighbouring channels, or
// pairs of words that bytes became: of a quad of channels the even ones are a
// pair and the odd ones another. Of a block of channels all even pairs lie
// before the odd ones, part by part, so that inputs and weights become words
// without a permutation. bf16 are transformed in f32, and rounded when they are
// stored.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_WINOGRADELEMENTS_H
#define MLC_CODEGEN_WINOGRADELEMENTS_H

#include "CodeGen/Product.h"
#include "Kernel/IR/Kernel.h"

namespace mlc {

class WinogradElements {
public:
  explicit WinogradElements(mlir::kernel::WinogradOp op);

  const mlir::kernel::WinogradTransforms &transforms() const {
    return matrices;
  }
  Pairs pairs() const { return kind; }
  bool areWords() const { return kind == Pairs::words; }
  /// Whether weights are, two quads in a row.
  bool areNibbles() const { return hasNibbles; }
  /// Input channels of an element, and the parts that elements are in.
  int64_t channels() const { return kind == Pairs::none ? 1 : 2; }
  int64_t parts() const { return areWords() ? 2 : 1; }
  /// Elements that fill `lanes` lanes of 32 bits as they are transformed.
  int64_t fitting(int64_t lanes) const {
    return kind == Pairs::halves ? std::max<int64_t>(lanes / 2, 1) : lanes;
  }
  /// Numbers of a lane of packed weights.
  int64_t laneSize() const { return channels() * parts(); }

  /// `lanes` elements as they are transformed.
  Type vectorOf(Emitter &e, int64_t lanes) const;
  /// Those of `part` of the input's channels, the zero point taken off, from
  /// `at` on.
  Value input(Emitter &e, const View &in, Value at, int64_t lanes,
              int64_t part) const;
  /// Those of `part` of the lanes of packed weights; of nibbles, of the quad
  /// `quad` % 2 of the row.
  Value weights(Emitter &e, const View &weights, Value at, int64_t lanes,
                int64_t part, Value quad) const;
  void store(Emitter &e, const View &scratch, Value at, Value vector) const;
  /// What transforms made of products for row `y` and column `x` of a tile, as
  /// the convolution's results.
  Value result(Emitter &e, Value transformed, int64_t y, int64_t x) const;

private:
  Pairs kind;
  bool isUnsigned, hasNibbles;
  int64_t zeroPoint;
  mlir::kernel::WinogradTransforms matrices;
};

} // namespace mlc

#endif // MLC_CODEGEN_WINOGRADELEMENTS_H
