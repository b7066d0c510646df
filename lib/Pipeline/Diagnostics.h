//===- Diagnostics.h - Diagnostics as messages for people -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Collects what a context reports, as the library tells it (mlc/Diagnostics.h);
// in words, one line per problem:
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

#include "mlc/Diagnostics.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"

namespace mlc {

/// Diagnostics on their way through llvm::Error, whose text is theirs, a line
/// each.
class DiagnosticsError : public llvm::ErrorInfo<DiagnosticsError> {
public:
  static char ID;
  explicit DiagnosticsError(Diagnostics list) : list(std::move(list)) {}

  const Diagnostics &diagnostics() const { return list; }
  void log(llvm::raw_ostream &os) const override { os << textOf(list); }
  std::error_code convertToErrorCode() const override {
    return llvm::inconvertibleErrorCode();
  }

private:
  Diagnostics list;
};

/// What `from` says, on one line.
Diagnostic describe(mlir::Diagnostic &from);

/// Handles the context's diagnostics for its lifetime: keeps errors and
/// warnings. What has no location is about `file`.
class DiagnosticLog {
public:
  DiagnosticLog(mlir::MLIRContext *context, std::string file);

  /// All errors so far as a DiagnosticsError, at most `most` of them; a generic
  /// one where nothing was reported.
  llvm::Error take(size_t most = 100);
  /// Warnings so far; they are forgotten here.
  Diagnostics takeWarnings() { return std::exchange(warnings, {}); }

private:
  /// What `from` says, of the file where it names none.
  Diagnostic located(mlir::Diagnostic &from) const;

  std::string file;
  Diagnostics errors, warnings;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace mlc

#endif // MLC_PIPELINE_DIAGNOSTICS_H
