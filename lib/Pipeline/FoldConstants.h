//===- FoldConstants.h - Constant subgraphs by running them -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_FOLDCONSTANTS_H
#define MLC_PIPELINE_FOLDCONSTANTS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlc {

/// Results of @main of `module`, nn ops on constants: compiled for this machine
/// by the phases that ship and run once. Failure where that is not possible;
/// nothing is reported then.
mlir::FailureOr<llvm::SmallVector<mlir::ElementsAttr>>
evaluateConstants(mlir::ModuleOp module);

} // namespace mlc

#endif // MLC_PIPELINE_FOLDCONSTANTS_H
