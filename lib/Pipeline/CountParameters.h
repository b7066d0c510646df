//===- CountParameters.h - Numbers in a model's constants -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of a module in the nn dialect, as it was imported. A parameter is an element
// of a float constant, or of an integer one of more than a few: those are
// weights, not places.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_COUNTPARAMETERS_H
#define MLC_PIPELINE_COUNTPARAMETERS_H

#include "mlir/IR/BuiltinOps.h"

namespace mlc {

struct ParameterCount {
  uint64_t numbers = 0;
  /// Without those that stand for 0: of quantised weights, that hold the zero
  /// point.
  uint64_t nonZero = 0;
  uint64_t bits = 0; ///< of all, at the width of their element types
};

/// How many there are; looks at no element.
uint64_t countParameters(mlir::ModuleOp module);

/// Reads every element.
ParameterCount readParameters(mlir::ModuleOp module);

} // namespace mlc

#endif // MLC_PIPELINE_COUNTPARAMETERS_H
