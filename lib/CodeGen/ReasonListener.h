//===- ReasonListener.h - Why a rewrite did not apply -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An emitter says by notifyMatchFailure why it leaves an op. Who reports that
// as an error gives its rewriter this listener.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_REASONLISTENER_H
#define MLC_CODEGEN_REASONLISTENER_H

#include "mlir/IR/PatternMatch.h"

#include <string>

namespace mlc {

struct ReasonListener : mlir::RewriterBase::Listener {
  std::string reason = "no emitter knows it"; ///< the last one

  void notifyMatchFailure(
      mlir::Location loc,
      llvm::function_ref<void(mlir::Diagnostic &)> describe) override {
    mlir::Diagnostic diagnostic(loc, mlir::DiagnosticSeverity::Error);
    describe(diagnostic);
    reason = diagnostic.str();
  }
};

} // namespace mlc

#endif // MLC_CODEGEN_REASONLISTENER_H
