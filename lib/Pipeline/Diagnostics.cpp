//===- Diagnostics.cpp - Diagnostics as messages for people ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Diagnostics.h"

#include "Support/Printable.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlc;

/// "file: node" of the first named location in `loc`, the file alone, or "".
/// Where `loc` has no file it is `otherwise`.
static std::string place(Location loc, llvm::StringRef otherwise) {
  std::string name, file;
  loc->walk([&](Location at) {
    if (auto named = dyn_cast<NameLoc>(at); named && name.empty())
      name = named.getName().str();
    if (auto line = dyn_cast<FileLineColLoc>(at); line && file.empty())
      file = line.getFilename().str();
    return WalkResult::advance();
  });
  if (file.empty())
    file = otherwise.str();
  if (name.empty())
    return file;
  return file.empty() ? name : file + ": " + name;
}

std::string mlc::describe(Diagnostic &diagnostic, llvm::StringRef file) {
  std::string where = printable(place(diagnostic.getLocation(), file));
  std::string text = diagnostic.str();
  // One message a line, whatever an op prints itself as.
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(text).split(lines, '\n', -1, false);
  text = printable(llvm::join(lines, " "));
  return where.empty() ? text : where + ": " + text;
}

DiagnosticLog::DiagnosticLog(MLIRContext *context, llvm::StringRef file)
    : file(file), handler(context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          errors.push_back(describe(diagnostic, this->file));
        else if (diagnostic.getSeverity() == DiagnosticSeverity::Warning)
          warnings.push_back(describe(diagnostic, this->file));
        return success();
      }) {}

llvm::Error DiagnosticLog::take(size_t most) {
  if (errors.empty())
    return llvm::createStringError(file +
                                   ": compilation failed without a diagnostic");
  size_t shown = std::min(most, errors.size());
  std::string text = llvm::join(errors.begin(), errors.begin() + shown, "\n");
  if (shown < errors.size())
    text += "\n" + std::to_string(errors.size() - shown) + " more errors";
  errors.clear();
  return llvm::createStringError(text);
}
