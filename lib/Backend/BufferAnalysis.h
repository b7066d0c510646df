//===- BufferAnalysis.h - which operands are computed in place --*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_BUFFERANALYSIS_H
#define MLC_BACKEND_BUFFERANALYSIS_H

#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"

namespace mlc {

/// bufferization::analyzeOp to the same decisions, in time that grows with the
/// operations of `root` and not with the square of a tensor's uses. Failure
/// with an error where control flow cannot be bufferized.
mlir::LogicalResult
analyzeBuffers(mlir::Operation *root,
               mlir::bufferization::OneShotAnalysisState &state);

} // namespace mlc

#endif // MLC_BACKEND_BUFFERANALYSIS_H
