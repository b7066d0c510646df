//===- FloatOps.h - What a quantised model leaves to floats -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An operator between integers that computes in floats costs more than it
// seems: nn-quantize lists those on the function, for people to be told.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_FLOATOPS_H
#define MLC_QUANTIZE_FLOATOPS_H

#include "Quantize/WeightOnly.h"
#include "mlc/NodeId.h"
#include "mlc/Options.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include <vector>

namespace mlc {

/// Whether `op` computes with floats. What turns the model's own floats into
/// integers, and back, does not count, nor do the factors by which a product of
/// integers is requantised.
bool computesFloats(mlir::Operation *op);

/// Lists the nodes of `function` that compute with floats in mode `mode`, a
/// node once, as its attribute "nn.float_ops"; no attribute where there are
/// none. `reasons` has those that are known.
void listFloatOps(mlir::func::FuncOp function, QuantizeMode mode,
                  const ProductReasons &reasons);

/// The lists of all functions, which lose them.
std::vector<FloatNode> takeFloatOps(mlir::ModuleOp module);

} // namespace mlc

#endif // MLC_QUANTIZE_FLOATOPS_H
