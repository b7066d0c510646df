//===- Interface.h - Inputs and outputs of a module -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the world outside must know of a model, read off @main while it is still
// in the nn dialect: names, element types and shapes as in ONNX.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_INTERFACE_H
#define MLC_PIPELINE_INTERFACE_H

#include "Emit/Contract.h"
#include "Emit/Entry.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlc {

/// The runtime's type for an nn element type.
mlc_type runtimeType(mlir::Type element);

/// The same for tensors in this process.
ElementType hostType(mlc_type type);

/// Names, types, shapes, documents and identity; sizes are filled in later.
ModelContract contractOf(mlir::ModuleOp module, llvm::StringRef prefix);

/// Adds scales and zero points of integers, where nn-quantize found them and
/// the contract does not say them already.
void addQuantization(mlir::ModuleOp module, ModelContract &contract);

/// The same for the generated entry points.
EntrySpec entryOf(const ModelContract &contract);

/// Multiply-accumulates of one run.
uint64_t countMacs(mlir::ModuleOp module);

} // namespace mlc

#endif // MLC_PIPELINE_INTERFACE_H
