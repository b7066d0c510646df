//===- WeightOnly.h - Products of floats by narrow weights ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model may quantise its weights and nothing else: nn.dequantize of constants
// is the right side of an nn.matmul of floats. Which of these keep their
// weights in 4 or 8 bits, in the library and up to the registers, is decided
// here and nowhere else; all others multiply by floats.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_WEIGHTONLY_H
#define MLC_QUANTIZE_WEIGHTONLY_H

#include "NN/IR/NN.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlc {

/// Why products by dequantised weights compute on floats as they do.
using ProductReasons = llvm::DenseMap<mlir::Operation *, llvm::StringRef>;

/// Makes the right sides of products nn.blocked_dequantize, [N, K], where their
/// weights stay narrow; how many there are. `reasons` gets one for each product
/// by dequantised constants, whatever becomes of it.
int64_t keepWeightsNarrow(mlir::func::FuncOp function, ProductReasons &reasons);

} // namespace mlc

#endif // MLC_QUANTIZE_WEIGHTONLY_H
