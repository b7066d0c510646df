//===- Options.h - What a compilation is asked for --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_OPTIONS_H
#define MLC_PIPELINE_OPTIONS_H

#include "Schedule/Table.h"
#include "Target/Target.h"
#include "mlc/Options.h"

#include <functional>

namespace mlc {

/// The one struct of options: those of the table, and what they stand for.
struct CompileOptions : ModelOptions {
  CompileOptions() = default;
  explicit CompileOptions(const ModelOptions &options)
      : ModelOptions(options) {}

  std::string model;               ///< path of an .onnx, or .mlir of nn ops
  std::vector<TargetInfo> targets; ///< from resolveTargets, best first
  /// Measured decisions that go before the cost models'. Algorithms, which all
  /// targets share, are the first target's.
  ScheduleOptions schedule;
  /// Tell after each kernel that it is done: the code calls
  /// `void mlc_profile_mark(int64_t)`, which whoever links it provides, with -1
  /// at the start and then, behind each kernel, the index in
  /// CompileReport::calls.
  bool profile = false;
  /// Give back the memory of constants as soon as they are laid out: no other
  /// module of the context names them.
  bool freeConstants = true;

  /// Where the IR goes that stopAfter asks for.
  llvm::raw_ostream *irStream = nullptr;
  /// Called when a phase begins, with its place among all: progress for people.
  std::function<void(llvm::StringRef phase, unsigned index, unsigned count)>
      onPhase;
};

/// Resolves targets and reads the tables that `options` name. Errors, a line
/// each, name the option: an unknown target, CPU or phase, a file that is no
/// table, a prefix that is no C identifier.
llvm::Expected<CompileOptions> resolveOptions(const ModelOptions &options);

/// The same for this machine: for its own CPU, or for `cpu` alone, and for code
/// that `threads` can run, if that is more than the library would be made for.
llvm::Expected<CompileOptions> resolveForHost(const ModelOptions &options,
                                              llvm::StringRef cpu = "native",
                                              unsigned threads = 1);

/// How many threads compileJobs stands for, at least 1.
unsigned jobsOf(const ModelOptions &options);

/// `prefix`, or the model's file name as a C identifier.
std::string prefixOf(const CompileOptions &options);

} // namespace mlc

#endif // MLC_PIPELINE_OPTIONS_H
