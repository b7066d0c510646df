//===- Attributes.h - what passes hand on -----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names of attributes, symbols and functions that more than one pass of the
// backend knows. What a pass finds out beyond the IR is such an attribute, so
// that any phase can be the first of a run.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_ATTRIBUTES_H
#define MLC_BACKEND_ATTRIBUTES_H

#include "Target/Target.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlc {

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
/// On the module: where buffers are (Report.h).
constexpr llvm::StringLiteral arenaPlan = "mlc.arena_plan";
/// On a global of bytes: the constant whose elements these are to be, until
/// they are laid out.
constexpr llvm::StringLiteral constant = "mlc.constant";
/// On the module: the bytes of all constants, a resource; absent if none.
constexpr llvm::StringLiteral weights = "mlc.weights";
/// On a function that operations of the model were outlined into, and later on
/// its copy for the first CPU: what a report says of it (Report.h).
constexpr llvm::StringLiteral kernel = "mlc.kernel";
/// On the declaration of `profileMark`: the calls that it tells of (Report.h).
constexpr llvm::StringLiteral calls = "mlc.calls";
/// On a function: the number of the CPU variant that it was lowered for.
constexpr llvm::StringLiteral variant = "mlc.variant";
/// On a function of the LLVM dialect that the runtime calls.
constexpr llvm::StringLiteral entry = "mlc.entry";
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

/// What profiled code calls: `void mlc_profile_mark(int64_t)`.
constexpr llvm::StringLiteral profileMark = "mlc_profile_mark";

/// @main, with a body; failure with an error at the module if there is none.
mlir::FailureOr<mlir::func::FuncOp> findMain(mlir::ModuleOp module);

/// The number in an integer attribute of `op`, 0 where it has none.
int64_t numberOf(mlir::Operation *op, llvm::StringRef attribute);

/// The targets of a pass's options; failure with an error.
mlir::FailureOr<std::vector<TargetInfo>> targetsOf(mlir::MLIRContext *context,
                                                   llvm::StringRef triple,
                                                   llvm::StringRef cpus);

/// Which of `targets` attrs::variant of `function` says; failure with an error
/// where it says none.
mlir::FailureOr<const TargetInfo *>
targetOf(mlir::func::FuncOp function, llvm::ArrayRef<TargetInfo> targets);

} // namespace mlc

#endif // MLC_BACKEND_ATTRIBUTES_H
