//===- Verify.h - Constraints that kernel ops share -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function checks constraints of KernelBase.td's dialect description and
// names the first that fails in an error on the op.
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_VERIFY_H
#define KERNEL_IR_VERIFY_H

#include "Kernel/IR/Kernel.h"

namespace mlir {
namespace kernel {

/// (C1) All operands are tensors, or all are memrefs.
LogicalResult verifyOperandKinds(Operation *op);

/// (C2) `inputs` are all floats or all integers; `forIntegers`: an attribute is
/// there that only integers may have.
LogicalResult verifyElementTypes(Operation *op, ValueRange inputs,
                                 bool forIntegers);

/// (W1) Sizes and ranges of a sliding window's attributes.
LogicalResult verifyWindow(Operation *op, ArrayRef<int64_t> strides,
                           ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations);

/// (E1) to (E5).
LogicalResult verifyEpilogue(Operation *op, Region &epilogue,
                             ValueRange operands, Type accumulator,
                             ShapedType out, int64_t channels);

/// One size of the out; `what` names it in the message.
LogicalResult verifySize(Operation *op, StringRef constraint, StringRef what,
                         int64_t found, int64_t required);

inline int64_t dim(TypedValue<ShapedType> value, unsigned i) {
  return value.getType().getDimSize(i);
}

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_VERIFY_H
