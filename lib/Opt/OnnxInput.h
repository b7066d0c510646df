//===- OnnxInput.h - ONNX models as input of mlc-opt ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lets mlc-opt read a model where it expects a module, with the options of
// mlc/Options.def that say how models are read:
//
//   mlc-opt model.onnx --dim=N=1 --nn-simplify
//
//===----------------------------------------------------------------------===//

#ifndef MLC_OPT_ONNXINPUT_H
#define MLC_OPT_ONNXINPUT_H

#include "mlir/IR/DialectRegistry.h"
#include "llvm/Support/LogicalResult.h"
#include "llvm/Support/MemoryBuffer.h"

namespace mlc {

/// Adds those options to the process's command line.
void registerImportFlags();

/// Imports the model at `path` and gives its module as bytecode, which the tool
/// parses like any other input. Diagnostics go to the standard error.
llvm::FailureOr<std::unique_ptr<llvm::MemoryBuffer>>
readOnnx(llvm::StringRef path, const mlir::DialectRegistry &registry);

} // namespace mlc

#endif // MLC_OPT_ONNXINPUT_H
