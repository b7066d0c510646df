//===- Phases.h - The way of a model, by name -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The phases that a model goes through, in order, each with a name, a
// description and the passes it runs. `mlc compile --list-phases` prints the
// table;
// --stop-after=<phase> prints the IR there.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_PHASES_H
#define MLC_PIPELINE_PHASES_H

#include "Pipeline/Options.h"

#include "mlir/Pass/PassManager.h"

namespace mlc {

/// A phase of the graph, before the backend's.
struct Phase {
  const char *name;
  const char *description;
  /// Adds the phase's passes; null for the import itself.
  void (*build)(mlir::OpPassManager &pipeline, const CompileOptions &options);
};

llvm::ArrayRef<Phase> graphPhases();

/// Name and description of every phase, the backend's and emission included.
std::vector<std::pair<std::string, std::string>> allPhases();

/// The widest packed block that every target's vectors divide.
int64_t packedBlock(llvm::ArrayRef<TargetInfo> targets);

} // namespace mlc

#endif // MLC_PIPELINE_PHASES_H
