//===- ErrorWatch.h - no failure without a message --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream passes mostly say why they fail, but not always. To say it again,
// less precisely, would only confuse:
//
//   ErrorWatch watch(module.getContext());
//   if (failed(upstream(module)))
//     return watch.fail(module, "module could not be lowered");
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_ERRORWATCH_H
#define MLC_BACKEND_ERRORWATCH_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"

namespace mlc {

class ErrorWatch {
public:
  explicit ErrorWatch(mlir::MLIRContext *context)
      : handler(context, [this](mlir::Diagnostic &diagnostic) {
          sawError |=
              diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
          return mlir::failure(); // To the next handler.
        }) {}

  /// Failure; emits `message` at `op` if nobody has emitted an error yet.
  mlir::LogicalResult fail(mlir::Operation *op, llvm::StringRef message) {
    if (sawError)
      return mlir::failure();
    return op->emitError(message);
  }

private:
  bool sawError = false;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace mlc

#endif // MLC_BACKEND_ERRORWATCH_H
