//===- BoundedMovement.h - Movement by sizes known at run time --*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Slice and Pad where a dimension is bounded, or where they are told by sizes
// or by numbers that are known at run time only: see Extents.h.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_BOUNDEDMOVEMENT_H
#define MLC_IMPORT_BOUNDEDMOVEMENT_H

#include "Import/Extents.h"
#include "Import/Node.h"

namespace mlc {

/// The numbers of operand `i`, places along dimensions: constant, sizes, or
/// what they are at run time, less or more than a constant where that is how
/// they are made. Reports what is no short list of integers.
mlir::FailureOr<Extents::Sizes> placesOfInput(Node &node, size_t i);

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

/// `x` with `fill` around as joins of constants, which fold, where it is a
/// short list or table that sizes are made of; else null.
mlir::Value padSizes(Node &node, mlir::Value x, mlir::ArrayRef<int64_t> pads,
                     mlir::Value fill);

} // namespace mlc

#endif // MLC_IMPORT_BOUNDEDMOVEMENT_H
