//===- BoundValues.h - Inputs that --value makes constants ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An input with one value, as a sample rate, is a constant: what depends on it
// alone is computed by the compiler, and branches never taken disappear.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_BOUNDVALUES_H
#define MLC_IMPORT_BOUNDVALUES_H

#include "Import/Importer.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"

namespace mlc {

/// Makes initializers of the inputs that `options` give values, which are lists
/// of numbers or files ("@file.npy"). Gives what the module attribute
/// "nn.bound" is: for each input a dictionary of its `name`, its `position`
/// among the file's inputs, and its `value`. Reports, at `loc`, names of no
/// input and values that are none of their input.
llvm::FailureOr<mlir::ArrayAttr> bindValues(onnx::ModelProto &model,
                                            const ModelOptions &options,
                                            mlir::Location loc);

} // namespace mlc

#endif // MLC_IMPORT_BOUNDVALUES_H
