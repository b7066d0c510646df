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
//   freeConstantsBehindPasses(pipeline);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_FREECONSTANTS_H
#define MLC_PIPELINE_FREECONSTANTS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

namespace mlc {

/// Gives back the memory of all resources that `module` does not name. Nobody
/// else may hold one: no other module, no attribute in a variable. Returns how
/// many there were.
unsigned freeUnusedConstants(mlir::ModuleOp module);

/// Does so behind each pass on a module.
void freeConstantsBehindPasses(mlir::PassManager &pipeline);

} // namespace mlc

#endif // MLC_PIPELINE_FREECONSTANTS_H
