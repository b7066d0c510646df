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
#include "mlc/Factorize.h"
#include "mlc/Prune.h"
#include "mlc/Quantize.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
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

/// Tells `output` of the share that is done and the seconds that are left;
/// nothing where nobody listens.
inline std::function<void(const std::string &what, double share, double left)>
tellShares(const Options &given, const CommandOutput &output) {
  if (!output.onStep || given.quiet)
    return {};
  return [&output](const std::string &what, double share, double left) {
    std::string text = what;
    if (left >= 0)
      llvm::raw_string_ostream(text) << llvm::format(", %.0f s left", left);
    output.onStep(text, static_cast<unsigned>(share * 100), 100);
  };
}

/// Sets what making a model of another by samples reads of all options.
inline void takeSampleOptions(const Options &given, SampleOptions &options) {
  static_cast<ModelOptions &>(options) = given;
  options.runThreads = given.runThreads;
#define MLC_SAMPLES_OPTION(TYPE, MEMBER, ...) options.MEMBER = given.MEMBER;
#include "mlc/Options.def"
}

/// What of all options quantising, pruning and factorising read.
QuantizeOptions quantizeOptions(const Options &given);
PruneOptions pruneOptions(const Options &given);
FactorizeOptions factorizeOptions(const Options &given);

/// What a command that makes a model of another by samples needs to be told,
/// before the work.
inline llvm::Error checkMade(const std::string &command,
                             const std::string &file,
                             const std::string &calibration) {
  if (file.empty())
    return llvm::createStringError(command +
                                   ": -o is required, the file to write");
  if (calibration.empty())
    return llvm::createStringError(command +
                                   ": --calibration is required, a file or "
                                   "folder of samples");
  llvm::StringRef folder = llvm::sys::path::parent_path(file);
  if (std::error_code wrong = llvm::sys::fs::access(
          folder.empty() ? "." : folder, llvm::sys::fs::AccessMode::Write))
    return llvm::createStringError(file +
                                   ": cannot be written: " + wrong.message());
  return llvm::Error::success();
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

/// Writes a model that was made of another to `file`, and tells of it: what
/// comes closest where a budget is missed. Whether none is.
template <typename Model>
Result<bool> handOver(const Options &given, const std::string &file,
                      const Result<Model> &made, const CommandOutput &output) {
  if (!made)
    return made.errors();
  if (Result<void> written = made->write(file); !written)
    return written.errors();
  const auto &report = made->report();
  llvm::raw_os_ostream os(output.out);
  if (!given.quiet)
    os << file << ": " << report.summary() << "\n";
  // For people, or for programs.
  if (llvm::Error error =
          writeReport(given.reportFile, os, [&](llvm::raw_ostream &to) {
            to << (given.reportFile == "-" ? report.text() : report.json());
          }))
    return diagnosticsOf(std::move(error));
  if (output.onWarnings && !report.missed.empty())
    output.onWarnings(
        diagnosticsOf(llvm::createStringError(file + ": " + report.missed)));
  return report.missed.empty();
}

} // namespace mlc

#endif // MLC_COMMANDS_SHARED_H
