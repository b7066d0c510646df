//===- Analyses.h - what LLVM's passes know of a module ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_ANALYSES_H
#define MLC_EMIT_ANALYSES_H

#include "llvm/Passes/PassBuilder.h"

namespace mlc {

/// The managers of analyses that a pipeline of LLVM's runs with, each of which
/// knows the others. `builder` has to outlive them.
struct Analyses {
  explicit Analyses(llvm::PassBuilder &builder) {
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(cgsccs);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, cgsccs, modules);
  }

  // Later ones refer to those before them, and so have to end first.
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager cgsccs;
  llvm::ModuleAnalysisManager modules;
};

} // namespace mlc

#endif // MLC_EMIT_ANALYSES_H
