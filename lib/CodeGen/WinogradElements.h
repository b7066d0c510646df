//===- WinogradElements.h - floats, or words of bytes -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. What a Winograd kernel transforms and multiplies.
// Elements of its plan are floats, or pairs of words that bytes became: of a
// quad of channels the even ones are a pair and the odd ones another. Of a
// block of channels all even pairs lie before the odd ones, part by part, so
// that inputs and weights become words without a permutation.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_WINOGRADELEMENTS_H
#define MLC_CODEGEN_WINOGRADELEMENTS_H

#include "CodeGen/Emitter.h"
#include "Kernel/IR/Kernel.h"

namespace mlc {

class WinogradElements {
public:
  explicit WinogradElements(mlir::kernel::WinogradOp op);

  const mlir::kernel::WinogradTransforms &transforms() const {
    return matrices;
  }
  bool areWords() const { return isOfBytes; }
  /// Input channels of an element, and the parts that elements are in.
  int64_t channels() const { return isOfBytes ? 2 : 1; }
  int64_t parts() const { return isOfBytes ? 2 : 1; }
  /// Bytes, or floats, of a lane of packed weights.
  int64_t laneSize() const { return isOfBytes ? 4 : 1; }

  /// `lanes` elements as they are transformed.
  Type vectorOf(Emitter &e, int64_t lanes) const;
  /// Those of `part` of the input's channels, the zero point taken off, from
  /// `at` on.
  Value input(Emitter &e, const View &in, Value at, int64_t lanes,
              int64_t part) const;
  /// Those of `part` of the lanes of packed weights.
  Value weights(Emitter &e, const View &weights, Value at, int64_t lanes,
                int64_t part) const;
  void store(Emitter &e, const View &scratch, Value at, Value vector) const;
  /// What transforms made of products for row `y` and column `x` of a tile, as
  /// the convolution's results.
  Value result(Emitter &e, Value transformed, int64_t y, int64_t x) const;

private:
  bool isOfBytes;
  bool isUnsigned;
  int64_t zeroPoint;
  mlir::kernel::WinogradTransforms matrices;
};

} // namespace mlc

#endif // MLC_CODEGEN_WINOGRADELEMENTS_H
