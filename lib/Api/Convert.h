//===- Convert.h - Between the library and its public types -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_API_CONVERT_H
#define MLC_API_CONVERT_H

#include "Pipeline/Compiler.h"
#include "mlc/Report.h"

#include "llvm/Support/raw_ostream.h"

namespace mlc {

/// What `error` holds: the diagnostics of a compilation, or an error a line of
/// its text.
Diagnostics diagnosticsOf(llvm::Error error);

/// Writes a file, whole or not at all.
Result<void> writeBytes(const std::string &path, llvm::StringRef bytes);

/// All that a compilation has found out.
Report reportOf(const CompileReport &report);

TensorSpec specOf(const TensorContract &tensor);
std::vector<TensorSpec> specsOf(llvm::ArrayRef<TensorContract> tensors);

/// What `write` gives to a stream.
template <typename Write>
std::string textBy(Write write) {
  std::string text;
  llvm::raw_string_ostream os(text);
  write(os);
  return text;
}

} // namespace mlc

#endif // MLC_API_CONVERT_H
