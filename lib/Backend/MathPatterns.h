//===- MathPatterns.h - float functions as arithmetic -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites that upstream's expansions lack, or have with undefined behaviour
// for large values. All are exact but for those that say otherwise.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_MATHPATTERNS_H
#define MLC_BACKEND_MATHPATTERNS_H

#include "mlir/IR/PatternMatch.h"

namespace mlc {

/// Computes math functions of f16, bf16 and (but for native ones) f64 in f32.
void populateMathTypePatterns(mlir::RewritePatternSet &patterns);

/// math.round (half away from zero) always; floor, ceil, trunc and roundeven
/// unless they are `native`. By adding and subtracting 2^23 (2^52).
void populateRoundingPatterns(mlir::RewritePatternSet &patterns, bool native);

/// powf (to 1e-5 relative), log10, remf (exact while the quotient is below
/// 2^53, less than y beyond), maxnumf, minnumf, ipowi.
void populateFloatPatterns(mlir::RewritePatternSet &patterns);

/// maximumf and minimumf, for CPUs where LLVM cannot select that of f64; which
/// zero is greater is left open.
void populateExtremumPatterns(mlir::RewritePatternSet &patterns);

/// Makes tanh 1 or -1 for large arguments, for CPUs without fused multiply-add,
/// where upstream's approximation is one unit in the last place short of it.
void populateTanhPatterns(mlir::RewritePatternSet &patterns);

/// f32 sin and cos to two units in the last place up to 2^28, above which they
/// are those of 0, and log of subnormal numbers, where upstream's
/// approximations are of use for small angles and normal numbers only.
void populateRangePatterns(mlir::RewritePatternSet &patterns);

/// f32 fma with its single rounding, in f64, for CPUs without the instruction.
/// Approximations of upstream's mean no more by fma than a product and a sum,
/// so that this comes before them.
void populateExactFmaPatterns(mlir::RewritePatternSet &patterns);

/// extf and truncf between f16 and f32 by integer arithmetic unless the CPU has
/// instructions (`native`); between f16 and f64 by way of f32.
void populateF16Patterns(mlir::RewritePatternSet &patterns, bool native);

} // namespace mlc

#endif // MLC_BACKEND_MATHPATTERNS_H
