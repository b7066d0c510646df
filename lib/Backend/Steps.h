//===- Steps.h - the backend's steps as functions ---------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the passes of Passes.td do, with what they find out beyond the IR.
// runBackend (Backend.h) calls them in this order; each requires the IR that
// the one before leaves. All report errors at the location of the operation.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_STEPS_H
#define MLC_BACKEND_STEPS_H

#include "Backend/Backend.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlc {

/// Names of attributes that steps leave for later ones.
namespace attrs {
/// On @main: how many of its arguments are inputs and outputs, in this order.
constexpr llvm::StringLiteral inputs = "mlc.inputs";
constexpr llvm::StringLiteral outputs = "mlc.outputs";
/// On the last result of @main, a bool: whether the run was valid. Later on
/// @main: that is an argument behind inputs and outputs.
constexpr llvm::StringLiteral valid = "mlc.valid";
/// On the module: bytes.
constexpr llvm::StringLiteral arenaSize = "mlc.arena_size";
constexpr llvm::StringLiteral arenaLowerBound = "mlc.arena_lower_bound";
/// On a function: the number of the CPU variant that it was lowered for.
constexpr llvm::StringLiteral variant = "mlc.variant";
/// On a function whose calls may be divided: into how many parts at most. Its
/// last two arguments are the part and the parts (CodeGen/CodeGen.h).
constexpr llvm::StringLiteral mostParts = "mlc.most_parts";
/// On an argument of a kernel's function: bytes of scratch memory, of which
/// each thread that runs a part has its own.
constexpr llvm::StringLiteral scratch = "mlc.scratch";
/// On the module: bytes of the arena for each thread but the first.
constexpr llvm::StringLiteral threadBytes = "mlc.thread_bytes";
} // namespace attrs

/// Name of the global that stands for the weights in the module.
constexpr llvm::StringLiteral weightsName = "mlc_weights";

/// What profiled code calls; see BackendOptions::profile.
constexpr llvm::StringLiteral profileMark = "mlc_profile_mark";

/// @main, with a body; failure with an error at the module if there is none.
mlir::FailureOr<mlir::func::FuncOp> findMain(mlir::ModuleOp module);

mlir::LogicalResult toDestinations(mlir::ModuleOp module);
mlir::LogicalResult bufferize(mlir::ModuleOp module);
mlir::LogicalResult forwardCopies(mlir::ModuleOp module);
mlir::LogicalResult unitStrides(mlir::ModuleOp module);
mlir::LogicalResult padPixels(mlir::ModuleOp module);

/// `cache`: bytes of a core's L2, above which an image is worth
/// not being kept; `threads`: how many may need scratch memory.
mlir::LogicalResult streamRows(mlir::ModuleOp module, int64_t cache,
                               unsigned threads);

struct ArenaLayout {
  uint64_t size = 0, lowerBound = 0;
  std::optional<MemoryMap> map;
};
mlir::FailureOr<ArenaLayout> planArenaOf(mlir::ModuleOp module,
                                         const ArenaOptions &options);

/// `freeConstants`: give back each resource blob once its bytes are laid out.
mlir::FailureOr<WeightBlob> layOutWeights(mlir::ModuleOp module,
                                          bool freeConstants,
                                          uint64_t most = UINT64_MAX);

mlir::FailureOr<std::vector<KernelInfo>> outlineKernels(mlir::ModuleOp module);

/// A call of `profileMark` after each call in @main.
mlir::FailureOr<std::vector<KernelCall>> profileKernels(mlir::ModuleOp module);

/// Every function of the module in one copy for each of so many targets, named
/// NAME_vN. With more than one of `threads`, functions but @main get two
/// arguments, attrs::part and attrs::parts, which are 0 and 1 in all calls.
mlir::LogicalResult cloneVariants(mlir::ModuleOp module, unsigned targets,
                                  unsigned threads);

/// The target that attrs::variant of `function` says, of so many; failure with
/// an error where it says none.
mlir::FailureOr<unsigned> variantOf(mlir::func::FuncOp function,
                                    unsigned targets);

/// Kernel ops get the schedule of their function's target. `measured` is a
/// table per target, or empty.
mlir::LogicalResult
scheduleVariants(mlir::ModuleOp module, llvm::ArrayRef<TargetInfo> targets,
                 llvm::ArrayRef<ScheduleTable> measured = {});

/// Linalg and kernel operations become loops for their function's target.
mlir::LogicalResult lowerKernels(mlir::ModuleOp module,
                                 llvm::ArrayRef<TargetInfo> targets);

/// Kernels that are worth it do what their arguments attrs::part and
/// attrs::parts say; the others lose these.
mlir::LogicalResult shareKernels(mlir::ModuleOp module, unsigned threads);

/// To the LLVM dialect; @main_vN becomes @PREFIX_main_vN of the type that
/// Emit/Entry.h asks for.
mlir::LogicalResult lowerToLLVM(mlir::ModuleOp module, llvm::StringRef prefix,
                                const TargetInfo &target);

/// Calls of functions with attrs::mostParts run on the entry's executor; part
/// of lowerToLLVM, on functions of the LLVM dialect. Scratch memory of threads
/// but the first lies behind the planned part of the arena: attrs::threadBytes
/// is set.
void forkKernels(mlir::ModuleOp module, const TargetInfo &target);

/// Long runs of calls become calls of functions of some calls each; part of
/// lowerToLLVM, behind forkKernels.
void divideEntry(mlir::LLVM::LLVMFuncOp entry);

/// Loops for a linalg operation on memrefs of static strides.
mlir::LogicalResult linalgToLoops(mlir::Operation *op,
                                  mlir::RewriterBase &rewriter);

} // namespace mlc

#endif // MLC_BACKEND_STEPS_H
