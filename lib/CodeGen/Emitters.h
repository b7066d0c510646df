//===- Emitters.h - one emitter per kernel op -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. Each emitter's file attaches its model of
// KernelEmitOpInterface to its op, as a specialisation of attachEmitter:
// registerEmitters calls that of every op of the dialect, so that one without
// an emitter does not link.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_EMITTERS_H
#define MLC_CODEGEN_EMITTERS_H

#include "CodeGen/CodeGen.h"
#include "Kernel/IR/Kernel.h"

namespace mlc {

template <typename OpT>
void attachEmitter(mlir::MLIRContext *context);

/// A convolution whose packed blocks hold several groups; part of kernel.conv's
/// emitter.
llvm::LogicalResult emitGroupConv(mlir::kernel::ConvOp op,
                                  const TargetInfo &target,
                                  mlir::RewriterBase &rewriter);

/// A convolution whose schedule has a matrix unit compute it; part of
/// kernel.conv's emitter. `firstRow` is that of the result which the out begins
/// with; null for 0.
llvm::LogicalResult emitMatrixConv(mlir::kernel::ConvOp op,
                                   const TargetInfo &target,
                                   mlir::RewriterBase &rewriter,
                                   mlir::Value firstRow);

/// A depthwise convolution by weights in quads; part of kernel.depthwise's
/// emitter.
llvm::LogicalResult emitDepthwiseQuads(mlir::kernel::DepthwiseOp op,
                                       const TargetInfo &target,
                                       mlir::RewriterBase &rewriter);

} // namespace mlc

#endif // MLC_CODEGEN_EMITTERS_H
