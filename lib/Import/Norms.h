//===- Norms.h - Normalisations that several converters make ----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Means over some dimensions, then elementwise arithmetic that fuses. Null
// operands give null.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_NORMS_H
#define MLC_IMPORT_NORMS_H

#include "Import/Node.h"

namespace mlc {

/// (x - mean) / sqrt(variance + epsilon); what it divided by too.
struct Normalized {
  mlir::Value y, mean, inverse;
};

Normalized normalize(Node &node, mlir::Value x, llvm::ArrayRef<int64_t> axes,
                     double epsilon);

/// x / sqrt(mean of squares + epsilon), without a mean.
Normalized normalizeSquares(Node &node, mlir::Value x,
                            llvm::ArrayRef<int64_t> axes, double epsilon);

/// The type that arithmetic on `v` is done in: f32 for narrow floats.
mlir::Type stashType(mlir::Value v);

/// A value per channel, so that it broadcasts over [N, C, ...] of rank `rank`.
mlir::Value perChannel(Node &node, mlir::Value v, int64_t rank);

} // namespace mlc

#endif // MLC_IMPORT_NORMS_H
