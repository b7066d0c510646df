//===- Shared.h - What commands have in common ------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMMANDS_SHARED_H
#define MLC_COMMANDS_SHARED_H

#include "Api/Convert.h"
#include "Support/AtomicFile.h"
#include "mlc/Commands.h"

#include "llvm/Support/raw_os_ostream.h"

namespace mlc {

/// Tells `output` of the phases of compilations with `options`.
inline void tellPhases(CompileOptions &options, const CommandOutput &output) {
  if (output.onStep)
    options.onPhase = [&output](llvm::StringRef phase, unsigned index,
                                unsigned count) {
      output.onStep(phase.str(), index, count);
    };
}

inline void tellEnd(const CommandOutput &output) {
  if (output.onStep)
    output.onStep("", 0, 0);
}

inline void tellWarnings(const CompileReport &report,
                         const CommandOutput &output) {
  if (output.onWarnings && !report.warnings.empty())
    output.onWarnings(report.warnings);
}

/// Writes what an option asks for to its file, whole or not at all: nothing
/// where the path is empty, and to `out` where it is "-".
inline llvm::Error
writeReport(llvm::StringRef path, llvm::raw_ostream &out,
            llvm::function_ref<void(llvm::raw_ostream &)> write) {
  if (path.empty())
    return llvm::Error::success();
  if (path == "-") {
    write(out);
    return llvm::Error::success();
  }
  return writeFileAtomically(path, [&](llvm::raw_pwrite_stream &os) {
    write(os);
    return llvm::Error::success();
  });
}

} // namespace mlc

#endif // MLC_COMMANDS_SHARED_H
