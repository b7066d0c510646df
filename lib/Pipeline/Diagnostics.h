//===- Diagnostics.h - Diagnostics as messages for people -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Collects what a context reports, one line a problem:
//
//   model.onnx: node 'conv1' (Conv, opset 17): (C4) a window of 9 ... does not
//   fit
//
// The first named location of a diagnostic is the node it is about; passes that
// fuse locations keep all of them.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_DIAGNOSTICS_H
#define MLC_PIPELINE_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"

namespace mlc {

/// One diagnostic in one line.
std::string describe(mlir::Diagnostic &diagnostic);

/// Handles the context's diagnostics for its lifetime. Errors are kept;
/// warnings and remarks go to `remarks`, where given.
class DiagnosticLog {
public:
  explicit DiagnosticLog(mlir::MLIRContext *context,
                         llvm::raw_ostream *remarks = nullptr);

  bool empty() const { return errors.empty(); }
  /// All errors so far as one llvm::Error, a line each, at most `most` of them;
  /// a generic one where nothing was reported.
  llvm::Error take(size_t most = 100);
  /// Warnings so far, a line each; they are forgotten here.
  std::vector<std::string> takeWarnings() {
    return std::exchange(warnings, {});
  }

private:
  std::vector<std::string> errors, warnings;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace mlc

#endif // MLC_PIPELINE_DIAGNOSTICS_H
