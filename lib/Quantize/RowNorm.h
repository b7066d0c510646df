//===- RowNorm.h - Normalisation without floats -----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What LayerNormalization and InstanceNormalization compute in mode integer, on
// scalars. Of a row of n integers x, apart from their zero point, with their
// scale s, sums are exact:
//
//   sum = x[0] + ..., squares = x[0]^2 + ...
//   y[i] = (x[i] - mean) / sqrt(variance + epsilon)
//        = (n x[i] - sum) / sqrt(n squares - sum^2 + epsilon n^2 / s^2)
//
// The root's argument is taken in units of 2^-places, and its reciprocal comes
// of four steps of Newton's method, which double the digits of a line:
//
//   RowNorm norm = *rowNorm(n, epsilon, s);
//   ReciprocalRoot root = reciprocalRoot(norm.argument(sum, squares));
//   y = norm.normalise(x, sum, root)            in units of 2^-20
//   RowAffine affine = *rowAffine(gains, biases, scale of the result);
//   stored = affine.store(y, i, range)
//
// What is rounded in the end is off, in steps of the result, by at most
// (|y| * 2^-24 + 2^-19) * gain / scale + (|y| + 1) * 2^-20.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_ROWNORM_H
#define MLC_QUANTIZE_ROWNORM_H

#include "Quantize/Arithmetic.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace mlc {

/// 1 / sqrt(argument) = mantissa * 2^(halfShift - 61); mantissa in
/// [2^30 - 2, 2^31].
struct ReciprocalRoot {
  int64_t mantissa;
  int32_t halfShift;
};

/// Of an argument in [0, 2^62), of which 0 counts as 1.
ReciprocalRoot reciprocalRoot(int64_t argument);

/// The line that Newton's method begins with, in units of 2^-30, of an argument
/// from 1/4 to 1.
inline constexpr int64_t kRootStart = 2369640000; // 2.2069
inline constexpr int64_t kRootSlope = 1431655765; // 4 / 3
inline constexpr int kRootSteps = 4;

/// How rows of `size` integers are normalised.
struct RowNorm {
  int64_t size;
  int32_t places;  ///< even
  int64_t epsilon; ///< in the root's argument

  int64_t argument(int64_t sum, int64_t squares) const;
  /// In units of 2^-20, cut off.
  int32_t normalise(int32_t x, int64_t sum, ReciprocalRoot root) const;
};

/// nullopt for more than 2^20 integers, or scales so small that epsilon leaves
/// 62 bits.
std::optional<RowNorm> rowNorm(int64_t size, double epsilon, float scale);

/// Gains and biases in steps of the result: y * factor + offset, in units of
/// 2^-(20 + places).
struct RowAffine {
  llvm::SmallVector<int64_t> factors, offsets;
  int32_t places;

  int32_t store(int32_t y, size_t i, StoredRange range) const;
};

/// nullopt where a gain is 2^30 steps or more, or no number.
std::optional<RowAffine> rowAffine(llvm::ArrayRef<double> gains,
                                   llvm::ArrayRef<double> biases, float scale);

} // namespace mlc

#endif // MLC_QUANTIZE_ROWNORM_H
