//===- CodeGen.h - kernel ops to vector loops -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The emitters: each kernel op on memrefs becomes loops in scf, vector, memref,
// arith and math for one target, as its schedule says (#kernel.schedule).
// Vectors are as wide as the target's registers, so that convert-vector-to-llvm
// needs no unrolling before it.
//
//   pm.addPass(mlc::createKernelEmitPass(target));
//
// Loops whose iterations do not depend on each other carry the attribute
// attrs::parallel, for whoever divides them among threads. In one function all
// iterations of all these loops, of nested ones and of ones side by side, may
// run in any order and at once, but for what they do to memory that is chosen
// by attrs::part; and whatever writes memory is inside one, or prepares such
// memory for parallel loops beside it and carries attrs::perPart. A plain loop
// around parallel ones is run by each part, which does its share of these each
// time: then a part keeps to the same pixels for all channels.
//
// Static strides are required, the innermost being 1, and packed weights
// contiguous. The result's elements are written once each.
//
// Generated code is at its best with LLVM's -O2, loop strength reduction and
// loop unrolling off (mlc::optimize does so).
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_CODEGEN_H
#define MLC_CODEGEN_CODEGEN_H

#include "Target/Target.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"

#include "EmitInterface.h.inc"

namespace mlir::memref {
class CopyOp;
} // namespace mlir::memref

namespace mlc {

namespace attrs {
/// On scf.for: its iterations are independent, as said above.
constexpr llvm::StringLiteral parallel = "mlc.parallel";
/// On scf.for of one iteration, directly in a parallel loop, in a plain one
/// around parallel ones or in the function: every part that does some of what
/// is around it does this.
constexpr llvm::StringLiteral perPart = "mlc.per_part";
/// On two arguments of a function, of type index: it does the share `part` of
/// `parts` of its work. Calls of different parts may run at once.
constexpr llvm::StringLiteral part = "mlc.part";
constexpr llvm::StringLiteral parts = "mlc.parts";
/// On scf.for whose bounds are known when it runs: how many iterations it has,
/// about, for whoever estimates what takes long.
constexpr llvm::StringLiteral trips = "mlc.trips";
} // namespace attrs

/// Removes the marks of all loops in `block`, which parts then no longer
/// divide, and loops of one iteration that were only there to bear one.
void removePartMarks(mlir::Block &block, mlir::RewriterBase &rewriter);

/// Attaches KernelEmitOpInterface to all kernel ops.
void registerEmitters(mlir::DialectRegistry &registry);

/// Replaces `op`, a kernel op on memrefs, by loops for `target`, as its
/// schedule says; one without gets the usual one (Schedule/KernelSchedule.h).
/// On failure the reason goes to the rewriter's listener (notifyMatchFailure)
/// and the op stays.
llvm::LogicalResult emitKernel(mlir::Operation *op, const TargetInfo &target,
                               mlir::RewriterBase &rewriter);

/// The same for a copy of short rows: by vectors along the innermost dimension.
/// Fails where elements are not whole bytes, strides are not static or rows of
/// more than 1 KiB make memcpy the better choice.
llvm::LogicalResult emitCopy(mlir::memref::CopyOp op, const TargetInfo &target,
                             mlir::RewriterBase &rewriter);

/// A large copy between contiguous memrefs as a parallel loop of smaller ones.
/// Fails where it is too small for that.
llvm::LogicalResult emitPieces(mlir::memref::CopyOp op,
                               const TargetInfo &target,
                               mlir::RewriterBase &rewriter);

/// Emits all kernel ops of a function or module; an op that cannot be emitted
/// is an error at its location.
std::unique_ptr<mlir::Pass> createKernelEmitPass(const TargetInfo &target);

/// Registers `--kernel-emit="target=<cpu> triple=<triple>"`; both as in
/// `mlc compile`, the first variant of the list counts.
void registerCodeGenPasses();

} // namespace mlc

#endif // MLC_CODEGEN_CODEGEN_H
