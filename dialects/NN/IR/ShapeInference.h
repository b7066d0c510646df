//===- ShapeInference.h - Result types of nn ops ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape rules that several op families share. Functions that can fail report at
// the location given, if any, in the words of the op's constraint.
//
//===----------------------------------------------------------------------===//

#ifndef NN_IR_SHAPEINFERENCE_H
#define NN_IR_SHAPEINFERENCE_H

#include "NN/IR/NNDialect.h"

#include "mlir/IR/TypeUtilities.h"

namespace mlir {
namespace nn {

/// NumPy's broadcast of two static shapes; failure where they do not agree.
FailureOr<SmallVector<int64_t>> broadcastShapes(ArrayRef<int64_t> a,
                                                ArrayRef<int64_t> b);

/// Result type of an elementwise op: the broadcast of all operands, with the
/// element type of operand `typeFrom`, or i1 where that is -1.
LogicalResult inferElementwise(std::optional<Location> location,
                               ValueRange operands, int typeFrom,
                               SmallVectorImpl<Type> &types);

/// Whether two lists of types differ at most in the sign of integers.
bool areSameButForSign(TypeRange a, TypeRange b);

/// The first of the integers that is outside of [least, size), where `indices`
/// is a constant that has one: what passes read of it, they use as a place.
std::optional<int64_t> constantOutside(Value indices, int64_t least,
                                       int64_t size);

inline ArrayRef<int64_t> shapeOf(Value v) {
  return llvm::cast<RankedTensorType>(v.getType()).getShape();
}
inline Type elementOf(Value v) { return getElementTypeOrSelf(v.getType()); }

} // namespace nn
} // namespace mlir

#endif // NN_IR_SHAPEINFERENCE_H
