//===- BoundedMovement.h - Movement by sizes known at run time --*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Slice and Pad where a dimension is bounded, or where they are told by sizes:
// see Extents.h.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_BOUNDEDMOVEMENT_H
#define MLC_IMPORT_BOUNDEDMOVEMENT_H

#include "Import/Extents.h"
#include "Import/Node.h"

namespace mlc {

/// Whether a slice of `axis` is not one of a static box of the padded tensor.
bool isDynamicSlice(Node &node, mlir::Value x, int64_t axis,
                    const Extent &start, const Extent &end, int64_t step);

/// Elements start, start + step, ... before `end` of `axis`, as NumPy counts
/// them.
mlir::Value sliceDynamic(Node &node, mlir::Value x, int64_t axis,
                         const Extent &start, const Extent &end, int64_t step);

/// `x` with as many elements `fill` before and behind its dimensions as `pads`
/// say: all begins, then all ends, not all constant. Reports and fails.
mlir::Value padDynamic(Node &node, mlir::Value x, const Extents::Sizes &pads,
                       mlir::Value fill);

} // namespace mlc

#endif // MLC_IMPORT_BOUNDEDMOVEMENT_H
