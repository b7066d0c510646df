//===- Diagnostics.h - Diagnostics as messages for people -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Collects what a context reports, one line per problem:
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

/// One diagnostic in one line, which begins with the file and the node that
/// its location names; the file is `file` where it names none.
std::string describe(mlir::Diagnostic &diagnostic, llvm::StringRef file);

/// Keeps the context's errors and warnings for its lifetime. What has no
/// location is about `file`.
class DiagnosticLog {
public:
  DiagnosticLog(mlir::MLIRContext *context, llvm::StringRef file);

  bool empty() const { return errors.empty(); }
  /// All errors so far as one llvm::Error, a line each, at most `most` of them;
  /// a generic one where nothing was reported.
  llvm::Error take(size_t most = 100);
  /// Warnings so far, a line each; they are forgotten here.
  std::vector<std::string> takeWarnings() {
    return std::exchange(warnings, {});
  }

private:
  std::string file;
  std::vector<std::string> errors, warnings;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace mlc

#endif // MLC_PIPELINE_DIAGNOSTICS_H
