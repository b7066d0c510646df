//===- LinalgToLoops.h - linalg operations as loops -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_LINALGTOLOOPS_H
#define MLC_BACKEND_LINALGTOLOOPS_H

#include "mlir/IR/PatternMatch.h"

namespace mlc {

/// Loops for a linalg operation on memrefs of static strides.
mlir::LogicalResult linalgToLoops(mlir::Operation *op,
                                  mlir::RewriterBase &rewriter);

} // namespace mlc

#endif // MLC_BACKEND_LINALGTOLOOPS_H
