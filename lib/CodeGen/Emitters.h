//===- Emitters.h - one emitter a kernel op ---------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. Each replaces an op on memrefs by loops at the op's
// place, or says by notifyMatchFailure why it cannot and leaves the op.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_EMITTERS_H
#define MLC_CODEGEN_EMITTERS_H

#include "Target/Target.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::kernel {
class ConvOp;
class DepthwiseOp;
class MatmulOp;
class PoolOp;
class SoftmaxOp;
class ReduceOp;
class StreamOp;
class WinogradOp;
struct WinogradPlan;
} // namespace mlir::kernel

namespace mlc {

/// With `firstRow`, the init is some rows of the result only, from that one on.
llvm::LogicalResult emitConv(mlir::kernel::ConvOp op, const TargetInfo &target,
                             mlir::RewriterBase &rewriter,
                             mlir::Value firstRow = {});
/// A convolution whose packed blocks hold several groups.
llvm::LogicalResult emitGroupConv(mlir::kernel::ConvOp op,
                                  const TargetInfo &target,
                                  mlir::RewriterBase &rewriter);
llvm::LogicalResult emitDepthwise(mlir::kernel::DepthwiseOp op,
                                  const TargetInfo &target,
                                  mlir::RewriterBase &rewriter);
llvm::LogicalResult emitMatmul(mlir::kernel::MatmulOp op,
                               const TargetInfo &target,
                               mlir::RewriterBase &rewriter);
llvm::LogicalResult emitPool(mlir::kernel::PoolOp op, const TargetInfo &target,
                             mlir::RewriterBase &rewriter);
llvm::LogicalResult emitSoftmax(mlir::kernel::SoftmaxOp op,
                                const TargetInfo &target,
                                mlir::RewriterBase &rewriter);
llvm::LogicalResult emitReduce(mlir::kernel::ReduceOp op,
                               const TargetInfo &target,
                               mlir::RewriterBase &rewriter);
llvm::LogicalResult emitStream(mlir::kernel::StreamOp op,
                               const TargetInfo &target,
                               mlir::RewriterBase &rewriter);
llvm::LogicalResult emitWinograd(mlir::kernel::WinogradOp op,
                                 const TargetInfo &target,
                                 mlir::RewriterBase &rewriter);
/// With an init of some rows of the result only, whole blocks of the tiles of
/// `plan`, the result's, from `firstRow` on.
llvm::LogicalResult emitWinogradRows(mlir::kernel::WinogradOp op,
                                     const mlir::kernel::WinogradPlan &plan,
                                     mlir::Value firstRow,
                                     const TargetInfo &target,
                                     mlir::RewriterBase &rewriter);

} // namespace mlc

#endif // MLC_CODEGEN_EMITTERS_H
