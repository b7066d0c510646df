//===- Describe.h - what an operation costs, in words -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a report says of one compute operation on memrefs of static shapes.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_DESCRIBE_H
#define MLC_BACKEND_DESCRIBE_H

#include "Kernel/IR/Kernel.h"

namespace mlc {

/// Of a kernel op, a linalg op or a copy on memrefs; nothing for any other.
mlir::kernel::KernelCost costOf(mlir::Operation *op);

} // namespace mlc

#endif // MLC_BACKEND_DESCRIBE_H
