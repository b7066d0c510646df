//===- Compiler.h - From a model file to a library --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   CompileOptions options;
//   options.model = "digits.onnx";
//   options.targets = *resolveTargets("", "");
//   Expected<CompileReport> report = compileToFolder(options, "out");
//
// writes out/libdigits.a, out/digits.h, out/digits.json and out/mlc_runtime.h,
// each whole or not at all, and nothing where anything fails. Errors hold one
// line per problem.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_COMPILER_H
#define MLC_PIPELINE_COMPILER_H

#include "Backend/Backend.h"
#include "Emit/Contract.h"
#include "Emit/Parts.h"
#include "Pipeline/Options.h"
#include "mlc/Diagnostics.h"
#include "mlc/NodeId.h"

namespace mlc {

struct PhaseTime {
  std::string phase;
  double seconds;
};

struct CompileReport {
  ModelContract contract;
  std::optional<MemoryMap> memoryMap;
  uint64_t arenaLowerBound = 0; ///< of the planned part, in bytes
  std::vector<KernelInfo> kernels;
  std::vector<KernelCall> calls; ///< of kernels, where options.profile is set
  std::vector<PhaseTime> times;
  NarrowFloats narrowFloats;
  std::vector<FloatNode> floatNodes;
  std::vector<std::string> files; ///< written
  Diagnostics warnings;
};

/// A model as LLVM IR, ready to optimise.
struct CompiledModule {
  std::unique_ptr<llvm::LLVMContext> context;
  /// The last CPU's functions and the public ones; null where --stop-after
  /// ended it.
  std::unique_ptr<llvm::Module> module;
  std::vector<CodePart> others; ///< of the other CPUs, in their order
  /// The module declares them, as weightsName.
  mlir::AsmResourceBlob weights;
  std::string weightsName;
  CompileReport report;
};

/// The steps of Graph.h in one: reads options.model and lowers it. Errors hold
/// the diagnostics, a line each.
llvm::Expected<CompiledModule> compileToModule(const CompileOptions &options);

/// Errors where the runtime or the C library has the name of the library that
/// would be made.
llvm::Error checkLibraryName(const CompileOptions &options);

llvm::Expected<CompileReport> compileToFolder(const CompileOptions &options,
                                              llvm::StringRef folder);

} // namespace mlc

#endif // MLC_PIPELINE_COMPILER_H
