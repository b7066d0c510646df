//===- Passes.h - the backend's passes --------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From linalg and kernel ops on tensors to the LLVM dialect; Passes.td says
// what each does, Pipeline/Phases.cpp in which order. Each requires the IR that
// the ones before leave, with their attributes (Attributes.h).
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_PASSES_H
#define MLC_BACKEND_PASSES_H

#include "Schedule/Table.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassOptions.h"

namespace mlc {

#define GEN_PASS_DECL
#include "Backend/Passes.h.inc"

/// `schedule` with what was measured: a table per target.
std::unique_ptr<mlir::Pass> createScheduleKernels(
    const ScheduleKernelsOptions &options,
    std::shared_ptr<const std::vector<ScheduleTable>> measured);

struct LLVMLoweringOptions : mlir::PassPipelineOptions<LLVMLoweringOptions> {
  Option<std::string> triple{
      *this, "triple", llvm::cl::desc("Of the targets; empty: the host's")};
  Option<std::string> prefix{*this, "prefix",
                             llvm::cl::desc("Of the entries' names"),
                             llvm::cl::init("model")};
};

/// Loops of all kinds to the LLVM dialect: upstream's passes, and the last ones
/// of Passes.td.
void buildLowerToLLVM(mlir::OpPassManager &pipeline,
                      const LLVMLoweringOptions &options);

/// The pipeline as `lower-to-llvm`.
void registerBackendPipelines();

#define GEN_PASS_REGISTRATION
#include "Backend/Passes.h.inc"

} // namespace mlc

#endif // MLC_BACKEND_PASSES_H
