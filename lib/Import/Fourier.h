//===- Fourier.h - discrete Fourier transforms as products ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A transform is a product with a constant matrix. Of one whose matrix would be
// too large, the period is divided into two factors: transforms of one factor,
// turned by constant angles, and transforms of the other (Cooley and Tukey, "An
// algorithm for the machine calculation of complex Fourier series", 1965).
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_FOURIER_H
#define MLC_IMPORT_FOURIER_H

#include "Import/Compose.h"

namespace mlc {

struct Transform {
  int64_t length = 0, bins = 0; ///< elements read, and frequencies
  int64_t period = 0;           ///< length after padding with zeros
  bool isReal = false;
  /// Back from frequencies: then bins are elements, and the result may be real.
  bool isInverse = false, givesReal = false;

  int64_t partsIn() const { return isReal ? 1 : 2; }
  int64_t partsOut() const { return givesReal ? 1 : 2; }
};

/// Reports a transform that is no transform, or has no factors of a size that
/// is supported.
mlir::LogicalResult checkTransform(Node &node, const Transform &t);

/// Rows [R, length * parts] to [R, bins * parts].
mlir::Value applyTransform(Node &node, mlir::Value rows, const Transform &t);

} // namespace mlc

#endif // MLC_IMPORT_FOURIER_H
