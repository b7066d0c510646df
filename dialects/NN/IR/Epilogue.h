//===- Epilogue.h - Fused epilogues of nn ops -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An epilogue is a scalar function on each result element, kept as a region on
// the op that computes it (nn.conv, nn.matmul). See NNSpatial.td for its
// contract.
//
//===----------------------------------------------------------------------===//

#ifndef NN_IR_EPILOGUE_H
#define NN_IR_EPILOGUE_H

#include "NN/IR/NNDialect.h"

namespace mlir {
namespace nn {

/// Integers of 8 or 16 bits, which nn.conv and nn.matmul accumulate in i32.
bool isNarrowInteger(Type type);

/// What products of elements of `type` accumulate in: i32 for narrow integers,
/// `type` itself otherwise.
Type accumulatorType(Type type);

/// Operands and bias of a product of integers: see (C9) of nn.conv.
/// `hasZeroPoint`: the op has an attribute that only integers may have.
LogicalResult verifyIntegerProduct(Operation *op, Value lhs, Value rhs,
                                   Value bias, bool hasZeroPoint,
                                   StringRef constraint);

/// What the epilogue yields, or `otherwise` where there is none.
Type epilogueElementType(Region &epilogue, Type otherwise);

/// Checks operands and block arguments; `channels` is the size of a per-channel
/// operand, `constraint` the number to name in the message.
LogicalResult verifyEpilogue(Operation *op, ValueRange operands,
                             Region &epilogue, int64_t channels,
                             StringRef constraint);

} // namespace nn
} // namespace mlir

#endif // NN_IR_EPILOGUE_H
