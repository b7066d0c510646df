//===- Backend.h - from linalg on tensors to an LLVM module -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The last stretch: in goes a module with `func.func @main(tensors) ->
// (tensors)` of static shapes (linalg, tensor, arith, math, scf, kernel), out
// comes an LLVM module with one entry function per CPU variant, a blob of
// weights, and the plan of the arena. Its steps are the passes of Passes.td.
//
//   mlc::BackendOptions options;
//   options.prefix = "digits";
//   options.targets = targets;                  // resolveTargets
//   FailureOr<mlc::BackendResult> result = mlc::runBackend(module, options);
//   if (failed(result)) return 1;               // diagnostics have been
//   emitted EntrySpec spec;                             // Emit/Entry.h
//   spec.plannedBytes = result->arenaSize;
//   spec.threadBytes = result->threadBytes;
//   spec.threads = options.threads;
//   for (auto [target, body] : zip(targets, result->entries))
//     spec.variants.push_back({target, body});
//   addWeights(*result->module, spec, result->weightsName,
//              result->weights.bytes);
//
// An entry is `i32 @PREFIX_main_vN(ptr arena, ptr inputs, ptr outputs, ptr
// executor)`; inputs and outputs are arrays of pointers to contiguous row-major
// elements, aligned as their element type, i1 in a byte each. Inputs and
// weights are only read. Outputs share no byte with inputs or each other.
//
// Functions of libm are never called: what the CPU lacks is expanded. Where an
// f64 function has no f64 expansion, it is computed in f32 (relative error
// 1e-6): see ExpandMath.cpp for the list.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_BACKEND_H
#define MLC_BACKEND_BACKEND_H

#include "Memory/MemoryMap.h"
#include "Schedule/Table.h"
#include "Target/Target.h"
#include "mlc/NodeId.h"
#include "mlc/Options.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include <functional>

namespace mlc {

/// Constants one after the other, each at a multiple of 64 bytes, equal ones
/// once.
struct WeightBlob {
  std::vector<char> bytes;
};

/// A function that operations of the model were outlined into.
struct KernelInfo {
  std::string function; ///< without the variant's suffix
  std::string kind;     ///< of operation: "matmul"
  /// The nodes that it computes, in program order, without repetition.
  std::vector<NodeId> nodes;
  uint64_t inputBytes = 0, outputBytes = 0; ///< of one call
  unsigned calls = 0;                       ///< in the text of the model
  std::string element; ///< that it computes in: "f32", "" for a copy
  std::string detail;  ///< window and shapes, for people
  std::string problem; ///< Problem::str, "" where there is nothing to decide
  /// Arithmetic operations of one call, two per multiply-accumulate, without
  /// and with what falls into padding.
  uint64_t operations = 0, nominalOperations = 0;
};

/// A call of a kernel in the text of the model.
struct KernelCall {
  std::string function; ///< KernelInfo::function
  NodeId node;          ///< of the model, if known
  std::string place;    ///< in words, "" if unknown
};

struct BackendPhase {
  llvm::StringLiteral name; ///< also of the pass in mlc-opt
  llvm::StringLiteral description;
};

/// The phases in their order.
llvm::ArrayRef<BackendPhase> backendPhases();

/// Of its base, `prefix` is that of the entries' names: a C identifier.
struct BackendOptions : ModelOptions {
  BackendOptions() = default;
  explicit BackendOptions(const ModelOptions &options)
      : ModelOptions(options) {}

  llvm::ArrayRef<TargetInfo> targets; ///< of one triple, best first, not empty
  ArenaOptions arena;
  /// Tiles that were measured, a table per target; empty for none.
  std::vector<ScheduleTable> schedules;
  /// Give back the memory of each resource blob as soon as it is laid out.
  bool freeConstants = true;
  /// Tell after each kernel that it is done: the code calls
  /// `void mlc_profile_mark(int64_t)`, which whoever links it provides, with -1
  /// at the start and then, behind each kernel, the index in `calls`.
  bool profile = false;
  /// Called after each phase with the module as it is then; false stops.
  std::function<bool(llvm::StringRef phase, mlir::ModuleOp module)> afterPhase;
};

struct BackendResult {
  // The context is declared first: it has to outlive the module.
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module; ///< null if afterPhase stopped
  WeightBlob weights;
  std::string weightsName; ///< the declaration that stands for the weights
  uint64_t arenaSize = 0, arenaLowerBound = 0; ///< bytes; 64-byte aligned
  uint64_t threadBytes = 0; ///< of the arena, for each thread but the first
  std::optional<MemoryMap> memoryMap;
  std::vector<KernelInfo> kernels;
  std::vector<KernelCall> calls;    ///< with `profile`, in their order
  std::vector<std::string> entries; ///< one per target, in their order
};

/// Consumes the contents of `module`. Failure comes with at least one located
/// diagnostic.
mlir::FailureOr<BackendResult> runBackend(mlir::ModuleOp module,
                                          const BackendOptions &options);

/// All dialects and external models that the backend needs in the context of
/// its module.
void registerBackendDialects(mlir::DialectRegistry &registry);

/// The passes of Passes.td.
void registerBackendPasses();

} // namespace mlc

#endif // MLC_BACKEND_BACKEND_H
