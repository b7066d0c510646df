//===- Phases.h - The way of a model, by name -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The phases that a model goes through, front to back, in one table: a name, a
// description, and the passes. From it come what `mlc compile --list-phases`
// prints, the names of --stop-after and Graph::runTo, what is told of progress
// and times, and the pipelines --phase-<name> of mlc-opt.
//
//   for (const Phase &phase : phasesFrom("lower"))
//     if (failed(runPhase(phase, module, options))) ...
//
// What one phase knows and another needs is in the module (Backend/
// Attributes.h): it may be printed behind any phase, and go on from there.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_PHASES_H
#define MLC_PIPELINE_PHASES_H

#include "Pipeline/Options.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

namespace mlc {

struct Phase {
  llvm::StringLiteral name;
  llvm::StringLiteral description;
  /// Adds the phase's passes; null where it has none of MLIR's: it reads the
  /// model, or it is LLVM's.
  void (*build)(mlir::OpPassManager &pipeline, const CompileOptions &options);
  /// What it works on.
  enum class Scope {
    model,  ///< whatever it is compiled for
    target, ///< for options.targets and no others
    cpu,    ///< functions of each of them, whether others are there or not
  };
  Scope scope = Scope::model;
};

llvm::ArrayRef<Phase> allPhases();
/// Those behind which a model is a module of MLIR.
llvm::ArrayRef<Phase> irPhases();
/// Of these, the last one that needs the functions of all CPUs at once.
const Phase &lastOfAllCpus();
/// Of these, the one called so and all behind it; none where there is no such.
llvm::ArrayRef<Phase> phasesFrom(llvm::StringRef name);

/// The last two of the table, which Library.h runs.
constexpr llvm::StringLiteral kOptimizePhase = "optimize";
constexpr llvm::StringLiteral kEmitPhase = "emit";

/// Runs the passes of `phase`, which has some, by a pass manager that `setUp`
/// may add to, and verifies the module. Failure comes with diagnostics.
mlir::LogicalResult
runPhase(const Phase &phase, mlir::ModuleOp module,
         const CompileOptions &options,
         llvm::function_ref<void(mlir::PassManager &)> setUp = nullptr);

/// That of options.precision, Auto resolved for the targets.
Precision precisionOf(const CompileOptions &options);

} // namespace mlc

#endif // MLC_PIPELINE_PHASES_H
