//===- IoTypes.h - Element types that a program wants -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A quantised model has floats at its edge, where a program has bytes: a pixel,
// a sample. Inputs and outputs get the types that --io gives them.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_IOTYPES_H
#define MLC_QUANTIZE_IOTYPES_H

#include "mlc/Options.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlc {

mlir::Type ioElementType(IoElement element, mlir::MLIRContext *context);

/// Gives arguments and results of `function`, found by their attribute
/// "nn.name", the element types of `types`. What stands between is
///   - nn.dequantize and nn.quantize, for integers of 8 or 16 bits that the
///     model itself makes of the tensor, by its parameters (or, signed instead
///     of unsigned, by the same around another zero point), or that have a
///     scale or a zero point in `types`;
///   - nn.cast, for floats of another width, integers of another width (an
///     input's must be narrower, an output's wrap), and an input of integers
///     that the model does not quantise: they are the numbers themselves.
/// Reports every name that is none, and what cannot be, at the function.
llvm::LogicalResult setIoTypes(mlir::func::FuncOp function,
                               const IoTypesByName &types);

} // namespace mlc

#endif // MLC_QUANTIZE_IOTYPES_H
