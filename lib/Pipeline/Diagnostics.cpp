//===- Diagnostics.cpp - Diagnostics as messages for people ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Diagnostics.h"

#include "Support/NodeLocation.h"
#include "Support/Printable.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

char mlc::DiagnosticsError::ID = 0;

//===----------------------------------------------------------------------===//
// The public type
//===----------------------------------------------------------------------===//

std::string mlc::Diagnostic::text() const {
  std::string where =
      file + (file.empty() || place.empty() ? "" : ": ") + place;
  return printable(where + (where.empty() ? "" : ": ") + message);
}

std::string mlc::textOf(const Diagnostics &diagnostics) {
  std::string text;
  for (const mlc::Diagnostic &diagnostic : diagnostics)
    text += (text.empty() ? "" : "\n") + diagnostic.text();
  return text;
}

//===----------------------------------------------------------------------===//
// What a context reports
//===----------------------------------------------------------------------===//

mlc::Diagnostic mlc::describe(mlir::Diagnostic &from) {
  mlc::Diagnostic to;
  to.severity = from.getSeverity() == DiagnosticSeverity::Error
                    ? Severity::Error
                    : Severity::Warning;
  Location loc = from.getLocation();
  to.node = nodeOf(loc);
  loc->walk([&](Location at) {
    if (auto named = dyn_cast<NameLoc>(at); named && to.place.empty())
      to.place = named.getName().str();
    if (auto line = dyn_cast<FileLineColLoc>(at); line && to.file.empty())
      to.file = line.getFilename().str();
    return WalkResult::advance();
  });
  // One message a line, whatever an op prints itself as.
  std::string text = from.str();
  SmallVector<StringRef> lines;
  StringRef(text).split(lines, '\n', -1, false);
  to.message = llvm::join(lines, " ");
  return to;
}

mlc::DiagnosticLog::DiagnosticLog(MLIRContext *context, std::string name)
    : file(std::move(name)), handler(context, [this](mlir::Diagnostic &from) {
        if (from.getSeverity() == DiagnosticSeverity::Error)
          errors.push_back(located(from));
        else if (from.getSeverity() == DiagnosticSeverity::Warning)
          warnings.push_back(located(from));
        return success();
      }) {}

mlc::Diagnostic mlc::DiagnosticLog::located(mlir::Diagnostic &from) const {
  mlc::Diagnostic result = describe(from);
  if (result.file.empty())
    result.file = file;
  return result;
}

llvm::Error mlc::DiagnosticLog::take(size_t most) {
  if (errors.empty()) {
    errors.emplace_back().message = "compilation failed without a diagnostic";
    errors.back().file = file;
  }
  if (errors.size() > most) {
    std::string rest = std::to_string(errors.size() - most) + " more errors";
    errors.resize(most);
    errors.emplace_back().message = rest;
  }
  return llvm::make_error<DiagnosticsError>(std::exchange(errors, {}));
}
