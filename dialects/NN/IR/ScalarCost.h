//===- ScalarCost.h - What scalar ops cost, and how many fuse ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The budget of fusion. One loop, or one epilogue, computes a chain of
// elementwise ops without storing what lies between; but code for n of them at
// once takes LLVM about n^2, and gains nothing any more where they cost far
// more than a load and a store. Both who fuse, nn-fuse and fuse-elementwise,
// keep to this.
//
//===----------------------------------------------------------------------===//

#ifndef NN_IR_SCALARCOST_H
#define NN_IR_SCALARCOST_H

#include "NN/IR/NN.h"

namespace mlir {
namespace nn {

/// The most that one loop or epilogue computes for an element.
constexpr int64_t kMostScalarCost = 512;

/// The most tensors that one loop or epilogue reads: each takes a register for
/// its address.
constexpr int64_t kMostFusedOperands = 64;

/// Of scalar arith and math ops, in additions: functions become polynomials.
int64_t scalarCost(Operation *op);
int64_t scalarCost(Block &block);

/// Of an elementwise op for one element.
int64_t scalarCost(ElementwiseOpInterface op);

} // namespace nn
} // namespace mlir

#endif // NN_IR_SCALARCOST_H
