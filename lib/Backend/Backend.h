//===- Backend.h - from the LLVM dialect to an LLVM module ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Behind the last of the passes (Passes.h), a module is in the LLVM dialect and
// says all that is known of it: out comes an LLVM module with one entry
// function per CPU variant, the weights, and the plan of the arena.
//
//   AsmResourceBlob weights = takeWeights(module, /*freeConstants=*/true);
//   FailureOr<mlc::BackendResult> result =
//       mlc::translateToLLVM(module, targets, "digits");
//   if (failed(result)) return 1;       // diagnostics have been emitted
//   EntrySpec spec;                     // Emit/Entry.h
//   spec.plannedBytes = result->arenaSize;
//   spec.threadBytes = result->threadBytes;
//   spec.threads = options.threads;
//   for (auto [target, body] : zip(targets, result->entries))
//     spec.variants.push_back({target, body});
//   declareWeights(*result->module, spec, weightsName, weights.getData());
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

#include "Backend/Report.h"
#include "Target/Target.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

namespace mlc {

struct BackendResult {
  // The context is declared first: it has to outlive the module.
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  uint64_t arenaSize = 0, arenaLowerBound = 0; ///< bytes; 64-byte aligned
  uint64_t threadBytes = 0; ///< of the arena, for each thread but the first
  std::optional<MemoryMap> memoryMap;
  std::vector<KernelInfo> kernels;
  std::vector<KernelCall> calls;    ///< where they are profiled, in their order
  std::vector<std::string> entries; ///< one per target, in their order
};

/// `prefix` and `targets` are those that the module was lowered for. Of
/// `module` nothing but its attributes and declarations is left. Failure comes
/// with a diagnostic.
mlir::FailureOr<BackendResult>
translateToLLVM(mlir::ModuleOp module, llvm::ArrayRef<TargetInfo> targets,
                llvm::StringRef prefix);

/// The bytes behind `weightsName`, which the modules declare: constants one
/// after the other, each at a multiple of 64 bytes, equal ones once, themselves
/// aligned so. None where there are no weights. `freeConstants`: no other
/// module of the context names them, which it may forget then.
mlir::AsmResourceBlob takeWeights(mlir::ModuleOp module, bool freeConstants);

/// The functions of CPU `variant` in a module of their own, which has all that
/// is no CPU's as well. They leave `module`, in which CPUs are numbered from 0.
mlir::OwningOpRef<mlir::ModuleOp> takeVariant(mlir::ModuleOp module,
                                              int64_t variant);

/// All dialects and external models that the backend needs in the context of
/// its module.
void registerBackendDialects(mlir::DialectRegistry &registry);

} // namespace mlc

#endif // MLC_BACKEND_BACKEND_H
