//===- Importer.h - ONNX to the nn dialect ----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads an ONNX model and gives a module with one function @main in the nn
// dialect, its argument and result names in the attribute `nn.name`, the
// model's identity in the module attribute `nn.model`, and the inputs that are
// constants in `nn.bound` (BoundValues.h).
//
// Any bytes give a module or diagnostics and failure: one message a problem,
// each located at its node, and every unsupported node reported in one run.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_IMPORTER_H
#define MLC_IMPORT_IMPORTER_H

#include "mlc/Options.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace onnx {
class ModelProto;
}

namespace mlc {

/// Imports the file at `path`; external data is read from its folder and
/// nowhere else. Diagnostics go to the context's engine.
mlir::OwningOpRef<mlir::ModuleOp> importOnnxFile(llvm::StringRef path,
                                                 const ModelOptions &options,
                                                 mlir::MLIRContext *context);

/// The same for a file in memory, with all of its data in it; `name` is what
/// diagnostics call it.
mlir::OwningOpRef<mlir::ModuleOp> importOnnxBytes(llvm::StringRef bytes,
                                                  llvm::StringRef name,
                                                  const ModelOptions &options,
                                                  mlir::MLIRContext *context);

/// The same for a model in memory, whose external data is already loaded;
/// `name` is what diagnostics call it.
mlir::OwningOpRef<mlir::ModuleOp> importOnnxModel(onnx::ModelProto &model,
                                                  llvm::StringRef name,
                                                  const ModelOptions &options,
                                                  mlir::MLIRContext *context);

} // namespace mlc

#endif // MLC_IMPORT_IMPORTER_H
