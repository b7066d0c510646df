//===- Bindings.h - What --dim and --shape may bind -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_BINDINGS_H
#define MLC_IMPORT_BINDINGS_H

#include "Import/Importer.h"

#include "mlir/IR/Location.h"
#include "llvm/Support/LogicalResult.h"

namespace onnx {
class GraphProto;
}

namespace mlc {

/// Every binding of `options` must mean something to an input of `graph`: a
/// dimension that is bound is the symbolic size of some input, and a shape is
/// one that its input may have. A misspelt name would else have no effect.
/// Reports all that do not, at `loc`.
llvm::LogicalResult checkBindings(const onnx::GraphProto &graph,
                                  const ImportOptions &options,
                                  mlir::Location loc);

} // namespace mlc

#endif // MLC_IMPORT_BINDINGS_H
