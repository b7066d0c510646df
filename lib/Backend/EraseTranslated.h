//===- EraseTranslated.h - functions go as LLVM has them --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Of a large model the functions of the LLVM dialect take more memory than
// anything else, and LLVM IR half as much again: a translation that drops each
// body behind its translation never holds both of all functions.
//
//   registerEraseTranslated(registry);            // with the translations
//   eraseWhenTranslated(module);
//   translateModuleToLLVMIR(module, llvmContext); // leaves declarations
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_ERASETRANSLATED_H
#define MLC_BACKEND_ERASETRANSLATED_H

#include "mlir/IR/BuiltinOps.h"

namespace mlc {

/// Each function with a body in `module` loses it as soon as it is LLVM IR.
/// Then `module` is of use for its attributes alone.
void eraseWhenTranslated(mlir::ModuleOp module);

/// The part of the kernel dialect in translations that does so.
void registerEraseTranslated(mlir::DialectRegistry &registry);

} // namespace mlc

#endif // MLC_BACKEND_ERASETRANSLATED_H
