//===- Compare.h - How far two tensors are apart ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one definition of "equal enough", as numpy.testing.assert_allclose has
// it: |actual - expected| <= atol + rtol * |expected|, element by element.
//
//   Comparison c = compare(actual, expected, {1e-3, 1e-7});
//   if (!c.matches())
//     errs() << c.str();   // 2 of 6 elements differ, worst at [1,0]: ...
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TENSORIO_COMPARE_H
#define MLC_TENSORIO_COMPARE_H

#include "TensorIO/Tensor.h"

namespace mlc {

/// What may differ. Type and shape never may.
struct Tolerance {
  /// Floats: relative to the expected element. Unless it is 0, bf16 and f16
  /// have at least two units in the last place, 2^-6 and 2^-9.
  double rtol = 1e-3;
  /// Floats: absolute; with `atolOfScale`, in units of the largest finite
  /// expected magnitude of the tensor.
  double atol = 1e-4;
  bool atolOfScale = false;
  /// Integers: units by which they may differ. Booleans never may.
  uint64_t units = 0;
};

/// Equal infinities agree, and NaN agrees with NaN. Neither agrees with
/// anything else, and then its error counts as infinite.
struct Comparison {
  /// Set where type or shape differ; then no element was compared.
  std::string shapeError;
  int64_t elements = 0;
  /// Elements outside the tolerance.
  int64_t mismatches = 0;
  double maxAbsError = 0;
  /// Of elements whose expected value is not 0.
  double maxRelError = 0;
  /// Linear index of the element that exceeds its tolerance most, or comes
  /// closest to it; -1 where all are equal.
  int64_t worst = -1;
  double worstActual = 0, worstExpected = 0;
  /// Largest finite expected magnitude.
  double scale = 0;
  llvm::SmallVector<int64_t> shape;

  bool matches() const { return shapeError.empty() && mismatches == 0; }

  /// One line, without a newline.
  std::string str() const;
};

Comparison compare(const Tensor &actual, const Tensor &expected,
                   const Tolerance &tolerance);

} // namespace mlc

#endif // MLC_TENSORIO_COMPARE_H
