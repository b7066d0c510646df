//===- Bufferization.h - kernel ops from tensors to memrefs -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Call registerBufferization on the registry before a context is made from it;
// One-Shot Bufferize then handles the kernel dialect. The init is written and
// never read; an epilogue operand of the out's shape may share the init's
// buffer, since each element is read before it is written.
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_TRANSFORMS_BUFFERIZATION_H
#define KERNEL_TRANSFORMS_BUFFERIZATION_H

namespace mlir {
class DialectRegistry;
namespace kernel {

void registerBufferization(DialectRegistry &registry);

} // namespace kernel
} // namespace mlir

#endif // KERNEL_TRANSFORMS_BUFFERIZATION_H
