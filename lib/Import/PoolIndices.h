//===- PoolIndices.h - Where a pool found its maxima ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_POOLINDICES_H
#define MLC_IMPORT_POOLINDICES_H

#include "Import/Windows.h"

namespace mlc {

/// The second output of MaxPool: for each maximum of `x` [N, C, sizes...] in
/// windows at `shape` places its position in the whole tensor, of equal ones
/// the first. With storage_order 1 the first spatial dimension counts
/// innermost.
mlir::Value maxIndices(Node &node, mlir::Value x,
                       const WindowAttributes &window,
                       llvm::ArrayRef<int64_t> shape);

} // namespace mlc

#endif // MLC_IMPORT_POOLINDICES_H
