//===- ScalarProgram.h - Arithmetic of f32 at compile time ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_SCALARPROGRAM_H
#define MLC_QUANTIZE_SCALARPROGRAM_H

#include "mlir/IR/Block.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace mlc {

/// Numbers, one for each case that is computed.
using Column = llvm::SmallVector<float>;

/// What `result`, a value of `block`, is in each case where the block's
/// arguments, f32, are `arguments`: each op for all cases, rounded as IEEE 754
/// says. nullopt where an op is none of sums, products, quotients, minima,
/// maxima, square roots, comparisons and choices of f32; folding op by op does
/// what is left, in a thousand times the time.
std::optional<Column> runScalars(mlir::Block &block, mlir::Value result,
                                 llvm::ArrayRef<Column> arguments);

} // namespace mlc

#endif // MLC_QUANTIZE_SCALARPROGRAM_H
