//===- FreeConstants.h - Constants that a pass left behind ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A context keeps each resource until its own end, also the weights that were
// folded, transposed or packed into others. They go behind each pass:
//
//   PassManager pipeline(&context);
//   freeConstantsBehindPasses(pipeline, [&] { return modules; });
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_FREECONSTANTS_H
#define MLC_PIPELINE_FREECONSTANTS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

namespace mlc {

/// Gives back the memory of all resources that no one of `modules`, at least
/// one, of one context, names. Nobody else may hold one: no other module, no
/// attribute in a variable. Returns how many there were.
unsigned freeUnusedConstants(llvm::ArrayRef<mlir::Operation *> modules);

/// Does so behind each pass on a module, with all that `modules` gives.
void freeConstantsBehindPasses(
    mlir::PassManager &pipeline,
    std::function<llvm::ArrayRef<mlir::Operation *>()> modules);

} // namespace mlc

#endif // MLC_PIPELINE_FREECONSTANTS_H
